/** `explain` tells what a request would come to: it never disagrees with the request that is made right after it. */
import type { AxiosRequestConfig } from 'axios';
import fc from 'fast-check';
import { type CacheExplanation, type CacheManager, type CacheOptions, MemoryStorage } from '../../lib/index.js';
import { asking, having, httpDate, numbered, startCached } from '../support/cached-instance.js';
import { all } from '../support/listing.js';
import { type Reply, type Route, withEtag } from '../support/origin.js';

const cacheControl = (...values: readonly string[]) => fc.constantFrom(undefined, ...values);

const answers = fc.record({
  'Cache-Control': cacheControl(
    'max-age=60', 'no-cache', 'max-age=0, must-revalidate', 'no-store', 'max-age=5, stale-while-revalidate=30',
  ),
  ETag: fc.constantFrom(undefined, '"1"'),
  Vary: fc.constantFrom(undefined, 'X-Lang', '*'),
  'No-Vary-Search': fc.constantFrom(undefined, 'params=("page")'),
  Location: fc.constantFrom(undefined, undefined, '/b'),
});

const requests = fc.record({
  url: fc.constantFrom('/a', '/a?page=1', '/b'),
  method: fc.constantFrom('get', 'get', 'head', 'post'),
  lang: fc.constantFrom(undefined, 'de'),
  token: fc.constantFrom(undefined, 'ada'),
  said: cacheControl('no-cache', 'max-age=10', 'min-fresh=30', 'max-stale=20', 'only-if-cached', 'no-store'),
  condition: fc.constantFrom(undefined, undefined, undefined, '"1"', '"2"'),
  maxRedirects: fc.constantFrom(undefined, undefined, 0),
  cache: fc.constantFrom<AxiosRequestConfig['cache'][]>(
    undefined, undefined, false, true, 30, 'no-cache', 'reload', 'force-cache', 'only-if-cached', 'no-store',
    { readOnly: true }, { staleWhileRevalidate: 20 }, { cacheControl: false }, { partition: 'ada' },
    { filter: () => false }, { conditionalRequests: false }, { maxLifetime: 7 },
  ),
  wait: fc.constantFrom(0, 0, 4, 8, 31, 61),
});
type Asked = typeof requests extends fc.Arbitrary<infer T> ? T : never;

function configOf({ method, lang, token, said, condition, maxRedirects, cache }: Asked): AxiosRequestConfig {
  const headers = {
    ...(lang !== undefined && { 'X-Lang': lang }),
    ...(token !== undefined && { Authorization: token }),
    ...(said !== undefined && { 'Cache-Control': said }),
    ...(condition !== undefined && { 'If-None-Match': condition }),
  };
  return { method, headers, cache, validateStatus: null, ...(maxRedirects !== undefined && { maxRedirects }) };
}

const SESSIONS: readonly CacheOptions[] = [
  {},
  { expireAfter: 20, staleWhileRevalidate: 5 },
  { expireAfter: 'heuristic', allowedCodes: [200, 304, 404] },
  { urlsExpireAfter: { '/b': false, '/a': '10s' } },
  { allowedMethods: ['GET', 'HEAD', 'POST'], shared: true },
];

test('whatever is asked for and stored, explain says what the request comes to', async () => {
  const run = async (session: CacheOptions, said: Record<string, string | undefined>, asked: readonly Asked[]) => {
    const { Location, ...others } = said;
    const fields = Object.fromEntries(Object.entries(others).filter(([, value]) => value !== undefined)) as object;
    const { http, clock, origin } = await startCached(({ headers, url }) => {
      const known = headers['if-none-match'] === '"1"' && 'ETag' in fields;
      const isMoved = Location !== undefined && url?.startsWith('/a') === true;
      if (isMoved) return { status: 302, headers: { ...fields, Location } };
      const dated = { ...fields, 'Last-Modified': httpDate(-1000) };
      return known ? { status: 304, headers: dated } : { headers: dated, body: 'text' };
    }, session);
    for (const each of asked) {
      clock.advance(each.wait);
      const config = configOf(each);
      const asking = origin.count();
      const before = await held(http.cache);
      const { would, reason, notStored, key, expirySource } = await http.cache.explain(each.url, config);
      expect([origin.count(), await held(http.cache)]).toEqual([asking, before]);
      const { cache } = await http.request({ url: each.url, ...config });
      await http.cache.idle();
      const came = { would: cache.status, reason: cache.reason };
      // A validator would be sent: what comes of it only the server knows.
      const isRenewed = would === 'revalidated' && cache.status === 'revalidated';
      const condition = would === 'revalidated' && cache.reason === 'condition-failed' ? cache.reason : reason;
      const instead = { would: would === 'revalidated' ? 'miss' : would, reason: condition };
      const expected = isRenewed ? { would, reason: 'not-modified' } : instead;
      expect(came).toEqual(expected);
      if (notStored !== undefined && cache.notStored !== 'redirected') expect(cache.notStored).toBe(notStored);
      if (cache.key !== undefined) expect(key).toBe(cache.key);
      if (expirySource !== undefined) expect(cache.expirySource).toBe(expirySource);
    }
    await http.cache.close();
    await origin.close();
  };
  const property = fc.asyncProperty(
    fc.constantFrom(...SESSIONS), answers, fc.array(requests, { minLength: 1, maxLength: 6 }), run,
  );
  await fc.assert(property, { numRuns: 250 });
}, 120_000);

/** What is stored, in an order that a look-up does not change. */
const held = async ({ storage }: CacheManager): Promise<readonly string[]> =>
  (await all(storage.entries())).map(({ revision, head }) => `${revision} ${head}`).sort();

test('a stale answer that the request takes is foreseen', async () => {
  const { http, clock } = await startCached(numbered({ headers: { 'Cache-Control': 'max-age=5' } }));
  await http.get('/a');
  clock.advance(10);
  const config = { headers: { 'Cache-Control': 'max-stale=20' } };
  const { would, reason } = await http.cache.explain('/a', config);
  const { cache } = await http.get('/a', config);
  expect([would, reason]).toEqual(['stale', 'max-stale']);
  expect([cache.status, cache.reason]).toEqual([would, reason]);
});

describe('each way to an answer', () => {
  const tagged = withEtag('"1"', { headers: { 'Cache-Control': 'max-age=60' }, body: 'text' });
  const plain: Reply = { headers: { 'Cache-Control': 'max-age=60' }, body: 'text' };
  const part: Reply = {
    status: 206,
    headers: { 'Cache-Control': 'max-age=60', 'Content-Range': 'bytes 0-1/4', ETag: '"1"' },
    body: 'te',
  };
  const FROM_STORE = { notStored: undefined, expirySource: 'response' } as const;
  const FROM_ORIGIN = { notStored: undefined, expirySource: undefined };

  /** What the server says, after how many seconds it is asked again, how, and what that comes to. */
  const WAYS: readonly [string, Route, number, AxiosRequestConfig, Partial<CacheExplanation>, string | undefined][] = [
    ['what is fresh', tagged, 0, {}, { would: 'hit', reason: 'fresh', ...FROM_STORE }, '60 s'],
    ['what is stale', tagged, 70, asking('max-stale'), { would: 'stale', reason: 'max-stale', ...FROM_STORE }, '60 s'],
    ['what is renewed meanwhile', tagged, 70, { cache: { staleWhileRevalidate: 60 } },
      { would: 'stale', reason: 'stale-while-revalidate', ...FROM_STORE }, '60 s'],
    ['what is renewed first', tagged, 70, {}, { would: 'revalidated', reason: 'expired', ...FROM_ORIGIN }, '60 s'],
    ['what cannot be renewed', plain, 70, {}, { would: 'miss', reason: 'expired', ...FROM_ORIGIN }, '60 s'],
    ['what is a part', part, 0, {}, { would: 'miss', reason: 'partial', ...FROM_ORIGIN }, '60 s'],
    ['what nobody has', plain, 0, { params: { other: 1 } }, { would: 'miss', reason: 'uri-miss', ...FROM_ORIGIN },
      undefined],
    ['what only the store may give', plain, 70, asking('only-if-cached'),
      { would: 'miss', reason: 'only-if-cached', notStored: 'failed', expirySource: undefined }, undefined],
    ['what is not to be stored', tagged, 70, { cache: { readOnly: true } },
      { would: 'revalidated', reason: 'expired', notStored: 'read-only', expirySource: undefined }, '60 s'],
  ];
  test.each(WAYS)('%s', async (_what, route, seconds, config, expected, responseSays) => {
    const { http, clock, origin } = await startCached({ '/a': route }, { allowedCodes: [200, 206] });
    await http.get('/a', route === part ? having({ Range: 'bytes=0-1' }) : {});
    clock.advance(seconds);
    const explanation = await http.cache.explain('/a', config);
    const { would, reason, notStored, expirySource, ladder } = explanation;
    expect({ would, reason, notStored, expirySource }).toEqual(expected);
    expect(ladder[0]).toEqual({ source: 'response', says: responseSays });
    expect(origin.count()).toBe(1);
  });

  test('what is renewed first, by a server that takes no conditions', async () => {
    const { http, clock } = await startCached({
      '/a': ({ headers }) => ('if-none-match' in headers ? { status: 400 } : { ...plain, headers: { ETag: '"1"' } }),
    }, { expireAfter: 60 });
    await http.get('/a');
    clock.advance(70);
    await http.get('/a');
    clock.advance(70);
    const { would, reason } = await http.cache.explain('/a');
    expect([would, reason]).toEqual(['miss', 'expired']);
  });

  test('what a storage that fails may have', async () => {
    const storage = Object.assign(new MemoryStorage(), { get: () => { throw new Error('no'); } });
    const { http } = await startCached({ '/a': plain }, { storage });
    for (const cache of [{}, { readOnly: true }]) {
      const { would, reason, notStored } = await http.cache.explain('/a', { cache });
      expect([would, reason, notStored]).toEqual(['miss', 'storage-error', 'storage-error']);
    }
  });
});

describe('in sentences', () => {
  test('of a hit: whose word counts, what is stored, what the key is made of', async () => {
    const said = { headers: { 'Cache-Control': 'max-age=60' }, body: 'abc' };
    const { http, origin } = await startCached(() => said, { expireAfter: '1h', urlsExpireAfter: { '/a': '5m' } });
    const config = { headers: { Authorization: 'Bearer secret', 'Accept-Language': 'de' } };
    await http.get('/a?token=secret', config);
    const explanation = await http.cache.explain('/a?token=secret', { ...config, cache: '1 day' });
    expect(explanation).toMatchObject({
      would: 'hit',
      reason: 'fresh',
      expirySource: 'response',
      rule: 'RFC 9111 section 4.2',
      parts: { method: 'GET', user: 'credentials: authorization', headers: 'accept-language' },
      ladder: [
        { source: 'response', says: '60 s' },
        { source: 'request', says: '86400 s' },
        { source: 'url', says: '300 s' },
        { source: 'session', says: '3600 s' },
        { source: 'default', says: 'never' },
      ],
    });
    expect(String(explanation)).toBe(
      [
        `GET ${origin.url}/a?token=***`,
        'The stored answer would be used: it is fresh (fresh; RFC 9111 section 4.2).',
        'For this URL one answer is stored:',
        '  GET 200, received 2030-01-01T00:00:00.000Z, fresh until 2030-01-01T00:01:00.000Z, 3 bytes.',
        'Of the lifetime the response says 60 s, request says 86400 s, url says 300 s, session says 3600 s, ' +
          'default says never. That of the response counts.',
        `The key ${explanation.key} is made of method (GET), url (${origin.url}/a?token=***), ` +
          'user (credentials: authorization), headers (accept-language).',
      ].join('\n'),
    );
    expect(JSON.stringify(explanation) + String(explanation)).not.toContain('secret');
  });

  test('of what everybody has stored, five at most', async () => {
    const { http } = await startCached(numbered());
    for (const user of ['a', 'b', 'c', 'd', 'e', 'f', 'g']) await http.get('/a', { cache: { partition: user } });
    const explanation = await http.cache.explain('/a');
    expect([explanation.would, explanation.stored.length]).toEqual(['miss', 7]);
    expect(String(explanation)).toContain('For this URL 7 answers are stored:');
    expect(String(explanation)).toContain('  and 2 more.');
    expect(String(explanation)).toContain('Whether the answer would be stored depends on what it is.');
  });

  test.each<[AxiosRequestConfig, string, string]>([
    [{ cache: false }, 'bypass off', 'not be stored: the cache has no part in the request'],
    [{ cache: 'only-if-cached' }, 'miss only-if-cached', 'not be stored: the server is not asked'],
    [{ cache: { readOnly: true } }, 'miss uri-miss', 'not be stored: the option readOnly is set'],
    [{ method: 'delete' }, 'bypass method', 'past the cache: its method is not cached'],
    [{ method: 'post', data: { a: 1 }, cache: '1m' }, 'miss uri-miss', 'body (its content)'],
    [{ cache: { partition: 'ada', key: 'mine' } }, 'miss uri-miss', 'user (a named user), key (a text of its own)'],
    [{ cache: { partition: false, expireAfter: new Date(0) } }, 'miss uri-miss', 'request says until 1970-01-01T00:00'],
    [{ cache: { expireAfter: () => 5 } }, 'miss uri-miss', 'request says what its function says of the answer'],
  ])('of %j', async (config, comesTo, sentence) => {
    const { http } = await startCached(numbered());
    const explanation = await http.cache.explain('/a', config);
    expect(`${explanation.would} ${explanation.reason}`).toBe(comesTo);
    expect(String(explanation)).toContain(sentence);
  });

  test('of an instance that makes no use of its cache', async () => {
    const { http } = await startCached(numbered());
    const { cache } = http;
    expect(await cache.withoutCache(() => cache.explain('/a'))).toMatchObject({ would: 'bypass', reason: 'disabled' });
    cache.uninstall();
    expect(await cache.explain('/a')).toMatchObject({ would: 'bypass', reason: 'uninstalled' });
    await cache.close();
    await expect(cache.explain('/a')).rejects.toMatchObject({ code: 'ERR_CACHE_CLOSED' });
  });
});
