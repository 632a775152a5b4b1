/** From axios-cache-adapter: what its `setupCache` and its requests took, and what its responses had. */
import { lifetime, selection, surroundings, use } from './adapter-options.js';
import { asksAlways, REQUEST_NAMES, translateRequest } from './adapter-request.js';
import type { Answered } from './former-response.js';
import { translate, type Translation } from './translation.js';

/**
 * Translates the options of axios-cache-adapter 2.7: those that its `setupCache` took, which are the member `cache` of
 * what its `setup` took. What it did by default, this cache does too: fifteen minutes whatever the server says, as by
 * `setup`, and nothing for URLs with a query. `translateRequest` does the same with `cache` and `clearCacheEntry` of a
 * request.
 *
 * @throws CacheError `ERR_CACHE_OPTION` for what is no object of options, and for a value that axios-cache-adapter did
 * not take.
 * @see docs/migrate/axios-cache-adapter.md
 * @example
 * const former = { maxAge: 60_000, exclude: { query: false } };
 * const { options, unsupported, translateRequest } = fromAxiosCacheAdapter(former);
 * const http = setupCache(axios.create(), options);
 * http.interceptors.request.use((config) => translateRequest(config, console.warn));
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

const FORMER = {
  name: 'axios-cache-adapter 2.7',
  parts: [lifetime, use, selection, surroundings],
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
  requests: { names: REQUEST_NAMES, beside: ['clearCacheEntry'], asksAlways, translate: translateRequest },
};
