/** Whatever a storage does, requests get the origin's answer; and no secret is ever seen. */
import { decodeHead, encodeHead } from '../../lib/entries/head.js';
import axios, { type AxiosRequestConfig } from 'axios';
import type { CachedAxiosInstance } from '../../lib/api/instance.js';
import type { CacheEvent } from '../../lib/api/events.js';
import type { CacheOptions } from '../../lib/api/options.js';
import { setupCache } from '../../lib/setup-cache.js';
import { MemoryStorage } from '../../lib/storage/memory/memory.js';
import type { CacheStorage, MaybePromise, StorageReading, StoredEntry } from '../../lib/api/storage.js';
import { manualClock } from '../support/clock.js';
import { gate } from '../support/exchange.js';
import { disconnect, inTurn, type Origin, type Reply, type Routes, startOrigin, withEtag } from '../support/origin.js';
import { storedUnder } from '../support/entry.js';

let origin: Origin;
afterEach(() => origin.close());

const clock = manualClock();
const CACHING: Reply = { headers: { 'cache-control': 'max-age=60', etag: '"1"' }, body: { text: 'one' } };

interface Client {
  readonly client: CachedAxiosInstance;
  readonly events: readonly CacheEvent[];
  /** `operation code` of each failure that was told. */
  readonly failures: () => string[];
}

async function clientOf(routes: Routes, options: CacheOptions = {}): Promise<Client> {
  origin = await startOrigin(routes);
  const events: CacheEvent[] = [];
  const onEvent = (event: CacheEvent): void => void events.push(event);
  const instance = axios.create({ baseURL: origin.url, proxy: false });
  const client = setupCache(instance, { now: clock.now, storageTimeout: '50ms', onEvent, ...options });
  const failures = (): string[] =>
    events.flatMap((event) => (event.type === 'storage-error' ? [`${event.operation} ${event.error.code}`] : []));
  return { client, events, failures };
}

/** A storage in memory that leaves the process as far as its user can tell, some of whose methods do something else. */
const storageWith = (methods: Partial<Record<keyof CacheStorage, unknown>>): CacheStorage =>
  Object.assign(new MemoryStorage(), { inProcess: false }, methods as Partial<CacheStorage>);

/** What else than an Error a storage may reject with. */
const A_TEXT = 'broken' as unknown as Error;
const NOTHING = undefined as unknown as Error;

/** How a method can go wrong. */
const FAULTS: Readonly<Record<string, () => unknown>> = {
  'throws at once': () => {
    throw new Error('no connection');
  },
  'gives nothing, not even a promise': () => undefined,
  'resolves with nonsense': () => Promise.resolve({ then: 'not' }),
  'rejects with a text': () => Promise.reject(A_TEXT),
  'rejects with nothing': () => Promise.reject(NOTHING),
  'hangs for ever': () => new Promise(() => undefined),
};

describe.each(['get', 'set', 'delete', 'touch', 'meta'] as const)('a storage whose %s', (method) => {
  test.each(Object.entries(FAULTS))('%s: the origin’s answer, and an event', async (fault, act) => {
    const answer = method === 'touch' ? withEtag('"1"', CACHING) : CACHING;
    const { client, failures } = await clientOf(
      { 'GET /thing': answer, 'PUT /thing': { status: 204 } },
      { storage: storageWith({ [method]: act }) },
    );
    for (const step of [0, 1, 2]) {
      const { status, data } = await client.get<unknown>('/thing');
      expect([status, data]).toEqual([200, { text: 'one' }]);
      if (step === 1) clock.advance(100);
    }
    expect((await client.put('/thing')).status).toBe(204);
    expect((await client.get<unknown>('/thing')).data).toEqual({ text: 'one' });
    // Nothing is asked of what `set` resolves with.
    const isNoFault = method === 'set' && /gives|resolves/.test(fault);
    const code = fault.includes('hangs') ? 'ERR_CACHE_TIMEOUT' : 'ERR_CACHE_STORAGE';
    expect(new Set(failures())).toEqual(new Set(isNoFault ? [] : [`${method} ${code}`]));
  });
});

describe('what a storage gives back', () => {
  const text = (value: string): Uint8Array => new TextEncoder().encode(value);
  /** The client's own entry, spoilt; `undefined` = not an entry at all. */
  /** A head that calls the body JSON, whatever it is. */
  const headOfValue = ({ head }: StoredEntry): string => {
    const decoded = decodeHead(head);
    if (decoded === undefined) throw new TypeError('not a head');
    return encodeHead({ ...decoded.head, bodyKind: 'value' });
  };
  type Spoil = (entry: StoredEntry) => unknown;
  test.each<[string, Spoil, string[]]>([
    ['no entry', () => 'rubbish', ['get ERR_CACHE_RECORD']],
    ['null', () => null, ['get ERR_CACHE_RECORD']],
    ['an entry without a body', ({ body: _, ...entry }) => entry, ['get ERR_CACHE_RECORD']],
    ['a body that is text', (entry) => ({ ...entry, body: 'one' }), ['get ERR_CACHE_RECORD']],
    ['a body that is a list', (entry) => ({ ...entry, body: [1, 2] }), ['get ERR_CACHE_RECORD']],
    ['times that are texts', (entry) => ({ ...entry, purgeAtMs: 'soon' }), ['get ERR_CACHE_RECORD']],
    ['another key’s entry', (entry) => ({ ...entry, key: 'other' }), ['get ERR_CACHE_RECORD']],
    ['a head that is cut', (entry) => ({ ...entry, head: entry.head.slice(0, -5) }), []],
    ['a head of something else', (entry) => ({ ...entry, head: '{"hello":"world"}' }), []],
    ['another URL’s head', (entry) => ({ ...entry, head: entry.head.replace('/thing', '/other') }), []],
    ['a value that is none', (entry) => ({ ...entry, head: headOfValue(entry), body: text('{') }), []],
    ['an entry long gone', (entry) => ({ ...entry, purgeAtMs: 0 }), []],
  ])('%s: the origin’s answer, stored anew', async (_what, spoil, failures) => {
    const storage = new MemoryStorage();
    let spoiling = true;
    const spoilt = storageWith({
      get: async (key: string) => {
        const { entries, fence } = await storage.get(key);
        return { entries: spoiling ? entries.map(spoil) : entries, fence };
      },
      set: (entry: StoredEntry) => storage.set(entry),
      delete: (...args: Parameters<MemoryStorage['delete']>) => storage.delete(...args),
    });
    const { client, ...told } = await clientOf({ '/thing': CACHING }, { storage: spoilt });
    await client.get('/thing');
    const { data, cached, cache } = await client.get<unknown>('/thing');
    expect([data, cached, cache.stored]).toEqual([{ text: 'one' }, false, true]);
    expect(told.failures()).toEqual(failures);
    spoiling = false;
    expect((await client.get('/thing')).cached).toBe(true);
    expect(origin.count()).toBe(2);
  });
});

describe('a storage that keeps failing', () => {
  test('is left alone for a while, then tried', async () => {
    let calls = 0;
    let failing = true;
    const memory = new MemoryStorage();
    const storage = storageWith({
      get: (key: string) => {
        calls += 1;
        return failing ? Promise.reject(new Error('refused')) : memory.get(key);
      },
      set: (entry: StoredEntry) => {
        calls += 1;
        return failing ? Promise.reject(new Error('refused')) : memory.set(entry);
      },
    });
    const { client, events } = await clientOf({ '/thing': CACHING }, { storage });
    for (let request = 0; request < 5; request += 1) await client.get('/thing');
    expect(events.some((event) => event.type === 'storage-error' && event.circuitOpen)).toBe(true);
    const before = calls;
    for (let request = 0; request < 10; request += 1) expect((await client.get('/thing')).status).toBe(200);
    expect(calls).toBe(before);
    failing = false;
    clock.advance(5);
    expect((await client.get('/thing')).cache.stored).toBe(true);
    expect((await client.get('/thing')).cached).toBe(true);
  });

  test('what was invalidated while it rested is not served after', async () => {
    const memory = new MemoryStorage();
    let failing = false;
    const failable = async <T>(work: () => MaybePromise<T>): Promise<T> => {
      if (failing) throw new Error('refused');
      return work();
    };
    const storage = storageWith({
      get: (key: string) => failable(() => memory.get(key)),
      set: (entry: StoredEntry) => failable(() => memory.set(entry)),
      delete: (selector: Parameters<MemoryStorage['delete']>[0]) => failable(() => memory.delete(selector)),
    });
    const { client } = await clientOf({ '/thing': inTurn(CACHING), 'PUT /thing': { status: 204 } }, { storage });
    await client.get('/thing');
    expect((await client.get('/thing')).cached).toBe(true);
    failing = true;
    for (let request = 0; request < 3; request += 1) await client.get('/other', { validateStatus: null });
    await client.put('/thing');
    failing = false;
    clock.advance(5);
    expect((await client.get('/thing')).cached).toBe(false);
    expect((await client.get('/thing')).cached).toBe(true);
  });
});

test('what a PUT invalidated while the storage could not even be asked for its secret is not served after', async () => {
  const memory = new MemoryStorage();
  let failing = true;
  const outside = storageWith({
    meta: (...args: Parameters<MemoryStorage['meta']>) =>
      failing ? Promise.reject(new Error('refused')) : memory.meta(...args),
    get: (key: string) => memory.get(key),
    set: (entry: StoredEntry) => memory.set(entry),
  });
  const { client } = await clientOf({ 'GET /thing': CACHING, 'PUT /thing': { status: 204 } }, { storage: outside });
  const before = setupCache(axios.create({ baseURL: origin.url, proxy: false }), {
    now: clock.now,
    storage: Object.assign(new MemoryStorage(), outside, { meta: memory.meta.bind(memory) }),
  });
  await before.get('/thing');
  expect((await before.get('/thing')).cached).toBe(true);
  clock.advance(1);
  expect((await client.put('/thing')).cache.reason).toBe('storage-error');
  failing = false;
  clock.advance(1);
  expect((await client.get('/thing')).cached).toBe(false);
  expect((await client.get('/thing')).cached).toBe(true);
});

test('a write that succeeds too late, after an invalidation, is undone', async () => {
  const late = gate();
  const memory = new MemoryStorage();
  let slow = true;
  const storage = storageWith({
    get: (key: string) => memory.get(key),
    set: async (entry: StoredEntry) => {
      if (slow) await late.passed;
      await memory.set(entry);
    },
    delete: (selector: Parameters<MemoryStorage['delete']>[0]) => memory.delete(selector),
    entries: () => memory.entries(),
  });
  const { client } = await clientOf({ 'GET /thing': CACHING, 'PUT /thing': { status: 204 } }, { storage });
  const { cache } = await client.get('/thing');
  expect([cache.stored, cache.notStored]).toEqual([false, 'storage-error']);
  await client.put('/thing');
  slow = false;
  late.open();
  await new Promise((resolve) => void setImmediate(resolve));
  expect(await client.cache.count()).toBe(0);
  expect((await client.get('/thing')).cached).toBe(false);
});

describe('a storage closed by the user', () => {
  test('requests go on without it', async () => {
    const { client, failures } = await clientOf({ '/thing': CACHING });
    await client.get('/thing');
    await client.cache.storage.close();
    const [first, second] = [await client.get<unknown>('/thing'), await client.get<unknown>('/thing')];
    expect([first.data, second.data]).toEqual([{ text: 'one' }, { text: 'one' }]);
    expect([first.cache.reason, second.cache.reason]).toEqual(['storage-error', 'closed']);
    expect(new Set(failures())).toEqual(new Set(['get ERR_CACHE_CLOSED']));
    await expect(client.cache.clear()).rejects.toMatchObject({ code: 'ERR_CACHE_CLOSED' });
  });

  test('with requests under way: they end well', async () => {
    const { client } = await clientOf({ '/thing': CACHING });
    const held = origin.hold('/thing');
    const requests = [client.get<unknown>('/thing'), client.get<unknown>('/thing')];
    await held.arrived();
    await client.cache.storage.close();
    held.release();
    expect((await Promise.all(requests)).map(({ data }) => data)).toEqual([{ text: 'one' }, { text: 'one' }]);
    expect(origin.count()).toBe(1);
  });

  test('before the first request', async () => {
    const storage = new MemoryStorage();
    const { client } = await clientOf({ '/thing': CACHING }, { storage });
    await storage.close();
    expect((await client.get<unknown>('/thing')).data).toEqual({ text: 'one' });
    expect((await client.get('/thing')).cache.reason).toBe('closed');
  });
});

describe('a caller does not wait for a storage longer than it wants to', () => {
  test.each(['meta', 'get'] as const)('%s hangs: its signal ends the waiting, and half of its timeout does, so that the server answers', async (method) => {
    const hanging = gate();
    const storage = storageWith({ [method]: () => hanging.passed });
    const { client } = await clientOf({ '/thing': CACHING }, { storage, storageTimeout: '1 hour' });
    const controller = new AbortController();
    const aborted = client.get('/thing', { signal: controller.signal });
    controller.abort();
    await expect(aborted).rejects.toMatchObject({ code: 'ERR_CANCELED' });
    expect(origin.count()).toBe(0);
    expect((await client.get('/thing', { timeout: 2000 })).cache.reason).toBe('storage-error');
    expect(origin.count()).toBe(1);
    // Ends the guard's timer too.
    hanging.open();
  });
});

describe('secrets', () => {
  const SECRETS = [
    'sesame-bearer',
    'sesame-cookie',
    'sesame-pass',
    'sesame-user',
    'sesame-token',
    'sesame-key',
    'sesame-body',
  ];
  const BASIC = Buffer.from('sesame-user:sesame-pass').toString('base64');

  /** Every text in `value`, however deep, own properties that are not enumerable included. */
  function textsIn(value: unknown, seen = new Set<unknown>()): string[] {
    if (typeof value === 'string') return [value];
    if (value instanceof Uint8Array) return [new TextDecoder().decode(value)];
    if ((typeof value !== 'object' && typeof value !== 'function') || value === null || seen.has(value)) return [];
    seen.add(value);
    const members = Reflect.ownKeys(value).flatMap((key) => [
      String(key),
      ...textsIn((value as Record<PropertyKey, unknown>)[key], seen),
    ]);
    // A CacheInfo has a text of its own, as errors have.
    return [...members, (value as { toString(): string }).toString()];
  }

  const secretsIn = (value: unknown): string[] =>
    textsIn(value).filter((text) => [...SECRETS, BASIC].some((secret) => text.includes(secret)));

  const CONFIGS: readonly AxiosRequestConfig[] = [
    { headers: { Authorization: 'Bearer sesame-bearer' } },
    { headers: { Cookie: 'session=sesame-cookie' } },
    { headers: { 'X-Api-Key': 'sesame-key' } },
    { auth: { username: 'sesame-user', password: 'sesame-pass' } },
    { params: { token: 'sesame-token', page: 1 } },
    { method: 'post', data: { token: 'sesame-body' }, cache: { allowedMethods: ['POST'] } },
  ];

  /** Through a miss, a hit, a renewal where the method has one, a refresh that fails, errors, an unsafe method. */
  async function goThrough(client: CachedAxiosInstance, config: AxiosRequestConfig): Promise<void> {
    await client.request({ url: '/thing', ...config });
    await client.request({ url: '/thing', ...config });
    clock.advance(100);
    await client.request({ url: '/thing', ...config });
    clock.advance(100);
    await client.request({ url: '/refreshed', ...config });
    clock.advance(100);
    await client.request({ url: '/refreshed', ...config }).catch(() => undefined);
    await client.cache.idle();
    await client.request({ url: '/broken', ...config }).catch(() => undefined);
    await client.request({ url: '/moved', ...config });
    await client.request({ url: '/missing', validateStatus: null, ...config });
    await client.request({ url: '/missing', ...config, method: 'put' }).catch(() => undefined);
  }

  const refreshed: Reply = {
    headers: { 'cache-control': 'max-age=60, stale-while-revalidate=600', vary: 'Authorization, Cookie, X-Api-Key' },
    body: 'one',
  };
  const routes = (): Routes => ({
    '/thing': withEtag('"1"', CACHING),
    '/refreshed': inTurn(refreshed, disconnect),
    '/broken': disconnect,
    '/moved': { status: 302, headers: { location: '/thing?token=sesame-token' } },
  });

  test.each(CONFIGS.map((config) => [JSON.stringify(config), config] as const))(
    'never in an event, a line, a key, a URL or an entry: %s',
    async (_shown, config) => {
      const lines: string[] = [];
      const storage = storageWith({});
      const { client, events } = await clientOf(routes(), { storage, debug: (line) => lines.push(line) });
      await goThrough(client, config);
      expect(events.map(({ type }) => type)).toEqual(
        expect.arrayContaining(['miss', 'hit', 'stale', 'refresh-error', 'bypass', 'stored', 'not-stored']),
      );
      expect(lines.length).toBeGreaterThan(8);
      expect(secretsIn(lines)).toEqual([]);
      expect(secretsIn(events)).toEqual([]);
      const urls: string[] = [];
      for await (const url of client.cache.urls()) urls.push(url);
      expect(urls.length).toBeGreaterThan(1);
      expect(secretsIn(urls)).toEqual([]);
      for await (const entry of storage.entries()) {
        const stored = await storedUnder(storage, entry.key);
        const { body, ...rest } = stored.find(({ variant }) => variant === entry.variant) ?? {};
        expect(body).toBeDefined();
        expect(secretsIn(rest)).toEqual([]);
      }
    },
  );

  test('user-info of the URL neither', async () => {
    const storage = storageWith({});
    const { client, events } = await clientOf(routes(), { storage });
    const url = `${origin.url.replace('//', '//sesame-user:sesame-pass@')}/thing`;
    for (let request = 0; request < 2; request += 1) await client.get(url);
    clock.advance(100);
    await client.get(url);
    expect(secretsIn(events)).toEqual([]);
    for await (const entry of storage.entries()) expect(secretsIn(entry)).toEqual([]);
    expect(origin.requests[0]?.headers.authorization).toBe(`Basic ${BASIC}`);
  });

  test('nor where the storage fails', async () => {
    const storage = storageWith({
      set: () => Promise.reject(new Error('full')),
      delete: () => Promise.reject(new Error('full')),
    });
    const lines: string[] = [];
    const { client, events } = await clientOf(
      { ...routes(), '/refreshed': refreshed },
      { storage, debug: (line) => lines.push(line) },
    );
    for (const config of CONFIGS) await goThrough(client, config);
    expect(events.some(({ type }) => type === 'storage-error')).toBe(true);
    expect(secretsIn([events, lines])).toEqual([]);
  });
});

test('entries that fail in keeping what is derived from them are read all the same', async () => {
  class Failing extends MemoryStorage {
    override get(...sought: Parameters<MemoryStorage['get']>): StorageReading {
      const fail = (): never => {
        throw new Error('nothing is kept here');
      };
      const { entries, fence } = super.get(...sought) as StorageReading;
      return { entries: entries.map((entry) => ({ ...entry, derived: fail, keepDerived: fail })), fence };
    }
  }
  const { client } = await clientOf({ '/': CACHING }, { storage: new Failing() });
  for (const frozenData of [false, true]) {
    for (const _missThenHits of [1, 2, 3]) {
      const { data } = await client.get<{ text: string }>('/', { cache: { frozenData } });
      expect(data).toEqual({ text: 'one' });
    }
  }
  expect(origin.count()).toBe(1);
});
