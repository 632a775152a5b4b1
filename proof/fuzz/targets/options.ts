/** Options of `setupCache` and of requests: taken, or refused by a CacheError that names the option. */
import axios, { type AxiosAdapter, isAxiosError } from 'axios';
import fc from 'fast-check';
import { MemoryStorage, setupCache } from 'axios-client-cache';
import { isCacheError } from '../../../lib/api/errors.js';
import { DEFAULTS, resolveOptions } from '../../../lib/options/resolve.js';
import { type OddValue, oddValue } from '../odd-values.js';
import { described, faultOfThrown, target } from '../target.js';

const NAMES = [
  ...Object.keys(DEFAULTS), 'storage', 'urlsExpireAfter', 'onEvent', 'background', 'filter', 'key', 'softTimeout',
  'onRefreshed', 'ttl', '__proto__', 'constructor', 'toString', 'cacheTakeover', '',
];
const RIGHT: readonly (() => unknown)[] = [
  () => '5m', () => true, () => false, () => 10, () => ['GET'], () => [200, 404], () => () => true, () => ['a'],
  () => ({ 'api.test/**': '1h' }), () => [[/x/, false]], () => 'no-cache', () => new MemoryStorage(),
];

type Given = readonly (readonly [name: string, value: OddValue])[];
const someValue: fc.Arbitrary<OddValue> = fc.oneof(oddValue, fc.constantFrom(...RIGHT).map((make) => ({ make })));
const nested: fc.Arbitrary<OddValue> = fc
  .array(fc.tuple(fc.constantFrom('api.test', '/a/**', '**', 'x y', '__proto__', ...NAMES), someValue), { maxLength: 3 })
  .map((given) => ({ make: () => objectOf(given) }));
const given: fc.Arbitrary<Given> = fc.array(
  fc.tuple(fc.constantFrom(...NAMES), fc.oneof({ weight: 4, arbitrary: someValue }, { weight: 1, arbitrary: nested })),
  { maxLength: 4 },
);

/** Defined, not assigned, so that `__proto__` is a member too. */
function objectOf(members: Given): object {
  const made = {};
  for (const [name, { make }] of members) {
    Object.defineProperty(made, name, { value: make(), enumerable: true, configurable: true, writable: true });
  }
  return made;
}

const whole: fc.Arbitrary<OddValue> = fc.oneof(
  { weight: 6, arbitrary: given.map((members) => ({ make: () => objectOf(members) })) },
  { weight: 1, arbitrary: oddValue },
);

/** It says which option it is about, and what to do about it. */
function isRefusal(error: unknown): boolean {
  return isCacheError(error) && error.code === 'ERR_CACHE_OPTION' &&
    'option' in error && typeof error.option === 'string' && error.message.length > 30;
}

export const optionsTarget = target<OddValue>({
  name: 'options of setupCache',
  inputs: whole,
  faultOf: ({ make }) =>
    faultOfThrown(() => { setupCache(axios.create(), make() as never); }, isRefusal),
  read: (text) => faultOfThrown(() => { resolveOptions({ [text]: 1 }); }, isRefusal),
  parts: ['a', 'expireAfter', '.', ' ', '\\', "'"],
});

const adapter: AxiosAdapter = (config) =>
  Promise.resolve({ data: 'answer', status: 200, statusText: 'OK', headers: {}, config });
const http = setupCache(axios.create({ baseURL: 'https://api.test', adapter }), {
  storage: new MemoryStorage(),
  expireAfter: '1h',
});
const plain = axios.create({ baseURL: 'https://api.test', adapter });

/** axios itself reads all that a config holds, and fails where something in it throws. */
async function failsWithoutCache(value: unknown): Promise<boolean> {
  try {
    await plain.get('/', { cache: value as never });
    return false;
  } catch {
    return true;
  }
}

export const requestOptions = target<OddValue>({
  name: 'options of requests',
  inputs: whole,
  async faultOf({ make }) {
    try {
      const { status, data } = await http.get<string>('/', { cache: make() as never });
      // `only-if-cached` is answered by the cache.
      return data === 'answer' || status === 504 ? undefined : `answered ${status} ${data}`;
    } catch (error) {
      if (!isAxiosError(error)) return (await failsWithoutCache(make())) ? undefined : described(error);
      if (error.code === 'ERR_CACHE_OPTION') return isRefusal(error.cause) ? undefined : described(error.cause);
      return error.response?.status === 504 ? undefined : described(error);
    }
  },
  read: (text) => faultOfThrown(() => { resolveOptions({ mode: text }); }, isRefusal),
  parts: ['n', 'no-cache', ' '],
});
