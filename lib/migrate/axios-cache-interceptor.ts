/** From axios-cache-interceptor: what its `setupCache` and its requests took, and what its responses had. */
import type { Answered } from './former-response.js';
import { lifetime, NO_HYDRATE, renewal, selection, surroundings } from './interceptor-options.js';
import { REQUEST_NAMES, translateRequest } from './interceptor-request.js';
import { translate, type Translation } from './translation.js';

/**
 * Translates the options of axios-cache-interceptor 1.12, those that its `setupCache` took as its second argument.
 * What it did by default, this cache does too: answers about which the server says nothing are kept for five minutes,
 * and stale ones stand in for errors. `translateRequest` does the same with `cache` and `id` of a request.
 *
 * @throws CacheError `ERR_CACHE_OPTION` for what is no object of options, and for a value that axios-cache-interceptor
 * did not take.
 * @see docs/migrate/axios-cache-interceptor.md
 * @example
 * const former = { ttl: 60_000, interpretHeader: false };
 * const { options, unsupported, translateRequest } = fromAxiosCacheInterceptor(former);
 * const http = setupCache(axios.create(), options);
 * http.interceptors.request.use((config) => translateRequest(config, console.warn));
 * for (const sentence of unsupported) console.warn(sentence);
 */
export const fromAxiosCacheInterceptor = (options: object): Translation => translate(options, FORMER);

/**
 * Adds to a response what axios-cache-interceptor had there, for code that reads it: `id`, which is that of the request
 * or else the key, and `stale`. It is given to `http.interceptors.response.use`.
 *
 * @example
 * http.interceptors.response.use(withAxiosCacheInterceptorFields);
 */
export const withAxiosCacheInterceptorFields = <R extends Answered>(
  response: R,
): R & { id: string | undefined; stale: boolean } =>
  Object.assign(response, { id: idOf(response), stale: response.cache?.status === 'stale' });

function idOf({ config, cache }: Answered): string | undefined {
  const { id } = (config ?? {}) as { readonly id?: unknown };
  return typeof id === 'string' ? id : cache?.key;
}

const noInterceptor = (option: string): string =>
  `${option} is left out: the cache is an adapter, so that the order of interceptors does not matter.`;

const FORMER = {
  name: 'axios-cache-interceptor 1.12',
  parts: [lifetime, selection, renewal, surroundings],
  translated: [
    'enabled', 'ttl', 'interpretHeader', 'headerInterpreter', 'methods', 'cachePredicate', 'etag', 'modifiedSince',
    'staleIfError', 'override', 'vary', 'generateKey', 'storage', 'debug',
  ],
  leftOut: {
    cacheTakeover: '',
    waiting: 'waiting is left out: response.cache.collapsed tells who has waited for the request of another.',
    requestInterceptor: noInterceptor('requestInterceptor'),
    responseInterceptor: noInterceptor('responseInterceptor'),
    register: noInterceptor('register'),
    location: 'location had no effect as an option. Where many users share what is stored, write shared: true.',
    update:
      'update is left out: a change deletes what is stored for its URL. What else it makes old is named by URL or tag, ' +
      'invalidates: ["/users", { tag: "people" }], and http.cache.update(url, change) writes what is known already.',
    hydrate: NO_HYDRATE,
  },
  requests: { names: REQUEST_NAMES, beside: ['id'], translate: translateRequest },
};
