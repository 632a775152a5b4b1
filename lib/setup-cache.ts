/**
 * This file has the two functions that users call first: one puts a cache on an axios instance, the other finds it
 * again.
 */
import type { AxiosInstance } from 'axios';
import type { CachedAxiosInstance } from './api/instance.js';
import type { CacheManager } from './api/manager.js';
import type { CacheOptions } from './api/options.js';
import { assertInstance, install, managerOf } from './axios/install.js';
import { resolveOptions } from './options/resolve.js';

/**
 * Changes the given instance so that its requests go through a cache, and returns it. It is called once for an
 * instance; `instance.cache.uninstall()` undoes it. On a child that inherited a cache it replaces that one.
 *
 * Every response then has `cached` and `cache`. An answer about which the server says nothing is kept for ever, unless
 * `expireAfter` is given.
 *
 * @throws CacheError `ERR_CACHE_OPTION` that names every wrong option, `ERR_CACHE_INSTANCE` for what is no axios
 * instance, and `ERR_CACHE_INSTALLED` where the instance has a cache already.
 * @example
 * const api = setupCache(axios.create({ baseURL: 'https://api.example.com' }), { expireAfter: '1h' });
 * console.log((await api.get('/users')).cached);
 */
export function setupCache<I extends AxiosInstance>(instance: I, options?: CacheOptions): CachedAxiosInstance<I> {
  assertInstance(instance);
  install(instance, resolveOptions(options ?? {}));
  return instance as CachedAxiosInstance<I>;
}

/**
 * Finds the manager behind an instance or one of its children; `undefined` where there is no cache.
 *
 * @example
 * await getCache(http)?.clear();
 */
export function getCache(instance: AxiosInstance): CacheManager | undefined {
  return managerOf(instance);
}
