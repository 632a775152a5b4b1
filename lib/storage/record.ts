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
import { remembered } from '../support/memo.js';

export type EntryFields = Omit<StoredEntry, 'body'>;

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

const isText = (value: unknown): boolean => typeof value === 'string';
/** `null` stands for `Infinity`, which JSON does not know. */
const isTime = (value: unknown): boolean => value === null || Number.isFinite(value);

/** What each field is in JSON: a row a field, in the order in which they are written. */
const FIELDS: readonly (readonly [name: keyof EntryFields, check: (value: unknown) => boolean])[] = [
  ['key', isText],
  ['resource', isText],
  ['variant', isText],
  ['tags', (value) => Array.isArray(value) && value.every(isText)],
  ['createdAtMs', Number.isFinite],
  ['expiresAtMs', isTime],
  ['purgeAtMs', isTime],
  ['head', isText],
];

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
  const written = Object.fromEntries(FIELDS.map(([name]) => [name, fields[name] === Infinity ? null : fields[name]]));
  const problem = problemWith(written);
  if (problem !== undefined) throw new CacheError('ERR_CACHE_RECORD', `the entry cannot be written: ${problem}`);
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
  const problem = problemWith(parsed);
  if (problem !== undefined) return problem;
  const { key, resource, variant, tags, createdAtMs, expiresAtMs, purgeAtMs, head } = parsed as WrittenFields;
  // Frozen: whoever would change them shall not change what the next one reads.
  return Object.freeze({
    key, resource, variant, createdAtMs, head,
    tags: Object.freeze(tags),
    expiresAtMs: expiresAtMs ?? Infinity,
    purgeAtMs: purgeAtMs ?? Infinity,
  });
});

type WrittenFields = Omit<EntryFields, 'expiresAtMs' | 'purgeAtMs'> & {
  readonly expiresAtMs: number | null;
  readonly purgeAtMs: number | null;
};

function problemWith(value: unknown): string | undefined {
  if (typeof value !== 'object' || value === null) return 'its fields are no object';
  const wrong = FIELDS.find(([name, check]) => !check((value as Readonly<Record<string, unknown>>)[name]));
  return wrong === undefined ? undefined : `${wrong[0]} is missing or of another type`;
}

const malformed = (problem: string): Reading<never> => ({ kind: 'malformed', problem });

const viewOf = ({ buffer, byteOffset, byteLength }: Uint8Array): DataView =>
  new DataView(buffer, byteOffset, byteLength);

function concatenate(first: Uint8Array, second: Uint8Array): Uint8Array {
  const whole = new Uint8Array(first.byteLength + second.byteLength);
  whole.set(first);
  whole.set(second, first.byteLength);
  return whole;
}
