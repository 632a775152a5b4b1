/** No-Vary-Search: one answer for several queries, as far as its origin says so. */
import { MemoryStorage, type StorageReading } from '../../../lib/index.js';
import { type InstanceOptions, numbered, startCached, told } from '../../support/cached-instance.js';
import type { Reply } from '../../support/origin.js';
import { newPath, openStorage } from '../../support/sqlite.js';

const varying = (rule: string, more: Reply['headers'] = {}): Reply => ({
  headers: { 'Cache-Control': 'max-age=100', 'No-Vary-Search': rule, ...more },
});
const start = (rule: string, options: InstanceOptions = {}) =>
  startCached({ 'GET /x': numbered(varying(rule)), 'GET /y': numbered(varying(rule)), 'POST /x': {} }, options);

test.each<[string, string, string, string]>([
  ['a parameter that does not matter', 'params=("utm")', '/x?id=1&utm=a', '/x?id=1&utm=b'],
  ['nor where it stands alone', 'params=("utm")', '/x?utm=a', '/x?utm=b'],
  ['nor does its absence', 'params=("utm")', '/x?id=1&utm=a', '/x?id=1'],
  ['nor does its place', 'params=("utm")', '/x?utm=a&id=1', '/x?id=1'],
  ['none matters', 'params', '/x', '/x?any=1'],
  ['none but one matters', 'params, except=("id")', '/x?id=1&a=1', '/x?b=2&id=1'],
])('%s: %s', async (_meaning, rule, first, second) => {
  const { http, origin } = await start(rule);
  expect(told(await http.get(first))).toBe('miss uri-miss');
  const other = await http.get(second);
  expect([told(other), other.data, other.request.res.responseUrl]).toEqual([
    'hit fresh',
    'answer 1',
    origin.url + second,
  ]);
});

test.each<[string, string, string, string, object?]>([
  ['another value of what matters', 'params=("utm")', '/x?id=1&utm=a', '/x?id=2&utm=a'],
  ['another path', 'params', '/x?a', '/y?a'],
  ['a field that cannot be understood', 'params=(utm)', '/x?utm=a', '/x?utm=b'],
  ['another user', 'params', '/x?a', '/x?b', { headers: { Authorization: 'Bearer bob' } }],
  ['a key of the request’s own', 'params', '/x?a', '/x?b', { cache: { key: 'mine' } }],
  ['a secret that is not shown', 'params=("utm")', '/x?token=one&utm=a', '/x?token=two&utm=a'],
  ['a request that asks the origin', 'params', '/x?a', '/x?b', { headers: { 'Cache-Control': 'no-cache' } }],
])('not for %s', async (_other, rule, first, second, config = {}) => {
  const { http } = await start(rule);
  await http.get(first);
  expect((await http.get(second, config)).cached).toBe(false);
});

test('one answer serves all of them, with tags of the user as well', async () => {
  const { http } = await start('params', { tags: ['mine'] });
  await http.get('/x?a');
  for (const query of ['b', 'c', 'd']) expect((await http.get(`/x?${query}`)).data).toBe('answer 1');
  expect(await http.cache.count()).toBe(1);
});

test('only-if-cached finds it too', async () => {
  const { http } = await start('params');
  await http.get('/x?a');
  expect((await http.get('/x?b', { cache: 'only-if-cached' })).data).toBe('answer 1');
});

test('each query’s own answer comes first; past its lifetime the origin is asked', async () => {
  const { http, clock, origin } = await start('params');
  await http.get('/x?a');
  await http.get('/x?b', { cache: 'reload' });
  expect([(await http.get('/x?a')).data, (await http.get('/x?b')).data]).toEqual(['answer 1', 'answer 2']);
  clock.advance(101);
  expect(told(await http.get('/x?c'))).toBe('miss uri-miss');
  expect(origin.count()).toBe(3);
});

test('so it does in a storage that takes its time', async () => {
  class Slow extends MemoryStorage {
    override async get(...sought: Parameters<MemoryStorage['get']>): Promise<StorageReading> {
      return super.get(...sought);
    }
  }
  const { http } = await start('params', { storage: new Slow() });
  await http.get('/x?a');
  await http.get('/x?b', { cache: 'reload' });
  expect([(await http.get('/x?a')).data, (await http.get('/x?b')).data]).toEqual(['answer 1', 'answer 2']);
});

test('Vary counts beside it', async () => {
  const { http } = await startCached({ '/x': numbered(varying('params', { Vary: 'X-Kind' })) });
  const ofOneKind = { headers: { 'X-Kind': 'one' } };
  await http.get('/x?a', ofOneKind);
  expect((await http.get('/x?b', { headers: { 'X-Kind': 'other' } })).cached).toBe(false);
  expect((await http.get('/x?c', { headers: { 'X-Kind': 'other' } })).data).toBe('answer 2');
  expect((await http.get('/x?c', ofOneKind)).cached).toBe(false);
});

test('an origin that says otherwise by now is believed', async () => {
  let rule = 'params';
  const { http } = await startCached(() => ({ ...varying(rule), body: rule }));
  await http.get('/x?id=1&a');
  rule = 'params, except=("id")';
  await http.get('/x?id=1&a', { cache: 'reload' });
  expect((await http.get('/x?id=2')).cached).toBe(false);
  expect((await http.get('/x?id=1&b')).cached).toBe(true);
});

test('an answer that was stored by an earlier word of the origin does not serve where the latest says less', async () => {
  let rule = 'params';
  const { http } = await startCached(() => ({ ...varying(rule), body: rule }));
  await http.get('/x?a');
  rule = 'params=("utm")';
  await http.get('/x?id=1', { cache: 'reload' });
  expect((await http.get('/x')).cached).toBe(false);
});

test.each([
  ['other parameters', 'params=("utm")'],
  ['no longer any', undefined],
])('where another process was told that %s do not matter, that is heeded', async (_what, later) => {
  const path = newPath();
  let rule: string | undefined = 'params';
  const routes = () => (rule === undefined ? { headers: { 'Cache-Control': 'max-age=100' } } : varying(rule));
  const reading = await startCached(routes, { storage: openStorage(path) });
  const writing = await startCached({}, { storage: openStorage(path) });
  await reading.http.get('/x?a');
  rule = later;
  await writing.http.get(`${reading.origin.url}/x?a`, { cache: 'reload' });
  expect((await reading.http.get('/x?b')).cached).toBe(false);
});

test('a renewal that says what cannot be understood: from then on the answer serves its own query alone', async () => {
  const { http, clock } = await startCached(({ headers }) =>
    headers['if-none-match'] === undefined
      ? varying('params', { ETag: '"1"' })
      : { ...varying('params=(', { ETag: '"1"' }), status: 304 },
  );
  await http.get('/x?a');
  clock.advance(101);
  expect(told(await http.get('/x?a'))).toBe('revalidated not-modified');
  expect([told(await http.get('/x?a')), told(await http.get('/x?b'))]).toEqual(['hit fresh', 'miss uri-miss']);
});

describe('a redirect', () => {
  test.each(['http', 'fetch'])('speaks of another URL’s query, by the %s adapter', async (adapter) => {
    const { http } = await startCached(
      ({ path, url }) =>
        path === '/x' ? { status: 302, headers: { Location: `/to${url.slice(2)}` } } : { ...varying('params'), body: url },
      { defaults: { adapter } },
    );
    await http.get('/x?a');
    expect((await http.get('/x?b')).data).toBe('/to?b');
  });
});

describe('an unsafe request', () => {
  test('to an equivalent query ends it', async () => {
    const { http, clock } = await start('params=("utm")');
    await http.get('/x?id=1&utm=a');
    clock.advance(1);
    await http.post('/x?id=1&utm=b');
    clock.advance(1);
    expect([(await http.get('/x?id=1&utm=b')).data, (await http.get('/x?id=1&utm=a')).data]).toEqual([
      'answer 2',
      'answer 2',
    ]);
  });

  test('leaves the answers of other paths, and those that say nothing of queries', async () => {
    const { http } = await startCached({
      '/x': numbered({ headers: { 'Cache-Control': 'max-age=9' } }),
      '/y': numbered(varying('params')),
    });
    await http.get('/x?a');
    await http.get('/y?a');
    await http.post('/x?b');
    expect([told(await http.get('/x?a')), told(await http.get('/y?a'))]).toEqual(['hit fresh', 'hit fresh']);
  });

  test('during an answer to an equivalent query: that one is not for others', async () => {
    const { http, origin, clock } = await start('params');
    const held = origin.hold('/x');
    const before = http.get('/x?a');
    await held.arrived();
    clock.advance(1);
    const post = http.post('/x?b');
    await held.arrived(2);
    held.release();
    await Promise.all([before, post]);
    expect((await http.get('/x?b')).cached).toBe(false);
  });

  test('through another instance on the same storage ends it', async () => {
    const path = newPath();
    const reading = await start('params', { storage: openStorage(path) });
    const writing = await startCached({}, { storage: openStorage(path) });
    await reading.http.get('/x?a');
    expect((await reading.http.get('/x?b')).cached).toBe(true);
    await writing.http.post(`${reading.origin.url}/x?c`);
    expect((await reading.http.get('/x?b')).cached).toBe(false);
  });
});

test('a change of another query leaves an answer that has a key of its own', async () => {
  const { http } = await start('params');
  const mine = { cache: { key: 'mine' } };
  await http.get('/x?a', mine);
  await http.post('/x?b');
  expect(told(await http.get('/x?a', mine))).toBe('hit fresh');
});

test('what the user deletes by one query is not found by it any more, though others stay', async () => {
  const { http, clock } = await start('params');
  await http.get('/x?a');
  clock.advance(1);
  expect(await http.cache.delete('/x?b')).toBe(0);
  expect([told(await http.get('/x?b')), told(await http.get('/x?a'))]).toEqual(['miss uri-miss', 'hit fresh']);
});

test('what was asked for after that is, also once it has been a hit', async () => {
  const { http, clock } = await start('params');
  await http.get('/x?a');
  await http.cache.delete('/x?b');
  clock.advance(1);
  await http.get('/x?a', { cache: 'reload' });
  expect(told(await http.get('/x?a'))).toBe('hit fresh');
  expect((await http.get('/x?b')).data).toBe('answer 2');
});

test('nor after so many other deletions that this one is forgotten', async () => {
  const { http } = await start('params');
  await http.get('/x?a');
  await http.cache.delete('/x?b');
  for (let path = 0; path < 1100; path += 1) await http.cache.delete(`/p${path}`);
  expect([told(await http.get('/x?b')), told(await http.get('/x?a'))]).toEqual(['miss uri-miss', 'hit fresh']);
});

test('after a restart it is known from the first hit on', async () => {
  const path = newPath();
  const { http, origin } = await start('params', { storage: openStorage(path) });
  await http.get('/x?a');
  const later = (await startCached({}, { storage: openStorage(path) })).http;
  expect((await later.get(`${origin.url}/x?a`)).cached).toBe(true);
  expect((await later.get(`${origin.url}/x?b`)).cached).toBe(true);
});
