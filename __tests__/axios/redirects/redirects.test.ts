/** Redirects on a real origin: which are followed again without asking, where the answers are stored, and for whom. */
import type { AxiosAdapter, AxiosError, AxiosRequestConfig, AxiosResponse } from 'axios';
import { SqliteStorage } from '../../../lib/storage/sqlite/sqlite.js';
import { type CacheOptions, type MaybePromise, MemoryStorage, rfc9111 } from '../../../lib/index.js';
import { busyAtRead } from '../../support/busy-storage.js';
import { asking, httpDate, numbered, startCached, told } from '../../support/cached-instance.js';
import { type Handler, inTurn, type Reply, withEtag } from '../../support/origin.js';

const to = (location: string, status = 301, cacheControl?: string): Reply => ({
  status,
  headers: { Location: location, ...(cacheControl === undefined ? {} : { 'Cache-Control': cacheControl }) },
});
const forAnHour: Reply = { headers: { 'Cache-Control': 'max-age=3600' } };

const statusOfFailure = (promise: Promise<unknown>): Promise<number | undefined> =>
  promise.then(
    () => { throw new Error('it was answered'); },
    (error: unknown) => (error as AxiosError).response?.status,
  );

describe('which redirects are followed again without asking', () => {
  const lastModified = httpDate(-1000);
  type Row = readonly [status: number, says: Record<string, string>, options: CacheOptions, isReused: boolean];
  const rows: Row[] = [
    ...[301, 308].flatMap((status): Row[] => [
      [status, {}, {}, true],
      [status, {}, { expireAfter: '1h' }, true],
      [status, {}, rfc9111, false],
      [status, { 'Last-Modified': lastModified }, rfc9111, true],
    ]),
    ...[302, 303, 307].flatMap((status): Row[] => [
      [status, {}, {}, false],
      [status, {}, { expireAfter: '1h' }, true],
      [status, {}, { urlsExpireAfter: { '**/from': '1h' } }, true],
      [status, { 'Last-Modified': lastModified }, rfc9111, false],
      [status, { 'Cache-Control': 'max-age=60' }, rfc9111, true],
      [status, { Expires: httpDate(60) }, {}, true],
    ]),
    ...[301, 302, 303, 307, 308].flatMap((status): Row[] => [
      [status, { 'Cache-Control': 'max-age=60' }, {}, true],
      [status, { 'Cache-Control': 'max-age=0' }, {}, false],
      [status, { 'Cache-Control': 'no-cache', ETag: '"hop"' }, {}, false],
      [status, { 'Cache-Control': 'no-store' }, { expireAfter: '1h' }, false],
      [status, { 'Cache-Control': 'no-store' }, { expireAfter: '1h', cacheControl: false }, true],
    ]),
  ];

  test.each(rows)('http: %d, %j, %j: %s', async (status, says, options, isReused) => {
    const { http, origin } = await startCached({
      '/from': { status, headers: { Location: '/to', ...says } },
      '/to': numbered(forAnHour),
    }, options);
    const first = await http.get('/from');
    expect([first.data, first.cache.notStored]).toEqual(['answer 1', isReused ? undefined : 'redirected']);
    const second = await http.get('/from');
    expect([second.cached, origin.count('/from')]).toEqual([isReused, isReused ? 1 : 2]);
    expect(second.data).toBe(isReused ? 'answer 1' : 'answer 2');
    expect(second.request.res.responseUrl).toBe(`${origin.url}/to`);
  });

  test.each([301, 302, 303, 307, 308])('fetch: %d is not seen, the answer belongs to the URL that was asked', async (status) => {
    const { http, origin } = await startCached({ '/from': to('/to', status, 'no-store'), '/to': numbered(forAnHour) });
    await http.get('/from', { adapter: 'fetch' });
    expect(told(await http.get('/from', { adapter: 'fetch' }))).toBe('hit fresh');
    expect(told(await http.get('/to', { adapter: 'fetch' }))).toBe('miss uri-miss');
    expect(origin.count('/from')).toBe(1);
  });

  test('fetch: what the http adapter stored of redirects is no way for it', async () => {
    const { http, origin } = await startCached({ '/from': to('/to'), '/to': numbered(forAnHour) });
    await http.get('/from');
    expect(told(await http.get('/from', { adapter: 'fetch' }))).toBe('miss uri-miss');
    expect(origin.count('/from')).toBe(2);
  });

  describe('an adapter that tells only the last URL', () => {
    const answering =
      (lastUrl: string, reply: Partial<AxiosResponse>): AxiosAdapter =>
      async (config) => ({
        data: 'answer',
        status: 200,
        statusText: '',
        headers: {},
        request: { responseURL: lastUrl },
        ...reply,
        config,
      });
    const elsewhere = answering('http://api.test/there', { headers: { 'Last-Modified': httpDate(-1000) } });

    test.each([[{}, 'hit fresh'], [rfc9111, 'miss uri-miss']])('%j', async (options, expected) => {
      const { http } = await startCached({}, options);
      await http.get('http://api.test/here', { adapter: elsewhere });
      expect(told(await http.get('http://api.test/here', { adapter: elsewhere }))).toBe(expected);
    });

    test('a key of the caller’s own says that they are one answer, whatever the lifetime is made of', async () => {
      const { http } = await startCached({}, rfc9111);
      const mine = { adapter: elsewhere, cache: { key: 'mine' } };
      await http.get('http://api.test/here', mine);
      expect(told(await http.get('http://api.test/here', mine))).toBe('hit fresh');
    });

    test('a 304 from another URL than the stored answer came from is not one to our condition', async () => {
      const { http, clock } = await startCached({}, { expireAfter: 10 });
      const conditions: unknown[] = [];
      const moved: AxiosAdapter = async (config) => {
        conditions.push(config.headers.get('if-modified-since'));
        const isConditional = conditions.at(-1) !== undefined;
        return answering('http://api.test/moved', isConditional ? { status: 304 } : { data: 'moved' })(config);
      };
      await http.get('http://api.test/here', { adapter: elsewhere });
      clock.advance(20);
      const response = await http.get('http://api.test/here', { adapter: moved });
      expect([response.data, conditions]).toEqual(['moved', [httpDate(-1000), undefined]]);
    });

    test('a 304 from the URL that the stored answer came from renews that', async () => {
      const { http, clock } = await startCached({}, { expireAfter: 10 });
      const unchanged = answering('http://api.test/there', { status: 304 });
      await http.get('http://api.test/here', { adapter: elsewhere });
      clock.advance(20);
      const { data, cache } = await http.get('http://api.test/here', { adapter: unchanged });
      expect([data, cache.status, cache.reason]).toEqual(['answer', 'revalidated', 'not-modified']);
    });

    test('a 404 from there ends what is stored', async () => {
      const { http } = await startCached({}, { expireAfter: 10 });
      const gone = answering('http://api.test/there', { status: 404 });
      await http.get('http://api.test/here', { adapter: elsewhere });
      await http.get('http://api.test/here', { adapter: gone, cache: 'reload', validateStatus: null });
      expect(told(await http.get('http://api.test/here', { adapter: elsewhere }))).toBe('miss uri-miss');
    });

    test('an answer to HEAD from there renews what is stored', async () => {
      const { http, clock } = await startCached({}, { expireAfter: 10 });
      await http.get('http://api.test/here', { adapter: elsewhere });
      clock.advance(9);
      await http.head('http://api.test/here', { adapter: elsewhere, cache: 'no-cache' });
      clock.advance(9);
      expect(told(await http.get('http://api.test/here', { adapter: elsewhere }))).toBe('hit fresh');
    });
  });

  test('what a filter refuses at the end of the way leaves what is stored there', async () => {
    let version = 'good';
    const { http } = await startCached(
      { '/old': to('/new', 302, 'no-store'), '/new': () => ({ ...forAnHour, body: version }) },
      { filter: (response) => response.text() !== 'bad' },
    );
    await http.get('/new');
    version = 'bad';
    expect((await http.get('/old')).data).toBe('bad');
    expect([told(await http.get('/new')), (await http.get('/new')).data]).toEqual(['hit fresh', 'good']);
  });

  test('the caller may say how long a temporary one holds, no longer than what it led to', async () => {
    const { http, origin, clock } = await startCached({
      '/latest': to('/v1', 302),
      '/v1': withEtag('"1"', { headers: { 'Cache-Control': 'max-age=10' }, body: 'one' }),
    }, { expireAfter: '1h' });
    await http.get('/latest');
    clock.advance(9);
    expect(told(await http.get('/latest'))).toBe('hit fresh');
    clock.advance(2);
    expect((await http.get('/latest')).data).toBe('one');
    expect(origin.count('/latest')).toBe(2);
    expect(origin.requests.map(({ headers }) => headers['if-none-match'])).toEqual([
      undefined,
      undefined,
      undefined,
      undefined,
    ]);
  });

  test('one whose target holds a secret is not written down', async () => {
    const { http, origin } = await startCached({ '/from': to('/to?token=hidden'), '/to': forAnHour });
    expect((await http.get('/from')).cache.notStored).toBe('redirected');
    await http.get('/from');
    expect([origin.count('/from'), await http.cache.count()]).toEqual([2, 0]);
  });
});

describe('where the answers are stored', () => {
  test('each under its own URL: the last answer is also that of its URL', async () => {
    const { http, origin } = await startCached({ '/a': to('/b'), '/b': to('/c'), '/c': numbered(forAnHour) });
    await http.get('/a');
    for (const path of ['/c', '/b', '/a']) expect(told(await http.get(path))).toBe('hit fresh');
    expect(origin.count()).toBe(3);
  });

  test('in a storage that outlives the process too', async () => {
    const storage = new SqliteStorage(':memory:');
    const { http, origin } = await startCached({ '/a': to('/b'), '/b': numbered(forAnHour) }, { storage });
    await http.get('/a');
    expect([told(await http.get('/a')), told(await http.get('/b')), origin.count()]).toEqual([
      'hit fresh',
      'hit fresh',
      2,
    ]);
  });

  test('HEAD is answered by the same way as GET', async () => {
    const { http, origin } = await startCached({ '/a': to('/b'), '/b': numbered(forAnHour) });
    await http.get('/a');
    expect(told(await http.head('/a'))).toBe('hit fresh');
    expect(origin.count()).toBe(2);
  });

  test('a redirect that varies serves those who send the same', async () => {
    const routes = { '/a': { ...to('/b'), headers: { Location: '/b', Vary: 'X-Kind' } }, '/b': numbered(forAnHour) };
    const { http, origin } = await startCached(routes, { maxVariants: 2 });
    const of = (kind: string): AxiosRequestConfig => ({ headers: { 'X-Kind': kind } });
    for (const kind of ['one', 'two', 'one', 'three']) await http.get('/a', of(kind));
    expect(origin.count('/a')).toBe(3);
    // One of the three had to make room.
    expect(await http.cache.count()).toBe(3);
  });

  test('only the answer to a status that is not stored is asked for again', async () => {
    const { http, origin } = await startCached({ '/a': to('/missing') });
    const first = await Promise.all([1, 2, 3].map(() => statusOfFailure(http.get('/a'))));
    expect(first).toEqual([404, 404, 404]);
    expect(await statusOfFailure(http.get('/a'))).toBe(404);
    expect(origin.count('/a')).toBe(1);
  });

  test('many callers at once: one request for each URL', async () => {
    const { http, origin } = await startCached({ '/a': to('/b'), '/b': numbered(forAnHour) });
    const gate = origin.hold('/b');
    const callers = Array.from({ length: 20 }, () => http.get('/a'));
    await gate.arrived();
    gate.release();
    expect(new Set((await Promise.all(callers)).map(({ data }) => data))).toEqual(new Set(['answer 1']));
    expect(origin.count()).toBe(2);
  });

  test.each<[string, Reply]>([
    ['an answer that is stored', forAnHour],
    ['one that is not stored', { status: 404 }],
  ])('many callers at once, time and again: one request for a redirect to %s', async (_what, end) => {
    const { http, origin } = await startCached({ '/a': to('/b'), '/b': end });
    for (const time of [1, 2]) {
      const gate = origin.hold('/a');
      const wave = Promise.allSettled(Array.from({ length: 10 }, () => http.get('/a')));
      await gate.arrived();
      gate.release();
      await wave;
      expect(origin.count('/a')).toBe(time);
      await http.cache.clear();
    }
  });

  test('where the redirect is not kept, those who come later do not wait for one another', async () => {
    const { http, origin } = await startCached({ '/a': to('/b', 302), '/b': numbered(forAnHour) });
    await http.get('/a');
    const gate = origin.hold('/a');
    const wave = Array.from({ length: 10 }, () => http.get('/a'));
    await gate.arrived(10);
    gate.release();
    expect((await Promise.all(wave)).map(({ cache }) => cache.collapsed)).toEqual(wave.map(() => false));
  });

  test('what is stored once more stays, the redirect as well as the answer', async () => {
    const { http, origin } = await startCached({ '/a': to('/b'), '/b': numbered(forAnHour) });
    await http.get('/b');
    await http.get('/a');
    await http.get('/a', { cache: 'reload' });
    for (const path of ['/a', '/b']) expect(told(await http.get(path))).toBe('hit fresh');
    expect(origin.count('/a')).toBe(2);
  });

  test('a redirect that the storage does not take ends the one that was there', async () => {
    class Refusing extends MemoryStorage {
      refuses = false;
      override set(...written: Parameters<MemoryStorage['set']>): MaybePromise<boolean | 'too-large'> {
        if (this.refuses && written[0].head.includes('"redirectsTo"')) throw new Error('full');
        return super.set(...written);
      }
    }
    const storage = new Refusing();
    const [former, latter] = [to('/b'), to('/c')];
    const { http, origin } = await startCached(
      { '/a': inTurn(former, latter, latter), '/b': { ...forAnHour, body: 'b' }, '/c': { ...forAnHour, body: 'c' } },
      { storage },
    );
    await http.get('/a');
    storage.refuses = true;
    expect((await http.get('/a', { cache: 'reload' })).cache.notStored).toBe('redirected');
    expect((await http.get('/a')).data).toBe('c');
    expect(origin.count('/a')).toBe(3);
  });

  test('an answer is stored although the storage does not tell what is there', async () => {
    const routes = { '/a': to('/b'), '/b': numbered(forAnHour) };
    const { http, events } = await startCached(routes, { storage: busyAtRead(2) });
    expect((await http.get('/a')).cache.stored).toBe(true);
    expect(events.filter(({ type }) => type === 'storage-error')).toHaveLength(1);
    for (const path of ['/a', '/b']) expect(told(await http.get(path))).toBe('hit fresh');
  });

  test('an answer for several queries is ended by a change of another one, as if it had been asked for itself', async () => {
    const { http } = await startCached({
      '/a': to('/b?x=1'),
      'GET /b': numbered({ headers: { ...forAnHour.headers, 'No-Vary-Search': 'params=("x")' } }),
      'PUT /b': {},
    });
    await http.get('/a');
    expect(told(await http.get('/b?x=1'))).toBe('hit fresh');
    await http.put('/b?x=2');
    expect(told(await http.get('/b?x=1'))).toBe('miss uri-miss');
  });

  test.each<[string, Reply, Reply, readonly string[]]>([
    ['all is stored', to('/b'), forAnHour, []],
    ['the redirect is not stored', to('/b', 302), forAnHour, ['redirected']],
    ['the answer is not stored', to('/b'), { headers: { 'Cache-Control': 'no-store' } }, ['no-store']],
  ])('where %s it is told once what is not stored', async (_what, redirect, end, reasons) => {
    const { http, events } = await startCached({ '/a': redirect, '/b': end });
    await http.get('/a');
    expect(events.flatMap((event) => (event.type === 'not-stored' ? [event.reason] : []))).toEqual(reasons);
  });

  test('instance.cache finds the answer, deletes by URL, and lists both', async () => {
    const { http, origin } = await startCached({ '/a': to('/b'), '/b': numbered(forAnHour) });
    await http.get('/a');
    const urls: string[] = [];
    for await (const url of http.cache.urls()) urls.push(url.replace(origin.url, ''));
    expect(urls.sort()).toEqual(['/a', '/b']);
    expect((await http.cache.get('/a'))?.text()).toBe('answer 1');
    expect(await http.cache.delete('/b')).toBe(1);
    expect([await http.cache.get('/a'), await http.cache.has('/a'), await http.cache.has('/b')]).toEqual([
      undefined,
      true,
      false,
    ]);
    expect((await http.get('/a')).data).toBe('answer 2');
    expect(origin.count('/a')).toBe(1);
  });

  test('a filter judges answers, not redirects', async () => {
    const filter = jest.fn(({ status }: { status: number }) => status === 200);
    const { http } = await startCached({ '/a': to('/b'), '/b': numbered(forAnHour) }, { filter });
    await http.get('/a');
    expect(told(await http.get('/a'))).toBe('hit fresh');
    expect(filter.mock.calls.map(([{ status }]) => status)).toEqual([200, 200]);
  });

  test('under a key of the caller\'s own it is one answer', async () => {
    const { http, origin } = await startCached({ '/a': to('/b', 302), '/b': numbered(forAnHour) });
    const keyed = { cache: { key: 'mine' } };
    await http.get('/a', keyed);
    expect([told(await http.get('/a', keyed)), origin.count()]).toEqual(['hit fresh', 2]);
  });
});

describe('validation', () => {
  const tagged: Handler = withEtag('"1"', { headers: { 'Cache-Control': 'max-age=10' }, body: 'one' });

  test('goes to the URL under which the answer is stored', async () => {
    const { http, origin, clock } = await startCached({ '/a': to('/b'), '/b': tagged });
    await http.get('/a');
    clock.advance(20);
    expect(told(await http.get('/a'))).toBe('revalidated not-modified');
    expect(origin.requests.map(({ path, headers }) => [path, headers['if-none-match']])).toEqual([
      ['/a', undefined],
      ['/b', undefined],
      ['/b', '"1"'],
    ]);
  });

  test('where the redirect has to be asked for again there is none', async () => {
    const { http, origin, clock } = await startCached({ '/a': to('/b', 302, 'max-age=5'), '/b': tagged });
    await http.get('/a');
    clock.advance(20);
    expect((await http.get('/a')).data).toBe('one');
    expect(origin.requests.map(({ headers }) => headers['if-none-match'])).toEqual([
      undefined,
      undefined,
      undefined,
      undefined,
    ]);
  });

  test('a condition does not travel on where the URL has become a redirect', async () => {
    const moved: Handler = ({ headers }) =>
      headers['if-none-match'] === undefined ? { body: 'moved' } : { status: 304 };
    const { http, origin, clock } = await startCached({ '/a': inTurn(tagged, to('/b')), '/b': moved });
    await http.get('/a');
    clock.advance(20);
    expect((await http.get('/a')).data).toBe('moved');
    expect(origin.requests.map(({ headers }) => headers['if-none-match'])).toEqual([undefined, '"1"', undefined]);
    expect((await http.get('/a')).data).toBe('moved');
    expect(origin.count()).toBe(3);
  });

  test('stale-while-revalidate and stale-if-error work at the end of redirects', async () => {
    const routes = {
      '/a': to('/b'),
      '/b': inTurn({ ...forAnHour, body: 'one' }, { ...forAnHour, body: 'two' }, { status: 503 }),
    };
    const { http, clock } = await startCached(routes, { staleWhileRevalidate: '1h', staleIfError: '1 day' });
    await http.get('/a');
    clock.advance(3700);
    const stale = await http.get('/a');
    expect([told(stale), stale.data]).toEqual(['stale stale-while-revalidate', 'one']);
    await http.cache.idle();
    expect((await http.get('/a')).data).toBe('two');
    clock.advance(10_000);
    const bridged = await http.get('/a');
    expect([told(bridged), bridged.data]).toEqual(['stale stale-if-error', 'two']);
  });

  test('a failing redirect is bridged by what is stored at its end', async () => {
    const routes = { '/a': inTurn(to('/b', 302, 'max-age=10'), { status: 503 }), '/b': numbered(forAnHour) };
    const { http, clock } = await startCached(routes, { staleIfError: '1h' });
    await http.get('/a');
    clock.advance(20);
    expect((await http.get('/a')).data).toBe('answer 1');
  });

  test.each<[string, AxiosRequestConfig, string]>([
    ['reload', { cache: 'reload' }, 'miss reload'],
    ['a request for a new answer', asking('no-cache'), 'miss no-cache'],
    ['a range', { headers: { Range: 'bytes=0-1' } }, 'miss partial'],
  ])('%s asks from the first URL on', async (_name, config, expected) => {
    const { http, origin } = await startCached({ '/a': to('/b'), '/b': numbered(forAnHour) });
    await http.get('/a');
    expect([told(await http.get('/a', config)), origin.count('/a')]).toEqual([expected, 2]);
  });

  test('only-if-cached: 504 where the redirect leads to nothing', async () => {
    const { http, origin } = await startCached({ '/a': to('/b'), '/b': numbered(forAnHour) });
    await http.get('/a');
    expect(told(await http.get('/a', { cache: 'only-if-cached' }))).toBe('hit fresh');
    await http.cache.delete('/b');
    expect(await statusOfFailure(http.get('/a', { cache: 'only-if-cached' }))).toBe(504);
    expect(origin.count()).toBe(2);
  });
});

describe('invalidation', () => {
  test.each([
    ['the redirect', '/a', 2],
    ['the answer', '/b', 1],
  ])('of %s is seen', async (_name, path, asked) => {
    const { http, origin } = await startCached({
      'GET /a': to('/b'),
      'GET /b': numbered(forAnHour),
      [`PUT ${path}`]: {},
    });
    await http.get('/a');
    await http.put(path, {});
    await http.get('/a');
    expect(origin.requests.filter(({ method, path: at }) => method === 'GET' && at === '/a')).toHaveLength(asked);
  });

  test.each(['/a', '/b'])('of %s while the answer is under way: it is not stored there', async (path) => {
    const { http, origin } = await startCached({ '/a': to('/b'), '/b': numbered(forAnHour) });
    const gate = origin.hold('/b');
    const pending = http.get('/a');
    await gate.arrived();
    await http.cache.delete(path);
    gate.release();
    expect((await pending).data).toBe('answer 1');
    expect([await http.cache.has('/a'), await http.cache.has('/b')]).toEqual([path !== '/a', path !== '/b']);
  });
});
