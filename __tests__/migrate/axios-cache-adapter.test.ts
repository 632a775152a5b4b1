/** Options of axios-cache-adapter 2.7, which is made for axios 0.x and cannot be run beside this package. */
import type { AxiosInstance, AxiosRequestConfig } from 'axios';
import { fromAxiosCacheAdapter, withAxiosCacheAdapterFields } from '../../lib/migrate.js';
import { startCached } from '../support/cached-instance.js';
import type { Handler } from '../support/origin.js';

/** Each answer has its number. */
function numberedAnswers(): Handler {
  let count = 0;
  return ({ path }) => {
    count += 1;
    if (path === '/failing' && count > 1) return { status: 503 };
    return { headers: path === '/no-store' ? { 'Cache-Control': 'no-store' } : {}, body: { count } };
  };
}

const startTranslated = (options: object) => startCached(numberedAnswers(), fromAxiosCacheAdapter(options).options);

const numberOf = async (http: AxiosInstance, url: string): Promise<number> =>
  (await http.get<{ count: number }>(url)).data.count;

const rows: readonly (readonly [string, object, readonly (string | number)[], readonly number[]])[] = [
  ['nothing given: fifteen minutes', {}, ['/', 899, '/', 2, '/'], [1, 1, 2]],
  ["the server's word does not count", {}, ['/no-store', '/no-store'], [1, 1]],
  ['nor are URLs with a query cached', {}, ['/?x=1', '/?x=1'], [1, 2]],
  ['maxAge', { maxAge: 60_000 }, ['/', 59, '/', 2, '/'], [1, 1, 2]],
  ['readHeaders', { readHeaders: true, maxAge: 60_000 }, ['/no-store', '/no-store', '/', 1, '/'], [1, 2, 3, 4]],
  ['exclude.query: false', { exclude: { query: false } }, ['/?x=1', '/?x=1', '/?x=2'], [1, 1, 2]],
  ['exclude.paths', { exclude: { paths: [/live/] } }, ['/live', '/live', '/', '/'], [1, 2, 3, 3]],
  ['exclude.methods', { exclude: { methods: ['get'] } }, ['/', '/'], [1, 2]],
  ['key', { key: ({ url }: { url: string }) => url.charAt(1) }, ['/abc', '/axy', '/b'], [1, 1, 2]],
  ['ignoreCache', { ignoreCache: true }, ['/', '/'], [1, 2]],
  ['excludeFromCache', { excludeFromCache: true }, ['/', '/'], [1, 2]],
  ['readOnError', { readOnError: true, maxAge: 1000 }, ['/failing', 60, '/failing'], [1, 1]],
];

test.each(rows)('%s', async (_name, options, steps, expected) => {
  const { http, clock } = await startTranslated(options);
  const seen: number[] = [];
  for (const step of steps) {
    if (typeof step === 'number') clock.advance(step);
    else seen.push(await numberOf(http, step));
  }
  expect(seen).toEqual(expected);
});

test('exclude.methods names what is not cached, and a method that it leaves out is', async () => {
  const { http, origin } = await startTranslated({ exclude: { methods: ['put'] } });
  await http.post('/', 'x');
  await http.post('/', 'x');
  expect(origin.count()).toBe(1);
});

/** A request in the words of the other cache, or seconds that pass. */
type Step = number | (Omit<AxiosRequestConfig, 'cache'> & { cache?: unknown; clearCacheEntry?: boolean });

const get = (url: string, cache?: unknown): Step => ({ url, ...(cache !== undefined && { cache }) });
const post = (cache: unknown): Step => ({ method: 'post', url: '/', data: 'x', cache });
const MINUTE = { maxAge: 60_000 };
const QUERY = { exclude: { query: false } };
const NOT_ADA = { exclude: { filter: ({ url }: { url: string }) => url.includes('ada') } };

/** What axios-cache-adapter 2.7.3 gave with axios 0.21.4. */
const requestRows: readonly (readonly [string, object, readonly Step[], readonly number[]])[] = [
  ['maxAge', {}, [get('/', MINUTE), 59, get('/'), 2, get('/')], [1, 1, 2]],
  ['maxAge beside that of the session', { maxAge: 1000 }, [get('/', MINUTE), 30, get('/')], [1, 1]],
  ['a maxAge does not open POST', {}, [post(MINUTE), post(MINUTE)], [1, 2]],
  ['a maxAge for what the session excludes', {}, [get('/?x=1', MINUTE), get('/?x=1', MINUTE)], [1, 2]],
  ['readHeaders', {}, [get('/no-store', { readHeaders: true }), get('/no-store', { readHeaders: true })], [1, 2]],
  ['readHeaders: false', { readHeaders: true, maxAge: 60_000 }, [
    get('/no-store', { readHeaders: false }), 59, get('/no-store', { readHeaders: false }),
  ], [1, 1]],
  ['exclude.query: false', {}, [get('/?x=1', QUERY), get('/?x=1', QUERY), get('/?x=1')], [1, 1, 2]],
  ['exclude.query: true', QUERY, [
    { url: '/', params: { x: 1 }, cache: { exclude: { query: true } } }, { url: '/', params: { x: 1 } },
  ], [1, 2]],
  ['exclude.paths', {}, [get('/live', { exclude: { paths: [/^\/live/] } }), get('/live')], [1, 2]],
  ['exclude.filter', {}, [get('/ada', NOT_ADA), get('/ada')], [1, 2]],
  ['exclude.filter of the session', NOT_ADA, [get('/ada'), get('/ada'), get('/alan'), get('/alan')], [1, 2, 3, 3]],
  ['exclude.methods', {}, [post({ exclude: { methods: [] } }), post({ exclude: { methods: [] } })], [1, 1]],
  ['ignoreCache', {}, [get('/'), get('/', { ignoreCache: true }), get('/')], [1, 2, 2]],
  ['ignoreCache: false', { ignoreCache: true }, [get('/'), get('/', { ignoreCache: false })], [1, 1]],
  ['excludeFromCache', {}, [get('/', { excludeFromCache: true }), get('/'), get('/')], [1, 2, 2]],
  ['readOnError', { ...MINUTE, clearOnStale: false }, [
    get('/failing'), 61, get('/failing', { readOnError: true }),
  ], [1, 1]],
  ['key', {}, [
    get('/abc', { key: ({ url }: { url: string }) => url.charAt(1) }),
    get('/axy', { key: ({ url }: { url: string }) => url.charAt(1) }),
    get('/axy'),
  ], [1, 1, 2]],
  ['what had no effect on a request', {}, [get('/', { limit: 1, clearOnError: true }), get('/')], [1, 1]],
];

test.each(requestRows)('requests with %s', async (_name, former, steps, expected) => {
  const { options, translateRequest } = fromAxiosCacheAdapter(former);
  const { http, clock } = await startCached(numberedAnswers(), options);
  http.interceptors.request.use((config) => translateRequest(config));
  const seen: number[] = [];
  for (const step of steps) {
    if (typeof step === 'number') clock.advance(step);
    else seen.push((await http.request<{ count: number }>(step as AxiosRequestConfig)).data.count);
  }
  expect(seen).toEqual(expected);
});

test('clearCacheEntry asks the server anew', async () => {
  const { options, translateRequest } = fromAxiosCacheAdapter({});
  const { http } = await startCached(numberedAnswers(), options);
  await http.get('/');
  const { data } = await http.get<{ count: number }>('/', translateRequest({ clearCacheEntry: true }));
  expect([data.count, await numberOf(http, '/')]).toEqual([2, 2]);
});

test('what is in our words, or says nothing, is left as it is', () => {
  const { translateRequest } = fromAxiosCacheAdapter({});
  const same = [{}, { cache: '5m' }, { cache: false }, { cache: {} }, { cache: { expireAfter: '5m', key: 'a' } }];
  for (const config of same) {
    expect(translateRequest(config)).toBe(config);
  }
});

test.each([
  [{ invalidate: () => undefined }, /invalidate on a request .*invalidates: \["\/users"\]/],
  [{ key: 'mine' }, /key as a text on a request .*key: \(config\)/],
  [{ readOnError: () => true }, /staleIfError: "1 day"/],
])('of a request is told: %p', (cache, sentence) => {
  const told: string[] = [];
  const { translateRequest } = fromAxiosCacheAdapter({});
  for (const _again of [1, 2]) translateRequest({ cache }, (each) => told.push(each));
  expect(told).toEqual([expect.stringMatching(sentence)]);
});

test('responses have what the other cache gave them', async () => {
  const { http } = await startTranslated({ exclude: { paths: [/live/] } });
  http.interceptors.response.use(withAxiosCacheAdapterFields);
  const requestOf = async (url: string): Promise<unknown> => (await http.get(url)).request as unknown;
  expect(await requestOf('/')).toMatchObject({ fromCache: false, stale: false, excludedFromCache: false });
  expect(await requestOf('/')).toMatchObject({ fromCache: true, stale: false, excludedFromCache: false });
  expect(await requestOf('/live')).toMatchObject({ fromCache: false, excludedFromCache: true });
  expect(withAxiosCacheAdapterFields({})).toEqual({
    request: { fromCache: false, stale: false, excludedFromCache: false },
  });
});

test('debug lines reach the function that took them', async () => {
  const lines: string[] = [];
  const { http } = await startTranslated({ debug: (line: string) => lines.push(line) });
  await http.get('/');
  expect(lines).toEqual([expect.stringContaining('miss')]);
  expect(fromAxiosCacheAdapter({ debug: true }).options.debug).toBe(true);
});

describe('what is told', () => {
  test('nothing of what is kept whole', () => {
    const whole = { maxAge: 1000, limit: false, exclude: { query: false }, clearOnStale: true, clearOnError: false };
    const { options, unsupported } = fromAxiosCacheAdapter({ ...whole, key: null, store: undefined, debug: false });
    expect({ options, unsupported }).toEqual({
      options: { expireAfter: 1, cacheControl: false },
      unsupported: [],
    });
  });

  const sentences: readonly (readonly [object, RegExp])[] = [
    [{ limit: 10 }, /storage: new MemoryStorage\(\{ maxEntries: 10 \}\)/],
    [{ store: {} }, /store .*new RedisStorage\(\{ client \}\).*new IndexedDbStorage\(\)/],
    [{ adapter: () => undefined }, /setupCache\(axios\.create\(\{ adapter \}\), options\)/],
    [{ invalidate: () => undefined }, /invalidates: \["\/users"/],
    [{ exclude: { filter: () => true } }, /interceptors\.request\.use/],
    [{ exclude: { paths: [/^\/live/] } }, /exclude\.paths\[0\].*without the \^/],
    [{ key: 'mine' }, /namespace/],
    [{ readOnError: true }, /staleIfErrorCodes names others/],
    [{ readOnError: () => true }, /staleIfError: "1 day"/],
    [{ cache: {} }, /fromAxiosCacheAdapter\(config\.cache\)/],
    [{ ttl: 1 }, /ttl is not an option of axios-cache-adapter 2\.7/],
  ];
  test.each(sentences)('%#: %p', (options, sentence) => {
    const { unsupported } = fromAxiosCacheAdapter(options);
    expect(unsupported).toEqual([expect.stringMatching(sentence)]);
  });
});

test('what the other cache did not take is an ERR_CACHE_OPTION', () => {
  expect(() => fromAxiosCacheAdapter({ maxAge: '15m' })).toThrow('maxAge must be a number of milliseconds; got "15m".');
  expect(() => fromAxiosCacheAdapter([])).toThrow('options must be the object that axios-cache-adapter 2.7 was given');
});
