/** Putting a cache on an axios instance: options resolved, adapter installed, `instance.cache` attached. */
import type { AxiosInstance } from 'axios';
import type { CachedAxiosInstance } from './api/instance.js';
import type { CacheManager } from './api/manager.js';
import type { CacheOptions } from './api/options.js';
import { assertInstance, install, managerOf } from './axios/install.js';
import { resolveOptions } from './options/resolve.js';

/**
 * Changes the given instance so that its requests go through a cache, and returns it. Call it once an instance (also
 * as a bare statement); `instance.cache.uninstall()` undoes it. On a child that inherited a cache it replaces that one.
 *
 * Every response then has `cached` and `cache`. What the origin says nothing about is kept for ever unless
 * `expireAfter` is given.
 *
 * @throws CacheError `ERR_CACHE_OPTION` (every wrong option is named), `ERR_CACHE_INSTANCE` (not an axios instance),
 * `ERR_CACHE_INSTALLED` (already has a cache).
 */
export function setupCache<I extends AxiosInstance>(instance: I, options?: CacheOptions): CachedAxiosInstance<I> {
  assertInstance(instance);
  install(instance, resolveOptions(options ?? {}));
  return instance as CachedAxiosInstance<I>;
}

/** The manager behind an instance or one of its children; `undefined` where there is no cache. */
export function getCache(instance: AxiosInstance): CacheManager | undefined {
  return managerOf(instance);
}
