/**
 * Whatever the body and the settings: misses, followers and hits give what plain axios gives, and nothing is shared.
 */
import { isDeepStrictEqual } from 'node:util';
import axios, { AxiosError, type AxiosRequestConfig, type AxiosResponse, type AxiosResponseTransformer } from 'axios';
import fc from 'fast-check';
import { axiosHas } from '../../support/axios-features.js';
import { ADAPTERS, showData } from '../../support/bodies.js';
import { startCached } from '../../support/cached-instance.js';
import type { Reply } from '../../support/origin.js';

const deep = (levels: number): string => '{"a":'.repeat(levels) + '[]' + '}'.repeat(levels);
const MANY = JSON.stringify(Object.fromEntries(Array(200).fill([]).entries()));
const TEXTS = [
  '{"__proto__":{"x":1},"a":{"constructor":1}}',
  '{"b":1,"2":[],"a":{},"1":-0,"b":{"b":1e400}}',
  '{"a":"{\\"b\\":1}"}',
  '"{\\"a\\":1}"',
  '"text"',
  '12',
  'null',
  '-0',
  '',
  ' ',
  ' {"a":[ 1 ] } ',
  '\uFEFF{"a":1}',
  '\uFEFF',
  '{oops',
  '{"a":1}x',
  'NaN',
  '[[],{},[{"a":1},{"a":2,"b":[]}]]',
  '{"n":12345678901234567890,"m":5e-324}',
  '{"then":1,"cached":{"cache":null}}',
  MANY,
  deep(600),
];
const body = fc.oneof(
  fc.constantFrom(...TEXTS),
  fc.json(),
  fc.string(),
).map((text) => Buffer.from(text));

const add: AxiosResponseTransformer = (data: unknown) => ({ given: data });
const write: AxiosResponseTransformer = (data: unknown, headers) => {
  headers.set('X-Written', ' by a transform ');
  if (Array.isArray(data)) data.push('written');
  return data;
};
const [own] = [axios.defaults.transformResponse ?? []].flat();
const transforms = fc.constantFrom<unknown>(
  undefined,
  undefined,
  [own, add],
  [add, own],
  add,
  [write, own, write],
  [],
  [add, add],
);
const maybe = <T,>(...values: T[]) => fc.constantFrom<(T | undefined)[]>(undefined, undefined, ...values);
const settings = fc.record({
  responseType: maybe('json', 'text', '', 'arraybuffer'),
  responseEncoding: maybe('utf8', 'latin1', 'base64'),
  parseReviver: maybe((_name: string, value: unknown) => (typeof value === 'number' ? `${value}` : value)),
  transitional: maybe<object>({ silentJSONParsing: false }, { forcedJSONParsing: false }, {}),
  transformResponse: transforms,
  maxContentLength: maybe(1, 100_000),
  validateStatus: maybe(() => false, null),
});
/** Without what is not set, as `undefined` would hide a default. */
const configOf = (given: object): AxiosRequestConfig =>
  Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));

const HEADERS = {
  'Content-Type': 'application/json',
  'Cache-Control': 'max-age=60',
  'X-List': ['a', 'b'],
  'Set-Cookie': ['c=1', 'd=2'],
};
const OF_THE_CONNECTION = /^(connection|keep-alive|transfer-encoding|age)$/i;

interface Shown {
  readonly status: number | undefined;
  readonly failure: unknown;
  readonly data: unknown;
  /** Members at the surface and below it in their order, which equality does not see. */
  readonly text: string | undefined;
  readonly headers: unknown;
}

/** Which older copies of axios have for some statuses only. */
const codeOf = async ({ code }: AxiosError): Promise<string | undefined> =>
  (await axiosHas('codeOfEveryStatus')) ? code : undefined;

async function shown(pending: Promise<AxiosResponse>): Promise<{ readonly settled: unknown; readonly seen: Shown }> {
  const settled: unknown = await pending.catch((error: unknown) => error);
  const failed = settled instanceof AxiosError;
  const response = failed ? settled.response : (settled as AxiosResponse);
  const data = await showData(response?.data);
  const headers = Object.entries(response?.headers ?? {}).filter(([name]) => !OF_THE_CONNECTION.test(name)).sort();
  const failure = failed ? [settled.name, settled.message, await codeOf(settled)] : undefined;
  return { settled, seen: { status: response?.status, failure, data, text: textOf(data), headers } };
}

/** `undefined`: it is too deep. */
function textOf(data: unknown): string | undefined {
  try {
    return JSON.stringify(data);
  } catch {
    return undefined;
  }
}

function spoil(settled: unknown): void {
  const { data } = (settled instanceof AxiosError ? settled.response : settled) as AxiosResponse<unknown> ?? {};
  if (data instanceof Uint8Array) data.fill(0);
  else if (typeof data === 'object' && data !== null)
    for (const name of Object.keys(data)) delete (data as Record<string, unknown>)[name];
}

test.each(ADAPTERS)('%s', async (adapter) => {
  let reply: Reply = {};
  let count = 0;
  const { http, origin } = await startCached(() => reply);
  const plain = axios.create({ baseURL: origin.url, proxy: false });
  await fc.assert(
    fc.asyncProperty(body, settings, settings, async (bytes, filler, reader) => {
      reply = { body: bytes, headers: HEADERS };
      count += 1;
      const url = `/${count}`;
      for (const [round, given] of [filler, reader, reader].entries()) {
        const config = { ...configOf(given), adapter };
        const theirs = (await shown(plain.get(url, config))).seen;
        const before = origin.count();
        const ours = await Promise.all([http.get(url, config), http.get(url, config)].map(shown));
        for (const { settled, seen } of ours) {
          if (!isDeepStrictEqual(seen, theirs)) expect(seen).toEqual(theirs);
          expect(seen.text).toBe(theirs.text);
          spoil(settled);
        }
        // An answer that exceeds its caller's limit is not stored.
        if (round === 2 && given.maxContentLength !== 1) expect(origin.count() - before).toBe(0);
      }
    }),
    { numRuns: 100 },
  );
}, 120_000);
