/** The storage in a browser's IndexedDB: across visits, and for all tabs of an origin at once. */
import type {
  CacheStorage,
  EvictionListener,
  Fence,
  ProblemListener,
  RenewedEntry,
  StorageReading,
  StorageRevisions,
  StorageSelector,
  StoredEntry,
  StoredEntryInfo,
} from '../../api/storage.js';
import { CLOCK_STEP_MS } from '../../rfc9111/freshness.js';
import { Calls } from '../calls.js';
import { ClosableStorage } from '../closed.js';
import { repeated } from '../repeated.js';
import { malformed } from '../record/part.js';
import { Reports } from '../reports.js';
import { bytesOf } from '../../support/exact-bytes.js';
import { Connection, resultOf, STATE, type StoreName, type Work } from './database.js';
import { type IndexedDbStorageOptions, resolveIndexedDbOptions } from './options.js';
import { owns } from '../../support/owns.js';

/** What counts towards `maxBytes` for the places of an entry in the stores and their indexes. */
const ENTRY_OVERHEAD_BYTES = 500;
/** Entries read at once by a listing. */
const PAGE = 200;
/** So long an invalidation is remembered one by one: no request is under way longer. */
const REMEMBERED_MS = 3_600_000;
/** After the limit is exceeded, so much of it is left. */
const ROOM = 0.9;

const ALL_STORES: readonly StoreName[] = ['entries', 'bodies', 'invalidations', 'state'];

/** What stands in `entries`. */
interface Row extends StoredEntryInfo {
  /** When the look-up was made that led to it; all tabs have one clock. */
  readonly lookedUpAtMs: number;
}

/** What stands in `state`. */
interface State {
  readonly sequence: number;
  readonly floor: number;
  readonly bytes: number;
}

interface IndexedDbFence {
  /** How many invalidations there had been. */
  readonly sequence: number;
  readonly seen: readonly string[];
  readonly atMs: number;
}

type Stores = Parameters<Work<unknown>>[0];

/**
 * Keeps entries in IndexedDB. Each call is one transaction, so that it is done as a whole or not at all, whichever tabs
 * do what at once. Where the browser has no room, what was stored first goes, and the call is tried once more.
 *
 * The browser may delete the whole database: Safari does so after seven days without a visit, and private windows when
 * they are closed. Entries stand in it in the clear, as all data of a site does.
 *
 * @throws CacheError `ERR_CACHE_OPTION` from the constructor. Where there is no IndexedDB, each call rejects.
 */
export class IndexedDbStorage extends ClosableStorage implements CacheStorage {
  readonly name = 'indexeddb';
  readonly #connection: Connection;
  readonly #maxBytes: number;
  readonly #reports = new Reports('IndexedDbStorage');
  readonly #calls = new Calls(this.name, this.#reports);
  /** What keeps the database from being read, and from being written, at present. */
  readonly #outages = new Map<IDBTransactionMode, unknown>();
  /** False once room was made and nothing could be stored in it. */
  #isRoomWorthMaking = true;

  /** @param options the name of the database, or options. */
  constructor(options: string | IndexedDbStorageOptions = {}) {
    super();
    const { database, maxBytes } = resolveIndexedDbOptions(options);
    this.#connection = new Connection(database, () => {
      this.#reports.damage('get', malformed('the database has other stores than those of the cache'));
    });
    this.#maxBytes = maxBytes;
  }

  get(key: string): Promise<StorageReading> {
    return this.#run('readonly', ['entries', 'bodies', 'state'], async (store) => {
      const { sequence } = await stateOf(store);
      const rows = await rowsOf(store, key);
      const found = await Promise.all(rows.map((row) => entryOf(store, row)));
      const entries = found.filter((each) => each !== undefined);
      for (const row of rows) if (entries.every(({ variant }) => variant !== row.variant)) this.#dropDamaged(row);
      return { entries, fence: fenceOf({ sequence, seen: revisionsOf(rows), atMs: Date.now() }) };
    });
  }

  /** Nobody waits for it: who finds it once more finds it absent again. */
  #dropDamaged(row: Row): void {
    this.#reports.damage('get', malformed('its body is missing, or is not whole'));
    this.#calls.goOn('get', 'what is damaged could not be removed', () =>
      this.#transact('readwrite', ALL_STORES, async (store) => {
        const there = await rowAt(store, row);
        return there?.revision === row.revision ? remove(store, [there]) : 0;
      }));
  }

  revisions(key: string): Promise<StorageRevisions> {
    return this.#run('readonly', ['entries', 'state'], async (store) => {
      const { sequence } = await stateOf(store);
      const rows = await rowsOf(store, key);
      const fence = fenceOf({ sequence, seen: revisionsOf(rows), atMs: Date.now() });
      return { entries: rows.map(infoOf), fence };
    });
  }

  set(entry: StoredEntry, fence?: Fence): Promise<boolean | 'too-large'> {
    const makeRoom = (): Promise<void> => this.#makeRoom(entry.createdAtMs);
    return this.#calls.run(() => this.#withRoom(() => this.#put(entry, fence), makeRoom));
  }

  async #put(entry: StoredEntry, fence: Fence | undefined): Promise<boolean | 'too-large'> {
    const going: StoredEntryInfo[] = [];
    const result = await this.#connection.run('readwrite', ALL_STORES, async (store) => {
      const former = await rowAt(store, entry);
      if (!(await admits(store, entry, fence)) || isOlder(fence, former)) return false;
      if (former !== undefined) await remove(store, [former]);
      const row = rowOf(entry, entry.body.byteLength, atOf(fence));
      if (sizeOf(row) > this.#maxBytes) {
        going.push(infoOf(row));
        return 'too-large';
      }
      store('entries').put(row, addressOf(row));
      // A body that is a view would be stored with all of its buffer, and `slice` of a Buffer gives another view.
      store('bodies').put(new Uint8Array(entry.body).buffer, addressOf(row));
      if ((await count(store, sizeOf(row))) <= this.#maxBytes) return true;
      const bytes = await recount(store);
      const rows = bytes > this.#maxBytes ? await oldest(store, bytes - this.#maxBytes * ROOM, entry.createdAtMs) : [];
      await remove(store, rows);
      going.push(...rows.map(infoOf));
      return true;
    });
    this.#isRoomWorthMaking = true;
    this.#tellEvicted(going);
    return result;
  }

  /** The older half goes, once until something is stored again: or else a full site would lose everything. */
  async #makeRoom(nowMs: number): Promise<void> {
    if (!this.#isRoomWorthMaking) return;
    this.#isRoomWorthMaking = false;
    this.#tellEvicted(await this.#removeAlone(async (store) => {
      const { bytes } = await stateOf(store);
      return oldest(store, bytes / 2, nowMs);
    }));
  }

  /** Removes and writes nothing, not even the count, as a browser without room ends transactions that write. */
  async #removeAlone(select: (store: Stores) => Promise<readonly Row[]>): Promise<readonly StoredEntryInfo[]> {
    const rows = await this.#connection.run('readwrite', ALL_STORES, async (store) => {
      const selection = await select(store);
      drop(store, selection);
      return selection;
    });
    return rows.map(infoOf);
  }

  #tellEvicted(entries: readonly StoredEntryInfo[]): void {
    for (const entry of entries) this.#reports.evicted(entry);
  }

  touch(entry: RenewedEntry, fence?: Fence): Promise<boolean> {
    return this.#run('readwrite', ALL_STORES, async (store) => {
      const former = await rowAt(store, entry);
      if (former?.revision !== entry.revision || !(await admits(store, entry, fence))) return false;
      const row = rowOf(entry, former.bodyBytes, Math.max(atOf(fence), former.lookedUpAtMs));
      store('entries').put(row, addressOf(row));
      await count(store, sizeOf(row) - sizeOf(former));
      return true;
    });
  }

  delete(selector: StorageSelector): Promise<number> {
    const removeAlone = (): Promise<unknown> => this.#removeAlone((store) => selected(store, selector));
    return this.#calls.run(() => this.#withRoom(() => this.#connection.run('readwrite', ALL_STORES, async (store) => {
      await invalidate(store, selector);
      return remove(store, await selected(store, selector));
    }), removeAlone));
  }

  deleteExpired(nowMs: number): Promise<number> {
    return this.#run('readwrite', ALL_STORES, async (store) => {
      const due = await allOf(store('entries').index('purgeAtMs'), IDBKeyRange.upperBound(nowMs));
      // What was stored while a clock was ahead would be kept for as long as the clock was wrong.
      const ahead = IDBKeyRange.lowerBound(nowMs + CLOCK_STEP_MS, true);
      const early = await allOf(store('entries').index('createdAtMs'), ahead);
      return remove(store, [...due, ...early.filter(({ purgeAtMs }) => purgeAtMs > nowMs)]);
    });
  }

  clear(): Promise<void> {
    const empty = (store: Stores): void => {
      for (const name of ['entries', 'bodies'] as const) store(name).clear();
    };
    const emptyAlone = (): Promise<void> =>
      this.#connection.run('readwrite', ['entries', 'bodies'], (store) => Promise.resolve(empty(store)));
    return this.#calls.run(() => this.#withRoom(() => this.#connection.run('readwrite', ALL_STORES, async (store) => {
      await invalidate(store, { underWay: true });
      empty(store);
      await count(store, -Infinity);
    }), emptyAlone));
  }

  entries(): AsyncIterable<StoredEntryInfo> {
    let after: IDBValidKey | undefined;
    return this.#calls.pages(async () => {
      const range = after === undefined ? undefined : IDBKeyRange.lowerBound(after, true);
      const page = await this.#transact('readonly', ['entries'], async (store) =>
        resultOf(store('entries').getAll(range, PAGE) as IDBRequest<Row[]>),
      );
      const last = page.at(-1);
      if (last === undefined) return undefined;
      after = addressOf(last);
      return page.map(infoOf);
    });
  }

  meta(name: string, makeIfAbsent: () => string): Promise<string> {
    return this.#run('readwrite', ['meta'], async (store) => {
      const known = (await resultOf(store('meta').get(name))) as unknown;
      if (typeof known === 'string') return known;
      const made = makeIfAbsent();
      store('meta').put(made, name);
      return made;
    });
  }

  onEvicted(listener: EvictionListener): () => void {
    return this.#reports.onEvicted(listener);
  }

  onProblem(listener: ProblemListener): () => void {
    return this.#reports.onProblem(listener);
  }

  close(): Promise<void> {
    return this.#calls.end(() => this.#connection.close());
  }

  #run<T>(mode: IDBTransactionMode, stores: readonly StoreName[], work: Work<T>): Promise<T> {
    return this.#calls.run(() => this.#transact(mode, stores, work));
  }

  /** Where the browser has no more room for a write, some is made, and the write is tried once more. */
  #withRoom<T>(write: () => Promise<T>, makeRoom: () => Promise<unknown>): Promise<T> {
    return this.#outageOf('readwrite', async () => {
      try {
        return await write();
      } catch (error) {
        if (!isFull(error)) throw error;
        await makeRoom();
        return write();
      }
    });
  }

  #transact<T>(mode: IDBTransactionMode, stores: readonly StoreName[], work: Work<T>): Promise<T> {
    return this.#outageOf(mode, () => this.#connection.run(mode, stores, work));
  }

  async #outageOf<T>(mode: IDBTransactionMode, work: () => Promise<T>): Promise<T> {
    try {
      const result = await work();
      this.#outages.delete(mode);
      return result;
    } catch (error) {
      throw this.#outage(mode, error);
    }
  }

  /** Gives the error of an outage, which is the first one for as long as it lasts. */
  #outage(mode: IDBTransactionMode, error: unknown): unknown {
    if (this.#outages.has(mode)) return repeated(this.#outages.get(mode));
    this.#outages.set(mode, error);
    return error;
  }
}

const addressOf = ({ key, variant }: { readonly key: string; readonly variant: string }): string[] => [key, variant];

const sizeOf = ({ head, bodyBytes }: Row): number => head.length + bodyBytes + ENTRY_OVERHEAD_BYTES;

const revisionsOf = (rows: readonly Row[]): readonly string[] => rows.map(({ revision }) => revision);

const fenceOf = (fence: IndexedDbFence): Fence => fence as unknown as Fence;
const partsOf = (fence: Fence | undefined): IndexedDbFence | undefined =>
  fence as unknown as IndexedDbFence | undefined;
const atOf = (fence: Fence | undefined): number => partsOf(fence)?.atMs ?? Date.now();

const rowOf = (fields: RenewedEntry, bodyBytes: number, lookedUpAtMs: number): Row => {
  const { key, resource, variant, revision, tags, createdAtMs, expiresAtMs, purgeAtMs, head } = fields;
  const times = { createdAtMs, expiresAtMs, purgeAtMs };
  return { key, resource, variant, revision, tags: [...tags], ...times, head, bodyBytes, lookedUpAtMs };
};

const infoOf = ({ lookedUpAtMs: _lookedUpAtMs, ...info }: Row): StoredEntryInfo => info;

/** `undefined`: the body is not what was stored with the row. */
async function entryOf(store: Stores, row: Row): Promise<StoredEntry | undefined> {
  const body = bytesOf(await resultOf(store('bodies').get(addressOf(row))));
  const { bodyBytes, ...fields } = infoOf(row);
  return body?.byteLength === bodyBytes ? { ...fields, body } : undefined;
}

const allOf = (source: IDBIndex, query: IDBValidKey | IDBKeyRange): Promise<Row[]> =>
  resultOf(source.getAll(query) as IDBRequest<Row[]>);

const rowsOf = (store: Stores, key: string): Promise<Row[]> => allOf(store('entries').index('key'), key);

const rowAt = (store: Stores, place: { readonly key: string; readonly variant: string }): Promise<Row | undefined> =>
  resultOf(store('entries').get(addressOf(place)) as IDBRequest<Row | undefined>);

async function selected(store: Stores, selector: StorageSelector): Promise<readonly Row[]> {
  if (owns(selector, 'underWay')) return [];
  const entries = store('entries');
  if (owns(selector, 'tag')) return allOf(entries.index('tags'), selector.tag);
  if (!owns(selector, 'key')) return allOf(entries.index('resource'), selector.resource);
  const { key, variant, revision } = selector;
  const isMeant = (row: Row): boolean =>
    row.variant === (variant ?? row.variant) && row.revision === (revision ?? row.revision);
  return (await rowsOf(store, key)).filter(isMeant);
}

/** What is useless, then what was stored first, until it is so many bytes. */
async function oldest(store: Stores, wantedBytes: number, nowMs: number): Promise<readonly Row[]> {
  const entries = store('entries');
  const due = await allOf(entries.index('purgeAtMs'), IDBKeyRange.upperBound(nowMs));
  const going = new Map(due.map((row) => [JSON.stringify(addressOf(row)), row]));
  let bytes = due.reduce((sum, row) => sum + sizeOf(row), 0);
  const inOrder = entries.index('createdAtMs').openCursor();
  for (let cursor = await resultOf(inOrder); cursor !== null && bytes < wantedBytes; cursor = await resultOf(inOrder)) {
    const row = cursor.value as Row;
    const name = JSON.stringify(addressOf(row));
    if (!going.has(name)) bytes += sizeOf(row);
    going.set(name, row);
    cursor.continue();
  }
  return [...going.values()];
}

function drop(store: Stores, rows: readonly Row[]): void {
  for (const row of rows) {
    store('entries').delete(addressOf(row));
    store('bodies').delete(addressOf(row));
  }
}

async function remove(store: Stores, rows: readonly Row[]): Promise<number> {
  drop(store, rows);
  if (rows.length > 0) await count(store, -rows.reduce((bytes, row) => bytes + sizeOf(row), 0));
  return rows.length;
}

async function stateOf(store: Stores): Promise<State> {
  const state = (await resultOf(store('state').get(STATE))) as State | undefined;
  return state ?? { sequence: 0, floor: 0, bytes: 0 };
}

/** Adds to the bytes that there are, and says how many there are now. */
async function count(store: Stores, bytes: number): Promise<number> {
  const state = await stateOf(store);
  const now = Math.max(0, state.bytes + bytes);
  store('state').put({ ...state, bytes: now }, STATE);
  return now;
}

/** Looks how many bytes there are: what was removed where nothing could be written is not counted. */
async function recount(store: Stores): Promise<number> {
  const rows = await resultOf(store('entries').getAll() as IDBRequest<Row[]>);
  const bytes = rows.reduce((sum, row) => sum + sizeOf(row), 0);
  store('state').put({ ...(await stateOf(store)), bytes }, STATE);
  return bytes;
}

/** What an entry can be invalidated by. */
const namesOf = ({ key, resource, tags }: RenewedEntry): string[] => [
  `key ${key}`,
  `resource ${resource}`,
  ...tags.map((tag) => `tag ${tag}`),
];

/** The name of what a deletion invalidates; it is undefined where it says nothing of what is under way. */
function nameOf(selector: Exclude<StorageSelector, { underWay: true }>): string | undefined {
  if (owns(selector, 'tag')) return `tag ${selector.tag}`;
  if (!owns(selector, 'key')) return `resource ${selector.resource}`;
  return selector.variant === undefined && selector.revision === undefined ? `key ${selector.key}` : undefined;
}

async function invalidate(store: Stores, selector: StorageSelector): Promise<void> {
  const name = owns(selector, 'underWay') ? undefined : nameOf(selector);
  if (name === undefined && !owns(selector, 'underWay')) return;
  const state = await stateOf(store);
  const sequence = state.sequence + 1;
  const floor = name === undefined ? sequence : await forget(store, state.floor);
  if (name !== undefined) store('invalidations').put({ sequence, atMs: Date.now() }, name);
  else store('invalidations').clear();
  store('state').put({ ...state, sequence, floor }, STATE);
}

/** Forgets what is long past. Fences from before it are not believed then, whatever the clock was. */
async function forget(store: Stores, floor: number): Promise<number> {
  let highest = floor;
  const past = store('invalidations').index('atMs').openCursor(IDBKeyRange.upperBound(Date.now() - REMEMBERED_MS));
  for (let cursor = await resultOf(past); cursor !== null; cursor = await resultOf(past)) {
    highest = Math.max(highest, (cursor.value as { sequence: number }).sequence);
    cursor.delete();
    cursor.continue();
  }
  return highest;
}

/** It is true where nothing that the entry depends on was invalidated since the look-up. */
async function admits(store: Stores, entry: RenewedEntry, fence: Fence | undefined): Promise<boolean> {
  const parts = partsOf(fence);
  if (parts === undefined) return true;
  const { floor } = await stateOf(store);
  if (!(parts.sequence >= floor)) return false;
  for (const name of namesOf(entry)) {
    const last = (await resultOf(store('invalidations').get(name))) as { sequence: number } | undefined;
    if (last !== undefined && last.sequence > parts.sequence) return false;
  }
  return true;
}

/** It is true where an answer is there that the look-up has not seen, and that was looked up later. */
function isOlder(fence: Fence | undefined, former: Row | undefined): boolean {
  const parts = partsOf(fence);
  if (parts === undefined || former === undefined || parts.seen.includes(former.revision)) return false;
  return former.lookedUpAtMs > parts.atMs;
}

/** The browser has no more room for the site. */
const isFull = (error: unknown): boolean => (error as { name?: unknown } | null)?.name === 'QuotaExceededError';
