/** Which answers end what is stored, and which leave it as it is: those that say nothing of the resource. */
import type { AxiosAdapter } from 'axios';
import { MemoryStorage, type StoredResponse } from '../../../lib/index.js';
import { having, numbered, startCached, told } from '../../support/cached-instance.js';
import { engineRig, gate, settled } from '../../support/exchange.js';
import { type Handler, inTurn, type Reply, type Route, withEtag } from '../../support/origin.js';
import { newPath, openStorage } from '../../support/sqlite.js';

const FRESH = { 'Cache-Control': 'max-age=3600' };
const anyStatus = { defaults: { validateStatus: null } };
/** They are about the request, its sender or the server, and not about the resource. */
const OF_THE_MOMENT = [
  400, 401, 402, 403, 405, 406, 407, 408, 409, 411, 412, 413, 414, 415, 416, 417, 418, 421, 422, 423, 424, 425, 426,
  428, 429, 431, 451, 500, 501, 502, 503, 504, 505, 507, 511,
];
const STORAGES = [
  ['memory', () => new MemoryStorage()],
  ['SQLite', () => openStorage(newPath())],
] as const;

describe.each(STORAGES)('in %s', (_name, create) => {
  test('no status of the moment ends a stored answer, however it is asked for and whatever it says of caches', async () => {
    const seen = new Set<string>();
    const route: Handler = ({ url }) => {
      if (!seen.has(url)) return (seen.add(url), { headers: { ...FRESH, ETag: '"1"' }, body: 'stored' });
      const [, status, cacheControl = ''] = url.split('/');
      return { status: Number(status), headers: { 'Cache-Control': decodeURIComponent(cacheControl) } };
    };
    const { http } = await startCached(route, { storage: create(), ...anyStatus });
    const ended: string[] = [];
    for (const status of OF_THE_MOMENT) {
      for (const cacheControl of ['public', 'no-store', 'private, max-age=0']) {
        const url = `/${status}/${cacheControl}`;
        await http.get(url);
        expect((await http.get(url, { cache: status % 2 === 0 ? 'reload' : 'no-cache' })).status).toBe(status);
        if (told(await http.get(url)) !== 'hit fresh') ended.push(url);
      }
    }
    expect(ended).toEqual([]);
  }, 30_000);

  test.each([404, 410])('a %i ends it', async (status) => {
    const { http } = await startCached(
      { '/': inTurn({ headers: FRESH, body: 'stored' }, { status }) },
      { storage: create(), ...anyStatus },
    );
    await http.get('/');
    await http.get('/', { cache: 'reload' });
    expect(await http.cache.has('/')).toBe(false);
  });
});

test.each([201, 203, 204])('a %i that is not stored ends it', async (status) => {
  const { http } = await startCached({ '/': inTurn({ headers: FRESH, body: 'stored' }, { status }) });
  await http.get('/');
  await http.get('/', { cache: 'reload' });
  expect(await http.cache.has('/')).toBe(false);
});

test.each<[string, Reply]>([
  ['a 404', { status: 404 }],
  ['an answer without a lifetime', { headers: { 'Cache-Control': 'max-age=0' }, body: 'newer' }],
  ['an answer that says no-store', { headers: { 'Cache-Control': 'no-store' }, body: 'newer' }],
])('%s ends also what was stored while it was under way', async (_what, newer) => {
  const older = { headers: FRESH, body: 'older' };
  const { http, origin } = await startCached({ '/': inTurn(older, newer, newer) }, anyStatus);
  const earlier = origin.hold('/');
  const first = http.get('/');
  await earlier.arrived();
  const later = origin.hold('/');
  const second = http.get('/', { cache: 'reload' });
  await later.arrived();
  earlier.release();
  await first;
  later.release();
  await second;
  expect((await http.get('/')).data).not.toBe('older');
});

test.each(['reload', 'default'] as const)(
  'an answer ends also what could not have answered, as another adapter gave it as text: by %s',
  async (mode) => {
    let version = 1;
    const adapter: AxiosAdapter = async (config) => {
      const text = `version ${version}`;
      const data = config.responseType === 'arraybuffer' ? Buffer.from(text) : text;
      const headers = { 'cache-control': version === 1 ? 'max-age=3600' : 'max-age=0' };
      return { status: 200, statusText: 'OK', headers, data, config };
    };
    const { http } = await startCached({}, { defaults: { adapter } });
    await http.get('/');
    version = 2;
    await http.get('/', { responseType: 'arraybuffer', cache: { mode } });
    expect((await http.get('/')).data).toBe('version 2');
  },
);

test('an answer ends its own variant although a later one has ended another meanwhile', async () => {
  let version = 1;
  const route: Handler = ({ headers }) => ({
    headers: { 'Cache-Control': version === 1 ? 'max-age=3600' : 'max-age=0', Vary: 'X-Language' },
    body: `${version} in ${String(headers['x-language'])}`,
  });
  const { http, origin } = await startCached(route);
  const german = having({ 'X-Language': 'de' });
  await http.get('/', german);
  version = 2;
  const gate = origin.hold('/');
  const first = http.get('/', { ...german, cache: 'reload' });
  await gate.arrived();
  const later = origin.hold('/');
  const second = http.get('/', { ...having({ 'X-Language': 'fr' }), cache: 'reload' });
  await later.arrived();
  later.release();
  await second;
  gate.release();
  expect((await first).data).toBe('2 in de');
  expect((await http.get('/', german)).data).toBe('2 in de');
});

test('an ETag outlives a 429: the next request is a renewal', async () => {
  const tagged = withEtag('"1"', { headers: { 'Cache-Control': 'no-cache' }, body: 'stored' });
  const { http, origin } = await startCached({ '/': inTurn(tagged, { status: 429 }, tagged) }, anyStatus);
  await http.get('/');
  expect((await http.get('/')).status).toBe(429);
  expect(told(await http.get('/'))).toBe('revalidated not-modified');
  expect(origin.requests.map(({ headers }) => headers['if-none-match'])).toEqual([undefined, '"1"', '"1"']);
});

test('a renewal in the background that is refused leaves the entry', async () => {
  const windows = { 'Cache-Control': 'max-age=1, stale-while-revalidate=600', ETag: '"1"' };
  const { http, clock } = await startCached({ '/': inTurn({ headers: windows, body: 'stored' }, { status: 401 }) });
  await http.get('/');
  clock.advance(2);
  for (let time = 0; time < 2; time += 1) {
    expect(told(await http.get('/'))).toBe('stale stale-while-revalidate');
    await http.cache.idle();
  }
});

test('nothing stale stands in for a 401 or a 403', async () => {
  for (const status of [401, 403]) {
    const { http, clock } = await startCached(
      { '/': inTurn({ headers: { 'Cache-Control': 'max-age=1', ETag: '"1"' } }, { status }) },
      { staleIfError: true, ...anyStatus },
    );
    await http.get('/');
    clock.advance(2);
    expect((await http.get('/')).status).toBe(status);
  }
});

test('a 429 that is streamed leaves the entry', async () => {
  const { http } = await startCached({ '/': inTurn({ headers: FRESH, body: 'stored' }, { status: 429 }) }, anyStatus);
  await http.get('/');
  const { data } = await http.get<NodeJS.ReadableStream>('/', { cache: 'reload', responseType: 'stream' });
  for await (const _chunk of data);
  await http.cache.idle();
  expect(told(await http.get('/'))).toBe('hit fresh');
});

test.each<[number, boolean]>([[405, true], [401, true], [503, true], [404, false], [410, false]])(
  'a HEAD that is answered %i: the stored GET stays: %s',
  async (status, stays) => {
    const { http } = await startCached({ 'GET /': { headers: FRESH, body: 'x' }, 'HEAD /': { status } }, anyStatus);
    await http.get('/');
    expect((await http.head('/', { cache: 'reload' })).status).toBe(status);
    expect(await http.cache.has('/')).toBe(stays);
  },
);

test.each<[string, Reply, string]>([
  ['ends', { headers: { ...FRESH, ETag: '"2"' } }, 'miss uri-miss'],
  ['renews', { headers: { ...FRESH, ETag: '"1"' } }, 'hit fresh'],
  ['as it is gone, ends', { status: 404 }, 'miss uri-miss'],
])('a HEAD %s what a GET has stored while it was under way', async (_what, newer, then) => {
  const older = { headers: { 'Cache-Control': 'max-age=60', ETag: '"1"' }, body: 'x' };
  const { http, origin, clock } = await startCached({ 'GET /': older, 'HEAD /': newer }, anyStatus);
  const ofGet = origin.hold('/');
  const getting = http.get('/');
  await ofGet.arrived();
  const ofHead = origin.hold('/');
  const heading = http.head('/');
  await ofHead.arrived();
  ofGet.release();
  await getting;
  clock.advance(50);
  ofHead.release();
  await heading;
  clock.advance(20);
  expect(told(await http.get('/'))).toBe(then);
});

describe('variants', () => {
  const byLanguage: Handler = ({ headers }) => ({
    headers: { ...FRESH, Vary: 'Accept-Language' },
    body: `in ${headers['accept-language']}`,
  });
  const speaking = (language: string) => having({ 'Accept-Language': language });

  test.each<[string, Route]>([['a 429', { status: 429 }], ['a 404', { status: 404 }]])(
    '%s to one language leaves the others',
    async (_name, failure) => {
      const { http } = await startCached({ '/': inTurn(byLanguage, byLanguage, failure) }, anyStatus);
      await http.get('/', speaking('de'));
      await http.get('/', speaking('fr'));
      await http.get('/', { ...speaking('de'), cache: 'reload' });
      expect(told(await http.get('/', speaking('fr')))).toBe('hit fresh');
    },
  );

  test('a filter that refuses the newer answer to one of them leaves both', async () => {
    const newer: Route = { headers: { ...FRESH, Vary: 'Accept-Language' }, body: 'newer' };
    const filter = (response: StoredResponse): boolean => response.text() !== 'newer';
    const { http } = await startCached({ '/': inTurn(byLanguage, byLanguage, newer) }, { filter });
    await http.get('/', speaking('de'));
    await http.get('/', speaking('fr'));
    const refused = await http.get('/', { ...speaking('de'), cache: 'reload' });
    expect(refused.cache.notStored).toBe('filtered');
    for (const language of ['de', 'fr']) expect(told(await http.get('/', speaking(language)))).toBe('hit fresh');
  });
});

test.each([[undefined], [['mine', 1]]])('tags that are none, %j: the answer is not stored, and what is stored stays', async (given) => {
  const { http } = await startCached({ '/': numbered({ headers: FRESH }) });
  await http.get('/');
  const { cache } = await http.get('/', { cache: { mode: 'reload', tags: () => given as unknown as string[] } });
  expect(cache.notStored).toBe('filtered');
  expect((await http.get('/')).data).toBe('answer 1');
});

test('a request with no-store neither reads nor ends what is stored', async () => {
  const { http } = await startCached({ '/': numbered({ headers: FRESH }) });
  await http.get('/');
  expect((await http.get('/', having({ 'Cache-Control': 'no-store' }))).data).toBe('answer 2');
  expect((await http.get('/')).data).toBe('answer 1');
});

test('an answer that was asked for before the resource was gone is not stored', async () => {
  let answer: (reply: Reply) => void = () => undefined;
  const slow: Handler = () => new Promise((resolve) => { answer = resolve; });
  const { http, origin } = await startCached({ '/': inTurn(slow, { status: 404 }) }, anyStatus);
  const early = http.get('/', { cache: 'reload' });
  while (origin.count() === 0) await new Promise((resolve) => void setImmediate(resolve));
  await http.get('/', { cache: 'reload' });
  answer({ headers: FRESH, body: 'former' });
  expect((await early).cache.notStored).toBe('invalidated');
  expect(await http.cache.has('/')).toBe(false);
});

test('an answer that ends what is stored leaves what was asked for after it, and stored before', async () => {
  const rig = engineRig();
  const held = gate();
  const early = rig.engine.handle(rig.exchange({
    cache: 'reload',
    origin: () => held.passed.then(() => ({ text: 'early', headers: { 'cache-control': 'no-store' } })),
  }));
  await settled();
  const origin = () => ({ text: 'late', headers: { 'cache-control': 'max-age=60' } });
  await rig.engine.handle(rig.exchange({ cache: 'reload', origin }));
  held.open();
  expect((await early).notStored).toBe('no-store');
  expect((await rig.engine.handle(rig.exchange({ origin }))).status).toBe('hit');
});
