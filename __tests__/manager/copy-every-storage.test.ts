/** `http.cache.copyTo` from and to every storage: a cache on the target answers as the source would have. */
import axios from 'axios';
import {
  type CachedAxiosInstance,
  type CachedAxiosResponse,
  type CacheStorage,
  MemoryStorage,
  setupCache,
} from '../../lib/index.js';
import { type CachedOrigin, having, startCached, told } from '../support/cached-instance.js';
import type { Handler } from '../support/origin.js';
import { newPath, openStorage as openSqlite } from '../support/sqlite.js';
import { describeEachStorage } from '../support/storages.js';

const answer: Handler = ({ method, url, headers }) => {
  if (method === 'DELETE') return { headers: { 'Cache-Group-Invalidation': '"people"' } };
  const fields: Record<string, string> = url.startsWith('/grouped') ? { 'Cache-Groups': '"people"' } : {};
  if (url.startsWith('/langs')) fields['Vary'] = 'Accept-Language, Accept-Encoding';
  return { headers: fields, body: { url, of: headers.authorization ?? 'anybody' } };
};

const ADA = having({ Authorization: 'Bearer ada' });
const BOB = having({ Authorization: 'Bearer bob' });
const GERMAN = having({ 'Accept-Language': 'de' });

/** What is asked for before the copy and after it: of anybody and of users, by several methods, variants and names. */
const REQUESTS: readonly ((http: CachedAxiosInstance) => Promise<CachedAxiosResponse>)[] = [
  (http) => http.get('/users', { cache: { tags: ['people'] } }),
  (http) => http.get('/users', ADA),
  (http) => http.get('/users', { cache: { partition: 'grace' } }),
  (http) => http.get('/search?api_key=secret'),
  (http) => http.post('/search', { q: 'x' }),
  (http) => http.get('/langs', GERMAN),
  (http) => http.get('/grouped'),
  (http) => http.get('/own', { cache: { key: 'by a name' } }),
];

const open: CacheStorage[] = [];
afterEach(async () => { for (const storage of open.splice(0)) await storage.close(); });
const kept = <S extends CacheStorage>(storage: S): S => {
  open.push(storage);
  return storage;
};

const OPTIONS = { expireAfter: '1h', allowedMethods: ['GET', 'POST'] } as const;

/** Fills `from` and copies it to `to`, and gives another instance on that one. */
async function copied(from: CacheStorage, to: CacheStorage): Promise<CachedOrigin & { other: CachedAxiosInstance }> {
  const made = await startCached(answer, { storage: from, ...OPTIONS });
  for (const request of REQUESTS) expect(told(await request(made.http))).toMatch(/^miss/);
  const { copied: count, skipped, failed } = await made.http.cache.copyTo(to);
  expect([count, Object.values(skipped), failed]).toEqual([REQUESTS.length, [0, 0, 0, 0, 0], 0]);
  const other = setupCache(axios.create({ baseURL: made.origin.url, proxy: false }), {
    storage: kept(to), now: made.clock.now, ...OPTIONS,
  });
  return { ...made, other };
}

async function expectTheSame({ http, other, origin }: Awaited<ReturnType<typeof copied>>): Promise<void> {
  const asked = origin.count();
  for (const request of REQUESTS) {
    const [was, is] = [await request(http), await request(other)];
    expect([told(is), is.data]).toEqual(['hit fresh', was.data]);
  }
  expect(origin.count()).toBe(asked);
  // Another user finds neither what is for anybody nor what is another user's.
  expect((await other.get('/users', BOB)).cached).toBe(false);
  expect((await other.get('/search?api_key=another')).cached).toBe(false);
  // What finds entries by their names finds them there too.
  expect([await other.cache.count({ tag: 'people' }), await other.cache.count({ partition: 'grace' })]).toEqual([1, 1]);
  expect(await other.cache.has('/users', ADA)).toBe(true);
  await other.delete('/groups', { data: {} });
  expect((await other.get('/grouped')).cached).toBe(false);
  // Grace, Ada, anybody, and Bob's from above.
  expect(await other.cache.delete('/users')).toBe(4);
  expect((await other.get('/users', ADA)).cached).toBe(false);
}

describeEachStorage((create, name) => {
  const targets: [string, () => CacheStorage][] = [
    ['memory', () => new MemoryStorage()],
    ['SQLite', () => openSqlite(newPath())],
  ];
  test.each(targets)('to %s', async (_name, target) => {
    await expectTheSame(await copied(create(), target()));
  });

  if (name !== 'SQLite') {
    test('from SQLite', async () => {
      await expectTheSame(await copied(openSqlite(newPath()), create()));
    });
  }
});
