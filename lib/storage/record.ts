/**
 * The record: how an entry becomes bytes, and bytes an entry again. A head of 8 bytes, the fields as JSON, the body as
 * it is:
 *
 * | bytes   | what                                                                        |
 * | ------- | --------------------------------------------------------------------------- |
 * | 0 and 1 | magic                                                                       |
 * | 2       | format version                                                              |
 * | 3       | flags: one bit for each layer (compressed, signed, encrypted); 0 = as it is |
 * | 4 to 7  | how many bytes the fields take, big-endian                                  |
 */
import { CacheError } from '../api/errors.js';
import type { StoredEntry } from '../api/storage.js';
import { type EntryFields, isRecord, wrongField } from './entry-shape.js';
import { remembered } from '../support/memo.js';

/** What bytes turned out to be. */
export type Reading<T> =
  | { readonly kind: 'read'; readonly value: T }
  /** Whole, as far as can be told, and written by a version of this package that writes otherwise. */
  | { readonly kind: 'other-format'; readonly format: string }
  | { readonly kind: 'malformed'; readonly problem: string };

const MAGIC = [0xac, 0xca] as const;
/** Goes up when records are written so that former versions misread them. */
const FORMAT_VERSION = 1;
const NO_LAYERS = 0;
const HEAD_BYTES = 8;
/** How every record that this version writes begins. */
export const FORMAT = Uint8Array.of(...MAGIC, FORMAT_VERSION, NO_LAYERS);

const encoder = new TextEncoder();
const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** The fields in the order in which they are written. */
const FIELDS = [
  'key', 'resource', 'variant', 'tags', 'createdAtMs', 'expiresAtMs', 'purgeAtMs', 'head',
] as const satisfies readonly (keyof EntryFields)[];

/**
 * The whole entry as one record.
 * @throws CacheError `ERR_CACHE_RECORD`: a field is of another type than the port says, or a time is none.
 */
export function encodeEntry(entry: StoredEntry): Uint8Array {
  return concatenate(encodeFields(entry), entry.body);
}

/**
 * The inverse of `encodeEntry`. The body is a view of `record`.
 * @throws CacheError `ERR_CACHE_RECORD`: damaged bytes, or a record of another format version.
 */
export function decodeEntry(record: Uint8Array): StoredEntry {
  const reading = readEntry(record);
  if (reading.kind === 'read') return reading.value;
  throw new CacheError('ERR_CACHE_RECORD', explain(reading));
}

/** The fields alone, for engines that keep the body beside them: a record that ends where its body would begin. */
export function encodeFields(fields: EntryFields): Uint8Array {
  const wrong = wrongField(fields);
  if (wrong !== undefined) throw new CacheError('ERR_CACHE_RECORD', `the entry cannot be written: ${problemWith(wrong)}`);
  // JSON does not know `Infinity`, so `null` stands for it.
  const written = Object.fromEntries(FIELDS.map((name) => [name, fields[name] === Infinity ? null : fields[name]]));
  const json = encoder.encode(JSON.stringify(written));
  const head = new Uint8Array(HEAD_BYTES);
  head.set(FORMAT);
  viewOf(head).setUint32(4, json.byteLength);
  return concatenate(head, json);
}

/** The inverse of `encodeFields`: whatever the bytes are, it only says what they are. */
export function readFields(record: Uint8Array): Reading<EntryFields> {
  const reading = readParts(record);
  if (reading.kind !== 'read') return reading;
  const { fields, bodyStart } = reading.value;
  if (bodyStart < record.byteLength) return malformed('something follows the fields');
  return { kind: 'read', value: fields };
}

/** The inverse of `encodeEntry`: whatever the bytes are, it only says what they are. */
export function readEntry(record: Uint8Array): Reading<StoredEntry> {
  const reading = readParts(record);
  if (reading.kind !== 'read') return reading;
  const { fields, bodyStart } = reading.value;
  return { kind: 'read', value: { ...fields, body: record.subarray(bodyStart) } };
}

function readParts(record: Uint8Array): Reading<{ readonly fields: EntryFields; readonly bodyStart: number }> {
  if (record.byteLength < HEAD_BYTES) return malformed('it is shorter than a head');
  const [first, second, version, flags] = record;
  if (first !== MAGIC[0] || second !== MAGIC[1]) return malformed('it does not begin as a record does');
  if (version !== FORMAT_VERSION || flags !== NO_LAYERS) return { kind: 'other-format', format: `${version}.${flags}` };
  const bodyStart = HEAD_BYTES + viewOf(record).getUint32(4);
  if (bodyStart > record.byteLength) return malformed('it ends within its fields');
  const fields = readJson(record.subarray(HEAD_BYTES, bodyStart));
  if (typeof fields === 'string') return malformed(fields);
  return { kind: 'read', value: { fields, bodyStart } };
}

/** Why a record gave no entry. */
export function explain(reading: Exclude<Reading<unknown>, { kind: 'read' }>): string {
  if (reading.kind === 'malformed') return `a record is damaged: ${reading.problem}`;
  return `a record has the format ${reading.format}, this version reads ${FORMAT_VERSION}.${NO_LAYERS}`;
}

/** A text says what is wrong. */
function readJson(json: Uint8Array): EntryFields | string {
  try {
    return parseFields(decoder.decode(json));
  } catch {
    return 'its fields are no JSON';
  }
}

/** The same text gives the same fields, so that what is read often is parsed and checked once. */
const parseFields = remembered((json): EntryFields | string => {
  const parsed: unknown = JSON.parse(json);
  if (!isRecord(parsed)) return 'its fields are no object';
  const { key, resource, variant, tags, createdAtMs, head } = parsed as unknown as EntryFields;
  const [expiresAtMs, purgeAtMs] = [timeIn(parsed, 'expiresAtMs'), timeIn(parsed, 'purgeAtMs')];
  const fields = { key, resource, variant, createdAtMs, head, tags, expiresAtMs, purgeAtMs };
  const wrong = wrongField(fields);
  if (wrong !== undefined) return problemWith(wrong);
  // They are frozen, so that whoever would change them does not change what the next one reads.
  Object.freeze(tags);
  return Object.freeze(fields);
});

/** A time as it was written, which only the check of the fields says to be one. */
function timeIn(parsed: Readonly<Record<string, unknown>>, name: 'expiresAtMs' | 'purgeAtMs'): number {
  const written = parsed[name];
  if (written === null) return Infinity;
  return Number.isFinite(written) ? (written as number) : NaN;
}

const problemWith = (wrong: keyof EntryFields): string => `${wrong} is missing or of another type`;

const malformed = (problem: string): Reading<never> => ({ kind: 'malformed', problem });

const viewOf = ({ buffer, byteOffset, byteLength }: Uint8Array): DataView =>
  new DataView(buffer, byteOffset, byteLength);

function concatenate(first: Uint8Array, second: Uint8Array): Uint8Array {
  const whole = new Uint8Array(first.byteLength + second.byteLength);
  whole.set(first);
  whole.set(second, first.byteLength);
  return whole;
}
