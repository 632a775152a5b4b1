/** Header fields of both sides, in every decision, and of an origin that means no good. */
import axios, { type AxiosResponse } from 'axios';
import fc from 'fast-check';
import { MemoryStorage, setupCache } from 'axios-client-cache';
import {
  answered,
  asked,
  REQUEST_FIELDS,
  RESPONSE_FIELDS,
} from '../../../__tests__/rfc9111/all-decisions.js';
import { upstreamOf } from '../../../lib/rfc9111/upstream.js';
import { textNear } from '../mutate.js';
import { target } from '../target.js';

const VALUES = [
  'max-age=60, must-revalidate', 'no-store', 'private="set-cookie, x-a", s-maxage=10', 'no-cache="a, b"',
  'stale-while-revalidate=30, stale-if-error="60"', 'public; max-age = 60', 'only-if-cached, max-stale',
  'min-fresh=5, no-transform', 'Sun, 06 Nov 1994 08:49:37 GMT', 'Sunday, 06-Nov-94 08:49:37 GMT',
  'Sun Nov  6 08:49:37 1994', '"abc"', 'W/"abc", "def"', '*', 'accept-encoding, Accept', 'bytes 0-9/10', 'bytes=0-4',
  'bytes=-5', 'gzip;q=0.5, br', 'de-DE, en;q=0.3, *;q=0', '"group-1", "group-2"', '"cache", "cookies"',
  'params=("a" "b"), key-order', 'params, except=("a")', '/things', 'https://api.example.com/things#x', '10', '-1',
  'close, x-a', 'ExampleCache; hit; ttl=376', 'HIT from cache.test', 'TCP_REFRESH_HIT', '"A; \\"B"; fwd=stale; fwd-status=304',
];
const WORDS = ['max-age', 'no-store', 'no-cache', 'private', 'GMT', 'W/', 'bytes', 'q=', 'params', 'except', 'hit', 'fwd='];
const value = textNear(VALUES, WORDS);

const UPSTREAM = ['age', 'x-cache', 'cache-status', 'cf-cache-status'];

/** The word is no part of a longer token, as `no-store*` is one, no argument, and nothing is quoted. */
const FORBIDS = /^[^"]*(?<![!#$%&'*+\-.^\w`|~]|=\s*)no-store(?![!#$%&'*+\-.^\w`|~])[^"]*$/i;
const UNDERSTANDS = /must-understand/i;

/** Reads the value as every field of both sides. */
function faultOfValue({ name, text, isOfResponse }: { name: string; text: string; isOfResponse: boolean }) {
  if (!isOfResponse) {
    asked(name, text);
    return undefined;
  }
  const kind = answered(name, text);
  for (const each of UPSTREAM) upstreamOf({ [each]: text });
  const isForbidden = name === 'cache-control' && FORBIDS.test(text) && !UNDERSTANDS.test(text);
  return isForbidden && kind === 'store' ? 'no-store was not heeded' : undefined;
}

/** Whatever stands in a field, decisions are made; `no-store` is heeded wherever it can be read. */
export const headerFields = target({
  name: 'header fields',
  inputs: fc.oneof(
    fc.record({ name: fc.constantFrom(...RESPONSE_FIELDS), text: value, isOfResponse: fc.constant(true) }),
    fc.record({ name: fc.constantFrom(...REQUEST_FIELDS), text: value, isOfResponse: fc.constant(false) }),
  ),
  faultOf: faultOfValue,
  read(text) {
    for (const name of UPSTREAM) upstreamOf({ [name]: text });
  },
  parts: [',', ';', '"', '\\', 'a;', 'hit;', 'HIT from ', 'tcp_mem_hit ', '"a";fwd=', '=', ' '],
});

type Fields = readonly (readonly [name: string, value: string])[];

const fields: fc.Arbitrary<Fields> = fc.array(
  fc.tuple(
    fc.oneof(
      fc.constantFrom(...RESPONSE_FIELDS, ...UPSTREAM, 'set-cookie', 'Content-Type', 'x-any', '__proto__', 'constructor'),
      textNear(['x-a']),
    ),
    value,
  ),
  { maxLength: 4 },
);

let answer: { readonly headers: Fields; readonly status: number } = { headers: [], status: 200 };
const http = setupCache(
  axios.create({
    baseURL: 'https://api.test',
    validateStatus: null,
    adapter: (config) => Promise.resolve({
      data: `{"status":${answer.status}}`,
      status: answer.status,
      statusText: 'OK',
      headers: Object.fromEntries(answer.headers),
      config,
    } satisfies AxiosResponse),
  }),
  { storage: new MemoryStorage(), expireAfter: '1h', allowedCodes: () => true, clearSiteData: true },
);
let asks = 0;

/** Whatever an origin says in its header fields, all who ask are answered as it answers. */
export const hostileOrigins = target({
  name: 'hostile origins',
  inputs: fc.record({
    first: fields,
    second: fields,
    status: fc.constantFrom(200, 200, 206, 301, 304, 404, 500),
    method: fc.constantFrom('get', 'get', 'head', 'post', 'delete'),
  }),
  async faultOf({ first, second, status, method }) {
    asks += 1;
    const url = `/${asks % 50}`;
    for (const [headers, code] of [[first, 200], [second, status], [first, status]] as const) {
      answer = { headers, status: code };
      const { data, status: got } = await http.request<{ status: number }>({ url, method });
      const isOwn = got === 304 || method === 'head' || data.status === got;
      if (!isOwn) return `status ${got} came with the body of ${JSON.stringify(data)}`;
    }
    return undefined;
  },
  read: (text) => { answered('set-cookie', text); },
  parts: ['a', ';', '='],
});
