/**
 * Two processes with fronts of their own over one engine: what one of them deletes or changes, the front of the other
 * serves no more, and what still holds is served without its body being read again.
 */
import { randomUUID } from 'node:crypto';
import axios from 'axios';
import 'fake-indexeddb/auto';
import { type CachedAxiosInstance, type CacheStorage, MemoryStorage, setupCache } from '../../../lib/index.js';
import { IndexedDbStorage } from '../../../lib/indexeddb.js';
import { MongoStorage } from '../../../lib/mongo.js';
import { RedisStorage } from '../../../lib/redis.js';
import { SqliteStorage } from '../../../lib/sqlite.js';
import { TieredStorage } from '../../../lib/tiered.js';
import { startCached, told } from '../../support/cached-instance.js';
import { describeService } from '../../support/services.js';
import { newPath } from '../../support/sqlite.js';
import { CLUSTERS, connect } from '../redis/support.js';

type Work = (other: CachedAxiosInstance) => Promise<unknown>;

/** What ends an entry, or what stands under its key. */
const ENDS: readonly (readonly [string, Work])[] = [
  ['deletes the URL', (other) => other.cache.delete('/thing')],
  ['changes it at the origin', (other) => other.put('/thing')],
  ['invalidates its group', (other) => other.post('/group')],
  ['clears the cache', (other) => other.cache.clear()],
  ['gets another answer', (other) => other.get('/thing', { cache: 'reload' })],
];

function describeFronts(engine: string, openBacks: () => Promise<() => CacheStorage>): void {
  /** How often the backs have read bodies. */
  let reads = 0;
  /** How many answers the origin has given, and which answer it gives. */
  let version = 1;
  let state = 1;

  async function startTwo() {
    const openBack = await openBacks();
    const open = (): TieredStorage => {
      const back = openBack();
      const get = back.get.bind(back);
      back.get = (...args) => {
        reads += 1;
        return get(...args);
      };
      return new TieredStorage(new MemoryStorage(), back, { front: 'verify' });
    };
    [version, state] = [1, 1];
    const { http, origin } = await startCached({
      'POST /group': { headers: { 'Cache-Group-Invalidation': '"things"' } },
      '/thing': ({ headers }) => {
        const ETag = `"${version}"`;
        const fields = { ETag, 'Cache-Control': 'max-age=60', 'Cache-Groups': '"things"', 'X-State': `${state}` };
        if (headers['if-none-match'] === ETag) return { status: 304, headers: fields };
        return { headers: fields, body: { version } };
      },
    }, { storage: open(), now: Date.now });
    const other = setupCache(axios.create({ baseURL: origin.url, proxy: false }), { storage: open() });
    opened = other;
    // Both have it in front: one has put it there, the other has read it.
    for (const each of [http, other]) for (let times = 0; times < 2; times += 1) await each.get('/thing');
    expect(told(await http.get('/thing'))).toBe('hit fresh');
    return { http, other, origin };
  }
  let opened: CachedAxiosInstance | undefined;
  afterEach(() => opened?.cache.close());

  describe(`two fronts over ${engine}, with verify`, () => {
    test('what still holds is answered without its body being read again', async () => {
      const { http } = await startTwo();
      const before = reads;
      const { data, cached } = await http.get<{ version: number }>('/thing');
      expect([data.version, cached, reads - before]).toEqual([1, true, 0]);
    });

    test.each(ENDS)('where the other process %s', async (_what, work) => {
      const { http, other } = await startTwo();
      version = 2;
      await work(other);
      expect((await http.get<{ version: number }>('/thing')).data.version).toBe(2);
    });

    test('where the other process renews it: its new head, and its body not read again', async () => {
      const { http, other, origin } = await startTwo();
      state = 2;
      expect((await other.get('/thing', { cache: 'no-cache' })).cache.status).toBe('revalidated');
      const [asked, before] = [origin.count(), reads];
      const { data, headers } = await http.get<{ version: number }>('/thing');
      expect([data.version, headers['x-state']]).toEqual([1, '2']);
      expect([origin.count() - asked, reads - before]).toEqual([0, 0]);
    });
  });
}

describeFronts('SQLite', async () => {
  const path = newPath();
  return () => new SqliteStorage(path);
});

describeFronts('IndexedDB', async () => {
  const database = randomUUID();
  return () => new IndexedDbStorage(database);
});

describeService('redis', (service) => {
  describeFronts('Redis', async () => {
    const namespace = randomUUID();
    return () => new RedisStorage({ url: service().url, namespace });
  });
});

describeService('redisCluster', (service) => {
  describeFronts('a Redis cluster', async () => {
    const namespace = randomUUID();
    const client = await connect(CLUSTERS['redis 6']!({ rootNodes: [{ url: service().url }] }));
    return () => new RedisStorage({ client, namespace });
  });
});

describeService('mongo', (service) => {
  describeFronts('MongoDB', async () => {
    const namespace = randomUUID();
    return () => new MongoStorage({ url: `${service().url}/fronts`, namespace });
  });
});
