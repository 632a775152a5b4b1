/** The calls of `instance.cache` that mean entries by a filter, on every storage. */
import type { CacheFilter, EntryInfo } from '../../lib/index.js';
import { sample } from '../../lib/storage/contract/rule.js';
import { type CachedOrigin, START_MS, startCached, told } from '../support/cached-instance.js';
import { all } from '../support/listing.js';
import { describeEachStorage } from '../support/storages.js';

const PAGE = { headers: { 'Content-Type': 'application/json', ETag: '"1"' }, body: { page: 1 } };

describeEachStorage((create) => {
  /** Five entries: of two named users and of everybody, by two methods, one of them stale and one with a tag. */
  async function startFilled(): Promise<CachedOrigin> {
    const made = await startCached(({ headers }) => (headers['if-none-match'] === undefined ? PAGE : { status: 304 }), {
      storage: create(),
      expireAfter: 3600,
    });
    const { http, clock } = made;
    await http.get('/short', { cache: 60 });
    clock.advance(600);
    await http.get('/users', { cache: { partition: 'ada' } });
    await http.get('/users', { cache: { partition: 'bob' } });
    await http.get('/users?page=2', { cache: { tags: ['people'] } });
    await http.post('/search', { q: 'x' }, { cache: '1h' });
    return made;
  }
  const namesOf = (infos: readonly EntryInfo[], base: string): string[] =>
    infos.map(({ method, url }) => `${method} ${url.slice(base.length)}`).sort();

  test('entries shows each answer without its body', async () => {
    const { http, origin, clock } = await startFilled();
    const entries = await all(http.cache.entries({ tag: 'people' }));
    const { cache } = await http.get('/users?page=2');
    expect(entries).toEqual([
      {
        key: cache.key,
        url: `${origin.url}/users?page=2`,
        method: 'GET',
        status: 200,
        tags: ['people'],
        createdAt: new Date(clock.now()),
        expiresAt: new Date(clock.now() + 3_600_000),
        stale: false,
        bytes: 10,
      },
    ]);
  });

  test.each<[CacheFilter, string[]]>([
    [{}, ['GET /short', 'GET /users', 'GET /users', 'GET /users?page=2', 'POST /search']],
    [{ url: '/users' }, ['GET /users', 'GET /users', 'GET /users?page=2']],
    [{ url: '/users?page=2' }, ['GET /users?page=2']],
    [{ pattern: '/search' }, ['POST /search']],
    [{ pattern: /page=\d$/ }, ['GET /users?page=2']],
    [{ tag: 'people' }, ['GET /users?page=2']],
    [{ tag: 'nobody' }, []],
    [{ method: 'post' }, ['POST /search']],
    [{ partition: 'ada' }, ['GET /users']],
    [{ partition: 'eve' }, []],
    [{ stale: true }, ['GET /short']],
    [{ stale: false, url: '/users' }, ['GET /users', 'GET /users', 'GET /users?page=2']],
    [{ olderThan: '10m' }, []],
    [{ olderThan: 599 }, ['GET /short']],
    [{ olderThan: new Date(START_MS + 1) }, ['GET /short']],
    [{ unreadable: true }, []],
  ])('the filter %j means the same to all', async (filter, expected) => {
    const { http, origin } = await startFilled();
    const { cache } = http;
    expect(namesOf(await all(cache.entries(filter)), origin.url)).toEqual(expected);
    expect(await cache.count(filter)).toBe(expected.length);
    expect(await all(cache.keys(filter))).toHaveLength(expected.length);
    expect((await all(cache.urls(filter))).length).toBe(new Set(expected.map((each) => each.split(' ')[1])).size);
    if (Object.keys(filter).length === 0) return;
    expect(await cache.deleteMatching(filter)).toBe(expected.length);
    expect([await cache.count(filter), await cache.count()]).toEqual([0, 5 - expected.length]);
  });

  test('a key names one answer, and size tells of all', async () => {
    const { http } = await startFilled();
    expect(await http.cache.size()).toEqual({ entries: 5, bytes: 50 });
    const [key = ''] = await all(http.cache.keys({ partition: 'ada' }));
    expect(await http.cache.deleteMatching({ key })).toBe(1);
    expect([await http.cache.count({ partition: 'ada' }), await http.cache.count()]).toEqual([0, 4]);
    expect(await http.cache.size()).toEqual({ entries: 4, bytes: 40 });
  });

  test('what this version cannot read is left out unless it is asked for', async () => {
    const storage = create();
    const { http } = await startCached(() => PAGE, { storage });
    await http.get('/users');
    await storage.set(sample({ key: 'of another version', createdAtMs: START_MS, head: '["?"]' }));
    expect(await http.cache.count()).toBe(1);
    expect(await http.cache.size()).toMatchObject({ entries: 2 });
    const [unreadable] = await all(http.cache.entries({ unreadable: true }));
    expect(unreadable).toMatchObject({ url: '', method: '', status: 0, createdAt: new Date(START_MS) });
    expect(await http.cache.deleteMatching({ unreadable: true })).toBe(1);
    expect(await http.cache.size()).toMatchObject({ entries: 1 });
  });

  test('expire ends the lifetime of some, which are then renewed', async () => {
    const { http, origin } = await startFilled();
    expect(await http.cache.expire({ url: '/users' })).toBe(3);
    expect(await http.cache.expire({ url: '/users' })).toBe(0);
    expect(await http.cache.count({ stale: true })).toBe(4);
    const asked = origin.count();
    expect(told(await http.get('/users?page=2'))).toBe('revalidated not-modified');
    expect(told(await http.get('/users?page=2'))).toBe('hit fresh');
    expect(origin.count()).toBe(asked + 1);
  });

  test('what has expired by hand stands in where the origin fails', async () => {
    const { http, origin } = await startCached(() => ({ body: 'kept' }), { storage: create(), expireAfter: '1h' });
    await http.get('/news');
    await http.cache.expire({ url: '/news' });
    await origin.close();
    const answer = await http.get('/news', { cache: { staleIfError: '1m' } });
    expect([answer.data, told(answer)]).toEqual(['kept', 'stale stale-if-error']);
  });

  test('expire with a lifetime lets some live longer than their server said', async () => {
    const said = { headers: { 'Cache-Control': 'max-age=60' }, body: 'a' };
    const { http, clock } = await startCached(() => said, { storage: create() });
    await http.get('/countries');
    clock.advance(30);
    expect(await http.cache.expire({ url: '/countries' }, '1 week')).toBe(1);
    clock.advance(604_800 - 1);
    expect(await http.get('/countries')).toMatchObject({ cached: true, cache: { ttl: 1, expirySource: 'request' } });
    clock.advance(2);
    expect((await http.get('/countries')).cached).toBe(false);
  });

  test('tags are deleted together', async () => {
    const { http } = await startFilled();
    await http.get('/teams', { cache: { tags: ['people', 'teams'] } });
    await http.get('/cities', { cache: { tags: ['cities'] } });
    expect(await http.cache.invalidateTags('people', 'teams')).toBe(2);
    expect(await http.cache.invalidateTags('people')).toBe(0);
    expect([await http.cache.count({ tag: 'people' }), await http.cache.count({ tag: 'cities' })]).toEqual([0, 1]);
  });

  test('set stores what was never fetched', async () => {
    const { http, origin } = await startCached(() => PAGE, { storage: create(), expireAfter: 60, tags: ['seeded'] });
    expect(await http.cache.set('/users/3', { data: { name: 'Grace' } })).toBe(true);
    const response = await http.get<{ name: string }>('/users/3');
    expect([response.data, told(response), response.headers['content-type']]).toEqual([
      { name: 'Grace' },
      'hit fresh',
      'application/json',
    ]);
    expect(await http.cache.count({ tag: 'seeded' })).toBe(1);
    expect(await http.cache.set('/secret', { data: 'x', headers: { 'Cache-Control': 'no-store' } })).toBe(false);
    expect(await http.cache.has('/secret')).toBe(false);
    expect(origin.count()).toBe(0);
  });
});
