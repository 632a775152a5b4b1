/** Instances made from an instance with a cache: who shares it, who does not, and what ends with whom. */
import axios, { type AxiosAdapter, type AxiosInstance, type InternalAxiosRequestConfig } from 'axios';
import { type CachedAxiosInstance, type CacheManager, getCache, MemoryStorage, setupCache } from '../../lib/index.js';
import { startCached, told } from '../support/cached-instance.js';
import { type Origin, startOrigin } from '../support/origin.js';

let origin: Origin;
beforeEach(async () => {
  origin = await startOrigin({ '/': { body: 'x' } });
});
afterEach(() => origin.close());

const create = (): AxiosInstance => axios.create({ baseURL: origin.url });

/** An adapter that remembers what it sent, and sends it. */
function spy(): AxiosAdapter & { readonly sent: InternalAxiosRequestConfig[] } {
  const sent: InternalAxiosRequestConfig[] = [];
  return Object.assign(
    (config: InternalAxiosRequestConfig) => {
      sent.push(config);
      return axios.getAdapter('http')(config);
    },
    { sent },
  );
}

describe('instance.create()', () => {
  test('shares the cache with its child, and the child with its own', async () => {
    const parent = setupCache(create());
    const child = parent.create({ headers: { 'X-Child': '1' } });
    const grandchild = child.create();
    expect(told(await child.get('/'))).toBe('miss uri-miss');
    expect(told(await parent.get('/'))).toBe('hit fresh');
    expect(told(await grandchild.get('/'))).toBe('hit fresh');
    expect(origin.requests.map(({ headers }) => headers['x-child'])).toEqual(['1']);
  });

  test('gives each a manager of the one cache, with its own defaults', async () => {
    const parent = setupCache(axios.create());
    const child = parent.create({ baseURL: origin.url, params: { page: 2 } });
    const grandchild = child.create({ params: { page: 3 } });
    await parent.get(`${origin.url}/?page=2`);
    expect(await child.cache.has('/')).toBe(true);
    expect(await grandchild.cache.has('/')).toBe(false);
    expect(await grandchild.cache.delete('/', { params: { page: 2 } })).toBe(1);
    expect(await parent.cache.count()).toBe(0);
    expect(getCache(child)).toBe(child.cache);
    expect(child.cache.storage).toBe(parent.cache.storage);
  });

  test("takes the child's own adapter for its way to the origin", async () => {
    const [ofParent, ofChild] = [spy(), spy()];
    const parent = setupCache(axios.create({ baseURL: origin.url, adapter: ofParent }));
    const child = parent.create({ adapter: ofChild });
    const grandchild = child.create();
    await child.get('/');
    await grandchild.get('/', { params: { a: 1 } });
    await parent.get('/', { params: { a: 2 } });
    expect(told(await parent.get('/', { params: { a: 1 } }))).toBe('hit fresh');
    expect([ofParent.sent.length, ofChild.sent.length]).toEqual([1, 2]);
  });

  test("keeps a request's own adapter behind the cache in a child too", async () => {
    const child = setupCache(create()).create();
    const own = spy();
    await child.get('/', { adapter: own });
    expect(told(await child.get('/', { adapter: own }))).toBe('hit fresh');
    expect(own.sent).toHaveLength(1);
  });

  test("does not run the parent's interceptors in a child", async () => {
    const parent = setupCache(create());
    let runs = 0;
    parent.interceptors.request.use((config) => {
      runs += 1;
      return config;
    });
    await parent.create().get('/');
    expect(runs).toBe(0);
  });
});

describe('axios.create(instance.defaults)', () => {
  test('is cached by the same cache, without a manager', async () => {
    const instance = setupCache(create());
    const copy = axios.create(instance.defaults);
    await instance.get('/');
    expect((await copy.get('/')).cached).toBe(true);
    expect(getCache(copy)).toBeUndefined();
  });

  test('with a cache of its own never stacks them', async () => {
    const instance = setupCache(create());
    const copy = setupCache(axios.create(instance.defaults));
    await instance.get('/');
    expect(told(await copy.get('/'))).toBe('miss uri-miss');
    expect(await instance.cache.count()).toBe(1);
    expect(origin.count()).toBe(2);
  });
});

describe('setupCache on a child', () => {
  test('replaces the inherited cache, and leaves the parent its own', async () => {
    const parent = setupCache(create());
    const child = parent.create();
    const inherited = child.cache;
    setupCache(child, { expireAfter: 5 });
    await child.get('/');
    expect(child.cache).not.toBe(inherited);
    expect((await child.get('/')).cache.expirySource).toBe('session');
    expect(await parent.cache.count()).toBe(0);
    expect(told(await parent.get('/'))).toBe('miss uri-miss');
    const { cache } = child;
    expect(setupCache(child)).toBe(child);
    expect(child.cache).toBe(cache);
  });

  test("gives the child's former adapter back when it is uninstalled", () => {
    const adapter = spy();
    const child = setupCache(create()).create({ adapter });
    setupCache(child).cache.uninstall();
    expect(child.defaults.adapter).toBe(adapter);
  });
});

describe('uninstall', () => {
  test('lets children pass through', async () => {
    const parent = setupCache(create());
    const child = parent.create();
    const grandchild = child.create();
    await child.get('/');
    parent.cache.uninstall();
    for (const instance of [child, grandchild]) expect(told(await instance.get('/'))).toBe('bypass uninstalled');
    expect(origin.count()).toBe(3);
  });

  test('of a child leaves its parent and its siblings the cache', async () => {
    const parent = setupCache(create());
    const [child, sibling] = [parent.create(), parent.create()];
    child.cache.uninstall();
    expect(getCache(child)).toBeUndefined();
    expect((await child.get('/')).cache).toBeUndefined();
    await parent.get('/');
    expect(told(await sibling.get('/'))).toBe('hit fresh');
    expect(origin.count()).toBe(2);
  });

  test('lets a child be set up on its own', async () => {
    const parent = setupCache(create());
    const child: AxiosInstance = parent.create();
    parent.cache.uninstall();
    const own = setupCache(child);
    await own.get('/');
    expect(told(await own.get('/'))).toBe('hit fresh');
  });

  test('makes later children plain', async () => {
    const parent = setupCache(create());
    parent.cache.uninstall();
    const child: AxiosInstance = parent.create();
    expect(getCache(child)).toBeUndefined();
    expect(await child.get('/')).not.toHaveProperty('cached');
  });
});

describe('close', () => {
  test('of the one cache closes it for all', async () => {
    const parent = setupCache(create());
    const child = parent.create();
    await child.cache.close();
    for (const instance of [parent, child]) expect(told(await instance.get('/'))).toBe('bypass closed');
    await expect(parent.cache.count()).rejects.toMatchObject({ code: 'ERR_CACHE_CLOSED' });
  });

  class CountingStorage extends MemoryStorage {
    closes = 0;
    override async close(): Promise<void> {
      this.closes += 1;
      await super.close();
    }
  }
  /** Instances over one storage, in the order of their creation. */
  const sharing = (
    count: number,
  ): { storage: CountingStorage; instances: CachedAxiosInstance[]; managers: CacheManager[] } => {
    const storage = new CountingStorage();
    const instances = Array.from({ length: count }, () => setupCache(create(), { storage }));
    return { storage, instances, managers: instances.map(({ cache }) => cache) };
  };

  test('a storage that two instances share closes with the last of them, once', async () => {
    const { storage, instances: [first, second] = [], managers: [one, two] = [] } = sharing(2);
    await second?.get('/');
    await one?.close();
    await one?.close();
    expect(storage.closes).toBe(0);
    expect((await first?.get('/'))?.cache.reason).toBe('closed');
    expect((await second?.get('/'))?.cached).toBe(true);
    await two?.close();
    await two?.close();
    expect(storage.closes).toBe(1);
    await expect(two?.has('/')).rejects.toMatchObject({ code: 'ERR_CACHE_CLOSED' });
  });

  test('an instance that was uninstalled does not keep the storage open', async () => {
    const { storage, managers: [one, two] = [] } = sharing(2);
    one?.uninstall();
    await two?.close();
    expect(storage.closes).toBe(1);
  });

  test('uninstalled and set up again, an instance is one user of its storage', async () => {
    const { storage, instances: [instance] = [] } = sharing(1);
    if (instance === undefined) throw new TypeError('no instance');
    instance.cache.uninstall();
    setupCache(instance, { storage });
    await instance.cache.close();
    expect(storage.closes).toBe(1);
  });

  test.each(['uninstall', 'close'] as const)(
    'after %s an instance hears no more of a storage that others use',
    async (end) => {
      const storage = new MemoryStorage({ maxEntries: 1 });
      const heard: string[] = [];
      const first = setupCache(create(), { storage, onEvent: ({ type }) => void heard.push(type) });
      const second = setupCache(create(), { storage });
      await first.cache[end]();
      for (const page of [1, 2, 3]) await second.get('/', { params: { page } });
      expect(await second.cache.count()).toBe(1);
      expect(heard).toEqual([]);
    },
  );

  test('after uninstall the manager still closes the storage that nobody else uses', async () => {
    const { storage, managers: [one] = [] } = sharing(1);
    one?.uninstall();
    expect(storage.closes).toBe(0);
    await one?.close();
    expect(storage.closes).toBe(1);
  });
});

describe('the global axios', () => {
  /** Installed for one test. */
  let manager: CacheManager | undefined;
  const formerly = axios.defaults.adapter;
  afterEach(() => {
    manager?.uninstall();
    expect(axios.defaults.adapter).toBe(formerly);
  });

  test('keeps its cache to itself: plain children do not inherit it', async () => {
    manager = setupCache(axios).cache;
    const child = axios.create();
    await axios.get(origin.url);
    expect((await axios.get(origin.url)).cached).toBe(true);
    expect(await child.get(origin.url)).not.toHaveProperty('cached');
    expect(child.defaults.adapter).toEqual(formerly);
    expect(getCache(child)).toBeUndefined();
  });

  test('with `inherit: true` its children share it', async () => {
    manager = setupCache(axios, { inherit: true }).cache;
    await axios.get(origin.url);
    const child: AxiosInstance = axios.create();
    expect((await child.get(origin.url)).cached).toBe(true);
    expect(getCache(child)?.storage).toBe(manager.storage);
  });

  test("a copy of another instance's defaults keeps that instance's cache", async () => {
    const other = setupCache(create());
    manager = setupCache(axios).cache;
    const copy = axios.create(other.defaults);
    await other.get('/');
    expect((await copy.get('/')).cached).toBe(true);
  });

  test('a child with its own adapter keeps it', () => {
    manager = setupCache(axios).cache;
    const adapter = spy();
    expect(axios.create({ adapter }).defaults.adapter).toBe(adapter);
  });
});

test('each instance has a cache of its own', async () => {
  const { http, origin: shared } = await startCached({ '/': {} });
  const other = setupCache(axios.create({ baseURL: shared.url }));
  await http.get('/');
  expect(told(await other.get('/'))).toBe('miss uri-miss');
});
