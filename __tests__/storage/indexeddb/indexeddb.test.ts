/** IndexedDbStorage over an IndexedDB for Node: the contract, its limit, and connections that the browser ends. */
import 'fake-indexeddb/auto';
import axios from 'axios';
import { MemoryStorage, setupCache, type CacheStorage } from '../../../lib/index.js';
import { BroadcastBus, IndexedDbStorage } from '../../../lib/indexeddb.js';
import { TieredStorage } from '../../../lib/tiered.js';
import { sample, withoutBody } from '../../../lib/storage/contract/rule.js';
import { startCached } from '../../support/cached-instance.js';
import { storedUnder } from '../../support/entry.js';
import { describeStorage } from '../contract/describe-storage.js';

let databases = 0;
const names = new WeakMap<CacheStorage, string>();

function open(name: string, maxBytes?: number): IndexedDbStorage {
  const storage = new IndexedDbStorage(maxBytes === undefined ? name : { database: name, maxBytes });
  names.set(storage, name);
  return storage;
}
const newName = (): string => `test ${(databases += 1)}`;
const create = (): IndexedDbStorage => open(newName());
const again = (storage: CacheStorage): IndexedDbStorage => open(names.get(storage) ?? '');

/** Changes records as no version of this package would. */
async function spoil(
  storage: CacheStorage,
  change: (store: IDBObjectStore) => void,
  name = 'state',
): Promise<IndexedDbStorage> {
  const request = indexedDB.open(`${names.get(storage)}#1`);
  const database = await new Promise<IDBDatabase>((resolve, reject) => {
    request.onsuccess = () => { resolve(request.result); };
    request.onerror = () => { reject(request.error ?? new Error('it cannot be opened')); };
  });
  const transaction = database.transaction(name, 'readwrite');
  const done = new Promise((resolve) => { transaction.oncomplete = resolve; });
  change(transaction.objectStore(name));
  await done;
  database.close();
  return again(storage);
}

describeStorage('IndexedDB', create, {
  reopen: again,
  reopenFenced: again,
  reopenAtomic: again,
  reopenWithRevisions: again,
  openOtherNamespace: () => create(),
  reopenLimited: (storage) => open(names.get(storage) ?? '', 50_000),
});

describe('maxBytes', () => {
  test('what was stored first goes first, and is told', async () => {
    const storage = open(newName(), 10_000);
    const evicted: string[] = [];
    storage.onEvicted(({ key }, reason) => evicted.push(`${key} for ${reason}`));
    for (const key of ['a', 'b', 'c', 'd'])
      await storage.set(sample({ key, createdAtMs: key.charCodeAt(0), body: new Uint8Array(3000) }));
    expect(evicted).toEqual(['a for bytes', 'b for bytes']);
    expect(await storedUnder(storage, 'd')).toHaveLength(1);
  });

  test('what has expired goes before what was stored first', async () => {
    const storage = open(newName(), 10_000);
    const past = { createdAtMs: 200, purgeAtMs: 300 };
    await storage.set(sample({ key: 'first', createdAtMs: 100, body: new Uint8Array(3000) }));
    await storage.set(sample({ key: 'expired', ...past, body: new Uint8Array(3000) }));
    await storage.set(sample({ key: 'last', createdAtMs: 400, body: new Uint8Array(3000) }));
    expect(await storedUnder(storage, 'first')).toHaveLength(1);
    expect(await storedUnder(storage, 'expired')).toEqual([]);
  });

  test('is counted over touches, deletes and clear', async () => {
    const storage = open(newName(), 10_000);
    const large = (key: string) => sample({ key, body: new Uint8Array(4000) });
    for (let round = 0; round < 5; round += 1) {
      await storage.set(large('a'));
      await storage.touch(withoutBody({ ...large('a'), head: 'x'.repeat(1000 + round) }));
      await storage.delete({ key: 'a', resource: 'resource' });
      await storage.set(large('a'));
      await storage.clear();
    }
    await storage.set(large('a'));
    await storage.set(large('b'));
    expect(await storedUnder(storage, 'a')).toHaveLength(1);
  });
});

type Put = IDBObjectStore['put'];
const realPut = Object.getOwnPropertyDescriptor(IDBObjectStore.prototype, 'put')?.value as Put;

test.each<[string, Put]>([
  ['as the call throws', () => { throw new DOMException('no room', 'QuotaExceededError'); }],
  ['as the request fails, which ends all others of the transaction', function (this: IDBObjectStore, ...given) {
    const request = realPut.apply(this, given);
    (this.transaction as unknown as { _abort(name: string): void })._abort('QuotaExceededError');
    return request;
  }],
])('where the site has no more room, %s, the oldest half goes, and the call is made once more', async (_how, full) => {
  const storage = create();
  for (const key of ['a', 'b', 'c', 'd']) await storage.set(sample({ key, createdAtMs: key.charCodeAt(0) }));
  const put = jest.spyOn(IDBObjectStore.prototype, 'put').mockImplementationOnce(full);
  try {
    expect(await storage.set(sample({ key: 'e' }))).toBe(true);
  } finally {
    put.mockRestore();
  }
  expect(await storedUnder(storage, 'a')).toEqual([]);
  expect(await storedUnder(storage, 'e')).toHaveLength(1);
});

test('where room that was made does not help, the newer half stays, and no more of it goes', async () => {
  const storage = create();
  const keys = ['a', 'b', 'c', 'd'];
  for (const key of keys) await storage.set(sample({ key, createdAtMs: key.charCodeAt(0) }));
  const evicted: string[] = [];
  storage.onEvicted?.(({ key }) => evicted.push(key));
  const put = jest.spyOn(IDBObjectStore.prototype, 'put');
  put.mockImplementation(() => { throw new DOMException('no room', 'QuotaExceededError'); });
  try {
    for (let time = 0; time < 3; time += 1) await expect(storage.set(sample({ key: 'e' }))).rejects.toThrow('no room');
    await expect(storage.delete({ key: 'c', resource: 'resource' })).rejects.toThrow('no room');
  } finally {
    put.mockRestore();
  }
  expect(evicted).toEqual(['a', 'b']);
  const found = await Promise.all(keys.map(async (key) => (await storedUnder(storage, key)).length));
  // What could not be marked as deleted is gone all the same.
  expect(found).toEqual([0, 0, 0, 1]);
  expect(await storage.set(sample({ key: 'e' }))).toBe(true);
});

/** Databases that somebody else has made, or a version of this package whose stores were others. */
const STRANGE: Readonly<Record<string, (database: IDBDatabase) => void>> = {
  'no store': () => undefined,
  'one store of another program': (database) => { database.createObjectStore('things', { keyPath: 'id' }); },
  'an entry store without indexes': (database) => {
    for (const name of ['entries', 'bodies', 'invalidations', 'state', 'meta']) database.createObjectStore(name);
  },
  'an entry store with keys of its own': (database) => {
    for (const name of ['bodies', 'invalidations', 'state', 'meta']) database.createObjectStore(name);
    const entries = database.createObjectStore('entries', { keyPath: 'key', autoIncrement: true });
    for (const index of ['key', 'resource', 'tags', 'purgeAtMs', 'createdAtMs']) entries.createIndex(index, index);
  },
};

test.each(Object.entries(STRANGE))('a database of our name with %s is made anew, which one event tells', async (
  _what, make,
) => {
  const name = newName();
  const request = indexedDB.open(`${name}#1`, 7);
  request.onupgradeneeded = () => { make(request.result); };
  await new Promise((resolve) => { request.onsuccess = resolve; });
  const before = [...request.result.objectStoreNames];
  request.result.onversionchange = () => { request.result.close(); };
  const storage = open(name);
  const problems: unknown[] = [];
  storage.onProblem?.((_operation, { code }) => problems.push(code));
  expect(await storedUnder(storage, 'key')).toEqual([]);
  expect(await storage.set(sample({ tags: ['tag'] }))).toBe(true);
  expect(await storage.delete({ tag: 'tag' })).toBe(1);
  expect(await storage.set(sample())).toBe(true);
  expect(await storedUnder(open(name), 'key')).toHaveLength(1);
  expect(problems).toEqual(['ERR_CACHE_RECORD']);
  const after = indexedDB.open(`${name}#1`);
  await new Promise((resolve) => { after.onsuccess = resolve; });
  expect([...after.result.objectStoreNames]).toEqual(expect.arrayContaining(before));
  after.result.close();
});

describe('a connection that is no more', () => {
  test('as browsers close it in the background: the next call opens another', async () => {
    const transaction = jest.spyOn(IDBDatabase.prototype, 'transaction');
    const storage = create();
    await storage.set(sample());
    transaction.mockImplementationOnce(() => { throw new DOMException('closing', 'InvalidStateError'); });
    try {
      expect(await storedUnder(storage, 'key')).toHaveLength(1);
    } finally {
      transaction.mockRestore();
    }
  });

  test('as somebody deletes the database: nothing waits for the cache, which begins anew', async () => {
    const storage = create();
    await storage.set(sample());
    const request = indexedDB.deleteDatabase(`${names.get(storage)}#1`);
    await new Promise((resolve) => { request.onsuccess = resolve; });
    expect(await storedUnder(storage, 'key')).toEqual([]);
    expect(await storage.set(sample())).toBe(true);
    expect(await storedUnder(storage, 'key')).toHaveLength(1);
  });

  test('where there is no IndexedDB requests go to the server', async () => {
    const before = globalThis.indexedDB;
    Reflect.deleteProperty(globalThis, 'indexedDB');
    try {
      const { http, events } = await startCached(
        { '/': { headers: { 'Cache-Control': 'max-age=60' }, body: { ok: true } } },
        { storage: create() },
      );
      expect((await http.get('/')).data).toEqual({ ok: true });
      expect(events).toContainEqual(expect.objectContaining({ type: 'storage-error' }));
    } finally {
      Object.assign(globalThis, { indexedDB: before });
    }
  });
});

test('a clock that jumps ahead makes no fence valid again', async () => {
  const storage = create();
  const { fence } = await storage.get('key');
  await storage.delete({ resource: 'resource' });
  const clock = jest.spyOn(Date, 'now').mockReturnValue(Date.now() + 10 * 3_600_000);
  try {
    await storage.delete({ resource: 'another' });
  } finally {
    clock.mockRestore();
  }
  expect(await storage.set(sample(), fence)).toBe(false);
});

test('a state that is lost brings nothing back', async () => {
  const storage = create();
  await storage.set(sample());
  const other = await spoil(storage, (store) => { store.clear(); });
  expect(await other.delete({ resource: 'resource' })).toBe(1);
  expect(await storedUnder(storage, 'key')).toEqual([]);
});

test.each<[string, (bodies: IDBObjectStore) => void]>([
  ['is missing', (bodies) => { bodies.clear(); }],
  ['is cut', (bodies) => { bodies.put(new ArrayBuffer(1), ['key', '']); }],
  ['is no bytes', (bodies) => { bodies.put(3, ['key', '']); }],
])('an entry whose body %s is absent, and told once', async (_what, change) => {
  const storage = create();
  await storage.set(sample());
  const other = await spoil(storage, change, 'bodies');
  const problems: string[] = [];
  other.onProblem((operation, { code }) => { problems.push(`${operation} ${code}`); });
  expect(await storedUnder(other, 'key')).toEqual([]);
  await other.delete({ tag: 'none' });
  expect(await storedUnder(other, 'key')).toEqual([]);
  expect(problems).toEqual(['get ERR_CACHE_RECORD']);
  expect(await other.set(sample())).toBe(true);
  expect(await storedUnder(other, 'key')).toEqual([sample()]);
});

test('tabs with fronts of their own hear of each other by a BroadcastChannel', async () => {
  const name = newName();
  const make = () => new TieredStorage(new MemoryStorage(), open(name), { bus: new BroadcastBus(name) });
  let text = 'old';
  const { http, origin } = await startCached(() => ({ headers: { 'Cache-Control': 'max-age=60' }, body: { text } }), {
    storage: make(),
  });
  const other = setupCache(axios.create({ baseURL: origin.url, proxy: false }), { storage: make() });
  await http.get('/thing');
  await http.get('/thing');
  text = 'new';
  await other.put('/thing');
  const read = async (): Promise<string> => (await http.get<{ text: string }>('/thing')).data.text;
  for (let turns = 0; (await read()) === 'old' && turns < 200; turns += 1)
    await new Promise((resolve) => { setTimeout(resolve, 5); });
  expect(await read()).toBe('new');
  await other.cache.close();
});

test.each<[string, unknown, string]>([
  ['a name that is none', { database: 7 }, 'database'],
  ['an empty name', '', 'database'],
  ['a limit that is none', { maxBytes: 0 }, 'maxBytes'],
  ['an unknown option', { ttl: 1 }, 'ttl'],
])('%s is refused, with the name of the option', (_what, given, option) => {
  expect(() => new IndexedDbStorage(given as string)).toThrow(
    expect.objectContaining({ code: 'ERR_CACHE_OPTION', option }) as Error,
  );
});
