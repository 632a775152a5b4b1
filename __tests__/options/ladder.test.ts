/** The expiration ladder over real HTTP: which rung gives the lifetime, and what each value on it means. */
import type { AxiosError } from 'axios';
import type { CacheMode, CacheOptions, CacheSetting, ExpirySource, Lifetime } from '../../lib/index.js';
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
import { disconnect, type Handler, inTurn, type Reply, withEtag } from '../support/origin.js';

const CENTURY = 100 * 365 * 86_400;

/** Stores `/` with `first`, then asks at each of `ages` without a setting, and gives what the cache did each time. */
async function lifeOf(
  reply: Reply,
  options: InstanceOptions,
  first: CacheSetting | undefined,
  ages: readonly number[],
) {
  const { http, clock } = await startCached({ '/': numbered(reply) }, options);
  const stored = await http.get('/', { cache: first });
  const tellings: string[] = [];
  for (const age of ages) {
    clock.set(START_MS + age * 1000);
    tellings.push(told(await http.get('/')));
  }
  return { source: stored.cache.expirySource, tellings };
}

/** Expects an answer to be fresh one second before the end of its lifetime, and expired one second after. */
async function expectLifetime(
  { source, seconds }: { readonly source: ExpirySource; readonly seconds: number },
  reply: Reply,
  options: InstanceOptions,
  first?: CacheSetting,
) {
  const ages = seconds === Infinity ? [CENTURY] : [seconds - 1, seconds + 1];
  const tellings = seconds === Infinity ? ['hit fresh'] : ['hit fresh', 'miss expired'];
  expect(await lifeOf(reply, options, first, ages)).toEqual({ source, tellings });
}

const maxAge = (seconds: number): Reply => ({ headers: { 'Cache-Control': `max-age=${seconds}` } });
const SILENT: Reply = {};

describe('neighbouring rungs', () => {
  test('1 over 2: a request max-age limits what a response max-age allows', async () => {
    const { http, clock } = await startCached({ '/': numbered(maxAge(100)) });
    await http.get('/');
    clock.advance(10);
    expect(told(await http.get('/', asking('max-age=10')))).toBe('hit fresh');
    clock.advance(1);
    expect(told(await http.get('/', asking('max-age=10')))).toBe('miss max-age');
  });

  test('1 over 2: a request max-age extends nothing', async () => {
    const { http, clock } = await startCached({ '/': numbered(maxAge(10)) });
    await http.get('/');
    clock.advance(11);
    expect(told(await http.get('/', asking('max-age=100')))).toBe('miss expired');
  });

  test.each<[string, number, CacheSetting | undefined, CacheOptions, number, ExpirySource]>([
    ['2 over 3: shorter than the request says', 10, 100, {}, 10, 'response'],
    ['2 over 3: longer than the request says', 100, 10, {}, 100, 'response'],
    ['2 over 4', 10, undefined, { urlsExpireAfter: { '**': 100 } }, 10, 'response'],
    ['2 over 5', 100, undefined, { expireAfter: 10 }, 100, 'response'],
    ['2 over the default', 10, undefined, {}, 10, 'response'],
  ])('a response max-age: %s', async (_name, sent, cache, options, seconds, source) => {
    await expectLifetime({ source, seconds }, maxAge(sent), options, cache);
  });

  test.each<[string, CacheSetting | undefined, CacheOptions, number, ExpirySource]>([
    ['3 over 4: longer', 100, { urlsExpireAfter: { '**': 10 } }, 100, 'request'],
    ['3 over 4: shorter', 10, { urlsExpireAfter: { '**': 100 } }, 10, 'request'],
    ['3 over 5', 10, { expireAfter: 100 }, 10, 'request'],
    ['4 over 5: shorter', undefined, { urlsExpireAfter: { '**': 10 }, expireAfter: 100 }, 10, 'url'],
    ['4 over 5: longer', undefined, { urlsExpireAfter: { '**': 100 }, expireAfter: 10 }, 100, 'url'],
    [
      '4: the first pattern that matches',
      undefined,
      { urlsExpireAfter: { 'no.such.host': 5, 'http://*': 10, '**': 20 } },
      10,
      'url',
    ],
    [
      '5 where no pattern matches',
      undefined,
      { urlsExpireAfter: { 'no.such.host': 5 }, expireAfter: 10 },
      10,
      'session',
    ],
    ['5 over the default', undefined, { expireAfter: 10 }, 10, 'session'],
    ['the default', undefined, {}, Infinity, 'default'],
  ])('local lifetimes: %s', async (_name, cache, options, seconds, source) => {
    await expectLifetime({ source, seconds }, SILENT, options, cache);
  });

  test.each<[string, CacheSetting | undefined, CacheOptions, ExpirySource]>([
    ['3', 100, {}, 'request'],
    ['4', undefined, { urlsExpireAfter: { '**': 100 } }, 'url'],
    ['5', undefined, { expireAfter: 100 }, 'session'],
  ])('rung %s counts from receipt, whatever age the answer came with', async (_rung, cache, options, source) => {
    const reply = { headers: { Age: '1000', Date: httpDate(-5000) } };
    await expectLifetime({ source, seconds: 100 }, reply, options, cache);
  });

  test('a local lifetime counts anew from a validation, by the rung that speaks then', async () => {
    const { http, clock } = await startCached({ '/': withEtag('"1"') }, { expireAfter: 10 });
    await http.get('/');
    clock.advance(11);
    expect((await http.get('/', { cache: 100 })).cache.expirySource).toBe('request');
    clock.advance(99);
    expect(told(await http.get('/'))).toBe('hit fresh');
    clock.advance(2);
    expect((await http.get('/')).cache.expirySource).toBe('session');
  });

  test('a validator alone does not change the default', async () => {
    await expectLifetime({ source: 'default', seconds: Infinity }, { headers: { ETag: '"1"' } }, {});
  });
});

const LIFETIMES: readonly (readonly [string, Exclude<Lifetime, 'never' | 'heuristic'>, number])[] = [
  ['a number is seconds', 90, 90],
  ['seconds with a unit', '90s', 90],
  ['a fraction of hours', '1.5h', 5400],
  ['days in words', '2 days', 172_800],
  ['a Date is absolute', new Date(START_MS + 90_000), 90],
  ['-1 is never', -1, Infinity],
  ['Infinity is never', Infinity, Infinity],
];
const RUNGS: readonly (readonly [ExpirySource, (value: Lifetime | false) => readonly [CacheOptions, CacheSetting?]])[] =
  [
    ['request', (expireAfter) => [{ expireAfter: 7 }, { expireAfter }]],
    ['url', (value) => [{ expireAfter: 7, urlsExpireAfter: { '**': value } }]],
    ['url', (expireAfter) => [{ expireAfter: 7, urlsExpireAfter: { '**': { expireAfter } } }]],
    ['session', (expireAfter) => [{ expireAfter }]],
  ];

describe.each(RUNGS)('every value on the rung: %s', (source, place) => {
  test.each([...LIFETIMES, ['never', 'never', Infinity] as const])('%s', async (_name, value, seconds) => {
    const [options, first] = place(value);
    await expectLifetime({ source, seconds }, SILENT, options, first);
  });

  test('heuristic: a tenth of the time since Last-Modified', async () => {
    const [options, first] = place('heuristic');
    const tellings = ['hit fresh', 'revalidated not-modified'];
    const reply = { headers: { 'Last-Modified': httpDate(-1000) } };
    const { http, clock } = await startCached(
      { '/': ({ headers }) => (headers['if-modified-since'] === undefined ? reply : { status: 304 }) },
      options,
    );
    expect((await http.get('/', { cache: first })).cache.expirySource).toBe(source);
    clock.advance(99);
    const before = told(await http.get('/'));
    clock.advance(2);
    expect([before, told(await http.get('/'))]).toEqual(tellings);
  });

  test('heuristic without Last-Modified: not stored', async () => {
    const [options, first] = place('heuristic');
    const { http } = await startCached({ '/': numbered() }, options);
    const { cache } = await http.get('/', { cache: first });
    expect([cache.stored, cache.notStored]).toEqual([false, 'no-lifetime']);
  });

  test.each([0, false] as const)('%s switches the cache off, whatever the headers say', async (value) => {
    const [options, first] = place(value);
    const { http, origin, events } = await startCached({ '/': numbered(maxAge(100)) }, options);
    for (const answer of ['answer 1', 'answer 2']) {
      const response = await http.get('/', { cache: first });
      expect([told(response), response.cached, response.data]).toEqual(['bypass off', false, answer]);
    }
    expect(origin.count()).toBe(2);
    expect(events.filter(({ type }) => type === 'stored')).toEqual([]);
    expect(await http.cache.count()).toBe(0);
  });
});

describe('the bare value of a request', () => {
  test.each([...LIFETIMES])('%s', async (_name, value, seconds) => {
    await expectLifetime({ source: 'request', seconds }, SILENT, { expireAfter: 7 }, value);
  });

  test.each([0, false] as const)('%s neither reads nor writes: the entry stays', async (cache) => {
    const { http } = await startCached({ '/': numbered() });
    await http.get('/');
    expect(told(await http.get('/', { cache }))).toBe('bypass off');
    const again = await http.get('/');
    expect([told(again), again.data]).toEqual(['hit fresh', 'answer 1']);
  });

  test('"never" is ambiguous and refused with the remedy', async () => {
    const { http, origin } = await startCached({ '/': numbered() });
    const rejected = http.get('/', { cache: 'never' as 'default' });
    await expect(rejected).rejects.toMatchObject({ name: 'AxiosError', code: 'ERR_CACHE_OPTION' });
    await expect(rejected).rejects.toThrow(/expireAfter: "never"/);
    expect(origin.count()).toBe(0);
  });
});

describe('the switch', () => {
  test.each<[string, CacheSetting, CacheOptions, number, ExpirySource]>([
    [
      'true undoes a URL off and looks past it',
      true,
      { expireAfter: 10, urlsExpireAfter: { '**': false } },
      10,
      'session',
    ],
    ['true undoes a session off', true, { expireAfter: false }, Infinity, 'default'],
    ['true undoes a session 0', true, { expireAfter: 0 }, Infinity, 'default'],
    ['true leaves the URL lifetime', true, { expireAfter: false, urlsExpireAfter: { '**': 10 } }, 10, 'url'],
    ['a lifetime of the request undoes a URL off', 10, { urlsExpireAfter: { '**': false } }, 10, 'request'],
    ['a lifetime of the request undoes a session off', 10, { expireAfter: false }, 10, 'request'],
  ])('%s', async (_name, cache, options, seconds, source) => {
    const { http, clock } = await startCached({ '/': numbered() }, options);
    expect((await http.get('/', { cache })).cache.expirySource).toBe(source);
    clock.advance(seconds === Infinity ? CENTURY : seconds - 1);
    expect(told(await http.get('/', { cache }))).toBe('hit fresh');
    if (seconds === Infinity) return;
    clock.advance(2);
    expect(told(await http.get('/', { cache }))).toBe('miss expired');
  });

  test('a URL lifetime undoes a session off', async () => {
    await expectLifetime({ source: 'url', seconds: 10 }, SILENT, { expireAfter: false, urlsExpireAfter: { '**': 10 } });
  });

  test('a URL off holds against a session lifetime', async () => {
    const { http } = await startCached({ '/': numbered() }, { expireAfter: 10, urlsExpireAfter: { '**': false } });
    expect([told(await http.get('/')), told(await http.get('/'))]).toEqual(['bypass off', 'bypass off']);
  });
});

/** Tells what happens to a response where the session's lifetime is 100 s. */
async function fateOf(headers: NonNullable<Reply['headers']>, validator: boolean) {
  const reply = { headers };
  const route = validator ? withEtag('"1"', { ...reply, body: 'whole' }) : numbered(reply);
  const { http, clock, origin } = await startCached({ '/': route }, { expireAfter: 100 });
  const { cache } = await http.get('/');
  clock.advance(9);
  const second = told(await http.get('/'));
  return {
    source: cache.expirySource,
    notStored: cache.notStored,
    second,
    conditions: origin.requests[1]?.headers['if-none-match'],
  };
}

describe('the response decides', () => {
  test.each<[string, NonNullable<Reply['headers']>, number]>([
    ['max-age', { 'Cache-Control': 'max-age=10' }, 10],
    ['max-age, quoted', { 'Cache-Control': 'max-age="10"' }, 10],
    ['Expires', { Expires: httpDate(10) }, 10],
    ['max-age before Expires', { 'Cache-Control': 'max-age=10', Expires: httpDate(50) }, 10],
    ['equal duplicates', { 'Cache-Control': 'max-age=10, max-age=10' }, 10],
    [
      'max-age besides directives that say nothing',
      { 'Cache-Control': 'public, immutable, max-age=10, no-transform' },
      10,
    ],
    ['immutable does not lengthen it', { 'Cache-Control': 'max-age=10, immutable' }, 10],
  ])('%s: local values are ignored', async (_name, headers, seconds) => {
    await expectLifetime({ source: 'response', seconds }, { headers }, { expireAfter: 100 }, 50);
  });

  test.each<[string, NonNullable<Reply['headers']>]>([
    ['unreadable max-age', { 'Cache-Control': 'max-age=soon' }],
    ['negative max-age', { 'Cache-Control': 'max-age=-1' }],
    ['fractional max-age', { 'Cache-Control': 'max-age=1.5' }],
    ['max-age without a value', { 'Cache-Control': 'max-age' }],
    ['max-age=0', { 'Cache-Control': 'max-age=0' }],
    ['different duplicates of max-age', { 'Cache-Control': ['max-age=10', 'max-age=20'] }],
    ['Expires: 0', { Expires: '0' }],
    ['Expires: -1', { Expires: '-1' }],
    ['an unreadable Expires', { Expires: 'next Tuesday' }],
    ['Expires in the past', { Expires: httpDate(-1) }],
    ['no-cache', { 'Cache-Control': 'no-cache' }],
    ['no-cache against max-age', { 'Cache-Control': 'no-cache, max-age=100' }],
  ])('%s: stored with a validator, to be validated', async (_name, headers) => {
    expect(await fateOf(headers, true)).toEqual({
      source: 'response',
      notStored: undefined,
      second: 'revalidated not-modified',
      conditions: '"1"',
    });
    expect(await fateOf(headers, false)).toEqual({
      source: undefined,
      notStored: 'zero-lifetime',
      second: 'miss uri-miss',
      conditions: undefined,
    });
  });

  test.each<[string, NonNullable<Reply['headers']>]>([
    ['private', { 'Cache-Control': 'private' }],
    ['public', { 'Cache-Control': 'public' }],
    ['immutable', { 'Cache-Control': 'immutable' }],
    ['no-transform', { 'Cache-Control': 'no-transform' }],
    ['s-maxage', { 'Cache-Control': 's-maxage=1' }],
    ['proxy-revalidate', { 'Cache-Control': 'proxy-revalidate' }],
    ['an unknown directive', { 'Cache-Control': 'max-agee=1' }],
    ['Pragma', { Pragma: 'no-cache' }],
    ['no-cache on a field', { 'Cache-Control': 'no-cache="x-secret"' }],
    ['private on a field', { 'Cache-Control': 'private="x-secret"' }],
  ])('%s alone is silent: the session gives the lifetime', async (_name, headers) => {
    await expectLifetime({ source: 'session', seconds: 100 }, { headers }, { expireAfter: 100 });
  });

  test('must-revalidate alone gives no lifetime either', async () => {
    const reply = { headers: { 'Cache-Control': 'must-revalidate' } };
    const tellings = ['hit fresh', 'miss must-revalidate'];
    expect(await lifeOf(reply, { expireAfter: 100 }, undefined, [99, 101])).toEqual({ source: 'session', tellings });
  });

  test.each(['no-cache', 'private'])('%s="x-secret" strips that field from what is stored', async (directive) => {
    const headers = {
      'Cache-Control': `max-age=100, ${directive}="x-secret"`,
      'X-Secret': 'for you',
      'X-Open': 'for all',
    };
    const { http } = await startCached({ '/': { headers } });
    expect((await http.get('/')).headers).toMatchObject({ 'x-secret': 'for you' });
    const hit = await http.get('/');
    expect([told(hit), hit.headers['x-secret'], hit.headers['x-open']]).toEqual(['hit fresh', undefined, 'for all']);
  });

  test('no-store is refused, and what was stored goes', async () => {
    const route = inTurn(maxAge(100), { headers: { 'Cache-Control': 'no-store' } }, maxAge(100));
    const { http } = await startCached({ '/': route });
    await http.get('/');
    const refused = await http.get('/', { cache: 'reload' });
    expect([refused.cache.stored, refused.cache.notStored]).toEqual([false, 'no-store']);
    expect(await http.cache.has('/')).toBe(false);
    expect(told(await http.get('/'))).toBe('miss uri-miss');
  });

  test.each([0, 1])('must-revalidate forbids a stale answer when the origin fails (control: %i)', async (forbidden) => {
    const cacheControl = forbidden === 1 ? 'max-age=10, must-revalidate' : 'max-age=10';
    const route = inTurn({ headers: { 'Cache-Control': cacheControl }, body: 'old' }, disconnect);
    const { http, clock } = await startCached({ '/': route }, { staleIfError: true });
    await http.get('/');
    clock.advance(11);
    const late = http.get('/').then(told, (error: AxiosError) => error.code);
    expect(await late).toBe(forbidden === 1 ? 'ECONNRESET' : 'stale stale-if-error');
  });

  test('Vary: * is stored with a validator only, and validated on each use', async () => {
    const headers = { Vary: '*', 'Cache-Control': 'max-age=100' };
    expect(await fateOf(headers, true)).toMatchObject({ notStored: undefined, second: 'revalidated not-modified' });
    expect(await fateOf(headers, false)).toMatchObject({ notStored: 'vary-star', second: 'miss uri-miss' });
  });
});

describe('Set-Cookie', () => {
  test('is for the one whose request brought it, not for those who share that request', async () => {
    const routes = { '/': { headers: { 'Set-Cookie': 'session=1' } } };
    const { http, origin } = await startCached(routes, { expireAfter: 10 });
    const both = await Promise.all([http.get('/'), http.get('/')]);
    expect(both.map(({ headers }) => headers['set-cookie'] as unknown)).toEqual([['session=1'], undefined]);
    expect(origin.count()).toBe(1);
  });

  test('of a 304 is for the caller whose request brought it, whatever is stored', async () => {
    const route: Handler = ({ headers }) =>
      headers['if-none-match'] === undefined
        ? { headers: { ETag: '"1"' }, body: 'a' }
        : { status: 304, headers: { ETag: '"1"', 'Set-Cookie': 'session=2' } };
    const { http } = await startCached({ '/': route }, { expireAfter: 10 });
    await http.get('/');
    const renewed = await http.get('/', { cache: 'no-cache' });
    expect([told(renewed), renewed.headers['set-cookie']]).toEqual(['revalidated not-modified', ['session=2']]);
    expect((await http.get('/')).headers['set-cookie']).toBeUndefined();
  });

  const cookie = { 'Set-Cookie': ['session=1; HttpOnly', 'theme=dark'] };
  test.each<[string, Reply, CacheOptions, CacheSetting | undefined, boolean]>([
    ['rung 2: replayed', { headers: { ...cookie, 'Cache-Control': 'max-age=100' } }, {}, undefined, true],
    ['rung 3: replayed', { headers: cookie }, {}, 100, true],
    ['rung 4: not replayed', { headers: cookie }, { urlsExpireAfter: { '**': 100 } }, undefined, false],
    ['rung 5: not replayed', { headers: cookie }, { expireAfter: 100 }, undefined, false],
    ['the default: not replayed', { headers: cookie }, {}, undefined, false],
  ])('%s', async (_name, reply, options, cache, replayed) => {
    const { http } = await startCached({ '/': reply }, options);
    expect((await http.get('/', { cache })).headers['set-cookie']).toEqual(cookie['Set-Cookie']);
    const hit = await http.get('/', { cache });
    expect(told(hit)).toBe('hit fresh');
    expect(hit.headers['set-cookie']).toEqual(replayed ? cookie['Set-Cookie'] : undefined);
  });
});

describe('on reading, a lifetime of the request', () => {
  test.each<[string, CacheOptions, CacheSetting | undefined]>([
    ['the default', {}, undefined],
    ['the session', { expireAfter: 100 }, undefined],
    ['a URL', { urlsExpireAfter: { '**': 100 } }, undefined],
    ['another request', {}, 100],
  ])('bounds the age that this caller accepts, where the lifetime came from %s', async (_name, options, first) => {
    const { http, clock } = await startCached({ '/': numbered() }, options);
    await http.get('/', { cache: first });
    clock.advance(50);
    expect(told(await http.get('/', { cache: 51 }))).toBe('hit fresh');
    expect(told(await http.get('/'))).toBe('hit fresh');
    const late = await http.get('/', { cache: 49 });
    expect([told(late), late.data]).toEqual(['miss expired', 'answer 2']);
  });

  test('never extends the lifetime', async () => {
    const { http, clock } = await startCached({ '/': numbered() }, { expireAfter: 10 });
    await http.get('/');
    clock.advance(11);
    expect(told(await http.get('/', { cache: 100 }))).toBe('miss expired');
  });

  test('does not bound where the server spoke', async () => {
    const { http, clock } = await startCached({ '/': numbered(maxAge(100)) });
    await http.get('/');
    clock.advance(50);
    const hit = await http.get('/', { cache: 10 });
    expect([told(hit), hit.cache.expirySource]).toEqual(['hit fresh', 'response']);
  });

  test('as a Date bounds too', async () => {
    const { http, clock } = await startCached({ '/': numbered() });
    await http.get('/');
    clock.advance(50);
    expect(told(await http.get('/', { cache: new Date(START_MS + 51_000) }))).toBe('hit fresh');
    expect(told(await http.get('/', { cache: new Date(START_MS + 49_000) }))).toBe('miss expired');
  });

  test('validates where there is a validator', async () => {
    const { http, clock, origin } = await startCached({ '/': withEtag('"1"', { body: 'whole' }) });
    await http.get('/');
    clock.advance(50);
    const renewed = await http.get('/', { cache: 10 });
    expect([told(renewed), renewed.data]).toEqual(['revalidated not-modified', 'whole']);
    expect(origin.requests[1]?.headers['if-none-match']).toBe('"1"');
  });
});

describe('cacheControl: false', () => {
  const IGNORED: readonly (readonly [string, string])[] = [
    ['max-age', 'max-age=10'],
    ['max-age=0', 'max-age=0'],
    ['no-store', 'no-store'],
    ['no-cache', 'no-cache'],
    ['must-revalidate', 'must-revalidate, max-age=10'],
  ];
  test.each(IGNORED)('for the session: %s in a response means nothing', async (_name, cacheControl) => {
    const reply = { headers: { 'Cache-Control': cacheControl, Expires: httpDate(5) } };
    await expectLifetime({ source: 'session', seconds: 100 }, reply, { cacheControl: false, expireAfter: 100 });
  });

  test.each(IGNORED)('for one request: %s in a response means nothing', async (_name, cacheControl) => {
    const reply = { headers: { 'Cache-Control': cacheControl, Expires: httpDate(5) } };
    const setting = { cacheControl: false, expireAfter: 100 };
    await expectLifetime({ source: 'request', seconds: 100 }, reply, {}, setting);
  });

  test.each([['no-cache'], ['no-store'], ['max-age=0'], ['min-fresh=1000'], ['only-if-cached']])(
    'takes %s out of requests',
    async (directive) => {
      const { http } = await startCached({ '/': numbered() }, { cacheControl: false, expireAfter: 100 });
      expect((await http.get('/', asking(directive))).cache.stored).toBe(true);
      expect(told(await http.get('/', asking(directive)))).toBe('hit fresh');
    },
  );

  test('takes Pragma out of requests', async () => {
    const { http } = await startCached({ '/': numbered() }, { cacheControl: false });
    await http.get('/');
    expect(told(await http.get('/', having({ Pragma: 'no-cache' })))).toBe('hit fresh');
  });

  test('for one reader: the lifetime of the headers does not bind it, and binds the next', async () => {
    const { http, clock } = await startCached({ '/': numbered(maxAge(10)) }, { expireAfter: 100 });
    await http.get('/');
    clock.advance(50);
    expect(told(await http.get('/', { cache: { cacheControl: false } }))).toBe('hit fresh');
    expect(told(await http.get('/'))).toBe('miss expired');
  });
});

describe('the modes of Fetch', () => {
  const EXPECTED: Readonly<Record<CacheMode, readonly [nothing: string, fresh: string, stale: string]>> = {
    default: ['miss uri-miss', 'hit fresh', 'revalidated not-modified'],
    'no-store': ['bypass off', 'bypass off', 'bypass off'],
    reload: ['miss uri-miss', 'miss reload', 'miss reload'],
    'no-cache': ['miss uri-miss', 'revalidated not-modified', 'revalidated not-modified'],
    'force-cache': ['miss uri-miss', 'hit fresh', 'stale force-cache'],
    'only-if-cached': ['miss only-if-cached', 'hit fresh', 'stale only-if-cached'],
  };
  const rows = Object.entries(EXPECTED).flatMap(([mode, states]) =>
    states.map((expected, state) => [mode as CacheMode, ['nothing', 'fresh', 'stale'][state] ?? '', expected] as const),
  );

  test.each(rows)('%s with %s stored', async (mode, state, expected) => {
    const reply = { headers: { 'Cache-Control': 'max-age=10' }, body: 'whole' };
    const { http, clock, origin } = await startCached({ '/': withEtag('"1"', reply) });
    if (state !== 'nothing') await http.get('/');
    if (state === 'stale') clock.advance(11);
    const before = origin.count();
    const response = await http.get('/', { cache: mode, validateStatus: null });
    expect(told(response)).toBe(expected);
    const asked = origin.requests[before];
    const isServed = /^(hit|stale)|only-if-cached/.test(expected);
    expect(origin.count() - before).toBe(isServed ? 0 : 1);
    expect(asked?.headers['if-none-match']).toBe(expected.startsWith('revalidated') ? '"1"' : undefined);
    expect(response.status).toBe(expected === 'miss only-if-cached' ? 504 : 200);
    expect(response.data).toBe(expected === 'miss only-if-cached' ? '' : 'whole');
  });

  test.each(['no-store', 'reload', 'no-cache'] as const)('%s: what is stored afterwards', async (mode) => {
    const { http } = await startCached({ '/': numbered() });
    await http.get('/');
    await http.get('/', { cache: mode });
    const next = await http.get('/');
    expect([told(next), next.data]).toEqual(['hit fresh', mode === 'no-store' ? 'answer 1' : 'answer 2']);
  });

  test('only-if-cached with nothing stored rejects with a 504, as axios does with any other', async () => {
    const { http, origin } = await startCached({ '/': numbered() });
    const response = { status: 504, statusText: 'Gateway Timeout', cached: false };
    await expect(http.get('/', { cache: 'only-if-cached' })).rejects.toMatchObject({
      code: 'ERR_BAD_RESPONSE',
      response,
    });
    expect(origin.count()).toBe(0);
  });

  test('a mode of the session holds for every request, and a request has another', async () => {
    const { http } = await startCached({ '/': withEtag('"1"') }, { mode: 'no-cache' });
    await http.get('/');
    expect(told(await http.get('/'))).toBe('revalidated not-modified');
    expect(told(await http.get('/', { cache: 'default' }))).toBe('hit fresh');
  });
});

describe('request directives', () => {
  /** Stores `/` with a lifetime of 100 s, and asks again at `age` with `cacheControl`. */
  async function at(age: number, cacheControl: string, reply: Reply = maxAge(100)) {
    const { http, clock } = await startCached({ '/': withEtag('"1"', { ...reply, body: 'whole' }) });
    await http.get('/');
    clock.advance(age);
    return told(await http.get('/', asking(cacheControl)));
  }
  const VALIDATED = 'revalidated not-modified';

  test.each<[string, number, string]>([
    ['max-age=50', 50, 'hit fresh'],
    ['max-age=50', 51, VALIDATED],
    ['max-age=0', 0, VALIDATED],
    ['max-age=unreadable', 0, VALIDATED],
    ['min-fresh=50', 50, 'hit fresh'],
    ['min-fresh=50', 51, VALIDATED],
    ['max-stale=50', 99, 'hit fresh'],
    ['max-stale=50', 150, 'stale max-stale'],
    ['max-stale=50', 151, VALIDATED],
    ['max-stale', 1000, 'stale max-stale'],
    ['max-stale=unreadable', 101, VALIDATED],
    ['no-cache', 0, VALIDATED],
    ['NO-CACHE', 0, VALIDATED],
    ['only-if-cached', 99, 'hit fresh'],
    ['only-if-cached, max-stale', 101, 'stale max-stale'],
    ['no-transform', 99, 'hit fresh'],
    ['max-age=120, max-stale=50', 119, 'stale max-stale'],
    ['max-age=120, max-stale=50', 121, VALIDATED],
  ])('%s at the age of %i s of 100 s: %s', async (directive, age, expected) => {
    expect(await at(age, directive)).toBe(expected);
  });

  test.each([
    ['must-revalidate', 'max-age=100, must-revalidate', 101],
    ['no-cache', 'no-cache', 1],
  ])('max-stale does not lift %s of the response', async (_name, cacheControl, age) => {
    expect(await at(age, 'max-stale', { headers: { 'Cache-Control': cacheControl } })).toBe(VALIDATED);
  });

  test.each(['no-cache', 'max-age=0'])(
    '%s without a validator: asked anew, and the answer replaces',
    async (directive) => {
      const { http } = await startCached({ '/': numbered(maxAge(100)) });
      await http.get('/');
      expect((await http.get('/', asking(directive))).data).toBe('answer 2');
      const next = await http.get('/');
      expect([told(next), next.data]).toEqual(['hit fresh', 'answer 2']);
    },
  );

  test('no-store: neither stored nor served, the entry stays', async () => {
    const { http } = await startCached({ '/': numbered(maxAge(100)) });
    expect(told(await http.get('/', asking('no-store')))).toBe('bypass no-store');
    expect(await http.cache.count()).toBe(0);
    await http.get('/');
    expect((await http.get('/', asking('no-store'))).data).toBe('answer 3');
    expect((await http.get('/')).data).toBe('answer 2');
  });

  test('only-if-cached with nothing usable: 504, and the origin is not asked', async () => {
    const { http, clock, origin } = await startCached({ '/': numbered(maxAge(10)) });
    const refused = { response: { status: 504 } };
    await expect(http.get('/', asking('only-if-cached'))).rejects.toMatchObject(refused);
    await http.get('/');
    clock.advance(11);
    await expect(http.get('/', asking('only-if-cached'))).rejects.toMatchObject(refused);
    expect(origin.count()).toBe(1);
  });

  test.each([
    [60, 'stale stale-if-error'],
    [61, 'ECONNRESET'],
  ])('stale-if-error=50: %i s after receipt of a lifetime of 10 s', async (age, expected) => {
    const { http, clock } = await startCached({ '/': inTurn(maxAge(10), disconnect) });
    await http.get('/');
    clock.advance(age);
    const outcome = await http.get('/', asking('stale-if-error=50')).then(told, (error: AxiosError) => error.code);
    expect(outcome).toBe(expected);
  });

  test('Pragma: no-cache counts where there is no Cache-Control', async () => {
    const { http } = await startCached({ '/': withEtag('"1"', maxAge(100)) });
    await http.get('/');
    expect(told(await http.get('/', having({ Pragma: 'no-cache' })))).toBe(VALIDATED);
    expect(told(await http.get('/', having({ Pragma: 'no-cache', 'Cache-Control': 'max-stale' })))).toBe('hit fresh');
  });
});

/** The connection needs the others. */
const ALL_BUT_INTERVALS = [
  'Date',
  'clearImmediate',
  'clearTimeout',
  'hrtime',
  'nextTick',
  'performance',
  'queueMicrotask',
  'setImmediate',
  'setTimeout',
] as const;

describe('what is stale', () => {
  test.each<[string, CacheOptions, number, boolean]>([
    ['kept 30 days by default', {}, 30 * 86_400 - 1, true],
    ['gone after 30 days by default', {}, 30 * 86_400 + 1, false],
    ['kept for keepStale', { keepStale: '1h' }, 3600 - 1, true],
    ['gone after keepStale', { keepStale: '1h' }, 3600 + 1, false],
    ['not kept with keepStale: 0', { keepStale: 0 }, 1, false],
  ])('is %s, for its validator', async (_name, options, seconds, kept) => {
    const { http, clock, origin } = await startCached({ '/': withEtag('"1"', maxAge(10)) }, options);
    await http.get('/');
    clock.advance(10 + seconds);
    expect(told(await http.get('/'))).toBe(kept ? 'revalidated not-modified' : 'miss uri-miss');
    expect(origin.requests[1]?.headers['if-none-match']).toBe(kept ? '"1"' : undefined);
  });

  test('is kept as long as the response asks for its stale windows', async () => {
    const reply = { headers: { 'Cache-Control': 'max-age=10, stale-if-error=5000' } };
    const { http, clock } = await startCached({ '/': inTurn(reply, disconnect) }, { keepStale: 0 });
    await http.get('/');
    clock.advance(5009);
    expect(told(await http.get('/'))).toBe('stale stale-if-error');
  });

  test.each(['staleIfError', 'staleWhileRevalidate'] as const)('is kept as long as %s asks for it', async (window) => {
    const { http, clock } = await startCached({ '/': inTurn(maxAge(10), disconnect) }, { [window]: '2 days' });
    await http.get('/');
    clock.advance(2 * 86_400 + 9);
    expect((await http.get('/')).cache.status).toBe('stale');
    await http.cache.idle();
  });

  test('goes with deleteExpired() once nothing can use it', async () => {
    const routes = { '/short': withEtag('"1"', maxAge(10)), '/long': maxAge(1000) };
    const { http, clock } = await startCached(routes, { keepStale: 5 });
    await http.get('/short');
    await http.get('/long');
    clock.advance(14);
    expect(await http.cache.deleteExpired()).toBe(0);
    clock.advance(1);
    expect(await http.cache.deleteExpired()).toBe(1);
    expect([await http.cache.has('/short'), await http.cache.has('/long')]).toEqual([false, true]);
  });

  test('goes by itself with deleteExpiredEvery, and not after close', async () => {
    jest.useFakeTimers({ doNotFake: [...ALL_BUT_INTERVALS] });
    try {
      const { http, clock } = await startCached({ '/': maxAge(10) }, { keepStale: 0, deleteExpiredEvery: '1m' });
      await http.get('/');
      clock.advance(11);
      await jest.advanceTimersByTimeAsync(59_999);
      expect(await http.cache.count()).toBe(1);
      await jest.advanceTimersByTimeAsync(1);
      expect(await http.cache.count()).toBe(0);
      expect(jest.getTimerCount()).toBe(1);
      await http.cache.close();
      expect(jest.getTimerCount()).toBe(0);
    } finally {
      jest.useRealTimers();
    }
  });
});
