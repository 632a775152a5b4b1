/** Options that decide what becomes of an origin's answer, over real HTTP, in memory and in SQLite files. */
import axios, { AxiosError, AxiosHeaders, type AxiosAdapter } from 'axios';
import {
  type CacheRequestOptions, type CacheSetting, type CacheStorage, setupCache, type StoredResponse,
} from '../../lib/index.js';
import { SqliteStorage } from '../../lib/sqlite.js';
import { asking, having, type InstanceOptions, numbered, startCached, told } from '../support/cached-instance.js';
import { disconnect, type Handler, inTurn, withEtag } from '../support/origin.js';
import { newPath } from '../support/sqlite.js';

const STORAGES: readonly (readonly [string, () => { storage?: CacheStorage }])[] = [
  ['in memory', () => ({})],
  ['in SQLite', () => ({ storage: new SqliteStorage(newPath()) })],
];
const HOUR = 3600;

test('a function as expireAfter is asked once about a new answer, and once about that as it is kept in memory', async () => {
  const expireAfter = jest.fn(() => '1h' as const);
  const { http } = await startCached({ '/': numbered() }, { expireAfter });
  await http.get('/');
  for (let hits = 0; hits < 3; hits += 1) expect(told(await http.get('/'))).toBe('hit fresh');
  expect(expireAfter).toHaveBeenCalledTimes(2);
});

describe.each(STORAGES)('%s', (_where, stored) => {
  const start = (routes: Parameters<typeof startCached>[0], options: InstanceOptions = {}) =>
    startCached(routes, { ...stored(), ...options });

  describe('expireAfter as a function of the answer', () => {
    const byStatus = ({ status }: StoredResponse): '1m' | '1h' => (status === 404 ? '1m' : '1h');

    test('a 404 is kept for a shorter time than a 200', async () => {
      const { http, clock } = await start(
        { '/there': numbered() },
        { allowedCodes: [200, 404], expireAfter: byStatus, defaults: { validateStatus: null } },
      );
      for (const path of ['/there', '/gone']) await http.get(path);
      clock.advance(61);
      expect([told(await http.get('/there')), told(await http.get('/gone'))]).toEqual(['hit fresh', 'miss expired']);
    });

    test('the body says it, and the response shows how long and by whom', async () => {
      const { http, clock } = await start(
        { '/token': { body: { expires_in: 90 } } },
        { urlsExpireAfter: { '/token': { expireAfter: (it) => it.json<{ expires_in: number }>().expires_in } } },
      );
      const { cache } = await http.get('/token');
      expect([cache.ttl, cache.expirySource, cache.stored]).toEqual([90, 'url', true]);
      clock.advance(89);
      expect(told(await http.get('/token'))).toBe('hit fresh');
      clock.advance(2);
      expect(told(await http.get('/token'))).toBe('miss expired');
    });

    test("the server's word comes first", async () => {
      const ask = jest.fn(() => '1h' as const);
      const { http } = await start(() => ({ headers: { 'Cache-Control': 'max-age=5' } }), { expireAfter: ask });
      expect((await http.get('/')).cache).toMatchObject({ ttl: 5, expirySource: 'response' });
    });

    test('false is not stored, whatever the server says, and drops what was stored', async () => {
      const { http, clock } = await start(numbered({ headers: { 'Cache-Control': 'max-age=5' } }), {
        expireAfter: ({ headers }) => (headers['x-number'] === '2' ? false : '1h'),
        filter: undefined,
      });
      const off = { cache: { expireAfter: () => false as const } };
      expect((await http.get('/')).cache.stored).toBe(true);
      clock.advance(6);
      const second = await http.get('/', off);
      expect([second.cache.stored, second.cache.notStored]).toEqual([false, 'zero-lifetime']);
      expect(await http.cache.count()).toBe(0);
    });

    test('it is asked about a renewed answer again, with its body and its new headers', async () => {
      const asked: StoredResponse[] = [];
      const { http, clock, origin } = await start(withEtag('"1"', { body: { seconds: 30 } }), {
        expireAfter: (response) => {
          asked.push(response);
          return response.json<{ seconds: number }>().seconds;
        },
      });
      await http.get('/');
      clock.advance(31);
      expect(told(await http.get('/'))).toBe('revalidated not-modified');
      clock.advance(29);
      expect(told(await http.get('/'))).toBe('hit fresh');
      clock.advance(2);
      expect(told(await http.get('/'))).toBe('revalidated not-modified');
      expect(origin.count()).toBe(3);
      // It is asked about the stored answer too, which is used no longer than it says.
      expect(new Set(asked.map(({ status, headers }) => `${status} ${String(headers['etag'])}`))).toEqual(
        new Set(['200 "1"']),
      );
    });

    test.each<[string, () => number | false, string]>([
      ['less than its age', () => 30, 'miss expired'],
      ['more than its age', () => 90, 'hit fresh'],
      ['false', () => false, 'miss expired'],
    ])('a stored answer is used no longer than that of a later request says: %s', async (_says, expireAfter, expected) => {
      const { http, clock } = await start({ '/': numbered() });
      await http.get('/', { cache: { expireAfter: '1h' } });
      clock.advance(60);
      expect(told(await http.get('/', { cache: { expireAfter } }))).toBe(expected);
    });

    test('it is not asked about redirects', async () => {
      const statuses: number[] = [];
      const { http } = await start(
        { '/old': { status: 301, headers: { Location: '/new' } }, '/new': numbered() },
        { expireAfter: ({ status }) => { statuses.push(status); return '1h'; } },
      );
      await http.get('/old');
      expect(told(await http.get('/old'))).toBe('hit fresh');
      expect(new Set(statuses)).toEqual(new Set([200]));
    });

    test('a renewal for which it gives false is not kept either', async () => {
      let lifetime: 30 | false = 30;
      const { http, clock } = await start(withEtag('"1"'), { expireAfter: () => lifetime });
      await http.get('/');
      clock.advance(31);
      lifetime = false;
      expect(told(await http.get('/'))).toBe('revalidated not-modified');
      expect(await http.cache.count()).toBe(0);
    });

    test('one that throws does not fail the request', async () => {
      const { http, origin } = await start(numbered(), {
        expireAfter: () => {
          throw new Error('broken');
        },
      });
      expect((await http.get('/')).cache.stored).toBe(false);
      expect((await http.get('/')).status).toBe(200);
      expect(origin.count()).toBe(2);
    });

    test('a HEAD renews by it', async () => {
      const { http, clock } = await start(withEtag('"1"', { headers: { 'X-For': '30' } }), {
        expireAfter: ({ headers }) => Number(headers['x-for']),
      });
      await http.get('/');
      clock.advance(29);
      await http.head('/', { cache: 'reload' });
      clock.advance(29);
      expect(told(await http.get('/'))).toBe('hit fresh');
    });

    test('callers who share an answer share it by that lifetime, or each ask alone', async () => {
      for (const [lifetime, count] of [['1h', 1], [false, 3]] as const) {
        const { http, origin } = await start(numbered(), { expireAfter: () => lifetime });
        const gate = origin.hold('/');
        const asking3 = Promise.all([http.get('/'), http.get('/'), http.get('/')]);
        await gate.arrived();
        gate.release();
        await asking3;
        expect(origin.count()).toBe(count);
      }
    });
  });

  describe('maxLifetime', () => {
    const aged: Handler = () => ({ headers: { 'Cache-Control': 'max-age=86400', Age: '7200' } });

    test.each<readonly [string, Handler, InstanceOptions, CacheSetting | undefined]>([
      ["the server's", () => ({ headers: { 'Cache-Control': 'max-age=86400' } }), {}, undefined],
      ['of what a cache on the way has had for longer', aged, {}, undefined],
      ['the default', () => ({}), {}, undefined],
      ["the session's", () => ({}), { expireAfter: '1w' }, undefined],
      ["a pattern's", () => ({}), { urlsExpireAfter: { '/': '1w' } }, undefined],
      ["the request's", () => ({}), {}, '1w'],
      ["a date's", () => ({}), {}, new Date('2031-01-01')],
      ['a guessed one', () => ({ headers: { 'Last-Modified': 'Tue, 01 Jan 2019 00:00:00 GMT' } }), {}, 'heuristic'],
      ["a function's", () => ({}), { expireAfter: () => '1w' }, undefined],
    ])('caps %s', async (_name, handler, options, cache) => {
      const { http, clock } = await start(handler, { ...options, maxLifetime: '1h' });
      const first = await http.get('/', { cache });
      expect([first.cache.stored, first.cache.ttl]).toEqual([true, HOUR]);
      clock.advance(HOUR - 1);
      expect(told(await http.get('/'))).toBe('hit fresh');
      clock.advance(2);
      expect(told(await http.get('/'))).not.toBe('hit fresh');
    });

    test('a shorter lifetime stays, and so does who gave it', async () => {
      const { http } = await start(() => ({ headers: { 'Cache-Control': 'max-age=60' } }), { maxLifetime: '1h' });
      expect((await http.get('/')).cache).toMatchObject({ ttl: 60, expirySource: 'response' });
    });

    test('it bounds what was stored before it was set, and what this request takes', async () => {
      const { http, clock } = await start(numbered());
      await http.get('/');
      clock.advance(HOUR);
      expect(told(await http.get('/'))).toBe('hit fresh');
      expect(told(await http.get('/', { cache: { maxLifetime: '1h' } }))).toBe('miss expired');
      expect(told(await http.get('/', { cache: { maxLifetime: Infinity } }))).toBe('hit fresh');
    });
  });

  describe('ignoreVary', () => {
    const varied: Handler = ({ headers }) => ({
      headers: { Vary: 'User-Agent, Accept-Language', 'Content-Type': 'text/plain' },
      body: `${String(headers['user-agent'])} ${String(headers['accept-language'])}`,
    });
    const as = (agent: string, language = 'de') => having({ 'User-Agent': agent, 'Accept-Language': language });

    test('fields that are listed tell no answers apart; others do', async () => {
      const { http, origin } = await start(varied, { ignoreVary: ['user-agent'], includeHeaders: [] });
      await http.get('/', as('a'));
      expect(told(await http.get('/', as('b')))).toBe('hit fresh');
      expect((await http.get<string>('/', as('b', 'fr'))).data).toBe('b fr');
      expect((await http.get<string>('/', as('c', 'fr'))).data).toBe('b fr');
      expect([origin.count(), await http.cache.count()]).toEqual([2, 2]);
    });

    test.each(['GET', 'HEAD'])('who renews an answer by %s and ignores the field gives it to no others', async (method) => {
      const { http, clock } = await start(({ headers }) => ({
        status: headers['if-none-match'] === undefined ? 200 : 304,
        headers: { Vary: 'X-Region', ETag: '"1"', 'Cache-Control': 'max-age=60' },
        body: headers['if-none-match'] === undefined ? `for ${String(headers['x-region'])}` : undefined,
      }));
      const region = (name: string) => having({ 'X-Region': name });
      await http.get('/', region('de'));
      clock.advance(120);
      await http.request({ url: '/', method, ...region('fr'), cache: { ignoreVary: ['X-Region'] } });
      expect((await http.get<string>('/', region('fr'))).data).toBe('for fr');
      expect(await http.get<string>('/', region('de'))).toMatchObject({ cached: true, data: 'for de' });
    });

    test('a newer answer takes the place of the one that differs by these fields alone', async () => {
      const { http } = await start(varied, { ignoreVary: true, includeHeaders: [] });
      for (const agent of ['a', 'b', 'c']) await http.get('/', { ...as(agent), cache: 'reload' });
      expect([await http.cache.count(), (await http.get<string>('/', as('x'))).data]).toEqual([1, 'c de']);
    });

    test('callers at the same time share one request', async () => {
      const { http, origin } = await start(varied, { ignoreVary: ['User-Agent'], includeHeaders: [] });
      const gate = origin.hold('/');
      const all = Promise.all(['a', 'b', 'c'].map((agent) => http.get('/', as(agent))));
      await gate.arrived();
      gate.release();
      await all;
      expect(origin.count()).toBe(1);
    });

    test('true is for Vary: * too', async () => {
      const star = (): { headers: Record<string, string> } => ({ headers: { Vary: '*' } });
      const { http } = await start(star, { ignoreVary: true });
      expect((await http.get('/')).cache.stored).toBe(true);
      expect(told(await http.get('/'))).toBe('hit fresh');
      expect((await http.get('/', { cache: { ignoreVary: [] } })).cache.status).not.toBe('hit');
    });

    test('without it the same entries are told apart again', async () => {
      const { http } = await start(varied, { includeHeaders: [] });
      await http.get('/', { ...as('a'), cache: { ignoreVary: true } });
      expect(told(await http.get('/', { ...as('b'), cache: { ignoreVary: true } }))).toBe('hit fresh');
      expect(told(await http.get('/', as('b')))).toBe('miss vary-miss');
    });
  });

  describe('staleIfErrorCodes', () => {
    const failing = (status: number): Handler => inTurn({ body: 'good' }, { status });
    const options = { expireAfter: 60, staleIfError: true } as const;

    test.each<readonly [string, number, readonly number[] | undefined, string]>([
      ['503 as it is', 503, undefined, 'stale stale-if-error'],
      ['429 is none as it is', 429, undefined, 'error 429'],
      ['429 that is listed', 429, [429, 503], 'stale stale-if-error'],
      ['403 of a limit, listed', 403, [403], 'stale stale-if-error'],
      ['500 that is not listed', 500, [503], 'error 500'],
      ['none', 503, [], 'error 503'],
    ])('%s', async (_name, status, staleIfErrorCodes, expected) => {
      const { http, clock } = await start({ '/': failing(status) }, { ...options, staleIfErrorCodes });
      await http.get('/');
      clock.advance(61);
      const outcome = await http.get('/').then(told, (error: AxiosError) => `error ${error.response?.status}`);
      expect(outcome).toBe(expected);
    });

    test('an empty list leaves an origin that cannot be reached', async () => {
      const routes = { '/': inTurn({ body: 'good' }, disconnect) };
      const { http, clock } = await start(routes, { ...options, staleIfErrorCodes: [] });
      await http.get('/');
      clock.advance(61);
      expect(told(await http.get('/'))).toBe('stale stale-if-error');
    });

    test("the server's own window takes them too, and a request's list wins", async () => {
      const { http, clock } = await start({
        '/': inTurn({ headers: { 'Cache-Control': 'max-age=60, stale-if-error=600' } }, { status: 429 }),
      });
      await http.get('/');
      clock.advance(61);
      expect(told(await http.get('/', { cache: { staleIfErrorCodes: [429] } }))).toBe('stale stale-if-error');
    });

    test('an adapter that rejects by status itself', async () => {
      let status = 200;
      const adapter: AxiosAdapter = (config) => {
        const response = { status, statusText: '', headers: new AxiosHeaders(), config, data: 'x' };
        return status === 200
          ? Promise.resolve(response)
          : Promise.reject(new AxiosError('no', 'ERR_BAD_REQUEST', config, undefined, response));
      };
      const { http, clock } = await start({}, { ...options, staleIfErrorCodes: [429], defaults: { adapter } });
      await http.get('/');
      clock.advance(61);
      status = 429;
      expect(told(await http.get('/'))).toBe('stale stale-if-error');
    });
  });

  describe('readOnly', () => {
    /** Stores `/a` for a minute and gives an instance that only reads the same storage. */
    async function readers(routes: Parameters<typeof startCached>[0]) {
      const { storage = undefined } = stored();
      const started = await startCached(routes, { expireAfter: 60, ...(storage && { storage }) });
      await started.http.get('/a');
      return { ...started, asking: (setting: CacheRequestOptions = {}) => ({ cache: { readOnly: true, ...setting } }) };
    }

    test('what is stored is used, and nothing else is stored', async () => {
      const { http, asking: asked } = await readers(numbered());
      expect(told(await http.get('/a', asked()))).toBe('hit fresh');
      const other = await http.get('/b', asked());
      expect([told(other), other.cache.stored, other.cache.notStored]).toEqual(['miss uri-miss', false, 'read-only']);
      expect(await http.cache.count()).toBe(1);
    });

    test('for a whole session, of which other sessions see nothing', async () => {
      const { storage } = stored();
      const { http, origin } = await startCached(numbered(), { readOnly: true, ...(storage && { storage }) });
      expect([told(await http.get('/')), told(await http.get('/'))]).toEqual(['miss uri-miss', 'miss uri-miss']);
      expect([origin.count(), await http.cache.count()]).toEqual([2, 0]);
    });

    test.each<readonly [string, Handler, CacheRequestOptions]>([
      ['a renewal', withEtag('"1"'), {}],
      ['a newer answer', numbered(), {}],
      ['no-store', inTurn({}, { headers: { 'Cache-Control': 'no-store' } }), {}],
      ['a 404', inTurn({}, { status: 404 }), {}],
      ['a filter', numbered(), { filter: () => false }],
      ['groups that end', inTurn({}, { headers: { 'Cache-Group-Invalidation': '"a"' } }), {}],
    ])('%s leaves the entry as it is', async (_name, handler, setting) => {
      const { http, clock, asking: asked } = await readers({ '/a': handler });
      const before = await http.cache.get('/a');
      clock.advance(61);
      await http.get('/a', { ...asked(setting), validateStatus: null });
      const after = await http.cache.get('/a');
      expect(after?.createdAt).toEqual(before?.createdAt);
      expect(await http.cache.count()).toBe(1);
    });

    test('a change and what it invalidates leave the entries', async () => {
      const { http, asking: asked } = await readers(numbered());
      await http.put('/a', {}, asked());
      await http.post('/x', {}, asked({ invalidates: '/a' }));
      for (const url of ['/x', '/a']) await http.post(url, {}, asked({ invalidates: '/a', expireAfter: '1m' }));
      expect(await http.cache.has('/a')).toBe(true);
      await http.put('/a', {});
      expect(await http.cache.has('/a')).toBe(false);
    });

    test('a stream is handed on', async () => {
      const { http, asking: asked } = await readers(numbered());
      const { data } = await http.get<AsyncIterable<Buffer>>('/s', { ...asked(), responseType: 'stream' });
      const chunks: Buffer[] = [];
      for await (const chunk of data) chunks.push(chunk);
      await http.cache.idle();
      expect([Buffer.concat(chunks).length > 0, await http.cache.has('/s')]).toEqual([true, false]);
    });

    test('a renewal in the background stores nothing', async () => {
      const { http, clock, origin, asking: asked } = await readers(numbered());
      clock.advance(61);
      const swr = asked({ staleWhileRevalidate: '1h' });
      expect(told(await http.get('/a', swr))).toBe('stale stale-while-revalidate');
      await http.cache.idle();
      expect(told(await http.get('/a', swr))).toBe('stale stale-while-revalidate');
      await http.cache.idle();
      expect(origin.count()).toBe(3);
    });

    test('the manager changes what it is told to', async () => {
      const { http } = await startCached(numbered(), { readOnly: true, ...stored() });
      await http.get('/a', { cache: { readOnly: false } });
      expect(told(await http.get('/a'))).toBe('hit fresh');
      expect(await http.cache.delete('/a')).toBe(1);
    });

    test('callers at the same time share one request', async () => {
      const { http, origin } = await startCached(numbered(), { readOnly: true, ...stored() });
      const gate = origin.hold('/');
      const all = Promise.all([http.get('/'), http.get('/')]);
      await gate.arrived();
      gate.release();
      const answers = await all;
      expect([origin.count(), answers.map(({ cached }) => cached).sort()]).toEqual([1, [false, true]]);
    });
  });

  describe('key as a function', () => {
    const key = ({ url }: { url?: string | undefined }): string | undefined => url?.replace(/;session=\w+/, '');

    test.each<readonly [string, InstanceOptions]>([
      ['for the session', { key }],
      ['for a URL pattern', { urlsExpireAfter: { '/users*': { key } } }],
    ])('%s: its text stands for method and URL', async (_name, options) => {
      const { http, origin } = await start(numbered(), options);
      await http.get('/users;session=a');
      expect(told(await http.get('/users;session=b'))).toBe('hit fresh');
      expect(told(await http.get('/users2'))).toBe('miss uri-miss');
      expect(origin.count()).toBe(2);
    });

    test('undefined leaves it to the cache, and so does what is no text or an error', async () => {
      for (const given of [undefined, '', 7, Promise.reject(new Error('late')), null, {}]) {
        const { http } = await start(numbered(), { key: () => given as string });
        await http.get('/a');
        expect([told(await http.get('/a')), told(await http.get('/b'))]).toEqual(['hit fresh', 'miss uri-miss']);
      }
      const broken = (): string => {
        throw new Error('broken');
      };
      const { http } = await start(numbered(), { key: broken });
      await http.get('/a');
      expect(told(await http.get('/a'))).toBe('hit fresh');
    });

    test('for a request, over that of the session', async () => {
      const { http } = await start(numbered(), { key: () => 'session' });
      await http.get('/a', { cache: { key: () => 'own' } });
      expect(told(await http.get('/b', { cache: { key: 'own' } }))).toBe('hit fresh');
      expect(told(await http.get('/b'))).toBe('miss uri-miss');
    });

    test('users and Vary still count', async () => {
      const { http } = await start(() => ({ headers: { Vary: 'X-Lang' } }), { key: () => 'one' });
      const as = (token: string, lang: string) => having({ Authorization: token, 'X-Lang': lang });
      await http.get('/a', as('ada', 'de'));
      expect(told(await http.get('/b', as('ada', 'de')))).toBe('hit fresh');
      expect(told(await http.get('/b', as('ada', 'fr')))).toBe('miss vary-miss');
      expect(told(await http.get('/b', as('bob', 'de')))).toBe('miss uri-miss');
    });

    test('the body is the business of the function, and a change still ends the URL', async () => {
      const { http } = await start(numbered(), { key: ({ data }) => data && JSON.parse(data as string).query });
      const post = (id: number) => http.post('/graphql', { query: '{ me }', id }, { cache: '10m' });
      await post(1);
      expect(told(await post(2))).toBe('hit fresh');
      expect(await http.cache.delete('/graphql')).toBe(1);
      expect(told(await post(2))).toBe('miss uri-miss');
    });
  });

  describe('names in ignoredParams that reach into JSON bodies', () => {
    const post = { allowedMethods: ['GET', 'POST'] } as const;

    test.each<readonly [string, unknown, unknown, boolean]>([
      ['another value of what is named', { q: 1, meta: { requestId: 'a' } }, { q: 1, meta: { requestId: 'b' } }, true],
      ['another value beside it', { meta: { requestId: 'a', x: 1 } }, { meta: { requestId: 'a', x: 2 } }, false],
      ['the same name elsewhere', { requestId: 'a' }, { requestId: 'b' }, false],
      ['the same name deeper', { a: { meta: { requestId: 1 } } }, { a: { meta: { requestId: 2 } } }, false],
      ['whether it is there', { meta: { requestId: 'a' } }, { meta: {} }, false],
      ['deeper', { a: { b: { c: 1 } } }, { a: { b: { c: 2 } } }, true],
      ['a name with a dot', { 'meta.requestId': 1 }, { 'meta.requestId': 2 }, true],
      ['in a list', { meta: [{ requestId: 1 }] }, { meta: [{ requestId: 2 }] }, false],
      ['a value in its place', { meta: 1 }, { meta: 2 }, false],
    ])('%s', async (_name, one, other, isSame) => {
      const { http } = await start(numbered(), { ...post, ignoredParams: ['meta.requestId', 'a.b.c'] });
      await http.post('/search', one);
      expect((await http.post('/search', other)).cached).toBe(isSame);
    });
  });
});

test('a URL pattern for any host holds where an adapter in place of the network has no host', async () => {
  const adapter: AxiosAdapter = (config) =>
    Promise.resolve({ data: 'x', status: 200, statusText: 'OK', headers: {}, config, request: {} });
  const http = setupCache(axios.create({ adapter }), { urlsExpireAfter: { '/users/**': 60, '**': false } });
  for (const url of ['/users/1', 'users/1', '/posts/1']) await http.get(url);
  const told = await Promise.all(['/users/1', 'users/1', '/posts/1'].map(async (url) => (await http.get(url)).cached));
  expect(told).toEqual([true, true, false]);
  await http.put('/users/1', 'x', { cache: { invalidates: { pattern: '/users/**' } } });
  expect((await http.get('users/1')).cached).toBe(false);
});

test('a URL pattern covers what is below it, at the border of a segment', async () => {
  const { http, origin } = await startCached(numbered(), {
    urlsExpireAfter: { '127.0.0.1/live': false, '/users': { tags: ['people'] } },
  });
  for (const path of ['/live/rates', '/live?x=1', '/live/', '/lively', '/users/1']) {
    for (let times = 0; times < 2; times += 1) await http.get(path);
  }
  const counts = ['/live/rates', '/live', '/live/', '/lively', '/users/1'].map((path) => origin.count(path));
  expect(counts).toEqual([2, 2, 2, 1, 1]);
  await http.post('/x', {}, { cache: { invalidates: { pattern: '/users' } } });
  expect(await http.cache.has('/users/1')).toBe(false);
  expect(told(await http.get('/lively', asking('max-age=60')))).toBe('hit fresh');
});
