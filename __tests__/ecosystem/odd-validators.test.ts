/** A `validateStatus` that cannot judge: no function, or one that throws. No request hangs, and errors are of axios. */
import axios, { AxiosError, type AxiosRequestConfig } from 'axios';
import { startCached } from '../support/cached-instance.js';

const refuse = (thrown: unknown) => (): never => {
  throw thrown;
};

interface Row {
  readonly what: string;
  readonly validateStatus: unknown;
}

const ACCEPTING: readonly Row[] = [
  { what: 'null', validateStatus: null },
  { what: 'false', validateStatus: false },
  { what: 'zero', validateStatus: 0 },
  { what: 'an empty text', validateStatus: '' },
  { what: 'NaN', validateStatus: Number.NaN },
];
const FAILING: readonly Row[] = [
  { what: 'a number', validateStatus: 1 },
  { what: 'a text', validateStatus: 'text' },
  { what: 'true', validateStatus: true },
  { what: 'an object', validateStatus: {} },
  { what: 'a class', validateStatus: class {} },
  { what: 'throws an Error', validateStatus: refuse(Object.assign(new Error('no'), { code: 'E_OWN' })) },
  { what: 'throws a text', validateStatus: refuse('no') },
];
const ADAPTERS = ['http', 'fetch'] as const;
const rowsOf = (rows: readonly Row[]) => ADAPTERS.flatMap((adapter) => rows.map((row) => ({ adapter, ...row })));
const ROUTES = { '/200': { body: 'x' }, '/404': { status: 404, body: 'x' } };
const PATHS = ['/200', '/404'];

const errorOf = (pending: Promise<unknown>): Promise<unknown> =>
  pending.then(() => 'no error', (error: unknown) => error);

/** What a caller sees of an error, but for whether axios found a name for its class. */
function told(error: unknown): object {
  const { message, code, config, request, response } = error as AxiosError;
  const isOfAxios = axios.isAxiosError(error);
  // V8 names the variable, which is a shorter one in the script for pages.
  const words = String(message).replace(/^\S+(?= is not a function$)/, '');
  return { isOfAxios, words, code, url: config?.url, hasRequest: request !== undefined, response };
}

const asking = ({ adapter, validateStatus }: Row & { readonly adapter: 'http' | 'fetch' }) =>
  ({ adapter, validateStatus }) as AxiosRequestConfig;

test.each(rowsOf(ACCEPTING))('$adapter, $what: each status is accepted, as with plain axios', async (row) => {
  const { http, origin } = await startCached(ROUTES, { expireAfter: '1h', allowedCodes: () => true });
  for (const url of PATHS) {
    const { status } = await axios.get(origin.url + url, asking(row));
    expect((await http.get(url, asking(row))).status).toBe(status);
    expect((await http.get(url, asking(row)))).toMatchObject({ status, cached: true });
  }
});

// The http adapter throws where nobody catches it, which ends the process: it is to be told what fetch tells.
test.each(rowsOf(FAILING))('$adapter, $what: the error is that of the fetch adapter', async (row) => {
  const { http, origin } = await startCached(ROUTES, { expireAfter: '1h', allowedCodes: () => true });
  for (const url of PATHS) {
    const theirs = told(await errorOf(axios.get(url, { baseURL: origin.url, ...asking(row), adapter: 'fetch' })));
    const ask = async () => told(await errorOf(http.get(url, asking(row))));
    for (const ours of [...(await Promise.all([ask(), ask()])), await ask()]) expect(ours).toEqual(theirs);
  }
});

test.each(ADAPTERS)('%s, throws an AxiosError: it is that very one', async (adapter) => {
  const { http } = await startCached(ROUTES);
  const mine = new AxiosError('mine', 'E_MINE');
  expect(await errorOf(http.get('/200', { adapter, validateStatus: refuse(mine) }))).toBe(mine);
});

test.each(ADAPTERS)('%s, throws null: it is an error of axios', async (adapter) => {
  const { http } = await startCached(ROUTES);
  const validateStatus = refuse(null);
  expect(axios.isAxiosError(await errorOf(http.get('/200', { adapter, validateStatus })))).toBe(true);
});
