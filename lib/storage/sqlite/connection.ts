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
  type SqliteStatement,
  type SqliteValue,
} from './database.js';
import { closeToOthers, foreignContent, identify, makeFile, makeFolder, putAside } from './file.js';
import { examine, type FoundSchema } from './found-schema.js';
import { CREATE, lacksTables } from './schema.js';
import { SQL } from './statements.js';
import type { MaybePromise } from '../../support/maybe-promise.js';
import { elapsedMs } from '../../support/timers.js';

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
 * copies another over it, the system would end the whole process (SIGBUS); like this it is a damaged file. Without
 * foreign keys, by which a table of somebody else could keep ours from being emptied.
 */
const SETTINGS = `
  PRAGMA busy_timeout = ${BUSY_SLICE_MS};
  PRAGMA synchronous = NORMAL;
  PRAGMA mmap_size = 0;
  PRAGMA foreign_keys = OFF;
  PRAGMA journal_size_limit = ${16 * 1024 * 1024};`;
/** Kept in the file. Asked for when it is new: a database of somebody else's stays as it is. */
const FILE_SETTINGS = `
  PRAGMA auto_vacuum = INCREMENTAL;
  PRAGMA journal_mode = WAL;`;

interface Opened {
  readonly database: SqliteDatabase;
  readonly identity: bigint | undefined;
}

/** Something stands under a name of ours that this version has not made, and that may do anything when it is used. */
class StrangerError extends CacheError {
  /** The file has tables of somebody else, so that it must stay where it is. */
  readonly isShared: boolean;

  constructor({ stranger, isShared }: FoundSchema) {
    const remedy = 'Drop it, or give the cache another file.';
    super('ERR_CACHE_STORAGE', `SqliteStorage: "${stranger}" is not what this version of the cache makes. ${remedy}`);
    this.isShared = isShared;
  }
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
  /** Settles with the last write that was asked for; undefined: none is under way. */
  #lastWrite: Promise<unknown> | undefined;

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
    return this.#writeInTurn(operation, (database) => database.run(sql, values));
  }

  /**
   * The rows that a statement gives which writes.
   * @param prepare is called when its turn has come, which is taken now: what takes time to prepare is not overtaken.
   */
  change(operation: StorageOperation, prepare: () => MaybePromise<SqliteStatement>): Promise<readonly SqliteRow[]> {
    return this.#inTurn(async (patience) => {
      const { sql, values } = await prepare();
      return this.#use(operation, (database) => readAll(database, sql, values), patience);
    });
  }

  exec(operation: StorageOperation, sql: string): Promise<void> {
    return this.#writeInTurn(operation, (database) => database.exec(sql));
  }

  #writeInTurn<T>(operation: StorageOperation, work: (database: SqliteDatabase) => Promise<T>): Promise<T> {
    return this.#inTurn((patience) => this.#use(operation, work, patience));
  }

  /**
   * Writes take effect in the order in which they were asked for, also where each has to wait for another process: a
   * delete must not be overtaken by what it was to delete.
   */
  #inTurn<T>(write: (patience: Patience) => Promise<T>): Promise<T> {
    const patience = this.#patience();
    const writing = this.#lastWrite === undefined ? write(patience) : this.#lastWrite.then(() => write(patience));
    const ended = writing.then(ignore, ignore).then(() => {
      if (this.#lastWrite === ended) this.#lastWrite = undefined;
    });
    this.#lastWrite = ended;
    return writing;
  }

  /** Closes what is open, if anything was ever needed. */
  async close(): Promise<void> {
    const opened = await this.#opening?.catch(ignore);
    await opened?.database.close();
  }

  /** Waits while others write. Where tables are gone, and where the file is damaged, it begins with new ones. */
  async #use<T>(
    operation: StorageOperation,
    work: (database: SqliteDatabase) => Promise<T>,
    patience: Patience = this.#patience(),
  ): Promise<T> {
    await this.#look(operation);
    const opening = this.#open(operation);
    const { database } = await opening;
    try {
      return await patiently(() => work(database), patience);
    } catch (error) {
      if (lacksTables(error)) {
        await patiently(() => prepareTables(database), patience);
        return await patiently(() => work(database), patience);
      }
      const wasReplaced = this.#opening !== opening;
      const isDamaged = isCorrupt(error) && this.#target.kind === 'file';
      if (!wasReplaced && !isDamaged) throw error;
      if (!wasReplaced) this.#replace(operation, opening, error);
      const { database: fresh } = await this.#open(operation);
      return await patiently(() => work(fresh), patience);
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
    const patience = this.#patience();
    if (target.kind === 'database') {
      await patiently(() => prepareTables(target.database), patience);
      return { database: target.database, identity: undefined };
    }
    makeFolder(target.path);
    const problem = foreignContent(target.path);
    if (problem !== undefined) throw new CacheError('ERR_CACHE_STORAGE', `SqliteStorage: ${problem}`);
    makeFile(target.path);
    const identity = identify(target.path);
    try {
      return await patiently(() => openFile(target.driver, target.path), patience);
    } catch (error) {
      const isUnusable = isCorrupt(error) || (error instanceof StrangerError && !error.isShared);
      if (!isUnusable) throw error;
      this.#putAside(operation, target.path, identity, error);
      makeFile(target.path);
      return await patiently(() => openFile(target.driver, target.path), patience);
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
      await database.close().catch(ignore);
      if (damage !== undefined) this.#putAside(operation, target.path, identity, damage);
      return this.#connect(operation);
    });
    this.#opening = this.#remember(replacing);
  }

  #putAside(operation: StorageOperation, path: string, identity: bigint | undefined, cause: unknown): void {
    const aside = putAside(path, identity, Date.now());
    if (aside === undefined) return;
    const message = `${path} is damaged; it is now ${aside}, and the cache starts afresh`;
    this.#onReplaced(operation, new CacheError('ERR_CACHE_STORAGE', message, { cause }));
  }

  /** Of a call that is made now. */
  #patience(): Patience {
    return { endMs: elapsedMs() + this.#busyTimeoutMs };
  }
}

/** Until when a call waits for others who write. */
interface Patience {
  readonly endMs: number;
}

async function patiently<T>(work: () => Promise<T>, { endMs }: Patience): Promise<T> {
  for (let pauseMs = 1; ; pauseMs = Math.min(2 * pauseMs, MAX_PAUSE_MS)) {
    try {
      return await work();
    } catch (error) {
      if (!isBusy(error) || elapsedMs() >= endMs) throw error;
    }
    // Of varied length, so that two who wait for each other's locks do not go on meeting.
    await sleep(pauseMs * (0.5 + Math.random()));
  }
}

async function openFile(driver: SqliteDriver, path: string): Promise<Opened> {
  const database = await driver.open(path);
  try {
    await database.exec(SETTINGS);
    await prepareTables(database, path);
    return { database, identity: identify(path) };
  } catch (error) {
    await database.close().catch(ignore);
    throw error;
  }
}

/**
 * Sees that the tables are there and what they should be.
 * @param path of a file that was opened for the cache, which is set up where it is the cache's alone.
 * @throws StrangerError
 */
async function prepareTables(database: SqliteDatabase, path?: string): Promise<void> {
  const schema = examine(await readAll(database, SQL.objects));
  if (schema.stranger !== undefined) throw new StrangerError(schema);
  if (path !== undefined && !schema.isShared) closeToOthers(path);
  if (path !== undefined && schema.isEmpty) await database.exec(FILE_SETTINGS);
  if (!schema.isWhole) await database.exec(CREATE);
  // What cannot be dropped is in nobody's way.
  for (const drop of schema.drops) await database.exec(drop).catch(throwIfPassing);
}

function throwIfPassing(error: unknown): void {
  if (isBusy(error) || isCorrupt(error)) throw error;
}

const ignore = (): undefined => undefined;
