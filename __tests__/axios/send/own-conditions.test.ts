/** What the cache asks on conditions of its own is asked without them where they are in the way. */
import axios, { AxiosError, type AxiosAdapter, type AxiosRequestConfig } from 'axios';
import type { CacheStorage } from '../../../lib/api/storage.js';
import { MemoryStorage } from '../../../lib/storage/memory/memory.js';
import { type CachedOrigin, having, type InstanceOptions, startCached, told } from '../../support/cached-instance.js';
import { gate, settled } from '../../support/exchange.js';
import { disconnect, type Handler, inTurn, numbered, type Reply, startOrigin } from '../../support/origin.js';
import { newPath, openStorage } from '../../support/sqlite.js';

const CACHING: Reply = { headers: { 'cache-control': 'max-age=60', etag: '"1"' } };

const conditionsOf = ({ headers }: { headers: Record<string, unknown> }): unknown =>
  headers['if-none-match'] ?? headers['if-modified-since'];

/** Answers numbered 200s, and `refusal` to whatever comes on conditions. */
function refusing(refusal: Reply | Handler, reply: Reply = CACHING): Handler {
  const whole = numbered(reply);
  return (request, response) => {
    if (conditionsOf(request) === undefined) return whole(request, response);
    return typeof refusal === 'function' ? refusal(request, response) : refusal;
  };
}

const REFUSALS: readonly (readonly [string, Reply | Handler])[] = [
  ...[400, 403, 412, 417, 428, 431, 500, 501].map((status) => [`status ${status}`, { status }] as const),
  ['a connection that is cut', disconnect],
];

const conditionsSeen = ({ origin }: CachedOrigin): unknown[] => origin.requests.map(conditionsOf);

describe.each(['http', 'fetch'] as const)('by the %s adapter', (adapter) => {
  const start = (route: Handler, options: InstanceOptions = {}): Promise<CachedOrigin> =>
    startCached({ '/': route, '/other': route }, { ...options, defaults: { adapter, ...options.defaults } });

  describe.each<[string, () => CacheStorage]>([
    ['memory', () => new MemoryStorage()],
    ['SQLite', () => openStorage(newPath())],
  ])('in %s', (_name, storage) => {
    test.each(REFUSALS)('%s: asked once more without, and the origin is known from then on', async (_what, refusal) => {
      const cached = await start(refusing(refusal), { storage: storage() });
      const { http, origin, clock } = cached;
      await http.get('/');
      clock.advance(120);
      const renewed = await http.get('/');
      expect([renewed.status, renewed.data, told(renewed)]).toEqual([200, 'answer 2', 'miss condition-failed']);
      expect(conditionsSeen(cached)).toEqual([undefined, '"1"', undefined]);
      expect(await http.get('/')).toMatchObject({ cached: true, data: 'answer 2' });
      clock.advance(120);
      const again = await http.get('/');
      expect([again.data, told(again), origin.count()]).toEqual(['answer 3', 'miss expired', 4]);
      // Another path of the same origin.
      await http.get('/other');
      clock.advance(120);
      await http.get('/other');
      expect(origin.count()).toBe(6);
    });
  });

  test('after an hour the origin is asked on conditions again', async () => {
    const cached = await start(refusing({ status: 412 }));
    const { http, clock, origin } = cached;
    await http.get('/');
    clock.advance(120);
    await http.get('/');
    clock.advance(3601);
    await http.get('/');
    expect([origin.count(), conditionsSeen(cached)[3]]).toEqual([5, '"1"']);
  });

  test('another port is another origin', async () => {
    const cached = await start(refusing({ status: 412 }));
    const other = await startOrigin({ '/': { ...CACHING, body: 'other' } });
    await cached.http.get('/');
    await cached.http.get(`${other.url}/`);
    cached.clock.advance(120);
    await cached.http.get('/');
    await cached.http.get(`${other.url}/`);
    expect(other.requests.map(conditionsOf)).toEqual([undefined, '"1"']);
    await other.close();
  });

  test.each<[string, AxiosRequestConfig]>([
    ['HEAD', { method: 'HEAD' }],
    ['a stream', { responseType: 'stream' }],
    ['the mode no-cache', { cache: 'no-cache' }],
  ])('%s is asked without them too', async (_what, config) => {
    const cached = await start(refusing({ status: 412 }));
    await cached.http.get('/');
    cached.clock.advance(120);
    const { status } = await cached.http.request({ url: '/', ...config });
    expect([status, conditionsSeen(cached)]).toEqual([200, [undefined, '"1"', undefined]]);
  });

  test.each<[string, Reply | Handler, 'json' | 'stream']>([
    ['cut', disconnect, 'json'],
    ['refused', { status: 412 }, 'json'],
    ['answered for another version', { status: 304, headers: { etag: '"2"' } }, 'json'],
    ['refused', { status: 412 }, 'stream'],
  ])('one that is %s late, and hangs without them, ends when the timeout of its caller says', async (
    _what,
    refusal,
    responseType,
  ) => {
    let hangs = false;
    const { http, clock, origin } = await start(async (request, response) => {
      if (conditionsOf(request) === undefined) return hangs ? new Promise(() => undefined) : CACHING;
      await new Promise((resolve) => { setTimeout(resolve, 500); });
      return typeof refusal === 'function' ? refusal(request, response) : refusal;
    });
    await http.get('/');
    clock.advance(120);
    hangs = true;
    // On a busy machine all timers are late, but none overtakes another one.
    let isLate = false;
    const limit = setTimeout(() => { isLate = true; }, 1200);
    await expect(http.get('/', { responseType, timeout: 800 })).rejects.toThrow('timeout of 800ms exceeded');
    clearTimeout(limit);
    expect(isLate).toBe(false);
    expect(origin.count()).toBe(3);
  });

  test('one that is refused, where the connection breaks without them: the caller has the refusal', async () => {
    const { http, clock } = await start(inTurn(CACHING, { status: 412, body: 'refused' }, disconnect));
    await http.get('/');
    clock.advance(120);
    const { status, data } = await http.get('/', { validateStatus: null });
    expect([status, data]).toEqual([412, 'refused']);
  });

  test('and who reads a stream has the error, as the refusal is not read any more', async () => {
    const { http, clock } = await start(inTurn(CACHING, { status: 412, body: 'refused' }, disconnect));
    await http.get('/');
    clock.advance(120);
    const config = { responseType: 'stream', validateStatus: null } as const;
    await expect(http.get('/', config)).rejects.toMatchObject({ isAxiosError: true });
  });

  test('those who wait together get the one answer', async () => {
    const { http, origin, clock } = await start(refusing({ status: 412 }));
    await http.get('/');
    clock.advance(120);
    const answers = await Promise.all([http.get('/'), http.get('/'), http.get('/')]);
    expect(answers.map(({ data }) => data)).toEqual(['answer 2', 'answer 2', 'answer 2']);
    expect(origin.count()).toBe(3);
  });

  test.each(REFUSALS)('%s: with staleIfError the caller gets the new answer, not the old one', async (_what, refusal) => {
    const { http, clock } = await start(refusing(refusal), { staleIfError: true });
    await http.get('/');
    clock.advance(120);
    expect((await http.get('/')).data).toBe('answer 2');
    clock.advance(120);
    expect((await http.get('/')).data).toBe('answer 3');
  });

  test.each(REFUSALS)('%s: a renewal in the background brings the new answer', async (_what, refusal) => {
    const { http, clock, events } = await start(refusing(refusal), { staleWhileRevalidate: '1h' });
    await http.get('/');
    clock.advance(120);
    expect((await http.get('/')).data).toBe('answer 1');
    await http.cache.idle();
    expect(await http.get('/')).toMatchObject({ data: 'answer 2', cached: true });
    expect(events.filter(({ type }) => type === 'refresh-error')).toEqual([]);
  });

  test('what fails without them too is the caller’s, and teaches nothing', async () => {
    let isDown = false;
    const cached = await start((request, response) => {
      if (isDown) return disconnect(request, response);
      return conditionsOf(request) === undefined ? CACHING : { status: 304, headers: { etag: '"1"' } };
    });
    const { http, clock, origin } = cached;
    await http.get('/');
    clock.advance(120);
    isDown = true;
    await expect(http.get('/')).rejects.toMatchObject({ isAxiosError: true });
    expect(origin.count()).toBe(3);
    isDown = false;
    expect(told(await http.get('/'))).toBe('revalidated not-modified');
  });

  // To fetch a 407 that no proxy sent is a network error.
  const matters = [401, 404, 410, 429, ...(adapter === 'http' ? [407] : [])];

  test.each(matters)('status %d is no matter of conditions, and is not tried again', async (status) => {
    const { http, origin, clock } = await start(refusing({ status }));
    await http.get('/');
    clock.advance(120);
    const { status: seen } = await http.get('/', { validateStatus: null });
    expect([seen, origin.count()]).toEqual([status, 2]);
  });

  test('a server that says when to come again is not asked again at once', async () => {
    const { http, origin, clock } = await start(refusing({ status: 503, headers: { 'retry-after': '120' } }));
    await http.get('/');
    clock.advance(120);
    const { status } = await http.get('/', { validateStatus: null });
    expect([status, origin.count()]).toEqual([503, 2]);
  });

  test('after a 503 the answer alone is known as one that takes no conditions: it may have been an accident', async () => {
    const cached = await start(refusing({ status: 503 }));
    const { http, clock } = cached;
    for (const path of ['/', '/other']) await http.get(path);
    clock.advance(120);
    for (const path of ['/', '/other']) expect((await http.get(path)).status).toBe(200);
    clock.advance(120);
    for (const path of ['/', '/other']) expect((await http.get(path)).status).toBe(200);
    const seen = conditionsSeen(cached);
    expect(seen.filter((each) => each !== undefined)).toHaveLength(2);
    expect(seen).toHaveLength(8);
  });

  test.each([
    400, 403,
  ])('an origin that answers %i to all is asked twice once a minute for it, not for each answer', async (status) => {
    const failing = { isOn: false };
    const whole = numbered(CACHING);
    const cached = await start((request, response) => (failing.isOn ? { status } : whole(request, response)));
    const { http, origin, clock } = cached;
    for (const path of ['/', '/other']) await http.get(path);
    clock.advance(120);
    failing.isOn = true;
    const first = await http.get('/', { validateStatus: null });
    expect([first.status, told(first), origin.count()]).toEqual([status, 'miss expired', 4]);
    await http.get('/other', { validateStatus: null });
    await http.get('/', { validateStatus: null, responseType: 'stream' });
    expect(origin.count()).toBe(6);
    clock.advance(60);
    await http.get('/other', { validateStatus: null });
    expect(origin.count()).toBe(8);
    // It has taught nothing about conditions.
    failing.isOn = false;
    await http.get('/');
    expect(conditionsSeen(cached).at(-1)).toBe('"1"');
  });

  test('a connection that is refused is not tried twice, and teaches nothing', async () => {
    const cached = await start(refusing({ status: 412 }));
    let calls = 0;
    const http = cached.http;
    const { url } = await startOrigin({ '/': {} }).then(async (origin) => {
      await origin.close();
      return origin;
    });
    const away: AxiosAdapter = (config) => {
      calls += 1;
      return axios.getAdapter(adapter)({ ...config, baseURL: url, url: '/' });
    };
    await http.get('/');
    cached.clock.advance(120);
    await expect(http.get('/', { adapter: away })).rejects.toMatchObject({ isAxiosError: true });
    expect(calls).toBe(1);
    await http.get('/');
    expect(conditionsSeen(cached)).toEqual([undefined, '"1"', undefined]);
  });

  test('the caller’s own conditions are the caller’s: nothing is tried again', async () => {
    const { http, origin, clock } = await start(refusing({ status: 412 }));
    await http.get('/');
    clock.advance(120);
    const own = { ...having({ 'If-None-Match': '"mine"' }), validateStatus: null };
    expect((await http.get('/', own)).status).toBe(412);
    expect(origin.count()).toBe(2);
  });

  test('a caller who has given up is not sent for a second time', async () => {
    const controller = new AbortController();
    const { http, origin, clock } = await start(
      refusing((_request, response) => {
        controller.abort();
        response.destroy();
        return undefined;
      }),
    );
    await http.get('/');
    clock.advance(120);
    await expect(http.get('/', { signal: controller.signal })).rejects.toMatchObject({ code: 'ERR_CANCELED' });
    await http.cache.idle();
    expect(origin.count()).toBe(2);
  });

  test.each<[string, InstanceOptions, AxiosRequestConfig]>([
    ['session', { conditionalRequests: false }, {}],
    ['URL pattern', { urlsExpireAfter: { '127.0.0.1': { conditionalRequests: false } } }, {}],
    ['request', {}, { cache: { conditionalRequests: false } }],
  ])('conditionalRequests: false by the %s: no condition is ever sent', async (_place, options, config) => {
    const headers = { ...CACHING.headers, 'last-modified': new Date(0).toUTCString() };
    const cached = await start(numbered({ headers }), { staleWhileRevalidate: 10, ...options });
    const { http, clock } = cached;
    await http.get('/', config);
    clock.advance(65);
    await http.get('/', config);
    await http.cache.idle();
    expect((await http.get('/', config)).data).toBe('answer 2');
    clock.advance(120);
    await http.get('/', config);
    await http.head('/', { ...config, cache: { conditionalRequests: false, mode: 'no-cache' } });
    expect(conditionsSeen(cached)).toEqual([undefined, undefined, undefined, undefined]);
  });
});

describe('by an adapter of the user’s own', () => {
  /** Fails as `failure` says where it sees a condition. */
  const picky =
    (failure: (config: Parameters<AxiosAdapter>[0]) => Error): AxiosAdapter =>
    (config) => {
      const isConditional = config.headers.has('If-None-Match') || config.headers.has('If-Modified-Since');
      if (isConditional) return Promise.reject(failure(config));
      return axios.getAdapter('http')(config);
    };

  test.each<[string, (config: Parameters<AxiosAdapter>[0]) => Error]>([
    ['ERR_NETWORK, as a refused preflight is', (config) => new AxiosError('Network Error', 'ERR_NETWORK', config)],
    ['a TypeError, as fetch itself does', () => new TypeError('Failed to fetch')],
    [
      'status 412, as it applies validateStatus itself',
      (config) => {
        const response = { status: 412, statusText: '', data: '', headers: {}, config };
        return new AxiosError('412', 'ERR_BAD_REQUEST', config, {}, response);
      },
    ],
  ])('which rejects with %s', async (_what, failure) => {
    const { http, origin, clock } = await startCached(numbered(CACHING), { defaults: { adapter: picky(failure) } });
    await http.get('/');
    clock.advance(120);
    expect((await http.get('/')).data).toBe('answer 2');
    clock.advance(120);
    expect((await http.get('/')).data).toBe('answer 3');
    expect(origin.count()).toBe(3);
  });

  test('which goes on although its caller has given up, and fails then, is not asked again', async () => {
    const held = gate();
    let calls = 0;
    const adapter: AxiosAdapter = async (config) => {
      calls += 1;
      if (calls === 1) return axios.getAdapter('http')(config);
      await held.passed;
      throw new AxiosError('Network Error', 'ERR_NETWORK', config);
    };
    const { http, clock } = await startCached(numbered(CACHING), { defaults: { adapter } });
    await http.get('/');
    clock.advance(120);
    const controller = new AbortController();
    const leaving = http.get('/', { signal: controller.signal });
    await settled();
    controller.abort();
    await expect(leaving).rejects.toMatchObject({ code: 'ERR_CANCELED' });
    held.open();
    await settled();
    expect(calls).toBe(2);
  });
});
