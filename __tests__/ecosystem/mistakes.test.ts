/** Mistakes of programs and tests that plain axios tells in words which people look for: the cache keeps to them. */
import axios, { type AxiosError, type AxiosInstance, type InternalAxiosRequestConfig } from 'axios';
import { startCached } from '../support/cached-instance.js';

const failureOf = (pending: Promise<unknown>): Promise<object> =>
  pending.then(
    () => ({}),
    (error: unknown) => {
      const { name, message, code } = error as AxiosError;
      return { name, message, code, isOfAxios: axios.isAxiosError(error) };
    },
  );

const ROUTES = { '/': { body: 'x' } };

test.each([undefined, null])('a request interceptor that returns %s', async (nothing) => {
  const { http, origin } = await startCached(ROUTES);
  const forgetting = (instance: Pick<AxiosInstance, 'interceptors'>): void => {
    instance.interceptors.request.use(() => nothing as unknown as InternalAxiosRequestConfig);
  };
  const plain = axios.create({ baseURL: origin.url });
  forgetting(plain);
  forgetting(http);
  expect(await failureOf(http.get('/'))).toEqual(await failureOf(plain.get('/')));
  expect(await failureOf(http.post('/'))).toEqual(await failureOf(plain.post('/')));
});

test.each([undefined, null])('a fetch that answers %s, as a bare jest.fn() does', async (nothing) => {
  const { http, origin } = await startCached(ROUTES);
  const answering = jest.spyOn(globalThis, 'fetch').mockResolvedValue(nothing as unknown as Response);
  try {
    const asked = { baseURL: origin.url, adapter: 'fetch' } as const;
    expect(await failureOf(http.get('/', asked))).toEqual(await failureOf(axios.get('/', asked)));
  } finally {
    answering.mockRestore();
  }
});
