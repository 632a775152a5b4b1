/** What people do with the package, task by task: each must compile as it stands, and the mistakes must not. */
import axios, { type AxiosInstance, type AxiosRequestConfig, type AxiosStatic } from 'axios';
import {
  type CachedAxiosInstance,
  type CachedAxiosResponse,
  type CacheEvent,
  type CacheInfo,
  type CacheManager,
  type CacheOptions,
  type CacheStorage,
  type Duration,
  getCache,
  isCacheError,
  MemoryStorage,
  rfc9111,
  setupCache,
  type StoredResponse,
} from 'axios-client-cache';
import { STORAGE_RULES } from 'axios-client-cache/storage-contract';
import { expectTypeOf } from 'expect-type';

interface User {
  id: number;
  name: string;
}
declare const token: string;
declare const user: { id: string };
declare const ttl: '1h' | undefined;
interface ServerAnswer {
  json(body: unknown): void;
  set(name: string, value: string): void;
}
declare const app: { get(path: string, handler: (request: object, answer: ServerAnswer) => unknown): void };
declare function axiosRetry(
  instance: AxiosInstance,
  options: { retries: number; retryCondition: (error: { response?: { cache?: CacheInfo } }) => boolean },
): void;
declare class ThirdPartySdk {
  constructor(options: { axios: AxiosInstance });
}

// The quickstart.
const http = setupCache(axios.create({ baseURL: 'https://api.example.com' }), { expireAfter: '1h' });
const response = await http.get<User[]>('/users');
expectTypeOf(response).toEqualTypeOf<CachedAxiosResponse<User[]>>();
expectTypeOf(response.data.map(({ name }) => name)).toEqualTypeOf<string[]>();
expectTypeOf(http.cache).toEqualTypeOf<CacheManager>();

// Another lifetime for one request; none; a newer answer.
await http.get('/users', { cache: '5m', timeout: 5_000 });
await http.get('/users', { cache: 60 });
await http.get('/users', { cache: '1.5h' });
await http.get('/users', { cache: new Date() });
await http.get('/users', { cache: 'heuristic' });
await http.get('/users', { cache: { expireAfter: '5m', cacheControl: false } });
await http.get('/users', { cache: { expireAfter: 'never' } });
await http.get('/users', { cache: false });
await http.get('/users', { cache: 'no-cache' });
await http.get('/users', { cache: 'reload' });
await http.get('/users', { cache: undefined });

// Data that all callers share.
await http.get('/countries', { cache: { frozenData: true } });
setupCache(axios.create(), { frozenData: true, urlsExpireAfter: { 'api.example.com/live/**': { frozenData: false } } });
// @ts-expect-error: true or false
await http.get('/countries', { cache: { frozenData: 'deep' } });
setupCache(axios.create(), { expireAfter: ttl, storage: undefined });
axios.create({ cache: '5m' });

// A search by POST, and only for one URL.
await http.post<User[]>('/search', { q: 'x' }, { cache: { allowedMethods: ['POST'], expireAfter: '10m' } });
setupCache(axios.create(), {
  urlsExpireAfter: {
    'api.example.com/static/**': 'never',
    'api.example.com/live/**': false,
    'api.example.com/search': { allowedMethods: ['get', 'POST'], expireAfter: '10m' },
  },
});
setupCache(axios.create(), {
  urlsExpireAfter: [
    [/\/v\d+\/users\/\d+$/, '5m'],
    ['**', false],
  ],
});

// What the server says, capped and corrected.
setupCache(axios.create(), {
  maxLifetime: '1 day',
  ignoreVary: ['User-Agent'],
  readOnly: true,
  staleIfErrorCodes: [429, 503],
  expireAfter: ({ status }) => (status === 404 ? '1m' : undefined),
  key: ({ url }) => url?.toLowerCase(),
  urlsExpireAfter: { '/token': { expireAfter: (stored) => stored.json<{ expires_in: number }>().expires_in } },
});
await http.get('/users', { cache: { key: 'users', expireAfter: '5min', maxLifetime: Infinity, ignoreVary: true } });
await http.post<User[]>('/search', { q: 'x' }, { cache: '10 mins' });
// @ts-expect-error: true or a list of names
await http.get('/users', { cache: { ignoreVary: 'User-Agent' } });

// Users told apart by name.
const gateway = setupCache(axios.create(), {
  partition: (config) => String(config.headers.get('x-user-id') ?? '') || false,
});
await gateway.get('/me', { headers: { Authorization: `Bearer ${token}` }, cache: { partition: user.id } });
await gateway.get('/catalogue', { headers: { Authorization: `Bearer ${token}` }, cache: { partition: false } });

// A 404 that is kept still rejects.
await http
  .get('/maybe', { cache: { allowedCodes: [200, 404], expireAfter: '1m' } })
  .catch((error: unknown) => {
    if (!axios.isAxiosError(error)) throw error;
    expectTypeOf(error.response?.cached).toEqualTypeOf<boolean | undefined>();
    expectTypeOf(error.response?.cache).toEqualTypeOf<CacheInfo | undefined>();
  });
setupCache(axios.create(), { allowedCodes: (status) => status < 500 });

// Only where it is asked for.
const optIn = setupCache(axios.create(), { expireAfter: false });
await optIn.get('/x', { cache: '5m' });
await optIn.get('/x', { cache: true });

// Closing, also of a storage that several instances share.
const storage = new MemoryStorage({ maxEntries: 500, maxBytes: 1_000_000 });
const crm = setupCache(axios.create(), { storage });
const erp = setupCache(axios.create(), { storage });
await Promise.all([crm.cache.idle(), erp.cache.idle()]);
await crm.cache.close();
await storage.close();
process.once('SIGTERM', () => void erp.cache.close());

// In a gateway.
const shared = setupCache(axios.create({ baseURL: 'https://up.test' }), { shared: true, expireAfter: '1m' });
app.get('/users', async (_request, answer) => {
  const { cache, data } = await shared.get<unknown>('/users');
  answer.set('Cache-Status', String(cache));
  answer.json(data);
});

// Looking into the cache, and deleting.
expectTypeOf(await http.cache.delete('/users', { params: { page: 1 } })).toEqualTypeOf<number>();
expectTypeOf(await http.cache.get('/users')).toEqualTypeOf<StoredResponse | undefined>();
expectTypeOf(await http.cache.has('/users')).toEqualTypeOf<boolean>();
expectTypeOf(await http.cache.count()).toEqualTypeOf<number>();
expectTypeOf(await http.cache.deleteExpired()).toEqualTypeOf<number>();
expectTypeOf(await http.cache.update('/users', (users: User[]) => users.slice(1))).toEqualTypeOf<number>();
await http.cache.update('/users/1', (draft: User) => {
  draft.name = 'Grace';
});
expectTypeOf((await http.cache.get('/users'))?.json<User[]>()).toEqualTypeOf<User[] | undefined>();
for await (const url of http.cache.urls()) expectTypeOf(url).toEqualTypeOf<string>();

// Tags, and a filter that looks at the stored answer.
await http.get('/users', { cache: { tags: ['users'] } });
await http.get('/teams', { cache: { tags: (stored) => stored.json<User[]>().map(({ id }) => `team:${id}`) } });
setupCache(axios.create(), { filter: async ({ headers }) => headers['x-draft'] === undefined });

// Why not?
const odd = await http.get('/odd');
if (!odd.cache.stored) console.log(odd.cache.notStored, odd.cache.reason, odd.cache.expirySource);

// Stale answers.
await http.get('/news', { cache: { expireAfter: '1m', staleWhileRevalidate: '10m' } });
await http.get('/news', { cache: { staleIfError: '1 day' } });
await http.get('/news', { cache: { staleIfError: true } });

// For others: as an AxiosInstance, the global axios, children, wrappers.
new ThirdPartySdk({ axios: http });
const plain: AxiosInstance = http;
const whole: CachedAxiosInstance<AxiosStatic> = setupCache(axios);
whole.isAxiosError(1);
await whole('/x', { cache: '5m' });
await getCache(plain)?.clear();
const child = http.create({ timeout: 1 });
await child.cache.clear();
const wrapped = async (instance: AxiosInstance, config: AxiosRequestConfig) =>
  (await instance.request<User>(config)).cache?.status;
await wrapped(http, { cache: 'force-cache' });
const full = await http.get<User, { custom: true }>('/x');
expectTypeOf(full.custom).toEqualTypeOf<true>();

// The 504 of only-if-cached is not worth a retry.
axiosRetry(http, { retries: 3, retryCondition: (error) => error.response?.cache?.reason !== 'only-if-cached' });

// Events and errors.
const off = http.cache.on('storage-error', ({ operation, error }) => console.error(operation, error.code));
expectTypeOf(off).toEqualTypeOf<() => void>();
http.cache.on('hit', ({ info, durationMs }) => console.log(info.age, durationMs));
const seen: CacheEvent[] = [];
setupCache(axios.create(), { ...rfc9111, onEvent: (event) => seen.push(event), debug: (line) => console.log(line) });
try {
  setupCache(axios.create());
} catch (error) {
  if (isCacheError(error)) expectTypeOf(error.code).toExtend<string>();
}

// A storage of one's own.
const custom: CacheStorage = new MemoryStorage();
for (const rule of STORAGE_RULES) await rule.check(() => new MemoryStorage());
const duration: Duration = '2 days';
const options: CacheOptions = { expireAfter: new Date(), keepStale: duration, storage: custom };
setupCache(axios.create(), options);

// What must not compile.
// @ts-expect-error: a mode misspelt
await http.get('/x', { cache: 'relod' });
// @ts-expect-error: reads as "never cache"
await http.get('/x', { cache: 'never' });
// @ts-expect-error: no such unit
setupCache(axios.create(), { expireAfter: '5 parsecs' });
// @ts-expect-error: another library's name
await http.get('/x', { cache: { ttl: 60_000 } });
// @ts-expect-error: not for one request
await http.get('/x', { cache: { storage } });
// @ts-expect-error: no method of HTTP
await http.get('/x', { cache: { allowedMethods: ['FETCH'] } });
// @ts-expect-error: no such option
new MemoryStorage({ max: 10 });
// @ts-expect-error: no such event
http.cache.on('hits', () => undefined);
