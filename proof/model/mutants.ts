/** Planted defects, each of a kind that the model must find: storages that break a promise, and settings that do. */
import { type AxiosAdapter, AxiosError, type InternalAxiosRequestConfig } from 'axios';
import type { CachedAxiosInstance, CacheStorage, MemoryStorage, StoredEntry } from 'axios-client-cache';
import type { VirtualTime } from '../time/virtual-time.js';
import { memoryArena } from './arenas.js';
import type { Arena } from './played.js';

type Wrap = (storage: MemoryStorage) => object;

const wrapped = (changes: Wrap) =>
  memoryArena(undefined, (storage) => {
    return Object.assign({ name: 'mutant', inProcess: true }, bound(storage), changes(storage)) as CacheStorage;
  });

/** The methods work on the storage itself, whose private members no other object has. */
function bound(storage: MemoryStorage): object {
  const methods = ['get', 'set', 'delete', 'entries', 'deleteExpired', 'clear', 'close', 'touch', 'meta'] as const;
  return Object.fromEntries(methods.map((name) => [name, (storage[name] as () => unknown).bind(storage)]));
}

const spoilt = (spoil: (instance: CachedAxiosInstance) => void) => (time: VirtualTime): Arena =>
  ({ ...memoryArena()(time), spoil });

const told = (below: (adapter: AxiosAdapter) => AxiosAdapter) => (time: VirtualTime): Arena =>
  ({ ...memoryArena()(time), below });

/** What is derived of a body would hide the change. */
const withBody = (entry: StoredEntry, body: Uint8Array): StoredEntry =>
  ({ ...entry, body, derived: () => undefined, keepDerived: () => undefined });

export const MUTANTS: Readonly<Record<string, (time: VirtualTime) => Arena>> = {
  'forgets what it is told to delete': wrapped(() => ({ delete: () => 1, clear: () => undefined })),
  'stores what was under way while it was deleted': wrapped((storage) => ({
    set: (entry: StoredEntry) => storage.set(entry, undefined),
    get: async (...given: Parameters<MemoryStorage['get']>) => ({ entries: (await storage.get(...given)).entries }),
  })),
  'gives the body of another entry': wrapped((storage) => {
    const bodies: Uint8Array[] = [];
    return {
      set: (...[entry, fence]: Parameters<MemoryStorage['set']>) => {
        const body = bodies.at(-1) ?? entry.body;
        bodies.push(entry.body);
        return storage.set({ ...entry, body }, fence);
      },
    };
  }),
  'cuts bodies short': wrapped((storage) => ({
    get: async (...given: Parameters<MemoryStorage['get']>) => {
      const { entries, fence } = await storage.get(...given);
      return { entries: entries.map((entry) => withBody(entry, entry.body.subarray(0, 30))), fence };
    },
  })),
  'ignores Vary': memoryArena({ ignoreVary: true }),
  'ignores who asks': memoryArena({ partition: false }),
  'keeps answers too long': memoryArena({ cacheControl: false, expireAfter: 600 }),
  'never stores anything': wrapped(() => ({ set: () => false })),
  'tells another age': spoilt(({ interceptors }) => {
    interceptors.response.use((response) => {
      if (response.cached) response.headers['age'] = String(Number(response.headers['age']) + 5);
      return response;
    });
  }),
  'fails for those who come after a failure': spoilt(({ interceptors }) => {
    let hasFailed = false;
    interceptors.response.use((response) => {
      if (!hasFailed || !response.cached) return response;
      hasFailed = false;
      throw new AxiosError('read ECONNRESET', 'ECONNRESET', response.config);
    }, (error: unknown) => {
      hasFailed = true;
      throw error;
    });
  }),
  'gives a caller the config of another one': spoilt(({ interceptors }) => {
    const configs: InternalAxiosRequestConfig[] = [];
    interceptors.response.use((response) => {
      configs.push(response.config);
      return { ...response, config: configs[0] ?? response.config };
    });
  }),
  'joins parts of two versions': told((adapter) => async (config) => {
    const response = await adapter(config);
    if (response.status === 206 && response.headers['etag'] !== undefined) response.headers['etag'] = '"the same for all versions"';
    return response;
  }),
  'holds redirects for too long': told((adapter) => (config) => {
    const { beforeRedirect } = config;
    if (beforeRedirect === undefined) return adapter(config);
    const headers = { 'cache-control': 'max-age=3600' };
    return adapter(Object.assign(Object.create(config) as typeof config, {
      beforeRedirect: ((options, details, sent) => {
        beforeRedirect(options, { ...details, headers: { ...details.headers, ...headers } }, sent);
      }) satisfies typeof beforeRedirect,
    }));
  }),
  'answers while the origin takes its time, though nobody has asked for that': memoryArena({ softTimeout: '10ms' }),
  'stands in for each failure, though nobody has asked for that': memoryArena({ staleIfError: true }),
  'goes by a clock that stands still': memoryArena({ now: () => Date.UTC(2030, 0, 1) }),
};
