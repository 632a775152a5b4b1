/** What `http.cache.stats` tells. */
import type { CacheStatus } from '../rfc9111/model.js';

/**
 * What the cache has done for the requests of an instance and its children since it was set up. What is stored is told
 * by `http.cache.size()` and listings.
 *
 * @example
 * const { hitRate, bytesSaved, secondsSaved } = http.cache.stats();
 */
export interface CacheStats {
  /** How many requests came to each status. */
  readonly requests: Readonly<Record<CacheStatus, number>>;
  /** The part of the requests that did not bypass the cache whose `cached` is true; 0 where there were none. */
  readonly hitRate: number;
  /** The bytes of bodies that came from the cache, as they are stored. */
  readonly bytesSaved: number;
  /** How long the server took for the answers that were then used without asking it, in seconds. */
  readonly secondsSaved: number;
  /** How many calls of the storage have failed. */
  readonly storageErrors: number;
  /** The same by host, with the port where it is not that of the scheme. `hits` counts those whose `cached` is true. */
  readonly hosts: Readonly<
    Record<string, { readonly requests: number; readonly hits: number; readonly bytesSaved: number }>
  >;
}
