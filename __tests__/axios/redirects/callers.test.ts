/** Redirects and the caller's own terms: credentials, limits, functions that judge them, methods, versions' ways. */
import { text } from 'node:stream/consumers';
import type { AxiosError, AxiosRequestConfig } from 'axios';
import type { Outcome } from '../../../lib/engine/exchange/outcome.js';
import type { AxiosRequest } from '../../../lib/axios/request/axios-request.js';
import { followStored } from '../../../lib/axios/redirects/follow.js';
import { having, type InstanceOptions, numbered, startCached, told } from '../../support/cached-instance.js';
import { inTurn, type Origin, type RecordedRequest, type Reply, startOrigin } from '../../support/origin.js';

const to = (location: string, status = 301): Reply => ({ status, headers: { Location: location } });

let other: Origin;
beforeEach(async () => {
  other = await startOrigin({ '/there': numbered(), '/back': (request) => to(String(request.headers['x-back'])) });
});
afterEach(() => other.close());

const failure = (promise: Promise<unknown>): Promise<AxiosError> =>
  promise.then(
    () => { throw new Error('it was answered'); },
    (error: unknown) => error as AxiosError,
  );

const isAuthenticated = (request: RecordedRequest | undefined): boolean =>
  (request?.headers.authorization ?? request?.headers.cookie) !== undefined;

describe('credentials', () => {
  const CREDENTIALS: [string, AxiosRequestConfig][] = [
    ['Authorization', having({ Authorization: 'Bearer ada' })],
    ['Cookie', having({ Cookie: 'session=ada' })],
    ['auth', { auth: { username: 'ada', password: 'secret' } }],
  ];

  test.each(CREDENTIALS)('%s does not go to another origin, nor does the cache ask for it there', async (_name, config) => {
    const { http, origin } = await startCached({ '/here': (): Reply => to(`${other.url}/there`) });
    await http.get('/here', config);
    expect(told(await http.get('/here', config))).toBe('hit fresh');
    // It is what anybody gets there, and nothing else.
    expect(told(await http.get(`${other.url}/there`))).toBe('hit fresh');
    expect(told(await http.get(`${other.url}/there`, config))).toBe('miss uri-miss');
    expect(other.requests.map(isAuthenticated)).toEqual([false, true]);
    expect(origin.count()).toBe(1);
  });

  test.each(CREDENTIALS)('%s: on the same origin the answer is for who sent it', async (_name, config) => {
    const { http, origin } = await startCached({ '/here': to('/there'), '/there': numbered() });
    const first = await http.get('/here', config);
    const sentOn = isAuthenticated(origin.requests[1]);
    // Older versions of axios lose `auth` on the way: then each request has to be sent.
    expect(told(await http.get('/here', config))).toBe(sentOn ? 'hit fresh' : 'miss uri-miss');
    expect(first.cache.notStored).toBe(sentOn ? undefined : 'redirected');
    expect(told(await http.get('/there', config))).toBe(sentOn ? 'hit fresh' : 'miss uri-miss');
    expect(told(await http.get('/there'))).toBe('miss uri-miss');
    const asked = origin.count();
    await http.get('/here');
    expect(origin.requests.slice(asked).map(({ path }) => path)).toEqual(['/here', '/there']);
    expect(origin.requests.slice(asked).some(isAuthenticated)).toBe(false);
  });

  test('user-info of the URL counts as auth', async () => {
    const { http, origin } = await startCached({ '/here': to('/there'), '/there': numbered() });
    const url = `${origin.url.replace('//', '//ada:secret@')}/here`;
    await http.get(url);
    const sentOn = isAuthenticated(origin.requests[1]);
    expect(told(await http.get(url))).toBe(sentOn ? 'hit fresh' : 'miss uri-miss');
  });

  test('after other origins they are gone for good', async () => {
    const { http, origin } = await startCached({ '/here': (): Reply => to(`${other.url}/back`), '/there': numbered() });
    const config = having({ Authorization: 'Bearer ada', 'X-Back': `${origin.url}/there` });
    for (const reason of ['miss uri-miss', 'hit fresh']) expect(told(await http.get('/here', config))).toBe(reason);
    expect(origin.requests.map(({ headers }) => headers.authorization)).toEqual(['Bearer ada', undefined]);
    expect(told(await http.get('/there', config))).toBe('miss uri-miss');
  });
});

describe('maxRedirects', () => {
  const chain = { '/1': to('/2'), '/2': to('/3'), '/3': to('/4'), '/4': numbered() };

  test.each([{ maxRedirects: 3 }, {}])('%j: a chain of three is followed', async (config) => {
    const { http, origin } = await startCached(chain);
    await http.get('/1');
    expect([told(await http.get('/1', config)), origin.count()]).toEqual(['hit fresh', 4]);
  });

  test('2: the origin is asked, and the request fails as without a cache', async () => {
    const { http, origin } = await startCached(chain);
    await http.get('/1');
    const { code, message } = await failure(http.get('/1', { maxRedirects: 2 }));
    expect([code, message]).toEqual(['ERR_FR_TOO_MANY_REDIRECTS', 'Maximum number of redirects exceeded']);
    expect(origin.count('/1')).toBe(2);
  });

  test.each<[string, InstanceOptions, AxiosRequestConfig]>([
    ['under a key of the request’s own', {}, { cache: { key: 'mine' } }],
    ['under a key that a function gives', { key: () => 'mine' }, {}],
  ])('2, %s, where nobody knows how many there were: the same', async (_key, options, config) => {
    const { http } = await startCached(chain, options);
    await http.get('/1', config);
    expect(told(await http.get('/1', config))).toBe('hit fresh');
    const limited = { ...config, maxRedirects: 2 };
    expect((await failure(http.get('/1', limited))).code).toBe('ERR_FR_TOO_MANY_REDIRECTS');
    expect((await http.get('/1', { ...config, maxRedirects: 3 })).status).toBe(200);
  });

  test('stored redirects count among those of a chain that has grown', async () => {
    const grown = {
      '/1': to('/2'),
      '/2': inTurn({ headers: { 'Cache-Control': 'max-age=5' } }, to('/3')),
      '/3': to('/4'),
      '/4': {},
    };
    const { http, origin, clock } = await startCached(grown);
    await http.get('/1');
    clock.advance(10);
    const { code, message, config } = await failure(http.get('/1', { maxRedirects: 2 }));
    expect([code, message]).toEqual(['ERR_FR_TOO_MANY_REDIRECTS', 'Maximum number of redirects exceeded']);
    expect(config).toMatchObject({ url: '/1', maxRedirects: 2 });
    expect([origin.count('/1'), origin.count('/4')]).toEqual([1, 0]);
    expect((await http.get('/1', { maxRedirects: 3 })).status).toBe(200);
  });

  test('a loop at the origin fails as without a cache, and nothing of it is stored', async () => {
    const { http } = await startCached({ '/1': to('/2'), '/2': to('/1') });
    for (let time = 0; time < 2; time += 1)
      expect((await failure(http.get('/1'))).code).toBe('ERR_FR_TOO_MANY_REDIRECTS');
    expect(await http.cache.count()).toBe(0);
  });

  test('a loop that is stored ends at the origin', async () => {
    const ignoring = { config: {}, policy: { ignoresRedirects: true } } as AxiosRequest;
    const request = { config: {}, policy: {}, ignoringRedirects: () => ignoring } as unknown as AxiosRequest;
    const redirect = { content: { kind: 'entry', entry: { redirectsTo: 'http://api.test/1' } } } as unknown as Outcome;
    const answer = { content: { kind: 'gateway-timeout' } } as Outcome;
    const handle = jest.fn(async ({ policy }: AxiosRequest) => (policy.ignoresRedirects === true ? answer : redirect));
    const { outcome } = await followStored(request, redirect, handle, () => request);
    expect(outcome).toBe(answer);
    // As many as axios follows, and once more without them.
    expect(handle).toHaveBeenCalledTimes(22);
  });
});

describe('a beforeRedirect of the caller', () => {
  test('is asked each time, with what axios gives it, and what it lets pass is not stored', async () => {
    const { http, origin } = await startCached({ '/here': to('/there'), '/there': numbered() });
    const beforeRedirect = jest.fn();
    await http.get('/here');
    for (const data of ['answer 2', 'answer 3']) {
      const response = await http.get('/here', { beforeRedirect });
      expect([response.data, response.cache.notStored]).toEqual([data, 'redirected']);
    }
    expect(beforeRedirect).toHaveBeenCalledTimes(2);
    const [options, details] = beforeRedirect.mock.calls[0] as [{ href: string }, object];
    expect([options.href, details]).toEqual([`${origin.url}/there`, expect.objectContaining({ statusCode: 301 })]);
  });

  test('that throws rejects, although the answer is stored', async () => {
    const { http } = await startCached({ '/here': to('/there'), '/there': numbered() });
    await http.get('/here');
    const beforeRedirect = (): never => { throw new Error('not there'); };
    const error = await failure(http.get('/here', { beforeRedirect }));
    expect([error.message, error.config?.url]).toEqual([expect.stringContaining('not there'), '/here']);
  });

  test('does not keep an answer without redirects from being stored', async () => {
    const { http } = await startCached({ '/there': numbered() });
    const beforeRedirect = jest.fn();
    await http.get('/there', { beforeRedirect });
    expect(told(await http.get('/there', { beforeRedirect }))).toBe('hit fresh');
  });
});

describe('methods', () => {
  test.each([301, 302, 303])(
    'POST, %d: each is sent, and the GET that answers it is not stored as its answer',
    async (status) => {
      const routes = {
        'POST /form': { ...to('/done', status), headers: { Location: '/done', 'Cache-Control': 'max-age=60' } },
        '/done': numbered(),
      };
      const { http, origin } = await startCached(routes, { allowedMethods: ['GET', 'POST'] });
      for (const data of ['answer 1', 'answer 2']) {
        const response = await http.post('/form', 'x');
        expect([response.data, response.cached, response.cache.notStored]).toEqual([data, false, 'redirected']);
      }
      expect(origin.requests.map(({ method }) => method)).toEqual(['POST', 'GET', 'POST', 'GET']);
      expect(await http.cache.count()).toBe(0);
    },
  );

  test.each([307, 308])('POST, %d: sent on as POST, each time', async (status) => {
    const routes = { 'POST /form': to('/done', status), 'POST /done': numbered() };
    const { http, origin } = await startCached(routes, { allowedMethods: ['GET', 'POST'] });
    for (const data of ['answer 1', 'answer 2']) expect((await http.post('/form', 'x')).data).toBe(data);
    expect(origin.requests.map(({ method, body }) => `${method} ${String(body)}`)).toEqual(Array(4).fill('POST x'));
  });

  test('a POST that may be cached changes where it was redirected to', async () => {
    const routes = { 'POST /form': to('/done', 303), '/done': numbered() };
    const { http } = await startCached(routes, { allowedMethods: ['GET', 'POST'] });
    await http.get('/done');
    await http.post('/form', 'x');
    expect((await http.get('/done')).data).toBe('answer 3');
  });
});

describe('other rules on the way', () => {
  test('a stream that came by redirects is stored once it has been read', async () => {
    const { http, origin } = await startCached({ '/here': to('/there'), '/there': numbered() });
    const streamed = await http.get('/here', { responseType: 'stream' });
    expect(await text(streamed.data)).toBe('answer 1');
    await http.cache.idle();
    expect([told(await http.get('/here')), told(await http.get('/there')), origin.count()]).toEqual([
      'hit fresh',
      'hit fresh',
      2,
    ]);
  });

  test.each(['/here', '/there'])('a pattern that switches the cache off for %s', async (path) => {
    const { http, origin } = await startCached(
      { '/here': to('/there'), '/there': numbered() },
      { urlsExpireAfter: { [`**${path}`]: false } },
    );
    await http.get('/here');
    await http.get('/here');
    expect([origin.count('/here'), origin.count('/there')]).toEqual([2, 2]);
  });

  test('each URL has the lifetime that its own pattern says', async () => {
    const { http, origin, clock } = await startCached(
      { '/here': to('/there'), '/there': numbered() },
      { urlsExpireAfter: { '**/there': 10 } },
    );
    await http.get('/here');
    clock.advance(20);
    await http.get('/here');
    expect([origin.count('/here'), origin.count('/there')]).toEqual([1, 2]);
  });

  test('a Host field of the caller is not sent on', async () => {
    const { http, origin } = await startCached({ '/here': to('/there'), '/there': numbered() });
    const host = new URL(origin.url).host;
    await http.get('/here', having({ Host: host }));
    expect([told(await http.get('/here', having({ Host: host }))), origin.count()]).toEqual(['hit fresh', 2]);
  });
});
