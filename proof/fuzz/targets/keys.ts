/** Keys: two requests are put one after the other, and the second is never answered with what answers another one. */
import axios, { type AxiosRequestConfig, type InternalAxiosRequestConfig } from 'axios';
import fc from 'fast-check';
import { MemoryStorage, setupCache } from 'axios-client-cache';
import { normaliseUrl } from '../../../lib/axios/request/url.js';
import { createDigest } from '../../../lib/support/digest.js';
import { textNear } from '../mutate.js';
import { target } from '../target.js';

/** What an origin sees of a request, so that two that it must tell apart differ. */
function seenOf({ url, baseURL, params, paramsSerializer, method, data, headers }: InternalAxiosRequestConfig): string {
  const uri = axios.getUri({ url, baseURL, params, paramsSerializer } as AxiosRequestConfig);
  const parsed = new URL(uri);
  const query = [...parsed.searchParams].sort(([one], [other]) => (one < other ? -1 : one > other ? 1 : 0));
  const user = [headers.get('Authorization'), headers.get('Cookie'), parsed.username, parsed.password];
  const kind = String(headers.get('Content-Type') ?? '');
  return JSON.stringify([method, parsed.host, decoded(parsed.pathname), query, meaningOf(data, kind), user]);
}

function decoded(path: string): string {
  try {
    return decodeURI(path);
  } catch {
    return path;
  }
}

function meaningOf(data: unknown, contentType: string): unknown {
  if (typeof data !== 'string') return data === undefined || data === null ? null : `odd ${typeof data}`;
  try {
    return contentType.includes('json') ? sorted(JSON.parse(data)) : [...new URLSearchParams(data)].sort();
  } catch {
    return data;
  }
}

function sorted(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map(sorted);
  const members = Object.entries(value).sort(([one], [other]) => (one < other ? -1 : 1));
  return members.map(([name, each]) => [name, sorted(each)]);
}

const http = setupCache(
  axios.create({
    baseURL: 'https://api.test/v1',
    adapter: (config) => Promise.resolve({
      data: seenOf(config), status: 200, statusText: 'OK', headers: { 'cache-control': 'max-age=60' }, config,
    }),
    transformResponse: (data: unknown) => data,
  }),
  { storage: new MemoryStorage({ maxEntries: 50 }), expireAfter: '1h', allowedMethods: ['GET', 'POST'] },
);
const plain = axios.create({ ...http.defaults, adapter: (config) => Promise.resolve({
  data: seenOf(config), status: 200, statusText: 'OK', headers: {}, config,
}) } as AxiosRequestConfig as never);

const URLS = [
  '/users', '/users?a=1&b=2', 'https://api.test/v1/users#top', 'https://u:p@other.test:8443/x?y=%20+', '/a%2Fb/../c', '//host/x',
  '/?q=a&q=b', '/%E4%BD%A0?x[]=1', 'http://api.test:80/',
];
const text = textNear(['a', '1.2', 'a&b=c', 'ü', 'a b', '%41'], ['=', '&', '[]', '<>', '***', '\n']);
const odd = fc.oneof(text, fc.double(), fc.boolean(), fc.constantFrom(null, undefined), fc.array(text, { maxLength: 2 }));
const members = fc.dictionary(text, odd, { maxKeys: 3 });
const field = textNear(['Bearer abc', 'a=1; b=2', 'x'], [';', ',', '=']).map((each) => each.replaceAll(/[^\x20-\x7e]/g, ''));

const request: fc.Arbitrary<AxiosRequestConfig> = fc.record(
  {
    url: textNear(URLS, ['api.test', '?', '&a=1', '%2e']),
    params: members,
    method: fc.constantFrom('get', 'get', 'post'),
    data: fc.oneof(text, members, fc.constant(undefined)),
    headers: fc.record({ Authorization: field, Cookie: field }, { requiredKeys: [] }),
  },
  { requiredKeys: ['url'] },
) as fc.Arbitrary<AxiosRequestConfig>;

const outcome = async (instance: Pick<typeof plain, 'request'>, config: AxiosRequestConfig): Promise<string> => {
  try {
    return (await instance.request<string>(structuredClone(config))).data;
  } catch (error) {
    return `failed: ${error instanceof Error ? error.name : typeof error}`;
  }
};

const digest = createDigest('a secret of the fuzzer');
const rules = { ignoredParams: new Set(['ignored']), redactedParams: new Set(['token']), digest };

export const keys = target({
  name: 'keys',
  inputs: fc.tuple(request, request, fc.subarray(['url', 'params', 'method', 'data', 'headers'] as const)),
  async faultOf([one, another, changed]) {
    // Near requests, which are the ones that may be taken for each other.
    const other = { ...one, ...Object.fromEntries(changed.map((name) => [name, another[name]])) } as AxiosRequestConfig;
    for (const config of [one, other, one]) {
      const [cached, uncached] = [await outcome(http, config), await outcome(plain, config)];
      if (cached !== uncached) return `answered ${cached} in place of ${uncached}`;
    }
    return undefined;
  },
  read: (long) => normaliseUrl(`https://api.test/a?${long}`, rules) ?? normaliseUrl(`https://api.test/${long}`, rules),
  parts: ['a', '&', '=', 'a=1&', '%', '%41', '[', 'a[b]', 'token[', '.', '+', '/', '../', 'ü', 'b&a&', '{}'],
});
