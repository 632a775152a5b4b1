/** The database of IndexedDbStorage: its stores, its connection, and promises around what it does. */
import { CacheError } from '../../api/errors.js';
import { elapsedMs, within } from '../../support/timers.js';

/** It goes up when records are written so that former versions misread them, and is part of the database's name. */
const FORMAT_VERSION = 1;

/** The stores of the database, and what each has under what key. */
export const STORES = {
  /** All of an entry but its body, by key and variant. */
  entries: 'entries',
  /** The body of an entry, by key and variant, so that listings and renewals do not move it. */
  bodies: 'bodies',
  /** The place of the last invalidation of a name (`resource …`, `key …`, `tag …`), and when that was. */
  invalidations: 'invalidations',
  /** One record: how many invalidations there were, from which on fences are believed, and how many bytes there are. */
  state: 'state',
  meta: 'meta',
} as const;
export type StoreName = keyof typeof STORES;
export const STATE = 'state';

/** A database that has not opened by then is left alone for a while; no storage is waited for as long by default. */
const OPENING_MS = 1000;
/** WebKit now and then lets an attempt to open a database lie for ever. After so long the next attempt is made. */
const RETRY_MS = 1000;

/** The indexes of each store, by the names of fields. That of a list has each of its members. */
const INDEXES: Readonly<Record<StoreName, readonly string[]>> = {
  entries: ['key', 'resource', 'tags', 'purgeAtMs', 'createdAtMs'],
  bodies: [],
  invalidations: ['atMs'],
  state: [],
  meta: [],
};
const NAMES = Object.keys(INDEXES) as StoreName[];
const isOfList = (index: string): boolean => index === 'tags';

/** Stores of other programs stay; what has the name of one of ours is made anew. */
const upgrade = (database: IDBDatabase): void => {
  for (const name of NAMES) {
    if (database.objectStoreNames.contains(name)) database.deleteObjectStore(name);
    const store = database.createObjectStore(name);
    for (const index of INDEXES[name]) store.createIndex(index, index, { multiEntry: isOfList(index) });
  }
};

/** Whether the stores and their indexes are those of this version: somebody may have made a database of this name. */
function isWhole(database: IDBDatabase): boolean {
  if (!NAMES.every((name) => database.objectStoreNames.contains(name))) return false;
  const transaction = database.transaction(NAMES, 'readonly');
  return NAMES.every((name) => {
    const store = transaction.objectStore(name);
    const isIndex = (index: string): boolean => {
      if (!store.indexNames.contains(index)) return false;
      const { keyPath, multiEntry, unique } = store.index(index);
      return keyPath === index && multiEntry === isOfList(index) && !unique;
    };
    return store.keyPath === null && !store.autoIncrement && INDEXES[name].every(isIndex);
  });
}

/** A transaction of which nothing is heard for so long is given up, so that the end does not wait for it for ever. */
const LONGEST_CALL_MS = 5000;

/** What a request of IndexedDB brings. */
export const resultOf = <T>(request: IDBRequest<T>): Promise<T> =>
  new Promise((resolve, reject) => {
    request.onsuccess = () => { resolve(request.result); };
    request.onerror = () => { reject(errorOf(request.error)); };
  });

const endOf = (transaction: IDBTransaction): Promise<void> =>
  new Promise((resolve, reject) => {
    transaction.oncomplete = () => { resolve(); };
    transaction.onabort = () => { reject(errorOf(transaction.error)); };
  });

const errorOf = (error: DOMException | null): Error => error ?? new Error('the transaction was aborted');

/** One transaction. All that it waits for is of itself, as it would end by itself otherwise. */
export type Work<T> = (store: (name: StoreName) => IDBObjectStore) => Promise<T>;

export class Connection {
  readonly #name: string;
  readonly #onRemade: () => void;
  #opening: Promise<IDBDatabase> | undefined;
  /** It has not opened in time, as where another tab keeps it from that, and may still do so. */
  #late: { readonly opening: Promise<IDBDatabase>; readonly sinceMs: number } | undefined;

  /** @param onRemade is told where a database of this name had other stores, which were made anew. */
  constructor(name: string, onRemade: () => void) {
    this.#name = `${name}#${FORMAT_VERSION}`;
    this.#onRemade = onRemade;
  }

  /**
   * Browsers close the connections of tabs in the background, and say so only to the next call: it is made once more
   * on a connection of its own then.
   */
  async run<T>(mode: IDBTransactionMode, stores: readonly StoreName[], work: Work<T>): Promise<T> {
    const opening = this.#open();
    const database = await this.#soon(opening);
    let transaction: IDBTransaction;
    try {
      transaction = database.transaction(stores, mode);
    } catch {
      this.#forget(opening);
      transaction = (await this.#soon(this.#open())).transaction(stores, mode);
    }
    const ended = endOf(transaction);
    // It rejects with the error of the request that failed; the end of the transaction says the same once more.
    ended.catch(() => undefined);
    const working = work((name) => transaction.objectStore(name));
    try {
      const [result] = await within(LONGEST_CALL_MS, Promise.all([working, ended]), 'process-may-end');
      return result;
    } catch (error) {
      // Where one request has ended the transaction, all others only say that it was ended.
      const cause = transaction.error ?? error;
      abort(transaction);
      throw cause;
    }
  }

  async close(): Promise<void> {
    const opening = this.#opening;
    if (opening === undefined) return;
    this.#abandon(opening);
    await within(OPENING_MS, opening).catch(() => undefined);
  }

  /** Waits for a database to open, and once that has taken too long, waits no more for it. */
  async #soon(opening: Promise<IDBDatabase>): Promise<IDBDatabase> {
    if (this.#late?.opening === opening) {
      throw new CacheError('ERR_CACHE_STORAGE', 'IndexedDbStorage: the database does not open');
    }
    try {
      return await within(OPENING_MS, opening);
    } catch (error) {
      // One that has failed is forgotten already.
      if (this.#opening === opening) this.#late = { opening, sinceMs: elapsedMs() };
      throw error;
    }
  }

  #open(): Promise<IDBDatabase> {
    const late = this.#late;
    if (late !== undefined && elapsedMs() - late.sinceMs > RETRY_MS) this.#abandon(late.opening);
    if (this.#opening !== undefined) return this.#opening;
    const opening = open(this.#name, this.#onRemade);
    this.#opening = opening;
    opening.then(
      (database) => {
        if (this.#late?.opening === opening) this.#late = undefined;
        database.onclose = () => { this.#forget(opening); };
        // Somebody wants to delete the database, and waits for all connections to end.
        database.onversionchange = () => {
          this.#forget(opening);
          database.close();
        };
      },
      () => { this.#forget(opening); },
    );
    return opening;
  }

  /** Ends it as soon as it is open: it would be in the way of those who change or delete the database. */
  #abandon(opening: Promise<IDBDatabase>): void {
    this.#forget(opening);
    if (this.#late?.opening === opening) this.#late = undefined;
    opening.then((database) => { database.close(); }, () => undefined);
  }

  #forget(opening: Promise<IDBDatabase>): void {
    if (this.#opening === opening) this.#opening = undefined;
  }
}

async function open(name: string, onRemade: () => void): Promise<IDBDatabase> {
  if (typeof indexedDB === 'undefined') {
    throw new CacheError('ERR_CACHE_STORAGE', 'IndexedDbStorage: there is no indexedDB here');
  }
  const database = await opened(name);
  if (isWhole(database)) return database;
  // Other tabs give way: see `onversionchange`.
  database.close();
  const remade = await opened(name, database.version + 1);
  onRemade();
  return remade;
}

function opened(name: string, version?: number): Promise<IDBDatabase> {
  const request = indexedDB.open(name, version);
  request.onupgradeneeded = () => { upgrade(request.result); };
  return resultOf(request);
}

function abort(transaction: IDBTransaction): void {
  try {
    transaction.abort();
  } catch {
    // It has ended already.
  }
}
