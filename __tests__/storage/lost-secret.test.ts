/**
 * An engine that has lost all it had, and a process with another secret that begins then: the processes that live on
 * take its secret over within half a minute of use, and go on caching, for each other too.
 */
import { randomUUID } from 'node:crypto';
import { rmSync } from 'node:fs';
import axios from 'axios';
import 'fake-indexeddb/auto';
import { createClient } from 'redis';
import { type CacheStorage, setupCache } from '../../lib/index.js';
import { DynamoStorage } from '../../lib/dynamo.js';
import { FilesystemStorage } from '../../lib/filesystem.js';
import { IndexedDbStorage } from '../../lib/indexeddb.js';
import { MongoStorage } from '../../lib/mongo.js';
import { RedisStorage } from '../../lib/redis.js';
import { SqliteStorage } from '../../lib/sqlite.js';
import { fromMap, KeyValueStorage } from '../../lib/storage.js';
import { having, startCached } from '../support/cached-instance.js';
import { clientOf, newTable, rewrite } from '../support/dynamo.js';
import { newDirectory } from '../support/filesystem.js';
import { connect, databaseAt } from '../support/mongo.js';
import { describeService } from '../support/services.js';
import { newPath } from '../support/sqlite.js';

interface Engine {
  /** A storage as another process has it. */
  open(): CacheStorage;
  loseAll(): unknown;
}

const others: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of others.splice(0)) await close();
});

const USER = having({ Authorization: 'Bearer of a user' });

function describeLoss(name: string, start: () => Engine | Promise<Engine>): void {
  test(`${name}: who lives on takes the new secret over`, async () => {
    const engine = await start();
    const { http, origin, clock } = await startCached(() => ({ headers: { 'Cache-Control': 'max-age=600' } }), {
      storage: engine.open(),
    });
    const get = async (path: string) => (await http.get(path, USER)).cached;
    expect([await get('/a'), await get('/a')]).toEqual([false, true]);
    await engine.loseAll();
    const other = setupCache(axios.create({ baseURL: origin.url, proxy: false }), {
      storage: engine.open(),
      now: clock.now,
    });
    others.push(() => other.cache.close());
    await other.get('/a', USER);
    expect((await other.get('/a', USER)).cached).toBe(true);
    clock.advance(30);
    // Nobody waits for the secret: this one still goes by the former.
    await http.get('/b', USER);
    await http.cache.idle();
    expect(await get('/a')).toBe(true);
    expect([await get('/c'), await get('/c')]).toEqual([false, true]);
    // An answer of the one is ended by the other.
    await http.cache.delete('/a', USER);
    expect((await other.get('/a', USER)).cached).toBe(false);
  });
}

describeLoss('SQLite', () => {
  const path = newPath();
  const loseAll = (): void => {
    for (const end of ['', '-wal', '-shm']) rmSync(path + end, { force: true });
  };
  return { open: () => new SqliteStorage(path), loseAll };
});

describeLoss('a folder', () => {
  const directory = newDirectory();
  return { open: () => new FilesystemStorage(directory), loseAll: () => { rmSync(directory, { recursive: true }); } };
});

describeLoss('a key-value store', () => {
  const map = new Map<string, Uint8Array>();
  return { open: () => new KeyValueStorage(fromMap(map)), loseAll: () => { map.clear(); } };
});

describeLoss('IndexedDB', () => {
  const name = randomUUID();
  const loseAll = (): Promise<unknown> =>
    new Promise((resolve) => {
      const request = indexedDB.deleteDatabase(`${name}#1`);
      request.onsuccess = resolve;
    });
  return { open: () => new IndexedDbStorage(name), loseAll };
});

describeService('redis', (service) => {
  describeLoss('Redis', () => {
    const namespace = randomUUID();
    const loseAll = async (): Promise<void> => {
      const client = await createClient({ url: service().url }).connect();
      for (const key of await client.keys(`*${namespace}*`)) await client.del(key);
      await client.close();
    };
    return { open: () => new RedisStorage({ url: service().url, namespace }), loseAll };
  });
});

describeService('mongo', (service) => {
  describeLoss('MongoDB', async () => {
    const namespace = randomUUID();
    const connection = await connect(service().url);
    const loseAll = (): Promise<unknown> => connection.collection('lost').deleteMany({});
    const url = databaseAt(service().url);
    const open = (): CacheStorage => new MongoStorage({ url, collection: 'lost', namespace });
    return { open, loseAll };
  });
});

describeService('dynamodb', (service) => {
  describeLoss('DynamoDB', () => {
    const table = newTable();
    const client = clientOf(service().url);
    const open = (): CacheStorage => new DynamoStorage({ table, client, createIfMissing: true });
    return { open, loseAll: () => rewrite(client, table, /^/, () => undefined) };
  });
});
