/** The fields of an entry as JSON, and JSON as fields again. */
import { CacheError } from '../../api/errors.js';
import { type EntryFields, isRecord, wrongField } from '../entry-shape.js';
import { malformed, type Reading } from './part.js';
import { remembered } from '../../support/memo.js';
import { encoder, strictDecoder } from '../../support/utf8.js';

/** The fields in the order in which they are written. */
const FIELDS = [
  'key', 'resource', 'variant', 'revision', 'tags', 'createdAtMs', 'expiresAtMs', 'purgeAtMs', 'head',
] as const satisfies readonly (keyof EntryFields)[];

/** @throws CacheError `ERR_CACHE_RECORD`: a field is of another type than the port says, or a time is none. */
export function writeFields(fields: EntryFields): Uint8Array {
  const wrong = wrongField(fields);
  if (wrong !== undefined)
    throw new CacheError('ERR_CACHE_RECORD', `the entry cannot be written: ${problemWith(wrong)}`);
  // JSON does not know `Infinity`, so `null` stands for it.
  const written = Object.fromEntries(FIELDS.map((name) => [name, fields[name] === Infinity ? null : fields[name]]));
  return encoder.encode(JSON.stringify(written));
}

/** The inverse of `writeFields`. Whatever the bytes are, it only says what they are. */
export function parseFields(bytes: Uint8Array): Reading<EntryFields> {
  try {
    const fields = parseJson(strictDecoder.decode(bytes));
    return typeof fields === 'string' ? malformed(fields) : { kind: 'read', value: fields };
  } catch {
    return malformed('its fields are no JSON');
  }
}

/** A text says what is wrong. The same JSON gives the same fields, so that what is read often is parsed once. */
const parseJson = remembered((json): EntryFields | string => {
  const parsed: unknown = JSON.parse(json);
  if (!isRecord(parsed)) return 'its fields are no object';
  const { key, resource, variant, revision, tags, createdAtMs, head } = parsed as unknown as EntryFields;
  const [expiresAtMs, purgeAtMs] = [timeIn(parsed, 'expiresAtMs'), timeIn(parsed, 'purgeAtMs')];
  const fields = { key, resource, variant, revision, createdAtMs, head, tags, expiresAtMs, purgeAtMs };
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
