/** The events: one status for each request on every path, what became of its answer, debug lines, and listeners. */
import axios, { type AxiosError, type AxiosRequestConfig } from 'axios';
import { type CacheEvent, type CacheOptions, MemoryStorage, setupCache } from '../lib/index.js';
import { asking, type CachedOrigin, having, numbered, startCached, START_MS } from './support/cached-instance.js';
import { cutShort, disconnect, inTurn, type Reply, type Route, withEtag } from './support/origin.js';

const STATUSES: ReadonlySet<string> = new Set(['hit', 'stale', 'revalidated', 'miss', 'bypass']);
const reply = (cacheControl: string, headers: Reply['headers'] = {}): Reply => ({
  headers: { 'Cache-Control': cacheControl, ...headers },
  body: 'whole',
});

const isStatus = (event: CacheEvent): event is Extract<CacheEvent, { info: unknown }> => STATUSES.has(event.type);

/** Gives the statuses and reasons that were told since `from`. */
const statusesIn = (events: readonly CacheEvent[], from = 0): string[] =>
  events
    .slice(from)
    .filter(isStatus)
    .map(({ type, info }) => `${type} ${info.reason}`);

interface Path {
  readonly route: Route;
  readonly options?: CacheOptions;
  /** A plain GET stores an answer before the request, and the clock is advanced by so many seconds. */
  readonly storedFor?: number;
  readonly config?: AxiosRequestConfig;
}

const down = inTurnAfter(reply('max-age=10, stale-if-error=100'), disconnect);

/** Makes a function that makes the route anew for each test. */
function inTurnAfter(first: Route, ...others: Route[]): () => Route {
  return () => inTurn(first, ...others);
}

const PATHS: Readonly<Record<string, Omit<Path, 'route'> & { readonly route: () => Route; readonly told: string }>> = {
  'a miss': { route: () => reply('max-age=10'), told: 'miss uri-miss' },
  'a hit': { route: () => reply('max-age=10'), storedFor: 9, told: 'hit fresh' },
  'a renewal': { route: () => withEtag('"1"', reply('max-age=10')), storedFor: 11, told: 'revalidated not-modified' },
  'a replacement': { route: () => reply('max-age=10'), storedFor: 11, told: 'miss expired' },
  'a stale answer after an error': { route: down, storedFor: 11, told: 'stale stale-if-error' },
  'a stale answer ahead of its refresh': {
    route: () => reply('max-age=10'),
    options: { staleWhileRevalidate: true },
    storedFor: 11,
    told: 'stale stale-while-revalidate',
  },
  'a broken connection': { route: () => disconnect, told: 'miss uri-miss' },
  'a body cut short': { route: () => cutShort('whole', 2), told: 'miss uri-miss' },
  'a 500': { route: () => ({ status: 500 }), told: 'miss uri-miss' },
  'a 304 of the cache': {
    route: () => reply('max-age=10', { ETag: '"1"' }),
    storedFor: 1,
    config: having({ 'If-None-Match': '"1"' }),
    told: 'hit fresh',
  },
  'a 504 of the cache': { route: () => ({}), config: { cache: 'only-if-cached' }, told: 'miss only-if-cached' },
  'a refused body': { route: () => ({ body: 'whole' }), config: { maxContentLength: 2 }, told: 'miss uri-miss' },
  'a refused body of a hit': {
    route: () => ({ body: 'whole' }),
    storedFor: 1,
    config: { maxContentLength: 2 },
    told: 'hit fresh',
  },
  'a switched-off request': { route: () => ({}), config: { cache: false }, told: 'bypass off' },
  'a no-store request': { route: () => ({}), config: asking('no-store'), told: 'bypass no-store' },
  'an unsafe method': { route: () => ({}), config: { method: 'post' }, told: 'bypass method' },
  'a failing bypass': { route: () => disconnect, config: { cache: false }, told: 'bypass off' },
  'a wrong option': { route: () => ({}), config: { cache: 'sometimes' as 'default' }, told: 'bypass disabled' },
  'a stream': { route: () => ({}), config: { responseType: 'stream' }, told: 'miss uri-miss' },
  'an aborted signal': { route: () => ({}), config: { signal: AbortSignal.abort() }, told: '' },
};

describe('each request tells one status', () => {
  const settle = (made: CachedOrigin, config: AxiosRequestConfig = {}) =>
    made.http.request({ url: '/', ...config }).then(
      () => undefined,
      () => undefined,
    );

  test.each(Object.entries(PATHS))('%s', async (_name, { route, options = {}, storedFor, config, told }) => {
    const made = await startCached({ '/': route() }, options);
    if (storedFor !== undefined) await made.http.get('/');
    made.clock.advance(storedFor ?? 0);
    const from = made.events.length;
    await settle(made, config);
    await made.http.cache.idle();
    // axios itself refuses a request whose signal is aborted, so that no adapter sees it.
    expect(statusesIn(made.events, from)).toEqual(told === '' ? [] : [told]);
  });

  test('those who share an origin request tell one each', async () => {
    const made = await startCached({ '/': reply('max-age=10') });
    const gate = made.origin.hold('/');
    const asked = [settle(made), settle(made), settle(made)];
    await gate.arrived();
    gate.release();
    await Promise.all(asked);
    expect(statusesIn(made.events)).toEqual(Array(3).fill('miss uri-miss'));
    expect(
      made.events
        .filter(isStatus)
        .map(({ info }) => info.collapsed)
        .sort(),
    ).toEqual([false, true, true]);
    expect(made.origin.count()).toBe(1);
  });

  test('one who gives up tells one too', async () => {
    const made = await startCached({ '/': reply('max-age=10') });
    const gate = made.origin.hold('/');
    const controller = new AbortController();
    const asked = settle(made, { signal: controller.signal });
    await gate.arrived();
    controller.abort();
    await asked;
    gate.release();
    expect(statusesIn(made.events)).toEqual(['miss uri-miss']);
  });

  test('after close and uninstall', async () => {
    const closed = await startCached({ '/': {} });
    await closed.http.cache.close();
    await settle(closed);
    expect(statusesIn(closed.events)).toEqual(['bypass closed']);
    const uninstalled = await startCached({ '/': {} });
    const child = uninstalled.http.create();
    uninstalled.http.cache.uninstall();
    await child.get('/');
    expect(statusesIn(uninstalled.events)).toEqual(['bypass uninstalled']);
  });

  test('it names method, URL and info, and how long it took', async () => {
    const { http, origin, clock, events } = await startCached({ '/': reply('max-age=10') });
    const gate = origin.hold('/');
    const asked = http.get('/?a=1&token=secret');
    await gate.arrived();
    clock.advance(2);
    gate.release();
    const { cache } = await asked;
    const told = events.find(isStatus);
    expect(told).toMatchObject({ type: 'miss', method: 'GET', durationMs: 2000, url: `${origin.url}/?a=1&token=***` });
    expect(told?.info).toEqual(cache);
    expect(told?.info).not.toBe(cache);
  });
});

describe('what became of the answer', () => {
  test('stored, with its size and its end', async () => {
    const { http, origin, events } = await startCached({ '/': reply('max-age=10'), '/never': { body: 'for ever' } });
    const { cache } = await http.get('/');
    await http.get('/never');
    expect(events.filter(({ type }) => type === 'stored')).toEqual([
      { type: 'stored', key: cache.key, url: `${origin.url}/`, bytes: 5, expiresAt: new Date(START_MS + 10_000) },
      { type: 'stored', key: expect.any(String), url: `${origin.url}/never`, bytes: 8, expiresAt: null },
    ]);
  });

  test('refreshed by a 304', async () => {
    const { http, clock, events } = await startCached({ '/': withEtag('"1"', reply('max-age=10')) });
    await http.get('/');
    clock.advance(11);
    await http.get('/');
    const refreshed = { type: 'freshened', bytes: 5, expiresAt: new Date(START_MS + 21_000) };
    expect(events.filter(({ type }) => type === 'freshened')).toMatchObject([refreshed]);
  });

  test.each<[string, Reply, CacheOptions & AxiosRequestConfig]>([
    ['status', { status: 404 }, {}],
    ['no-store', reply('no-store'), {}],
    ['private', reply('private'), { shared: true }],
    ['vary-star', reply('max-age=10', { Vary: '*' }), {}],
    ['no-lifetime', {}, { expireAfter: 'heuristic' }],
    ['zero-lifetime', reply('max-age=0'), {}],
    ['filtered', reply('max-age=10'), { filter: () => false }],
    [
      'filtered',
      reply('max-age=10'),
      {
        filter: () => {
          throw new Error('no');
        },
      },
    ],
    ['filtered', reply('max-age=10'), { filter: () => Promise.reject(new Error('no')) }],
    [
      'filtered',
      reply('max-age=10'),
      {
        tags: () => {
          throw new Error('no');
        },
      },
    ],
    ['too-large', reply('max-age=10'), { maxEntryBytes: 4 }],
    ['partial', { status: 206, headers: { 'Cache-Control': 'max-age=10' } }, { allowedCodes: () => true }],
  ])('not-stored for %s (%#)', async (reason, answer, options) => {
    const { http, origin, events } = await startCached({ '/': answer }, options);
    const { cache } = await http.get('/', { validateStatus: null });
    expect(events.filter((event) => !isStatus(event))).toEqual([{ type: 'not-stored', url: `${origin.url}/`, reason }]);
    expect([cache.stored, cache.notStored, cache.expiresAt]).toEqual([false, reason, undefined]);
    expect(await http.cache.count()).toBe(0);
  });

  test('not-stored for authorization', async () => {
    const { http, events } = await startCached({ '/': reply('max-age=10') }, { shared: true });
    await http.get('/', having({ Authorization: 'Bearer 1' }));
    expect(events[0]).toMatchObject({ type: 'not-stored', reason: 'authorization' });
  });

  test('not-stored for storage-error, after the error itself', async () => {
    class Broken extends MemoryStorage {
      override set(): Promise<boolean> {
        return Promise.reject(new Error('disk full'));
      }
    }
    const { http, events } = await startCached({ '/': reply('max-age=10') }, { storage: new Broken() });
    expect((await http.get('/')).data).toBe('whole');
    expect(events.map(({ type }) => type)).toEqual(['storage-error', 'not-stored', 'miss']);
    expect(events[0]).toMatchObject({ operation: 'set', circuitOpen: false, error: { code: 'ERR_CACHE_STORAGE' } });
    expect(events[1]).toMatchObject({ reason: 'storage-error' });
  });

  test('not-stored for invalidated, where it was deleted meanwhile', async () => {
    const { http, origin, events } = await startCached({ '/': reply('max-age=10') });
    const gate = origin.hold('/');
    const asked = http.get('/');
    await gate.arrived();
    await http.cache.delete('/');
    gate.release();
    expect((await asked).cache.notStored).toBe('invalidated');
    expect(events[0]).toMatchObject({ type: 'not-stored', reason: 'invalidated' });
    expect(await http.cache.has('/')).toBe(false);
  });

  test('evicted, for entries and for bytes', async () => {
    const routes = { '/a': reply('max-age=10'), '/b': reply('max-age=10') };
    const byNumber = await startCached(routes, { storage: new MemoryStorage({ maxEntries: 1 }) });
    const { cache } = await byNumber.http.get('/a');
    await byNumber.http.get('/b');
    expect(byNumber.events.filter(({ type }) => type === 'evicted')).toEqual([
      { type: 'evicted', key: cache.key, reason: 'entries' },
    ]);
    const byBytes = await startCached(routes, { storage: new MemoryStorage({ maxBytes: 100 }) });
    await byBytes.http.get('/a');
    expect(byBytes.events.filter(({ type }) => type === 'evicted')).toMatchObject([{ reason: 'bytes' }]);
  });

  test('invalidated, with the URL and how many went', async () => {
    const { http, origin, events } = await startCached({ '/': reply('max-age=10') });
    await http.get('/');
    await http.get('/', having({ Authorization: 'Bearer 1' }));
    await http.put('/', 'new');
    await http.put('/', 'newer');
    const invalidated = { type: 'invalidated', url: `${origin.url}/`, tag: undefined, count: 2 };
    expect(events.filter(({ type }) => type === 'invalidated')).toEqual([invalidated]);
  });
});

describe('debug', () => {
  test('one line a request, and one for what went wrong', async () => {
    const lines: string[] = [];
    const route = inTurn(reply('max-age=10, stale-while-revalidate=50'), disconnect);
    const { http, origin, clock } = await startCached({ '/': route }, { debug: (line) => lines.push(line) });
    await http.get('/?token=secret');
    await http.get('/?token=secret');
    clock.advance(11);
    await http.get('/?token=secret');
    await http.cache.idle();
    await http.post('/', 'x').catch((error: AxiosError) => error);
    const url = `${origin.url}/?token=***`;
    expect(lines).toEqual([
      `axios-client-cache: GET ${url} miss (uri-miss), stored, lifetime by response, ttl 10 s, 0 ms`,
      `axios-client-cache: GET ${url} hit (fresh), lifetime by response, ttl 10 s, 0 ms`,
      `axios-client-cache: GET ${url} stale (stale-while-revalidate), lifetime by response, ttl -1 s, 0 ms`,
      expect.stringContaining(`axios-client-cache: refresh of ${url} failed: Error: socket hang up`),
      `axios-client-cache: POST ${origin.url}/ bypass (method), not stored: bypass, 0 ms`,
    ]);
  });

  test('true writes to stderr, nothing is written unless asked', async () => {
    const stderr = jest.spyOn(console, 'error').mockImplementation(() => undefined);
    try {
      const quiet = await startCached({ '/': {} });
      await quiet.http.get('/');
      expect(stderr).not.toHaveBeenCalled();
      const loud = await startCached({ '/': {} }, { debug: true });
      await loud.http.get('/');
      expect(stderr).toHaveBeenCalledTimes(1);
    } finally {
      stderr.mockRestore();
    }
  });
});

describe('listeners', () => {
  test.each<[string, () => void]>([
    [
      'throws',
      () => {
        throw new Error('listener');
      },
    ],
    ['rejects', () => Promise.reject(new Error('listener'))],
  ])('one that %s harms neither the request nor the others', async (_name, fails) => {
    const later: string[] = [];
    const { http } = await startCached({ '/': numbered() }, { onEvent: fails, debug: fails });
    http.cache.on('hit', fails);
    http.cache.on('hit', ({ type }) => later.push(type));
    http.cache.on('miss', fails);
    await http.get('/');
    const hit = await http.get('/');
    expect([hit.data, later]).toEqual(['answer 1', ['hit']]);
  });

  test('on() tells one type until it is undone; twice is twice', async () => {
    const { http } = await startCached({ '/': numbered() });
    const seen: string[] = [];
    const listener = ({ type }: CacheEvent) => seen.push(type);
    const undo = [http.cache.on('hit', listener), http.cache.on('hit', listener)];
    await http.get('/');
    await http.get('/');
    expect(seen).toEqual(['hit', 'hit']);
    undo[0]?.();
    await http.get('/');
    expect(seen).toHaveLength(3);
    undo[0]?.();
    undo[1]?.();
    await http.get('/');
    expect(seen).toHaveLength(3);
  });

  test('one that listens no more while it is told still lets the others hear', async () => {
    const { http } = await startCached({ '/': numbered() });
    const seen: string[] = [];
    const undo = http.cache.on('miss', () => undo());
    http.cache.on('miss', ({ type }) => seen.push(type));
    await http.get('/');
    expect(seen).toEqual(['miss']);
  });

  test('one that ends its listening and begins it again while it is told hears each event once', async () => {
    const { http } = await startCached({ '/': numbered() });
    const seen: string[] = [];
    http.cache.on('miss', () => undefined);
    const listener = ({ type }: CacheEvent): void => {
      seen.push(type);
      // Without an end the test would never fail.
      if (seen.length > 9) return;
      undo();
      undo = http.cache.on('miss', listener);
    };
    let undo = http.cache.on('miss', listener);
    await http.get('/');
    expect(seen).toEqual(['miss']);
  });

  test('one that another ends while both are told hears no more', async () => {
    const { http } = await startCached({ '/': numbered() });
    const seen: string[] = [];
    http.cache.on('miss', () => undo());
    const undo = http.cache.on('miss', ({ type }) => seen.push(type));
    await http.get('/');
    expect(seen).toEqual([]);
  });

  test('one that comes while an answer is being weighed hears what became of it', async () => {
    const { origin } = await startCached({ '/': reply('max-age=10') });
    const seen: CacheEvent[] = [];
    // Nobody listens from the beginning.
    const http = setupCache(axios.create({ baseURL: origin.url, proxy: false }), {
      filter: async () => {
        await Promise.resolve();
        http.cache.on('not-stored', (event) => seen.push(event));
        return false;
      },
    });
    await http.get('/');
    expect(seen).toEqual([{ type: 'not-stored', url: `${origin.url}/`, reason: 'filtered' }]);
  });

  test('what becomes of answers is told to who listens to that alone', async () => {
    const { origin, clock } = await startCached({
      'GET /': withEtag('"1"', reply('max-age=10')),
      'GET /varies': reply('max-age=10', { Vary: 'X-Kind' }),
      'GET /private': reply('no-store'),
      'PUT /': {},
    });
    const http = setupCache(axios.create({ baseURL: origin.url, proxy: false }), { now: clock.now, maxVariants: 1 });
    const seen: string[] = [];
    const names = ['stored', 'freshened', 'evicted', 'not-stored', 'invalidated'] as const;
    for (const name of names) http.cache.on(name, ({ type }) => seen.push(type));
    await http.get('/');
    clock.advance(11);
    await http.get('/');
    for (const kind of ['a', 'b']) await http.get('/varies', having({ 'X-Kind': kind }));
    await http.get('/private');
    await http.put('/', '');
    await http.cache.close();
    expect(new Set(seen)).toEqual(new Set(names));
  });

  test('two instances on one storage tell each its own requests', async () => {
    const storage = new MemoryStorage();
    const one = await startCached({ '/': numbered() }, { storage });
    const events: CacheEvent[] = [];
    const other = setupCache(axios.create({ baseURL: one.origin.url, proxy: false }), {
      storage,
      now: one.clock.now,
      onEvent: (event) => events.push(event),
    });
    await one.http.get('/');
    await other.get('/');
    await other.cache.close();
    expect([statusesIn(one.events), statusesIn(events)]).toEqual([['miss uri-miss'], ['hit fresh']]);
  });
});

test('what a listener writes to an event changes nothing for the caller, nor for other listeners', async () => {
  const { http } = await startCached({ '/': { headers: { 'cache-control': 'max-age=60' }, body: 'one' } }, {
    cacheStatusHeader: true,
    tags: ['people'],
    onEvent: (event) => {
      if (event.type !== 'miss') return;
      event.info.createdAt?.setTime(0);
      (event.info.tags as string[]).push('spoilt');
    },
  });
  http.cache.on('miss', (event) => { Object.assign(event.info, { status: 'odd' }); });
  const seen: unknown[] = [];
  http.cache.on('miss', ({ info }) => { seen.push(info.status, String(info)); });
  const { cache } = await http.get('/');
  expect([cache.status, cache.tags, cache.createdAt?.getTime()]).toEqual(['miss', ['people'], START_MS]);
  expect(seen).toEqual(['miss', String(cache)]);
});
