/** Adapters that are not axios' own, and a `fetch` that is not the platform's: asked as their callers ask. */
import type { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import axios, { type AxiosAdapter, type AxiosRequestConfig, type ResponseType } from 'axios';
import type { CacheStorage } from '../../../lib/api/storage.js';
import { type CachedAxiosInstance, setupCache } from '../../../lib/index.js';
import { MemoryStorage } from '../../../lib/storage/memory/memory.js';
import { axiosHas } from '../../support/axios-features.js';
import { startCached } from '../../support/cached-instance.js';
import { newPath, openStorage } from '../../support/sqlite.js';

const JSON_TEXT = '{"ok":1}';
const TYPES = [undefined, 'json', 'text', 'arraybuffer', 'blob'] as const;
type Type = (typeof TYPES)[number];

const asking = (responseType: Type, config: AxiosRequestConfig = {}): AxiosRequestConfig =>
  responseType === undefined ? config : { ...config, responseType };

/** What adapters make of the types, as there are bridges to native code, mocks and wrappers. */
const MADE: Readonly<Record<string, (type: ResponseType | undefined) => unknown>> = {
  'text, and base64 for bytes': (type) => (type === 'arraybuffer' || type === 'blob' ? btoa(JSON_TEXT) : JSON_TEXT),
  'a value for json, text for others': (type) => (type === 'json' ? { ok: 1 } : JSON_TEXT),
  'bytes for arraybuffer, a Blob for blob': (type) => {
    if (type === 'arraybuffer') return new TextEncoder().encode(JSON_TEXT).buffer;
    return type === 'blob' ? new Blob([JSON_TEXT]) : JSON_TEXT;
  },
  'a value for all': () => ({ ok: 1 }),
  'no bytes: it throws': (type) => {
    if (type === 'arraybuffer' || type === 'blob') throw new Error(`no ${type}`);
    return JSON_TEXT;
  },
};

const adapterOf =
  (made: (type: ResponseType | undefined) => unknown): AxiosAdapter =>
  async (config) => ({ status: 200, statusText: 'OK', headers: {}, config, data: made(config.responseType) });

async function shown(pending: Promise<{ data: unknown }>): Promise<unknown> {
  try {
    const { data } = await pending;
    if (data instanceof Blob) return { blob: await data.text() };
    const isBytes = data instanceof ArrayBuffer || ArrayBuffer.isView(data);
    if (isBytes) return { bytes: Buffer.from(data as ArrayBuffer).toString() };
    return data;
  } catch (error) {
    return String(error);
  }
}

const PAIRS = TYPES.flatMap((first) => TYPES.map((second) => [first, second] as const));

describe.each<[string, () => CacheStorage]>([
  ['memory', () => new MemoryStorage()],
  ['SQLite', () => openStorage(newPath())],
])('in %s', (_name, storage) => {
  test.each(Object.entries(MADE))('an adapter that gives %s, whoever comes first', async (_what, made) => {
    const adapter = adapterOf(made);
    const http = setupCache(axios.create({ adapter }), { storage: storage() });
    const expected = (type: Type): Promise<unknown> => shown(axios.get('http://a.test/', asking(type, { adapter })));
    for (const [first, second] of PAIRS) {
      const url = `http://a.test/${first}/${second}`;
      for (const type of [first, second, first, second]) {
        const given = await shown(http.get(url, asking(type)));
        expect({ first, second, type, given }).toEqual({ first, second, type, given: await expected(type) });
      }
      const together = [first, second, first].map((type) => shown(http.get(`${url}/together`, asking(type))));
      expect(await Promise.all(together)).toEqual(await Promise.all([first, second, first].map(expected)));
    }
    await http.cache.close();
  });
});

describe('an adapter that leaves validateStatus alone', () => {
  const refusing = { allowedCodes: [200, 206, 404], expireAfter: 60, staleIfError: true, staleWhileRevalidate: true };
  let calls = 0;
  beforeEach(() => void (calls = 0));

  /** Answers a conditional request by a 304, and a request for a range by a part. */
  const ignoring: AxiosAdapter = async (config) => {
    calls += 1;
    const isKnown = config.headers.get('if-none-match') === '"1"';
    const isPart = config.headers.get('range') === 'bytes=0-1';
    const range = isPart ? { 'content-range': 'bytes 0-1/4' } : {};
    const status = isKnown ? 304 : isPart ? 206 : config.url === '/there' ? 200 : 404;
    const data = isKnown ? '' : new TextEncoder().encode(isPart ? 'no' : 'none').buffer;
    return { status, statusText: '', headers: { etag: '"1"', ...range }, config, data };
  };
  const asks = (adapter: AxiosAdapter): AxiosAdapter => async (config) => {
    const response = await adapter(config);
    if (config.validateStatus?.(response.status) !== false) return response;
    throw new axios.AxiosError('refused', 'ERR_BAD_REQUEST', config, undefined, response);
  };

  test.each<[string, () => CacheStorage | undefined]>([
    ['memory', () => undefined],
    ['a storage that reads its heads anew', () => openStorage(newPath())],
  ])('resolves with a 404 from %s as on a miss: fresh, stale, renewed, and to those who wait', async (_name, open) => {
    const storage = open();
    let now = Date.UTC(2030, 0, 1);
    const http = setupCache(axios.create({ baseURL: 'http://made.up', responseType: 'arraybuffer' }), {
      ...refusing,
      now: () => now,
      ...(storage !== undefined && { storage }),
    });
    const get = async (config: AxiosRequestConfig = {}): Promise<string> => {
      const { status, cache } = await http.get('/', { adapter: ignoring, ...config });
      return `${status} ${cache?.status}`;
    };
    expect(await Promise.all([get(), get()])).toEqual(['404 miss', '404 miss']);
    expect(await get()).toBe('404 hit');
    expect(await get({ adapter: (config) => ignoring(config) })).toBe('404 hit');
    expect(await get({ cache: 'no-cache' })).toBe('404 revalidated');
    now += 61_000;
    expect(await get()).toBe('404 stale');
    await http.cache.idle();
    expect(await get()).toBe('404 hit');
    expect(calls).toBe(3);
    await http.cache.close();
  });

  test('an adapter of axios judges what it brought, as it judges its own answers', async () => {
    const { http } = await startCached({ '/': { status: 404 } }, refusing);
    await http.get('/', { adapter: ignoring, responseType: 'arraybuffer' });
    await expect(http.get('/')).rejects.toMatchObject({ response: { status: 404, cached: true } });
  });

  test('one that asks validateStatus is obeyed on a hit too, and so is a 504 of the cache', async () => {
    const http = setupCache(axios.create({ baseURL: 'http://made.up', responseType: 'arraybuffer', adapter: asks(ignoring) }), refusing);
    await expect(http.get('/')).rejects.toMatchObject({ response: { status: 404, cached: false } });
    await expect(http.get('/')).rejects.toMatchObject({ response: { status: 404, cached: true } });
    await expect(http.get('/other', { adapter: ignoring, cache: 'only-if-cached' })).rejects.toMatchObject({
      response: { status: 504 },
    });
    expect(calls).toBe(1);
  });

  test.each([
    ['a 200', 200, {}],
    ['a 304 to conditions of the caller', 304, { 'If-None-Match': '"1"' }],
    ['a part', 206, { Range: 'bytes=0-1' }],
  ])('resolves with %s from the cache, whatever validateStatus says', async (_what, status, headers) => {
    const http = setupCache(axios.create({ baseURL: 'http://made.up', responseType: 'arraybuffer', adapter: ignoring }), refusing);
    const get = (each: object) => http.get('/there', { validateStatus: () => false, headers: { ...each } });
    await get({});
    expect(await get(headers)).toMatchObject({ status, cached: true });
    expect(calls).toBe(1);
  });
});

test('text serves text and JSON; who wants bytes asks for itself, and what it is given changes nothing', async () => {
  let calls = 0;
  const made = adapterOf(MADE['text, and base64 for bytes'] as (typeof MADE)[string]);
  const http = setupCache(axios.create({ adapter: (config) => ((calls += 1), made(config)) }));
  const get = async (type: Type): Promise<unknown> => (await http.get<unknown>('http://made.up/', asking(type))).data;
  expect([await get(undefined), await get('json'), await get('text')]).toEqual([{ ok: 1 }, { ok: 1 }, JSON_TEXT]);
  expect(calls).toBe(1);
  expect([await get('arraybuffer'), calls]).toEqual([btoa(JSON_TEXT), 2]);
  expect([await get('json'), calls]).toEqual([{ ok: 1 }, 2]);
});

test('what a caller does to its data nobody else sees', async () => {
  const http = setupCache(axios.create({ adapter: adapterOf(() => ({ list: [1] })) }));
  const get = async (): Promise<{ list: number[] }> => (await http.get<{ list: number[] }>('http://made.up/')).data;
  const both = await Promise.all([get(), get()]);
  for (const data of both) data.list.push(2);
  expect(await get()).toEqual({ list: [1] });
});

test('an entry of text, made by another adapter, is not given to callers of bytes by axios’ own', async () => {
  const { http, origin } = await startCached({ '/': { body: JSON_TEXT } });
  await http.get('/', { adapter: adapterOf(() => JSON_TEXT) });
  for (const adapter of ['http', 'fetch'] as const) {
    expect(await shown(http.get('/', { adapter, responseType: 'arraybuffer' }))).toEqual({ bytes: JSON_TEXT });
  }
  expect(origin.count()).toBe(1);
  expect((await http.get('/', { adapter: adapterOf(() => 'never asked') })).data).toEqual({ ok: 1 });
});

describe('bytes in a form of their own', () => {
  const bytes = (): Uint8Array<ArrayBuffer> => Uint8Array.of(123, 125, 32, 32, 0, 0, 0, 0);
  const shared = (): SharedArrayBuffer => {
    const memory = new SharedArrayBuffer(8);
    new Uint8Array(memory).set(bytes());
    return memory;
  };
  const FORMS: readonly (readonly [string, () => ArrayBufferView | ArrayBufferLike])[] = [
    ['a Uint8Array', bytes],
    ['a slice of one', () => bytes().subarray(1, 3)],
    ['a Uint16Array', () => new Uint16Array(bytes().buffer)],
    ['an Int8Array', () => new Int8Array(bytes().buffer)],
    ['clamped bytes', () => new Uint8ClampedArray(bytes().buffer)],
    ['a Float64Array', () => new Float64Array(bytes().buffer)],
    ['a DataView', () => new DataView(bytes().buffer)],
    ['shared memory', shared],
    ['a view of shared memory', () => new Uint8Array(shared())],
  ];
  test.each(FORMS)('%s: each call and each who shares it has the same form', async (_name, make) => {
    const adapter: AxiosAdapter = (config) =>
      Promise.resolve({ data: make(), status: 200, statusText: '', headers: {}, config });
    const { http } = await startCached({}, { expireAfter: 60, defaults: { adapter } });
    const get = async (): Promise<unknown> => (await http.get<unknown>('/', { responseType: 'arraybuffer' })).data;
    for (const data of [...(await Promise.all([get(), get(), get()])), await get()]) {
      expect(Object.prototype.toString.call(data)).toBe(Object.prototype.toString.call(make()));
      expect(Buffer.isBuffer(data)).toBe(false);
      expect(data).toEqual(make());
    }
  });
});

describe('one around an adapter of axios', () => {
  /** Another function for each, as a user would write it. */
  const around = (name: 'http' | 'fetch'): AxiosAdapter => (config) => axios.getAdapter(name)(config);
  const typeOf = (data: unknown): string =>
    Buffer.isBuffer(data) ? 'Buffer' : Object.prototype.toString.call(data);
  const BYTES = { http: 'Buffer', fetch: '[object ArrayBuffer]' } as const;
  const textOf = (data: unknown): string => Buffer.from(data as ArrayBuffer).toString();

  describe.each(['http', 'fetch'] as const)('%s', (name) => {
    const asBytes = (adapter: AxiosAdapter): AxiosRequestConfig => ({ adapter, responseType: 'arraybuffer' });

    test('a hit has the bytes that the adapter gives', async () => {
      const { http } = await startCached((_request, response) => { response.end('bytes'); }, { expireAfter: 60 });
      const adapter = around(name);
      const first = await http.get<unknown>('/a', asBytes(adapter));
      const hit = await http.get<unknown>('/a', asBytes(adapter));
      expect([first.cached, typeOf(first.data)]).toEqual([false, BYTES[name]]);
      expect([hit.cached, typeOf(hit.data), textOf(hit.data)]).toEqual([true, BYTES[name], 'bytes']);
    });

    test('it is known by a stream, too', async () => {
      const { http } = await startCached((_request, response) => { response.end('bytes'); }, { expireAfter: 60 });
      const adapter = around(name);
      const { data } = await http.get<Readable>('/other', { adapter, responseType: 'stream' });
      expect((await buffer(data)).toString()).toBe('bytes');
      await http.get('/a', asBytes(around(name)));
      const hit = await http.get<unknown>('/a', asBytes(adapter));
      expect([hit.cached, typeOf(hit.data), textOf(hit.data)]).toEqual([true, BYTES[name], 'bytes']);
    });

    test.each([undefined, 'text', 'arraybuffer'] as const)('a HEAD for %s has what the adapter gives', async (type) => {
      const { http } = await startCached((_request, response) => { response.end(); }, { expireAfter: 60 });
      const asked = { adapter: around(name), ...(type === undefined ? {} : { responseType: type }) };
      const first = await http.head<unknown>('/a', asked);
      const hit = await http.head<unknown>('/a', asked);
      expect([hit.cached, typeOf(hit.data), hit.data]).toEqual([true, typeOf(first.data), first.data]);
    });
  });

  test('one of which nothing is known yet has what the adapter of the platform gives', async () => {
    const { http } = await startCached((_request, response) => { response.end('bytes'); }, { expireAfter: 60 });
    await http.get('/a', { responseType: 'arraybuffer' });
    for (const name of ['http', 'fetch'] as const) {
      const hit = await http.get<unknown>('/a', { adapter: around(name), responseType: 'arraybuffer' });
      expect([hit.cached, typeOf(hit.data)]).toEqual([true, 'Buffer']);
    }
  });
});

describe('a fetch whose Response has neither bytes nor a Blob', () => {
  const { fetch: platformFetch } = globalThis;
  afterEach(() => void (globalThis.fetch = platformFetch));

  // An axios that calls no `fetch` but the global one is asked for bytes first, and then as the caller asks.
  let needed = 1;
  beforeAll(async () => {
    needed = (await axiosHas('fetchOfEnv')) ? 1 : 2;
  });

  const stub = (status = 200): { fetch: typeof fetch; calls: () => number } => {
    let calls = 0;
    const fake = (): Promise<unknown> => {
      calls += 1;
      // As `mockResolvedValueOnce` has it: there is one answer, for one call.
      if (calls > needed) return Promise.resolve(undefined);
      const json = async (): Promise<unknown> => JSON.parse(JSON_TEXT) as unknown;
      const text = async (): Promise<string> => JSON_TEXT;
      return Promise.resolve({ ok: status === 200, status, headers: new Headers(), json, text });
    };
    return { fetch: fake as typeof fetch, calls: () => calls };
  };
  const start = (): CachedAxiosInstance => setupCache(axios.create({ adapter: 'fetch', baseURL: 'http://made.up' }));

  test.each([undefined, 'json'] as const)('in place of the global one, for %s: one call, then a hit', async (type) => {
    const { fetch, calls } = stub();
    globalThis.fetch = fetch;
    const http = start();
    expect(await http.get('/', asking(type))).toMatchObject({ data: { ok: 1 }, cached: false });
    expect(await http.get('/', asking(type))).toMatchObject({ data: { ok: 1 }, cached: true });
    expect((await http.get('/', { responseType: 'text' })).data).toBe(JSON_TEXT);
    expect(calls()).toBe(needed);
  });

  test('a double of the global one, which answers one call: that one call, then a hit', async () => {
    const answer = { ok: true, status: 200, headers: new Headers(), text: async () => JSON_TEXT };
    const fetch = jest.fn().mockResolvedValueOnce(answer);
    globalThis.fetch = fetch;
    const http = start();
    expect(await http.get('/')).toMatchObject({ data: { ok: 1 }, cached: false });
    expect(await http.get('/', { responseType: 'text' })).toMatchObject({ data: JSON_TEXT, cached: true });
    expect(fetch).toHaveBeenCalledTimes(1);
  });

  test.each([null, undefined])('in place of the global one, which `env: { fetch: %s }` means too', async (none) => {
    const { fetch, calls } = stub();
    globalThis.fetch = fetch;
    const { data } = await start().get('/', { env: { fetch: none } } as object);
    expect([data, calls()]).toEqual([{ ok: 1 }, needed]);
  });

  test('in place of the global one before the package is loaded, as the setup file of a test has it', async () => {
    const { fetch, calls } = stub();
    globalThis.fetch = fetch;
    await jest.isolateModulesAsync(async () => {
      const { setupCache: setUp } = await import('../../../lib/index.js');
      const { default: own } = await import('axios');
      const http = setUp(own.create({ adapter: 'fetch', baseURL: 'http://made.up' }));
      expect([(await http.get('/')).data, calls()]).toEqual([{ ok: 1 }, needed]);
    });
  });

  test('an answer that is an error has its data too', async () => {
    globalThis.fetch = stub(404).fetch;
    await expect(start().get('/')).rejects.toMatchObject({ response: { status: 404, data: { ok: 1 } } });
  });

  test('two at once are answered by one call', async () => {
    const { fetch, calls } = stub();
    globalThis.fetch = fetch;
    const http = start();
    const answers = await Promise.all([http.get('/'), http.get('/')]);
    expect([answers.map(({ data }) => data as unknown), calls()]).toEqual([[{ ok: 1 }, { ok: 1 }], needed]);
  });

  test('in `env`: one call, then a hit, and bytes of it for those who want them', async () => {
    const { fetch, calls } = stub();
    if (needed > 1) globalThis.fetch = fetch;
    const http = start();
    const config = { env: { fetch } } as AxiosRequestConfig;
    expect(await http.get('/', config)).toMatchObject({ data: { ok: 1 }, cached: false });
    expect(await http.get('/', config)).toMatchObject({ data: { ok: 1 }, cached: true });
    const served = needed > 1 ? 'text' : 'arraybuffer';
    const { data } = await http.get<string>('/', { ...config, responseType: served });
    expect([Buffer.from(data).toString(), calls()]).toEqual([JSON_TEXT, needed]);
  });

  test('in `env`, once for each of two: neither gets the answer of the other', async () => {
    if (needed > 1) return;
    const http = start();
    const of = (name: string): AxiosRequestConfig => {
      const text = async (): Promise<string> => JSON.stringify({ name });
      const fetch = async (): Promise<unknown> => ({ ok: true, status: 200, headers: new Headers(), text });
      return { env: { fetch }, cache: 'no-store' } as AxiosRequestConfig;
    };
    const answers = await Promise.all([http.get('/', of('one')), http.get('/', of('other'))]);
    expect(answers.map(({ data }) => data as unknown)).toEqual([{ name: 'one' }, { name: 'other' }]);
  });
});
