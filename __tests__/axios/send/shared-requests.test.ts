/** Who shares the failure of another's request reads from the `request` of its answer what plain axios tells there. */
import axios, { type AxiosAdapter, type AxiosError, type AxiosRequestConfig } from 'axios';
import { startCached } from '../../support/cached-instance.js';
import { cutShort, type Routes } from '../../support/origin.js';

const ROUTES: Routes = {
  '/cut': cutShort('whole', 2, { 'x-id': '1' }),
  '/no-gzip': { headers: { 'content-encoding': 'gzip' }, body: 'plain' },
  '/teapot': { status: 418, body: 'tea' },
};

const errorOf = (pending: Promise<unknown>): Promise<AxiosError> =>
  pending.then(
    () => { throw new Error('it did not fail'); },
    (error: unknown) => error as AxiosError,
  );

interface Request {
  readonly path: string;
  readonly method: string;
  readonly host: string;
  readonly protocol: string;
  readonly res: { readonly statusCode: number; readonly responseUrl: string };
  getHeader(name: string): unknown;
}

/** An older axios gives a body that was cut off no response. */
function toldOf(answer: { readonly request?: unknown } | undefined): object | undefined {
  if (answer === undefined) return undefined;
  const request = answer.request as Request;
  const { path, method, host, protocol, res } = request;
  const token = request.getHeader('authorization');
  return { path, method, host, protocol, token, status: res.statusCode, url: res.responseUrl };
}

/** Judges the status itself, as adapters of somebody's own do. */
const judging: AxiosAdapter = (config) =>
  axios.getAdapter('http')({ ...config, validateStatus: (status) => status < 400 });

test.each([
  ['/cut', 'http'],
  ['/no-gzip', 'http'],
  ['/teapot', 'http'],
  ['/teapot', judging],
] as const)('%s (%s)', async (path, adapter) => {
  const { http, origin } = await startCached(ROUTES, { partition: () => 'one' });
  const asked: AxiosRequestConfig = { adapter: adapter as AxiosAdapter, headers: { Authorization: 'mine' } };
  const plain = await errorOf(axios.get(origin.url + path, asked));
  const errors = await Promise.all([1, 2, 3].map(() => errorOf(http.get(path, asked))));
  expect(origin.count()).toBeLessThan(4);
  for (const error of errors) {
    expect(toldOf(error.response)).toEqual(toldOf(plain.response));
    if (error.response !== undefined) expect(toldOf(error)).toEqual(toldOf(plain));
  }
});

test('nothing of the leader can be read there', async () => {
  const { http } = await startCached(ROUTES);
  const ask = (own: string) => errorOf(http.get('/teapot', { adapter: judging, headers: { 'X-Own': own } }));
  const errors = await Promise.all(['leader', 'one', 'two'].map(ask));
  const told = errors.map(({ response }) => (response?.request as Request).getHeader('x-own'));
  expect(told).toEqual(['leader', 'one', 'two']);
});
