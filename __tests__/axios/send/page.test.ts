/** In a page, to its own origin and to another one, whose preflights may be refused: never worse than no cache. */
import { openPage } from '../../support/page.js';
import axios, { type AxiosRequestConfig, type CreateAxiosDefaults } from 'axios';
import { type CachedAxiosInstance, type CacheOptions, setupCache } from '../../../lib/index.js';
import { manualClock, type ManualClock } from '../../support/clock.js';
import { disconnect, type Handler, type Origin, startOrigin } from '../../support/origin.js';

interface Setting {
  readonly http: CachedAxiosInstance;
  readonly clock: ManualClock;
  /** Those that are not preflights. */
  readonly requests: () => Origin['requests'];
  readonly preflights: () => number;
}

let closing: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closing.reverse()) await close();
  closing = [];
});

const ADAPTERS = [['xhr', { adapter: 'xhr' }], ['fetch', { adapter: 'fetch' }]] as const;

/** Static hosts are like this: `*`, validators that a page may see, and nothing that allows request headers. */
const STATIC: Record<string, string> = {
  'Access-Control-Allow-Origin': '*',
  'Last-Modified': 'Tue, 01 Jan 2030 00:00:00 GMT',
  'Cache-Control': 'max-age=0',
};

interface Opened extends CacheOptions {
  readonly preflight?: Handler;
  readonly headers?: Record<string, string>;
}

/** Opens a page of the server that is asked, or of another one. */
async function open(
  where: 'own' | 'other',
  defaults: AxiosRequestConfig,
  { preflight, headers = STATIC, ...options }: Opened = {},
): Promise<Setting> {
  const clock = manualClock();
  let count = 0;
  const api = await startOrigin((request, response) => {
    if (request.method === 'OPTIONS') return preflight?.(request, response) ?? { status: 404 };
    if (request.headers['if-modified-since'] ?? request.headers['if-none-match']) return { status: 304, headers };
    count += 1;
    return { headers, body: { n: count } };
  });
  // Nobody asks the page's own server for anything.
  closing.push(() => api.close(), openPage(where === 'own' ? `${api.url}/page` : 'http://page.test/'));
  const instance = axios.create({ baseURL: api.url, ...defaults } as CreateAxiosDefaults);
  const http = setupCache(instance, { now: clock.now, ...options });
  closing.push(() => http.cache.close());
  return {
    http,
    clock,
    requests: () => api.requests.filter(({ method }) => method !== 'OPTIONS'),
    preflights: () => api.requests.filter(({ method }) => method === 'OPTIONS').length,
  };
}

const allowing: Handler = () => ({
  status: 204,
  headers: { 'Access-Control-Allow-Origin': '*', 'Access-Control-Allow-Headers': 'If-None-Match, If-Modified-Since' },
});

describe.each(ADAPTERS)('by %s', (_name, defaults) => {
  const counts = async (http: CachedAxiosInstance, times: number): Promise<unknown[]> => {
    const seen: unknown[] = [];
    for (let at = 0; at < times; at += 1) seen.push((await http.get<{ n: number }>('/')).data.n);
    return seen;
  };

  test('the page’s own origin is renewed by 304, without a preflight', async () => {
    const { http, requests, preflights } = await open('own', defaults);
    expect(await counts(http, 3)).toEqual([1, 1, 1]);
    expect([requests().length, preflights()]).toEqual([3, 0]);
  });

  test('another origin that allows conditions is renewed by 304', async () => {
    const { http, requests } = await open('other', defaults, { preflight: allowing });
    expect(await counts(http, 3)).toEqual([1, 1, 1]);
    expect(requests()).toHaveLength(3);
  });

  const REFUSED: readonly (readonly [string, Handler])[] = [
    ['404', () => ({ status: 404 })],
    ['405', () => ({ status: 405 })],
    ['500', () => ({ status: 500 })],
    ['204 without a word', () => ({ status: 204 })],
    ['204 that allows the origin alone', () => ({ status: 204, headers: { 'Access-Control-Allow-Origin': '*' } })],
    [
      '204 that allows other headers',
      () => ({
        status: 204,
        headers: { 'Access-Control-Allow-Origin': '*', 'Access-Control-Allow-Headers': 'X-Other' },
      }),
    ],
    ['a redirect', () => ({ status: 302, headers: { Location: '/elsewhere', 'Access-Control-Allow-Origin': '*' } })],
    ['a connection that is cut', disconnect],
  ];

  test.each(REFUSED)('a preflight answered by %s: each call gets an answer, after one preflight', async (_what, preflight) => {
    const { http, requests, preflights } = await open('other', defaults, { preflight });
    expect(await counts(http, 3)).toEqual([1, 2, 3]);
    expect([requests().length, preflights()]).toEqual([3, 1]);
  });

  test('with staleIfError it is the new answer, and the old one only where there is none', async () => {
    const { http } = await open('other', defaults, { staleIfError: true });
    expect(await counts(http, 3)).toEqual([1, 2, 3]);
  });

  test('with staleWhileRevalidate the next call has the new answer', async () => {
    const { http, clock } = await open('other', defaults, {
      headers: { ...STATIC, 'Cache-Control': 'max-age=60' },
      staleWhileRevalidate: true,
    });
    await http.get('/');
    clock.advance(61);
    expect((await http.get('/')).data).toEqual({ n: 1 });
    await http.cache.idle();
    expect(await http.get('/')).toMatchObject({ data: { n: 2 }, cached: true });
  });

  test('an ETag that is shown counts as well', async () => {
    const { http, preflights } = await open('other', defaults, {
      headers: { ...STATIC, ETag: '"1"', 'Access-Control-Expose-Headers': 'ETag' },
    });
    expect(await counts(http, 3)).toEqual([1, 2, 3]);
    expect(preflights()).toBe(1);
  });

  test('many at once: one preflight, and all are answered', async () => {
    const headers = { ...STATIC, 'Cache-Control': 'max-age=60' };
    const { http, clock, requests, preflights } = await open('other', defaults, { headers });
    await http.get('/');
    clock.advance(61);
    const answers = await Promise.all(Array.from({ length: 5 }, () => http.get<{ n: number }>('/')));
    expect(new Set(answers.map(({ data }) => data.n))).toEqual(new Set([2]));
    expect([requests().length, preflights()]).toEqual([2, 1]);
  });

  test('conditionalRequests: false sends no OPTIONS at all', async () => {
    const { http, preflights } = await open('other', defaults, { conditionalRequests: false });
    expect(await counts(http, 3)).toEqual([1, 2, 3]);
    expect(preflights()).toBe(0);
  });

  test('what fails without a cache fails with it', async () => {
    const { http } = await open('other', defaults, { headers: { 'Cache-Control': 'max-age=60' } });
    await expect(http.get('/')).rejects.toMatchObject({ code: 'ERR_NETWORK' });
  });
});

describe('what an XMLHttpRequest tells its caller', () => {
  const XHR = { adapter: 'xhr' } as const;

  test('the text of an error, on the very first request', async () => {
    const api = await startOrigin({ '/gone': { status: 404, body: { why: 'gone' } } });
    closing.push(() => api.close(), openPage(`${api.url}/page`));
    const http = setupCache(axios.create({ baseURL: api.url, ...XHR }), { allowedCodes: [404] });
    for (let time = 0; time < 2; time += 1) {
      const { request } = await http.get('/gone').then(
        () => { throw new Error('no error'); },
        (error: unknown) => error as { request: XMLHttpRequest },
      );
      const text = '{"why":"gone"}';
      expect([request.responseText, request.response, request.status]).toEqual([text, text, 404]);
    }
    expect(api.count()).toBe(1);
  });

  test.each(['text', 'json', 'blob', 'arraybuffer'] as const)('%s, on a miss and on a hit', async (responseType) => {
    const { http } = await open('own', XHR, { headers: { 'X-Total': '7' } });
    const told = async (): Promise<unknown> => {
      const request = (await http.get('/', { responseType })).request as XMLHttpRequest;
      const { response } = request as { response: unknown };
      const isText = typeof response === 'string';
      const total = request.getResponseHeader('X-Total');
      return [isText ? request.responseText : Object.prototype.toString.call(response), total, request.readyState];
    };
    const first = await told();
    expect(first).toEqual([expect.stringMatching(/^(\{"n":1\}|\[object (Blob|ArrayBuffer)\])$/), '7', 4]);
    expect(await told()).toEqual(first);
  });
});

test.each(['response', 'none'])('a Blob where there is no Response: on a miss and on a hit (%s)', async (has) => {
  const { http, requests } = await open('own', { adapter: 'xhr' }, {
    headers: { 'Content-Type': 'text/css', 'Cache-Control': 'max-age=60' },
  });
  const { Response: platformResponse } = globalThis;
  if (has === 'none') Reflect.deleteProperty(globalThis, 'Response');
  try {
    const blobs = [
      await http.get<Blob>('/style', { responseType: 'blob' }),
      await http.get<Blob>('/style', { responseType: 'blob' }),
      await http.get<Blob>('/style', { responseType: 'blob', cache: false }),
    ].map(({ data }) => data);
    expect(blobs.map(({ type, size }) => [type, size])).toEqual(Array.from(blobs, () => ['text/css', 7]));
    expect(await Promise.all(blobs.slice(0, 2).map((blob) => blob.text()))).toEqual(['{"n":1}', '{"n":1}']);
    expect(blobs[0]).not.toBe(blobs[1]);
    expect(requests()).toHaveLength(2);
  } finally {
    globalThis.Response = platformResponse;
  }
});
