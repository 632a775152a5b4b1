/** `fetchOptions.cache` is the caller's word, and this cache's own modes reach the HTTP cache of a browser. */
import { openPage } from '../../support/page.js';
import type { AxiosRequestConfig } from 'axios';
import { type CachedOrigin, numbered, startCached } from '../../support/cached-instance.js';
import { type Origin, startOrigin } from '../../support/origin.js';

type FetchCache = NonNullable<RequestInit['cache']>;
const byFetch = (cache?: FetchCache): AxiosRequestConfig =>
  cache === undefined ? { adapter: 'fetch' } : { adapter: 'fetch', fetchOptions: { cache } };
/** The caller's word stands wherever axios takes options of fetch, and with whichever adapter. */
const ADAPTERS = ['http', 'fetch'] as const;

describe('what fetchOptions.cache says', () => {
  test.each(ADAPTERS)('no-store by %s: asked each time, and nothing is stored', async (adapter) => {
    const { http, origin } = await startCached({ '/': numbered() });
    const get = async (fetchOptions?: AxiosRequestConfig['fetchOptions']): Promise<unknown> =>
      (await http.get<unknown>('/', { adapter, ...(fetchOptions && { fetchOptions }) })).data;
    const noStore = { cache: 'no-store' } as const;
    expect([await get(noStore), await get(noStore), await get(), await get()]).toEqual([
      'answer 1', 'answer 2', 'answer 3', 'answer 3',
    ]);
    expect(origin.count()).toBe(3);
  });

  test.each(['reload', 'no-cache'] as const)('%s asks the server, and stores', async (cache) => {
    const { http } = await startCached({ '/': numbered() });
    await http.get('/', byFetch());
    expect(await http.get('/', byFetch(cache))).toMatchObject({ data: 'answer 2', cached: false });
    expect(await http.get('/', byFetch())).toMatchObject({ data: 'answer 2', cached: true });
  });

  test('only-if-cached is 504 where nothing is stored, and takes what is', async () => {
    const { http, clock, origin } = await startCached({ '/': numbered() }, { expireAfter: 60, staleIfError: true });
    await expect(http.get('/', byFetch('only-if-cached'))).rejects.toMatchObject({ response: { status: 504 } });
    await http.get('/', byFetch());
    clock.advance(61);
    expect((await http.get('/', byFetch('only-if-cached'))).cached).toBe(true);
    expect(origin.count()).toBe(1);
  });

  test.each(['default', 'force-cache'] as const)('%s is left to fetch', async (cache) => {
    const { http, clock, origin } = await startCached({ '/': numbered() }, { expireAfter: 60 });
    await http.get('/', byFetch(cache));
    expect((await http.get('/', byFetch(cache))).cached).toBe(true);
    clock.advance(61);
    expect((await http.get('/', byFetch(cache))).cached).toBe(false);
    expect(origin.count()).toBe(2);
  });

  test('as a default of the instance', async () => {
    const { http, origin } = await startCached({ '/': numbered() }, { defaults: byFetch('no-store') as object });
    await http.get('/');
    await http.get('/');
    expect(origin.count()).toBe(2);
  });

  test.each<[string, AxiosRequestConfig['cache']]>([
    ['a lifetime', '5m'],
    ['another mode', 'default'],
    ['true', true],
  ])('`cache` comes first: %s', async (_what, cache) => {
    const { http } = await startCached({ '/': numbered() });
    await http.get('/', { ...byFetch('no-store'), cache });
    expect((await http.get('/', { ...byFetch('no-store'), cache })).cached).toBe(true);
  });

  test.each<[string, AxiosRequestConfig['cache']]>([
    ['a lifetime', '5m'],
    ['another mode', 'force-cache'],
    ['true', true],
    ['an object', { expireAfter: '5m', tags: ['people'] }],
  ])('of a request it comes before the `cache` that only the instance has: %s', async (_what, cache) => {
    const { http, origin } = await startCached({ '/': numbered() }, { defaults: { cache } as object });
    const ask = async (mode?: FetchCache): Promise<unknown[]> => {
      const { data, cached, cache: info } = await http.get<unknown>('/', byFetch(mode));
      return [data, cached, info.tags];
    };
    const tags = typeof cache === 'object' ? ['people'] : [];
    expect(await ask()).toEqual(['answer 1', false, tags]);
    expect(await ask('no-store')).toEqual(['answer 2', false, []]);
    expect(await ask()).toEqual(['answer 1', true, tags]);
    expect(await ask('no-cache')).toEqual(['answer 3', false, tags]);
    // What else the instance says still holds.
    expect(await ask('only-if-cached')).toEqual(['answer 3', true, tags]);
    await http.post('/', {}, byFetch('reload'));
    expect(origin.requests.map(({ method }) => method)).toEqual(['GET', 'GET', 'GET', 'POST']);
  });

  test('of the instance it leaves the word to the `cache` of the instance', async () => {
    const defaults = { cache: '5m', ...byFetch('no-store') } as object;
    const { http } = await startCached({ '/': numbered() }, { defaults });
    await http.get('/');
    expect((await http.get('/')).cached).toBe(true);
  });

  test('an instance that is not to cache is not told to by it', async () => {
    const { http } = await startCached({ '/': numbered() }, { defaults: { cache: false } as object });
    await http.get('/', byFetch('reload'));
    expect((await http.get('/', byFetch('reload'))).cache).toMatchObject({ status: 'bypass', reason: 'off' });
  });

  test.each([null, 7, 'no-store', { cache: 'nonsense' }])('%j says nothing', async (fetchOptions) => {
    const { http } = await startCached({ '/': numbered() });
    const config = { adapter: 'http', fetchOptions } as AxiosRequestConfig;
    await http.get('/', config);
    expect((await http.get('/', config)).cached).toBe(true);
  });
});

describe('modes of this cache, by fetch', () => {
  const { fetch: platformFetch } = globalThis;
  let words: string[] = [];
  beforeEach(() => {
    words = [];
    globalThis.fetch = (input, init) => {
      words.push((input as Request).cache);
      return platformFetch(input, init);
    };
  });
  afterEach(() => void (globalThis.fetch = platformFetch));

  test.each(['reload', 'no-cache'] as const)('fetch is given %s', async (cache) => {
    const { http } = await startCached({ '/': numbered({ headers: { etag: '"1"' } }) });
    await http.get('/', byFetch());
    await http.get('/', { ...byFetch(), cache });
    await http.get('/', { ...byFetch(), cache: { mode: cache }, responseType: 'stream' });
    expect(words).toEqual(['default', cache, cache]);
  });

  test.each<[FetchCache, string]>([
    ['no-store', 'no-store'],
    ['no-cache', 'no-cache'],
    ['force-cache', 'reload'],
    ['default', 'reload'],
  ])('a caller that tells fetch %s and this cache reload: %s', async (own, expected) => {
    const { http } = await startCached({ '/': numbered() });
    await http.get('/', { ...byFetch(own), cache: 'reload' });
    expect(words).toEqual([expected]);
  });

  test('for the session and for a URL pattern', async () => {
    const { http } = await startCached({ '/': numbered() }, { mode: 'no-cache' });
    await http.get('/', byFetch());
    const other = await startCached({ '/': numbered() }, { urlsExpireAfter: { '127.0.0.1': { mode: 'reload' } } });
    await other.http.get('/', byFetch());
    expect(words).toEqual(['no-cache', 'reload']);
  });

  test('a platform whose Request refuses the word is not given it', async () => {
    const { Request: PlatformRequest } = globalThis;
    const { http } = await startCached({ '/': numbered() });
    globalThis.Request = class extends PlatformRequest {
      constructor(input: string | URL | Request, init?: RequestInit) {
        if (init?.cache === 'reload') throw new TypeError('not implemented');
        super(input, init);
      }
    };
    try {
      expect((await http.get('/', { ...byFetch(), cache: 'reload' })).data).toBe('answer 1');
      expect(words).toEqual(['default']);
    } finally {
      globalThis.Request = PlatformRequest;
    }
  });
});

describe('what the browser may have a copy of, by fetch', () => {
  const { fetch: platformFetch } = globalThis;
  let words: string[] = [];
  let close: () => void = () => undefined;
  const record = (): void => {
    words = [];
    globalThis.fetch = (input, init) => {
      words.push((input as Request).cache);
      return platformFetch(input, init);
    };
  };
  afterEach(() => {
    close();
    close = () => undefined;
    globalThis.fetch = platformFetch;
  });

  const FRESH = { headers: { 'Cache-Control': 'max-age=60', 'Cache-Groups': '"all"' } };

  /** Each path has an answer; the page is one of the server that is asked. */
  async function openHere() {
    const started = await startCached(({ method, path }) => {
      if (path === '/logout') return { headers: { 'Clear-Site-Data': '"cache"' } };
      return method === 'POST' ? { headers: { 'Cache-Group-Invalidation': '"all"' } } : FRESH;
    }, { clearSiteData: true, defaults: { adapter: 'fetch' } });
    close = openPage(`${started.origin.url}/page`);
    record();
    return started;
  }

  /** By which words the paths are asked for. */
  async function wordsOf({ http }: CachedOrigin, ...urls: readonly string[]): Promise<readonly string[]> {
    words = [];
    for (const url of urls) await http.get(url);
    return words;
  }

  test('what was never stored here may come from there', async () => {
    const opened = await openHere();
    expect(await wordsOf(opened, '/a', '/b')).toEqual(['default', 'default']);
  });

  test('what was deleted here may not, and everything else may', async () => {
    const opened = await openHere();
    await opened.http.cache.delete('/a?page=1');
    expect(await wordsOf(opened, '/a?page=1', '/a?page=2', '/b')).toEqual(['no-cache', 'default', 'default']);
  });

  test('nor may what this cache has had and has no more', async () => {
    const opened = await openHere();
    await opened.http.get('/a');
    await opened.http.cache.storage.clear();
    expect(await wordsOf(opened, '/a', '/b')).toEqual(['no-cache', 'default']);
  });

  test.each<[string, (opened: CachedOrigin) => Promise<unknown>]>([
    ['a path is deleted, with all its queries', ({ http }) => http.cache.deleteMatching({ url: '/a' })],
    ['an answer names groups', ({ http }) => http.post('/change')],
    ['an answer clears its origin', ({ http }) => http.get('/logout')],
    ['all is cleared', ({ http }) => http.cache.clear()],
    ['a tag is deleted', ({ http }) => http.cache.invalidateTags('people')],
  ])('nor may it once %s', async (_what, change) => {
    const opened = await openHere();
    await change(opened);
    expect(await wordsOf(opened, '/a?page=1')).toEqual(['no-cache']);
  });

  test('another path has no part in that', async () => {
    const opened = await openHere();
    await opened.http.cache.deleteMatching({ url: '/a' });
    expect(await wordsOf(opened, '/b', '/a?page=1')).toEqual(['default', 'no-cache']);
  });

  test('nor has another origin', async () => {
    const opened = await openHere();
    const elsewhere = await startCached({ '/a': {} });
    await opened.http.get('/logout');
    expect(await wordsOf(opened, `${elsewhere.origin.url}/a`, '/a')).toEqual(['default', 'no-cache']);
  });

  test.each<[string, number, (http: CachedOrigin['http'], at: number) => Promise<unknown>]>([
    ['URLs', 2100, (http, at) => http.cache.delete(`/?n=${at}`)],
    ['paths', 120, (http, at) => http.cache.deleteMatching({ url: `/${at}` })],
  ])('after so many %s that not all are remembered, each may be one of them', async (_what, many, forget) => {
    const opened = await openHere();
    for (let at = 0; at < many; at += 1) await forget(opened.http, at);
    expect(await wordsOf(opened, '/never')).toEqual(['no-cache']);
  });

  test('fewer are remembered each', async () => {
    const opened = await openHere();
    for (let at = 0; at < 40; at += 1) await opened.http.cache.deleteMatching({ url: `/${at}` });
    expect(await wordsOf(opened, '/never', '/0?page=1', '/39')).toEqual(['default', 'no-cache', 'no-cache']);
  });

  test('outside of a page nothing is remembered, as no cache is below', async () => {
    const opened = await startCached(() => FRESH, { defaults: { adapter: 'fetch' } });
    await opened.http.cache.delete('/a');
    await opened.http.cache.clear();
    close = openPage(`${opened.origin.url}/page`);
    record();
    expect(await wordsOf(opened, '/a')).toEqual(['default']);
  });
});

describe('modes of this cache, by XMLHttpRequest', () => {
  let origin: Origin | undefined;
  let close: () => void = () => undefined;
  afterEach(async () => {
    close();
    await origin?.close();
  });

  const sent = (requests: Origin['requests']): unknown[] =>
    requests.map(({ method, headers }) => [method, headers['cache-control']]);

  test.each(['reload', 'no-cache'] as const)('%s on the page’s own origin is a header', async (cache) => {
    const { http, origin: own } = await startCached({ '/': numbered() }, { defaults: { adapter: 'xhr' } });
    close = openPage(`${own.url}/page`);
    await http.get('/');
    expect((await http.get('/', { cache })).data).toBe('answer 2');
    expect(sent(own.requests)).toEqual([['GET', undefined], ['GET', 'no-cache']]);
  });

  test('a Cache-Control of the caller stays', async () => {
    const { http, origin: own } = await startCached({ '/': numbered() }, { defaults: { adapter: 'xhr' } });
    close = openPage(`${own.url}/page`);
    await http.get('/', { cache: 'reload', headers: { 'Cache-Control': 'max-age=5' } });
    expect(sent(own.requests)).toEqual([['GET', 'max-age=5']]);
  });

  test('across origins nothing is added, so that there is no preflight', async () => {
    const headers = { 'Access-Control-Allow-Origin': '*' };
    const { http, origin: other } = await startCached({ '/': numbered({ headers }) }, { defaults: { adapter: 'xhr' } });
    close = openPage('http://page.test/');
    await http.get('/', { cache: 'reload' });
    await http.get('/', { cache: 'no-cache' });
    expect(sent(other.requests)).toEqual([['GET', undefined], ['GET', undefined]]);
  });

  test('where a redirect leads to another origin that refuses the header, it is taken back', async () => {
    const there = { headers: { 'Access-Control-Allow-Origin': '*' }, body: 'there' };
    origin = await startOrigin({ '/': there, 'OPTIONS /': { status: 404 } });
    const { url } = origin;
    const redirect = { status: 302, headers: { Location: `${url}/`, 'Access-Control-Allow-Origin': '*' } };
    const { http, origin: own } = await startCached({ '/': redirect }, { defaults: { adapter: 'xhr' } });
    close = openPage(`${own.url}/page`);
    expect((await http.get('/', { cache: 'reload' })).data).toBe('there');
  });
});
