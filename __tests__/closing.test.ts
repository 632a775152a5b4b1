/** `cache.close()`: it ends under traffic, whatever hangs, and no request is worse off for it. */
import type { CacheEvent } from '../lib/api/events.js';
import type { CacheManager } from '../lib/api/manager.js';
import type { CacheStorage } from '../lib/api/storage.js';
import { MemoryStorage } from '../lib/storage/memory/memory.js';
import { numbered, startCached } from './support/cached-instance.js';
import { gate } from './support/exchange.js';
import { newPath, openStorage } from './support/sqlite.js';

const SWR = { 'cache-control': 'max-age=60, stale-while-revalidate=600' };
/** Hits alone would leave timers and sockets no turn. */
const NO_STORE = { 'cache-control': 'no-store' };
/** Much longer than closing may take, and much shorter than a test. */
const LONG_MS = 10_000;

async function msOf(work: Promise<unknown>): Promise<number> {
  const since = performance.now();
  await work;
  return performance.now() - since;
}

/** A storage in memory, of which some methods do something else. */
const storageWith = (methods: Partial<Record<keyof CacheStorage, unknown>>): CacheStorage =>
  Object.assign(new MemoryStorage(), { inProcess: false }, methods as Partial<CacheStorage>);

describe('under traffic', () => {
  test.each<[string, () => CacheStorage]>([
    ['memory', () => new MemoryStorage()],
    ['SQLite', () => openStorage(newPath())],
  ])('on %s it ends, and requests after it pass through: none is rejected', async (_name, storage) => {
    const { http } = await startCached(
      { 'GET /': { headers: NO_STORE, body: 'read' } },
      // A storage that a busy machine makes slow is no failure here.
      { storage: storage(), storageTimeout: LONG_MS / 1000 },
    );
    const reasons = new Map<string, number>();
    let goesOn = true;
    const traffic = Array.from({ length: 20 }, async (_none, index) => {
      while (goesOn) {
        const { cache } = await (index % 2 === 0
          ? http.put(`/p${index}`, 'x', { validateStatus: null })
          : http.get(`/?${index}`, { validateStatus: null }));
        reasons.set(cache.reason, (reasons.get(cache.reason) ?? 0) + 1);
      }
    });
    while ((reasons.get('method') ?? 0) < 50) await new Promise((resolve) => void setTimeout(resolve, 5));
    expect(await msOf(http.cache.close())).toBeLessThan(LONG_MS);
    const { cache, status } = await http.get('/');
    expect([status, cache.status, cache.reason, cache.notStored]).toEqual([200, 'bypass', 'closed', 'bypass']);
    goesOn = false;
    await Promise.all(traffic);
    expect(reasons.get('closed')).toBeGreaterThan(0);
    expect([...reasons.keys()].filter((reason) => !['closed', 'method', 'uri-miss'].includes(reason))).toEqual([]);
  });

  test('requests pass through from the call on, not only once it has ended', async () => {
    const held = gate();
    const own = new MemoryStorage();
    const { http } = await startCached(
      { '/': { headers: SWR, body: 'one' } },
      { storage: storageWith({ get: (key: string) => own.get(key), close: () => held.passed }) },
    );
    const closing = http.cache.close();
    expect((await http.get('/')).cache.reason).toBe('closed');
    await expect(http.cache.count()).rejects.toMatchObject({ code: 'ERR_CACHE_CLOSED' });
    held.open();
    await closing;
  });

  test('idle ends under traffic too', async () => {
    const { http } = await startCached({}, {});
    let goesOn = true;
    const traffic = Array.from({ length: 5 }, async (_none, index) => {
      while (goesOn) await http.put(`/p${index}`, 'x', { validateStatus: null });
    });
    await http.put('/p', 'x', { validateStatus: null });
    expect(await msOf(http.cache.idle())).toBeLessThan(LONG_MS);
    goesOn = false;
    await Promise.all(traffic);
  });
});

test('a storage is told once that nobody listens any more', async () => {
  const ended: string[] = [];
  const storage = storageWith({
    onEvicted: () => () => { ended.push('evicted'); },
    onProblem: () => () => { ended.push('problem'); },
  });
  const { http: { cache } } = await startCached({}, { storage });
  cache.uninstall();
  expect(ended).toEqual(['evicted', 'problem']);
  await cache.close();
  expect(ended).toEqual(['evicted', 'problem']);
});

describe('what is under way', () => {
  test('a renewal that hangs is aborted, and the origin sees it; that is no refresh-error', async () => {
    const events: CacheEvent[] = [];
    const { http, origin, clock } = await startCached(
      { '/': numbered({ headers: SWR }) },
      { onEvent: (event) => events.push(event) },
    );
    await http.get('/');
    clock.advance(100);
    const held = origin.hold('/');
    const told: unknown[] = [];
    await http.get('/', { cache: { onRefreshed: ({ data }) => { told.push(data); } } });
    await http.get('/', { cache: { onRefreshed: ({ data }) => { told.push(data); } } });
    await held.arrived();
    expect(await msOf(http.cache.close())).toBeLessThan(1000);
    await origin.requests[1]?.dropped;
    held.release();
    expect(told).toEqual([]);
    expect(events.filter(({ type }) => type === 'refresh-error')).toEqual([]);
  });

  test('a stale answer that is looked up meanwhile begins no renewal', async () => {
    const own = new MemoryStorage();
    const slow = gate();
    let isSlow = false;
    const get = async (key: string): Promise<unknown> => {
      if (isSlow) await slow.passed;
      return own.get(key);
    };
    const { http, origin, clock } = await startCached({ '/': numbered({ headers: SWR }) }, {
      storage: storageWith({ get, set: own.set.bind(own), close: () => undefined }),
    });
    await http.get('/');
    clock.advance(100);
    isSlow = true;
    const late = http.get('/');
    await http.cache.close();
    slow.open();
    expect((await late).data).toBe('answer 1');
    expect(origin.count()).toBe(1);
  });

  test('an answer to its own caller comes all the same', async () => {
    const { http, origin } = await startCached({ '/': { headers: SWR, body: 'one' } });
    const held = origin.hold('/');
    const requests = [http.get('/'), http.get('/')];
    await held.arrived();
    await http.cache.close();
    held.release();
    expect((await Promise.all(requests)).map(({ data }) => data as unknown)).toEqual(['one', 'one']);
    expect(origin.count()).toBe(1);
  });

  test('what a PUT has changed is deleted before the storage is closed', async () => {
    const own = new MemoryStorage();
    const storage = storageWith({
      get: own.get.bind(own),
      set: own.set.bind(own),
      delete: own.delete.bind(own),
      meta: own.meta.bind(own),
      close: () => undefined,
    });
    const { http, origin } = await startCached(
      { 'GET /': { headers: SWR, body: 'one' }, 'PUT /': { status: 204 } },
      { storage },
    );
    await http.get('/');
    const held = origin.hold('/');
    const change = http.put('/', 'x');
    await held.arrived();
    const closing = http.cache.close();
    held.release();
    await Promise.all([change, closing]);
    const left: unknown[] = [];
    for await (const entry of own.entries()) left.push(entry);
    expect(left).toEqual([]);
  });

  test.each<[string, (cache: CacheManager) => Promise<unknown>]>([
    ['clear()', (cache) => cache.clear()],
    ['delete()', (cache) => cache.delete('/')],
    ['deleteMatching()', (cache) => cache.deleteMatching({ url: '**' })],
    ['invalidateTags()', (cache) => cache.invalidateTags('all')],
    ['expire()', (cache) => cache.expire({ url: '**' })],
    ['update()', (cache) => cache.update<string>('/', (data) => `${data}!`)],
    ['set()', (cache) => cache.set('/', { data: 'two' })],
  ])('%s is done before the storage is closed, though nobody has waited for it', async (_name, change) => {
    const own = new MemoryStorage();
    const calls: string[] = [];
    const slow = (method: 'get' | 'set' | 'touch' | 'delete' | 'clear') => async (...args: never[]) => {
      await new Promise((resolve) => void setTimeout(resolve, 20));
      if (method !== 'get') calls.push('changed');
      return (own[method] as (...given: never[]) => unknown)(...args);
    };
    const storage = storageWith({
      get: slow('get'),
      set: slow('set'),
      touch: slow('touch'),
      delete: slow('delete'),
      clear: slow('clear'),
      entries: () => own.entries(),
      meta: own.meta.bind(own),
      close: () => void calls.push('closed'),
    });
    const json = { headers: { ...SWR, 'content-type': 'application/json' }, body: '"one"' };
    const { http } = await startCached({ '/': json }, { storage, tags: ['all'] });
    await http.get('/');
    calls.length = 0;
    const changing = change(http.cache);
    await http.cache.close();
    await changing;
    expect([calls[0], calls.at(-1)]).toEqual(['changed', 'closed']);
  });
});

describe('within storageTimeout', () => {
  const hanging = (): Promise<never> => new Promise(() => undefined);

  test.each<[string, Partial<Record<keyof CacheStorage, unknown>>]>([
    ['deletes hang', { delete: hanging }],
    ['listings hang', { entries: () => ({ [Symbol.asyncIterator]: () => ({ next: hanging }) }) }],
    ['everything but the secret hangs', { get: hanging, set: hanging, delete: hanging, touch: hanging }],
  ])('%s', async (_name, methods) => {
    const { http } = await startCached(
      { 'GET /': { headers: SWR, body: 'one' }, 'PUT /': { status: 204 } },
      { storage: storageWith(methods), storageTimeout: '1s' },
    );
    const change = http.put('/', 'x', { timeout: 1, validateStatus: null }).catch(() => undefined);
    const other = http.put('/', 'x', { cache: { invalidates: { pattern: '**' } } }).catch(() => undefined);
    await new Promise((resolve) => void setTimeout(resolve, 50));
    expect(await msOf(http.cache.close())).toBeLessThan(1100);
    await Promise.all([change, other]);
  });

  test('a PUT that the origin does not answer', async () => {
    const { http, origin } = await startCached({ '/': { status: 204 } }, { storageTimeout: '500ms' });
    const held = origin.hold('/');
    const change = http.put('/', 'x');
    await held.arrived();
    expect(await msOf(http.cache.close())).toBeLessThan(600);
    held.release();
    expect((await change).status).toBe(204);
  });

  test('a storage that does not close: the error says so, and the cache is closed', async () => {
    const { http } = await startCached({ '/': { body: 'one' } }, {
      storage: storageWith({ close: hanging }),
      storageTimeout: '300ms',
    });
    const { cache } = http;
    const since = performance.now();
    await expect(cache.close()).rejects.toMatchObject({ code: 'ERR_CACHE_TIMEOUT' });
    expect(performance.now() - since).toBeLessThan(400);
    expect((await http.get('/')).cache.reason).toBe('closed');
    // The instance is closed again after the test.
    Object.assign(http.cache, { close: () => Promise.resolve() });
  });
});
