/** Between entries and the rows of SqliteStorage. Rows are input: whatever is in them, reading only says what it is. */
import type { StorageSelector, StoredEntry, StoredEntryInfo } from '../../api/storage.js';
import type { EntryFields } from '../entry-shape.js';
import { encodeFields, readFields, type Reading } from '../record.js';
import type { SqliteRow, SqliteValue } from './database.js';
import { digestOfBody, digestOfFields } from './digest.js';
import { SQL } from './schema.js';

/** What a row counts besides its body and its fields: its columns, and its places in the indexes. */
const ROW_OVERHEAD_BYTES = 512;

/** A text as it is compared in SQL: exactly, whatever it holds. */
export const exact = (text: string): string => JSON.stringify(text);

/** The inverse of `exact`; `undefined`: not such a text. */
export function parseExact(value: unknown): string | undefined {
  try {
    const text: unknown = JSON.parse(String(value));
    return typeof text === 'string' ? text : undefined;
  } catch {
    return undefined;
  }
}

/** What is written of an entry, without its body. */
export interface WrittenRow {
  readonly namespace: string;
  readonly key: string;
  readonly variant: string;
  readonly resource: string;
  readonly tags: string;
  readonly createdAt: number;
  readonly purgeAt: number | null;
  readonly digest: string;
  readonly fields: Uint8Array;
  /** What it counts towards `maxBytes` without its body. */
  readonly size: number;
}

/** @param namespace as `exact` gives it. */
export function writeRow(namespace: string, entry: EntryFields): WrittenRow {
  const fields = encodeFields(entry);
  const [key, variant, resource] = [exact(entry.key), exact(entry.variant), exact(entry.resource)];
  const tags = JSON.stringify(entry.tags.map(exact));
  return {
    namespace,
    key,
    variant,
    resource,
    tags,
    createdAt: entry.createdAtMs,
    purgeAt: entry.purgeAtMs === Infinity ? null : entry.purgeAtMs,
    // The texts stand in the order in which statements put them together.
    digest: digestOfFields(namespace + key + variant + resource + tags, fields),
    fields,
    size: fields.byteLength + ROW_OVERHEAD_BYTES,
  };
}

/** The statement that deletes what `selector` means, and its values. */
export function deletionOf(namespace: string, selector: StorageSelector): [sql: string, values: SqliteValue[]] {
  if ('resource' in selector) return [SQL.deleteResource, [namespace, exact(selector.resource)]];
  if ('tag' in selector) return [SQL.deleteTag, [namespace, exact(selector.tag)]];
  const { key, variant } = selector;
  if (variant === undefined) return [SQL.deleteKey, [namespace, exact(key)]];
  return [SQL.deleteVariant, [namespace, exact(key), exact(variant)]];
}

export function readInfo(row: SqliteRow): Reading<StoredEntryInfo> {
  const reading = readRowFields(row);
  if (reading.kind !== 'read') return reading;
  return { kind: 'read', value: { ...reading.value, bodyBytes: Number(row['body_bytes']) } };
}

/** @param key under which the row was found. */
export function readEntryRow(row: SqliteRow, key: string): Reading<StoredEntry> {
  const reading = readRowFields(row);
  if (reading.kind !== 'read') return reading;
  const fields = reading.value;
  const body = bytesOf(row['body']);
  if (fields.key !== key) return malformed('it is of another key');
  if (body?.byteLength !== Number(row['body_bytes'])) return malformed('its body is not whole');
  if (!String(row['digests']).endsWith(digestOfBody(body))) return malformed('its body is another');
  return { kind: 'read', value: { ...fields, body } };
}

function readRowFields(row: SqliteRow): Reading<EntryFields> {
  const fields = bytesOf(row['fields']);
  if (fields === undefined) return malformed('its fields are no bytes');
  const reading = readFields(fields);
  if (reading.kind !== 'read') return reading;
  const { address, digests } = row;
  const isWhole = String(digests).startsWith(digestOfFields(String(address), fields));
  return isWhole ? reading : malformed('its fields are others');
}

const malformed = (problem: string): Reading<never> => ({ kind: 'malformed', problem });

export const infoOf = ({ body, ...fields }: StoredEntry): StoredEntryInfo => ({
  ...fields,
  bodyBytes: body.byteLength,
});

const NO_BYTES = new Uint8Array(0);

/** Some drivers give NULL for no bytes. A Buffer becomes what it is a view of, as `slice` differs. */
function bytesOf(value: unknown): Uint8Array | undefined {
  if (value === null) return NO_BYTES;
  if (value instanceof Uint8Array && value.constructor === Uint8Array) return value;
  return ArrayBuffer.isView(value) ? new Uint8Array(value.buffer, value.byteOffset, value.byteLength) : undefined;
}
