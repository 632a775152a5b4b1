/** What a 304 or an answer to HEAD may say of a stored answer, and what comes of clocks that were ahead. */
import { MemoryStorage, rfc9111 } from '../../../lib/index.js';
import { asking, having, startCached, told } from '../../support/cached-instance.js';
import type { Handler, Reply } from '../../support/origin.js';
import { newPath, openStorage } from '../../support/sqlite.js';

const ALWAYS = { 'Cache-Control': 'no-cache' };
const YEARS = 9 * 365 * 86_400;

describe('a 304 may add to Vary, and takes nothing away', () => {
  const start = (renewal: string) => {
    const route: Handler = ({ headers, method }) => {
      const region = headers['x-region'];
      const fields = { 'Cache-Control': 'max-age=60', ETag: '"1"' };
      if (method === 'GET' && headers['if-none-match'] !== undefined && region === 'de')
        return { status: 304, headers: { ...fields, Vary: renewal } };
      return { headers: { ...fields, Vary: method === 'HEAD' ? renewal : 'Origin, X-Region' }, body: `for ${String(region)}` };
    };
    return startCached({ '/': route });
  };
  const of = (region: string) => having({ 'X-Region': region });

  test.each(['Origin', '', 'Accept', 'X-REGION'])('Vary: %s', async (renewal) => {
    const { http, clock } = await start(renewal);
    await http.get('/', of('de'));
    clock.advance(61);
    expect(told(await http.get('/', of('de')))).toBe('revalidated not-modified');
    expect((await http.get('/', of('fr'))).data).toBe('for fr');
    expect((await http.get('/', of('de'))).data).toBe('for de');
  });

  test('nor does the answer to a HEAD', async () => {
    const { http, clock } = await start('Origin');
    await http.get('/', of('de'));
    clock.advance(61);
    await http.head('/', { ...of('de'), cache: 'no-cache' });
    expect((await http.get('/', of('fr'))).data).toBe('for fr');
  });

  test('Vary: * is heeded', async () => {
    const { http, clock } = await start('*');
    await http.get('/', of('de'));
    clock.advance(61);
    await http.get('/', of('de'));
    expect(told(await http.get('/', of('de')))).toBe('revalidated not-modified');
  });
});

test.each(['Accept-Language; X-Region', 'Accept-Language X-Region', '"Accept-Language", "X-Region"'])(
  'Vary: %s names both fields, however it is written',
  async (vary) => {
    const { http } = await startCached(({ headers }) => ({
      headers: { 'Cache-Control': 'max-age=60', Vary: vary },
      body: `for ${String(headers['x-region'])}`,
    }));
    for (const region of ['de', 'fr', 'de']) {
      expect((await http.get('/', having({ 'X-Region': region }))).data).toBe(`for ${region}`);
    }
  },
);

describe('validators', () => {
  const start = (tag: string, tagOf304: string) => {
    let count = 0;
    return startCached(({ headers, method }): Reply => {
      count += 1;
      const isKnown = headers['if-none-match'] === tag;
      if (isKnown && method === 'GET') return { status: 304, headers: { ...ALWAYS, ETag: tagOf304 } };
      return { headers: { ...ALWAYS, ETag: method === 'HEAD' ? tagOf304 : tag }, body: `body ${count}` };
    });
  };

  test.each([
    ['"1--gzip"', '"1"'],
    ['"1"', '"1--gzip"'],
    ['"1-gzip"', '"1"'],
    ['"1-gzip"', '"1-br"'],
    ['"1;gzip"', '"1"'],
    ['W/"1-df"', '"1"'],
    ['"1"', 'W/"1"'],
    ['1-br', '1'],
  ])('%s and %s differ by a coding: one request a call, the same body', async (tag, tagOf304) => {
    const { http, origin } = await start(tag, tagOf304);
    for (let call = 0; call < 5; call += 1) expect((await http.get('/')).data).toBe('body 1');
    expect(origin.count()).toBe(5);
    await http.head('/', { cache: 'no-cache' });
    expect(await http.cache.has('/')).toBe(true);
  });

  test.each([['"1"', '"2"'], ['"1-a"', '"1-b"'], ['"a-gzip"', '"b-gzip"'], ['"gzip"', '"br"']])(
    '%s and %s are two: after the first time one request a call, the newest body',
    async (tag, tagOf304) => {
      const { http, origin } = await start(tag, tagOf304);
      for (let call = 0; call < 6; call += 1) {
        const { data } = await http.get<string>('/');
        expect(data).toBe(`body ${origin.count()}`);
      }
      expect(origin.count()).toBe(7);
      expect(origin.requests.filter(({ headers }) => headers['if-none-match'] !== undefined)).toHaveLength(1);
    },
  );

  test('other entries of the origin still have their conditions', async () => {
    const { http, origin } = await start('"1"', '"2"');
    for (const path of ['/', '/', '/other', '/other']) await http.get(path);
    expect(origin.requests.at(-2)?.headers['if-none-match']).toBe('"1"');
  });
});

describe.each([
  ['memory', () => new MemoryStorage()],
  ['SQLite', () => openStorage(newPath())],
] as const)('what was stored while the clock was ahead, in %s', (_name, create) => {
  test.each([
    ['by the server', { headers: { 'Cache-Control': 'max-age=60' } }, {}],
    ['by the session', {}, { expireAfter: '5m' as const }],
    ['for ever', {}, {}],
  ])('with a lifetime %s: it is asked for again, and then fresh', async (_whose, reply, options) => {
    const { http, clock, origin } = await startCached({ '/': reply }, { storage: create(), ...options });
    clock.advance(YEARS);
    await http.get('/');
    clock.advance(-YEARS);
    expect(told(await http.get('/'))).toBe('miss expired');
    expect(told(await http.get('/'))).toBe('hit fresh');
    expect(origin.count()).toBe(2);
  });

  test('its validator is used, and whoever takes anything gets it', async () => {
    const { http, clock, origin } = await startCached(
      ({ headers }) =>
        headers['if-none-match'] === undefined
          ? { headers: { ETag: '"1"', 'Cache-Control': 'max-age=60, stale-while-revalidate=60' }, body: 'x' }
          : { status: 304 },
      { storage: create() },
    );
    clock.advance(YEARS);
    await http.get('/');
    clock.advance(-YEARS);
    const offline = await http.get('/', { cache: 'only-if-cached' });
    expect(told(offline)).toBe('stale only-if-cached');
    expect([offline.cache.ttl, offline.cache.age]).toEqual([-1, 0]);
    expect(told(await http.get('/', asking('max-stale')))).toBe('stale max-stale');
    expect((await http.get('/', { ...asking('only-if-cached, max-stale=60'), validateStatus: null })).status).toBe(504);
    expect(told(await http.get('/'))).toBe('revalidated not-modified');
    expect(origin.count()).toBe(2);
  });

  test('of several answers that match, another one is given', async () => {
    const route = { headers: { 'Cache-Control': 'max-age=60', Vary: 'X-Flavour' } };
    const { http, clock, origin } = await startCached({ '/': route }, { storage: create() });
    clock.advance(YEARS);
    await http.get('/', { headers: { 'X-Flavour': 'ahead' } });
    clock.advance(-YEARS);
    await http.get('/', { headers: { 'X-Flavour': 'now' } });
    const { cache } = await http.get('/', { cache: { ignoreVary: true } });
    expect([cache.status, cache.ttl]).toEqual(['hit', 60]);
    expect(origin.count()).toBe(2);
  });

  test('a step of a few seconds is none', async () => {
    const route = { headers: { 'Cache-Control': 'max-age=60' } };
    const { http, clock } = await startCached({ '/': route }, { storage: create() });
    await http.get('/');
    clock.advance(-4);
    expect(told(await http.get('/'))).toBe('hit fresh');
  });
});

test('deleteExpired() takes what was stored while the clock was ahead', async () => {
  const { http, clock } = await startCached({ '/': {}, '/now': {} });
  clock.advance(YEARS);
  await http.get('/');
  clock.advance(-YEARS);
  await http.get('/now');
  expect([await http.cache.deleteExpired(), await http.cache.count()]).toEqual([1, 1]);
});

test('a lifetime that is guessed is a week at most', async () => {
  const route = { headers: { 'Last-Modified': 'Thu, 01 Jan 1970 00:00:01 GMT' } };
  const { http } = await startCached({ '/': route }, rfc9111);
  expect((await http.get('/')).cache.ttl).toBe(604_800);
});

test.each([
  'private; no-store; max-age=0', 'no-cache no-store', 'max-age=60 no-store', '{no-store}', 'max-age: 0', '"no-store"',
])(
  'an answer with Cache-Control: %s is not stored',
  async (cacheControl) => {
    const { http } = await startCached({ '/': { headers: { 'Cache-Control': cacheControl } } });
    expect((await http.get('/')).cache.stored).toBe(false);
  },
);

test('an answer whose Cache-Control cannot be read is asked for each time', async () => {
  const { http } = await startCached({ '/': { headers: { 'Cache-Control': 'max-age 3600', ETag: '"1"' } } });
  await http.get('/');
  expect(told(await http.get('/'))).toBe('miss expired');
});

const odd = ['no-cache; foo', 'no-store max-age=0', 'max-age=0;'];
test.each(odd)('a request with Cache-Control: %s asks the origin', async (value) => {
  const { http, origin } = await startCached({ '/': { headers: { 'Cache-Control': 'max-age=60' } } });
  await http.get('/');
  await http.get('/', asking(value));
  expect(origin.count()).toBe(2);
});
