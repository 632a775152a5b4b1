/** The files of entries: heads and bodies, written, read and removed. */
import type { StorageOperation } from '../../api/storage.js';
import type { RecordCodec } from '../record/codec.js';
import { type Malformed, malformed, type Reading } from '../record/part.js';
import type { Reports } from '../reports.js';
import type { Files } from './files.js';
import { inTurn } from './gate.js';
import { encodeHead, type Head, readHead } from './heads.js';
import { bodyPath, type VariantPlace } from './places.js';

/** No head is larger; one that is was not written by the cache. */
const LONGEST_HEAD_BYTES = 64 * 1024 * 1024;
/** A body that another process replaces while it is read is looked for again, so often. */
const ATTEMPTS = 4;

/** A head, and what its file says besides. */
export interface HeadFile {
  readonly path: string;
  readonly head: Head;
  readonly fileBytes: number;
  /** When it was written, or used last, in epoch milliseconds. */
  readonly usedMs: number;
}

export interface WholeEntry extends HeadFile {
  readonly body: Uint8Array;
}

/** An entry as it will be in its files. */
export interface WrittenEntry {
  readonly head: Head;
  readonly fileBytes: number;
  readonly headPart: Uint8Array;
  /** `undefined`: the body stays. */
  readonly bodyPart: Uint8Array | undefined;
}

/** Whether an entry goes: `'counted'` where it was valid until now. */
export type Verdict = 'stays' | 'goes' | 'counted';

export class EntryFiles {
  readonly #files: Files;
  readonly #codec: RecordCodec;
  readonly #reports: Reports;

  constructor(files: Files, codec: RecordCodec, reports: Reports) {
    this.#files = files;
    this.#codec = codec;
    this.#reports = reports;
  }

  /** The head of a variant; `undefined` where there is none, or none that can be read. Damage is told and removed. */
  async head(operation: StorageOperation, place: VariantPlace): Promise<HeadFile | undefined> {
    const reading = await this.#readHead(place);
    if (reading?.kind === 'malformed') await this.#removeDamaged(operation, place);
    return reading?.kind === 'read' ? reading.value : undefined;
  }

  /** A variant with its body, as `head` gives heads. */
  async whole(operation: StorageOperation, place: VariantPlace): Promise<WholeEntry | undefined> {
    const reading = await this.#readWhole(place);
    if (reading?.kind === 'malformed') await this.#removeDamaged(operation, place);
    return reading?.kind === 'read' ? reading.value : undefined;
  }

  /** The head that is there, for who writes over it in any case. */
  async peek(place: VariantPlace): Promise<HeadFile | undefined> {
    const reading = await this.#readHead(place);
    return reading?.kind === 'read' ? reading.value : undefined;
  }

  async encode(head: Omit<Head, 'storedBytes'>, body: Uint8Array): Promise<WrittenEntry> {
    const { key, variant, revision } = head.fields;
    const bodyPart = await this.#codec.encodeBody({ key, variant, revision, body });
    return this.encodeRenewed({ ...head, storedBytes: bodyPart.byteLength }, bodyPart);
  }

  async encodeRenewed(head: Head, bodyPart?: Uint8Array): Promise<WrittenEntry> {
    const headPart = await encodeHead(this.#codec, head);
    return { head, fileBytes: headPart.byteLength, headPart, bodyPart };
  }

  /** The body goes first: a head that is read has its body, and who reads the former head finds the former body. */
  async write(place: VariantPlace, written: WrittenEntry, former: Head | undefined): Promise<void> {
    const { head, headPart, bodyPart } = written;
    if (bodyPart !== undefined) await this.#files.replace(bodyPath(place, head.fields.revision), bodyPart);
    await this.#files.replace(place.head, headPart);
    if (former === undefined || former.fields.revision === head.fields.revision) return;
    await this.#files.remove(bodyPath(place, former.fields.revision));
  }

  async removeFound(place: VariantPlace, found: HeadFile | undefined): Promise<void> {
    if (found === undefined) return;
    await this.#files.remove(place.head);
    await this.#files.remove(bodyPath(place, found.head.fields.revision));
  }

  /** Removes the variant where `decide` says so of what is there now; the head that went. */
  remove(
    operation: StorageOperation,
    place: VariantPlace,
    decide: (head: Head) => Promise<Verdict> | Verdict,
  ): Promise<{ readonly head: Head; readonly isCounted: boolean } | undefined> {
    return inTurn(place.head, async () => {
      const reading = await this.#readHead(place);
      if (reading?.kind === 'malformed') await this.#dropDamaged(operation, place, reading);
      if (reading?.kind !== 'read') return undefined;
      const { head } = reading.value;
      const verdict = await decide(head);
      if (verdict === 'stays' || !(await this.#files.remove(place.head))) return undefined;
      await this.#files.remove(bodyPath(place, head.fields.revision));
      return { head, isCounted: verdict === 'counted' };
    });
  }

  async #readHead(place: VariantPlace): Promise<Reading<HeadFile> | undefined> {
    const found = await this.#files.read(place.head, LONGEST_HEAD_BYTES);
    if (found === 'absent') return undefined;
    if (found === 'unfit') return malformed('its head is no file of the cache');
    const reading = await readHead(this.#codec, found.bytes);
    if (reading.kind !== 'read') return reading;
    const { bytes, changedMs } = found;
    const value = { path: place.head, head: reading.value, fileBytes: bytes.byteLength, usedMs: changedMs };
    return { kind: 'read', value };
  }

  async #readWhole(place: VariantPlace): Promise<Reading<WholeEntry> | undefined> {
    for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
      const reading = await this.#readHead(place);
      if (reading?.kind !== 'read') return reading;
      const { fields, storedBytes } = reading.value.head;
      const found = await this.#files.read(bodyPath(place, fields.revision), storedBytes);
      // Another process has replaced the entry since its head was read.
      if (found === 'absent') continue;
      if (found === 'unfit') return malformed('its body is no file of the cache');
      const body = await this.#codec.readBody(found.bytes, fields);
      if (body.kind !== 'read') return body;
      return { kind: 'read', value: { ...reading.value, body: body.value } };
    }
    return undefined;
  }

  /** It is looked at once more, as it may have been replaced. */
  #removeDamaged(operation: StorageOperation, place: VariantPlace): Promise<void> {
    return inTurn(place.head, async () => {
      const reading = await this.#readWhole(place);
      if (reading?.kind === 'malformed') await this.#dropDamaged(operation, place, reading);
    });
  }

  /** Its body is found by nobody then, and goes by `deleteExpired`. */
  async #dropDamaged(operation: StorageOperation, place: VariantPlace, reading: Malformed): Promise<void> {
    this.#reports.damage(operation, reading);
    try {
      await this.#files.remove(place.head);
    } catch {
      // Nothing can be removed here: it is found damaged again, and is absent again.
    }
  }
}
