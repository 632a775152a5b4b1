/** Who reads more of a response than its data finds the same on a hit, however the answer came about. */
import type { IncomingMessage } from 'node:http';
import { buffer } from 'node:stream/consumers';
import type { AxiosRequestConfig, AxiosResponse } from 'axios';
import type { CacheStorage } from '../../../lib/api/storage.js';
import { MemoryStorage } from '../../../lib/storage/memory/memory.js';
import { having, startCached, told } from '../../support/cached-instance.js';
import { withEtag } from '../../support/origin.js';
import { newPath, openStorage } from '../../support/sqlite.js';

/** What is read of an http adapter's request. */
interface NativeRequest {
  readonly path: string;
  readonly host: string;
  readonly protocol: string;
  readonly method: string;
  getHeader(name: string): unknown;
  readonly _redirectable: { _currentUrl: string; _redirectCount: number; _isRedirect: boolean };
  readonly res: Pick<IncomingMessage, 'headers' | 'statusCode' | 'statusMessage' | 'httpVersion'> & {
    readonly responseUrl: string;
  };
}

const shownRequest = ({ request }: AxiosResponse): object => {
  const { path, host, protocol, method, _redirectable, res } = request as NativeRequest;
  const { _currentUrl, _redirectCount, _isRedirect } = _redirectable;
  const { 'x-own': own, 'set-cookie': cookies } = res.headers;
  const getHeader = (name: string): unknown => (request as NativeRequest).getHeader(name);
  return {
    path, host, protocol, method, _currentUrl, _redirectCount, _isRedirect, own, cookies,
    status: [res.statusCode, res.statusMessage, res.httpVersion, res.responseUrl],
    sent: [getHeader('X-Caller'), getHeader('x-caller'), getHeader('Host'), getHeader('X-None')],
  };
};

const shownStream = async ({ data }: AxiosResponse<IncomingMessage & { responseUrl: string }>): Promise<object> => {
  const { headers, rawHeaders, statusCode, statusMessage, httpVersion, responseUrl } = data;
  const raw = rawHeaders.map((each) => each.toLowerCase());
  return {
    own: headers['x-own'], cookies: headers['set-cookie'], list: headers['x-list'],
    raw: raw.includes('x-own') && raw.includes('a=1'),
    statusCode, statusMessage, httpVersion, responseUrl, content: (await buffer(data)).toString(),
  };
};

const REPLY = {
  headers: { 'cache-control': 'max-age=60', 'X-Own': '1', 'Set-Cookie': ['a=1', 'b=2'], 'X-List': ['c', 'd'] },
  body: '{"ok":1}',
};
const moved = (to: string): object => ({ status: 301, headers: { Location: to } });
const ROUTES = {
  '/': withEtag('"1"', REPLY),
  '/new': withEtag('"2"', REPLY),
  '/old': moved('/new?x=1'),
  '/oldest': moved('/old'),
};

describe.each<[string, () => CacheStorage]>([
  ['memory', () => new MemoryStorage()],
  ['SQLite', () => openStorage(newPath())],
])('in %s', (_name, storage) => {
  test.each(['/?b=1&a=2', '/old', '/oldest'])('response.request of %s: as on the first time', async (path) => {
    const { http, clock } = await startCached(ROUTES, { storage: storage(), staleWhileRevalidate: 30 });
    const get = (): Promise<AxiosResponse> => http.get(path, having({ 'X-Caller': 'me' }));
    const first = await get();
    expect((first as { cached?: boolean }).cached).toBe(false);
    const expected = shownRequest(first);
    expect(shownRequest(await get())).toEqual(expected);
    // Revalidated.
    clock.advance(100);
    expect(shownRequest(await get())).toEqual(expected);
    // Stale, renewed in the background.
    clock.advance(70);
    expect(shownRequest(await get())).toEqual(expected);
    await http.cache.idle();
  });

  test.each(['/', '/old'])('a stream of %s tells what the first one did', async (path) => {
    const { http } = await startCached(ROUTES, { storage: storage() });
    const get = (): Promise<AxiosResponse> => http.get(path, { responseType: 'stream' });
    const first = await get();
    const expected = await shownStream(first);
    await http.cache.idle();
    const second = await get();
    expect(told(second as never)).toBe('hit fresh');
    expect(await shownStream(second)).toEqual(expected);
  });
});

test('what the final URL is', async () => {
  const { http, origin } = await startCached(ROUTES);
  await http.get('/oldest');
  const { request } = await http.get('/oldest');
  expect(request).toMatchObject({
    path: '/new?x=1',
    responseURL: `${origin.url}/new?x=1`,
    _redirectable: { _currentUrl: `${origin.url}/new?x=1`, _redirectCount: 2, _isRedirect: true },
  });
});

test.each(['/?b=1#part', '/?b=1&a=2', '/?', '/#', '/a/../?x=%7e#%C3%A9'])(
  'the URL of a Request of fetch, asked for %s, is that of the first time',
  async (path) => {
    const { http } = await startCached(ROUTES);
    const get = (): Promise<AxiosResponse> => http.get(path, { adapter: 'fetch' });
    const answers = [await get(), await get()];
    expect(answers.map((answer) => (answer as { cached?: boolean }).cached)).toEqual([false, true]);
    const [first, second] = answers.map(({ request }) => (request as Request).url);
    expect(second).toBe(first);
  },
);

test('callers who share a request see their own headers, and never another’s', async () => {
  const { http } = await startCached(ROUTES);
  const get = (who: string): Promise<AxiosResponse> => http.get('/', having({ 'X-Caller': who }));
  const answers = await Promise.all([get('ada'), get('alan')]);
  const seen = [...answers, await get('grace')].map(({ request }) => (request as NativeRequest).getHeader('x-caller'));
  expect(seen).toEqual(['ada', 'alan', 'grace']);
});

test('a credential that a redirect to another host drops is not shown behind it', async () => {
  const other = await startCached({ '/': REPLY });
  const { http } = await startCached({ '/away': moved(`${other.origin.url.replace('127.0.0.1', 'localhost')}/`) });
  const config = having({ Authorization: 'Bearer secret' });
  const first = await http.get('/away', config);
  const second = await http.get('/away', config);
  expect(second.cached).toBe(true);
  const shown = [first, second].map(({ request }) => (request as NativeRequest).getHeader('authorization'));
  expect(shown).toEqual([undefined, undefined]);
});

test.each<[string, AxiosRequestConfig, number]>([
  ['a HEAD answered by a GET', { method: 'head' }, 200],
  ['a 304 to the caller’s own condition', { headers: { 'If-None-Match': '"1"' }, validateStatus: null }, 304],
  ['a 504 of the cache', { url: '/none', cache: 'only-if-cached', validateStatus: null }, 504],
])('%s has them too', async (_what, config, status) => {
  const { http } = await startCached(ROUTES);
  await http.get('/');
  const { request } = await http.request({ url: '/', ...config });
  expect(request).toMatchObject({ method: config.method?.toUpperCase() ?? 'GET', protocol: 'http:', status });
  expect((request as NativeRequest).res.statusCode).toBe(status);
});

test('an error of a stored status has the request as well', async () => {
  const { http, origin } = await startCached({ '/': { status: 404, ...REPLY } }, { allowedCodes: [404] });
  await expect(http.get('/')).rejects.toMatchObject({ request: { path: '/' } });
  await expect(http.get('/')).rejects.toMatchObject({
    request: { path: '/', status: 404, res: { statusCode: 404 }, _redirectable: { _currentUrl: `${origin.url}/` } },
  });
  expect(origin.count()).toBe(1);
});

test('what XMLHttpRequest has', async () => {
  const { http, origin } = await startCached(ROUTES);
  await http.get('/');
  const request = (await http.get('/')).request as XMLHttpRequest;
  expect([request.status, request.statusText, request.readyState, request.responseURL]).toEqual([
    200, 'OK', 4, `${origin.url}/`,
  ]);
  expect([request.getResponseHeader('X-OWN'), request.getResponseHeader('none')]).toEqual(['1', null]);
  expect(request.getAllResponseHeaders()).toContain('x-own: 1\r\n');
});

test('it shows no config to those who list or serialise it', async () => {
  const { http } = await startCached(ROUTES);
  const config = having({ Authorization: 'secret' });
  await http.get('/', config);
  const { request } = await http.get('/', config);
  expect(JSON.stringify(request)).not.toContain('secret');
});
