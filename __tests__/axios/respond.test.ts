/** What a caller is given: the same as by plain axios, whoever filled the entry, and nobody else's to change. */
import { Agent } from 'node:http';
import { createHash } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import axios, { AxiosError, type AxiosProgressEvent, type AxiosRequestConfig, type AxiosResponse, type ResponseType } from 'axios';
import type { StoredResponse } from '../../lib/index.js';
import { type CachedOrigin, startCached, told } from '../support/cached-instance.js';
import type { Reply, Routes } from '../support/origin.js';
import { showData } from '../support/show-data.js';

type AdapterName = 'http' | 'fetch';
const ADAPTERS: readonly AdapterName[] = ['http', 'fetch'];
const TYPES = [undefined, 'json', 'text', 'arraybuffer', 'blob', 'document', 'formdata', 'stream'] as const;

const FORM = '--limit\r\nContent-Disposition: form-data; name="a"\r\n\r\n1\r\n--limit--\r\n';
const BODIES: Readonly<Record<string, Reply>> = {
  '/json': { body: { list: [1, { deep: 'é' }], none: null } },
  '/broken-json': { headers: { 'Content-Type': 'application/json' }, body: '{oops' },
  '/text': { headers: { 'Content-Type': 'text/plain; charset=utf-8', 'X-Mixed-Case': 'A' }, body: 'é\u2028text' },
  '/bytes': { headers: { 'Content-Type': 'image/png' }, body: Uint8Array.from({ length: 256 }, (_, at) => at) },
  '/form': { headers: { 'Content-Type': 'multipart/form-data; boundary=limit' }, body: FORM },
  '/empty': { headers: { 'Content-Length': '0' }, body: '' },
  '/no-content': { status: 204 },
  '/gzip': {
    headers: { 'Content-Type': 'application/json', 'Content-Encoding': 'gzip', Vary: 'Accept-Encoding' },
    body: gzipSync('{"packed":true}'),
  },
};

/** What a hit does not have of a miss: fields of the connection. */
const OF_THE_CONNECTION = ['connection', 'keep-alive', 'transfer-encoding'];

interface Shown {
  readonly status?: number | undefined;
  readonly error?: object;
  readonly data?: unknown;
}

async function shown(pending: Promise<AxiosResponse>): Promise<Shown> {
  const settled = await pending.catch((error: unknown) => error);
  if (settled instanceof AxiosError) {
    const { name, message, code, config, response } = settled;
    const error = { name, message, code, url: config?.url, ofConfig: config !== undefined && response?.config === config };
    return { status: response?.status, error };
  }
  const { status, statusText, headers, data } = settled as AxiosResponse;
  const kept = Object.entries(headers).filter(([name]) => ![...OF_THE_CONNECTION, 'age'].includes(name.toLowerCase()));
  const given = { status, statusText, headers: Object.fromEntries(kept), data: await showData(data) };
  return given;
}

const startAll = (routes: Routes): Promise<CachedOrigin> => startCached(routes, { allowedCodes: () => true });

describe('against plain axios', () => {
  const rows = ADAPTERS.flatMap((adapter) => Object.keys(BODIES).map((path) => [adapter, path] as const));
  test.each(rows)('%s, %s: miss and hit give what it gives, by whatever responseType the entry was filled', async (adapter, path) => {
    const { http, origin } = await startAll(BODIES);
    const plain = axios.create({ baseURL: origin.url, adapter, proxy: false });
    for (const filler of TYPES) {
      // An entry for each filler; the parameter is the same for both, so that errors name the same URL.
      const ask = (responseType: ResponseType | undefined): AxiosRequestConfig => ({
        params: { filler: String(filler) },
        ...(responseType === undefined ? {} : { responseType }),
      });
      const first = { type: filler, given: await shown(http.get(path, { ...ask(filler), adapter })) };
      expect(first).toEqual({ type: filler, given: await shown(plain.get(path, ask(filler))) });
      for (const type of TYPES) {
        const before = origin.count();
        const given = await shown(http.get(path, { ...ask(type), adapter }));
        const asked = origin.count() - before;
        expect({ filler, type, given }).toEqual({ filler, type, given: await shown(plain.get(path, ask(type))) });
        // A stream passes through, so the first of the others fills the entry; from then on all are hits.
        expect({ filler, type, asked }).toEqual({ filler, type, asked: filler === 'stream' && type === undefined ? 1 : 0 });
      }
    }
  }, 30_000);

  test.each(ADAPTERS)('%s: an entry that the other adapter filled', async (adapter) => {
    const other = adapter === 'http' ? 'fetch' : 'http';
    const { http, origin } = await startAll(BODIES);
    const plain = axios.create({ baseURL: origin.url, adapter });
    await http.get('/bytes', { adapter: other });
    for (const responseType of ['arraybuffer', 'text', 'blob', 'stream'] as const) {
      const settings = { adapter, responseType };
      const [ours, theirs] = [await shown(http.get('/bytes', settings)), await shown(plain.get('/bytes', settings))];
      expect({ responseType, data: ours.data }).toEqual({ responseType, data: theirs.data });
    }
    expect(origin.count()).toBe(1 + 4);
  });

  test.each(ADAPTERS)('%s: HEAD, from a stored HEAD and from a stored GET', async (adapter) => {
    const { http, origin } = await startAll(BODIES);
    const plain = axios.create({ baseURL: origin.url, adapter });
    const theirs = await shown(plain.head('/text'));
    expect(await shown(http.head('/text', { adapter }))).toEqual(theirs);
    expect(await shown(http.head('/text', { adapter }))).toEqual(theirs);
    await http.get('/json', { adapter });
    const fromGet = await http.head('/json', { adapter });
    expect({ told: told(fromGet), data: fromGet.data as unknown, type: fromGet.headers['content-type'] }).toEqual({
      told: 'hit fresh',
      data: '',
      type: 'application/json',
    });
    expect(origin.count()).toBe(3);
  });

  test.each(ADAPTERS)('%s: a stream of a 204 from the cache', async (adapter) => {
    const { http, origin } = await startAll(BODIES);
    const plain = axios.create({ baseURL: origin.url, adapter, responseType: 'stream' });
    await http.get('/no-content', { adapter });
    const hit = await http.get('/no-content', { adapter, responseType: 'stream' });
    expect(told(hit)).toBe('hit fresh');
    expect(await showData(hit.data)).toEqual(await showData((await plain.get('/no-content')).data));
  });

  test('an unknown responseEncoding fails the one who asked, with its config, and spoils nothing', async () => {
    const { http } = await startAll(BODIES);
    const responseEncoding = 'no-such-encoding' as 'utf8';
    for (const _missThenHit of [1, 2]) {
      await expect(http.get('/text', { responseEncoding })).rejects.toMatchObject({ name: 'TypeError', config: { url: '/text', responseEncoding } });
    }
    expect((await http.get('/text')).data).toBe('é\u2028text');
  });

  test('the spelling of header names of a mock adapter stays', async () => {
    const { http } = await startCached({});
    const adapter = () =>
      Promise.resolve({ status: 200, statusText: 'Fine', headers: { 'X-Mixed-Case': 'A', 'x-list': ['a', 'b'] }, data: 'x', config: {} } as never);
    for (const expected of ['miss uri-miss', 'hit fresh']) {
      const response = await http.get('/', { adapter });
      expect(told(response)).toBe(expected);
      expect(response.statusText).toBe('Fine');
      expect(response.headers).toMatchObject({ 'X-Mixed-Case': 'A', 'x-list': ['a', 'b'] });
      expect(response.headers).toBeInstanceOf(axios.AxiosHeaders);
    }
  });

  test('set-cookie is a list, on the miss and where the server itself gave a lifetime on the hit', async () => {
    const cookies = ['a=1; Path=/', 'b=2'];
    const { http } = await startCached({ '/': { headers: { 'Set-Cookie': cookies, 'Cache-Control': 'max-age=9' } } });
    expect((await http.get('/')).headers['set-cookie']).toEqual(cookies);
    expect((await http.get('/')).headers['set-cookie']).toEqual(cookies);
  });

  test('a hit has an Age, a miss has none of ours', async () => {
    const { http, clock } = await startCached({ '/': {} });
    expect((await http.get('/')).headers['age']).toBeUndefined();
    clock.advance(7.9);
    expect((await http.get('/')).headers['age']).toBe('7');
  });
});

describe('compression', () => {
  test.each(ADAPTERS)('%s: gzip with Vary: Accept-Encoding costs one origin request', async (adapter) => {
    const { http, origin } = await startAll(BODIES);
    for (const expected of ['miss uri-miss', 'hit fresh', 'hit fresh']) {
      const response = await http.get('/gzip', { adapter });
      expect(told(response)).toBe(expected);
      expect(response.data).toEqual({ packed: true });
    }
    expect(origin.count()).toBe(1);
    expect(await http.cache.count()).toBe(1);
  });

  test('decompress: false is another entry', async () => {
    const { http, origin } = await startAll(BODIES);
    const packed = { decompress: false, responseType: 'arraybuffer' } as const;
    const inflated = { responseType: 'arraybuffer' } as const;
    for (const _missThenHit of [1, 2]) {
      expect(Buffer.from((await http.get<Buffer>('/gzip', inflated)).data).toString()).toBe('{"packed":true}');
      expect((await http.get<Buffer>('/gzip', packed)).data.equals(gzipSync('{"packed":true}'))).toBe(true);
    }
    expect(origin.count()).toBe(2);
  });
});

describe('transforms', () => {
  test('each caller has its own transformResponse, with raw data, headers and status', async () => {
    const { http } = await startCached({ '/': { body: { a: 1 }, headers: { 'X-Own': 'h' } } });
    const calls: unknown[] = [];
    const transformResponse = (data: unknown, headers: { 'x-own': string }, status: number): unknown => {
      calls.push([data, headers['x-own'], status]);
      return calls.length;
    };
    const config = { transformResponse } as unknown as AxiosRequestConfig;
    expect((await http.get<number>('/', config)).data).toBe(1);
    expect((await http.get<number>('/', config)).data).toBe(2);
    expect((await http.get<object>('/')).data).toEqual({ a: 1 });
    expect(calls).toEqual(Array(2).fill(['{"a":1}', 'h', 200]));
  });

  test('each caller has its own parseReviver', async () => {
    const { http } = await startCached({ '/': { body: { n: 1 } } });
    const doubling = { parseReviver: (_key: string, value: unknown) => (typeof value === 'number' ? value * 2 : value) };
    expect((await http.get<object>('/', doubling as AxiosRequestConfig)).data).toEqual({ n: 2 });
    expect((await http.get<object>('/')).data).toEqual({ n: 1 });
    expect((await http.get<object>('/', doubling as AxiosRequestConfig)).data).toEqual({ n: 2 });
  });

  test('a transform that throws fails its caller alone', async () => {
    const { http, origin } = await startCached({ '/': { body: { a: 1 } } });
    const broken = { transformResponse: () => { throw new TypeError('not the shape'); } };
    for (const _missThenHit of [1, 2]) await expect(http.get('/', broken)).rejects.toThrow('not the shape');
    expect((await http.get('/')).data).toEqual({ a: 1 });
    expect(origin.count()).toBe(1);
  });

  test('strict JSON fails on a hit as on a miss, with the raw text at hand', async () => {
    const { http } = await startAll(BODIES);
    const strict = { responseType: 'json', transitional: { silentJSONParsing: false } } as const;
    for (const _missThenHit of [1, 2]) {
      await expect(http.get('/broken-json', strict)).rejects.toMatchObject({ code: 'ERR_BAD_RESPONSE', response: { data: '{oops' } });
    }
  });
});

describe('streams', () => {
  test.each(ADAPTERS)('%s: with nothing stored the origin answers, unread and unstored', async (adapter) => {
    const { http, origin } = await startAll(BODIES);
    for (const count of [1, 2]) {
      const response = await http.get('/bytes', { adapter, responseType: 'stream' });
      expect(response).toMatchObject({ cached: false, cache: { status: 'miss', stored: false, notStored: 'bypass' } });
      expect(await showData(response.data)).toMatchObject({ bytes: Buffer.from(BODIES['/bytes']?.body as Uint8Array) });
      expect(origin.count()).toBe(count);
    }
  });

  test.each(ADAPTERS)('%s: a fresh entry is streamed, to each caller its own', async (adapter) => {
    const { http, origin } = await startAll(BODIES);
    await http.get('/bytes', { adapter });
    const streams = await Promise.all([1, 2].map(() => http.get('/bytes', { adapter, responseType: 'stream' })));
    for (const response of streams) {
      expect(told(response)).toBe('hit fresh');
      expect(await showData(response.data)).toMatchObject({ bytes: Buffer.from(BODIES['/bytes']?.body as Uint8Array) });
    }
    expect(origin.count()).toBe(1);
  });

  test('a stale entry is neither streamed nor lost', async () => {
    const { http, origin, clock } = await startCached({ '/': { headers: { 'Cache-Control': 'max-age=1', ETag: '"1"' }, body: 'x' } });
    await http.get('/');
    clock.advance(2);
    const streamed = await http.get('/', { responseType: 'stream' });
    expect(told(streamed)).toBe('miss expired');
    expect(await showData(streamed.data)).toMatchObject({ bytes: Buffer.from('x') });
    await http.get('/');
    expect(origin.requests.map(({ headers }) => headers['if-none-match'])).toEqual([undefined, undefined, '"1"']);
  });

  test('only-if-cached with nothing stored is a 504 with a stream', async () => {
    const { http } = await startCached({});
    const error = await http.get('/', { responseType: 'stream', cache: 'only-if-cached' }).catch((reason: unknown) => reason);
    const { response } = error as AxiosError;
    expect(response?.status).toBe(504);
    expect(await showData(response?.data)).toEqual({ stream: 'node', bytes: Buffer.alloc(0) });
  });
});

describe('one caller changes what it was given', () => {
  const digest = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

  test('data and headers: not seen on hits, by followers, or by the leader of the miss', async () => {
    const { http, origin } = await startCached({ '/': { body: { list: [1] }, headers: { 'X-Own': 'a', 'Cache-Control': 'max-age=9', 'Set-Cookie': ['a=1'] } } });
    const gate = origin.hold('/');
    const pending = [http.get('/'), http.get('/'), http.get('/')];
    await gate.arrived();
    gate.release();
    const responses = [...(await Promise.all(pending)), await http.get('/'), await http.get('/')];
    for (const [index, { data, headers }] of responses.entries()) {
      expect({ index, data: data as unknown, own: headers['x-own'] as unknown, cookie: headers['set-cookie'] }).toEqual({ index, data: { list: [1] }, own: 'a', cookie: ['a=1'] });
      data.list.push(index);
      data.changed = true;
      headers['x-own'] = 'b';
      headers['set-cookie']?.push('b=2');
    }
    expect(origin.count()).toBe(1);
    expect(await http.get('/')).toMatchObject({ data: { list: [1] }, headers: { 'x-own': 'a', 'set-cookie': ['a=1'] } });
  });

  test.each(ADAPTERS)('%s: bytes', async (adapter) => {
    const { http } = await startAll(BODIES);
    const expected = digest(BODIES['/bytes']?.body as Uint8Array);
    const get = (): Promise<AxiosResponse<ArrayBuffer>> => http.get('/bytes', { adapter, responseType: 'arraybuffer' });
    for (const { data } of [...(await Promise.all([get(), get(), get()])), await get(), await get()]) {
      // A Buffer is a view already; over a buffer this makes one.
      const bytes: Uint8Array = data instanceof Uint8Array ? data : new Uint8Array(data);
      expect(digest(bytes)).toBe(expected);
      bytes.fill(0);
    }
  });

  test('objects of a mock adapter: neither its own nor those of other callers', async () => {
    const { http } = await startCached({});
    const original = { list: [1] };
    const adapter = () => Promise.resolve({ status: 200, statusText: 'OK', headers: {}, data: original, config: {} } as never);
    for (const _missThenHits of [1, 2, 3]) {
      const { data } = await http.get<typeof original>('/', { adapter });
      expect(data).toEqual({ list: [1] });
      data.list.push(2);
    }
    expect(original).toEqual({ list: [1] });
  });

  /** Writes to everything that a StoredResponse shows, as code without types may. */
  function spoil(response: StoredResponse): void {
    const { bytes, headers, tags, createdAt } = response as unknown as { bytes: Uint8Array; headers: Record<string, unknown>; tags: string[]; createdAt: Date };
    bytes.fill(0);
    headers['x-own'] = 'spoilt';
    headers['x-new'] = 'spoilt';
    (headers['set-cookie'] as string[]).push('spoilt=1');
    createdAt.setTime(0);
    tags.push('spoilt');
  }
  const FIELDS = { 'X-Own': 'a', 'Cache-Control': 'max-age=9', 'Set-Cookie': ['a=1'] };
  const UNSPOILT = { data: { a: 1 }, headers: { 'x-own': 'a', 'set-cookie': ['a=1'] }, cache: { tags: ['t'] } };

  test('what filter and tags are shown', async () => {
    const { http, clock } = await startCached({ '/': { body: { a: 1 }, headers: FIELDS } });
    const cache = {
      filter: (response: StoredResponse) => {
        spoil(response);
        return true;
      },
      tags: (response: StoredResponse) => {
        spoil(response);
        return ['t'];
      },
    };
    const responses = [await http.get('/', { cache }), await http.get('/', { cache }), await http.get('/', { cache })];
    for (const response of responses) {
      expect(response).toMatchObject(UNSPOILT);
      expect(response.headers).not.toHaveProperty('x-new');
      expect(response.cache.createdAt).toEqual(new Date(clock.now()));
    }
  });

  test('what the manager shows, and `response.cache`', async () => {
    const { http } = await startCached({ '/': { body: { a: 1 }, headers: FIELDS } });
    const cache = { tags: ['t'] };
    const spoilInfo = (tags: readonly string[]): void => void (tags as string[]).push('spoilt');
    spoilInfo((await http.get('/', { cache })).cache.tags);
    const stored = await http.cache.get('/');
    if (stored === undefined) throw new TypeError('not stored');
    spoil(stored);
    spoilInfo((await http.get('/')).cache.tags);
    expect(await http.get('/')).toMatchObject(UNSPOILT);
    expect(await http.cache.get('/')).toMatchObject({ headers: { 'x-own': 'a', 'set-cookie': ['a=1'] }, tags: ['t'] });
    expect(cache.tags).toEqual(['t']);
  });
});

describe("the caller's own terms, on hits", () => {
  const failure = (pending: Promise<unknown>): Promise<AxiosError> =>
    pending.then(
      () => Promise.reject(new TypeError('expected a rejection')),
      (error: unknown) => error as AxiosError,
    );

  test('validateStatus: a stored 404 rejects as an AxiosError that says it is cached', async () => {
    const { http, origin } = await startCached({ '/': { status: 404, body: { error: 'none' } } }, { allowedCodes: [404] });
    await http.get('/', { validateStatus: null });
    const ours = await failure(http.get('/'));
    const theirs = await failure(axios.get(`${origin.url}/`));
    expect(axios.isAxiosError(ours)).toBe(true);
    for (const name of ['message', 'code', 'name', 'status'] as const) expect(ours[name]).toBe(theirs[name]);
    expect(ours.response).toMatchObject({ status: 404, data: { error: 'none' }, cached: true, cache: { status: 'hit' } });
    expect(ours.response?.config).toBe(ours.config);
    expect(ours.request).toBe(ours.response?.request);
    expect(await http.get('/', { validateStatus: (status) => status === 404 })).toMatchObject({ status: 404, cached: true });
    await expect(http.get('/', { validateStatus: () => false })).rejects.toMatchObject({ code: 'ERR_BAD_REQUEST' });
    expect(origin.count()).toBe(2);
  });

  test.each(ADAPTERS)('%s: maxContentLength rejects with the code and the message of axios', async (adapter) => {
    const { http, origin } = await startAll(BODIES);
    const limited = { adapter, maxContentLength: 10 };
    await http.get('/bytes', { adapter });
    const ours = await failure(http.get('/bytes', limited));
    const theirs = await failure(axios.get(`${origin.url}/bytes`, limited));
    for (const name of ['message', 'code', 'name'] as const) expect(ours[name]).toBe(theirs[name]);
    expect(ours.config).toMatchObject({ url: '/bytes', maxContentLength: 10 });
    expect((await http.get('/bytes', { adapter, maxContentLength: 256 })).cached).toBe(true);
    expect((await http.head('/bytes', limited)).cached).toBe(true);
  });

  test('maxContentLength on a miss fails that caller, and the next one is answered', async () => {
    const { http, origin } = await startAll(BODIES);
    await expect(http.get('/bytes', { maxContentLength: 10 })).rejects.toMatchObject({ code: 'ERR_BAD_RESPONSE', config: { url: '/bytes' } });
    expect(told(await http.get('/bytes'))).toBe('miss uri-miss');
    expect(origin.count()).toBe(2);
  });

  test('onDownloadProgress: one event, the last', async () => {
    const { http } = await startAll(BODIES);
    await http.get('/bytes');
    const events: AxiosProgressEvent[] = [];
    await http.get('/bytes', { onDownloadProgress: (event) => void events.push(event) });
    expect(events).toEqual([expect.objectContaining({ loaded: 256, total: 256, bytes: 256, progress: 1, download: true, lengthComputable: true })]);
  });

  test('onDownloadProgress on a miss: the events of the adapter', async () => {
    const { http } = await startAll(BODIES);
    const events: AxiosProgressEvent[] = [];
    await http.get('/bytes', { onDownloadProgress: (event) => void events.push(event) });
    expect(events.at(-1)).toMatchObject({ loaded: 256, download: true });
  });

  test.each<[string, string, string]>([
    ['without a redirect', '/?token=secret&b=1&a=2', '/?token=secret&b=1&a=2'],
    ['after one', '/from', '/?to=1'],
  ])('response.request tells the final URL, %s', async (_name, path, expected) => {
    const { http, origin } = await startCached({ '/': {}, '/from': { status: 302, headers: { Location: '/?to=1' } } });
    for (const cached of [false, true]) {
      const response = await http.get(path);
      expect(response.cached).toBe(cached);
      expect(response.request.res.responseUrl).toBe(origin.url + expected);
      if (cached) expect(response.request.responseURL).toBe(origin.url + expected);
    }
  });

  test('the final URL is stored without credentials', async () => {
    const { http, origin } = await startCached({ '/': {}, '/from': { status: 302, headers: { Location: '/?token=secret&b=1' } } });
    const auth = { username: 'ada', password: 'hidden' };
    await http.get('/?api_key=secret', { auth });
    await http.get('/from', { auth });
    const heads: string[] = [];
    for await (const { head } of http.cache.storage.entries()) heads.push(head);
    expect(heads).toHaveLength(2);
    expect(heads.join()).not.toMatch(/secret|hidden|ada/);
    expect((await http.get('/from', { auth })).request.res.responseUrl).toBe(`${origin.url}/?b=1&token=***`);
  });

  test('response.request tells the URL where the adapter does not', async () => {
    const { http, origin } = await startCached({ '/': {} });
    await http.get('/?token=secret', { adapter: 'fetch' });
    const { request } = await http.get('/?token=secret', { adapter: 'fetch' });
    expect(request).toMatchObject({ responseURL: `${origin.url}/?token=secret`, res: { responseUrl: `${origin.url}/?token=secret` } });
  });

  test('a signal that is aborted already, or a token, rejects; one of a request that ended does nothing', async () => {
    const { http, origin } = await startCached({ '/': {} });
    const controller = new AbortController();
    const source = axios.CancelToken.source();
    await http.get('/', { signal: controller.signal, cancelToken: source.token });
    await http.get('/', { signal: controller.signal, cancelToken: source.token });
    controller.abort();
    source.cancel('enough');
    await expect(http.get('/', { signal: controller.signal })).rejects.toMatchObject({ code: 'ERR_CANCELED', name: 'CanceledError' });
    await expect(http.get('/', { cancelToken: source.token })).rejects.toMatchObject({ code: 'ERR_CANCELED', message: 'enough' });
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
    for (const name of ['message', 'code', 'name'] as const) expect(ours[name]).toBe(theirs[name]);
    expect(ours.config).toMatchObject({ timeout: 20 });
    gate.release();
    expect((await leader).status).toBe(200);
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
    for (const setting of settings) expect({ setting, told: told(await http.get('/', setting)) }).toEqual({ setting, told: 'hit fresh' });
    expect(origin.count()).toBe(1);
    agent.destroy();
  });
});
