/** What the builds for browsers have in the place of each export that only Node can use. */
import { CacheError } from './errors.js';

/**
 * Makes what stands for the class or function `name` of `subpath`: it can be imported, extended and compared with, so
 * that an app that is rendered on a server too can be built.
 *
 * @throws CacheError `ERR_CACHE_DRIVER` where it is called or constructed.
 */
export function notForBrowsers(name: string, subpath: string): new (...given: readonly unknown[]) => object {
  function standIn(): never {
    throw new CacheError(
      'ERR_CACHE_DRIVER',
      `${name} of ${subpath} is for Node and not for browsers. These have MemoryStorage, and IndexedDbStorage and ` +
        'BroadcastBus of axios-client-cache/indexeddb.',
    );
  }
  Object.defineProperty(standIn, 'name', { value: name });
  return standIn as unknown as new (...given: readonly unknown[]) => object;
}
