/** Random requests and the answers to them. */
import axios, { AxiosHeaders, type AxiosInstance, type AxiosRequestConfig, type AxiosResponseTransformer } from 'axios';
import fc from 'fast-check';
import type { Plan } from './origin.js';

const any = <T,>(...values: readonly T[]): fc.Arbitrary<T> => fc.constantFrom(...values);
/** Mostly `undefined`, which leaves the option out. */
const seldom = <T,>(...values: readonly T[]): fc.Arbitrary<T | undefined> =>
  fc.oneof({ weight: 3, arbitrary: fc.constant(undefined) }, { weight: 1, arbitrary: any(...values) });

const BODIES: readonly (readonly [type: string, body: string])[] = [
  ['application/json', '{"list":[1,{"deep":"\\u00e9"}],"none":null}'],
  ['application/json', '{oops'],
  ['application/json', ''],
  ['application/json', '"text"'],
  ['application/json; charset=utf-8', '\u00ef\u00bb\u00bf{"a":1}'],
  ['text/plain', 'd\u00e9j\u00e0 vu'],
  ['text/html', '<p>12</p>'],
  ['image/png', '\u0089PNG\u0000\u00ff'],
  ['application/x-www-form-urlencoded', 'a=1&b=2'],
  ['application/octet-stream', `\u0000${'\u00ff\u0001long'.repeat(20_000)}`],
  ['application/json', JSON.stringify(Array.from({ length: 3000 }, (_, index) => ({ index, text: 'item' })))],
  ['text/plain; charset=iso-8859-1', '\u00e9t\u00e9'],
  ['multipart/form-data; boundary=b', '--b\r\nContent-Disposition: form-data; name="a"\r\n\r\n1\r\n--b--\r\n'],
  ['', 'of no type'],
];

const plans: fc.Arbitrary<Plan> = fc
  .record({
    status: any(...Array<200>(14).fill(200), 201, 203, 204, 206, 299, 300, 304, 400, 401, 404, 410, 416, 429, 500, 503),
    kind: any(...BODIES),
    cacheControl: seldom('max-age=60', 'max-age=60', 'no-store', 'no-cache', 'max-age=0', 'private, max-age=60'),
    etag: fc.boolean(),
    encoding: any<Plan['encoding']>('', '', '', 'gzip', 'br', 'deflate', 'not gzip', 'unknown'),
    chunked: fc.boolean(),
    cookie: any(false, false, true),
    vary: seldom('Accept', 'X-Own, Accept-Encoding', '*'),
    redirects: any(0, 0, 0, 0, 1, 3),
    redirectsBy: any(301, 302, 303, 307, 308),
    redirectsTo: any<Plan['redirectsTo']>('path', 'path', 'another origin', 'nowhere'),
    breaks: any<Plan['breaks']>(...Array<'no'>(16).fill('no'), 'before its head', 'in its body'),
  })
  .map(({ kind: [type, body], ...rest }) => ({ ...rest, type, body }));

const add: AxiosResponseTransformer = (data: unknown) => ({ given: data });
const [own] = [axios.defaults.transformResponse ?? []].flat();
const refuse = (): never => { throw new Error('refused by the caller'); };

/** Foreign to the cache, which knows axios' own adapters alone. */
const foreign = (name: 'http' | 'fetch') => (config: never) => axios.getAdapter(name)(config);
const FOREIGN = [foreign('http'), foreign('fetch')] as const;

const PARAMS: readonly unknown[] = [
  { a: 1, b: [1, 2], c: { d: null, e: '\u00e9 &' } },
  { date: new Date(0), none: undefined, flag: false },
  new URLSearchParams('a=1&a=2'),
];
const DATA: readonly unknown[] = [
  { a: 1, nested: { list: [1, 2] } },
  'text',
  new URLSearchParams({ a: '1', b: '\u00e9' }),
  Buffer.from([1, 2, 255]),
  Uint8Array.from([3, 4]).buffer,
  Float64Array.from([0.5]),
  new Blob(['blob'], { type: 'text/x-own' }),
  new Date(0),
  [1, [2]],
  12,
  false,
  null,
];

const settings = fc.record({
  method: any('get', 'get', 'get', 'get', 'GET', 'head', 'post', 'put', 'patch', 'delete', 'options'),
  data: seldom(...DATA),
  params: seldom(...PARAMS),
  headers: seldom<object>(
    { 'X-Own': 'a' },
    { Accept: 'text/plain', 'X-Own': ['a', 'b'] },
    { Authorization: 'Bearer a' },
    { 'Content-Type': 'application/x-www-form-urlencoded' },
    { 'If-None-Match': '"other"' },
    { 'User-Agent': 'own' },
    { 'Cache-Control': 'no-cache' },
    { Range: 'bytes=0-1' },
    { 'Accept-Encoding': 'identity', 'X-Own': '' },
    { 'Content-Type': null, 'X-Own': false },
    new AxiosHeaders({ 'x-own': 'c' }),
  ),
  responseType: any('json', 'json', 'json', 'text', 'text', 'arraybuffer', 'stream', 'blob', 'document', 'formdata', 'bogus', undefined),
  responseEncoding: seldom('latin1', 'base64', 'hex', 'utf16le'),
  transformResponse: seldom<unknown>(add, [own, add], [], refuse),
  transformRequest: seldom<unknown>([(data: unknown) => (typeof data === 'object' ? JSON.stringify(data) : data)]),
  validateStatus: seldom<unknown>(null, () => true, () => false, (status: number) => status < 500),
  maxContentLength: seldom(0, 5, 100_000),
  maxBodyLength: seldom(1, 100_000),
  maxRedirects: seldom(0, 1, 5),
  auth: seldom({ username: 'ada', password: '\u00e9' }),
  decompress: seldom(false),
  paramsSerializer: seldom<object>({ indexes: null }, { encode: (text: string) => text }, { serialize: () => 'fixed=1' }),
  transitional: seldom<object>({ silentJSONParsing: false }, { clarifyTimeoutError: true }),
  withCredentials: seldom(true),
  timeout: seldom(20_000),
  signal: any(...Array<undefined>(20), AbortSignal.abort(), AbortSignal.abort('a reason')),
  beforeRedirect: seldom<unknown>((options: { headers: Record<string, string> }) => { options.headers['x-own'] = 'b'; }),
  parseReviver: seldom<unknown>((_key: string, value: unknown) => (value === 1 ? 'one' : value)),
  fetchOptions: seldom<object>({ cache: 'no-store' }, { redirect: 'manual' }, { redirect: 'error' }),
  insecureHTTPParser: seldom(true),
  adapter: any<unknown>('http', 'http', 'http', 'fetch', 'fetch', ...FOREIGN),
});

/** Without what is not set, as `undefined` would hide a default. */
const configs: fc.Arbitrary<AxiosRequestConfig> = settings.map((given) =>
  Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined)));

export interface Draw {
  readonly plan: Plan;
  readonly config: AxiosRequestConfig;
  /** What stands behind the path. */
  readonly suffix: string;
  /** How the instance is called. */
  readonly form: 'request' | 'function' | 'function of a URL';
  readonly interceptors: readonly (keyof typeof INTERCEPTORS)[];
}

/** What a program may have put before and behind each request. */
export const INTERCEPTORS = {
  request: (instance: AxiosInstance): number =>
    instance.interceptors.request.use((config) => {
      config.headers.set('X-Own', 'by an interceptor');
      return config;
    }),
  response: (instance: AxiosInstance): number =>
    instance.interceptors.response.use((response) => ({ ...response, data: { given: response.data as unknown } })),
} as const;

/** Copies of axios before 1.14 may wait without end for a body that is not compressed as it says. */
const isOld = Number(axios.VERSION.split('.')[1]) < 14;

/**
 * Of a body that breaks off and is too long as well, chance decides which of the two axios notices first; where it is
 * compressed, axios before 1.13 waits for its rest without end.
 */
export const draws: fc.Arbitrary<Draw> = fc
  .record({
    plan: plans,
    config: configs,
    suffix: any('', '', '', '?x=1', '?b=2&a=1&b=1', '#part', '?x=%20+%C3%A9#part', '/\u00fc', '//a/../b', '/?', '/a%2fb;c'),
    form: any<Draw['form']>('request', 'function', 'function of a URL'),
    interceptors: fc.subarray(['request', 'response'] as const, { maxLength: 1 }),
  })
  .filter(({ plan, config }) => plan.breaks !== 'in its body' || (config.maxContentLength === undefined && plan.encoding === ''))
  .filter(({ plan }) => !isOld || plan.encoding !== 'not gzip');
