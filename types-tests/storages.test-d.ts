/** Storages as people put them to use: each by a target or by options, two in a row, one of their own, recordings. */
import axios from 'axios';
import {
  type CachedAxiosResponse,
  type CacheEvent,
  isCacheError,
  MemoryStorage,
  setupCache,
} from 'axios-client-cache';
import { FilesystemStorage } from 'axios-client-cache/filesystem';
import { MongoStorage } from 'axios-client-cache/mongo';
import { RedisStorage } from 'axios-client-cache/redis';
import { SqliteStorage } from 'axios-client-cache/sqlite';
import { KeyValueStorage } from 'axios-client-cache/storage';
import { HarStorage, recordReplay } from 'axios-client-cache/testing';
import { TieredStorage } from 'axios-client-cache/tiered';
import { expectTypeOf } from 'expect-type';

declare const redisClient: object;
declare const mongooseConnection: object;

// A file for a script, closed at its end.
const script = setupCache(axios.create(), { storage: new SqliteStorage('./http-cache.sqlite') });
try {
  await script.get('https://a.test/');
} finally {
  await script.cache.close();
}

// Memory in front of a Redis whose client is the program's own, for a gateway.
const before = new MemoryStorage({ maxEntries: 500 });
const behind = new RedisStorage({ client: redisClient, namespace: 'gateway' });
setupCache(axios.create(), { storage: new TieredStorage(before, behind, { frontTtl: '10s' }), shared: true });

// MongoDB by a connection, and by its URL.
setupCache(axios.create(), {
  storage: new MongoStorage({ connection: mongooseConnection, collection: 'http_cache' }),
});
new MongoStorage('mongodb://localhost/x');

// One storage for several instances.
const storage = new RedisStorage('redis://localhost');
const crm = setupCache(axios.create(), { storage });
const erp = setupCache(axios.create(), { storage });
await Promise.all([crm.cache.idle(), erp.cache.idle()]);
await storage.close();

// Anything that has keys and values.
const values = new Map<string, Uint8Array>();
const ofMap = new KeyValueStorage({
  get: async (key) => values.get(key),
  set: async (key, value) => values.set(key, value),
  delete: async (key) => values.delete(key),
  keys: async (prefix) => [...values.keys()].filter((key) => key.startsWith(prefix)),
});
const seen: CacheEvent[] = [];
setupCache(axios.create(), { storage: ofMap, onEvent: (event) => seen.push(event) });

// Tests that need no server.
const mode = process.env['RECORD'] === undefined ? 'replay' : 'record';
const recorded = setupCache(axios.create(), recordReplay(new FilesystemStorage('__fixtures__/http'), mode));
await recorded.get('/x').catch((error: unknown) => {
  if (isCacheError(error) && error.code === 'ERR_CACHE_NOT_RECORDED') console.log(error.message);
});
setupCache(axios.create(), recordReplay(new HarStorage('users.har')));

// What a change makes stale, and what a refresh in the background has brought.
await script.post('/people/1/promote', null, { cache: { invalidates: ['/people', { tag: 'people' }] } });
const onRefreshed = (response: CachedAxiosResponse): void => { expectTypeOf(response.cached).toEqualTypeOf<boolean>(); };
await script.get('/news', { cache: { expireAfter: '1m', staleWhileRevalidate: '10m', onRefreshed } });

// What must not compile.
// @ts-expect-error: a client goes into options, by its name
new RedisStorage({ clinet: redisClient });
// @ts-expect-error: a tiered storage is two
new TieredStorage(before);
// @ts-expect-error: no such mode
recordReplay(new HarStorage('users.har'), 'playback');

// A block that closes what it uses at its end, the cache of an instance or a storage.
{
  await using cache = script.cache;
  expectTypeOf(await cache.count()).toEqualTypeOf<number>();
  await using opened = new SqliteStorage('./http-cache.sqlite');
  expectTypeOf(opened[Symbol.asyncDispose]).toEqualTypeOf<() => Promise<void>>();
}
