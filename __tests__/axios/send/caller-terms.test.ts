/** Each caller's own terms hold on hits too: status, limits, progress, signals, timeouts, the final URL. */
import { Agent } from 'node:http';
import axios, { type AxiosError, type AxiosProgressEvent, type AxiosRequestConfig } from 'axios';
import { axiosHas } from '../../support/axios-features.js';
import { ADAPTERS, startBodies } from '../../support/bodies.js';
import { startCached, told } from '../../support/cached-instance.js';

describe("the caller's own terms, on hits", () => {
  const failure = (pending: Promise<unknown>): Promise<AxiosError> =>
    pending.then(
      () => Promise.reject(new TypeError('expected a rejection')),
      (error: unknown) => error as AxiosError,
    );

  test('validateStatus: a stored 404 rejects as an AxiosError that says it is cached', async () => {
    const { http, origin } = await startCached(
      { '/': { status: 404, body: { error: 'none' } } },
      { allowedCodes: [404] },
    );
    await http.get('/', { validateStatus: null });
    const ours = await failure(http.get('/'));
    const theirs = await failure(axios.get(`${origin.url}/`));
    expect(axios.isAxiosError(ours)).toBe(true);
    for (const name of ['message', 'code', 'name', 'status'] as const) expect(ours[name]).toBe(theirs[name]);
    expect(ours.response).toMatchObject({
      status: 404,
      data: { error: 'none' },
      cached: true,
      cache: { status: 'hit' },
    });
    expect(ours.response?.config).toBe(ours.config);
    expect(ours.request).toBe(ours.response?.request);
    expect(await http.get('/', { validateStatus: (status) => status === 404 })).toMatchObject({
      status: 404,
      cached: true,
    });
    await expect(http.get('/', { validateStatus: () => false })).rejects.toMatchObject({ code: 'ERR_BAD_REQUEST' });
    expect(origin.count()).toBe(2);
  });

  test.each(ADAPTERS)('%s: maxContentLength rejects with the code and the message of axios', async (adapter) => {
    const { http, origin } = await startBodies();
    const limited = { adapter, maxContentLength: 10 };
    await http.get('/bytes', { adapter });
    if (adapter === 'fetch' && !(await axiosHas('fetchMaxContentLength'))) {
      expect((await http.get('/bytes', limited)).cached).toBe(true);
      return;
    }
    const ours = await failure(http.get('/bytes', limited));
    const theirs = await failure(axios.get(`${origin.url}/bytes`, limited));
    for (const name of ['message', 'code', 'name'] as const) expect(ours[name]).toBe(theirs[name]);
    expect(ours.config).toMatchObject({ url: '/bytes', maxContentLength: 10 });
    expect((await http.get('/bytes', { adapter, maxContentLength: 256 })).cached).toBe(true);
    expect((await http.head('/bytes', limited)).cached).toBe(true);
  });

  test('maxContentLength on a miss fails that caller, and the next one is answered', async () => {
    const { http, origin } = await startBodies();
    await expect(http.get('/bytes', { maxContentLength: 10 })).rejects.toMatchObject({
      code: 'ERR_BAD_RESPONSE',
      config: { url: '/bytes' },
    });
    expect(told(await http.get('/bytes'))).toBe('miss uri-miss');
    expect(origin.count()).toBe(2);
  });

  test('onDownloadProgress: one event, the last', async () => {
    const { http } = await startBodies();
    await http.get('/bytes');
    const events: AxiosProgressEvent[] = [];
    await http.get('/bytes', { onDownloadProgress: (event) => void events.push(event) });
    expect(events).toEqual([
      expect.objectContaining({
        loaded: 256,
        total: 256,
        bytes: 256,
        progress: 1,
        download: true,
        lengthComputable: true,
      }),
    ]);
  });

  test('onDownloadProgress on a miss: the events of the adapter', async () => {
    const { http } = await startBodies();
    const events: AxiosProgressEvent[] = [];
    await http.get('/bytes', { onDownloadProgress: (event) => void events.push(event) });
    expect(events.at(-1)).toMatchObject({ loaded: 256, download: true });
  });

  test.each<[string, string, string]>([
    ['without a redirect', '/?token=secret&b=1&a=2', '/?token=secret&b=1&a=2'],
    ['after one', '/from', '/?to=1'],
  ])('response.request tells the final URL, %s', async (_name, path, expected) => {
    const { http, origin } = await startCached({ '/': {}, '/from': { status: 301, headers: { Location: '/?to=1' } } });
    for (const cached of [false, true]) {
      const response = await http.get(path);
      expect(response.cached).toBe(cached);
      expect(response.request.res.responseUrl).toBe(origin.url + expected);
      if (cached) expect(response.request.responseURL).toBe(origin.url + expected);
    }
  });

  test('no URL is stored with credentials: neither the requested nor where it was redirected to', async () => {
    const { http, origin } = await startCached({
      '/': {},
      '/from': { status: 301, headers: { Location: '/?token=secret&b=1' } },
      '/plain': { status: 301, headers: { Location: '/?b=1' } },
    });
    const auth = { username: 'ada', password: 'hidden' };
    // A field, as older copies of axios lose `auth` on every redirect.
    const headers = { Authorization: `Basic ${btoa('ada:hidden')}` };
    await http.get('/?api_key=secret', { auth });
    await http.get('/from', { headers });
    await http.get('/plain', { headers });
    const heads: string[] = [];
    for await (const { head } of http.cache.storage.entries()) heads.push(head);
    expect(heads).toHaveLength(3);
    expect(heads.join()).not.toMatch(/secret|hidden|ada|YWRhOmhpZGRlbg/);
    expect((await http.get('/plain', { headers })).request.res.responseUrl).toBe(`${origin.url}/?b=1`);
    expect((await http.get('/from', { headers })).cached).toBe(false);
  });

  test('response.request tells the URL where the adapter does not', async () => {
    const { http, origin } = await startCached({ '/': {} });
    await http.get('/?token=secret', { adapter: 'fetch' });
    const { request } = await http.get('/?token=secret', { adapter: 'fetch' });
    expect(request).toMatchObject({
      responseURL: `${origin.url}/?token=secret`,
      res: { responseUrl: `${origin.url}/?token=secret` },
    });
  });

  test('a signal that is aborted already, or a token, rejects; one of a request that ended does nothing', async () => {
    const { http, origin } = await startCached({ '/': {} });
    const controller = new AbortController();
    const source = axios.CancelToken.source();
    await http.get('/', { signal: controller.signal, cancelToken: source.token });
    await http.get('/', { signal: controller.signal, cancelToken: source.token });
    controller.abort();
    source.cancel('enough');
    await expect(http.get('/', { signal: controller.signal })).rejects.toMatchObject({
      code: 'ERR_CANCELED',
      name: 'CanceledError',
    });
    await expect(http.get('/', { cancelToken: source.token })).rejects.toMatchObject({
      code: 'ERR_CANCELED',
      message: 'enough',
    });
    expect((await http.get('/')).cached).toBe(true);
    expect(origin.count()).toBe(1);
  });

  test('a signal that an interceptor aborts rejects a hit', async () => {
    const { http } = await startCached({ '/': {} });
    await http.get('/');
    const controller = new AbortController();
    http.interceptors.request.use((config) => {
      controller.abort();
      return config;
    });
    await expect(http.get('/', { signal: controller.signal })).rejects.toMatchObject({ code: 'ERR_CANCELED' });
  });

  test('aborting a miss under way rejects with the own config, and drops the connection', async () => {
    const { http, origin } = await startCached({ '/': {} });
    origin.hold('/');
    const controller = new AbortController();
    const pending = failure(http.get('/', { signal: controller.signal, params: { own: 1 } }));
    await origin.hold('/').arrived();
    controller.abort();
    expect(await pending).toMatchObject({ code: 'ERR_CANCELED', config: { params: { own: 1 } } });
    await origin.requests[0]?.dropped;
  });

  test.each(ADAPTERS)('%s: timeout rejects as plain axios does, on the wait of a follower too', async (adapter) => {
    const { http, origin } = await startCached({ '/': {} });
    const gate = origin.hold('/');
    const leader = http.get('/', { adapter });
    await gate.arrived();
    const impatient = { adapter, timeout: 20, timeoutErrorMessage: 'too slow' };
    const ours = await failure(http.get('/', impatient));
    const theirs = await failure(axios.get(`${origin.url}/`, impatient));
    const isReworded = adapter === 'fetch' && !(await axiosHas('fetchTimeoutInWords'));
    expect(ours.message).toBe(isReworded ? 'timeout of 20ms exceeded' : theirs.message);
    for (const name of ['code', 'name'] as const) expect(ours[name]).toBe(theirs[name]);
    expect(ours.config).toMatchObject({ timeout: 20 });
    gate.release();
    expect((await leader).status).toBe(200);
  });

  test.each([
    [false, 'ECONNABORTED'],
    [true, 'ETIMEDOUT'],
  ])('http: a timeout within the body is one for a follower (clarifyTimeoutError: %s)', async (clarified, code) => {
    const { http, origin } = await startCached({
      '/': (_request, response) => {
        response.writeHead(200).write('begun');
        return new Promise(() => undefined);
      },
    });
    const asked = { adapter: 'http', timeout: 100, transitional: { clarifyTimeoutError: clarified } } as const;
    const codeOf = (pending: Promise<unknown>) => pending.catch((error: unknown) => (error as AxiosError).code);
    const plain = await codeOf(axios.get(origin.url, asked));
    expect(plain).toBe('ERR_BAD_RESPONSE');
    expect(await Promise.all([codeOf(http.get('/', asked)), codeOf(http.get('/', asked))])).toEqual([plain, code]);
  });

  test('timeouts, limits, agents and proxies are no part of the key', async () => {
    const { http, origin } = await startCached({ '/': {} });
    const agent = new Agent();
    await http.get('/');
    const settings: AxiosRequestConfig[] = [
      { timeout: 5000 },
      { maxContentLength: 1000, maxBodyLength: 5 },
      { httpAgent: agent, httpsAgent: agent },
      { proxy: { host: '127.0.0.1', port: 9 } },
      { maxRedirects: 3 },
      { validateStatus: null },
      { responseEncoding: 'latin1' },
      { xsrfCookieName: 'other' },
    ];
    for (const setting of settings)
      expect({ setting, told: told(await http.get('/', setting)) }).toEqual({ setting, told: 'hit fresh' });
    expect(origin.count()).toBe(1);
    agent.destroy();
  });
});
