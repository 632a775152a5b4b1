/**
 * The record: how the fields of an entry become bytes, and bytes become fields again. It is a head of 8 bytes, and the
 * fields as JSON:
 *
 * | bytes   | what                                                                        |
 * | ------- | --------------------------------------------------------------------------- |
 * | 0 and 1 | magic                                                                       |
 * | 2       | format version                                                              |
 * | 3       | flags: one bit for each layer (compressed, signed, encrypted); 0 = as it is |
 * | 4 to 7  | how many bytes the fields take, big-endian                                  |
 */
import { CacheError } from '../api/errors.js';
import { type EntryFields, isRecord, wrongField } from './entry-shape.js';
import { remembered } from '../support/memo.js';
import { encoder, strictDecoder } from '../support/utf8.js';

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

/** The fields in the order in which they are written. */
const FIELDS = [
  'key', 'resource', 'variant', 'tags', 'createdAtMs', 'expiresAtMs', 'purgeAtMs', 'head',
] as const satisfies readonly (keyof EntryFields)[];

/** @throws CacheError `ERR_CACHE_RECORD`: a field is of another type than the port says, or a time is none. */
export function encodeFields(fields: EntryFields): Uint8Array {
  const wrong = wrongField(fields);
  if (wrong !== undefined)
    throw new CacheError('ERR_CACHE_RECORD', `the entry cannot be written: ${problemWith(wrong)}`);
  // JSON does not know `Infinity`, so `null` stands for it.
  const written = Object.fromEntries(FIELDS.map((name) => [name, fields[name] === Infinity ? null : fields[name]]));
  const json = encoder.encode(JSON.stringify(written));
  const record = new Uint8Array(HEAD_BYTES + json.byteLength);
  record.set(FORMAT);
  viewOf(record).setUint32(4, json.byteLength);
  record.set(json, HEAD_BYTES);
  return record;
}

/** How all records with this head end, which is written last; without a head, how any record ends. */
export const endOfFields = (head: string | undefined): Uint8Array =>
  encoder.encode(head === undefined ? '}' : `"head":${JSON.stringify(head)}}`);

/** The inverse of `encodeFields`. Whatever the bytes are, it only says what they are. */
export function readFields(record: Uint8Array): Reading<EntryFields> {
  if (record.byteLength < HEAD_BYTES) return malformed('it is shorter than a head');
  const [first, second, version, flags] = record;
  if (first !== MAGIC[0] || second !== MAGIC[1]) return malformed('it does not begin as a record does');
  if (version !== FORMAT_VERSION || flags !== NO_LAYERS) return { kind: 'other-format', format: `${version}.${flags}` };
  const end = HEAD_BYTES + viewOf(record).getUint32(4);
  if (end > record.byteLength) return malformed('it ends within its fields');
  if (end < record.byteLength) return malformed('something follows the fields');
  const fields = readJson(record.subarray(HEAD_BYTES));
  return typeof fields === 'string' ? malformed(fields) : { kind: 'read', value: fields };
}

/** Why a record gave no entry. */
export function explain(reading: Exclude<Reading<unknown>, { kind: 'read' }>): string {
  if (reading.kind === 'malformed') return `a record is damaged: ${reading.problem}`;
  return `a record has the format ${reading.format}, this version reads ${FORMAT_VERSION}.${NO_LAYERS}`;
}

/** A text says what is wrong. */
function readJson(json: Uint8Array): EntryFields | string {
  try {
    return parseFields(strictDecoder.decode(json));
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
