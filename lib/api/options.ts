/** What a user may ask of the cache: for a session, a URL pattern, one request. */
import type { InternalAxiosRequestConfig } from 'axios';
import type { CacheEvent } from './events.js';
import type { CachedAxiosResponse } from './response.js';
import type { CacheStorage } from './storage.js';
import type { StoredResponse } from './stored-response.js';
import type { CacheMode } from '../rfc9111/model.js';

/** What a change is, as functions in `invalidates` see it. */
export interface CacheChange {
  /** In upper case. */
  readonly method: string;
  /** Absolute, and in the form that may be shown: without credentials. */
  readonly url: string;
  /** The status of the origin's answer. */
  readonly status: number;
}

/** What is to be deleted after a change: a URL, a filter, or a function of the change that gives them or nothing. */
export type InvalidationRule =
  | string
  | CacheFilter
  | ((change: CacheChange) => string | CacheFilter | readonly (string | CacheFilter)[] | undefined);

/**
 * Which stored answers are meant, where no single request is named. All conditions that are given must hold, and one
 * must be given.
 *
 * @throws CacheError `ERR_CACHE_OPTION` for a filter without a condition: `http.cache.clear()` deletes everything.
 * @example
 * const people = { pattern: 'api.example.com/users/**', tag: 'people' };
 * await http.put('/users/3', { name: 'Grace' }, { cache: { invalidates: people } });
 */
export interface CacheFilter {
  /**
   * A URL, resolved as axios resolves it. It means every method, user and variant of that URL, and without a query
   * every query of its path.
   *
   * @example
   * await http.post('/users', { name: 'Grace' }, { cache: { invalidates: { url: '/users' } } });
   */
  url?: string | undefined;
  /**
   * A pattern as in `urlsExpireAfter`. It is matched with the URLs that the cache shows, in which the values of
   * `redactedParams` are `***`.
   *
   * @example
   * await http.post('/users', { name: 'Grace' }, { cache: { invalidates: { pattern: /\/users\?page=\d+$/ } } });
   */
  pattern?: UrlPattern | undefined;
  /**
   * A tag that `tags` gave to the answer when it was stored.
   *
   * @example
   * await http.post('/users', { name: 'Grace' }, { cache: { invalidates: { tag: 'people' } } });
   */
  tag?: string | undefined;
  /**
   * The digest of a key, as `response.cache.key` and `http.cache.keys()` show it.
   *
   * @example
   * const { cache } = await http.get('/users');
   * if (cache.key !== undefined) await http.cache.deleteMatching({ key: cache.key });
   */
  key?: string | undefined;
  /**
   * The method of the request that was answered, in upper or lower case.
   *
   * @example
   * await http.cache.deleteMatching({ method: 'POST' });
   */
  method?: CacheMethod | undefined;
  /**
   * The name of a user, as `partition` gave it to the request or the session. Users that are told apart by their
   * credentials have no name.
   *
   * @example
   * await http.cache.deleteMatching({ partition: 'user-7' });
   */
  partition?: string | undefined;
  /**
   * `true` means entries whose lifetime is over, `false` those that are fresh.
   *
   * @example
   * console.log(await http.cache.count({ stale: true }));
   */
  stale?: boolean | undefined;
  /**
   * Entries that were received, or last renewed, longer ago than a duration (seconds, or a number with its unit), or
   * before a Date.
   *
   * @example
   * await http.cache.deleteMatching({ olderThan: '2 days' });
   */
  olderThan?: Duration | Date | undefined;
  /**
   * `true` means records that this version of the package cannot read, and no others. Without it such records are left
   * out.
   *
   * @example
   * await http.cache.deleteMatching({ unreadable: true });
   */
  unreadable?: boolean | undefined;
}

/**
 * A number of seconds, or a number with its unit such as `'90s'`, `'5min'`, `'1.5h'` or `'2 days'`. It is zero or more,
 * and finite. axios' own `timeout` stays in milliseconds.
 *
 * @example
 * await http.get('/users', { cache: 60 });
 * await http.get('/users', { cache: '1.5h' });
 */
export type Duration =
  | number
  | `${number}${'ms' | 's' | 'm' | 'h' | 'd' | 'w'}`
  | `${number}${'' | ' '}${'sec' | 'min' | 'hr'}${'' | 's'}`
  | `${number} ${'second' | 'minute' | 'hour' | 'day' | 'week'}${'' | 's'}`;

/**
 * How long an answer is used without asking the server.
 *
 * - A duration counts from the receipt of the answer, or from its last renewal. `0` switches the cache off, as `false`
 *   does; to ask the server each time use the mode `'no-cache'`.
 * - A Date is an absolute end.
 * - `'never'` has no end; `-1` and `Infinity` mean the same.
 * - `'heuristic'` is a tenth of the time since `Last-Modified` (RFC 9111 section 4.2.2). Without that field the server
 *   is asked each time.
 *
 * @example
 * setupCache(axios.create(), { expireAfter: 'heuristic' });
 */
export type Lifetime = Duration | Date | 'never' | 'heuristic';

type Verb = 'GET' | 'HEAD' | 'POST' | 'PUT' | 'PATCH' | 'DELETE' | 'OPTIONS' | 'QUERY';
/** A request method, in upper or lower case. */
export type CacheMethod = Verb | Lowercase<Verb>;

/**
 * What `cache` takes on a request: `false` switches the cache off and `true` on, a lifetime, a mode, or an object of
 * options. `'never'` is left out on purpose, since it reads as "never cache".
 *
 * A lifetime or `true` opens the request's method as well, so that the answer to a POST may be cached. In the defaults
 * of an instance it does not, as it would swallow what is to be changed.
 *
 * @throws AxiosError `ERR_CACHE_OPTION`, whose `cause` is a CacheError: the request is rejected for anything else.
 * @example
 * await http.get('/users', { cache: '5m' });
 * await http.get('/users', { cache: 'reload' });
 * await http.get('/users', { cache: { expireAfter: 'never' } });
 */
export type CacheSetting = boolean | Duration | Date | 'heuristic' | CacheMode | CacheRequestOptions;

/** What a URL pattern may say: a lifetime, `false` for no caching, or any of the options in `CachePolicy`. */
export type UrlSetting = Lifetime | false | CachePolicy;

/**
 * A RegExp, which is tested on the whole absolute URL without user-info, or a glob on host and path.
 *
 * - A host, with or without a path, is everything below it too: `api.example.com/live` is `/live`, `/live?x=1` and
 *   `/live/rates`, but not `/lively`. `*.example.com` is each of its subdomains.
 * - What begins with `/` is for any host, and for URLs without one, as mock adapters get them.
 * - `*` stays within a segment of the path, `**` crosses segments.
 * - Scheme, port and query matter only where the glob has them. With a query, the path is that path alone.
 *
 * @example
 * setupCache(axios.create(), { urlsExpireAfter: { 'api.example.com/static/**': '1 day', '*.example.com': '5m' } });
 */
export type UrlPattern = string | RegExp;

/**
 * Options for the session, for a URL pattern, or for one request. The nearest place that gives an option wins, and a
 * list replaces a list. `undefined` and `null` are the same as an option that is not given, but `expireAfter: null` is
 * an error, since it may mean for ever, or not at all.
 *
 * @throws CacheError `ERR_CACHE_OPTION`: `setupCache` throws it for a value that an option does not take, with the path
 * of the option, such as `urlsExpireAfter['api.test/**'].mode`, and with what to write instead. A request is rejected
 * with an AxiosError that has it as its `cause`.
 */
export interface CachePolicy {
  /**
   * The lifetime of answers about which the server says nothing, in seconds or with a unit. `false` and `0` switch the
   * cache off before any header is looked at: it is neither read nor written.
   *
   * A function is given each answer that may be stored or renewed, and gives its lifetime. It is asked about what is
   * stored as well, which a lower lifetime bounds as a number does. `undefined` leaves that to
   * the URL pattern, the session or the default. With `false` or `0` the answer is not stored, whatever the server
   * says, and so it is where the function throws or gives what is no lifetime.
   *
   * @default 'never'
   * @throws CacheError `ERR_CACHE_OPTION` for what is no lifetime, such as NaN, `'60'` or null.
   * @see RFC 9111 section 4.2, and `expire_after` of requests-cache.
   * @example
   * setupCache(axios.create(), { expireAfter: '1h' });
   * setupCache(axios.create(), {
   *   allowedCodes: [200, 404],
   *   expireAfter: ({ status }) => (status === 404 ? '1m' : '1h'),
   * });
   */
  expireAfter?: Lifetime | false | ((response: StoredResponse) => Lifetime | false | undefined) | undefined;
  /**
   * No lifetime is longer, in seconds or with a unit, whoever gave it: the server's word counts, but an answer is asked
   * for again that long after its receipt. It also bounds what was stored before it was set.
   *
   * @default Infinity
   * @throws CacheError `ERR_CACHE_OPTION` for what is neither a duration nor Infinity.
   * @see RFC 9111 section 4.2.1.
   * @example
   * setupCache(axios.create(), { expireAfter: '1h', maxLifetime: '1 day' });
   */
  maxLifetime?: Duration | undefined;
  /**
   * How the stored answer and the server take part, by the names of the Fetch standard. `'no-store'` switches the cache
   * off, whatever lifetime a nearer place gives: only a nearer mode undoes it.
   *
   * @default 'default'
   * @throws CacheError `ERR_CACHE_OPTION` for another name; the message says which one is meant.
   * @see The request cache modes of the Fetch standard.
   * @example
   * await http.get('/users', { cache: { mode: 'no-cache', tags: ['people'] } });
   */
  mode?: CacheMode | undefined;
  /**
   * `false` ignores Cache-Control, Expires and Pragma of request and response, `no-store` included. It is for servers
   * that say something wrong.
   *
   * @default true
   * @throws CacheError `ERR_CACHE_OPTION` for what is neither true nor false.
   * @see RFC 9111 section 5.2, and `cache_control` of requests-cache.
   * @example
   * await http.get('/rates', { cache: { cacheControl: false, expireAfter: '5m' } });
   */
  cacheControl?: boolean | undefined;
  /**
   * The methods whose answers may be stored and used. An unsafe method that is listed invalidates nothing of its URL.
   * A lifetime on a request opens its method without this list.
   *
   * @default ['GET', 'HEAD']
   * @throws CacheError `ERR_CACHE_OPTION` for what is no list, and for a method that is not known.
   * @see RFC 9111 section 3, and `allowed_methods` of requests-cache.
   * @example
   * await http.post('/search', { q: 'x' }, { cache: { allowedMethods: ['POST'], expireAfter: '10m' } });
   */
  allowedMethods?: readonly CacheMethod[] | undefined;
  /**
   * The statuses whose answers may be stored, as a list or as a function. A function that throws does not allow.
   *
   * @default [200]
   * @throws CacheError `ERR_CACHE_OPTION` for a status below 200 or above 599.
   * @see RFC 9111 section 3, and `allowed_codes` of requests-cache.
   * @example
   * setupCache(axios.create(), { expireAfter: '1h', allowedCodes: [200, 404] });
   */
  allowedCodes?: readonly number[] | ((status: number) => boolean) | undefined;
  /**
   * `false` sends no condition of the cache's own (If-None-Match, If-Modified-Since): what has expired is fetched
   * whole. It is for servers that answer such requests wrongly, and for pages whose requests to other origins should
   * cause no preflight. An origin that refuses conditions is found out without it, and asked without them for an hour.
   *
   * @default true
   * @throws CacheError `ERR_CACHE_OPTION` for what is neither true nor false.
   * @see RFC 9111 section 4.3.1.
   * @example
   * setupCache(axios.create(), { urlsExpireAfter: { 'cdn.example.com': { conditionalRequests: false } } });
   */
  conditionalRequests?: boolean | undefined;
  /**
   * Names of parameters whose values are left out of the key: in the query, in forms, and in JSON bodies at the top
   * level. Whether such a parameter is there still matters. A name with dots, such as `'meta.requestId'`, reaches into
   * the objects of a JSON body. The names are left out among the headers of `includeHeaders` as well, in any case.
   *
   * @default []
   * @throws CacheError `ERR_CACHE_OPTION` for what is no list of names.
   * @see `ignored_params` of requests-cache.
   * @example
   * setupCache(axios.create(), { expireAfter: '1h', ignoredParams: ['utm_source'] });
   */
  ignoredParams?: readonly string[] | undefined;
  /**
   * Names of request headers that are part of the key, for servers that forget to send `Vary`; `true` means all of
   * them, but for those in `ignoredParams`. `Accept` and `Accept-Language` count where they differ from axios' own.
   *
   * @default ['accept', 'accept-language']
   * @throws CacheError `ERR_CACHE_OPTION` for what is neither true nor a list of header names.
   * @see `match_headers` of requests-cache.
   * @example
   * setupCache(axios.create(), { expireAfter: '1h', includeHeaders: ['accept-language'] });
   */
  includeHeaders?: readonly string[] | true | undefined;
  /**
   * Names of fields that do not tell answers apart where the server lists them in `Vary`, for servers that name too
   * many; `true` means all of them, and `Vary: *` too.
   *
   * @default []
   * @throws CacheError `ERR_CACHE_OPTION` for what is neither true nor a list of header names.
   * @see RFC 9111 section 4.1, and `vary` of axios-cache-interceptor.
   * @example
   * setupCache(axios.create(), { expireAfter: '1h', ignoreVary: ['User-Agent'] });
   */
  ignoreVary?: readonly string[] | true | undefined;
  /**
   * `true` uses what is stored, and neither stores, renews nor deletes anything for a request. What `http.cache` is
   * told to change is changed.
   *
   * @default false
   * @throws CacheError `ERR_CACHE_OPTION` for what is neither true nor false.
   * @see `read_only` of requests-cache.
   * @example
   * setupCache(axios.create(), { expireAfter: '1h', readOnly: true });
   */
  readOnly?: boolean | undefined;
  /**
   * How long the server may take, in seconds or with a unit, where it has to be asked and something is stored: after
   * that the request is answered by what is stored, fresh or stale, with the reason `'soft-timeout'`. What the server
   * says then is stored all the same. With nothing stored the request waits. It does not apply to the mode `'reload'`,
   * nor where the headers of request or response forbid such an answer, as `must-revalidate` does.
   *
   * @default undefined
   * @throws CacheError `ERR_CACHE_OPTION` for what is no duration, and for one of no length.
   * @example
   * await http.get('/news', { cache: { mode: 'no-cache', softTimeout: '500ms' } });
   */
  softTimeout?: Duration | undefined;
  /**
   * Says whether an answer may be stored and used. It sees what the server sent, before any `transformResponse`. An
   * answer for which it gives `false` is not stored, and is deleted where it is stored already. One that throws, or
   * that takes longer than 10 seconds, has not agreed.
   *
   * @default undefined
   * @throws CacheError `ERR_CACHE_OPTION` for what is no function.
   * @see `filter_fn` of requests-cache.
   * @example
   * setupCache(axios.create(), { expireAfter: '1h', filter: (response) => !response.text().includes('maintenance') });
   */
  filter?: ((response: StoredResponse) => boolean | Promise<boolean>) | undefined;
  /**
   * How long after its end an answer is used instead of a network error or of a status in `staleIfErrorCodes`, in
   * seconds or with a unit. `true` means as long as the entry is kept.
   *
   * @default false
   * @throws CacheError `ERR_CACHE_OPTION` for what is neither a duration nor true or false.
   * @see RFC 5861 section 4, RFC 9111 section 4.2.4, and `stale_if_error` of requests-cache.
   * @example
   * setupCache(axios.create(), { expireAfter: '1h', staleIfError: '1 day' });
   */
  staleIfError?: Duration | boolean | undefined;
  /**
   * The statuses that count as errors, for which `staleIfError` and the server's `stale-if-error` use what is stored.
   * An empty list leaves only that the server cannot be reached.
   *
   * @default [500, 502, 503, 504]
   * @throws CacheError `ERR_CACHE_OPTION` for what is no list, and for a status below 400 or above 599.
   * @see RFC 5861 section 4.
   * @example
   * setupCache(axios.create(), { expireAfter: '1h', staleIfError: '1 day', staleIfErrorCodes: [429, 503] });
   */
  staleIfErrorCodes?: readonly number[] | undefined;
  /**
   * How long after its end an answer is used at once, while it is refreshed in the background, in seconds or with a
   * unit. `true` means as long as the entry is kept.
   *
   * @default false
   * @throws CacheError `ERR_CACHE_OPTION` for what is neither a duration nor true or false.
   * @see RFC 5861 section 3, and `stale_while_revalidate` of requests-cache.
   * @example
   * setupCache(axios.create(), { expireAfter: '1h', staleWhileRevalidate: '10m' });
   */
  staleWhileRevalidate?: Duration | boolean | undefined;
  /**
   * How long an entry is kept after its end, in seconds or with a unit: one that has a validator, so that the server
   * can answer 304, and one that may stand in by a window for stale answers, for which it is kept in any case. Others
   * are not kept.
   *
   * @default '30 days'
   * @throws CacheError `ERR_CACHE_OPTION` for what is no duration.
   * @see RFC 9111 section 4.3.
   * @example
   * setupCache(axios.create(), { expireAfter: '1h', keepStale: '1w' });
   */
  keepStale?: Duration | undefined;
  /**
   * Names that are kept with the entry, as a list or as a function of the answer. They are shown in
   * `response.cache.tags`, and `invalidates` selects entries by them.
   *
   * @default []
   * @throws CacheError `ERR_CACHE_OPTION` for what is neither a function nor a list of names that are not empty.
   * @see The cache tags of content delivery networks, and RFC 9875, where the server gives them.
   * @example
   * await http.get('/users', { cache: { tags: ['people'] } });
   */
  tags?: readonly string[] | ((response: StoredResponse) => readonly string[]) | undefined;
  /**
   * What is deleted, besides what RFC 9111 section 4.4 says. A string is a URL, resolved as axios resolves it; without
   * a query it means every query of its path. A function is given the change, with its method in upper case and its
   * absolute URL, and returns what is to be deleted; where it throws, or returns something else, nothing is.
   *
   * Given for the session or a URL pattern, it is about changes: unsafe requests that are answered with status 2xx or
   * 3xx. On a request it is about that request, whatever its method is; it also counts where nobody knows whether an
   * unsafe request had its effect.
   *
   * @default []
   * @throws CacheError `ERR_CACHE_OPTION` for what is no URL, filter or function, nor a list of them.
   * @see RFC 9111 section 4.4, and `update` of axios-cache-interceptor.
   * @example
   * setupCache(axios.create(), { invalidates: ['/users', { tag: 'people' }] });
   * await http.put('/users/3', { name: 'Grace' }, { cache: { invalidates: ({ url }) => new URL('..', url).href } });
   */
  invalidates?: InvalidationRule | readonly InvalidationRule[] | undefined;
  /**
   * The size in bytes above which a body is not stored. `Infinity` means that there is no limit.
   *
   * @default 5 * 1024 * 1024
   * @throws CacheError `ERR_CACHE_OPTION` for what is neither a whole number of at least 0 nor Infinity.
   * @example
   * setupCache(axios.create(), { expireAfter: '1h', maxEntryBytes: 64 * 1024 });
   */
  maxEntryBytes?: number | undefined;
  /**
   * A name that stands in the key in place of method, URL and body. The user and the answer's `Vary` still count. For a
   * single request it may be a text. For the session and for URL patterns it is a function, which is given the config
   * of the request as the adapter gets it. `undefined` leaves the key to the cache, and so does a function that throws
   * or gives something else than a text. Whatever tells answers apart must be in the name, `params` too.
   *
   * @default undefined
   * @throws CacheError `ERR_CACHE_OPTION` for a text that is empty, or not for a single request, and for what is
   * neither a text nor a function.
   * @see `id` and `generateKey` of axios-cache-interceptor, and `key_fn` of requests-cache.
   * @example
   * await http.get('/users?session=1a2b', { cache: { key: 'users' } });
   * setupCache(axios.create(), { key: (config) => axios.getUri(config).replace(/;jsessionid=\w+/, '') });
   */
  key?: string | ((config: InternalAxiosRequestConfig) => string | undefined) | undefined;
  /**
   * `true` lets identical requests that are under way at the same time share one request to the server.
   *
   * @default true
   * @throws CacheError `ERR_CACHE_OPTION` for what is neither true nor false.
   * @see RFC 9111 section 4, and the deduplication of axios-cache-interceptor.
   * @example
   * await http.get('/next-number', { cache: { collapse: false } });
   */
  collapse?: boolean | undefined;
  /**
   * `true` gives every caller the same parsed data, deeply frozen, instead of an object of its own. That is faster.
   * What writes to it throws a TypeError in strict mode, and does nothing elsewhere. It is about JSON that axios alone
   * parses: a request with a `transformResponse`, a `parseReviver` or a `responseEncoding` of its own gets data of its
   * own, which is not frozen, and so does one that bypasses the cache.
   *
   * @default false
   * @throws CacheError `ERR_CACHE_OPTION` for what is neither true nor false.
   * @see `cloneData` of axios-cache-interceptor, whose callers share an object that is not frozen.
   * @example
   * const { data } = await http.get('/countries', { cache: { frozenData: true } });
   * console.log(Object.isFrozen(data)); // true
   */
  frozenData?: boolean | undefined;
}

/** Options for one request: all of `CachePolicy`, and what only a single request can say. */
export interface CacheRequestOptions extends CachePolicy {
  /**
   * The name of the user whose answer this is, such as an id. It stays the same where a token is replaced. `false`
   * makes it everybody's answer.
   *
   * @default The session's `partition` tells the user.
   * @throws AxiosError `ERR_CACHE_OPTION` for an empty string, so that an id that was never set is nobody's.
   * @example
   * await http.get('/account', { cache: { partition: 'user-7' } });
   */
  partition?: string | false | undefined;
  /**
   * Is called when a background refresh, or the server after a `softTimeout`, brought a newer answer than the one that
   * this request returned. It is given the new response after `transformResponse`, but without response interceptors.
   * What it throws, or what a request would have been rejected with, becomes a `refresh-error` event.
   *
   * @default undefined
   * @throws AxiosError `ERR_CACHE_OPTION` for what is no function.
   * @see RFC 5861 section 3.
   * @example
   * await http.get('/users', {
   *   cache: { staleWhileRevalidate: '1h', onRefreshed: ({ data }) => { console.log(data); } },
   * });
   */
  onRefreshed?: ((response: CachedAxiosResponse) => void) | undefined;
}

/** Options for `setupCache`: all of `CachePolicy`, and what only a whole session can say. */
export interface CacheOptions extends CachePolicy {
  /**
   * The storage where entries are kept. Several instances may share one.
   *
   * @default new MemoryStorage()
   * @throws CacheError `ERR_CACHE_OPTION` for an object without the methods of `CacheStorage`.
   * @see `storage` of axios-cache-interceptor, and `backend` of requests-cache.
   * @example
   * setupCache(axios.create(), { expireAfter: '1h', storage: new MemoryStorage({ maxEntries: 500 }) });
   */
  storage?: CacheStorage | undefined;
  /**
   * Lifetimes and other options by URL. The first pattern that matches wins, in the order in which they are written. An
   * object takes globs; a list of pairs takes a RegExp too.
   *
   * @default {}
   * @throws CacheError `ERR_CACHE_OPTION` for what is no pattern, for one that is never reached as one before it covers
   * it, and for a value that none of the options takes.
   * @see `urls_expire_after` of requests-cache.
   * @example
   * setupCache(axios.create(), {
   *   expireAfter: '1h',
   *   urlsExpireAfter: { 'api.example.com/static/**': 'never', 'api.example.com/live/**': false },
   * });
   * setupCache(axios.create(), { expireAfter: '1h', urlsExpireAfter: [[/\/v\d+\/users(\?|$)/, '5m']] });
   */
  urlsExpireAfter?: Readonly<Record<string, UrlSetting>> | readonly (readonly [UrlPattern, UrlSetting])[] | undefined;
  /**
   * `true` makes it behave as a cache for many users: `s-maxage` goes before `max-age`, `private` is not stored, and
   * answers to requests with `Authorization` are stored only where the server allows it.
   *
   * @default false
   * @throws CacheError `ERR_CACHE_OPTION` for what is neither true nor false.
   * @see RFC 9111 sections 3.5, 5.2.2.7 and 5.2.2.10.
   * @example
   * setupCache(axios.create(), { expireAfter: '1h', shared: true });
   */
  shared?: boolean | undefined;
  /**
   * What keeps the answers of one user from another. `'credentials'` tells users apart by what a request carries:
   * Authorization, Cookie, `auth`, user-info in the URL, headers that by their name speak of a credential, and
   * `credentialHeaders`. A function gives the name of the user, or `false` for everybody's answers. `false` lets all
   * users share all answers.
   *
   * @default 'credentials'
   * @throws CacheError `ERR_CACHE_OPTION` for another value. Where the function throws, or gives neither a name nor
   * `false`, the request is rejected.
   * @see RFC 9111 section 3.5.
   * @example
   * setupCache(axios.create(), { expireAfter: '1h', partition: (config) => String(config.headers.get('x-tenant')) });
   */
  partition?: 'credentials' | false | ((config: InternalAxiosRequestConfig) => string | false) | undefined;
  /**
   * Names of header fields that name the user. They are added to Authorization, Cookie, and every header whose name
   * speaks of a credential or a user (auth, token, key, secret, session, user, tenant and the like).
   *
   * @default []
   * @throws CacheError `ERR_CACHE_OPTION` for what is no list of header names.
   * @example
   * setupCache(axios.create(), { expireAfter: '1h', credentialHeaders: ['x-shop'] });
   */
  credentialHeaders?: readonly string[] | undefined;
  /**
   * Names of parameters in query and body whose values are shown as `***` in keys, listings and events. They are added
   * to the defaults, and compared in any case. `docs/keys-and-users.md` lists these: tokens, keys, passwords, and the
   * signatures of signed URLs.
   *
   * @default ['access_token', 'api_key', 'signature', 'token', …]
   * @throws CacheError `ERR_CACHE_OPTION` for what is no list of names.
   * @see `ignored_parameters` of requests-cache, which redacts too.
   * @example
   * setupCache(axios.create(), { expireAfter: '1h', redactedParams: ['invitation'] });
   */
  redactedParams?: readonly string[] | undefined;
  /**
   * How long one call of the storage may take, in seconds or with a unit. A call that takes longer counts as a miss,
   * and is told by a `storage-error` event.
   *
   * @default '2s'
   * @throws CacheError `ERR_CACHE_OPTION` for what is no duration, and for one of no length.
   * @example
   * setupCache(axios.create(), { expireAfter: '1h', storageTimeout: '500ms' });
   */
  storageTimeout?: Duration | undefined;
  /**
   * `true` lets instances made by `axios.create()` inherit a cache that was set up on the global axios. Children of any
   * other instance inherit its cache anyway.
   *
   * @default false
   * @throws CacheError `ERR_CACHE_OPTION` for what is neither true nor false.
   * @example
   * setupCache(axios, { expireAfter: '1h', inherit: true });
   */
  inherit?: boolean | undefined;
  /**
   * How often `deleteExpired()` is called, in seconds or with a unit. `false` and `0` leave it to the user. The timer
   * does not keep a process alive.
   *
   * @default false
   * @throws CacheError `ERR_CACHE_OPTION` for what is neither a duration nor false.
   * @example
   * setupCache(axios.create(), { expireAfter: '1h', deleteExpiredEvery: '10m' });
   */
  deleteExpiredEvery?: Duration | false | undefined;
  /**
   * How many answers are kept under one key where the server sends `Vary`. The oldest goes first.
   *
   * @default 20
   * @throws CacheError `ERR_CACHE_OPTION` for what is no whole number of at least 1.
   * @see RFC 9111 section 4.1.
   * @example
   * setupCache(axios.create(), { expireAfter: '1h', maxVariants: 5 });
   */
  maxVariants?: number | undefined;
  /**
   * `true` adds the field `Cache-Status` to `response.headers`.
   *
   * @default false
   * @throws CacheError `ERR_CACHE_OPTION` for what is neither true nor false.
   * @see RFC 9211.
   * @example
   * setupCache(axios.create(), { expireAfter: '1h', cacheStatusHeader: true });
   */
  cacheStatusHeader?: boolean | undefined;
  /**
   * `true` obeys `Clear-Site-Data: "cache"` and `"*"` of answers that come by https or from this machine.
   *
   * @default false
   * @throws CacheError `ERR_CACHE_OPTION` for what is neither true nor false.
   * @see The Clear-Site-Data specification of the W3C.
   * @example
   * setupCache(axios.create(), { expireAfter: '1h', clearSiteData: true });
   */
  clearSiteData?: boolean | undefined;
  /**
   * Is given a promise for each piece of work that goes on after the answer: refreshes in the background, and what was
   * not stored in time. The promise never rejects. It is for platforms that freeze a process once it has answered, such
   * as `waitUntil` of Vercel and Cloudflare. What it throws, or a promise of it that is rejected, is ignored.
   *
   * @default undefined
   * @throws CacheError `ERR_CACHE_OPTION` for what is no function.
   * @see docs/serverless.md
   * @example
   * const pending: Promise<unknown>[] = [];
   * setupCache(axios.create(), { staleWhileRevalidate: '1h', background: (work) => { pending.push(work); } });
   */
  background?: ((work: Promise<unknown>) => void) | undefined;
  /**
   * Is called with each event. What it throws, or a promise of it that is rejected, is ignored.
   *
   * @default undefined
   * @throws CacheError `ERR_CACHE_OPTION` for what is no function.
   * @example
   * setupCache(axios.create(), { expireAfter: '1h', onEvent: ({ type }) => { console.log(type); } });
   */
  onEvent?: ((event: CacheEvent) => void) | undefined;
  /**
   * Writes one line for each request, and one for each failure of the storage or of a refresh. `true` writes to stderr,
   * or to the console of a browser; a function is given the line.
   *
   * @default false
   * @throws CacheError `ERR_CACHE_OPTION` for what is neither true nor false nor a function.
   * @see `debug` of axios-cache-interceptor.
   * @example
   * setupCache(axios.create(), { expireAfter: '1h', debug: (line) => { console.log(line); } });
   */
  debug?: boolean | ((line: string) => void) | undefined;
  /**
   * The clock, in milliseconds since 1970. It is for tests.
   *
   * @default Date.now
   * @throws CacheError `ERR_CACHE_OPTION` for what is no function.
   * @example
   * let time = Date.now();
   * setupCache(axios.create(), { expireAfter: '1h', now: () => time });
   * time += 3_600_000;
   */
  now?: (() => number) | undefined;
}
