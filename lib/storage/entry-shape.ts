/**
 * The one description of what an entry is made of: the guard checks what storages give by it, the record what it reads.
 */
import type { StoredEntry, StoredEntryInfo } from '../api/storage.js';

/** An entry without its body. */
export type EntryFields = Omit<StoredEntry, 'body' | 'derived' | 'keepDerived'>;

/** The fields alone, whatever else the entry has. */
export function fieldsOf(entry: EntryFields): EntryFields {
  const { key, resource, variant, revision, tags, createdAtMs, expiresAtMs, purgeAtMs, head } = entry;
  return { key, resource, variant, revision, tags, createdAtMs, expiresAtMs, purgeAtMs, head };
}

/** An entry as listings show it. */
export const infoOf = (entry: StoredEntry): StoredEntryInfo =>
  ({ ...fieldsOf(entry), bodyBytes: entry.body.byteLength });

type EntrySelector = Pick<EntryFields, 'key' | 'resource' | 'variant' | 'revision'>;

/** Selects an entry, but not another that has taken its place by now. */
export const bodyOf = ({ key, resource, variant, revision }: EntryFields): EntrySelector =>
  ({ key, resource, variant, revision });

/** Anything, looked at as if it were an entry or its listing. */
type Unchecked = Readonly<Partial<Record<keyof StoredEntry | keyof StoredEntryInfo, unknown>>>;

/**
 * The first field that is not what the port says, and `undefined` where all of them are. It is one statement per field,
 * as it runs for each entry that is read.
 */
export function wrongField(value: Unchecked): keyof EntryFields | undefined {
  if (typeof value.key !== 'string') return 'key';
  if (typeof value.resource !== 'string') return 'resource';
  if (typeof value.variant !== 'string') return 'variant';
  if (typeof value.revision !== 'string') return 'revision';
  if (!isTextList(value.tags)) return 'tags';
  if (!Number.isFinite(value.createdAtMs)) return 'createdAtMs';
  if (!isTime(value.expiresAtMs)) return 'expiresAtMs';
  if (!isTime(value.purgeAtMs)) return 'purgeAtMs';
  if (typeof value.head !== 'string') return 'head';
  return undefined;
}

export const isEntry = (value: unknown): value is StoredEntry =>
  isRecord(value) && wrongField(value) === undefined && isBytes(value['body']);

export const isEntryInfo = (value: unknown): value is StoredEntryInfo =>
  isRecord(value) && wrongField(value) === undefined && isCount(value['bodyBytes']);

export const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null;

export const isCount = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) >= 0;

/** `Infinity` is a time, which means never; `-Infinity` and NaN are none. */
const isTime = (value: unknown): boolean => typeof value === 'number' && value > -Infinity;

function isTextList(value: unknown): boolean {
  if (!Array.isArray(value)) return false;
  for (const each of value) if (typeof each !== 'string') return false;
  return true;
}

/** Bytes are told by their tag, so that those of another realm (a worker, a test runner's sandbox) are bytes too. */
const isBytes = (value: unknown): boolean => ArrayBuffer.isView(value) && tagOf(value) === 'Uint8Array';

const tagOf = (value: ArrayBufferView): unknown => (value as Uint8Array)[Symbol.toStringTag];
