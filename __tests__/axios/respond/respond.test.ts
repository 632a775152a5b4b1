/** What a caller is given beside the body's bytes: header fields, its own transforms, compression, streams. */
import { gzipSync } from 'node:zlib';
import axios, { type AxiosError, type AxiosRequestConfig } from 'axios';
import { axiosHas } from '../../support/axios-features.js';
import { ADAPTERS, BODIES, showData, startBodies } from '../../support/bodies.js';
import { startCached, told } from '../../support/cached-instance.js';

describe('against plain axios', () => {
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

describe('the headers of a hit', () => {
  test('are its own: what one caller, a part, or another time changes in them, the next does not see', async () => {
    const headers = { 'Set-Cookie': ['a=1', 'b=2'], 'Cache-Control': 'max-age=60', Age: '5', ETag: '"1"' };
    const { http, clock } = await startCached(() => ({ headers, body: 'whole' }));
    const get = async (config?: AxiosRequestConfig) =>
      ({ ...(await http.get('/', config)).headers }) as Record<string, unknown>;
    await get();
    const first = await get();
    expect(first).toMatchObject({ age: '5', 'set-cookie': ['a=1', 'b=2'] });
    (first['set-cookie'] as string[]).push('mine=1');
    clock.advance(10);
    expect(await get({ headers: { Range: 'bytes=1-2' } })).toMatchObject({ age: '15', 'content-range': 'bytes 1-2/5' });
    const last = await get();
    expect(last).toEqual({ ...first, age: '15', 'set-cookie': ['a=1', 'b=2'] });
    expect(Object.keys(last)).toEqual(Object.keys(first));
  });

  test('have the Age where the origin had it, spelt as it was', async () => {
    const adapter: AxiosRequestConfig['adapter'] = (config) =>
      Promise.resolve({ data: 'x', status: 200, statusText: '', headers: { AGE: '5', Other: '1' }, config });
    const { http } = await startCached({}, { defaults: { adapter } });
    await http.get('/');
    const { headers } = await http.get('/');
    expect(Object.entries(headers)).toEqual([['AGE', '5'], ['Other', '1']]);
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
    const revived = { n: (await axiosHas('parseReviver')) ? 2 : 1 };
    expect((await http.get<object>('/', doubling as AxiosRequestConfig)).data).toEqual(revived);
    expect((await http.get<object>('/')).data).toEqual({ n: 1 });
    expect((await http.get<object>('/', doubling as AxiosRequestConfig)).data).toEqual(revived);
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
    // Older copies fail without it.
    const response = (await axiosHas('rawTextOfBrokenJson')) ? { data: '{oops' } : undefined;
    const strict = { responseType: 'json', transitional: { silentJSONParsing: false } } as const;
    for (const _missThenHit of [1, 2]) {
      const error = (await http.get('/broken-json', strict).catch((reason: unknown) => reason)) as AxiosError;
      expect(error).toMatchObject({ name: 'SyntaxError', code: 'ERR_BAD_RESPONSE' });
      expect(error.response && { data: error.response.data }).toEqual(response);
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
