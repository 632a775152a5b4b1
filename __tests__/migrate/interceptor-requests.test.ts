/**
 * Requests of axios-cache-interceptor, before and after: the real package with what they say of the cache, and this one
 * with `translateRequest` as an interceptor, put as many requests to the server and give the same data.
 */
import axios, { type AxiosInstance, type AxiosRequestConfig } from 'axios';
import { buildMemoryStorage, type CacheOptions, setupCache as setupTheirs } from 'axios-cache-interceptor';
import { isCacheError, setupCache } from '../../lib/index.js';
import { fromAxiosCacheInterceptor, withAxiosCacheInterceptorFields } from '../../lib/migrate.js';
import { type ManualClock, manualClock } from '../support/clock.js';
import { type Handler, type Origin, startOrigin } from '../support/origin.js';

/** A request in the words of the other cache, a number of seconds that pass, or a word about the server. */
type Step = number | 'the server fails' | (Omit<AxiosRequestConfig, 'cache'> & { cache?: unknown; id?: string });

let closing: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closing) await close();
  closing = [];
  jest.restoreAllMocks();
});

type SetUp = (instance: AxiosInstance, options: object, clock: ManualClock) => AxiosInstance;

const theirs: SetUp = (instance, options, clock) => {
  jest.spyOn(Date, 'now').mockImplementation(clock.now);
  const storage = buildMemoryStorage(false, false);
  return setupTheirs(instance, { storage, ...options }) as unknown as AxiosInstance;
};

const ours: SetUp = (instance, former, { now }) => {
  const { options, translateRequest } = fromAxiosCacheInterceptor(former);
  const http = setupCache(instance, { ...options, now });
  closing.push(() => http.cache.close());
  http.interceptors.request.use((config) => translateRequest(config));
  http.interceptors.response.use(withAxiosCacheInterceptorFields);
  return http;
};

const FIELDS: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  '/no-store': { 'Cache-Control': 'no-store' },
  '/max-age-60': { 'Cache-Control': 'max-age=60' },
  '/etag': { ETag: '"1"' },
  '/keep': { 'X-Keep': 'yes' },
  '/vary': { Vary: 'X-Language' },
};

interface Played {
  readonly seen: unknown[];
  readonly origin: Origin;
}

/** Gives the number of each answer, and how many requests the server saw. */
async function play(setUp: SetUp, former: object, steps: readonly Step[]): Promise<Played> {
  let count = 0;
  let fails = false;
  const handler: Handler = ({ path }) => {
    count += 1;
    if (fails) return { status: 503 };
    return { status: path === '/missing' ? 404 : 200, headers: FIELDS[path] ?? {}, body: { count } };
  };
  const clock = manualClock();
  const origin = await startOrigin(handler, { clock });
  closing.unshift(() => origin.close());
  const http = setUp(axios.create({ baseURL: origin.url, proxy: false, validateStatus: () => true }), former, clock);
  const seen: unknown[] = [];
  for (const step of steps) {
    if (typeof step === 'number') clock.advance(step);
    else if (step === 'the server fails') {
      fails = true;
      http.defaults.validateStatus = (status) => status < 500;
    } else seen.push((await http.request<{ count: number }>(step as AxiosRequestConfig)).data.count);
  }
  return { seen, origin };
}

const get = (url: string, cache?: unknown, id?: string): Step => ({
  url,
  ...(cache !== undefined && { cache }),
  ...(id !== undefined && { id }),
});
const post = (url: string, cache?: unknown): Step => ({ method: 'post', data: 'x', ...(get(url, cache) as object) });
const inLanguage = (language: string, cache: object): Step => ({
  url: '/vary',
  headers: { 'X-Language': language },
  cache,
});

const MINUTE = { ttl: 60_000 };
const OFF: CacheOptions = { enabled: false };

const rows: readonly (readonly [string, object, readonly Step[], seen: readonly number[]])[] = [
  ['ttl', {}, [get('/', MINUTE), 59, get('/'), 2, get('/')], [1, 1, 2]],
  ['ttl beside that of the session', { ttl: 1000 }, [get('/', MINUTE), 30, get('/', MINUTE)], [1, 1]],
  ['ttl as a function', {}, [get('/', { ttl: () => 60_000 }), 59, get('/'), 2, get('/')], [1, 1, 2]],
  ['the server before ttl', {}, [get('/max-age-60', { ttl: 1000 }), 30, get('/max-age-60')], [1, 1]],
  ['a ttl does not open POST', {}, [post('/', MINUTE), post('/', MINUTE)], [1, 2]],
  ['a ttl where the session opens POST', { methods: ['post'] }, [post('/', MINUTE), post('/', MINUTE)], [1, 1]],
  ['false', {}, [get('/', false), get('/', false)], [1, 2]],
  ['enabled: false', {}, [get('/'), get('/', OFF), get('/')], [1, 2, 1]],
  ['enabled: true, by the ttl of the session', { ...OFF, ...MINUTE }, [
    get('/'), get('/', { enabled: true }), 59, get('/', { enabled: true }), 2, get('/', { enabled: true }), get('/'),
  ], [1, 2, 2, 3, 4]],
  ['a ttl alone does not switch it on', OFF, [get('/', MINUTE), get('/', MINUTE)], [1, 2]],
  ['interpretHeader: false', {}, [
    get('/no-store', { interpretHeader: false }), get('/no-store', { interpretHeader: false }),
  ], [1, 1]],
  ['interpretHeader: true', { interpretHeader: false }, [
    get('/no-store', { interpretHeader: true }), get('/no-store', { interpretHeader: true }),
  ], [1, 2]],
  ['methods', {}, [post('/', { methods: ['post'] }), post('/', { methods: ['post'] })], [1, 1]],
  ['methods without the own one', {}, [get('/', { methods: ['post'] }), get('/')], [1, 2]],
  ['cachePredicate.statusCheck', {}, [
    get('/missing', { cachePredicate: { statusCheck: (status: number) => status === 404 } }),
    get('/missing', { cachePredicate: { statusCheck: (status: number) => status === 404 } }),
  ], [1, 1]],
  ['cachePredicate.containsHeaders', {}, [
    get('/keep', { cachePredicate: { containsHeaders: { 'x-keep': (value: string) => value === 'no' } } }),
    get('/keep'),
  ], [1, 2]],
  ['cachePredicate as a function', {}, [get('/', { cachePredicate: () => false }), get('/')], [1, 2]],
  ['cachePredicate.ignoreUrls', {}, [
    get('/live', { cachePredicate: { ignoreUrls: [/^\/live/] } }), get('/live'),
  ], [1, 2]],
  ['cachePredicate.allowUrls', {}, [get('/live', { cachePredicate: { allowUrls: ['/users'] } }), get('/live')], [1, 2]],
  ['a list in place of that of the session', { cachePredicate: { ignoreUrls: ['/live'] } }, [
    get('/live', { cachePredicate: { ignoreUrls: [] } }), get('/live', { cachePredicate: { ignoreUrls: [] } }),
    get('/live'),
  ], [1, 1, 2]],
  ['a predicate beside that of the session', { cachePredicate: { ignoreUrls: ['/live'] } }, [
    get('/live', { cachePredicate: { statusCheck: () => true } }), get('/live', { cachePredicate: {} }),
  ], [1, 2]],
  ['a URL that the session ignores', { cachePredicate: { ignoreUrls: ['/live'] } }, [
    get('/live', MINUTE), get('/live', MINUTE),
  ], [1, 2]],
  ['override', {}, [get('/'), get('/', { override: true }), get('/')], [1, 2, 2]],
  ['override: false', { override: true }, [get('/'), get('/', { override: false }), get('/')], [1, 1, 2]],
  ['cacheTakeover', {}, [get('/', { cacheTakeover: false }), get('/')], [1, 1]],
  ['staleIfError', { staleIfError: false, ...MINUTE }, [
    get('/etag'), 61, 'the server fails', get('/etag', { staleIfError: true }),
  ], [1, 1]],
  ['vary', {}, [
    inLanguage('de', { vary: false }), inLanguage('en', { vary: false }),
  ], [1, 1]],
  ['vary as a list', {}, [
    inLanguage('de', { vary: ['x-language'] }), inLanguage('en', { vary: ['x-language'] }),
    inLanguage('de', { vary: ['x-language'] }),
  ], [1, 2, 1]],
  ['vary: true', { vary: false }, [inLanguage('de', { vary: true }), inLanguage('en', { vary: true })], [1, 2]],
  ['id', {}, [get('/a', undefined, 'list'), get('/b', undefined, 'list'), get('/a')], [1, 1, 2]],
  ['update', {}, [
    get('/a', undefined, 'list'), get('/b'), post('/c', { update: { list: 'delete' } }), get('/a', undefined, 'list'),
    get('/b'),
  ], [1, 2, 3, 4, 2]],
  ['update by what is not cached', {}, [
    get('/a', undefined, 'list'), get('/c', { enabled: false, update: { list: 'delete' } }),
    get('/a', undefined, 'list'),
  ], [1, 2, 3]],
];

describe('the same requests', () => {
  test.each(rows)('%s: before', async (_name, former, steps, seen) => {
    expect((await play(theirs, former, steps)).seen).toEqual(seen);
  });

  test.each(rows)('%s: after', async (_name, former, steps, seen) => {
    expect((await play(ours, former, steps)).seen).toEqual(seen);
  });
});

const VALIDATORS: readonly (readonly [string, object, object, string | undefined])[] = [
  ['by default', {}, MINUTE, '"1"'],
  ['etag: false', {}, { ...MINUTE, etag: false }, undefined],
  ['etag: true', { etag: false, modifiedSince: false }, { ...MINUTE, etag: true }, '"1"'],
];
describe.each([['before', theirs], ['after', ours]] as const)('validators, %s', (_name, setUp) => {
  test.each(VALIDATORS)('%s', async (_of, former, cache, sent) => {
    const { origin } = await play(setUp, former, [get('/etag', cache), 61, get('/etag', cache)]);
    expect(origin.requests.map(({ headers }) => headers['if-none-match'])).toEqual([undefined, sent]);
  });
});

test('what is deleted by the id of a response is gone, whether or not the request had one', async () => {
  const origin = await startOrigin(() => ({ body: 'x' }));
  closing.push(() => origin.close());
  const http = ours(axios.create({ baseURL: origin.url, proxy: false }), {}, manualClock());
  for (const given of [undefined, 'list']) {
    const config = (given === undefined ? {} : { id: given }) as AxiosRequestConfig;
    const { id } = (await http.get('/', config)) as unknown as { id: string };
    expect(id).toEqual(given ?? expect.any(String));
    await http.post('/other', 'x', { cache: { update: { [id]: 'delete' } } } as AxiosRequestConfig);
    expect((await http.get('/', config)).cached).toBe(false);
  }
});

describe('what is left as it is', () => {
  const { translateRequest } = fromAxiosCacheInterceptor({});
  const same = [
    {}, { cache: false }, { cache: '5m' }, { cache: 'reload' }, { cache: undefined }, { cache: {} },
    { cache: { expireAfter: '5m' } }, { cache: { tags: ['a'], staleIfError: '1m' } },
  ];
  test.each(same)('%p', (config) => {
    expect(translateRequest(config)).toBe(config);
  });

  test('a config is not written to', () => {
    const config = Object.freeze({ url: '/', id: 'a', cache: Object.freeze({ ttl: 1000 }) });
    expect(translateRequest(config)).toEqual({
      url: '/',
      id: 'a',
      cache: { key: 'a', tags: ['a'], cacheControl: true, expireAfter: 1, allowedMethods: ['GET', 'HEAD'] },
    });
  });
});

describe('what is told of a request', () => {
  const sentences: readonly (readonly [object, RegExp])[] = [
    [{ hydrate: () => undefined }, /hydrate .*onRefreshed/],
    [{ etag: '"mine"' }, /"If-None-Match": "\\"mine\\""/],
    [{ modifiedSince: new Date() }, /If-Modified-Since/],
    [{ update: { list: () => 'ignore' } }, /update: the function for list .*http\.cache\.update/],
    [{ update: () => undefined }, /update as a function .*after the request/],
    [{ staleIfError: () => true }, /staleIfErrorCodes/],
    [{ ttl: () => 1 }, /ttl is given the answer as it is stored/],
  ];
  test.each(sentences)('%p', (cache, sentence) => {
    const told: string[] = [];
    fromAxiosCacheInterceptor({}).translateRequest({ cache }, (each) => told.push(each));
    expect(told).toEqual([expect.stringMatching(sentence)]);
  });

  test('each sentence once, and not again what was told of the session', () => {
    const { translateRequest, unsupported } = fromAxiosCacheInterceptor({ ttl: () => 1 });
    const told: string[] = [];
    for (const cache of [{ interpretHeader: true }, { hydrate: () => 1 }, { hydrate: () => 2 }]) {
      translateRequest({ cache }, (each) => told.push(each));
    }
    expect(unsupported).toHaveLength(1);
    expect(told).toEqual([expect.stringContaining('hydrate')]);
  });

  test('nothing of what is kept whole', () => {
    const told: string[] = [];
    const cache = { ttl: 1, methods: ['get'], update: { list: 'delete' }, vary: true, cacheTakeover: true };
    fromAxiosCacheInterceptor({}).translateRequest({ id: 'a', cache }, (each) => told.push(each));
    expect(told).toEqual([]);
  });
});

test('a value that was not taken there rejects the request, which is not sent', async () => {
  const { translateRequest } = fromAxiosCacheInterceptor({});
  expect(() => translateRequest({ cache: { ttl: '5m' } })).toThrow('ttl must be a number of milliseconds; got "5m".');
  const { http, origin } = await startOurs();
  const config = { cache: { ttl: '5m' } } as AxiosRequestConfig;
  const error: unknown = await http.get('/', config).catch((each: unknown) => each);
  expect(isCacheError(error) && error.code).toBe('ERR_CACHE_OPTION');
  expect(origin.count()).toBe(0);
});

async function startOurs(): Promise<{ http: AxiosInstance; origin: Origin }> {
  const origin = await startOrigin(() => ({ body: 'x' }));
  closing.push(() => origin.close());
  return { http: ours(axios.create({ baseURL: origin.url, proxy: false }), {}, manualClock()), origin };
}
