/** The options of axios-cache-adapter in ours, part by part. */
import type { CacheMethod, CacheOptions, CachePolicy } from '../api/options.js';
import { isPlainObject } from '../support/plain-object.js';
import { type Given, isFunction, listOf, secondsOf, type Tell, type UrlRule, urlRules } from './translation.js';

const DEFAULT_MAX_AGE = 15 * 60 * 1000;
/** With `readHeaders` an answer about which the server says nothing was stale at once. */
const SERVERS_WORD: CachePolicy = { expireAfter: 0.001 };

/** The lifetime: the server's word alone, or `maxAge` alone. */
export const lifetime = ({ maxAge = DEFAULT_MAX_AGE, readHeaders }: Given): CachePolicy =>
  readHeaders === true ? SERVERS_WORD : { expireAfter: secondsOf(maxAge, 'maxAge'), cacheControl: false };

/** Whether the cache is read and written. */
export const use = ({ ignoreCache, excludeFromCache }: Given): CachePolicy => ({
  ...(ignoreCache === true && { mode: 'reload' }),
  ...(excludeFromCache === true && { readOnly: true }),
});

const METHODS: readonly CacheMethod[] = ['GET', 'POST', 'PATCH', 'PUT', 'DELETE'];

/** Which requests are cached. */
export function selection({ exclude = {} }: Given, tell: Tell): CacheOptions {
  const { paths = [], query = true, filter, methods } = isPlainObject(exclude) ? exclude : {};
  const rules: UrlRule[] = [...urlRules(paths, 'exclude.paths', false, tell), ...(query === true ? WITH_QUERY : [])];
  if (isFunction(filter)) {
    tell(
      'exclude.filter is asked by translateRequest alone: give that to http.interceptors.request.use, or write an ' +
        'interceptor that switches the cache off, (config) => (filter(config) ? { ...config, cache: false } : config).',
    );
  }
  return {
    ...(rules.length > 0 && { urlsExpireAfter: rules }),
    ...(methods !== undefined && { allowedMethods: allowedBeside(listOf(methods, 'exclude.methods')) }),
  };
}

const WITH_QUERY: readonly UrlRule[] = [[/\?/, false]];

export function allowedBeside(excluded: readonly unknown[]): CacheMethod[] {
  const names = excluded.map((each) => String(each).toUpperCase());
  return METHODS.filter((each) => !names.includes(each));
}

/** What tells answers apart, where they are kept, and what is said when the server fails. */
export function surroundings({ key, limit = false, store, readOnError, debug }: Given, tell: Tell): CacheOptions {
  if (typeof key === 'string') {
    tell('key as a text was put before each key: write new RedisStorage({ namespace }), or that of another storage.');
  }
  tellOfStorage(limit, store, tell);
  return {
    ...(isFunction(key) && { key: (config) => String(key(config)) }),
    ...staleAnswers(readOnError, tell),
    ...(isFunction(debug) ? { debug: (line: string) => void debug(line) } : debug === true && { debug }),
  };
}

export function staleAnswers(readOnError: unknown, tell: Tell): CachePolicy {
  if (isFunction(readOnError)) {
    tell('readOnError as a function is not kept: write staleIfError: "1 day" and staleIfErrorCodes: [500, 502, 503].');
  }
  if (readOnError !== true) return {};
  tell('readOnError is staleIfError, for network errors, 500, 502, 503, 504; staleIfErrorCodes names others.');
  return { staleIfError: true };
}

function tellOfStorage(limit: unknown, store: unknown, tell: Tell): void {
  if (limit !== false) tell(`limit is that of the storage: storage: new MemoryStorage({ maxEntries: ${String(limit)} }).`);
  if (store === undefined) return;
  tell(
    'store is left out: a RedisStore or RedisDefaultStore becomes new RedisStorage({ client }), localforage becomes ' +
      'new IndexedDbStorage(); until then answers are kept in memory.',
  );
}
