/** RFC 9111, RFC 5861 and RFC 8246 over real HTTP: validation, staleness, age, invalidation, methods, parts. */
import type { AxiosError, AxiosRequestConfig } from 'axios';
import { type CacheSetting, MemoryStorage, rfc9111 } from '../../lib/index.js';
import {
  asking,
  having,
  httpDate,
  type InstanceOptions,
  numbered,
  startCached,
  START_MS,
  told,
} from '../support/cached-instance.js';
import { faultyStorage } from '../support/faulty-storage.js';
import {
  cutShort,
  disconnect,
  type Handler,
  inTurn,
  type Reply,
  type Route,
  withEtag,
  withLastModified,
} from '../support/origin.js';

const ADAPTERS = ['http', 'fetch'] as const;
const REVALIDATED = 'revalidated not-modified';

const reply = (cacheControl: string, headers: Reply['headers'] = {}, body: unknown = 'whole'): Reply => ({
  headers: { 'Cache-Control': cacheControl, ...headers },
  body,
});
const notModified = (headers: NonNullable<Reply['headers']> = {}): Reply => ({ status: 304, headers });

/** What the cache did, or the status or code of the error. */
const outcomeOf = (request: Promise<Parameters<typeof told>[0]>): Promise<string | number | undefined> =>
  request.then(told, (error: AxiosError) => error.response?.status ?? error.code);

describe.each(ADAPTERS)('validation on the %s adapter', (adapter) => {
  const start = (route: Route, options = {}) => startCached({ '/': route }, { defaults: { adapter }, ...options });

  test.each([
    ['a strong ETag', withEtag('"1"', reply('max-age=10')), 'if-none-match', '"1"'],
    ['a weak ETag', withEtag('W/"1"', reply('max-age=10')), 'if-none-match', 'W/"1"'],
    ['Last-Modified', withLastModified(httpDate(-60), reply('max-age=10')), 'if-modified-since', httpDate(-60)],
  ])('by %s: the condition is sent, a 304 serves what is stored', async (_name, route, field, value) => {
    const { http, origin, clock } = await start(route);
    const miss = await http.get('/');
    expect([miss.status, told(miss), miss.cached]).toEqual([200, 'miss uri-miss', false]);
    clock.advance(11);
    const renewed = await http.get('/');
    expect([renewed.status, renewed.data, told(renewed), renewed.cached]).toEqual([200, 'whole', REVALIDATED, true]);
    expect([origin.requests[0]?.headers[field], origin.requests[1]?.headers[field]]).toEqual([undefined, value]);
    clock.advance(9);
    expect(told(await http.get('/'))).toBe('hit fresh');
    expect(origin.count()).toBe(2);
  });

  test('both validators are sent', async () => {
    const route = withEtag('"1"', reply('no-cache', { 'Last-Modified': httpDate(-60) }));
    const { http, origin } = await start(route);
    await http.get('/');
    await http.get('/');
    expect(origin.requests[1]?.headers).toMatchObject({ 'if-none-match': '"1"', 'if-modified-since': httpDate(-60) });
  });

  test('a 304 freshens fields and lifetime, which later hits use', async () => {
    const first = reply('max-age=10', { ETag: '"1"', 'X-Generation': '1', 'X-Kept': 'yes' });
    const { http, clock } = await start(
      inTurn(first, notModified({ 'Cache-Control': 'max-age=100', 'X-Generation': '2' })),
    );
    await http.get('/');
    clock.advance(11);
    const fields = { 'x-generation': '2', 'x-kept': 'yes', 'cache-control': 'max-age=100', etag: '"1"' };
    expect((await http.get('/')).headers).toMatchObject(fields);
    clock.advance(99);
    const hit = await http.get('/');
    expect([told(hit), hit.data]).toEqual(['hit fresh', 'whole']);
    expect(hit.headers).toMatchObject({ ...fields, age: '99' });
    clock.advance(2);
    expect(told(await http.get('/'))).toBe(REVALIDATED);
  });

  test('a 304 without Cache-Control leaves the stored one in force', async () => {
    const { http, clock } = await start(inTurn(reply('max-age=10', { ETag: '"1"' }), notModified()));
    await http.get('/');
    clock.advance(11);
    await http.get('/');
    clock.advance(9);
    expect(told(await http.get('/'))).toBe('hit fresh');
    clock.advance(2);
    expect(told(await http.get('/'))).toBe(REVALIDATED);
  });

  test('a 304 after max-age=0 leaves it to be validated on each use', async () => {
    const { http } = await start(inTurn(reply('max-age=0', { ETag: '"1"' }), notModified()), { expireAfter: 100 });
    await http.get('/');
    expect([told(await http.get('/')), told(await http.get('/'))]).toEqual([REVALIDATED, REVALIDATED]);
  });

  test('a 304 with no-store is answered, and the entry goes', async () => {
    const refused = notModified({ 'Cache-Control': 'no-store' });
    const { http } = await start(inTurn(reply('no-cache', { ETag: '"1"' }), refused, reply('no-cache', {}, 'new')));
    await http.get('/');
    const renewed = await http.get('/');
    expect([renewed.data, renewed.cache.stored, renewed.cache.notStored]).toEqual(['whole', false, 'no-store']);
    expect(await http.cache.has('/')).toBe(false);
    expect((await http.get('/')).data).toBe('new');
  });

  test('a 200 replaces', async () => {
    const { http, clock } = await start(
      inTurn(reply('max-age=10', { ETag: '"1"' }, 'old'), reply('max-age=10', { ETag: '"2"' }, 'new')),
    );
    await http.get('/');
    clock.advance(11);
    const replaced = await http.get('/');
    expect([told(replaced), replaced.data, replaced.cached]).toEqual(['miss expired', 'new', false]);
    const hit = await http.get('/');
    expect([told(hit), hit.data, hit.headers['etag']]).toEqual(['hit fresh', 'new', '"2"']);
    expect(await http.cache.count()).toBe(1);
  });

  test('a 304 to another ETag is not ours: asked again without conditions', async () => {
    const { http, origin } = await start(
      inTurn(
        reply('no-cache', { ETag: '"1"' }, 'old'),
        notModified({ ETag: '"2"' }),
        reply('no-cache', { ETag: '"2"' }, 'new'),
      ),
    );
    await http.get('/');
    const response = await http.get('/');
    expect([response.status, response.data, told(response)]).toEqual([200, 'new', 'miss condition-failed']);
    expect(origin.requests.map(({ headers }) => headers['if-none-match'])).toEqual([undefined, '"1"', undefined]);
  });

  test('a 304 with the tag weakened is ours', async () => {
    const { http } = await start(inTurn(reply('no-cache', { ETag: 'W/"1"' }), notModified({ ETag: '"1"' })));
    await http.get('/');
    expect(told(await http.get('/'))).toBe(REVALIDATED);
  });

  test('a 304 that nobody asked for rejects as axios does, and is not stored', async () => {
    const { http } = await start(notModified({ 'Cache-Control': 'max-age=100' }));
    await expect(http.get('/')).rejects.toMatchObject({
      code: 'ERR_BAD_RESPONSE',
      response: { status: 304, cached: false },
    });
    expect(await http.cache.count()).toBe(0);
  });

  test.each([
    ['a body longer than what came', cutShort('a whole body', 5, { 'Cache-Control': 'max-age=100' })],
    ['chunks without an end', chunksWithoutEnd],
  ])('%s: an error, never stored', async (_name, broken) => {
    const { http, events } = await start(inTurn(broken, reply('max-age=100', {}, 'a whole body')));
    await expect(http.get('/')).rejects.toMatchObject({ isAxiosError: true });
    expect(await http.cache.count()).toBe(0);
    expect(events.map(({ type }) => type)).toEqual(['miss']);
    expect((await http.get('/')).data).toBe('a whole body');
  });

  test('a body cut short on validation leaves what is stored', async () => {
    let isCut = false;
    const whole = inTurn(reply('max-age=10', { ETag: '"1"' }), notModified());
    const { http, clock } = await start((...asked) => (isCut ? cutShort('a newer body', 5) : whole)(...asked));
    await http.get('/');
    clock.advance(11);
    isCut = true;
    await expect(http.get('/')).rejects.toMatchObject({ isAxiosError: true });
    isCut = false;
    const renewed = await http.get('/');
    expect([told(renewed), renewed.data]).toEqual([REVALIDATED, 'whole']);
  });
});

function chunksWithoutEnd(...[, response]: Parameters<Handler>): undefined {
  response.writeHead(200, { 'cache-control': 'max-age=100', 'transfer-encoding': 'chunked' });
  response.write('a whole', () => response.destroy());
}

describe("the caller's own conditions", () => {
  test.each<[string, Record<string, string>, number | string]>([
    ['If-None-Match that matches', { 'If-None-Match': '"0", "1"' }, 304],
    ['If-None-Match, weakly', { 'If-None-Match': 'W/"1"' }, 304],
    ['If-None-Match: *', { 'If-None-Match': '*' }, 304],
    ['If-Modified-Since', { 'If-Modified-Since': httpDate(-60) }, 304],
    [
      'If-None-Match before If-Modified-Since',
      { 'If-None-Match': '"2"', 'If-Modified-Since': httpDate(0) },
      'miss condition-failed',
    ],
    ['If-None-Match that does not match', { 'If-None-Match': '"2"' }, 'miss condition-failed'],
    ['If-Modified-Since before the change', { 'If-Modified-Since': httpDate(-61) }, 'miss condition-failed'],
    ['If-Match', { 'If-Match': '"1"' }, 'miss condition-failed'],
    ['If-Unmodified-Since', { 'If-Unmodified-Since': httpDate(0) }, 'miss condition-failed'],
  ])('%s, on a fresh entry', async (_name, headers, expected) => {
    const route = numbered(reply('max-age=100', { ETag: '"1"', 'Last-Modified': httpDate(-60) }));
    const { http, origin } = await startCached({ '/': route });
    await http.get('/');
    expect(await outcomeOf(http.get('/', { headers }))).toBe(expected);
    expect(origin.count()).toBe(expected === 304 ? 1 : 2);
    const sent = Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]);
    if (expected !== 304) expect(origin.requests[1]?.headers).toMatchObject(Object.fromEntries(sent));
  });

  test('a 304 of the cache rejects as axios does, with what a 304 has', async () => {
    const { http } = await startCached({ '/': reply('max-age=100', { ETag: '"1"', 'X-Other': 'no' }) });
    await http.get('/');
    const { response } = (await http
      .get('/', having({ 'If-None-Match': '"1"' }))
      .catch((error: AxiosError) => error)) as AxiosError;
    expect(response).toMatchObject({ status: 304, statusText: 'Not Modified', data: '', cached: true });
    expect(response?.headers).toMatchObject({ etag: '"1"', 'cache-control': 'max-age=100', age: '0' });
    expect(response?.headers['x-other']).toBeUndefined();
  });

  test('a 304 of the cache resolves where validateStatus accepts it', async () => {
    const { http } = await startCached({ '/': reply('max-age=100', { ETag: '"1"' }) });
    await http.get('/');
    const accepted = await http.get('/', { ...having({ 'If-None-Match': '"1"' }), validateStatus: () => true });
    expect([accepted.status, told(accepted)]).toEqual([304, 'hit fresh']);
  });

  test.each([
    ['stale', 11],
    ['absent', undefined],
  ])('on a %s entry they go to the origin as they are', async (_name, age) => {
    const { http, clock, origin } = await startCached({ '/': withEtag('"1"', reply('max-age=10')) });
    if (age !== undefined) await http.get('/');
    clock.advance(age ?? 0);
    expect(await outcomeOf(http.get('/', having({ 'If-None-Match': '"1"' })))).toBe(304);
    expect(origin.requests.at(-1)?.headers['if-none-match']).toBe('"1"');
    expect(origin.requests.at(-1)?.headers['if-modified-since']).toBeUndefined();
  });

  test("a 304 to the caller's condition is stored as nothing and deletes nothing", async () => {
    const { http, clock } = await startCached({ '/': withEtag('"1"', reply('max-age=10')) });
    await http.get('/');
    clock.advance(11);
    await outcomeOf(http.get('/', having({ 'If-None-Match': '"1"' })));
    const next = await http.get('/');
    expect([next.status, next.data, told(next)]).toEqual([200, 'whole', REVALIDATED]);
  });

  test('a whole answer to a condition is stored', async () => {
    const { http } = await startCached({ '/': withEtag('"2"', reply('max-age=10')) });
    expect((await http.get('/', having({ 'If-None-Match': '"1"' }))).cache.stored).toBe(true);
    expect(told(await http.get('/'))).toBe('hit fresh');
  });
});

describe('directives of the response', () => {
  test('immutable: no validation while it is fresh, as ever after', async () => {
    const { http, clock, origin } = await startCached({ '/': withEtag('"1"', reply('max-age=10, immutable')) });
    await http.get('/');
    clock.advance(9);
    expect(told(await http.get('/'))).toBe('hit fresh');
    clock.advance(2);
    expect(told(await http.get('/'))).toBe(REVALIDATED);
    expect(origin.count()).toBe(2);
  });

  test('no-cache: validated on each use', async () => {
    const { http, origin } = await startCached({ '/': withEtag('"1"', reply('no-cache, max-age=100')) });
    await http.get('/');
    expect([told(await http.get('/')), told(await http.get('/'))]).toEqual([REVALIDATED, REVALIDATED]);
    expect(origin.count()).toBe(3);
  });

  test.each(['max-age=10, must-revalidate', 'no-cache'])(
    '%s: no stale answer, whatever allows it',
    async (cacheControl) => {
      const windows = 'stale-if-error=1000, stale-while-revalidate=1000';
      const first = reply(`${cacheControl}, ${windows}`, { ETag: '"1"' });
      const { http, clock } = await startCached(
        { '/': inTurn(first, disconnect, disconnect, { status: 503 }) },
        { staleIfError: true, staleWhileRevalidate: true },
      );
      await http.get('/');
      clock.advance(11);
      expect(await outcomeOf(http.get('/'))).toBe('ECONNRESET');
      expect(await outcomeOf(http.get('/', asking('max-stale')))).toBe(503);
    },
  );
});

describe('stale-if-error', () => {
  const failing = (failure: Route) => inTurn(reply('max-age=10, stale-if-error=50', { ETag: '"1"' }), failure);

  test('a failure that may be stored does not take the place of what stands in for it', async () => {
    const failure = { ...reply('max-age=1000', {}, 'failure'), status: 503 };
    const { http, clock } = await startCached({ '/': failing(failure) }, { allowedCodes: [200, 503] });
    await http.get('/');
    clock.advance(20);
    for (const _time of [1, 2]) expect(told(await http.get('/'))).toBe('stale stale-if-error');
  });

  test.each<[string, Route]>([
    ['a broken connection', disconnect],
    ...[500, 502, 503, 504].map((status): [string, Route] => [`a ${status}`, { status, body: 'down' }]),
  ])('bridges %s', async (_name, failure) => {
    const { http, clock } = await startCached({ '/': failing(failure) });
    await http.get('/');
    clock.advance(60);
    const stale = await http.get('/');
    expect([stale.status, stale.data, told(stale), stale.cached]).toEqual([200, 'whole', 'stale stale-if-error', true]);
    expect([stale.headers['age'], stale.cache.ttl]).toEqual(['60', -50]);
    clock.advance(1);
    expect(await outcomeOf(http.get('/'))).not.toBe('stale stale-if-error');
  });

  test.each([400, 401, 403, 404, 410, 429, 501])('never masks a %i', async (status) => {
    const { http, clock } = await startCached({ '/': failing({ status, body: 'no' }) }, { staleIfError: true });
    await http.get('/');
    clock.advance(11);
    await expect(http.get('/')).rejects.toMatchObject({ response: { status, data: 'no', cached: false } });
  });

  test.each([404, 410])('after a %i the former answer is gone', async (status) => {
    const route = inTurn(reply('max-age=10'), { status }, disconnect);
    const { http, clock } = await startCached({ '/': route }, { staleIfError: true });
    await http.get('/');
    clock.advance(11);
    await outcomeOf(http.get('/'));
    expect(await outcomeOf(http.get('/'))).toBe('ECONNRESET');
  });

  test('after a failure that is not bridged the entry stays for its validator', async () => {
    const failure = { status: 500 };
    // The failure may be about the conditions, so that it is seen twice.
    const route = inTurn(reply('max-age=10', { ETag: '"1"' }), failure, failure, notModified());
    const { http, clock } = await startCached({ '/': route });
    await http.get('/');
    clock.advance(11);
    expect([await outcomeOf(http.get('/')), await outcomeOf(http.get('/'))]).toEqual([500, REVALIDATED]);
  });

  test('after a bridged failure the entry stays, and the origin is asked each time', async () => {
    const { http, clock, origin } = await startCached({ '/': failing({ status: 503 }) });
    await http.get('/');
    clock.advance(11);
    expect([told(await http.get('/')), told(await http.get('/'))]).toEqual([
      'stale stale-if-error',
      'stale stale-if-error',
    ]);
    // The first time without conditions too.
    const conditions = origin.requests.map(({ headers }) => headers['if-none-match']);
    expect(conditions).toEqual([undefined, '"1"', undefined, '"1"']);
  });

  test.each<[string, CacheSetting, number, string]>([
    ['a window', { staleIfError: '50s' }, 60, 'stale stale-if-error'],
    ['a window that is over', { staleIfError: 50 }, 61, 'ECONNRESET'],
    ['true: as long as it is kept', { staleIfError: true }, 80_000, 'stale stale-if-error'],
    ['not asked for', true, 11, 'ECONNRESET'],
  ])('of the policy: %s', async (_name, cache, age, expected) => {
    const { http, clock } = await startCached({ '/': inTurn(reply('max-age=10'), disconnect) });
    await http.get('/');
    clock.advance(age);
    expect(await outcomeOf(http.get('/', { cache }))).toBe(expected);
  });

  test.each<[string, AxiosRequestConfig]>([
    ['mode reload', { cache: { mode: 'reload', staleIfError: true } }],
    ['request no-cache', { ...asking('no-cache'), cache: { staleIfError: true } }],
    ['request max-age', { ...asking('max-age=5'), cache: { staleIfError: true } }],
  ])('bridges nothing for %s', async (_name, config) => {
    const { http, clock } = await startCached({ '/': inTurn(reply('max-age=10'), disconnect) });
    await http.get('/');
    clock.advance(11);
    expect(await outcomeOf(http.get('/', config))).toBe('ECONNRESET');
  });

  test.each(['must-revalidate', 'no-cache'])('%s: a 504, or the failure itself', async (directive) => {
    const says = `max-age=10, ${directive}`;
    const { http, clock } = await startCached({ '/': inTurn(reply(says), disconnect) }, { staleIfError: true });
    await http.get('/');
    clock.advance(11);
    const answer = await http.get('/', { validateStatus: null });
    expect([answer.status, told(answer), answer.cached]).toEqual([504, 'miss must-revalidate', false]);
    // By default a 504 is no success, so the caller is told what happened.
    const url = '/';
    const error = (await http.get(url).catch((reason: unknown) => reason)) as AxiosError;
    expect([error.code, error.config?.url, error.response]).toEqual(['ECONNRESET', url, undefined]);
  });

  test('must-revalidate, where nobody wants failures bridged: the failure', async () => {
    const { http, clock } = await startCached({ '/': inTurn(reply('max-age=10, must-revalidate'), disconnect) });
    await http.get('/');
    clock.advance(11);
    expect(await outcomeOf(http.get('/', { validateStatus: null }))).toBe('ECONNRESET');
  });

  test("the caller's own abort is no failure of the origin", async () => {
    const { http, clock, origin } = await startCached({ '/': numbered(reply('max-age=10')) }, { staleIfError: true });
    await http.get('/');
    clock.advance(11);
    const gate = origin.hold('/');
    const controller = new AbortController();
    const aborted = http.get('/', { signal: controller.signal });
    await gate.arrived();
    controller.abort();
    await expect(aborted).rejects.toMatchObject({ code: 'ERR_CANCELED' });
    gate.release();
  });
});

describe('stale-while-revalidate', () => {
  test.each<[string, Reply, CacheSetting | undefined]>([
    ['of the response', reply('max-age=10, stale-while-revalidate=50'), undefined],
    ['of the policy', reply('max-age=10'), { staleWhileRevalidate: 50 }],
  ])('%s: stale at once, refreshed behind it', async (_name, first, cache) => {
    const { http, clock, origin, events } = await startCached({ '/': numbered(first) });
    await http.get('/', { cache });
    clock.advance(60);
    const gate = origin.hold('/');
    const stale = await http.get('/', { cache });
    expect([stale.data, told(stale), stale.cached]).toEqual(['answer 1', 'stale stale-while-revalidate', true]);
    expect((await http.get('/', { cache })).data).toBe('answer 1');
    gate.release();
    await http.cache.idle();
    const hit = await http.get('/', { cache });
    expect([told(hit), hit.data, origin.count()]).toEqual(['hit fresh', 'answer 2', 2]);
    expect(events.map(({ type }) => type)).toEqual(['stored', 'miss', 'stale', 'stale', 'stored', 'hit']);
  });

  test('after the window the caller waits', async () => {
    const { http, clock } = await startCached({ '/': numbered(reply('max-age=10, stale-while-revalidate=50')) });
    await http.get('/');
    clock.advance(61);
    const waited = await http.get('/');
    expect([told(waited), waited.data]).toEqual(['miss expired', 'answer 2']);
  });

  test('a request max-age asks for no stale answer (RFC 9111 section 5.2.1.1)', async () => {
    const { http, clock } = await startCached({ '/': numbered(reply('max-age=10, stale-while-revalidate=50')) });
    await http.get('/');
    clock.advance(20);
    expect(told(await http.get('/', asking('max-age=30')))).toBe('miss expired');
  });

  test('the refresh is conditional where it can be', async () => {
    const route = withEtag('"1"', reply('max-age=10, stale-while-revalidate=50'));
    const { http, clock, origin, events } = await startCached({ '/': route });
    await http.get('/');
    clock.advance(11);
    await http.get('/');
    await http.cache.idle();
    expect(origin.requests[1]?.headers['if-none-match']).toBe('"1"');
    expect(events.map(({ type }) => type)).toEqual(['stored', 'miss', 'stale', 'freshened']);
    expect(told(await http.get('/'))).toBe('hit fresh');
  });

  test.each<[string, Route]>([
    ['a broken connection', disconnect],
    ['a 500', { status: 500 }],
  ])('%s of the refresh goes to the events, and the entry stays', async (_name, failure) => {
    const route = inTurn(reply('max-age=10, stale-while-revalidate=50'), failure);
    const { http, clock, events } = await startCached({ '/': route });
    await http.get('/');
    clock.advance(11);
    await http.get('/');
    await http.cache.idle();
    expect(events.filter(({ type }) => type === 'refresh-error')).toHaveLength(1);
    expect(told(await http.get('/'))).toBe('stale stale-while-revalidate');
    await http.cache.idle();
  });

  test('a 404 to the refresh ends the former answer', async () => {
    const route = inTurn(reply('max-age=10, stale-while-revalidate=50'), { status: 404 });
    const { http, clock } = await startCached({ '/': route });
    await http.get('/');
    clock.advance(11);
    await http.get('/');
    await http.cache.idle();
    expect(await outcomeOf(http.get('/'))).toBe(404);
  });
});

describe('age and the clocks', () => {
  test('a hit has its Age, a miss the one that came', async () => {
    const { http, clock } = await startCached({ '/': reply('max-age=100', { Age: '5' }) });
    expect((await http.get('/')).headers['age']).toBe('5');
    clock.advance(7.9);
    const hit = await http.get('/');
    expect([hit.headers['age'], hit.cache.age, hit.cache.ttl]).toEqual(['12', 12, 87]);
  });

  test.each<[string, NonNullable<Reply['headers']>, number]>([
    ['max-age less the Age it came with', { 'Cache-Control': 'max-age=60', Age: '50' }, 10],
    ['max-age less the age by Date', { 'Cache-Control': 'max-age=60', Date: httpDate(-50) }, 10],
    ['the greater of Age and the age by Date', { 'Cache-Control': 'max-age=60', Age: '20', Date: httpDate(-50) }, 10],
    ['a Date ahead counts as none', { 'Cache-Control': 'max-age=60', Date: httpDate(3600) }, 60],
    ['an unreadable Date counts as none', { 'Cache-Control': 'max-age=60', Date: 'today' }, 60],
    ['an unreadable Age counts as 0', { 'Cache-Control': 'max-age=60', Age: 'old' }, 60],
    ['Expires is relative to a Date ahead', { Expires: httpDate(3660), Date: httpDate(3600) }, 60],
    ['Expires in the form of RFC 850', { Expires: 'Tuesday, 01-Jan-30 00:01:00 GMT' }, 60],
    ['Expires in the form of asctime', { Expires: 'Tue Jan  1 00:01:00 2030' }, 60],
  ])('%s', async (_name, headers, seconds) => {
    const { http, clock } = await startCached({ '/': { headers } });
    await http.get('/');
    clock.advance(seconds - 1);
    expect(told(await http.get('/'))).toBe('hit fresh');
    clock.advance(2);
    expect(told(await http.get('/'))).toBe('miss expired');
  });

  test('an answer that is stale as it comes is stored for its validator only', async () => {
    const route = withEtag('"1"', reply('max-age=60', { Date: httpDate(-3600) }));
    const { http } = await startCached({ '/': route });
    await http.get('/');
    expect(told(await http.get('/'))).toBe(REVALIDATED);
  });

  test('the time that the answer took counts', async () => {
    const { http, clock, origin } = await startCached({ '/': reply('max-age=60', { Date: '' }) });
    const gate = origin.hold('/');
    const slow = http.get('/');
    await gate.arrived();
    clock.advance(50);
    gate.release();
    await slow;
    clock.advance(9);
    const hit = await http.get('/');
    expect([told(hit), hit.headers['age']]).toEqual(['hit fresh', '59']);
    clock.advance(2);
    expect(told(await http.get('/'))).toBe('miss expired');
  });

  test('a clock set back by a few seconds makes nothing older or negative', async () => {
    const { http, clock } = await startCached({ '/': reply('max-age=60') });
    await http.get('/');
    clock.set(START_MS - 4000);
    const hit = await http.get('/');
    expect([told(hit), hit.headers['age']]).toEqual(['hit fresh', '0']);
  });
});

describe('the rfc9111 preset', () => {
  test.each([
    [416, { Range: 'bytes=90-' }],
    [412, { 'If-Match': '"other"' }],
  ])('a %i to one request never answers another', async (status, headers) => {
    const { http } = await startCached(
      { '/': inTurn({ ...reply('max-age=100'), status }, { ...reply('max-age=100'), body: 'whole' }) },
      rfc9111,
    );
    await expect(http.get('/', { headers })).rejects.toMatchObject({ response: { status } });
    expect((await http.get('/')).data).toBe('whole');
  });

  test.each([200, 203, 204, 300, 404, 405, 410, 414, 501])('guesses a lifetime for a %i', async (status) => {
    const { http, clock } = await startCached(
      { '/': { status, headers: { 'Last-Modified': httpDate(-1000) } } },
      rfc9111,
    );
    const config = { validateStatus: null, maxRedirects: 0 };
    expect((await http.get('/', config)).cache.expirySource).toBe('session');
    clock.advance(99);
    const hit = await http.get('/', config);
    expect([told(hit), hit.status]).toEqual(['hit fresh', status]);
    clock.advance(2);
    expect((await http.get('/', config)).cached).toBe(false);
  });

  test.each([201, 302, 400, 403, 500, 503])('guesses none for a %i, and keeps it with a max-age', async (status) => {
    const guessed = { status, headers: { 'Last-Modified': httpDate(-1000) } };
    const routes = { '/guess': guessed, '/told': { ...guessed, headers: { 'Cache-Control': 'max-age=10' } } };
    const { http } = await startCached(routes, rfc9111);
    const config = { validateStatus: null, maxRedirects: 0 };
    expect((await http.get('/guess', config)).cache.notStored).toBe('no-lifetime');
    await http.get('/told', config);
    expect(told(await http.get('/told', config))).toBe('hit fresh');
  });

  test('a stored error rejects for whoever refuses it, and says that it is stored', async () => {
    const { http, origin } = await startCached(
      { '/': { status: 404, headers: { 'Cache-Control': 'max-age=10' } } },
      rfc9111,
    );
    await expect(http.get('/')).rejects.toMatchObject({ response: { status: 404, cached: false } });
    await expect(http.get('/')).rejects.toMatchObject({
      code: 'ERR_BAD_REQUEST',
      response: { status: 404, cached: true },
    });
    expect(origin.count()).toBe(1);
  });

  test('an ETag alone is validated on each use, nothing at all is not stored', async () => {
    const { http } = await startCached({ '/tagged': withEtag('"1"'), '/bare': {} }, rfc9111);
    await http.get('/tagged');
    expect(told(await http.get('/tagged'))).toBe(REVALIDATED);
    expect((await http.get('/bare')).cache.notStored).toBe('no-lifetime');
  });

  test.each([
    [200, true],
    [404, false],
    [500, false],
  ])('without it a %i is stored: %s', async (status, stored) => {
    const { http } = await startCached({ '/': { status, headers: { 'Cache-Control': 'max-age=10' } } });
    const { cache } = await http.get('/', { validateStatus: null });
    expect([cache.stored, cache.notStored]).toEqual([stored, stored ? undefined : 'status']);
  });
});

describe('invalidation', () => {
  const fresh = reply('max-age=100');

  test.each(['post', 'put', 'patch', 'delete'] as const)('%s ends what is stored of its URL', async (method) => {
    const { http, events } = await startCached({ 'GET /a': numbered(fresh), '/a': { status: 204 } });
    await http.get('/a');
    expect(told(await http.request({ method, url: '/a' }))).toBe('bypass method');
    expect((await http.get('/a')).data).toBe('answer 2');
    expect(events.filter(({ type }) => type === 'invalidated')).toMatchObject([{ count: 1, tag: undefined }]);
  });

  test('where an unsafe request was redirected to', async () => {
    const { http } = await startCached({
      'GET /new': numbered(fresh),
      'PUT /old': { status: 308, headers: { Location: '/new' } },
      'PUT /new': { status: 204 },
    });
    await http.get('/new');
    await http.put('/old', 'x');
    expect((await http.get('/new')).data).toBe('answer 2');
  });

  test('a POST that may be cached, but was not, changes the URL all the same', async () => {
    const allowedMethods = ['GET', 'POST'] as const;
    const { http } = await startCached({ 'GET /a': numbered(fresh), 'POST /a': { status: 201 } }, { allowedMethods });
    await http.get('/a');
    await http.post('/a', 'x');
    expect((await http.get('/a')).data).toBe('answer 2');
  });

  test('an answer that was asked for earlier does not take a URL back in time', async () => {
    let release = (): void => undefined;
    const released = new Promise<void>((resolve) => {
      release = resolve;
    });
    const answer = numbered(fresh);
    const route: Handler = async (...request) => {
      const given = await answer(...request);
      if (origin.count() === 1) await released;
      return given;
    };
    const { http, origin } = await startCached({ '/a': route });
    const older = http.get('/a', { cache: 'reload' });
    while (origin.count() < 1) await new Promise(setImmediate);
    expect((await http.get('/a', { cache: 'reload' })).data).toBe('answer 2');
    release();
    expect((await older).data).toBe('answer 1');
    const { data, cached } = await http.get('/a');
    expect([data, cached]).toEqual(['answer 2', true]);
  });

  test('reaches what was stored by a request with ignoredParams of its own', async () => {
    const { http } = await startCached({ 'GET /a': numbered(fresh), '/a': { status: 204 } });
    const ignoring = { cache: { ignoredParams: ['x'] } };
    await http.get('/a?x=1', ignoring);
    await http.put('/a?x=1', 'new');
    expect((await http.get('/a?x=1', ignoring)).data).toBe('answer 2');
    expect(await http.cache.delete('/a?x=1')).toBe(1);
  });

  test('every variant, user and method of it, and nothing of another URL', async () => {
    const { http } = await startCached({
      'GET /a': numbered(reply('max-age=100', { Vary: 'Accept-Language' })),
      '/a': fresh,
      '/b': numbered(fresh),
      '/a/c': numbered(fresh),
    });
    const askers = [
      having({ 'Accept-Language': 'en' }),
      having({ 'Accept-Language': 'fr' }),
      having({ Authorization: 'Bearer 1' }),
    ];
    for (const asker of askers) await http.get('/a', asker);
    await http.head('/a');
    await http.get('/b');
    await http.get('/a/c');
    await http.get('/a?x=1');
    await http.put('/a', 'new', having({ Authorization: 'Bearer 2' }));
    for (const asker of askers) expect(told(await http.get('/a', asker))).toMatch(/^miss/);
    for (const other of ['/b', '/a/c', '/a?x=1']) expect(told(await http.get(other))).toBe('hit fresh');
  });

  test.each<[string, NonNullable<Reply['headers']>, boolean]>([
    ['Location', { Location: '/other' }, true],
    ['Content-Location', { 'Content-Location': '/other' }, true],
    ['a relative Location', { Location: 'other' }, true],
    ['an unreadable Location', { Location: 'http://' }, false],
  ])('%s of the answer', async (_name, headers, ends) => {
    const { http } = await startCached({ 'POST /a': { status: 201, headers }, '/other': numbered(fresh) });
    await http.get('/other');
    await http.post('/a', 'new');
    expect((await http.get('/other')).data).toBe(ends ? 'answer 2' : 'answer 1');
  });

  test('a Location of another origin ends nothing there', async () => {
    const other = await startCached({ '/other': {} });
    const created: Handler = () => ({ headers: { Location: `${other.origin.url}/other` } });
    const { http } = await startCached({ 'POST /a': created });
    await http.get(`${other.origin.url}/other`);
    await http.post('/a', 'new');
    expect(told(await http.get(`${other.origin.url}/other`))).toBe('hit fresh');
  });

  test('an absolute Location of the same origin', async () => {
    const created: Handler = ({ headers }) => ({ headers: { Location: `http://${String(headers.host)}/other#x` } });
    const { http } = await startCached({ 'POST /a': created, '/other': numbered(fresh) });
    await http.get('/other');
    await http.post('/a', 'new');
    expect((await http.get('/other')).data).toBe('answer 2');
  });

  test.each<[string, Route, boolean]>([
    ['a 204', { status: 204 }, true],
    ['a 303', { status: 303 }, true],
    ['a 404', { status: 404 }, false],
    ['a 500', { status: 500 }, false],
    ['no answer at all', disconnect, true],
  ])('%s', async (_name, answer, ends) => {
    const { http } = await startCached({ 'GET /a': numbered(fresh), 'PUT /a': answer });
    await http.get('/a');
    await outcomeOf(http.put('/a', 'new', { maxRedirects: 0 }));
    expect((await http.get('/a')).data).toBe(ends ? 'answer 2' : 'answer 1');
  });

  test.each<[string, AxiosRequestConfig]>([
    ['cache: false', { cache: false }],
    ['no-store', asking('no-store')],
  ])('an unsafe request with %s ends it as well', async (_name, config) => {
    const { http } = await startCached({ 'GET /a': numbered(fresh), 'PUT /a': { status: 204 } });
    await http.get('/a');
    await http.put('/a', 'new', config);
    expect((await http.get('/a')).data).toBe('answer 2');
  });

  test.each(['get', 'head', 'options'] as const)('%s past the cache ends nothing', async (method) => {
    const { http } = await startCached({ '/a': numbered(fresh) });
    await http.get('/a');
    await http.request({ method, url: '/a', cache: false });
    expect((await http.get('/a')).data).toBe('answer 1');
  });
});

describe('HEAD', () => {
  test('is answered from a stored GET, without its body', async () => {
    const { http, origin } = await startCached({ '/': reply('max-age=100', { 'X-Field': 'x' }) });
    await http.get('/');
    const head = await http.head('/');
    expect([told(head), head.data, head.status, head.headers['x-field']]).toEqual(['hit fresh', '', 200, 'x']);
    expect(origin.count()).toBe(1);
  });

  test('answers no GET', async () => {
    const { http } = await startCached({ '/': numbered(reply('max-age=100')) });
    await http.head('/');
    expect(told(await http.head('/'))).toBe('hit fresh');
    const get = await http.get('/');
    expect([told(get), get.data]).toEqual(['miss uri-miss', 'answer 2']);
  });

  const onHead = (headers: NonNullable<Reply['headers']>) => ({
    'GET /': inTurn(
      reply('max-age=10', { ETag: '"1"', 'Content-Length': '5', 'X-Field': 'old' }),
      reply('max-age=10', { ETag: '"2"' }, 'new'),
    ),
    'HEAD /': { headers: { 'Cache-Control': 'max-age=100', ...headers } },
  });

  test.each([
    ['of the same ETag', { ETag: '"1"', 'X-Field': 'new' }],
    ['without validators', { 'X-Field': 'new' }],
    ['of the same length', { 'Content-Length': '5', 'X-Field': 'new' }],
  ])('%s freshens the stored GET', async (_name, headers) => {
    const { http, clock } = await startCached(onHead(headers));
    await http.get('/');
    clock.advance(11);
    await http.head('/');
    clock.advance(50);
    const hit = await http.get('/');
    expect([told(hit), hit.data, hit.headers['x-field']]).toEqual(['hit fresh', 'whole', 'new']);
  });

  test.each([
    ['ETag', { ETag: '"2"' }],
    ['Content-Length', { 'Content-Length': '999' }],
  ])('with another %s ends the stored GET', async (_name, headers) => {
    const { http, clock } = await startCached(onHead(headers));
    await http.get('/');
    clock.advance(11);
    await http.head('/');
    const get = await http.get('/');
    expect([told(get), get.data]).toEqual(['miss uri-miss', 'new']);
  });

  test('of a stale GET is validated, and a 304 renews the GET', async () => {
    const { http, clock, origin } = await startCached({ '/': withEtag('"1"', reply('max-age=10')) });
    await http.get('/');
    clock.advance(11);
    const head = await http.head('/');
    expect([told(head), head.status, head.data]).toEqual([REVALIDATED, 200, '']);
    expect(origin.requests[1]).toMatchObject({ method: 'HEAD', headers: { 'if-none-match': '"1"' } });
    const hit = await http.get('/');
    expect([told(hit), hit.data]).toEqual(['hit fresh', 'whole']);
  });
});

describe('ranges', () => {
  const whole = reply('max-age=100', { ETag: '"1"', 'Content-Length': '10' }, '0123456789');
  const part: Reply = {
    status: 206,
    headers: { 'Content-Range': 'bytes 2-4/10', 'Cache-Control': 'max-age=100' },
    body: '234',
  };
  const byRange: Handler = ({ headers }) => (headers.range === undefined ? whole : part);

  test.each([
    ['bytes=2-4', '234', 'bytes 2-4/10'],
    ['bytes=7-', '789', 'bytes 7-9/10'],
    ['bytes=-3', '789', 'bytes 7-9/10'],
    ['bytes=8-99', '89', 'bytes 8-9/10'],
    ['bytes=0-0', '0', 'bytes 0-0/10'],
  ])('%s of a stored whole', async (range, data, contentRange) => {
    const { http, origin } = await startCached({ '/': byRange });
    await http.get('/');
    const response = await http.get('/', { ...having({ Range: range }), responseType: 'text', transformResponse: [] });
    expect([response.status, response.data, told(response)]).toEqual([206, data, 'hit fresh']);
    expect(response.headers).toMatchObject({
      'content-range': contentRange,
      'content-length': String(data.length),
      etag: '"1"',
    });
    expect(origin.count()).toBe(1);
    expect((await http.get('/')).status).toBe(200);
  });

  test.each(['bytes=0-1,4-5', 'bytes=99-', 'lines=1-2', 'bytes=5-2'])('%s is for the origin', async (range) => {
    const { http, origin } = await startCached({ '/': byRange });
    await http.get('/');
    expect(told(await http.get('/', having({ Range: range })))).toBe('miss partial');
    expect(origin.requests[1]?.headers.range).toBe(range);
    expect(told(await http.get('/'))).toBe('hit fresh');
  });

  test.each([
    ['"1"', 'hit fresh'],
    ['"2"', 'miss partial'],
    ['W/"1"', 'miss partial'],
    [httpDate(0), 'miss partial'],
  ])('If-Range: %s: %s', async (validator, expected) => {
    const { http } = await startCached({ '/': byRange });
    await http.get('/');
    expect(told(await http.get('/', having({ Range: 'bytes=2-4', 'If-Range': validator })))).toBe(expected);
  });

  test('a whole answer to a Range is stored as what it is', async () => {
    const { http } = await startCached({ '/': whole });
    expect((await http.get('/', having({ Range: 'bytes=2-4' }))).status).toBe(200);
    expect(told(await http.get('/'))).toBe('hit fresh');
  });

  test('by default a 206 is not stored', async () => {
    const { http } = await startCached({ '/': byRange });
    const asked = await http.get('/', having({ Range: 'bytes=2-4' }));
    expect([asked.status, asked.cache.stored, asked.cache.notStored]).toEqual([206, false, 'status']);
  });
});

describe('stored parts', () => {
  const BODY = '0123456789';
  /** Answers one range of positions as asked, with `fields`. */
  const inParts = (fields: Reply['headers'] = { ETag: '"1"' }, body = BODY): Handler => ({ headers }) => {
    const [, first, last] = /^bytes=(\d+)-(\d+)$/.exec(headers.range ?? '') ?? [];
    if (first === undefined || last === undefined) return reply('max-age=100', fields, body);
    const part = body.slice(Number(first), Number(last) + 1);
    const range = `bytes ${first}-${last}/${body.length}`;
    return { ...reply('max-age=100', { ...fields, 'Content-Range': range }, part), status: 206 };
  };
  const start = (route: Route, options = {}) =>
    startCached({ '/': route }, { ...rfc9111, defaults: { responseType: 'text', transformResponse: [] }, ...options });
  const ranged = (range: string) => having({ Range: `bytes=${range}` });

  test('answer what they hold, and nothing else', async () => {
    const { http, origin } = await start(inParts());
    const miss = await http.get('/', ranged('4-6'));
    expect([miss.status, miss.data, miss.cache.stored]).toEqual([206, '456', true]);
    const hit = await http.get('/', ranged('5-6'));
    expect([hit.status, hit.data, told(hit)]).toEqual([206, '56', 'hit fresh']);
    expect(hit.headers).toMatchObject({ 'content-range': 'bytes 5-6/10', 'content-length': '2', etag: '"1"' });
    expect(told(await http.get('/', ranged('5-7')))).toBe('miss partial');
    expect(origin.count()).toBe(2);
  });

  test('never answer for the whole, which ends them', async () => {
    const { http, clock } = await start(inParts());
    await http.get('/', ranged('4-6'));
    await http.get('/', ranged('0-1'));
    clock.advance(1);
    const whole = await http.get('/');
    expect([whole.status, whole.data, told(whole)]).toEqual([200, BODY, 'miss partial']);
    expect([told(await http.get('/')), await http.cache.count()]).toEqual(['hit fresh', 1]);
  });

  test('stay where a HEAD has been answered as a whole', async () => {
    const { http } = await start(inParts());
    await http.get('/', ranged('4-6'));
    expect((await http.head('/')).cache.stored).toBe(true);
    expect(told(await http.get('/', ranged('4-6')))).toBe('hit fresh');
  });

  test('have the newer bytes where they overlap, should they differ after all', async () => {
    let body = 'aaaaaaaaaa';
    const { http } = await start((...args) => inParts({ ETag: '"1"' }, body)(...args));
    await http.get('/', ranged('0-5'));
    body = 'bbbbbbbbbb';
    await http.get('/', ranged('4-9'));
    const whole = await http.get('/');
    expect([whole.data, told(whole)]).toEqual(['aaaabbbbbb', 'hit fresh']);
  });

  test('grow together, and are a whole in the end', async () => {
    const { http, origin } = await start(inParts());
    await http.get('/', ranged('0-3'));
    await http.get('/', ranged('6-9'));
    expect(await http.cache.count()).toBe(2);
    expect((await http.get('/', ranged('3-6'))).data).toBe('3456');
    expect(await http.cache.count()).toBe(1);
    const whole = await http.get('/');
    expect([whole.status, whole.statusText, whole.data, told(whole)]).toEqual([200, 'OK', BODY, 'hit fresh']);
    expect(whole.headers['content-length']).toBe('10');
    expect(whole.headers['content-range']).toBeUndefined();
    expect(told(await http.get('/', ranged('-4')))).toBe('hit fresh');
    expect(origin.count()).toBe(3);
  });

  test('grow together in the middle of the whole, and answer by what they hold then', async () => {
    const { http, origin } = await start(inParts());
    for (const range of ['5-7', '3-6']) await http.get('/', ranged(range));
    expect(await http.cache.count()).toBe(1);
    const hit = await http.get('/', ranged('4-7'));
    expect([hit.data, hit.headers['content-range'], told(hit)]).toEqual(['4567', 'bytes 4-7/10', 'hit fresh']);
    expect(origin.count()).toBe(2);
  });

  test.each([
    ['the beginning', '4-9', 'bytes=0-3'],
    ['the end', '0-5', 'bytes=6-9'],
  ])('are completed: only %s is asked for', async (_name, held, rest) => {
    const route = inParts();
    const { http, origin } = await start((request, response) => {
      const { range } = request.headers;
      const headers = range === undefined ? {} : { range: range.replace(/^bytes=6-$/, 'bytes=6-9') };
      return route({ ...request, headers }, response);
    });
    await http.get('/', ranged(held));
    const whole = await http.get('/');
    expect([whole.status, whole.data, told(whole), whole.cached]).toEqual([200, BODY, 'miss partial', false]);
    const { headers } = origin.requests[1] ?? {};
    expect([headers?.range?.replace(/^bytes=6-$/, 'bytes=6-9'), headers?.['if-range']]).toEqual([rest, '"1"']);
    expect([told(await http.get('/')), await http.cache.count(), origin.count()]).toEqual(['hit fresh', 1, 2]);
  });

  test('are not completed by those of another version: the whole comes instead', async () => {
    const { http, origin } = await start(inTurn(inParts(), reply('max-age=100', { ETag: '"2"' }, 'abcdefghij')));
    await http.get('/', ranged('4-9'));
    expect((await http.get('/')).data).toBe('abcdefghij');
    expect([(await http.get('/')).data, origin.count()]).toEqual(['abcdefghij', 2]);
  });

  test.each([
    ['a part that says another version', inParts({ ETag: '"2"' }, 'abcdefghij')],
    ['a part of no version', inParts({})],
    ['a 416', { ...reply('max-age=100'), status: 416 }],
    ['a 400', { status: 400 }],
    ['a broken connection', disconnect],
  ] as const)('that cannot be completed, as the origin answers with %s, are asked for whole', async (_name, route) => {
    const { http } = await start(inTurn(inParts(), route, reply('max-age=100', { ETag: '"2"' }, 'whole')));
    await http.get('/', ranged('4-9'));
    const whole = await http.get('/');
    expect([whole.status, whole.data]).toEqual([200, 'whole']);
    expect((await http.get('/')).data).toBe('whole');
  });

  test('that cannot be completed, as the storage is full, are asked for whole', async () => {
    const { storage, ...faulty } = faultyStorage(new MemoryStorage());
    const { http } = await start(inTurn(inParts(), inParts(), reply('max-age=100', {}, 'whole')), { storage });
    await http.get('/', ranged('4-9'));
    faulty.become('is full');
    const whole = await http.get('/');
    expect([whole.status, whole.data]).toEqual([200, 'whole']);
  });

  test('do not stand in for the whole where the origin is down', async () => {
    const { http, clock } = await start(inTurn(inParts(), disconnect), { staleIfError: true });
    await http.get('/', ranged('4-9'));
    clock.advance(200);
    await expect(http.get('/')).rejects.toMatchObject({ code: 'ECONNRESET' });
  });

  test('of another version say nothing of conditions: the whole is renewed by them', async () => {
    const whole = withEtag('"2"', reply('max-age=100', {}, 'whole'));
    const { http, clock } = await start(inTurn(inParts(), inParts({ ETag: '"2"' }, 'abcdefghij'), whole));
    await http.get('/', ranged('4-9'));
    expect((await http.get('/')).data).toBe('whole');
    clock.advance(200);
    expect(told(await http.get('/'))).toBe('revalidated not-modified');
  });

  test('are not completed for a stream, which begins at once', async () => {
    const { http, origin } = await start(inParts());
    await http.get('/', ranged('4-9'));
    const { data } = await http.get('/', { responseType: 'stream' });
    (data as { destroy(): void }).destroy();
    expect(origin.requests[1]?.headers.range).toBeUndefined();
  });

  test('are completed for all who ask at once, by one request', async () => {
    const { http, origin } = await start(inParts());
    await http.get('/', ranged('4-9'));
    const all = await Promise.all([http.get('/'), http.get('/'), http.get('/')]);
    expect([all.map(({ data }) => data as unknown), origin.count()]).toEqual([[BODY, BODY, BODY], 2]);
  });

  test('that overlap and are asked for side by side are the whole', async () => {
    const { http } = await start(inParts());
    await Promise.all([http.get('/', ranged('0-5')), http.get('/', ranged('4-9'))]);
    expect(told(await http.get('/'))).toBe('hit fresh');
  });

  test('asked for side by side, they still meet', async () => {
    const { http } = await start(inParts());
    await Promise.all([http.get('/', ranged('0-4')), http.get('/', ranged('5-9'))]);
    await http.get('/', ranged('4-5'));
    expect(told(await http.get('/', ranged('2-7')))).toBe('hit fresh');
    expect(await http.cache.count()).toBe(1);
  });

  test.each([
    ['without a validator', {}],
    ['with a weak one', { ETag: 'W/"1"' }],
    ['with a date that was not over', { 'Last-Modified': httpDate(0) }],
  ])('%s they stay apart', async (_name, fields) => {
    const { http } = await start(inParts(fields));
    await http.get('/', ranged('0-4'));
    await http.get('/', ranged('5-9'));
    expect(told(await http.get('/', ranged('4-5')))).toBe('miss partial');
    expect(told(await http.get('/', ranged('5-6')))).toBe('hit fresh');
  });

  test('of a former version are dropped', async () => {
    const { http } = await start(inTurn(inParts({ ETag: '"1"' }), inParts({ ETag: '"2"' }, 'abcdefghij')));
    await http.get('/', ranged('0-4'));
    await http.get('/', ranged('5-9'));
    const again = await http.get('/', ranged('0-4'));
    expect([again.data, told(again)]).toEqual(['abcde', 'miss partial']);
    expect((await http.get('/')).data).toBe('abcdefghij');
  });

  test('renew a stale whole', async () => {
    const { http, clock, origin } = await start(inParts());
    await http.get('/');
    clock.advance(101);
    expect(told(await http.get('/', ranged('0-1')))).toBe('miss expired');
    const hit = await http.get('/');
    expect([told(hit), hit.data, hit.headers['age'], origin.count()]).toEqual(['hit fresh', BODY, '0', 2]);
  });

  test.each([
    ['a Content-Range that does not fit its body', 'bytes 4-9/10'],
    ['a Content-Range that contradicts itself', 'bytes 6-4/10'],
    ['none', undefined],
  ])('with %s are not stored', async (_name, range) => {
    const fields = range === undefined ? {} : { 'Content-Range': range };
    const { http } = await start({ ...reply('max-age=100', fields, '456'), status: 206 });
    const miss = await http.get('/', ranged('4-6'));
    expect([miss.data, miss.cache.stored, miss.cache.notStored]).toEqual(['456', false, 'partial']);
  });

  test('If-Range is answered by the strong validator, and no other', async () => {
    const { http } = await start(inParts());
    await http.get('/', ranged('4-6'));
    const under = (validator: string) => having({ Range: 'bytes=4-6', 'If-Range': validator });
    expect(told(await http.get('/', under('"1"')))).toBe('hit fresh');
    expect(told(await http.get('/', under('"2"')))).toBe('miss partial');
  });

  test('stand in for a failing origin, as far as they go', async () => {
    const { http, clock } = await start(inTurn(inParts(), disconnect));
    await http.get('/', ranged('4-6'));
    clock.advance(101);
    const stale = await http.get('/', ranged('5-5'));
    expect([stale.status, stale.data, told(stale)]).toEqual([206, '5', 'stale stale-if-error']);
    expect(await outcomeOf(http.get('/'))).toBe('ECONNRESET');
  });

  test('do not make other callers of the resource go alone', async () => {
    const { http, origin } = await start(inParts());
    await http.get('/', ranged('4-6'));
    await Promise.all([http.get('/'), http.get('/')]);
    expect(origin.count()).toBe(2);
  });

  test('too many bytes together stay apart', async () => {
    const { http } = await start(inParts(), { maxEntryBytes: 8 });
    await http.get('/', ranged('0-4'));
    expect((await http.get('/', ranged('5-9'))).cache.stored).toBe(true);
    expect(told(await http.get('/', ranged('0-4')))).toBe('hit fresh');
    expect(told(await http.get('/', ranged('5-9')))).toBe('hit fresh');
    expect(told(await http.get('/', ranged('4-5')))).toBe('miss partial');
  });

  test('a 416 answers for its own range only', async () => {
    const { http } = await start(({ headers }) =>
      headers.range === undefined ? reply('max-age=100') : { ...reply('max-age=100'), status: 416 },
    );
    expect(await outcomeOf(http.get('/', ranged('99-')))).toBe(416);
    expect((await http.get('/')).status).toBe(200);
  });
});

describe('other methods', () => {
  const search: Handler = ({ body }) => reply('max-age=100', {}, { sought: String(body) });

  test('POST where it is allowed: keyed by its body, and no end of the others', async () => {
    const { http, origin } = await startCached({ '/search': search }, { allowedMethods: ['GET', 'POST'] });
    const post = (data: object) => http.post('/search', data);
    expect((await post({ q: 'a', n: 1 })).data).toEqual({ sought: '{"q":"a","n":1}' });
    expect(told(await post({ q: 'b' }))).toBe('miss uri-miss');
    expect(told(await http.get('/search'))).toBe('miss uri-miss');
    const hit = await post({ n: 1, q: 'a' });
    expect([told(hit), hit.data]).toEqual(['hit fresh', { sought: '{"q":"a","n":1}' }]);
    expect([told(await post({ q: 'b' })), told(await http.get('/search'))]).toEqual(['hit fresh', 'hit fresh']);
    expect(origin.count()).toBe(3);
  });

  test('POST allowed for one URL, or for one request', async () => {
    const { http } = await startCached(
      { '/search': search, '/other': search },
      { urlsExpireAfter: { '**/search': { allowedMethods: ['post'] } } },
    );
    await http.post('/search', { q: 'a' });
    expect(told(await http.post('/search', { q: 'a' }))).toBe('hit fresh');
    expect(told(await http.post('/other', { q: 'a' }))).toBe('bypass method');
    const cache = { allowedMethods: ['POST' as const] };
    await http.post('/other', { q: 'a' }, { cache });
    expect(told(await http.post('/other', { q: 'a' }, { cache }))).toBe('hit fresh');
  });

  test.each<[string, CacheSetting]>([
    ['a lifetime', 100],
    ['true', true],
    ['a lifetime in an object', { expireAfter: '10m' }],
  ])('%s on the request itself opens its method', async (_name, cache) => {
    const { http, origin } = await startCached({ '/search': search });
    expect(told(await http.post('/search', { q: 'a' }, { cache }))).toBe('miss uri-miss');
    expect(told(await http.post('/search', { q: 'a' }, { cache }))).toBe('hit fresh');
    expect(told(await http.post('/search', { q: 'b' }, { cache }))).toBe('miss uri-miss');
    expect(told(await http.post('/search', { q: 'a' }))).toBe('bypass method');
    expect(told(await http.post('/search', { q: 'a' }, { cache }))).toBe('miss uri-miss');
    expect(origin.count()).toBe(4);
  });

  test.each<[string, InstanceOptions]>([
    ['of the session', { expireAfter: '1h' }],
    ['of a URL pattern', { urlsExpireAfter: { '/search': '1h' } }],
    ['in the defaults of the instance', { defaults: { cache: '5m' } }],
    ['in an object there', { defaults: { cache: { expireAfter: '5m' } } }],
    ['true there', { defaults: { cache: true } }],
  ])('a lifetime %s opens no method', async (_name, options) => {
    const { http, origin } = await startCached({ '/search': search }, options);
    for (const config of [{}, { cache: { tags: ['a'] } }]) {
      expect(told(await http.post('/search', { q: 'a' }, config))).toBe('bypass method');
    }
    expect(told(await http.post('/search', { q: 'a' }, { cache: '10m' }))).toBe('miss uri-miss');
    expect(told(await http.post('/search', { q: 'a' }, { cache: '10m' }))).toBe('hit fresh');
    expect(origin.count()).toBe(3);
  });

  test('a POST that its lifetime opens is stored with allowed statuses alone, and a child sees its own defaults', async () => {
    const { http } = await startCached(() => ({ status: 202 }));
    const post = () => http.post('/jobs', {}, { cache: '10m' });
    expect([(await post()).cache.notStored, told(await post())]).toEqual(['status', 'miss uri-miss']);
    const child = http.create({ cache: '5m' });
    expect(told(await child.post('/jobs', {}))).toBe('bypass method');
  });

  test('PUT ends what POST stored', async () => {
    const { http } = await startCached({ '/search': search }, { allowedMethods: ['GET', 'POST'] });
    await http.post('/search', { q: 'a' });
    await http.put('/search', 'x');
    expect(told(await http.post('/search', { q: 'a' }))).toBe('miss uri-miss');
  });

  test('no conditions are sent with a POST', async () => {
    const { http, clock, origin } = await startCached(
      { '/search': numbered(reply('max-age=10', { ETag: '"1"' })) },
      { allowedMethods: ['POST'] },
    );
    await http.post('/search', { q: 'a' });
    clock.advance(11);
    expect((await http.post('/search', { q: 'a' })).data).toBe('answer 2');
    expect(origin.requests[1]?.headers['if-none-match']).toBeUndefined();
  });

  test('QUERY is safe, and validated', async () => {
    const { http, origin } = await startCached(
      { '/search': withEtag('"1"', reply('no-cache')), 'GET /search': numbered(reply('max-age=100')) },
      { allowedMethods: ['GET', 'QUERY'] },
    );
    await http.get('/search');
    const query = { method: 'query', url: '/search', data: { q: 'a' } };
    await http.request(query);
    expect(told(await http.request(query))).toBe(REVALIDATED);
    expect(origin.requests[2]?.headers['if-none-match']).toBe('"1"');
    expect(told(await http.get('/search'))).toBe('hit fresh');
  });
});

describe('redirects that the adapter follows', () => {
  const routes = {
    '/old': { status: 301, headers: { Location: '/new', 'Cache-Control': 'max-age=100' } },
    '/new': numbered(reply('max-age=100')),
  };

  test('the final answer is stored under the requested URL, and a hit names where it came from', async () => {
    const { http, origin } = await startCached(routes);
    await http.get('/old');
    const hit = await http.get('/old');
    expect([told(hit), hit.data, origin.count()]).toEqual(['hit fresh', 'answer 1', 2]);
    expect(hit.request.res.responseUrl).toBe(`${origin.url}/new`);
  });

  test('with maxRedirects: 0 the redirect itself is another answer', async () => {
    const { http } = await startCached(routes, rfc9111);
    await http.get('/old');
    const unfollowed = { maxRedirects: 0, validateStatus: null };
    expect((await http.get('/old', unfollowed)).status).toBe(301);
    const hit = await http.get('/old', unfollowed);
    expect([told(hit), hit.status, hit.headers['location']]).toEqual(['hit fresh', 301, '/new']);
    expect((await http.get('/old')).status).toBe(200);
  });
});

describe('fields of one connection', () => {
  test('are not stored, nor what Connection lists', async () => {
    const headers = {
      Connection: 'keep-alive, X-Listed',
      'Keep-Alive': 'timeout=5',
      'Proxy-Authenticate': 'Basic',
      'X-Listed': 'here',
      'X-Other': 'there',
    };
    const { http } = await startCached({ '/': reply('max-age=100', headers) });
    expect((await http.get('/')).headers['x-listed']).toBe('here');
    const hit = await http.get('/');
    expect(hit.headers['x-other']).toBe('there');
    for (const name of ['connection', 'keep-alive', 'proxy-authenticate', 'transfer-encoding', 'x-listed']) {
      expect([name, hit.headers[name]]).toEqual([name, undefined]);
    }
  });
});
