/**
 * The connection of a SqliteStorage: opened when first needed, patient with other writers, replaced where its file is
 * damaged, deleted or another.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { CacheError } from '../../api/errors.js';
import type { StorageOperation } from '../../api/storage.js';
import {
  isBusy,
  isCorrupt,
  readAll,
  type RowsListener,
  type SqliteDatabase,
  type SqliteDriver,
  type SqliteRow,
  type SqliteValue,
} from './database.js';
import { identify, makeFolder, putAside } from './file.js';
import { CREATE, dropFormer, lacksTables, SQL } from './schema.js';

export type SqliteTarget =
  | { readonly kind: 'file'; readonly path: string; readonly driver: SqliteDriver }
  /** The user's: neither configured nor closed. */
  | { readonly kind: 'database'; readonly database: SqliteDatabase };

/**
 * How long SQLite itself waits for another writer: some drivers wait in this thread, and sqlite3 holds back every call
 * on the connection. After that this class waits, and holds nothing up.
 */
const BUSY_SLICE_MS = 10;
const MAX_PAUSE_MS = 25;

/** Reads look whether their file is still there once in so many: a look costs a twentieth of a read. */
const READS_A_LOOK = 50;

/**
 * Set on each connection of our own. Without mmap, which is a tenth faster at best: where somebody cuts the file off or
 * copies another over it, the system would end the whole process (SIGBUS); like this it is a damaged file.
 */
const SETTINGS = `
  PRAGMA busy_timeout = ${BUSY_SLICE_MS};
  PRAGMA synchronous = NORMAL;
  PRAGMA mmap_size = 0;
  PRAGMA journal_size_limit = ${16 * 1024 * 1024};`;
/** Kept in the file. Asked for when it is new: a database of somebody else's stays as it is. */
const FILE_SETTINGS = `
  PRAGMA auto_vacuum = INCREMENTAL;
  PRAGMA journal_mode = WAL;`;

interface Opened {
  readonly database: SqliteDatabase;
  readonly identity: bigint | undefined;
}

/** Told of a damaged file that was put aside. */
export type OnReplaced = (operation: StorageOperation, error: CacheError) => void;

export class SqliteConnection {
  readonly #target: SqliteTarget;
  readonly #busyTimeoutMs: number;
  readonly #onReplaced: OnReplaced;
  #opening: Promise<Opened> | undefined;
  /** What `#opening` has led to, where it has. */
  #opened: Opened | undefined;
  #readsSinceLook = 0;

  constructor(target: SqliteTarget, busyTimeoutMs: number, onReplaced: OnReplaced) {
    this.#target = target;
    this.#busyTimeoutMs = busyTimeoutMs;
    this.#onReplaced = onReplaced;
  }

  /** Whether the file is this package's to shrink. */
  get owned(): boolean {
    return this.#target.kind === 'file';
  }

  all(operation: StorageOperation, sql: string, values: readonly SqliteValue[] = []): Promise<readonly SqliteRow[]> {
    return this.#use(operation, (database) => readAll(database, sql, values));
  }

  /**
   * Reads rows for a `get`. Where the connection is open and there is nothing to look after, nothing is made for it but
   * the call, and `done` may be called before this returns. A failure goes the patient way.
   */
  read(sql: string, values: readonly SqliteValue[], done: RowsListener): void {
    const opened = this.#opened;
    if (opened === undefined || this.#isLookDue) {
      this.#readPatiently(sql, values, done);
      return;
    }
    this.#readsSinceLook += 1;
    opened.database.read(sql, values, (error, rows) => {
      if (error === undefined) done(undefined, rows);
      else this.#readPatiently(sql, values, done);
    });
  }

  #readPatiently(sql: string, values: readonly SqliteValue[], done: RowsListener): void {
    this.all('get', sql, values).then(
      (rows) => { done(undefined, rows); },
      (error: unknown) => { done(error as Error, []); },
    );
  }

  run(operation: StorageOperation, sql: string, values: readonly SqliteValue[]): Promise<number> {
    return this.#use(operation, (database) => database.run(sql, values));
  }

  exec(operation: StorageOperation, sql: string): Promise<void> {
    return this.#use(operation, (database) => database.exec(sql));
  }

  /** Closes what is open, if anything was ever needed. */
  async close(): Promise<void> {
    const opened = await this.#opening?.catch(() => undefined);
    await opened?.database.close();
  }

  /** Waits while others write. Where tables are gone, and where the file is damaged, it begins with new ones. */
  async #use<T>(operation: StorageOperation, work: (database: SqliteDatabase) => Promise<T>): Promise<T> {
    await this.#look(operation);
    const opening = this.#open(operation);
    const { database } = await opening;
    try {
      return await this.#patiently(() => work(database));
    } catch (error) {
      if (lacksTables(error)) {
        await this.#patiently(() => prepareTables(database));
        return await this.#patiently(() => work(database));
      }
      const wasReplaced = this.#opening !== opening;
      const isDamaged = isCorrupt(error) && this.#target.kind === 'file';
      if (!wasReplaced && !isDamaged) throw error;
      if (!wasReplaced) this.#replace(operation, opening, error);
      const { database: fresh } = await this.#open(operation);
      return await this.#patiently(() => work(fresh));
    }
  }

  /** A file that was deleted or replaced is no longer the one that others open, and ends with its last connection. */
  async #look(operation: StorageOperation): Promise<void> {
    const opening = this.#opening;
    // Closing must not bring a deleted file back.
    if (this.#target.kind === 'database' || opening === undefined || operation === 'close') return;
    if (operation === 'get' && !this.#isLookDue) {
      this.#readsSinceLook += 1;
      return;
    }
    this.#readsSinceLook = 0;
    const { identity } = await opening;
    if (identify(this.#target.path) !== identity) this.#replace(operation, opening);
  }

  get #isLookDue(): boolean {
    return this.#target.kind === 'file' && this.#readsSinceLook >= READS_A_LOOK - 1;
  }

  #open(operation: StorageOperation): Promise<Opened> {
    this.#opening ??= this.#remember(this.#connect(operation));
    return this.#opening;
  }

  /** What could not be opened may be openable the next time. */
  #remember(opening: Promise<Opened>): Promise<Opened> {
    this.#opened = undefined;
    opening.then(
      (opened) => {
        if (this.#opening === opening) this.#opened = opened;
      },
      () => {
        if (this.#opening === opening) this.#opening = undefined;
      },
    );
    return opening;
  }

  async #connect(operation: StorageOperation): Promise<Opened> {
    const target = this.#target;
    if (target.kind === 'database') {
      await this.#patiently(() => prepareTables(target.database));
      return { database: target.database, identity: undefined };
    }
    makeFolder(target.path);
    const identity = identify(target.path);
    try {
      return await this.#patiently(() => openFile(target.driver, target.path));
    } catch (error) {
      if (!isCorrupt(error)) throw error;
      this.#putAside(operation, target.path, identity, error);
      return await this.#patiently(() => openFile(target.driver, target.path));
    }
  }

  /**
   * The first of those who see it opens the file anew, the others take what it opened.
   * @param damage for which the file is put aside; undefined: it is gone already.
   */
  #replace(operation: StorageOperation, former: Promise<Opened>, damage?: unknown): void {
    const target = this.#target;
    if (this.#opening !== former || target.kind === 'database') return;
    const replacing = former.then(async ({ database, identity }) => {
      await database.close().catch(() => undefined);
      if (damage !== undefined) this.#putAside(operation, target.path, identity, damage);
      return this.#connect(operation);
    });
    this.#opening = this.#remember(replacing);
  }

  #putAside(operation: StorageOperation, path: string, identity: bigint | undefined, cause: unknown): void {
    const aside = putAside(path, identity, Date.now());
    if (aside === undefined) return;
    const message = `${path} is damaged or no SQLite database; it is now ${aside}, and the cache starts afresh`;
    this.#onReplaced(operation, new CacheError('ERR_CACHE_STORAGE', message, { cause }));
  }

  async #patiently<T>(work: () => Promise<T>): Promise<T> {
    const endMs = performance.now() + this.#busyTimeoutMs;
    for (let pauseMs = 1; ; pauseMs = Math.min(2 * pauseMs, MAX_PAUSE_MS)) {
      try {
        return await work();
      } catch (error) {
        if (!isBusy(error) || performance.now() >= endMs) throw error;
      }
      // Of varied length, so that two who wait for each other's locks do not go on meeting.
      await sleep(pauseMs * (0.5 + Math.random()));
    }
  }
}

async function openFile(driver: SqliteDriver, path: string): Promise<Opened> {
  const database = await driver.open(path);
  try {
    await database.exec(SETTINGS);
    const [row] = await readAll(database, SQL.countObjects);
    if (row?.['count'] === 0) await database.exec(FILE_SETTINGS);
    await prepareTables(database);
    return { database, identity: identify(path) };
  } catch (error) {
    await database.close().catch(() => undefined);
    throw error;
  }
}

async function prepareTables(database: SqliteDatabase): Promise<void> {
  const family = await readAll(database, SQL.listFamily);
  const former = dropFormer(family.map(({ type, name }) => ({ type: String(type), name: String(name) })));
  if (former !== '') await database.exec(former);
  await database.exec(CREATE);
}
