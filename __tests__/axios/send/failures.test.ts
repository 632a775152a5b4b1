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
      // Axios takes a wrapped fetch for an adapter of Node, as nothing shows what it is.
      if (name === 'fetch' && (responseType === 'arraybuffer' || responseType === 'blob')) continue;
      const ours = await errorOf(http.get('/', { ...asked, adapter }));
      expect({ responseType, ...(await show(ours)) }).toEqual({ responseType, ...theirs });
    }
  });

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
