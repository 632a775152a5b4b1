/**
 * The record of a key in KeyValueStorage: all of its variants, one after the other, behind four bytes that say the
 * format. Each variant is three lengths of four bytes, what the storage itself must know of it as JSON, its fields, and
 * its body. What damage does to the JSON makes a variant absent, for which it must name the tokens of now.
 */
import type { StoredEntry } from '../../api/storage.js';
import { isRecord } from '../entry-shape.js';
import { FORMAT, malformed, partOf, type Reading, VERSION_AT, viewOf } from '../record/part.js';
import { hashAddress } from '../../support/digest.js';
import { decoder, encoder } from '../../support/utf8.js';

/** What is known of a variant without reading its fields. */
export interface VariantNote {
  /** The digest of its name. */
  readonly variant: string;
  readonly revision: string;
  readonly createdAtMs: number;
  readonly purgeAtMs: number;
  readonly bodyBytes: number;
  /** When its answer was looked up, in milliseconds since 1970. */
  readonly at: number;
  /** The token of the namespace. */
  readonly namespace: string;
  /** The tokens of the key, of the resource, and of each tag in the order of the fields. */
  readonly tokens: readonly string[];
}

export interface Variant {
  readonly note: VariantNote;
  /** Parts of a record, as the codec makes them. */
  readonly fields: Uint8Array;
  readonly body: Uint8Array;
}

const START_BYTES = 4;
const LENGTHS_BYTES = 12;

export const noteOf = (
  entry: Omit<StoredEntry, 'body'>,
  bodyBytes: number,
  bound: Pick<VariantNote, 'at' | 'namespace' | 'tokens'>,
): VariantNote => ({
  variant: hashAddress(entry.variant),
  revision: entry.revision,
  createdAtMs: entry.createdAtMs,
  purgeAtMs: entry.purgeAtMs,
  bodyBytes,
  ...bound,
});

export function joinVariants(variants: readonly Variant[]): Uint8Array {
  const pieces = variants.map(({ note, fields, body }) => [encoder.encode(writeNote(note)), fields, body]);
  const size = pieces.flat().reduce((sum, { byteLength }) => sum + byteLength, variants.length * LENGTHS_BYTES);
  const record = new Uint8Array(START_BYTES + size);
  record.set(FORMAT);
  const view = viewOf(record);
  let at = START_BYTES;
  for (const parts of pieces) {
    parts.forEach(({ byteLength }, index) => { view.setUint32(at + index * 4, byteLength); });
    at += LENGTHS_BYTES;
    for (const part of parts) {
      record.set(part, at);
      at += part.byteLength;
    }
  }
  return record;
}

/** The inverse of `joinVariants`. The parts are views of the record. */
export function splitVariants(record: Uint8Array): Reading<readonly Variant[]> {
  if (record.byteLength < START_BYTES) return malformed('it is shorter than a head');
  if (record[0] !== FORMAT[0] || record[1] !== FORMAT[1]) return malformed('it does not begin as a record does');
  if (record[VERSION_AT] !== FORMAT[VERSION_AT] || record[3] !== 0) {
    return { kind: 'other-format', format: `${record[VERSION_AT]}.${record[3]}` };
  }
  const variants: Variant[] = [];
  for (let at = START_BYTES; at < record.byteLength; ) {
    if (at + LENGTHS_BYTES > record.byteLength) return malformed('it ends within its lengths');
    const lengths = [0, 4, 8].map((offset) => viewOf(record).getUint32(at + offset));
    const [note = 0, fields = 0, body = 0] = lengths;
    const start = at + LENGTHS_BYTES;
    at = start + note + fields + body;
    if (at > record.byteLength) return malformed('it ends within a variant');
    const parsed = parseNote(partOf(record, start, start + note));
    if (parsed === undefined) return malformed('what it says of a variant is no JSON of ours');
    const [fieldsAt, bodyAt] = [start + note, start + note + fields];
    variants.push({ note: parsed, fields: partOf(record, fieldsAt, bodyAt), body: partOf(record, bodyAt, at) });
  }
  return { kind: 'read', value: variants };
}

/** JSON does not know `Infinity`, so `null` stands for it. */
const writeNote = ({ purgeAtMs, ...note }: VariantNote): string =>
  JSON.stringify({ ...note, purgeAtMs: purgeAtMs === Infinity ? null : purgeAtMs });

function parseNote(bytes: Uint8Array): VariantNote | undefined {
  let note: unknown;
  try {
    note = JSON.parse(decoder.decode(bytes));
  } catch {
    return undefined;
  }
  if (!isRecord(note)) return undefined;
  const { variant, revision, createdAtMs, purgeAtMs, bodyBytes, at, namespace, tokens } = note;
  const areTexts = [variant, revision, namespace].every((each) => typeof each === 'string');
  const areNumbers = [createdAtMs, purgeAtMs ?? 0, bodyBytes, at].every(Number.isFinite);
  if (!areTexts || !areNumbers || !Array.isArray(tokens)) return undefined;
  return { ...(note as unknown as VariantNote), purgeAtMs: (purgeAtMs ?? Infinity) as number };
}
