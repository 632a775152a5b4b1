/** What must be true of a storage that another version of this package has filled. */
import axios from 'axios';
import { type CachedAxiosInstance, type CacheEvent, type CacheStorage, setupCache } from '../../lib/index.js';
import { type Former, FORMER, LARGE } from '../fixtures/upgrade/former.js';

/** Whether a version that wrote so is understood by this one. */
export type Expected = 'hits' | 'misses';

interface Played {
  readonly http: CachedAxiosInstance;
  /** The URLs that the server was asked for. */
  readonly asked: string[];
  readonly events: CacheEvent[];
}

/** A server that answers with `new` and the URL. */
function play(storage: CacheStorage): Played {
  const [events, asked]: [CacheEvent[], string[]] = [[], []];
  const http = setupCache(
    axios.create({
      baseURL: 'http://api.test',
      adapter: (config) => {
        asked.push(String(config.url));
        const vary = config.url === '/priced' ? { vary: 'x-currency' } : {};
        const headers = { 'cache-control': 'max-age=600', 'content-type': 'text/plain', ...vary };
        return Promise.resolve({ data: `new ${config.url}`, status: 200, statusText: 'OK', headers, config });
      },
    }),
    // A large body takes some engines their time.
    { storage, storageTimeout: '1m', onEvent: (event) => { events.push(event); } },
  );
  return { http, asked, events };
}

const failuresIn = (events: readonly CacheEvent[]): readonly CacheEvent[] =>
  events.filter(({ type }) => type === 'storage-error');

/** Each request is answered, with what was stored or anew, and is a hit from then on; nothing fails. */
export async function expectGoesOn(storage: CacheStorage, expected: Expected, former: Former = FORMER): Promise<void> {
  const { http, asked, events } = play(storage);
  const isHit = expected === 'hits';
  for (const [request, stored] of former) {
    const { data, cached } = await http.get<unknown>(request.url, request);
    expect([request.url, cached, data]).toEqual([request.url, isHit, isHit ? stored : `new ${request.url}`]);
  }
  expect(asked).toEqual(isHit ? [] : former.map(([{ url }]) => url));
  for (const [request] of former) expect((await http.get(request.url, request)).cached).toBe(true);
  const other = await http.get<unknown>('/me', { headers: { Authorization: 'Bearer of Bob' } });
  expect([other.cached, other.data]).toEqual([false, 'new /me']);
  for (const tag of new Set(former.flatMap(([{ cache }]) => cache?.tags ?? []))) await http.cache.invalidateTags(tag);
  for (const [request] of former.filter(([{ cache }]) => cache !== undefined)) {
    expect([request.url, (await http.get(request.url, request)).data]).toEqual([request.url, `new ${request.url}`]);
  }
  expect(await http.cache.delete('/users')).toBe(1);
  expect((await http.get('/users')).cached).toBe(false);
  expect(failuresIn(events)).toEqual([]);
  await http.cache.close();
}

/** What a later version has left is absent here, by whatever way it is looked for, and nothing fails. */
export async function expectAbsent(storage: CacheStorage, former: Former = FORMER): Promise<void> {
  const { http, asked, events } = play(storage);
  for (const [request] of former) {
    const cache = { ...request.cache, mode: 'only-if-cached' as const };
    const { status } = await http.get(request.url, { ...request, cache, validateStatus: null });
    expect([request.url, status]).toEqual([request.url, 504]);
  }
  expect(await http.cache.count()).toBe(0);
  expect(await http.cache.deleteExpired()).toBe(0);
  expect(asked).toEqual([]);
  expect(failuresIn(events)).toEqual([]);
  await http.cache.close();
}

/** What is kept in pieces is whole. */
export async function expectLarge(storage: CacheStorage): Promise<void> {
  const { http } = play(storage);
  const { data, cached } = await http.get<string>(LARGE.url);
  expect([cached, data.length > 50_000, data.replaceAll('a', '')]).toEqual([true, true, '']);
  await http.cache.close();
}
