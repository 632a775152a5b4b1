/** The storage in an SQLite database. */
import { setImmediate as nextTurn } from 'node:timers/promises';
import { CacheError } from '../../api/errors.js';
import type {
  CacheStorage,
  EvictionListener,
  Fence,
  MaybePromise,
  ProblemListener,
  RenewedEntry,
  StorageOperation,
  StorageReading,
  StorageRevisions,
  StorageSelector,
  StoredEntry,
  StoredEntryInfo,
} from '../../api/storage.js';
import { Calls } from '../calls.js';
import { ClosableStorage } from '../closed.js';
import { infoOf } from '../entry-shape.js';
import type { RecordCodec } from '../record/codec.js';
import { FORMAT, type Reading } from '../record/part.js';
import { openValue, sealValue } from '../record/values.js';
import { Reports } from '../reports.js';
import { SqliteConnection } from './connection.js';
import type { SqliteRow, SqliteValue } from './database.js';
import { clearingOf, type Deletion, deletionOf, deletionOfVariants } from './deletion.js';
import { fenceValues, makeFence, stateOf } from './fence.js';
import { Housekeeping } from './housekeeping.js';
import { Invalidations } from './invalidations.js';
import { resolveSqliteOptions, type SqliteStorageOptions } from './options.js';
import { exact, parseExact, placeOf, ROW_OVERHEAD_BYTES, RowReader } from './rows.js';
import { CHUNK, SQL } from './statements.js';
import { Upkeep } from '../sweep.js';
import { CLOCK_STEP_MS } from '../../rfc9111/freshness.js';
import { allThere, whenThere } from '../../support/maybe-promise.js';

/**
 * Keeps entries in an SQLite database: across runs, and for several processes at once. The file is opened by the first
 * call. A read writes nothing, but once in a thousand reads what they used.
 *
 * A database that is damaged is renamed to `<path>.corrupt-<time>` and reported by `onProblem`, and the cache starts
 * afresh. An entry that is damaged counts as absent. In a database with tables of somebody else the tables of the cache
 * stand beside them. Nobody but its owner may read a file of the cache.
 *
 * @throws CacheError from the constructor: `ERR_CACHE_OPTION` for an option that is unknown or wrong, for a file that
 * cannot be written, and for one that is no SQLite database; `ERR_CACHE_DRIVER` where no driver is installed.
 */
export class SqliteStorage extends ClosableStorage implements CacheStorage {
  readonly name = 'sqlite';
  readonly #connection: SqliteConnection;
  /** As it stands in the tables. */
  readonly #namespace: string;
  readonly #codec: RecordCodec;
  readonly #reader: RowReader;
  readonly #invalidations: Invalidations;
  readonly #housekeeping: Housekeeping;
  readonly #upkeep = new Upkeep();
  readonly #reports = new Reports('SqliteStorage');
  readonly #calls = new Calls(this.name, this.#reports);

  /** @param target the path of the file, `':memory:'`, or options. */
  constructor(target: string | SqliteStorageOptions) {
    super();
    const { target: resolved, namespace, codec, maxBytes, busyTimeoutMs } = resolveSqliteOptions(target);
    this.#namespace = exact(namespace);
    this.#connection = new SqliteConnection(resolved, busyTimeoutMs, this.#reports.problem);
    this.#codec = codec;
    this.#reader = new RowReader(this.#namespace, codec);
    this.#invalidations = new Invalidations(this.#connection, this.#namespace);
    this.#housekeeping = new Housekeeping({
      connection: this.#connection,
      invalidations: this.#invalidations,
      reader: this.#reader,
      namespace: this.#namespace,
      maxBytes,
      reports: this.#reports,
    });
  }

  /** Answers at once where the driver does. */
  get(key: string): MaybePromise<StorageReading> {
    return this.#calls.run(() => this.#lookUp(key));
  }

  #lookUp(key: string): MaybePromise<StorageReading> {
    let atOnce: MaybePromise<StorageReading> | undefined;
    let settle: ((error: Error | undefined, reading: MaybePromise<StorageReading>) => void) | undefined;
    this.#connection.read(SQL.get, [exact(key), this.#namespace], (error, rows) => {
      const reading = error === undefined ? this.#readingOf(key, rows) : NOTHING_READ;
      if (settle === undefined) atOnce = reading;
      else settle(error, reading);
    });
    if (atOnce !== undefined) return atOnce;
    return new Promise((resolve, reject) => {
      settle = (error, reading) => {
        if (error === undefined) resolve(reading);
        else reject(error);
      };
    });
  }

  #readingOf(key: string, rows: readonly SqliteRow[]): MaybePromise<StorageReading> {
    return this.#lookedUp({ sql: SQL.get, key, read: (row) => this.#reader.entry(row, key) }, rows);
  }

  /** As `get`, but without the bodies. It counts as a use of what it finds. */
  revisions(key: string): Promise<StorageRevisions> {
    const lookUp: LookUp<StoredEntryInfo> = { sql: SQL.revisions, key, read: this.#reader.info };
    return this.#calls.run(async () => this.#lookedUp(lookUp, await this.#rowsOf(lookUp)));
  }

  #rowsOf({ sql, key }: LookUp<unknown>): Promise<readonly SqliteRow[]> {
    return this.#connection.all('get', sql, [exact(key), this.#namespace]);
  }

  /** The first look-up in a namespace makes its state, as a fence is of that. */
  #lookedUp<T extends RenewedEntry>(lookUp: LookUp<T>, rows: readonly SqliteRow[]): MaybePromise<Found<T>> {
    const state = stateOf(rows[0]);
    if (state === undefined) return this.#lookUpAnew(lookUp, rows.length === 0 ? 'none' : 'damaged');
    // A look-up that finds nothing gives a row too, for its fence.
    const found = rows[0]?.['id'] === null ? [] : rows;
    const seen = new Map<string, number>();
    const note = ({ revision }: RenewedEntry, row: SqliteRow): void => {
      seen.set(revision, Number(row['sequence']));
      this.#housekeeping.noteUse(Number(row['id']));
    };
    return whenThere(this.#readEach('get', found, lookUp.read, note), (entries) => {
      // Nobody waits for it.
      if (this.#housekeeping.usesAreDue) void this.#calls.track(this.#housekeeping.writeUses('get'));
      return { entries, fence: makeFence(state, seen) };
    });
  }

  async #lookUpAnew<T extends RenewedEntry>(lookUp: LookUp<T>, found: 'none' | 'damaged'): Promise<Found<T>> {
    await this.#invalidations.begin('get', found);
    const rows = await this.#rowsOf(lookUp);
    if (stateOf(rows[0]) !== undefined) return this.#lookedUp(lookUp, rows);
    throw new CacheError('ERR_CACHE_STORAGE', 'SqliteStorage: the state of the namespace is lost');
  }

  set(entry: StoredEntry, fence?: Fence): Promise<boolean | 'too-large'> {
    return this.#calls.run(async () => {
      const { key, resource, variant } = entry;
      const values = fenceValues(entry, fence);
      let size = 0;
      const stored = await this.#connection.change('set', () =>
        whenThere(allThere([this.#codec.encodeFields(entry), this.#codec.encodeBody(entry)]), (parts) => {
          size = parts.reduce((sum, { byteLength }) => sum + byteLength, ROW_OVERHEAD_BYTES);
          const counted = [size, entry.body.byteLength, ...parts];
          return this.#housekeeping.accepts(size)
            ? { sql: SQL.put, values: [...placeOf(this.#namespace, entry), ...counted, ...values] }
            // Nothing may be there in place of what is too large.
            : deletionOfVariants(this.#namespace, { key, resource, variant });
        }),
      );
      if (!this.#housekeeping.accepts(size)) {
        this.#reports.evicted(infoOf(entry));
        return 'too-large';
      }
      if (stored.length > 0) await this.#housekeeping.written('set', size, entry.createdAtMs);
      this.#prune(entry.createdAtMs);
      return stored.length > 0;
    });
  }

  touch(entry: RenewedEntry, fence?: Fence): Promise<boolean> {
    return this.#calls.run(async () => {
      const values = fenceValues(entry, fence);
      const touched = await this.#connection.change('touch', () =>
        whenThere(this.#codec.encodeFields(entry), (fields) => ({
          sql: SQL.touch,
          values: [...placeOf(this.#namespace, entry), fields, FORMAT, ...values],
        })),
      );
      return touched.length > 0;
    });
  }

  delete(selector: StorageSelector): Promise<number> {
    return this.#calls.run(() => this.#invalidate('delete', deletionOf(this.#namespace, selector)));
  }

  deleteExpired(nowMs: number): Promise<number> {
    return this.#calls.run(async () => {
      const namespace = this.#namespace;
      const purged = await this.#deleteAll('deleteExpired', SQL.deletePurged, [namespace, nowMs]);
      const ahead = await this.#deleteAll('deleteExpired', SQL.deleteAhead, [namespace, nowMs + CLOCK_STEP_MS]);
      const count = purged + ahead;
      if (count > 0) await this.#housekeeping.shrink('deleteExpired');
      return count;
    });
  }

  clear(): Promise<void> {
    return this.#calls.run(async () => {
      await this.#invalidate('clear', clearingOf(this.#namespace));
      await this.#housekeeping.shrink('clear');
    });
  }

  /** In pages by row id: between two of them nothing is held open. */
  entries(): AsyncIterable<StoredEntryInfo> {
    let lastId = 0;
    return this.#calls.pages(async () => {
      const rows = await this.#connection.all('entries', SQL.list, [this.#namespace, lastId]);
      if (rows.length === 0) return undefined;
      lastId = Number(rows.at(-1)?.['id']);
      return this.#readEach('entries', rows, this.#reader.info);
    });
  }

  meta(name: string, makeIfAbsent: () => string): Promise<string> {
    const address = [this.#namespace, exact(name)];
    const read = async (): Promise<string | undefined> => {
      const [row] = await this.#connection.all('meta', SQL.readMeta, address);
      return parseExact(row?.['value']);
    };
    return this.#calls.run(async () => {
      const written = await read();
      const known = await openValue(this.#codec, name, written);
      if (known !== undefined) return known;
      const sealed = await sealValue(this.#codec, name, makeIfAbsent());
      // Where another process was faster, its value stays; one that is damaged, or of other keys, does not.
      const former = written === undefined ? null : exact(written);
      await this.#connection.run('meta', SQL.makeMeta, [...address, exact(sealed), former]);
      const made = await openValue(this.#codec, name, await read());
      if (made === undefined) throw new CacheError('ERR_CACHE_STORAGE', `SqliteStorage: meta "${name}" is lost`);
      return made;
    });
  }

  onEvicted(listener: EvictionListener): () => void {
    return this.#reports.onEvicted(listener);
  }

  onProblem(listener: ProblemListener): () => void {
    return this.#reports.onProblem(listener);
  }

  /** Waits for calls under way. A `database` of the user's stays open. */
  close(): Promise<void> {
    return this.#calls.end(async () => {
      await this.#housekeeping.writeUses('close');
      await this.#connection.close();
    });
  }

  /** What is under way is stopped first. How many rows went. */
  async #invalidate(operation: StorageOperation, { invalidated, rows }: Deletion): Promise<number> {
    const bound: SqliteValue[] = [];
    if (invalidated !== undefined) {
      bound.push(await this.#invalidations.note(operation, invalidated), this.#namespace);
      await this.#housekeeping.invalidated(operation);
    }
    return rows === undefined ? 0 : this.#deleteAll(operation, rows.sql, [...rows.values, ...bound]);
  }

  /** Nobody waits for it, and it ends where the storage is closed. */
  #prune(nowMs: number): void {
    const dueMs = this.#upkeep.dueAt(nowMs);
    if (dueMs === undefined) return;
    const mayGoOn = (): boolean => !this.#calls.isEnding;
    void this.#calls.track(this.#housekeeping.prune('set', dueMs, mayGoOn));
  }

  /** Chunk by chunk, so that other calls come in between. */
  async #deleteAll(operation: StorageOperation, sql: string, values: readonly SqliteValue[]): Promise<number> {
    for (let count = 0; ; await nextTurn()) {
      const deleted = await this.#connection.run(operation, sql, values);
      count += deleted;
      if (deleted < CHUNK) return count;
    }
  }

  /**
   * Damaged rows are reported and deleted, for which nobody waits: who finds the row once more finds it absent again.
   * Those of another format are left to the version that wrote them.
   * @param note is told of each value and its row.
   */
  #readEach<T>(
    operation: StorageOperation,
    rows: readonly SqliteRow[],
    read: (row: SqliteRow) => MaybePromise<Reading<T>>,
    note?: (value: T, row: SqliteRow) => void,
  ): MaybePromise<readonly T[]> {
    return whenThere(allThere(rows.map(read)), (readings) => {
      const values: T[] = [];
      const damaged: number[] = [];
      for (const [index, row] of rows.entries()) {
        const reading = readings[index];
        if (reading?.kind === 'read') {
          values.push(reading.value);
          note?.(reading.value, row);
        } else if (reading?.kind === 'malformed') {
          damaged.push(Number(row['id']));
          this.#reports.damage(operation, reading);
        }
      }
      if (damaged.length > 0) void this.#calls.track(this.#housekeeping.deleteRows(operation, damaged));
      return values;
    });
  }
}

/** What is read of a key, and how a row of it becomes a value. */
interface LookUp<T> {
  readonly sql: string;
  readonly key: string;
  readonly read: (row: SqliteRow) => MaybePromise<Reading<T>>;
}

interface Found<T> {
  readonly entries: readonly T[];
  readonly fence: Fence;
}

/** Of a call that fails: nobody sees it. */
const NOTHING_READ: StorageReading = { entries: [] };
