/** Interceptors and per-request adapters beside the cache: neither switches the other off. */
import axios, { type AxiosAdapter, type AxiosError, type InternalAxiosRequestConfig } from 'axios';
import { startCached, told } from '../support/cached-instance.js';
import { withEtag } from '../support/origin.js';

/** An adapter that counts, and goes to the origin. */
function counting(): AxiosAdapter & { readonly count: number } {
  let count = 0;
  const adapter: AxiosAdapter = (config) => {
    count += 1;
    return axios.getAdapter('http')(config);
  };
  return Object.defineProperty(adapter, 'count', { get: () => count }) as AxiosAdapter & { readonly count: number };
}

describe('a per-request adapter', () => {
  test.each(['http', 'fetch', ['fetch', 'http']] as const)(
    '%s: becomes the way to the origin, and the cache works',
    async (adapter) => {
      const unused = counting();
      const { http, origin } = await startCached({ '/': { body: { a: 1 } } }, { defaults: { adapter: unused } });
      const chosen = adapter as 'http';
      expect((await http.get('/', { adapter: chosen })).data).toEqual({ a: 1 });
      expect(told(await http.get('/', { adapter: chosen }))).toBe('hit fresh');
      expect(told(await http.get('/'))).toBe('hit fresh');
      expect([origin.count(), unused.count]).toEqual([1, 0]);
    },
  );

  test('a function is asked on each miss, and not on a hit', async () => {
    const { http } = await startCached({ '/': {} });
    const own = counting();
    await http.get('/', { adapter: own });
    await http.get('/', { adapter: own });
    await http.get('/', { adapter: own, cache: 'reload' });
    expect(own.count).toBe(2);
  });

  test.each<[string, unknown]>([
    ['null', null],
    ['undefined', undefined],
  ])('%s is none: the cache works all the same', async (_name, adapter) => {
    const { http } = await startCached({ '/': {} });
    await http.get('/', { adapter: adapter as 'http' });
    expect(told(await http.get('/', { adapter: adapter as 'http' }))).toBe('hit fresh');
  });

  test('that an interceptor sets, registered after setup, is one too', async () => {
    const { http } = await startCached({ '/': {} });
    const own = counting();
    http.interceptors.request.use((config) => ({ ...config, adapter: own }));
    await http.get('/');
    expect(told(await http.get('/'))).toBe('hit fresh');
    expect(own.count).toBe(1);
  });

  test('in an object that an interceptor keeps is not written to', async () => {
    const { http } = await startCached({ '/': {} });
    const own = counting();
    http.interceptors.request.use((config) => Object.freeze({ ...config, adapter: own }));
    await http.get('/');
    expect(told(await http.get('/'))).toBe('hit fresh');
  });

  test.each<[string, unknown]>([
    ['an unknown name', 'carrier-pigeon'],
    ['a list of unknown names', ['carrier-pigeon', 'smoke']],
    ['nothing usable', [null, false]],
    ['a number', 5],
  ])('%s rejects as it does with plain axios', async (_name, adapter) => {
    const { http, origin } = await startCached({ '/': {} });
    await http.get('/');
    const shown = (error: AxiosError): object => ({ name: error.name, message: error.message, code: error.code });
    const failing = { baseURL: origin.url, adapter: adapter as 'http' };
    const ours = await http.get('/', failing).then(told, shown);
    expect(ours).toEqual(await axios.get('/', failing).then(() => 'an answer', shown));
  });
});

describe('a config used again', () => {
  test('axios.request(response.config) works again and again: hit, expiry, renewal', async () => {
    const { http, origin, clock } = await startCached({
      '/': withEtag('"1"', { headers: { 'Cache-Control': 'max-age=10' }, body: { a: 1 } }),
    });
    let { config } = await http.get('/', { params: { q: 1 }, headers: { 'X-Own': '1' } });
    const tellings: string[] = [];
    for (const seconds of [0, 5, 10, 0, 11]) {
      clock.advance(seconds);
      const again = await http.request<object>(config);
      expect(again.data).toEqual({ a: 1 });
      tellings.push(told(again));
      ({ config } = again);
    }
    expect(tellings).toEqual([
      'hit fresh',
      'hit fresh',
      'revalidated not-modified',
      'hit fresh',
      'revalidated not-modified',
    ]);
    expect(origin.requests.map(({ headers }) => headers['if-none-match'])).toEqual([undefined, '"1"', '"1"']);
    expect(origin.requests.every(({ url, headers }) => url === '/?q=1' && headers['x-own'] === '1')).toBe(true);
    expect(config.headers.toJSON()).toEqual({ Accept: 'application/json, text/plain, */*', 'X-Own': '1' });
  });

  test('with its own adapter goes the same way again', async () => {
    const { http } = await startCached({ '/': {} });
    const own = counting();
    const { config } = await http.get('/', { adapter: own });
    expect(told(await http.request(config))).toBe('hit fresh');
    await http.request({ ...config, cache: 'reload' });
    expect(own.count).toBe(2);
  });

  test('after a bypass finds the same entry like any other request', async () => {
    const { http, origin } = await startCached({ '/': { headers: { Vary: 'Accept-Encoding, User-Agent' } } });
    const { config } = await http.get('/', { cache: false });
    await http.get('/');
    expect(told(await http.request({ ...config, cache: true }))).toBe('hit fresh');
    expect(origin.count()).toBe(2);
  });

  test('of an error is retried through the cache', async () => {
    const { http, origin } = await startCached({ '/': { status: 503 } });
    const error = (await http.get('/').catch((reason: unknown) => reason)) as AxiosError;
    expect(error.response).toMatchObject({ status: 503, cached: false });
    await expect(http.request(error.config as InternalAxiosRequestConfig)).rejects.toMatchObject({
      response: { status: 503 },
    });
    expect(origin.count()).toBe(2);
  });

  test('on a plain instance answers too', async () => {
    const { http } = await startCached({ '/': { body: 'x' } });
    const { config } = await http.get('/');
    expect((await axios.create().request<string>(config)).data).toBe('x');
  });

  test('on an instance with another cache goes through that one', async () => {
    const { http } = await startCached({ '/': { body: 'x' } });
    const { http: other } = await startCached({});
    const { config } = await http.get('/');
    expect(told(await other.request(config))).toBe('miss uri-miss');
    expect(told(await other.request(config))).toBe('hit fresh');
  });
});

describe('request interceptors', () => {
  test.each([true, false])('that set a token (synchronous: %s) keep users apart', async (synchronous) => {
    const { http, origin } = await startCached({ '/': ({ headers }) => ({ body: `for ${headers.authorization}` }) });
    let token = 'ada';
    http.interceptors.request.use(
      (config) => {
        config.headers.set('Authorization', token);
        return synchronous ? config : Promise.resolve(config);
      },
      null,
      { synchronous },
    );
    expect((await http.get('/')).data).toBe('for ada');
    token = 'bob';
    expect((await http.get('/')).data).toBe('for bob');
    token = 'ada';
    expect(await http.get('/')).toMatchObject({ data: 'for ada', cached: true });
    expect(origin.count()).toBe(2);
  });

  test('that throw reject that request alone', async () => {
    const { http } = await startCached({ '/': {} });
    const id = http.interceptors.request.use(() => {
      throw new Error('not today');
    });
    await expect(http.get('/')).rejects.toThrow('not today');
    http.interceptors.request.eject(id);
    expect(told(await http.get('/'))).toBe('miss uri-miss');
  });

  test('ours keeps a chain of synchronous interceptors synchronous', async () => {
    const { http } = await startCached({ '/': {} });
    let sent = false;
    http.interceptors.request.use(
      (config) => {
        sent = true;
        return config;
      },
      null,
      { synchronous: true },
    );
    const pending = http.get('/');
    expect(sent).toBe(true);
    await pending;
  });
});

describe('response interceptors', () => {
  test('run on hits as on misses, and see what the cache did', async () => {
    const { http } = await startCached({ '/': {} });
    const seen: unknown[] = [];
    http.interceptors.response.use((response) => {
      seen.push(response.cache?.status);
      return response;
    });
    await http.get('/');
    await http.get('/');
    expect(seen).toEqual(['miss', 'hit']);
  });

  test('that reject with what is no AxiosError hang nobody', async () => {
    const { http, origin } = await startCached({ '/': { status: 500, body: { error: 'x' } } });
    http.interceptors.response.use(undefined, (error: AxiosError<Error>) =>
      Promise.reject(error.response?.data ?? error),
    );
    const outcomes = await Promise.allSettled([http.get('/'), http.get('/'), http.get('/')]);
    expect(outcomes.map((each) => each.status === 'rejected' && (each.reason as unknown))).toEqual(
      Array(3).fill({ error: 'x' }),
    );
    await expect(http.get('/')).rejects.toEqual({ error: 'x' });
    expect(origin.count()).toBeGreaterThanOrEqual(2);
  });
});
