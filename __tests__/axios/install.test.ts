/** Getting into an instance and out again: the former adapter, whatever it was, and what is in its place meanwhile. */
import axios, { type AxiosAdapter, type AxiosInstance, type AxiosRequestConfig, type AxiosResponse } from 'axios';
import { CacheError, getCache, setupCache } from '../../lib/index.js';
import { told } from '../support/cached-instance.js';
import { type Origin, startOrigin } from '../support/origin.js';

let origin: Origin;
beforeEach(async () => {
  origin = await startOrigin({ '/': { body: 'x' }, '/slow': { body: 'x' } });
});
afterEach(() => origin.close());

const create = (config: { adapter?: AxiosRequestConfig['adapter'] } = {}): AxiosInstance =>
  axios.create({ baseURL: origin.url, ...config } as object);
const viaHttp: AxiosAdapter = (config) => axios.getAdapter('http')(config);

describe('the former adapter', () => {
  const rows: readonly (readonly [string, AxiosRequestConfig['adapter']])[] = [
    ['a name', 'http'],
    ['another name', 'fetch'],
    ['the default list', axios.defaults.adapter],
    ['a list with what is not there', ['xhr', 'fetch']],
    ['a list with null and false', [null, false, 'http'] as unknown as AxiosRequestConfig['adapter']],
    ['a function', viaHttp],
    ['a list with a function', [viaHttp]],
  ];

  test.each(rows)('%s is the way to the origin, and stands there again after uninstall', async (_name, adapter) => {
    const instance = create({ adapter });
    const former = instance.defaults.adapter;
    const cached = setupCache(instance);
    expect((await cached.get('/')).data).toBe('x');
    expect(told(await cached.get('/'))).toBe('hit fresh');
    expect(origin.count()).toBe(1);
    cached.cache.uninstall();
    expect(instance.defaults.adapter).toBe(former);
    expect((await instance.get('/')).data).toBe('x');
    expect(origin.count()).toBe(2);
  });

  test('none at all is none again', async () => {
    const instance = create();
    delete instance.defaults.adapter;
    const cached = setupCache(instance);
    await cached.get('/');
    expect(told(await cached.get('/'))).toBe('hit fresh');
    cached.cache.uninstall();
    expect('adapter' in instance.defaults).toBe(false);
  });
});

describe('what is frozen', () => {
  test.each<[string, (instance: AxiosInstance) => unknown]>([
    ['the instance', (instance) => Object.freeze(instance)],
    ['the instance, sealed', (instance) => Object.seal(instance)],
    ['its defaults', (instance) => Object.freeze(instance.defaults)],
    ['its interceptors', (instance) => Object.freeze(Reflect.get(instance.interceptors.request, 'handlers'))],
  ])('%s: an error that says so, and requests are made as before', async (_what, freeze) => {
    const instance = create();
    const { adapter } = instance.defaults;
    freeze(instance);
    const message = 'setupCache changes the instance, and this one is frozen.';
    expect(() => setupCache(instance)).toThrow(new CacheError('ERR_CACHE_INSTANCE', message));
    expect(instance.defaults.adapter).toBe(adapter);
    expect(getCache(instance)).toBeUndefined();
    expect((await instance.get('/')).data).toBe('x');
  });

  test('an instance that is frozen with its cache keeps it', async () => {
    const cached = Object.freeze(setupCache(create()));
    expect(setupCache(cached)).toBe(cached);
    expect((await cached.get('/')).cached).toBe(false);
  });
});

describe('uninstall', () => {
  test('leaves the instance as if there had been no cache', async () => {
    const instance = create();
    const formerCreate: unknown = Reflect.get(instance, 'create');
    const keys = Object.keys(instance);
    setupCache(instance).cache.uninstall();
    expect(Reflect.get(instance, 'create')).toBe(formerCreate);
    expect(Object.keys(instance)).toEqual(keys);
    expect('cache' in instance).toBe(false);
    expect(getCache(instance)).toBeUndefined();
    const response = await instance.get('/', { cache: 'nonsense' } as object);
    expect(response).not.toHaveProperty('cache');
    const own = jest.fn(viaHttp);
    await instance.get('/', { adapter: own });
    expect(own.mock.calls[0]?.[0].adapter).toBe(own);
  });

  test('lets requests under way finish', async () => {
    const instance = create();
    const cached = setupCache(instance);
    const gate = origin.hold('/slow');
    const both = Promise.all([cached.get('/slow'), cached.get('/slow')]);
    await gate.arrived();
    cached.cache.uninstall();
    gate.release();
    expect((await both).map(told)).toEqual(['miss uri-miss', 'miss uri-miss']);
    expect(origin.count()).toBe(1);
  });

  test('then set up again, the instance is cached anew', async () => {
    const instance = create();
    const former = instance.defaults.adapter;
    const first = setupCache(instance).cache;
    await instance.get('/');
    first.uninstall();
    const cached = setupCache(instance, { expireAfter: 60 });
    expect(told(await cached.get('/'))).toBe('miss uri-miss');
    expect((await cached.get('/')).cache.expirySource).toBe('session');
    expect(getCache(instance)).not.toBe(first);
    cached.cache.uninstall();
    expect(instance.defaults.adapter).toBe(former);
  });

  test('said twice harms no cache that was set up in between', async () => {
    const instance = create();
    const first = setupCache(instance).cache;
    first.uninstall();
    const cached = setupCache(instance);
    const { cache } = cached;
    first.uninstall();
    expect([getCache(instance), cached.cache]).toEqual([cache, cache]);
    await cached.get('/');
    expect(told(await cached.get('/'))).toBe('hit fresh');
  });

  test('leaves an adapter that was put in place later', async () => {
    const instance = create();
    const { cache } = setupCache(instance);
    const own = jest.fn(viaHttp);
    instance.defaults.adapter = own;
    cache.uninstall();
    expect(instance.defaults.adapter).toBe(own);
    await instance.get('/');
    expect(own).toHaveBeenCalledTimes(1);
  });
});

describe('close', () => {
  test('lets later requests pass through, told so', async () => {
    const cached = setupCache(create());
    await cached.get('/');
    await cached.cache.close();
    for (const _again of [1, 2]) expect(told(await cached.get('/'))).toBe('bypass closed');
    expect(origin.count()).toBe(3);
    cached.cache.uninstall();
    expect(await create().get('/')).not.toHaveProperty('cache');
  });

  test('lets requests under way finish', async () => {
    const cached = setupCache(create());
    const gate = origin.hold('/slow');
    const pending = cached.get('/slow');
    await gate.arrived();
    await cached.cache.close();
    gate.release();
    expect((await pending).data).toBe('x');
  });
});

describe('a mock that takes the place of the adapter after setup, and calls it', () => {
  /** As mocking libraries do it: some of their own answers, the rest to the adapter that they found. */
  function mock(
    instance: AxiosInstance,
    pass: (config: object) => object,
  ): { restore: () => void; calls: () => number } {
    const found = instance.defaults.adapter as AxiosAdapter;
    let calls = 0;
    instance.defaults.adapter = (config) => {
      calls += 1;
      if (config.url !== '/mocked') return found(pass(config) as typeof config);
      return Promise.resolve({
        status: 200,
        statusText: 'OK',
        headers: {},
        data: { mocked: true },
        config,
      } satisfies AxiosResponse);
    };
    return {
      calls: () => calls,
      restore: () => {
        instance.defaults.adapter = found;
      },
    };
  }

  test.each<[string, (config: object) => object]>([
    ['with the config itself', (config) => config],
    ['with a copy', (config) => ({ ...config })],
    ['with the names alone', (config) => Object.fromEntries(Object.entries(config))],
  ])('%s: neither recursion nor a wait without end', async (_name, pass) => {
    const cached = setupCache(create());
    const { calls, restore } = mock(cached, pass);
    expect((await cached.get('/mocked')).data).toEqual({ mocked: true });
    expect(told(await cached.get('/mocked'))).toBe('hit fresh');
    expect((await cached.get('/')).data).toBe('x');
    expect(told(await cached.get('/'))).toBe('hit fresh');
    expect([calls(), origin.count()]).toEqual([2, 1]);
    restore();
    expect(told(await cached.get('/'))).toBe('hit fresh');
    expect((await cached.get('/slow')).data).toBe('x');
    expect(calls()).toBe(2);
  });
});
