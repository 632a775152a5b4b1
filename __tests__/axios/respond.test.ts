/** What a caller is given: the same as by plain axios, on a miss and on a hit, whoever filled the entry. */
import { gzipSync } from 'node:zlib';
import axios, { AxiosError, type AxiosRequestConfig, type AxiosResponse, type ResponseType } from 'axios';
import { ADAPTERS, BODIES, showData, startBodies } from '../support/bodies.js';
import { startCached, told } from '../support/cached-instance.js';

const TYPES = [undefined, 'json', 'text', 'arraybuffer', 'blob', 'document', 'formdata', 'stream'] as const;

/** What a hit does not have of a miss: fields of the connection. */
const OF_THE_CONNECTION = ['connection', 'keep-alive', 'transfer-encoding'];

interface Shown {
  readonly status?: number | undefined;
  readonly statusText?: string;
  readonly headers?: object;
  readonly error?: object;
  readonly data?: unknown;
}

async function shown(pending: Promise<AxiosResponse>): Promise<Shown> {
  const settled = await pending.catch((error: unknown) => error);
  if (settled instanceof AxiosError) {
    const { name, message, code, config, response } = settled;
    const error = {
      name,
      message,
      code,
      url: config?.url,
      ofConfig: config !== undefined && response?.config === config,
    };
    return { status: response?.status, error };
  }
  const { status, statusText, headers, data } = settled as AxiosResponse;
  const kept = Object.entries(headers).filter(([name]) => ![...OF_THE_CONNECTION, 'age'].includes(name.toLowerCase()));
  return { status, statusText, headers: Object.fromEntries(kept), data: await showData(data) };
}

describe('against plain axios', () => {
  const rows = ADAPTERS.flatMap((adapter) => Object.keys(BODIES).map((path) => [adapter, path] as const));
  test.each(rows)(
    '%s, %s: miss and hit give what it gives, by whatever responseType the entry was filled',
    async (adapter, path) => {
      const { http, origin } = await startBodies();
      const plain = axios.create({ baseURL: origin.url, adapter });
      const ask = (responseType: ResponseType | undefined): AxiosRequestConfig =>
        responseType === undefined ? {} : { responseType };
      const theirs = new Map<unknown, Shown>();
      for (const type of TYPES) theirs.set(type, await shown(plain.get(path, ask(type))));
      for (const filler of TYPES) {
        // An entry for each filler.
        const get = (type: ResponseType | undefined): Promise<Shown> =>
          shown(http.get(path, { ...ask(type), adapter, params: { filler: String(filler) } }));
        expect({ filler, given: await get(filler) }).toEqual({ filler, given: theirs.get(filler) });
        for (const type of TYPES) {
          const before = origin.count();
          const given = await get(type);
          expect({ filler, type, given, asked: origin.count() - before }).toEqual({
            filler,
            type,
            given: theirs.get(type),
            asked: 0,
          });
        }
      }
    },
    30_000,
  );

  test.each(ADAPTERS)('%s: an entry that the other adapter filled', async (adapter) => {
    const other = adapter === 'http' ? 'fetch' : 'http';
    const { http, origin } = await startBodies();
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
    const { http, origin } = await startBodies();
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
    const { http, origin } = await startBodies();
    const plain = axios.create({ baseURL: origin.url, adapter, responseType: 'stream' });
    await http.get('/no-content', { adapter });
    const hit = await http.get('/no-content', { adapter, responseType: 'stream' });
    expect(told(hit)).toBe('hit fresh');
    expect(await showData(hit.data)).toEqual(await showData((await plain.get('/no-content')).data));
  });

  test('an unknown responseEncoding fails the one who asked, with its config, and spoils nothing', async () => {
    const { http } = await startBodies();
    const responseEncoding = 'no-such-encoding' as 'utf8';
    for (const _missThenHit of [1, 2]) {
      await expect(http.get('/text', { responseEncoding })).rejects.toMatchObject({
        name: 'TypeError',
        config: { url: '/text', responseEncoding },
      });
    }
    expect((await http.get('/text')).data).toBe('é\u2028text');
  });

  test('the spelling of header names of a mock adapter stays', async () => {
    const { http } = await startCached({});
    const adapter = () =>
      Promise.resolve({
        status: 200,
        statusText: 'Fine',
        headers: { 'X-Mixed-Case': 'A', 'x-list': ['a', 'b'] },
        data: 'x',
        config: {},
      } as never);
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
    const { http, origin } = await startBodies();
    for (const expected of ['miss uri-miss', 'hit fresh', 'hit fresh']) {
      const response = await http.get('/gzip', { adapter });
      expect(told(response)).toBe(expected);
      expect(response.data).toEqual({ packed: true });
    }
    expect(origin.count()).toBe(1);
    expect(await http.cache.count()).toBe(1);
  });

  test('decompress: false is another entry', async () => {
    const { http, origin } = await startBodies();
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
    const doubling = {
      parseReviver: (_key: string, value: unknown) => (typeof value === 'number' ? value * 2 : value),
    };
    expect((await http.get<object>('/', doubling as AxiosRequestConfig)).data).toEqual({ n: 2 });
    expect((await http.get<object>('/')).data).toEqual({ n: 1 });
    expect((await http.get<object>('/', doubling as AxiosRequestConfig)).data).toEqual({ n: 2 });
  });

  test('a transform that throws fails its caller alone', async () => {
    const { http, origin } = await startCached({ '/': { body: { a: 1 } } });
    const broken = {
      transformResponse: () => {
        throw new TypeError('not the shape');
      },
    };
    for (const _missThenHit of [1, 2]) await expect(http.get('/', broken)).rejects.toThrow('not the shape');
    expect((await http.get('/')).data).toEqual({ a: 1 });
    expect(origin.count()).toBe(1);
  });

  test('strict JSON fails on a hit as on a miss, with the raw text at hand', async () => {
    const { http } = await startBodies();
    const strict = { responseType: 'json', transitional: { silentJSONParsing: false } } as const;
    for (const _missThenHit of [1, 2]) {
      await expect(http.get('/broken-json', strict)).rejects.toMatchObject({
        code: 'ERR_BAD_RESPONSE',
        response: { data: '{oops' },
      });
    }
  });
});

describe('streams', () => {
  const ALL_BYTES = Buffer.from(BODIES['/bytes']?.body as Uint8Array).toString('latin1');

  test.each(ADAPTERS)('%s: a fresh entry is streamed, to each caller its own', async (adapter) => {
    const { http, origin } = await startBodies();
    await http.get('/bytes', { adapter });
    const streams = await Promise.all([1, 2].map(() => http.get('/bytes', { adapter, responseType: 'stream' })));
    for (const response of streams) {
      expect(told(response)).toBe('hit fresh');
      expect(await showData(response.data)).toMatchObject({ content: ALL_BYTES });
    }
    expect(origin.count()).toBe(1);
  });

  test('only-if-cached with nothing stored is a 504 with a stream', async () => {
    const { http } = await startCached({});
    const error = await http
      .get('/', { responseType: 'stream', cache: 'only-if-cached' })
      .catch((reason: unknown) => reason);
    const { response } = error as AxiosError;
    expect(response?.status).toBe(504);
    expect(await showData(response?.data)).toEqual({ stream: 'node', content: '' });
  });
});
