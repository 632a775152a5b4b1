/** Bodies that cannot be read: each member of the error that plain axios gives, on a miss, on a hit and shared. */
import type { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import axios, { type AxiosError, type AxiosRequestConfig, type AxiosResponse } from 'axios';
import { BODIES } from '../../support/bodies.js';
import { startCached } from '../../support/cached-instance.js';
import { axiosHas } from '../../support/axios-features.js';
import { cutShort, type Routes } from '../../support/origin.js';

const ROUTES: Routes = {
  ...BODIES,
  '/missing': { status: 404, body: { none: true } },
  '/no-gzip': { headers: { 'Content-Encoding': 'gzip' }, body: 'plain' },
  '/cut': cutShort('whole', 2),
};

const errorOf = (pending: Promise<unknown>): Promise<AxiosError> =>
  pending.then(
    () => { throw new Error('it did not fail'); },
    (error: unknown) => error as AxiosError,
  );

/** All that callers can tell of an error without what differs from request to request. */
function told(error: AxiosError): object {
  const { message, name, code, status, request, response, config } = error;
  return {
    ...{ name, message, code, status, isAxiosError: axios.isAxiosError(error), isCancel: axios.isCancel(error) },
    members: Object.keys(error).sort(),
    hasRequest: request !== undefined && request !== null,
    response: response && toldOf(response),
    url: config?.url,
  };
}

function toldOf({ status, statusText, data, headers, request, config }: AxiosResponse): object {
  const type = headers['content-type'] as unknown;
  return { status, statusText, data: data as unknown, type, hasRequest: Boolean(request), url: config.url };
}

interface Case extends AxiosRequestConfig {
  readonly url: string;
  readonly what: string;
}

const UNREADABLE: readonly Case[] = [
  { what: 'an unknown encoding', adapter: 'http', url: '/json', responseEncoding: 'klingon' },
  { what: 'an unknown encoding', adapter: 'http', url: '/text', responseType: 'text', responseEncoding: 'klingon' },
  { what: 'an unknown encoding of a 404', adapter: 'http', url: '/missing', responseEncoding: 'klingon' },
  { what: 'no form', adapter: 'fetch', url: '/json', responseType: 'formdata' },
  { what: 'too long', adapter: 'http', url: '/bytes', responseType: 'arraybuffer', maxContentLength: 5 },
  { what: 'too long, as text', adapter: 'http', url: '/text', maxContentLength: 1 },
  { what: 'too long', adapter: 'fetch', url: '/bytes', responseType: 'arraybuffer', maxContentLength: 5 },
  { what: 'too long, as a Blob', adapter: 'fetch', url: '/bytes', responseType: 'blob', maxContentLength: 5 },
  { what: 'no gzip', adapter: 'http', url: '/no-gzip' },
  { what: 'no gzip', adapter: 'fetch', url: '/no-gzip' },
  { what: 'cut off', adapter: 'http', url: '/cut' },
  { what: 'cut off', adapter: 'fetch', url: '/cut' },
];

test.each(UNREADABLE)('$adapter, $what: the error is that of plain axios', async ({ what: _what, ...asked }) => {
  if (asked.adapter === 'fetch' && asked.maxContentLength !== undefined && !(await axiosHas('fetchMaxContentLength'))) {
    return;
  }
  const { http, origin } = await startCached(ROUTES, { expireAfter: 60, allowedCodes: () => true });
  const expected = told(await errorOf(axios.request({ baseURL: origin.url, ...asked })));
  const ask = async (): Promise<object> => told(await errorOf(http.request(asked)));
  const shared = await Promise.all([ask(), ask(), ask()]);
  // It is stored where it could be read for others.
  await http.get(asked.url, { responseType: 'arraybuffer' }).catch(() => undefined);
  for (const error of [...shared, await ask()]) expect(error).toEqual(expected);
});

test('a stream that is too long fails as it is read, and tells its request', async () => {
  const { http, origin } = await startCached(ROUTES, { expireAfter: 60 });
  const asked = { responseType: 'stream', maxContentLength: 5 } as const;
  const readOf = async (response: AxiosResponse<Readable>): Promise<unknown> => buffer(response.data);
  const plain = await readOf(await axios.get(`${origin.url}/bytes`, asked)).catch((error: unknown) => error);
  // Older copies of axios do not limit streams.
  if (!(plain instanceof Error)) return;
  await http.get('/bytes');
  const error = await errorOf(readOf(await http.get('/bytes', asked)));
  expect(error.message).toBe('maxContentLength size of 5 exceeded');
  expect((error.request as { path?: unknown }).path).toBe('/bytes');
});

describe('a token that cancels', () => {
  const routes: Routes = { '/': () => new Promise(() => undefined) };

  test.each(['http', 'fetch'] as const)('%s: each caller has its reason, as with plain axios', async (adapter) => {
    const { http, origin } = await startCached(routes);
    const cancelled = async (instance: { get: typeof axios.get }): Promise<object[]> => {
      const source = axios.CancelToken.source();
      const come = origin.count() + 1;
      const asked = { baseURL: origin.url, adapter, cancelToken: source.token };
      const pending = [1, 2].map(() => errorOf(instance.get('/', asked)));
      while (origin.count() < come) await new Promise(setImmediate);
      source.cancel('left');
      const isReason = async (each: Promise<AxiosError>): Promise<object> => {
        const error = await each;
        return { ...told(error), members: undefined, isReason: error === source.token.reason };
      };
      return Promise.all(pending.map(isReason));
    };
    const isReason = adapter === 'http' || (await axiosHas('fetchTimeoutInWords'));
    const expected = await cancelled(axios);
    // Older copies wrap the reason for fetch, here it is the very one whatever the copy.
    const same = isReason ? {} : { isReason: true };
    expect(await cancelled(http)).toEqual(expected.map((each) => ({ ...each, ...same })));
  });

  test('what the caller put into the reason stays there', async () => {
    const { http, origin } = await startCached(routes);
    const config = { url: '/mine' };
    const source = axios.CancelToken.source();
    const pending = errorOf(http.get('/', { cancelToken: source.token }));
    while (origin.count() === 0) await new Promise(setImmediate);
    (source.cancel as (...given: unknown[]) => void)('left', config, 'request');
    const error = await pending;
    expect([error.config, error.request]).toEqual([config, 'request']);
  });

  test('a change that is cancelled has the very reason, too', async () => {
    const { http, origin } = await startCached(routes);
    const source = axios.CancelToken.source();
    const pending = errorOf(http.post('/', {}, { cancelToken: source.token }));
    while (origin.count() === 0) await new Promise(setImmediate);
    source.cancel('left');
    expect(await pending).toBe(source.token.reason);
    expect((await pending).config).toBeUndefined();
  });
});
