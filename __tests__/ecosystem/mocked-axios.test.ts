/**
 * Tests that put something else in place of axios, or of an instance: the module under test loads, and what it was
 * given is given back as it is.
 */
import { mock } from 'node:test';
import type { AxiosInstance, AxiosStatic } from 'axios';
import type * as Package from '../../lib/index.js';

interface Loaded extends Pick<typeof Package, 'setupCache' | 'getCache'> {
  readonly axios: AxiosStatic;
}

/** Loads the package anew, and axios as the package gets it. */
const load = (from: 'requireMock' | 'requireActual' = 'requireMock'): Loaded => {
  let loaded: Loaded | undefined;
  jest.isolateModules(() => {
    const { setupCache, getCache } = jest.requireActual<typeof Package>('../../lib/index.js');
    const { default: axios } = jest[from]<{ default: AxiosStatic }>('axios');
    loaded = { axios, setupCache, getCache };
  });
  if (loaded === undefined) throw new Error('not loaded');
  return loaded;
};

afterEach(() => jest.dontMock('axios'));

const get = (): Promise<{ data: string }> => Promise.resolve({ data: 'mocked' });
const interceptors = { request: { use: jest.fn() }, response: { use: jest.fn() } };

/** Real axios, as a factory would ask for it. */
const actual = (): AxiosStatic => jest.requireActual<{ default: AxiosStatic }>('axios').default;

describe('jest.mock with a factory', () => {
  const instances: readonly (readonly [string, unknown])[] = [
    ['get, defaults and interceptors', { get, defaults: {}, interceptors }],
    ['get alone', { get }],
    ['doubles of jest', { get: jest.fn(), post: jest.fn() }],
    ['nothing', {}],
    ['no object', undefined],
    ['a function with members', Object.assign(jest.fn(), { get: jest.fn(), defaults: { headers: {} }, interceptors })],
    ['a proxy that has everything', new Proxy({}, { get: () => jest.fn() })],
  ];

  test.each(instances)('an instance with %s is given back', (_name, instance) => {
    jest.doMock('axios', () => ({ __esModule: true, default: { create: () => instance } }));
    const { axios, setupCache, getCache } = load();
    const options = { expireAfter: '1h', urlsExpireAfter: { 'api.test/**': '5m' } } as const;
    expect(setupCache(axios.create(), options)).toBe(instance);
    expect(setupCache(axios.create())).toBe(instance);
    expect(getCache(instance as AxiosInstance)).toBeUndefined();
  });

  test('a mocked instance answers as the test says', async () => {
    const instance = { get, defaults: {}, interceptors };
    jest.doMock('axios', () => ({ __esModule: true, default: { create: () => instance } }));
    const { axios, setupCache } = load();
    expect((await setupCache(axios.create(), {}).get('/')).data).toBe('mocked');
    expect(Object.keys(instance)).toEqual(['get', 'defaults', 'interceptors']);
  });

  const modules: readonly (readonly [string, (instance: unknown) => object])[] = [
    ['a default export that is the instance', (instance) => ({ __esModule: true, default: instance })],
    ['names without a default export', (instance) => ({ __esModule: true, create: () => instance })],
    ['a CommonJS module', (instance) => ({ create: () => instance })],
    ['an empty module', () => ({})],
    ['all of axios but `create`', (instance) => {
      return { __esModule: true, default: { ...actual(), create: () => instance } };
    }],
    ['all of axios and a double for `create`', (instance) => {
      return { __esModule: true, default: { ...actual(), create: jest.fn(() => instance) } };
    }],
    ['doubles for all', (instance) => {
      const functions = { create: jest.fn(() => instance), getAdapter: jest.fn(), isAxiosError: jest.fn() };
      return { __esModule: true, default: Object.assign(jest.fn(), functions) };
    }],
  ];

  test.each(modules)('%s: the package loads, and gives the instance back', (_name, factory) => {
    const instance = { get: jest.fn(), interceptors };
    jest.doMock('axios', () => factory(instance));
    const { setupCache } = load();
    expect(setupCache(instance as unknown as AxiosInstance)).toBe(instance);
  });

  test('a double for `create` that gives nothing is no error', () => {
    jest.doMock('axios', () => ({ __esModule: true, default: { ...actual(), create: jest.fn() } }));
    const { axios, setupCache } = load();
    expect(setupCache(axios.create())).toBeUndefined();
  });
});

describe('jest.mock without a factory', () => {
  test('the package loads, and gives back what `create` gives', () => {
    jest.doMock('axios', () => jest.createMockFromModule('axios'));
    const { axios, setupCache } = load();
    expect(setupCache(axios.create())).toBeUndefined();
    const create = jest.spyOn(axios, 'create').mockReturnValue(axios);
    const http = setupCache(axios.create(), { expireAfter: '1h' });
    expect(http).toBe(axios);
    expect(create).toHaveBeenCalledTimes(2);
    expect(jest.spyOn(axios, 'getAdapter')).not.toHaveBeenCalled();
  });
});

describe('real axios', () => {
  const standIns: readonly (readonly [string, unknown])[] = [
    ['an object with functions', { get, defaults: {}, interceptors }],
    ['doubles of jest', { get: jest.fn(), set: jest.fn() }],
    ['doubles of Node\'s runner', { request: mock.fn() }],
    ['a double', jest.fn()],
    [
      'an instance whose interceptors are doubles',
      Object.assign(jest.fn(), { defaults: {}, interceptors, request: jest.fn() }),
    ],
    ['an object of the class without a constructor having run', Object.create(actual().Axios.prototype)],
  ];

  test.each(standIns)('%s in place of an instance is given back', (_name, instance) => {
    const { setupCache } = load('requireActual');
    const before = Object.keys(instance as object);
    expect(setupCache(instance as AxiosInstance, { expireAfter: '1h' })).toBe(instance);
    expect(Object.keys(instance as object)).toEqual(before);
  });

  test('an instance with a double for one method has a cache, and so has one of a watched `create`', () => {
    const { axios, setupCache } = load('requireActual');
    const watched = jest.spyOn(axios, 'create');
    const one = axios.create();
    jest.spyOn(one, 'get').mockResolvedValue({ data: 'mocked' });
    expect(setupCache(one).cache).toBeDefined();
    expect(watched).toHaveBeenCalledTimes(1);
    watched.mockRestore();
  });
});
