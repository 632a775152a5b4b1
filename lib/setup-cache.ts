/**
 * This file has the two functions that users call first: one puts a cache on an axios instance, the other finds it
 * again.
 */
import type { AxiosObject, CachedAxiosInstance } from './api/instance.js';
import type { CacheManager } from './api/manager.js';
import type { CacheOptions } from './api/options.js';
import { install, managerOf, takesCache } from './axios/install.js';
import { givenOptions } from './options/given.js';

/**
 * Changes the given instance so that its requests go through a cache, and returns it; `instance.cache.uninstall()`
 * undoes it. An object of a class that extends `Axios` is an instance too. Called again with equal options, or with
 * none, it changes nothing. On a child that inherited a cache it replaces that one.
 *
 * Every response then has `cached` and `cache`. An answer about which the server says nothing is kept for ever, unless
 * `expireAfter` is given.
 *
 * What a test has put in place of an instance is returned as it is.
 *
 * @throws CacheError `ERR_CACHE_OPTION` that names every wrong option, `ERR_CACHE_INSTANCE` for what is no axios
 * instance, and `ERR_CACHE_INSTALLED` where the instance has a cache with other options already.
 * @example
 * const api = setupCache(axios.create({ baseURL: 'https://api.example.com' }), { expireAfter: '1h' });
 * console.log((await api.get('/users')).cached);
 */
export function setupCache<I extends AxiosObject>(instance: I, options?: CacheOptions): CachedAxiosInstance<I> {
  if (takesCache(instance)) install(instance, givenOptions(options));
  return instance as CachedAxiosInstance<I>;
}

/**
 * Finds the manager behind an instance or one of its children; `undefined` where there is no cache.
 *
 * @example
 * await getCache(http)?.clear();
 */
export function getCache(instance: AxiosObject): CacheManager | undefined {
  return managerOf(instance);
}
