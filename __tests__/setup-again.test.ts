/** setupCache on an instance that has a cache already, and on objects of classes that extend `Axios`. */
import axios, { type AxiosAdapter, Axios, type AxiosInstance, type CreateAxiosDefaults } from 'axios';
import { CacheError, type CacheOptions, getCache, isCacheError, MemoryStorage, setupCache } from '../lib/index.js';
import { startCached, told } from './support/cached-instance.js';

const storage = new MemoryStorage();
/** An error with this code. */
const having = (code: string): Error => expect.objectContaining({ code }) as Error;
const partition = (): string => 'ada';

describe('called again', () => {
  const same: [string, () => CacheOptions, (() => CacheOptions | undefined)?][] = [
    ['the same values', () => ({ expireAfter: '1h', staleIfError: true })],
    ['them in another order', () => ({ expireAfter: 60, shared: true }), () => ({ shared: true, expireAfter: 60 })],
    ['what is undefined', () => ({ expireAfter: '1h' }), () => ({ expireAfter: '1h', onEvent: undefined }) as object],
    ['lists, dates and patterns of their own', () => ({
      allowedMethods: ['GET', 'POST'],
      expireAfter: new Date(2035, 1),
      urlsExpireAfter: [[/^https:\/\/a\.test\//i, { expireAfter: '5m', ignoredParams: ['_'] }], ['b.test/**', false]],
    })],
    ['the same function and the same storage', () => ({ partition, storage })],
    ['none', () => ({ expireAfter: '1h', partition: () => 'ada' }), () => undefined],
    ['an object that says nothing', () => ({ expireAfter: '1h' }), () => ({})],
    ['none at all', () => ({}), () => undefined],
  ];

  test.each(same)('with %s it changes nothing', async (...[, first, second = first]) => {
    const { http, origin } = await startCached({ '/': { body: 'x' } });
    http.cache.uninstall();
    setupCache(http, first());
    const { cache } = http;
    const { adapter } = http.defaults;
    const create: unknown = Reflect.get(http, 'create');
    await http.get('/');
    expect(setupCache(http, second())).toBe(http);
    expect([http.cache, getCache(http), http.defaults.adapter, Reflect.get(http, 'create')]).toEqual([
      cache, cache, adapter, create,
    ]);
    await http.get('/');
    expect(origin.count()).toBe(1);
  });

  const others: readonly (readonly [string, CacheOptions, CacheOptions])[] = [
    ['another value', { expireAfter: '1h' }, { expireAfter: '2h' }],
    ['one value more', { expireAfter: '1h' }, { expireAfter: '1h', shared: true }],
    ['one value less', { expireAfter: '1h', shared: true }, { shared: true }],
    ['another function with the same text', { partition: () => 'ada' }, { partition: () => 'ada' }],
    ['another storage', { storage: new MemoryStorage() }, { storage: new MemoryStorage() }],
    ['other flags of a pattern', { urlsExpireAfter: [[/a/, 60]] }, { urlsExpireAfter: [[/a/i, 60]] }],
    [
      'the same URL patterns in another order, of which the first would win',
      { urlsExpireAfter: { 'a.test/b/**': 60, 'a.test/**/c': 5 } },
      { urlsExpireAfter: { 'a.test/**/c': 5, 'a.test/b/**': 60 } },
    ],
  ];

  test.each(others)('with %s it says so and changes nothing', (_name, first, second) => {
    const instance = setupCache(axios.create(), first);
    const { cache } = instance;
    const { adapter } = instance.defaults;
    const fault = (): unknown => setupCache(instance, second);
    expect(fault).toThrow(CacheError);
    expect(fault).toThrow(having('ERR_CACHE_INSTALLED'));
    expect(fault).toThrow(/getCache\(instance\).*uninstall\(\)/);
    expect([instance.cache, instance.defaults.adapter]).toEqual([cache, adapter]);
  });

  test('with wrong options it says what is wrong', () => {
    const instance = setupCache(axios.create(), { expireAfter: '1h' });
    expect(() => setupCache(instance, { expireAfter: 'soon' as '5m' })).toThrow(having('ERR_CACHE_OPTION'));
  });

  test('after options were changed in place: what they said at first counts', () => {
    const options: CacheOptions = { expireAfter: '1h', allowedMethods: ['GET'] };
    const instance = setupCache(axios.create(), options);
    (options.allowedMethods as string[]).push('POST');
    expect(() => setupCache(instance, options)).toThrow(having('ERR_CACHE_INSTALLED'));
    expect(setupCache(instance, { expireAfter: '1h', allowedMethods: ['GET'] })).toBe(instance);
  });

  test('a list that holds itself is an error of the options, and no endless loop', () => {
    const tags: unknown[] = [];
    tags.push(tags);
    expect(() => setupCache(axios.create(), { tags } as CacheOptions)).toThrow(having('ERR_CACHE_OPTION'));
  });

  test('after uninstall or close there is a new cache, whatever the options', async () => {
    const { http, origin } = await startCached({ '/': { body: 'x' } });
    http.cache.uninstall();
    setupCache(http, { expireAfter: '1h' });
    const { cache } = http;
    await cache.close();
    setupCache(http, { expireAfter: '1h' });
    expect(http.cache).not.toBe(cache);
    await http.get('/');
    expect(told(await http.get('/'))).toBe('hit fresh');
    expect(origin.count()).toBe(1);
  });

  test('instances with equal options have a cache each', async () => {
    const { origin } = await startCached({ '/': { body: 'x' } });
    const options = (): CacheOptions => ({ urlsExpireAfter: { '127.0.0.1/**': '5m' } });
    const [one, other] = [1, 2].map(() => setupCache(axios.create({ baseURL: origin.url }), options()));
    await one?.get('/');
    expect((await other?.get('/'))?.cached).toBe(false);
    expect((await one?.get('/'))?.cached).toBe(true);
    await one?.cache.close();
    expect((await other?.get('/'))?.cached).toBe(true);
  });
});

describe('a class that extends Axios', () => {
  class Api extends Axios {
    constructor(config: CreateAxiosDefaults, options?: CacheOptions) {
      super({ ...axios.defaults, ...config } as ConstructorParameters<typeof Axios>[0]);
      setupCache(this, options);
    }

    async user(id: number): Promise<boolean | undefined> {
      return (await this.get(`/users/${id}`)).cached;
    }
  }

  test('can set up its own cache, which all of its methods use', async () => {
    const { origin } = await startCached({ '/users/1': { body: '{"id":1}' } });
    const api = new Api({ baseURL: origin.url }, { expireAfter: '1h' });
    expect([await api.user(1), await api.user(1)]).toEqual([false, true]);
    expect((await api.request({ url: '/users/1' })).data).toEqual({ id: 1 });
    expect(origin.count()).toBe(1);
    await api.put('/users/1', {});
    expect(await api.user(1)).toBe(false);
    expect(await getCache(api)?.has('/users/1')).toBe(true);
    expect(await getCache(api)?.get('/users/1')).toMatchObject({ status: 200 });
  });

  test('keeps the caches of its objects apart, and takes them off one by one', async () => {
    const { origin } = await startCached({ '/users/1': { body: 'x' } });
    const [one, other] = [new Api({ baseURL: origin.url }), new Api({ baseURL: origin.url })];
    await one.user(1);
    expect(await other.user(1)).toBe(false);
    getCache(one)?.uninstall();
    expect(getCache(one)).toBeUndefined();
    expect([await one.user(1), await other.user(1)]).toEqual([undefined, true]);
  });

  test('obeys its interceptors, an adapter of a request, and a second setupCache', async () => {
    const { origin } = await startCached({ '/users/1': { body: 'x' } });
    const api = new Api({ baseURL: origin.url }, { expireAfter: '1h' });
    expect(setupCache(api, { expireAfter: '1h' })).toBe(api);
    api.interceptors.request.use((config) => {
      config.headers.set('Authorization', 'Bearer ada');
      return config;
    });
    await api.get('/users/1', { adapter: 'fetch' });
    expect(await api.user(1)).toBe(true);
    expect(origin.requests.map(({ headers }) => headers['authorization'])).toEqual(['Bearer ada']);
  });

  test('an object of axios\' own class is one too, and its type has `cache`', async () => {
    const { origin } = await startCached({ '/': { body: 'x' } });
    const client = setupCache(new axios.Axios({ baseURL: origin.url, adapter: 'http' }));
    await client.get('/');
    const { cached } = await client.get('/');
    expect(cached).toBe(true);
    expect(await client.cache.count()).toBe(1);
  });

  test('an instance of another copy of axios is one', async () => {
    const other = jest.requireActual<{ default: { create: (config: object) => AxiosInstance } }>('axios-1.13').default;
    const { origin } = await startCached({ '/': { body: 'x' } });
    const http = setupCache(other.create({ baseURL: origin.url }));
    await http.get('/');
    expect((await http.get('/')).cached).toBe(true);
  });
});

describe('another copy of this package, as the CommonJS one is beside the ES module', () => {
  const other = {} as { readonly setupCache: typeof setupCache; readonly getCache: typeof getCache };
  jest.isolateModules(() => void Object.assign(other, jest.requireActual('../lib/index.js')));

  test('finds the cache and leaves it as it is: one cache, one request, one answer', async () => {
    expect(other.setupCache).not.toBe(setupCache);
    const { http, origin } = await startCached({ '/': { body: 'x' } }, { expireAfter: '1h' });
    const { cache } = http;
    const { adapter } = http.defaults;
    expect([other.setupCache(http), other.getCache(http)]).toEqual([http, cache]);
    expect([http.cache, http.defaults.adapter]).toEqual([cache, adapter]);
    await http.get('/');
    expect(told(await http.get('/'))).toBe('hit fresh');
    expect(origin.count()).toBe(1);
  });

  test.each([
    ['the same values', { expireAfter: '1h' }, { expireAfter: '1h' }, undefined],
    ['other values', { expireAfter: '1h' }, { expireAfter: '2h' }, 'ERR_CACHE_INSTALLED'],
    ['functions, which may be others', { partition }, { partition: () => 'eve' }, 'ERR_CACHE_INSTALLED'],
    ['a storage, which may be another', { storage }, { storage: new MemoryStorage() }, 'ERR_CACHE_INSTALLED'],
  ] as const)('says what a second call says: %s', (_what, first, second, code) => {
    const instance = setupCache(axios.create(), first);
    const { cache } = instance;
    let fault: unknown;
    try {
      other.setupCache(instance, second);
    } catch (error) {
      fault = error;
    }
    expect(code === undefined ? fault : [isCacheError(fault), (fault as CacheError).code]).toEqual(
      code === undefined ? undefined : [true, code],
    );
    expect(instance.cache).toBe(cache);
  });

  test('takes the place of a cache that is closed or inherited, or of one that was copied with the defaults', async () => {
    const { http, origin } = await startCached({ '/': { body: 'x' } });
    const child = other.setupCache(http.create());
    const alike = other.setupCache(axios.create(http.defaults as CreateAxiosDefaults));
    await http.cache.close();
    const again = other.setupCache(http);
    for (const each of [child, alike, again]) {
      expect(told(await each.get('/'))).toMatch(/^miss/);
      expect(told(await each.get('/'))).toBe('hit fresh');
      expect(await each.cache.count()).toBe(1);
    }
    expect(origin.count()).toBe(3);
    again.cache.uninstall();
    expect([getCache(http), other.getCache(http)]).toEqual([undefined, undefined]);
    expect((await http.get('/')).cached).toBeUndefined();
  });

  test('an adapter of a cache that is given to one request is not put behind another cache', async () => {
    const { http, origin } = await startCached({ '/': { body: 'x' } });
    const { http: elsewhere } = await startCached({});
    other.setupCache(elsewhere.create());
    const { adapter } = other.setupCache(axios.create()).defaults;
    const config = { adapter: adapter as AxiosAdapter, baseURL: origin.url };
    await elsewhere.get('/', config);
    expect(told(await elsewhere.get('/', config))).toBe('hit fresh');
    expect([await elsewhere.cache.count(), await http.cache.count(), origin.count()]).toEqual([1, 0, 1]);
  });
});
