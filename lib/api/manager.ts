import type { AxiosRequestConfig } from 'axios';
import type { CacheEvent, CacheEventOf } from './events.js';
import type { CacheStorage } from './storage.js';
import type { StoredResponse } from './stored-response.js';

/**
 * `url, config?` mean what they mean to `axios.get`, instance defaults included. Request interceptors do not run here,
 * so unless `config` itself names credentials or a partition, `delete` and `has` reach the entries of every user; `get`
 * then finds the one for the instance's own defaults. Rejects with a CacheError: `ERR_CACHE_CLOSED` after `close()`,
 * `ERR_CACHE_STORAGE` or `ERR_CACHE_TIMEOUT` where the storage fails, `ERR_CACHE_OPTION` for a URL that is none.
 */
export interface CacheManager {
  /** What is stored for that request, at the end of stored redirects, fresh or stale. */
  get(url: string, config?: AxiosRequestConfig): Promise<StoredResponse | undefined>;
  /** Whether something is stored, a redirect counts, fresh or stale. */
  has(url: string, config?: AxiosRequestConfig): Promise<boolean>;
  /**
   * Deletes every method and variant of that URL; of one user, where `config` names one, GET, HEAD and its own method.
   * How many entries went. Requests under way are not stored.
   */
  delete(url: string, config?: AxiosRequestConfig): Promise<number>;
  /**
   * Gives the data of the stored JSON that `get` would find to `change`, and stores what it returns, for as long as the
   * entry was good; `undefined` deletes it. False where nothing is stored. Requests under way are not stored, and the
   * origin's `ETag` and `Last-Modified` go: they are not this body's. Rejects also with what `change` throws.
   */
  update<T = unknown>(url: string, change: (data: T) => T | undefined, config?: AxiosRequestConfig): Promise<boolean>;
  /** Deletes what may no longer be used at all: expired and past `keepStale`. How many entries went. */
  deleteExpired(): Promise<number>;
  /** Deletes everything. Requests under way are not stored. */
  clear(): Promise<void>;
  /** Each stored URL once, fresh or stale, never loading bodies. */
  urls(): AsyncIterable<string>;
  /** How many entries are stored, fresh or stale. */
  count(): Promise<number>;
  /** Calls `listener` for each event of that type; the function that it returns ends it. */
  on<E extends CacheEvent['type']>(type: E, listener: (event: CacheEventOf<E>) => void): () => void;
  /** Resolves when background work has ended: refreshes, and storing the streams that have been read. */
  idle(): Promise<void>;
  /** `idle()`, then closes the storage unless another instance still uses it; later requests pass through uncached. */
  close(): Promise<void>;
  /**
   * Gives the instance its former adapter back; children pass through. On a child it takes the cache off that child
   * alone. Does not close the storage.
   */
  uninstall(): void;
  readonly storage: CacheStorage;
}
