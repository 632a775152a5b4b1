/** Between entries and the rows of SqliteStorage. Rows are input: whatever is in them, reading only says what it is. */
import type { StoredEntry, StoredEntryInfo } from '../../api/storage.js';
import type { EntryFields } from '../entry-shape.js';
import type { RecordCodec } from '../record/codec.js';
import { malformed, type Reading } from '../record/part.js';
import type { SqliteRow, SqliteValue } from './database.js';
import { type MaybePromise, whenThere } from '../../support/maybe-promise.js';

/** What a row counts besides its body and its fields: its columns, and its places in the indexes. */
export const ROW_OVERHEAD_BYTES = 512;

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

/** The columns by which an entry is found, in the order in which statements take them. */
export const placeOf = (namespace: string, entry: EntryFields): readonly SqliteValue[] => [
  ...textsOf(namespace, entry),
  entry.createdAtMs,
  entry.purgeAtMs === Infinity ? null : entry.purgeAtMs,
];

/** @param namespace as `exact` gives it. */
const textsOf = (namespace: string, { key, variant, resource, tags, revision }: EntryFields): readonly string[] =>
  [namespace, exact(key), exact(variant), exact(resource), JSON.stringify(tags.map(exact)), exact(revision)];

/** Reads rows of one namespace, which is given as `exact` gives it. */
export class RowReader {
  readonly #namespace: string;
  readonly #codec: RecordCodec;
  /** The texts of fields that are read again and again. */
  readonly #addresses = new WeakMap<EntryFields, string>();

  constructor(namespace: string, codec: RecordCodec) {
    this.#namespace = namespace;
    this.#codec = codec;
  }

  readonly info = (row: SqliteRow): MaybePromise<Reading<StoredEntryInfo>> =>
    ifRead(this.#fields(row), (fields) => ({
      kind: 'read',
      value: { ...fields, bodyBytes: Number(row['body_bytes']) },
    }));

  /** @param key under which the row was found. */
  entry(row: SqliteRow, key: string): MaybePromise<Reading<StoredEntry>> {
    return ifRead<EntryFields, StoredEntry>(this.#fields(row), (fields) => {
      const part = bytesOf(row['body']);
      if (fields.key !== key) return malformed('it is of another key');
      if (part === undefined) return malformed('its body is no bytes');
      return ifRead<Uint8Array, StoredEntry>(this.#codec.readBody(part, fields), (body) => {
        if (body.byteLength !== Number(row['body_bytes'])) return malformed('its body is not whole');
        return { kind: 'read', value: { ...fields, body } };
      });
    });
  }

  #fields(row: SqliteRow): MaybePromise<Reading<EntryFields>> {
    const part = bytesOf(row['fields']);
    if (part === undefined) return malformed('its fields are no bytes');
    return ifRead<EntryFields, EntryFields>(this.#codec.readFields(part), (fields) =>
      row['address'] === this.#addressOf(fields)
        ? { kind: 'read', value: fields }
        : malformed('its columns are of another entry'),
    );
  }

  /** As the statements put it together. */
  #addressOf(fields: EntryFields): string {
    const known = this.#addresses.get(fields);
    if (known !== undefined) return known;
    const address = textsOf(this.#namespace, fields).join('');
    this.#addresses.set(fields, address);
    return address;
  }
}

const ifRead = <T, R>(
  reading: MaybePromise<Reading<T>>,
  next: (value: T) => MaybePromise<Reading<R>>,
): MaybePromise<Reading<R>> =>
  whenThere(reading, (each): MaybePromise<Reading<R>> => (each.kind === 'read' ? next(each.value) : each));

/** A Buffer becomes what it is a view of, as its `slice` is another. */
function bytesOf(value: unknown): Uint8Array | undefined {
  if (value instanceof Uint8Array && value.constructor === Uint8Array) return value;
  return ArrayBuffer.isView(value) ? new Uint8Array(value.buffer, value.byteOffset, value.byteLength) : undefined;
}
