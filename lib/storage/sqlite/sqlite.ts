/** The storage in an SQLite database. */
import { setImmediate as nextTurn } from 'node:timers/promises';
import { CacheError } from '../../api/errors.js';
import type {
  CacheStorage,
  EvictionListener,
  MaybePromise,
  ProblemListener,
  RenewedEntry,
  StorageOperation,
  StorageSelector,
  StoredEntry,
  StoredEntryInfo,
} from '../../api/storage.js';
import { endOfFields, explain, FORMAT, type Reading } from '../record.js';
import { SqliteConnection } from './connection.js';
import type { SqliteRow, SqliteValue } from './database.js';
import { digestOfBody } from './digest.js';
import { Housekeeping } from './housekeeping.js';
import { resolveSqliteOptions, type SqliteStorageOptions } from './options.js';
import { deletionOf, exact, infoOf, parseExact, readEntryRow, readInfo, writeRow } from './rows.js';
import { CHUNK, SQL } from './schema.js';
import { CLOCK_STEP_MS } from '../../rfc9111/freshness.js';
import { Listeners } from '../../support/listeners.js';

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
export class SqliteStorage implements CacheStorage {
  readonly name = 'sqlite';
  readonly #connection: SqliteConnection;
  /** As it stands in the tables. */
  readonly #namespace: string;
  readonly #housekeeping: Housekeeping;
  /** How many calls are under way. */
  #running = 0;
  #onIdle: (() => void) | undefined;
  readonly #evictionListeners = new Listeners<Parameters<EvictionListener>>();
  readonly #problemListeners = new Listeners<Parameters<ProblemListener>>();
  #closing: Promise<void> | undefined;

  /** @param target the path of the file, `':memory:'`, or options. */
  constructor(target: string | SqliteStorageOptions) {
    const { target: resolved, namespace, maxBytes, busyTimeoutMs } = resolveSqliteOptions(target);
    const onProblem: ProblemListener = (operation, error) => { this.#problemListeners.tell(operation, error); };
    this.#namespace = exact(namespace);
    this.#connection = new SqliteConnection(resolved, busyTimeoutMs, onProblem);
    this.#housekeeping = new Housekeeping({
      connection: this.#connection,
      namespace: this.#namespace,
      maxBytes,
      onEvicted: (entry) => { this.#evictionListeners.tell(entry, 'bytes'); },
      onProblem,
    });
  }

  /** Answers at once where the driver does. */
  get(key: string): MaybePromise<readonly StoredEntry[]> {
    if (this.#closing !== undefined) return Promise.reject(this.#closedError());
    let atOnce: readonly StoredEntry[] | undefined;
    let settle: ((error: Error | undefined, entries: readonly StoredEntry[]) => void) | undefined;
    this.#running += 1;
    this.#connection.read(SQL.get, [this.#namespace, exact(key)], (error, rows) => {
      const entries = error === undefined ? this.#found(rows, key) : [];
      this.#end();
      if (settle === undefined) atOnce = entries;
      else settle(error, entries);
    });
    if (atOnce !== undefined) return atOnce;
    return new Promise((resolve, reject) => {
      settle = (error, entries) => {
        if (error === undefined) resolve(entries);
        else reject(error);
      };
    });
  }

  #found(rows: readonly SqliteRow[], key: string): readonly StoredEntry[] {
    const entries: StoredEntry[] = [];
    this.#readEach('get', rows, (row) => readEntryRow(row, key), (entry, id) => {
      entries.push(entry);
      this.#housekeeping.noteUse(id);
    });
    // Nobody waits for it.
    if (this.#housekeeping.usesAreDue) void this.#track(() => this.#housekeeping.writeUses('get'));
    return entries;
  }

  set(entry: StoredEntry): Promise<void> {
    return this.#call(async () => {
      const row = writeRow(this.#namespace, entry);
      const { namespace, key, variant, resource, tags, createdAt, purgeAt, fields } = row;
      const whole = row.size + entry.body.byteLength;
      if (!this.#housekeeping.accepts(whole)) {
        await this.#connection.run('set', SQL.deleteVariant, [namespace, key, variant]);
        this.#evictionListeners.tell(infoOf(entry), 'bytes');
        return;
      }
      const { body } = entry;
      const digests = row.digest + digestOfBody(body);
      const place = [namespace, key, variant, resource, tags, createdAt, purgeAt];
      await this.#connection.run('set', SQL.put, [...place, whole, body.byteLength, digests, fields, body]);
      await this.#housekeeping.written('set', whole);
    });
  }

  touch(entry: RenewedEntry): Promise<boolean> {
    return this.#call(async () => {
      const row = writeRow(this.#namespace, entry);
      const { namespace, key, variant, resource, tags, createdAt, purgeAt, size, digest, fields } = row;
      // The body stays, so what stands before it must be of the format that the new fields say.
      const changed = [resource, tags, createdAt, purgeAt, size, digest, fields, namespace];
      const end = endOfFields(entry.formerHead);
      const values = [...changed, namespace, key, variant, FORMAT, end.byteLength, end];
      return (await this.#connection.run('touch', SQL.touch, values)) > 0;
    });
  }

  delete(selector: StorageSelector): Promise<number> {
    return this.#call(() => this.#deleteAll('delete', ...deletionOf(this.#namespace, selector)));
  }

  deleteExpired(nowMs: number): Promise<number> {
    return this.#call(async () => {
      const purged = await this.#deleteAll('deleteExpired', SQL.deletePurged, [this.#namespace, nowMs]);
      const ahead = await this.#deleteAll('deleteExpired', SQL.deleteAhead, [this.#namespace, nowMs + CLOCK_STEP_MS]);
      const count = purged + ahead;
      if (count > 0) await this.#housekeeping.shrink('deleteExpired');
      return count;
    });
  }

  clear(): Promise<void> {
    return this.#call(async () => {
      await this.#deleteAll('clear', SQL.deleteNamespace, [this.#namespace]);
      await this.#housekeeping.shrink('clear');
    });
  }

  /** In pages by row id: between two of them nothing is held open. */
  async *entries(): AsyncIterable<StoredEntryInfo> {
    const pageAfter = (id: number) =>
      this.#call(async () => {
        const rows = await this.#connection.all('entries', SQL.list, [this.#namespace, id]);
        const infos: StoredEntryInfo[] = [];
        this.#readEach('entries', rows, readInfo, (info) => { infos.push(info); });
        return { infos, lastId: rows.at(-1)?.['id'] };
      });
    for (let page = await pageAfter(0); page.lastId !== undefined; page = await pageAfter(Number(page.lastId))) {
      yield* page.infos;
    }
  }

  meta(name: string, makeIfAbsent: () => string): Promise<string> {
    const address = [this.#namespace, exact(name)];
    const read = async (): Promise<string | undefined> => {
      const [row] = await this.#connection.all('meta', SQL.readMeta, address);
      return parseExact(row?.['value']);
    };
    return this.#call(async () => {
      const known = await read();
      if (known !== undefined) return known;
      // Where another process was faster, its value stays; one that is damaged does not.
      await this.#connection.run('meta', SQL.makeMeta, [...address, exact(makeIfAbsent())]);
      const made = await read();
      if (made === undefined) throw new CacheError('ERR_CACHE_STORAGE', `SqliteStorage: meta "${name}" is lost`);
      return made;
    });
  }

  onEvicted(listener: EvictionListener): () => void {
    return this.#evictionListeners.add(listener);
  }

  onProblem(listener: ProblemListener): () => void {
    return this.#problemListeners.add(listener);
  }

  /** Waits for calls under way. A `database` of the user's stays open. */
  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    while (this.#running > 0) await new Promise<void>((resolve) => { this.#onIdle = resolve; });
    await this.#housekeeping.writeUses('close');
    await this.#connection.close();
    this.#evictionListeners.clear();
    this.#problemListeners.clear();
  }

  #call<T>(work: () => Promise<T>): Promise<T> {
    return this.#closing === undefined ? this.#track(work) : Promise.reject(this.#closedError());
  }

  /** `close` waits for it. */
  async #track<T>(work: () => Promise<T>): Promise<T> {
    this.#running += 1;
    try {
      return await work();
    } finally {
      this.#end();
    }
  }

  #end(): void {
    this.#running -= 1;
    if (this.#running === 0) this.#onIdle?.();
  }

  #closedError(): CacheError {
    return new CacheError('ERR_CACHE_CLOSED', `the storage "${this.name}" is closed`);
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
   */
  #readEach<T>(
    operation: StorageOperation,
    rows: readonly SqliteRow[],
    read: (row: SqliteRow) => Reading<T>,
    take: (value: T, id: number) => void,
  ): void {
    const damaged: number[] = [];
    for (const row of rows) {
      const reading = read(row);
      const id = Number(row['id']);
      if (reading.kind === 'read') take(reading.value, id);
      if (reading.kind !== 'malformed') continue;
      damaged.push(id);
      this.#problemListeners.tell(operation, new CacheError('ERR_CACHE_RECORD', `${explain(reading)}; it is deleted`));
    }
    if (damaged.length > 0) void this.#track(() => this.#housekeeping.deleteRows(operation, damaged));
  }
}
