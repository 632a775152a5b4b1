/** The way from an axios request to the origin and its entry: URLs, parameters, bodies, credentials, odd adapters. */
import axios, {
  type AxiosAdapter,
  AxiosError,
  AxiosHeaders,
  type AxiosRequestConfig,
  type InternalAxiosRequestConfig,
} from 'axios';
import { Readable } from 'node:stream';
import { axiosHas } from '../support/axios-features.js';
import { startCached, told } from '../support/cached-instance.js';
import type { Handler } from '../support/origin.js';

const echo: Handler = ({ method, url, headers, body }) => ({
  body: { method, url, authorization: headers.authorization, type: headers['content-type'], body: body.toString() },
});

/** An adapter that answers by itself, with `data` as it is. */
const answering =
  (data: unknown, calls: InternalAxiosRequestConfig[] = []): AxiosAdapter =>
  (config) => {
    calls.push(config);
    return Promise.resolve({ data, status: 200, statusText: 'OK', headers: {}, config, request: { mock: true } });
  };

describe('which requests are the same', () => {
  const rows: readonly (readonly [string, AxiosRequestConfig, AxiosRequestConfig, 'same' | 'other'])[] = [
    ['params and a query in the URL', { url: '/?a=1&b=2' }, { url: '/', params: { b: 2, a: 1 } }, 'same'],
    ['params of other values', { params: { a: 1.2 } }, { params: { a: 1.7 } }, 'other'],
    ['URLSearchParams and an object', { params: new URLSearchParams('a=1') }, { params: { a: 1 } }, 'same'],
    ['lists', { params: { a: [1, 2] } }, { url: '/?a[]=1&a[]=2' }, 'same'],
    ['the order within a list', { params: { a: [1, 2] } }, { params: { a: [2, 1] } }, 'other'],
    [
      'a paramsSerializer that says otherwise',
      { params: { a: [1, 2] } },
      { params: { a: [1, 2] }, paramsSerializer: { indexes: null } },
      'other',
    ],
    [
      'a paramsSerializer and the URL it makes',
      { params: { a: 1 }, paramsSerializer: { serialize: () => 'x=9' } },
      { url: '/?x=9' },
      'same',
    ],
    ['params that are left out', { params: { a: undefined, b: null } }, {}, 'same'],
    ['a fragment', { url: '/#one' }, { url: '/#two' }, 'same'],
    ['a slash at the end', { url: '/path' }, { url: '/path/' }, 'other'],
    ['upper and lower case in the path', { url: '/path' }, { url: '/Path' }, 'other'],
    ['a header that Vary does not name', { headers: { 'X-Own': '1' } }, { headers: { 'X-Own': '2' } }, 'same'],
    ['Authorization', { headers: { Authorization: 'a' } }, { headers: { Authorization: 'b' } }, 'other'],
    [
      'auth and the Authorization that it becomes',
      { auth: { username: 'a', password: 'b' } },
      { headers: { Authorization: 'Basic YTpi' } },
      'same',
    ],
    [
      'auth above Authorization',
      { auth: { username: 'a', password: 'b' }, headers: { Authorization: 'x' } },
      { auth: { username: 'a', password: 'b' } },
      'same',
    ],
    [
      'another password',
      { auth: { username: 'a', password: 'b' } },
      { auth: { username: 'a', password: 'c' } },
      'other',
    ],
    ['a redirect followed or not', {}, { maxRedirects: 0 }, 'other'],
    ['GET and HEAD, which a stored GET answers', { method: 'get' }, { method: 'head' }, 'same'],
    ['HEAD and GET', { method: 'head' }, { method: 'get' }, 'other'],
  ];
  test.each(rows)('%s', async (_name, one, two, expected) => {
    const { http } = await startCached({ '/': echo, '/path': echo, '/path/': echo, '/Path': echo });
    await http.request({ url: '/', ...one });
    const { cached } = await http.request({ url: '/', ...two });
    expect(cached ? 'same' : 'other').toBe(expected);
  });

  test('baseURL and an absolute URL, and allowAbsoluteUrls', async () => {
    const { http, origin } = await startCached(() => ({ body: 'x' }));
    await http.get('/a/b');
    expect(told(await http.get(`${origin.url}/a/b`))).toBe('hit fresh');
    expect(told(await http.get('b', { baseURL: `${origin.url}/a/` }))).toBe('hit fresh');
    // Older copies do not know the setting and ask for the absolute URL.
    const isOther = await axiosHas('allowAbsoluteUrls');
    const relative = told(await http.get(`${origin.url}/a/b`, { allowAbsoluteUrls: false }));
    expect(relative).toBe(isOther ? 'miss uri-miss' : 'hit fresh');
    expect(origin.requests.map(({ url }) => url)).toEqual(['/a/b', ...(isOther ? [`/${origin.url}/a/b`] : [])]);
  });

  const bodies: readonly (readonly [string, unknown, unknown, 'same' | 'other'])[] = [
    ['JSON, members in any order', { a: 1, b: { c: 2, d: 3 } }, { b: { d: 3, c: 2 }, a: 1 }, 'same'],
    ['JSON of other values', { a: 1 }, { a: 2 }, 'other'],
    ['a list in another order', { a: [1, 2] }, { a: [2, 1] }, 'other'],
    ['a form, fields in any order', new URLSearchParams('b=2&a=1'), new URLSearchParams('a=1&b=2'), 'same'],
    ['a form of other values', 'a=1', 'a=2', 'other'],
    ['bytes', Uint8Array.of(1, 2), Uint8Array.of(9, 9), 'other'],
    ['the same bytes', Uint8Array.of(1, 2).buffer, Buffer.of(1, 2), 'same'],
    ['Blobs', new Blob(['one']), new Blob(['two']), 'other'],
    ['no body and an empty one', undefined, {}, 'other'],
  ];
  test.each(bodies)('a POST that may be cached: %s', async (_name, one, two, expected) => {
    const { http } = await startCached({ '/': echo }, { allowedMethods: ['POST'] });
    const adapter = 'fetch';
    await http.post('/', one, { adapter });
    const { cached } = await http.post('/', two, { adapter });
    expect(cached ? 'same' : 'other').toBe(expected);
  });
});

describe('what the origin sees', () => {
  test.each(['http', 'fetch'] as const)('%s: the same as without a cache', async (adapter) => {
    const { http, origin } = await startCached({ '/': echo }, { allowedMethods: ['GET', 'POST'] });
    const plain = axios.create({ baseURL: origin.url });
    const requests: AxiosRequestConfig[] = [
      { params: { 'a b': ['ü', 1] }, headers: { 'X-Own': '1' } },
      { auth: { username: 'ada', password: 'pass:wörd' }, headers: { Authorization: 'gone' } },
      { method: 'post', data: { a: 1 } },
      { method: 'post', data: new URLSearchParams('a=1') },
      { method: 'delete', data: { a: 1 } },
    ];
    for (const request of requests) {
      await http.request({ url: '/', adapter, ...request });
      await plain.request({ url: '/', adapter, ...request });
      const [ours, theirs] = origin.requests
        .slice(-2)
        .map(({ method, url, headers, body }) => ({ method, url, headers, body: body.toString() }));
      expect(ours).toEqual(theirs);
    }
  });

  test('a bypass sends what the caller gave, with the terms of the caller', async () => {
    const { http, origin } = await startCached({ '/': { body: 'x' }, '/missing': { status: 404, body: 'no' } });
    const response = await http.get('/', {
      cache: false,
      responseType: 'arraybuffer',
      headers: { 'If-None-Match': '"own"' },
    });
    expect(response).toMatchObject({
      data: Buffer.from('x'),
      cached: false,
      cache: { status: 'bypass', reason: 'off', stored: false },
    });
    expect(origin.requests[0]?.headers['if-none-match']).toBe('"own"');
    const error = await http.get('/missing', { cache: false }).catch((reason: unknown) => reason as AxiosError);
    expect(error).toMatchObject({
      code: 'ERR_BAD_REQUEST',
      config: { url: '/missing' },
      response: { status: 404, data: 'no', cached: false },
    });
  });

  test('a stream as a body goes to the origin, unread', async () => {
    const { http, origin } = await startCached({ '/': echo }, { allowedMethods: ['POST'] });
    for (const _again of [1, 2]) {
      const response = await http.post('/', Readable.from(['streamed']), { headers: { 'Content-Type': 'text/plain' } });
      expect(told(response)).toBe('bypass stream-body');
      expect(response.data.body).toBe('streamed');
    }
    expect(origin.count()).toBe(2);
  });

  test('what is no URL of http is left to the adapter', async () => {
    const { http } = await startCached({});
    const response = await http.get('data:text/plain;base64,aGVsbG8=', { baseURL: '', responseType: 'text' });
    expect([told(response), response.data]).toEqual(['bypass disabled', 'hello']);
  });
});

describe('adapters that are not of axios', () => {
  test.each<[string, unknown, unknown]>([
    ['text', 'plain', 'plain'],
    ['JSON text', '{"a":1}', { a: 1 }],
    ['an object', { a: [1, { b: null }] }, { a: [1, { b: null }] }],
    ['a list', [1, 'b'], [1, 'b']],
    ['null', null, null],
    ['a number', 5, 5],
    ['nothing', undefined, undefined],
    ['no text', '', ''],
  ])('that answer with %s: the same on the miss and on the hit', async (_name, data, expected) => {
    const { http } = await startCached({});
    const calls: InternalAxiosRequestConfig[] = [];
    const adapter = answering(data, calls);
    const miss = await http.get<unknown>('/', { adapter });
    expect([told(miss), miss.data]).toEqual(['miss uri-miss', expected]);
    expect(miss.request).toEqual({ mock: true });
    const hit = await http.get<unknown>('/', { adapter });
    expect([told(hit), hit.data]).toEqual(['hit fresh', expected]);
    expect(calls).toHaveLength(1);
  });

  class Person {
    constructor(readonly name: string) {}
  }
  test.each<[string, unknown]>([
    ['a class instance', new Person('Ada')],
    ['a Map', new Map([[1, 2]])],
    ['a Blob', new Blob(['x'])],
    ['an object with a Date in it', { at: new Date(0) }],
  ])('that answer with %s: handed on as it is, not stored', async (_name, data) => {
    const { http } = await startCached({});
    const calls: InternalAxiosRequestConfig[] = [];
    for (const _again of [1, 2]) {
      const response = await http.get<unknown>('/', { adapter: answering(data, calls) });
      expect(response.data).toBe(data);
      expect(response.cache).toMatchObject({ status: 'miss', stored: false, notStored: 'incomplete' });
    }
    expect(calls).toHaveLength(2);
  });

  test('a class instance goes to each of many callers, by a request of its own', async () => {
    const { http } = await startCached({});
    const adapter: AxiosAdapter = async (config) =>
      answering(new Person(config.headers.get('x-own') as string))(config);
    const names = ['Ada', 'Bob', 'Eve'];
    const responses = await Promise.all(
      names.map((name) => http.get<Person>('/', { adapter, headers: { 'X-Own': name } })),
    );
    expect(responses.map(({ data }) => data)).toEqual(names.map((name) => new Person(name)));
  });

  test('that throw at once reject, and the next request is answered', async () => {
    const { http } = await startCached({});
    const broken: AxiosAdapter = () => {
      throw new RangeError('at once');
    };
    for (const cache of [true, true, false]) {
      await expect(
        Promise.all([http.get('/', { adapter: broken, cache }), http.get('/', { adapter: broken, cache })]),
      ).rejects.toThrow(RangeError);
    }
    expect((await http.get('/', { adapter: answering('x') })).data).toBe('x');
  });

  test('that give no promise are taken at their word', async () => {
    const { http } = await startCached({});
    const adapter = ((config: InternalAxiosRequestConfig) => ({
      data: 'x',
      status: 200,
      statusText: '',
      headers: {},
      config,
    })) as unknown as AxiosAdapter;
    expect((await http.get('/', { adapter })).data).toBe('x');
    expect((await http.get('/', { adapter })).cached).toBe(true);
  });

  test('that leave out what axios can do without', async () => {
    const { http } = await startCached({});
    const adapter = (() => Promise.resolve({ data: 'x', status: 200 })) as unknown as AxiosAdapter;
    for (const expected of ['miss uri-miss', 'hit fresh']) {
      const response = await http.get('/', { adapter });
      expect([told(response), response.data]).toEqual([expected, 'x']);
    }
  });

  test('the cached one, called directly with plain headers, answers', async () => {
    const { http, origin } = await startCached({ '/': { body: 'x' } });
    const config = {
      url: `${origin.url}/`,
      method: 'get',
      headers: { 'X-Own': '1' },
    } as unknown as InternalAxiosRequestConfig;
    const adapter = http.defaults.adapter as AxiosAdapter;
    expect((await adapter(config)).cached).toBe(false);
    expect(await adapter(config)).toMatchObject({ data: 'x', cached: true, config });
    expect(config.headers).toEqual({ 'X-Own': '1' });
  });

  test('that never ask validateStatus: every status resolves, as without a cache', async () => {
    const { http } = await startCached({});
    const adapter: AxiosAdapter = async (config) => ({ ...(await answering('no')(config)), status: 418 });
    const plain = await axios.get('/', { adapter });
    expect([(await http.get('/', { adapter })).status, plain.status]).toEqual([418, 418]);
  });

  test('that ask validateStatus: it decides', async () => {
    const { http } = await startCached({});
    const adapter: AxiosAdapter = async (config) => {
      const response = { ...(await answering('no')(config)), status: 418 };
      if (config.validateStatus?.(418) !== false) return response;
      throw new AxiosError('refused', 'ERR_BAD_REQUEST', config, undefined, response);
    };
    await expect(http.get('/', { adapter })).rejects.toMatchObject({
      code: 'ERR_BAD_REQUEST',
      response: { status: 418, data: 'no' },
    });
  });

  /** Judges the status itself, and gives its errors no code. */
  const rejecting =
    (status: number): AxiosAdapter =>
    async (config) => {
      const response = { ...(await answering('no')(config)), status };
      throw new AxiosError('refused', undefined, config, undefined, response);
    };

  test('that reject with an answer: it says that it is not cached', async () => {
    const { http } = await startCached({});
    const pending = [1, 2].map((own) => http.get('/', { adapter: rejecting(401), headers: { 'X-Own': String(own) } }));
    for (const outcome of await Promise.allSettled(pending)) {
      const { reason } = outcome as PromiseRejectedResult;
      expect(reason).toMatchObject({
        message: 'refused',
        response: { status: 401, data: 'no', cached: false, cache: { status: 'miss' } },
      });
    }
  });

  test.each<[number, boolean]>([
    [401, false],
    [404, false],
    [501, false],
    [500, true],
    [503, true],
  ])(
    'that reject with an answer of status %i: stale instead, where the user asks for it: %s',
    async (status, covered) => {
      const { http, clock } = await startCached({ '/': { body: 'x' } }, { expireAfter: 1, staleIfError: true });
      await http.get('/');
      clock.advance(2);
      const outcome = await http
        .get('/', { adapter: rejecting(status) })
        .then(told, (error: AxiosError) => error.response?.status);
      expect(outcome).toBe(covered ? 'stale stale-if-error' : status);
    },
  );

  test('that reject with an AxiosError of their own: each caller gets its own config, and the same facts', async () => {
    const { http } = await startCached({});
    const adapter: AxiosAdapter = (config) =>
      Promise.reject(new AxiosError('refused', 'ECONNREFUSED', { ...config, url: 'elsewhere' }, { mock: true }));
    const outcomes = await Promise.allSettled(
      [1, 2, 3].map((own) => http.get('/', { adapter, headers: { 'X-Own': String(own) } })),
    );
    for (const [index, outcome] of outcomes.entries()) {
      const error = (outcome as PromiseRejectedResult).reason as AxiosError;
      expect(error).toMatchObject({ message: 'refused', code: 'ECONNREFUSED' });
      // The third one has sent no request: the second one asked for both.
      expect(error.request).toEqual(index < 2 ? { mock: true } : {});
      expect([error.config?.url, error.config?.headers['X-Own']]).toEqual(['/', String(index + 1)]);
    }
  });

  test('are asked as the caller asks, for any status, on a copy: the caller sees its own config', async () => {
    const { http } = await startCached({});
    const calls: InternalAxiosRequestConfig[] = [];
    const signal = new AbortController().signal;
    const { config } = await http.get('/', { adapter: answering('x', calls), responseType: 'json', signal });
    const [asked] = calls;
    expect(asked).toMatchObject({ responseType: 'json', url: '/' });
    expect(asked?.validateStatus?.(500)).toBe(true);
    expect(asked?.headers).toBeInstanceOf(AxiosHeaders);
    expect(asked?.headers).not.toBe(config.headers);
    expect(config).toMatchObject({ responseType: 'json', signal });
    expect(config.validateStatus?.(500)).toBe(false);
  });
});

test('an adapter around the cached one gets a promise from it, whatever the way to the origin gives', async () => {
  const direct = ((config: InternalAxiosRequestConfig) => {
    return { data: 'direct', status: 200, statusText: 'OK', headers: {}, config };
  }) as unknown as AxiosAdapter;
  const { http } = await startCached({}, { defaults: { adapter: direct } });
  const cached = http.defaults.adapter as AxiosAdapter;
  const around: AxiosAdapter = (config) => cached(config).then((response) => ({ ...response, statusText: 'around' }));
  expect(await http.get('/', { adapter: around })).toMatchObject({ data: 'direct', statusText: 'around' });
});
