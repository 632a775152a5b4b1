/** The bytes of entries: how the two parts of a record are written into documents, and read from them. */
import type { RenewedEntry, StoredEntry, StoredEntryInfo } from '../../api/storage.js';
import { type EntryFields, isCount } from '../entry-shape.js';
import type { RecordCodec } from '../record/codec.js';
import { malformed, type Reading } from '../record/part.js';
import type { MongoConnection } from './connection.js';
import { type EntryDocument, exact, type Pieces, purgeDate, readBytes } from './documents.js';
import type { Document } from './driver.js';
import type { Names } from './names.js';
import { FLIGHT_MS, randomToken } from './tokens.js';

/**
 * A document has 16 MiB at most. Fields and tags together take half of it, and what is larger in a body than the other
 * half stands in documents of its own.
 */
const PIECE_BYTES = 8 * 1024 * 1024;
const MOST_OF_FIELDS = 4 * 1024 * 1024;
const MOST_TAGS = 10_000;
/** What is larger would hold a reader up for longer than an origin does. */
export const MOST_OF_BODY = 512 * 1024 * 1024;
/** Pieces outlive their entry, so that no reader finds the one without the others. */
const PIECES_STAY_MS = 60_000;

export class Contents {
  readonly #connection: MongoConnection;
  readonly #names: Names;
  readonly #codec: RecordCodec;

  constructor(connection: MongoConnection, names: Names, codec: RecordCodec) {
    this.#connection = connection;
    this.#names = names;
    this.#codec = codec;
  }

  /** The fields of an entry as they stand in its document; undefined: they are too large for one. */
  async writeFields(entry: RenewedEntry): Promise<Document | undefined> {
    const { resource, tags, revision, createdAtMs, purgeAtMs } = entry;
    if (tags.length > MOST_TAGS) return undefined;
    const f = await this.#codec.encodeFields(entry);
    if (f.byteLength > MOST_OF_FIELDS) return undefined;
    const t = [...new Set(tags.map(this.#names.tag))];
    const u = Number.isFinite(purgeAtMs) ? { u: purgeAtMs } : {};
    const [r, rev] = [this.#names.resource(resource), exact(revision)];
    return { r, t, rev, c: createdAtMs, ...u, ...purgeDate(purgeAtMs), f };
  }

  /** The body as it stands in the document, for which the pieces that it needs are written. */
  async writeBody(entry: StoredEntry): Promise<Document> {
    const n = entry.body.byteLength;
    const part = await this.#codec.encodeBody(entry);
    if (part.byteLength <= PIECE_BYTES) return { b: part, n };
    const name = this.#names.pieces(randomToken());
    const count = Math.ceil(part.byteLength / PIECE_BYTES);
    // They stay once the entry is there: what is left of a write that failed goes by itself.
    const until = purgeDate(Date.now() + FLIGHT_MS);
    // One after the other: together they would take the size of the body once more.
    for (let i = 0; i < count; i += 1) {
      const b = part.subarray(i * PIECE_BYTES, (i + 1) * PIECE_BYTES);
      await this.#connection.insert({ _id: pieceOf(name, i), k: name, b, ...until });
    }
    return { q: name, m: count, n };
  }

  /** Sees that the pieces stand as long as their entry. */
  async prolong({ name }: Pieces, purgeAtMs: number): Promise<void> {
    const { p } = purgeDate(purgeAtMs + PIECES_STAY_MS);
    const update = p === undefined ? { $unset: { p: '' } } : { $set: { p } };
    await this.#connection.run((collection) => collection.updateMany({ k: name }, update));
  }

  async deletePieces(...pieces: readonly (Pieces | undefined)[]): Promise<void> {
    const names = pieces.flatMap((each) => each?.name ?? []);
    if (names.length === 0) return;
    const filter = { k: { $in: names } };
    await this.#connection.run((collection) => collection.deleteMany(filter));
  }

  async readEntry(document: EntryDocument, key: string): Promise<Reading<StoredEntry>> {
    const fields = await this.#readFields(document);
    if (fields.kind !== 'read') return fields;
    if (fields.value.key !== key) return UNDER_ANOTHER_NAME;
    const part = document.pieces === undefined ? readBytes(document.body) : await this.#readPieces(document.pieces);
    if (part === undefined) return malformed('its body is missing, or a piece of it');
    const body = await this.#codec.readBody(part, fields.value);
    return body.kind === 'read' ? { kind: 'read', value: { ...fields.value, body: body.value } } : body;
  }

  async readInfo(document: EntryDocument): Promise<Reading<StoredEntryInfo>> {
    const fields = await this.#readFields(document);
    if (fields.kind !== 'read') return fields;
    const { bodyBytes } = document;
    if (!isCount(bodyBytes)) return malformed('it has no size');
    return { kind: 'read', value: { ...fields.value, bodyBytes } };
  }

  async #readFields(document: EntryDocument): Promise<Reading<EntryFields>> {
    const part = readBytes(document.fields);
    if (part === undefined) return malformed('it has no fields');
    const reading = await this.#codec.readFields(part);
    if (reading.kind !== 'read') return reading;
    const { key, variant, resource, revision } = reading.value;
    const isItsOwn = this.#names.entry(key, variant) === document.id &&
      this.#names.resource(resource) === document.resource && exact(revision) === document.rev;
    return isItsOwn ? reading : UNDER_ANOTHER_NAME;
  }

  /** One after the other: each has the time of a command. Undefined: one is missing. */
  async #readPieces({ name, count }: Pieces): Promise<Uint8Array | undefined> {
    const pieces: Uint8Array[] = [];
    for (let i = 0; i < count; i += 1) {
      const [document] = await this.#connection.find({ _id: pieceOf(name, i), k: name });
      const piece = readBytes(document?.['b']);
      if (piece === undefined) return undefined;
      pieces.push(piece);
    }
    return joined(pieces);
  }
}

const pieceOf = (name: string, i: number): string => `${name}:${i}`;

function joined(pieces: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(pieces.reduce((sum, { byteLength }) => sum + byteLength, 0));
  let at = 0;
  for (const piece of pieces) {
    whole.set(piece, at);
    at += piece.byteLength;
  }
  return whole;
}

const UNDER_ANOTHER_NAME = malformed('it stands under the name of another one');
