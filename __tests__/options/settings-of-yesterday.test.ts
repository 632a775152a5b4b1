/** What earlier settings have stored, and how long what has ended is kept. */
import type { CacheOptions } from '../../lib/api/options.js';
import type { CacheStorage } from '../../lib/api/storage.js';
import axios from 'axios';
import { setupCache } from '../../lib/setup-cache.js';
import { MemoryStorage } from '../../lib/storage/memory/memory.js';
import { numbered, startCached, told } from '../support/cached-instance.js';
import { type Reply, withEtag } from '../support/origin.js';
import { newPath, openStorage } from '../support/sqlite.js';

const DAY = 86_400;

describe.each<[string, () => CacheStorage]>([
  ['memory', () => new MemoryStorage()],
  ['SQLite', () => openStorage(newPath())],
])('settings of yesterday, on %s', (_name, create) => {
  /** What a second instance says a day after the first one has stored an answer with other settings. */
  async function nextDay(before: CacheOptions, after: CacheOptions, reply: Reply = {}, ask = {}): Promise<string> {
    const storage = create();
    const { http, origin, clock } = await startCached({ '/': numbered(reply) }, { storage, ...before });
    await http.get('/', { ...ask, validateStatus: null });
    clock.advance(DAY);
    const instance = axios.create({ baseURL: origin.url, proxy: false });
    const second = setupCache(instance, { storage, now: clock.now, ...after });
    return told(await second.get('/', { validateStatus: null }));
  }

  test.each<[string, CacheOptions, CacheOptions, Reply, string]>([
    ['a lower session lifetime bounds', {}, { expireAfter: '5m' }, {}, 'miss expired'],
    ['and one of a pattern', { expireAfter: '9 days' }, { urlsExpireAfter: { '**': '5m' } }, {}, 'miss expired'],
    ['a higher one does not extend', { expireAfter: '5m' }, { expireAfter: '9 days' }, {}, 'miss expired'],
    ['a function bounds as a number does', {}, { expireAfter: () => '5m' }, {}, 'miss expired'],
    ['and one of a pattern', {}, { urlsExpireAfter: { '**': { expireAfter: () => 300 } } }, {}, 'miss expired'],
    ['a function that would not store it', {}, { expireAfter: () => false }, {}, 'miss expired'],
    ['a Date that it gives', {}, { expireAfter: ({ createdAt }) => new Date(createdAt) }, {}, 'miss expired'],
    ['one that gives more does not extend', { expireAfter: '5m' }, { expireAfter: () => '9 days' }, {}, 'miss expired'],
    ['one that says nothing leaves it', {}, { expireAfter: () => undefined }, {}, 'hit fresh'],
    [
      'a function is asked about the stored answer',
      { allowedCodes: [404] },
      { allowedCodes: [404], expireAfter: ({ status }) => (status === 404 ? '1m' : 'never') },
      { status: 404 },
      'miss expired',
    ],
    [
      'the server’s word stays above a function too',
      {},
      { expireAfter: () => '5m' },
      { headers: { 'cache-control': 'max-age=200000' } },
      'hit fresh',
    ],
    ['one that is not lower changes nothing', { expireAfter: '2 days' }, { expireAfter: '3 days' }, {}, 'hit fresh'],
    [
      'the server’s word stays above all',
      {},
      { expireAfter: '5m' },
      { headers: { 'cache-control': 'max-age=200000' } },
      'hit fresh',
    ],
    [
      'headers count once they are on',
      { cacheControl: false },
      {},
      { headers: { 'cache-control': 'max-age=60' } },
      'miss expired',
    ],
    [
      'and in their favour, too',
      { cacheControl: false, expireAfter: '2 days' },
      { expireAfter: '5m' },
      { headers: { 'cache-control': 'max-age=200000' } },
      'hit fresh',
    ],
    [
      'no-cache among them',
      { cacheControl: false },
      {},
      { headers: { 'cache-control': 'no-cache' } },
      'miss no-cache',
    ],
  ])('%s', async (_what, before, after, reply, outcome) => {
    expect(await nextDay(before, after, reply)).toBe(outcome);
  });

  test('what a request asked for itself no session cuts short', async () => {
    expect(await nextDay({}, { expireAfter: '5m' }, {}, { cache: '9 days' })).toBe('hit fresh');
    expect(await nextDay({}, { expireAfter: () => '5m' }, {}, { cache: '9 days' })).toBe('hit fresh');
  });
});

describe('kept means usable', () => {
  test('a week later the ETag is sent', async () => {
    const route = withEtag('"1"', { headers: { 'cache-control': 'max-age=60' } });
    const { http, origin, clock } = await startCached({ '/': route });
    await http.get('/');
    clock.advance(7 * DAY);
    expect(told(await http.get('/'))).toBe('revalidated not-modified');
    expect(origin.requests[1]?.headers['if-none-match']).toBe('"1"');
  });

  test.each(['only-if-cached', 'force-cache'] as const)('two days later %s gives what is kept', async (mode) => {
    const { http, origin, clock } = await startCached({
      '/': withEtag('"1"', { headers: { 'cache-control': 'max-age=0' }, body: 'one' }),
    });
    await http.get('/');
    clock.advance(2 * DAY);
    const { data, cache } = await http.get<unknown>('/', { cache: mode });
    expect([data, cache.status, origin.count()]).toEqual(['one', 'stale', 1]);
  });

  test.each<[string, CacheOptions, Reply['headers'], number]>([
    ['no validator', {}, {}, 20],
    ['no validator, and keepStale', { keepStale: '365 days' }, {}, 20],
    ['an ETag', {}, { etag: '"1"' }, 0],
    ['a Last-Modified', {}, { 'last-modified': 'Mon, 01 Jan 2024 00:00:00 GMT' }, 0],
    ['a window of the user’s', { staleIfError: true }, {}, 0],
    ['another one', { staleWhileRevalidate: '1h' }, {}, 0],
  ])('%s: from its end on deleteExpired removes what is good for nothing', async (_name, options, headers = {}, count) => {
    const { http, clock } = await startCached(() => ({ headers, body: 'one' }), { expireAfter: '1m', ...options });
    for (let index = 0; index < 20; index += 1) await http.get(`/${index}`);
    clock.advance(600);
    expect(await http.cache.deleteExpired()).toBe(count);
    expect(await http.cache.count()).toBe(20 - count);
  });

  const BOUNDS = [{ maxBytes: 40_000 }, { maxEntries: 40 }];
  test.each(BOUNDS)('what is past any use goes before what is fresh: %j', async (bounds) => {
    const storage = new MemoryStorage(bounds);
    const { http, clock } = await startCached(
      ({ path }) => ({ headers: path === '/fresh' ? { 'cache-control': 'max-age=9999' } : {}, body: 'x'.repeat(100) }),
      { storage, expireAfter: '1m' },
    );
    await http.get('/fresh');
    for (let index = 0; index < 35; index += 1) await http.get(`/old/${index}`);
    clock.advance(600);
    for (let index = 0; index < 35; index += 1) await http.get(`/new/${index}`);
    expect((await http.get('/fresh')).cached).toBe(true);
  });
});
