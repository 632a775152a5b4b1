/** From axios-cache-adapter: what its `setupCache` took, and what its responses had. */
import type { CacheMethod, CacheOptions } from '../api/options.js';
import { isPlainObject } from '../support/plain-object.js';
import type { Answered } from './former-response.js';
import {
  type Given,
  isFunction,
  listOf,
  secondsOf,
  type Tell,
  translate,
  type Translation,
  type UrlRule,
  urlRules,
} from './translation.js';

/**
 * Translates the options of axios-cache-adapter 2.7: those that its `setupCache` took, which are the member `cache` of
 * what its `setup` took. What it did by default, this cache does too: fifteen minutes whatever the server says, as by
 * `setup`, and nothing for URLs with a query.
 *
 * @throws CacheError `ERR_CACHE_OPTION` for what is no object of options, and for a value that axios-cache-adapter did
 * not take.
 * @see docs/migrate/axios-cache-adapter.md
 * @example
 * const { options, unsupported } = fromAxiosCacheAdapter({ maxAge: 60_000, exclude: { query: false } });
 * const http = setupCache(axios.create(), options);
 * for (const sentence of unsupported) console.warn(sentence);
 */
export const fromAxiosCacheAdapter = (options: object): Translation => translate(options, FORMER);

/**
 * Adds to the `request` of a response what axios-cache-adapter had there, for code that reads it: `fromCache`, `stale`
 * and `excludedFromCache`. It is given to `http.interceptors.response.use`.
 *
 * @example
 * http.interceptors.response.use(withAxiosCacheAdapterFields);
 */
export function withAxiosCacheAdapterFields<R extends Answered>(response: R): R {
  const { cached = false, cache } = response;
  const fields = { fromCache: cached, stale: cache?.status === 'stale', excludedFromCache: cache?.status === 'bypass' };
  response.request = Object.assign(response.request ?? {}, fields);
  return response;
}

const DEFAULT_MAX_AGE = 15 * 60 * 1000;
/** With `readHeaders` an answer about which the server says nothing was stale at once. */
const SERVERS_WORD: CacheOptions = { expireAfter: 0.001 };

/** The lifetime: the server's word alone, or `maxAge` alone. */
const lifetime = ({ maxAge = DEFAULT_MAX_AGE, readHeaders, ignoreCache, excludeFromCache }: Given): CacheOptions => ({
  ...(readHeaders === true ? SERVERS_WORD : { expireAfter: secondsOf(maxAge, 'maxAge'), cacheControl: false }),
  ...(ignoreCache === true && { mode: 'reload' as const }),
  ...(excludeFromCache === true && { readOnly: true }),
});

const METHODS: readonly CacheMethod[] = ['GET', 'POST', 'PATCH', 'PUT', 'DELETE'];

/** Which requests are cached. */
function selection({ exclude = {} }: Given, tell: Tell): CacheOptions {
  const { paths = [], query = true, filter, methods } = isPlainObject(exclude) ? exclude : {};
  const rules: UrlRule[] = [...urlRules(paths, 'exclude.paths', false, tell), ...(query === true ? WITH_QUERY : [])];
  if (isFunction(filter)) {
    tell(
      'exclude.filter is left out: write an interceptor that switches the cache off for these requests, ' +
        'http.interceptors.request.use((config) => (filter(config) ? { ...config, cache: false } : config)).',
    );
  }
  return {
    ...(rules.length > 0 && { urlsExpireAfter: rules }),
    ...(methods !== undefined && { allowedMethods: allowedBeside(listOf(methods, 'exclude.methods')) }),
  };
}

const WITH_QUERY: readonly UrlRule[] = [[/\?/, false]];

function allowedBeside(excluded: readonly unknown[]): CacheMethod[] {
  const names = excluded.map((each) => String(each).toUpperCase());
  return METHODS.filter((each) => !names.includes(each));
}

/** What tells answers apart, where they are kept, and what is said when the server fails. */
function surroundings({ key, limit = false, store, readOnError, debug }: Given, tell: Tell): CacheOptions {
  if (typeof key === 'string') {
    tell('key as a text was put before each key: write new RedisStorage({ namespace }), or that of another storage.');
  }
  if (isFunction(readOnError)) {
    tell('readOnError as a function is not kept: write staleIfError: "1 day" and staleIfErrorCodes: [500, 502, 503].');
  }
  if (readOnError === true) {
    tell('readOnError is staleIfError, for network errors, 500, 502, 503, 504; staleIfErrorCodes names others.');
  }
  tellOfStorage(limit, store, tell);
  return {
    ...(isFunction(key) && { key: (config) => String(key(config)) }),
    ...(readOnError === true && { staleIfError: true }),
    ...(isFunction(debug) ? { debug: (line: string) => void debug(line) } : debug === true && { debug }),
  };
}

function tellOfStorage(limit: unknown, store: unknown, tell: Tell): void {
  if (limit !== false) tell(`limit is that of the storage: storage: new MemoryStorage({ maxEntries: ${String(limit)} }).`);
  if (store === undefined) return;
  tell(
    'store is left out: a RedisStore or RedisDefaultStore becomes new RedisStorage({ client }), localforage becomes ' +
      'new IndexedDbStorage(); until then answers are kept in memory.',
  );
}

const FORMER = {
  name: 'axios-cache-adapter 2.7',
  parts: [lifetime, selection, surroundings],
  translated: [
    'maxAge', 'readHeaders', 'ignoreCache', 'excludeFromCache', 'exclude', 'key', 'limit', 'store', 'readOnError',
    'debug',
  ],
  leftOut: {
    adapter: 'adapter is given to the instance: setupCache(axios.create({ adapter }), options).',
    invalidate:
      'invalidate is left out: a change deletes what is stored for its URL. What else it makes old is named by URL or ' +
      'tag, invalidates: ["/users", { tag: "people" }].',
    cache: 'cache is a member of what setup() took: give that member alone, fromAxiosCacheAdapter(config.cache).',
    // What is stale is kept for a renewal, and is used for nothing else unless `staleIfError` says so.
    clearOnStale: '',
    // A storage that is full drops what is old.
    clearOnError: '',
  },
};
