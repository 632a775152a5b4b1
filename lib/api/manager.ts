/** `instance.cache`: looking into the cache and changing it from outside of requests. */
import type { AxiosRequestConfig } from 'axios';
import type { CopyOptions, CopyProgress } from './copy.js';
import type { EntryInfo } from './entry-info.js';
import type { CacheEvent, CacheEventOf } from './events.js';
import type { CacheExplanation } from './explanation.js';
import type { CacheFilter, CacheOptions, Lifetime } from './options.js';
import type { CachedAxiosResponse } from './response.js';
import type { CacheStats } from './stats.js';
import type { CacheStorage } from './storage.js';
import type { StoredResponse } from './stored-response.js';
import type { WarmOptions, WarmProgress } from './warm.js';

/**
 * An answer that was never fetched, for `http.cache.set`.
 *
 * @example
 * await http.cache.set('/users/3', { data: { name: 'Grace' }, headers: { 'Cache-Control': 'max-age=60' } });
 */
export interface SeedResponse {
  /** Bytes and texts are stored as they are, everything else as its JSON. */
  readonly data: unknown;
  /**
   * The status of the answer.
   *
   * @default 200
   */
  readonly status?: number | undefined;
  /**
   * The header fields. For JSON the Content-Type is added, where there is none.
   *
   * @default {}
   */
  readonly headers?: Readonly<Record<string, string>> | undefined;
}

/**
 * `url` and `config` mean what they mean to `axios.get`, instance defaults included; a `method` in `config` counts.
 * Request interceptors do not run here, and what they add, such as a token or a language, must not hide an entry. So
 * unless `config` itself names the user, all of them reach the entries of every user; `get` then finds the newest. A
 * header that `config` names means the entries for that value.
 *
 * A filter reaches the entries of every user unless it names one. Listings give what is stored, fresh or stale, and do
 * not load bodies; what is stored or deleted meanwhile may be among it or not.
 *
 * @throws CacheError Every promise and every listing may reject with `ERR_CACHE_CLOSED` after `close()`, with
 * `ERR_CACHE_STORAGE` or `ERR_CACHE_TIMEOUT` where the storage fails, and with `ERR_CACHE_OPTION` for a URL that is
 * none, and for a filter that cannot be read.
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
   * Tells what would happen to that request now and why, as an object and, by `String(…)`, in sentences: what its key
   * is made of, what is stored, which lifetime counts, and whether the answer would be stored. It asks nobody and
   * changes nothing. The config is taken as it is given, so that a token which an interceptor would add has to be given
   * too.
   *
   * @throws Also CacheError `ERR_CACHE_OPTION` for a `cache` in the config that cannot be read.
   * @example
   * console.log(String(await http.cache.explain('/users')));
   */
  explain(url: string, config?: AxiosRequestConfig): Promise<CacheExplanation>;
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
   * Deletes what the filter means, and gives the number of entries. Requests under way are not stored.
   *
   * @throws Also CacheError `ERR_CACHE_OPTION` for a filter without a condition: `clear()` deletes everything.
   * @example
   * await http.cache.deleteMatching({ pattern: 'api.example.com/users/**', olderThan: '1 day' });
   */
  deleteMatching(filter: CacheFilter): Promise<number>;
  /**
   * Ends the lifetime of what the filter means, from now on: the next request renews it, or is answered by it where
   * stale answers may stand in, and it is kept for `keepStale`. With a lifetime the entries live that long from now,
   * whatever their server has said. It gives the number of entries that were changed. Requests under way are not
   * stored.
   *
   * @throws Also CacheError `ERR_CACHE_OPTION` for a filter without a condition, and for what is no lifetime.
   * @example
   * await http.cache.expire({ tag: 'people' });
   * await http.cache.expire({ url: '/countries' }, '1 week');
   */
  expire(filter: CacheFilter, lifetime?: Lifetime): Promise<number>;
  /**
   * Stores an answer that was never fetched, as if the server had given it now: by its headers and by the same options
   * as those of a request. It gives `false` where such an answer may not be stored, as with `no-store`, a status that
   * is not allowed, or `readOnly`. A request that is under way does not overwrite it.
   *
   * @throws Also CacheError `ERR_CACHE_OPTION` for data that JSON cannot express.
   * @example
   * await http.cache.set('/users/3', { data: { name: 'Grace' } });
   */
  set(url: string, response: SeedResponse, config?: AxiosRequestConfig): Promise<boolean>;
  /**
   * Asks the server now, whatever is stored, and stores what it says. It is a request like any other, with its
   * interceptors, in the mode `'reload'`; it rejects as requests do, and after `close()` it passes through.
   *
   * @throws AxiosError, and no CacheError.
   * @example
   * const { data } = await http.cache.refresh('/users');
   */
  refresh<T = any>(url: string, config?: AxiosRequestConfig): Promise<CachedAxiosResponse<T>>;
  /**
   * Gives other options, which count from the next request on, for all children too. What was given before and is not
   * named stays.
   *
   * @throws CacheError `ERR_CACHE_OPTION` as `setupCache` does, and for options that cannot change any more: `storage`,
   * `shared`, `partition` and `inherit`. Then nothing is changed.
   * @example
   * http.cache.configure({ expireAfter: '5m', debug: true });
   */
  configure(options: Omit<CacheOptions, 'storage' | 'shared' | 'partition' | 'inherit'>): void;
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
   * Deletes all answers that have one of the tags, and gives their number. Requests under way are not stored.
   *
   * @throws Also CacheError `ERR_CACHE_OPTION` for what is no text, such as a list.
   * @example
   * await http.cache.invalidateTags('people', 'team:3');
   */
  invalidateTags(...tags: string[]): Promise<number>;
  /**
   * Deletes everything. Requests under way are not stored.
   *
   * @throws Also CacheError `ERR_CACHE_OPTION` where it is given anything: a URL is for `delete`.
   * @example
   * await http.cache.clear();
   */
  clear(): Promise<void>;
  /**
   * Lists what is stored, in no particular order.
   *
   * @example
   * for await (const { url, expiresAt } of http.cache.entries({ stale: true })) console.log(url, expiresAt);
   */
  entries(filter?: CacheFilter): AsyncIterable<EntryInfo>;
  /**
   * Lists each stored URL once.
   *
   * @example
   * for await (const url of http.cache.urls()) console.log(url);
   */
  urls(filter?: CacheFilter): AsyncIterable<string>;
  /**
   * Lists the digest of each key once, as `response.cache.key` has it.
   *
   * @example
   * for await (const key of http.cache.keys({ tag: 'people' })) console.log(key);
   */
  keys(filter?: CacheFilter): AsyncIterable<string>;
  /**
   * Counts the stored entries.
   *
   * @example
   * console.log(await http.cache.count(), await http.cache.count({ stale: true }));
   */
  count(filter?: CacheFilter): Promise<number>;
  /**
   * Tells how many entries the storage holds, and how many bytes their bodies take there. It goes through a listing.
   *
   * @example
   * const { entries, bytes } = await http.cache.size();
   */
  size(): Promise<{ readonly entries: number; readonly bytes: number }>;
  /**
   * Tells what the cache has done for the requests of this instance and its children so far: how many came from it, and
   * what that has saved.
   *
   * @example
   * const { hitRate, secondsSaved, hosts } = http.cache.stats();
   */
  stats(): CacheStats;
  /**
   * Makes a request of each URL, some at once, so that the answers are in the cache. A request that fails is counted,
   * and ends nothing. It gives what it has come to.
   *
   * @throws Also AxiosError `ERR_CANCELED` where `signal` ends it, what the list of URLs throws, and CacheError
   * `ERR_CACHE_OPTION` for what is no list and for options that are wrong.
   * @example
   * const { cached, failed, bytes } = await http.cache.warm(['/users', '/teams']);
   */
  warm(urls: Iterable<string> | AsyncIterable<string>, options?: WarmOptions): Promise<WarmProgress>;
  /**
   * Copies what is stored to another storage, where an instance with the same options then finds it: each user what is
   * that user's. It goes by one entry after the other, and writes each whole or not at all. What the other storage has
   * of these answers stays where it is as new.
   *
   * Users are told apart by a secret that is kept in each storage. One in which no cache has kept anything takes it
   * over. Where the other storage has a secret of its own, only what is for anybody is copied. The result says how many
   * entries were copied, and how many not, by reasons.
   *
   * @throws Also AxiosError `ERR_CANCELED` where `signal` ends it, and CacheError `ERR_CACHE_OPTION` for what is no
   * storage, for the cache's own one, and for options that are wrong. It does not close the other storage.
   * @example
   * const { copied, skipped, failed } = await http.cache.copyTo(new MemoryStorage());
   */
  copyTo(storage: CacheStorage, options?: CopyOptions): Promise<CopyProgress>;
  /**
   * Runs `fn`, while whose requests are neither answered from the cache nor stored; their reason is `'disabled'`.
   * Changes among them still delete what they make stale. On Node it is about the requests that `fn` makes, however
   * many others there are at the same time. Where the platform has no AsyncLocalStorage, as browsers have not, it is
   * about all requests of the instance until `fn` has settled.
   *
   * @throws What `fn` throws.
   * @example
   * const { data } = await http.cache.withoutCache(() => http.get('/users'));
   */
  withoutCache<T>(fn: () => T | Promise<T>): Promise<T>;
  /**
   * Calls `listener` for each event of that type, or of all types for `'*'`, until the function that it returns is
   * called.
   *
   * @example
   * const off = http.cache.on('hit', ({ info }) => { console.log(info.reason); });
   * off();
   */
  on<E extends CacheEvent['type'] | '*'>(type: E, listener: (event: CacheEventOf<E>) => void): () => void;
  /**
   * Does so for the next such event alone.
   *
   * @example
   * http.cache.once('storage-error', ({ error }) => { console.error(error.message); });
   */
  once<E extends CacheEvent['type'] | '*'>(type: E, listener: (event: CacheEventOf<E>) => void): () => void;
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
   * Calls `close()`: `await using` does so at the end of its block. It is there where the platform has the symbol, as
   * Node has.
   *
   * @example
   * await using cache = http.cache;
   * console.log(await cache.count());
   */
  [Symbol.asyncDispose](): Promise<void>;
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
