/** setupCache: what it takes, what it changes on the instance, and that it changes nothing else. */
import axios, { type AxiosError, type AxiosInstance, type InternalAxiosRequestConfig } from 'axios';
import { CacheError, type CacheOptions, getCache, isCacheError, setupCache } from '../lib/index.js';
import { startCached, told } from './support/cached-instance.js';
import type { RecordedRequest } from './support/origin.js';

const thrownBy = (call: () => unknown): unknown => {
  try {
    return call();
  } catch (error) {
    return error;
  }
};

/** Freezes a value at every depth, so that a write to it throws: this file is strict code. */
function deepFrozen<T extends object>(value: T): T {
  for (const member of Object.values(value))
    if (typeof member === 'object' && member !== null) deepFrozen(member as object);
  return Object.freeze(value);
}

describe('the call', () => {
  test('returns the instance that it was given', () => {
    const instance = axios.create();
    expect(setupCache(instance)).toBe(instance);
  });

  test('works as a bare statement', async () => {
    const { origin } = await startCached({ '/': { body: 'x' } });
    const instance = axios.create({ baseURL: origin.url });
    setupCache(instance);
    await instance.get('/');
    expect((await instance.get('/')).cached).toBe(true);
    expect(origin.count()).toBe(1);
  });

  test.each<[string, unknown]>([
    ['undefined', undefined],
    ['null', null],
    ['a config', { baseURL: 'https://api.example.com' }],
    ['a function', () => undefined],
    ['the class of axios', axios.Axios],
    ['a storage', new Map()],
    ['text', 'axios'],
  ])('refuses %s as an instance', (_name, value) => {
    const error = thrownBy(() => setupCache(value as AxiosInstance));
    expect(error).toBeInstanceOf(CacheError);
    expect(error).toMatchObject({ code: 'ERR_CACHE_INSTANCE', message: expect.stringContaining('axios.create()') });
  });

  test.each<[string, object, string, RegExp]>([
    ['an unreadable lifetime', { expireAfter: 'soon' }, 'expireAfter', /soon.*"5m"/],
    ['a name that was meant otherwise', { expiresAfter: 60 }, 'expiresAfter', /expireAfter/],
    ['a URL rule', { urlsExpireAfter: { 'api.test/**': 'x' } }, "urlsExpireAfter['api.test/**']", /api\.test/],
    ['a method', { allowedMethods: ['FETCH'] }, 'allowedMethods[0]', /FETCH/],
    ['a clock', { now: 5 }, 'now', /5/],
  ])('refuses %s, names the option, and leaves the instance alone', (_name, options, option, message) => {
    const instance = axios.create();
    const { adapter } = instance.defaults;
    const error = thrownBy(() => setupCache(instance, options as CacheOptions));
    expect(error).toMatchObject({
      name: 'CacheError',
      code: 'ERR_CACHE_OPTION',
      option,
      message: expect.stringMatching(message),
    });
    expect(instance.defaults.adapter).toBe(adapter);
    expect(getCache(instance)).toBeUndefined();
    expect(setupCache(instance).cache).toBeDefined();
  });
});

describe('the instance afterwards', () => {
  test('getCache gives the manager, and nothing for an instance without a cache', () => {
    const instance: AxiosInstance = axios.create();
    expect(getCache(instance)).toBeUndefined();
    const { cache } = setupCache(instance);
    expect(getCache(instance)).toBe(cache);
  });

  test('`cache` is not enumerable: neither listed nor copied', () => {
    const instance = setupCache(axios.create());
    expect(Object.keys(instance)).toEqual(Object.keys(axios.create()));
    expect({ ...instance }).not.toHaveProperty('cache');
  });

  test('its defaults are as they were, but for the adapter', () => {
    const settings = { baseURL: 'https://api.example.com', timeout: 5, headers: { 'X-Own': '1' }, params: { a: 1 } };
    const withoutAdapter = ({ defaults }: AxiosInstance): object => ({ ...defaults, adapter: undefined });
    expect(withoutAdapter(setupCache(axios.create(settings), { expireAfter: 60 }))).toEqual(
      withoutAdapter(axios.create(settings)),
    );
  });

  test('the options that were given are not kept: changing them later changes nothing', async () => {
    const options: CacheOptions = { allowedMethods: ['GET'], expireAfter: 60 };
    const { http, clock } = await startCached({ '/': {} }, options);
    options.expireAfter = false;
    await http.get('/');
    clock.advance(30);
    expect(told(await http.get('/'))).toBe('hit fresh');
  });
});

describe('a request', () => {
  test.each<[string, unknown, string]>([
    ["'never', which reads as its opposite", 'never', 'cache'],
    ['an unreadable duration', 'soon', 'cache'],
    ['a negative number', -5, 'cache'],
    ['an unknown name', { ttl: 5 }, 'cache.ttl'],
    ['a wrong value', { maxEntryBytes: 'big' }, 'cache.maxEntryBytes'],
  ])('with %s as `cache` rejects with an AxiosError', async (_name, setting, option) => {
    const { http, origin } = await startCached({ '/': {} });
    const error: unknown = await http.get('/', { cache: setting as number }).catch((reason: unknown) => reason);
    expect(axios.isAxiosError(error)).toBe(true);
    expect(isCacheError(error)).toBe(true);
    const { code, config, cause, response } = error as AxiosError;
    expect({ code, url: config?.url, response }).toEqual({ code: 'ERR_CACHE_OPTION', url: '/', response: undefined });
    expect(cause).toBeInstanceOf(CacheError);
    expect((cause as CacheError).option).toBe(option);
    expect(origin.count()).toBe(0);
  });

  const asked = { tags: ['t'], partition: 'ada' };
  const NOT_CACHED = { 'cache-control': 'no-cache', pragma: 'no-cache' };

  // The modes that ask for a new answer are told to fetch, for which Node's own adds these two fields.
  test.each([
    ['http', '5m', {}],
    ['http', 'no-cache', {}],
    ['http', 'reload', {}],
    ['http', { key: 'mine', ...asked }, {}],
    ['fetch', '5m', {}],
    ['fetch', 'default', {}],
    ['fetch', 'force-cache', {}],
    ['fetch', { key: 'mine', ...asked }, {}],
    ['fetch', 'no-cache', { 'cache-control': 'max-age=0' }],
    ['fetch', 'reload', NOT_CACHED],
  ] as const)('with the %s adapter and `cache` %j adds to what is sent only %j', async (adapter, cache, added) => {
    const { http, origin } = await startCached({ '/': {}, '/plain': {} }, { allowedMethods: ['GET', 'POST'] });
    const plain = axios.create({ baseURL: origin.url, adapter });
    await http.post('/', { a: 1 }, { adapter, cache });
    await http.get('/', { adapter, cache });
    await plain.post('/plain', { a: 1 });
    await plain.get('/plain');
    const sent = ({ method, url, headers, body }: RecordedRequest): object => ({
      method, url: url.replace('/plain', '/'), headers, body: body.toString(),
    });
    const [post, get, ...without] = origin.requests.map(sent);
    const expected = without.map((each) => {
      const { headers, ...rest } = each as { headers: object };
      return { ...rest, headers: { ...headers, ...added } };
    });
    expect([post, get]).toEqual(expected);
  });

  test('leaves a config that is frozen at every depth as it is', async () => {
    const { http, origin } = await startCached(
      { '/': { headers: { ETag: '"1"' } } },
      { allowedMethods: ['GET', 'POST'] },
    );
    const config = deepFrozen({
      headers: { 'X-Own': '1' },
      params: { list: [1, { deep: 2 }] },
      data: { deep: [1] },
      cache: { tags: ['t'], expireAfter: '5m', mode: 'no-cache' } as const,
    });
    for (const method of ['get', 'get', 'post', 'put']) {
      expect((await http.request({ url: '/', method, ...config })).status).toBe(200);
    }
    expect(config.headers).toEqual({ 'X-Own': '1' });
    expect(origin.count()).toBe(4);
  });

  test('writes neither to the headers that the caller gave nor to those of its config', async () => {
    const { http, origin } = await startCached({ '/': { headers: { ETag: '"1"' } } });
    const headers = new axios.AxiosHeaders({ 'X-Own': '1' });
    await http.get('/', { headers, cache: 'no-cache' });
    const renewed = await http.get('/', { headers, cache: 'no-cache', auth: { username: 'a', password: 'b' } });
    const validated = await http.get('/', { headers, cache: 'no-cache' });
    expect(origin.requests.at(-1)?.headers['if-none-match']).toBe('"1"');
    expect(headers.toJSON()).toEqual({ 'X-Own': '1' });
    for (const { config } of [renewed, validated]) {
      expect(config.headers.toJSON()).toEqual({ Accept: 'application/json, text/plain, */*', 'X-Own': '1' });
    }
  });

  test('gives the caller its own config back, on a miss, a hit and a bypass', async () => {
    const { http } = await startCached({ '/': {} });
    const seen: InternalAxiosRequestConfig[] = [];
    http.interceptors.request.use((config) => {
      seen.push(config);
      return config;
    });
    const given = {
      responseType: 'text',
      validateStatus: (status: number) => status < 300,
      signal: new AbortController().signal,
    } as const;
    for (const cache of [true, true, false]) {
      const { config } = await http.get('/', { ...given, cache });
      expect(config).toMatchObject({ ...given, cache, url: '/', method: 'get' });
      expect(config.headers.toJSON()).toEqual(seen.at(-1)?.headers.toJSON());
    }
  });
});
