/** Requests that fail: the error of each caller is its own, with the data that plain axios would have given. */
import axios, { AxiosError, AxiosHeaders, type AxiosAdapter, type AxiosRequestConfig, type AxiosResponse } from 'axios';
import { ADAPTERS, showData } from '../../support/bodies.js';
import { startCached } from '../../support/cached-instance.js';

const errorOf = (pending: Promise<unknown>): Promise<AxiosError> =>
  pending.then(
    () => {
      throw new Error('it did not fail');
    },
    (error: unknown) => error as AxiosError,
  );

const TEAPOT = { status: 418, body: { list: [1] }, headers: { 'Set-Cookie': ['a=1', 'b=2'] } };

/** Rejects as one of axios' own adapters does, whatever it is told of `validateStatus`. */
const judging =
  (name: 'http' | 'fetch'): AxiosAdapter =>
  (config) =>
    axios.getAdapter(name)({ ...config, validateStatus: (status) => status < 400 });

describe('an adapter that judges the status itself', () => {
  test.each(ADAPTERS)('%s: the data of the error is that of plain axios', async (name) => {
    const { http, origin } = await startCached({ '/': TEAPOT });
    const adapter = judging(name);
    const plain = axios.create({ baseURL: origin.url, adapter });
    for (const responseType of [undefined, 'json', 'text', 'arraybuffer', 'blob', 'stream'] as const) {
      const asked: AxiosRequestConfig = responseType === undefined ? {} : { responseType };
      const show = async ({ response }: AxiosError) => ({
        status: response?.status,
        data: await showData(response?.data),
      });
      const theirs = await show(await errorOf(plain.get('/', asked)));
      const ours = await errorOf(http.get('/', { ...asked, adapter }));
      expect({ responseType, ...(await show(ours)) }).toEqual({ responseType, ...theirs });
    }
  });

  const DATA: readonly (readonly [string, () => unknown])[] = [
    ['text', () => '{"a":1}'],
    ['a Buffer', () => Buffer.from('{"a":1}')],
    ['a Uint8Array', () => Uint8Array.of(123, 125)],
    ['two-byte elements', () => Uint16Array.of(1, 2)],
    ['an ArrayBuffer', () => Uint8Array.of(123, 125).buffer],
    ['a Blob', () => new Blob(['{"a":1}'])],
    ['a value', () => ({ list: [1] })],
    ['a Date', () => new Date(0)],
  ];
  const types = [undefined, 'json', 'text', 'arraybuffer'] as const;
  test.each(DATA.flatMap(([name, make]) => types.map((responseType) => ({ name, make, responseType }))))(
    '$name for $responseType reaches each who shares the failure as what it is',
    async ({ make, responseType }) => {
      let calls = 0;
      const adapter: AxiosAdapter = async (config) => {
        calls += 1;
        await new Promise(setImmediate);
        const response = { data: make(), status: 404, statusText: '', headers: new AxiosHeaders(), config };
        throw new AxiosError('no', 'ERR_BAD_REQUEST', config, {}, response);
      };
      const asked = { adapter, ...(responseType === undefined ? {} : { responseType }) };
      const expected = (await errorOf(axios.get('http://made.up', asked))).response?.data;
      const { http } = await startCached({});
      const errors = await Promise.all([1, 2, 3].map(() => errorOf(http.get('/', asked))));
      expect(calls).toBe(2);
      for (const { response } of errors) {
        expect(response?.data).toEqual(expected);
        expect(Object.prototype.toString.call(response?.data)).toBe(Object.prototype.toString.call(expected));
        expect(Buffer.isBuffer(response?.data)).toBe(Buffer.isBuffer(expected));
      }
    },
  );

  /** With a limit a caller takes other turns through the event loop than without. */
  const CALLERS: readonly AxiosRequestConfig[] = [{}, { timeout: 9000 }, { signal: new AbortController().signal }];
  test.each(CALLERS.flatMap((leader) => CALLERS.map((follower) => [leader, follower] as const)))(
    'those who share the failure share no object of it (%#)',
    async (leader, follower) => {
      const { http, origin } = await startCached({ '/': TEAPOT });
      const gate = origin.hold('/');
      const adapter = judging('http');
      const spoil = (error: AxiosError): AxiosError => {
        const { message, response } = error;
        const { data, headers } = response as AxiosResponse<{ list: number[] }>;
        expect({ message, data, cookies: headers['set-cookie'] }).toEqual({
          message: 'Request failed with status code 418',
          data: { list: [1] },
          cookies: ['a=1', 'b=2'],
        });
        data.list.push(2);
        headers['set-cookie']?.push('spoilt=1');
        error.message = 'spoilt';
        return error;
      };
      const pending = [leader, follower, follower].map((config) =>
        errorOf(http.get('/', { ...config, adapter })).then(spoil),
      );
      await gate.arrived();
      gate.release();
      const errors = await Promise.all(pending);
      expect(origin.count()).toBe(1);
      expect(new Set(errors).size).toBe(3);
      expect(new Set(errors.map(({ response }) => response)).size).toBe(3);
    },
  );

  test('behind a redirect the request of each who shares the failure tells where it has led', async () => {
    const { http, origin } = await startCached({
      '/old': { status: 302, headers: { Location: '/new?b=2' } },
      '/new': TEAPOT,
    });
    const gate = origin.hold('/new');
    const adapter = judging('http');
    const pending = ['/old', '/old'].map((path) => errorOf(http.get(path, { adapter })));
    await gate.arrived();
    gate.release();
    const paths = (await Promise.all(pending)).map(({ request }) => (request as { readonly path: string }).path);
    expect(paths).toEqual(['/new?b=2', '/new?b=2']);
    expect(origin.count('/new')).toBe(1);
  });

  test('one that rejects with the same object each time gives each caller another', async () => {
    const headers = new AxiosHeaders();
    const error = new AxiosError('no', 'ERR_BAD_REQUEST', undefined, undefined, {
      status: 418,
      statusText: '',
      headers,
      data: '{"list":[1]}',
      config: { headers },
    });
    const { http } = await startCached({}, { defaults: { adapter: () => Promise.reject(error) } });
    const [first, second] = [await errorOf(http.get('/')), await errorOf(http.get('/'))];
    expect(first).not.toBe(second);
    expect(first.response?.data).not.toBe(second.response?.data);
  });
});

test('an error that is frozen reaches the caller as it is', async () => {
  const error = Object.freeze(new AxiosError('no', 'ERR_NETWORK'));
  const { http } = await startCached({}, { defaults: { adapter: () => Promise.reject(error) } });
  expect(await errorOf(http.get('/'))).toBe(error);
  expect(await errorOf(http.get('/', { cache: false }))).toBe(error);
});
