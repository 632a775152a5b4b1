/** `instance.cache`: looking into the cache and changing it from outside of requests. */
import type { AxiosRequestConfig } from 'axios';
import type { CacheEvent, CacheEventOf } from './events.js';
import type { CacheStorage } from './storage.js';
import type { StoredResponse } from './stored-response.js';

/**
 * `url` and `config` mean what they mean to `axios.get`, instance defaults included. Request interceptors do not run
 * here, and what they add, such as a token or a language, must not hide an entry. So unless `config` itself names the
 * user, all of them reach the entries of every user; `get` then finds the newest. A header that `config` names means
 * the entries for that value.
 *
 * @throws CacheError Every promise may reject with `ERR_CACHE_CLOSED` after `close()`, with `ERR_CACHE_STORAGE` or
 * `ERR_CACHE_TIMEOUT` where the storage fails, and with `ERR_CACHE_OPTION` for a URL that is none.
 */
export interface CacheManager {
  /**
   * Finds what is stored for that request, fresh or stale, and follows redirects that are stored.
   *
   * @example
   * const users = (await http.cache.get('/users'))?.json<{ name: string }[]>();
   */
  get(url: string, config?: AxiosRequestConfig): Promise<StoredResponse | undefined>;
  /**
   * Tells whether something is stored for that request, fresh or stale; a redirect counts.
   *
   * @example
   * if (!(await http.cache.has('/users'))) await http.get('/users');
   */
  has(url: string, config?: AxiosRequestConfig): Promise<boolean>;
  /**
   * Deletes every method and variant of that URL, and gives the number of entries. Where `config` names a user it
   * deletes that user's answers to GET, to HEAD and to the method in `config`; where it names a header that
   * `includeHeaders` or the server's `Vary` lists, those for that value. Requests under way are not stored.
   *
   * @example
   * await http.cache.delete('/users', { params: { page: 2 } });
   */
  delete(url: string, config?: AxiosRequestConfig): Promise<number>;
  /**
   * Gives the data of each stored JSON that is meant to `change`, and stores what `change` returns for as long as the
   * entry was good; where it returns `undefined`, the data that it changed in place. It gives the number of entries
   * that were rewritten. Requests under way are not stored. `ETag` and `Last-Modified` are dropped, since they are not
   * those of this body.
   *
   * @throws Also what `change` throws, and CacheError `ERR_CACHE_OPTION` where a body is no JSON, and where `change` is
   * no function or gives a promise. Then no entry is rewritten.
   * @example
   * await http.cache.update('/users', (users: { name: string }[]) => [...users, { name: 'Grace' }]);
   * await http.cache.update('/users/3', (user: { name: string }) => { user.name = 'Grace'; });
   */
  update<T = unknown>(url: string, change: (data: T) => T | void, config?: AxiosRequestConfig): Promise<number>;
  /**
   * Deletes what can no longer be used at all, because it has expired and `keepStale` is over. It gives the number of
   * entries.
   *
   * @example
   * console.log(await http.cache.deleteExpired());
   */
  deleteExpired(): Promise<number>;
  /**
   * Deletes everything. Requests under way are not stored.
   *
   * @throws Also CacheError `ERR_CACHE_OPTION` where it is given anything: a URL is for `delete`.
   * @example
   * await http.cache.clear();
   */
  clear(): Promise<void>;
  /**
   * Lists each stored URL once, fresh or stale, without loading bodies.
   *
   * @example
   * for await (const url of http.cache.urls()) console.log(url);
   */
  urls(): AsyncIterable<string>;
  /**
   * Counts the stored entries, fresh and stale.
   *
   * @example
   * console.log(await http.cache.count());
   */
  count(): Promise<number>;
  /**
   * Calls `listener` for each event of that type, until the function that it returns is called.
   *
   * @example
   * const off = http.cache.on('hit', ({ info }) => { console.log(info.reason); });
   * off();
   */
  on<E extends CacheEvent['type']>(type: E, listener: (event: CacheEventOf<E>) => void): () => void;
  /**
   * Resolves when the work in the background that is under way now has ended: refreshes, deletions, and storing the
   * streams that have been read.
   *
   * @example
   * await http.cache.idle();
   */
  idle(): Promise<void>;
  /**
   * Closes the cache: from the call on, requests pass through uncached with the reason `'closed'`. Refreshes in the
   * background are ended, the other work that is under way is waited for, and then the storage is closed unless another
   * instance still uses it. All together that takes `storageTimeout` at most, whatever hangs.
   *
   * @example
   * await http.cache.close();
   */
  close(): Promise<void>;
  /**
   * Gives the instance its former adapter back, and lets the requests of its children pass through. On a child it takes
   * the cache off that child alone. It does not close the storage.
   *
   * @example
   * http.cache.uninstall();
   */
  uninstall(): void;
  /** The storage, as it was given to `setupCache` or made by it. */
  readonly storage: CacheStorage;
}
