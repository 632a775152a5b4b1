/** What a user may ask of the cache: for a session, a URL pattern, one request. */
import type { InternalAxiosRequestConfig } from 'axios';
import type { CacheEvent } from './events.js';
import type { CachedAxiosResponse } from './response.js';
import type { CacheStorage } from './storage.js';
import type { StoredResponse } from './stored-response.js';
import type { CacheMode } from '../rfc9111/model.js';

/** All conditions must hold, and there must be one. */
export interface CacheFilter {
  /** Resolved as axios resolves it; every method, user and variant of that URL. */
  url?: string | undefined;
  /** As in `urlsExpireAfter`. Parameters that are redacted are `***`. */
  pattern?: UrlPattern | undefined;
  tag?: string | undefined;
}

/** Seconds, or a number with its unit. `'1.5h'`, `'2 days'`. axios' own `timeout` stays in milliseconds. */
export type Duration =
  | number
  | `${number}${'ms' | 's' | 'm' | 'h' | 'd' | 'w'}`
  | `${number} ${'second' | 'minute' | 'hour' | 'day' | 'week'}${'' | 's'}`;
/**
 * `0`: not cached, the same as `false` (to validate each time use mode 'no-cache'). `'never'` never expires (-1,
 * Infinity). A Date is absolute.
 */
export type Lifetime = Duration | Date | 'never' | 'heuristic';
type Verb = 'GET' | 'HEAD' | 'POST' | 'PUT' | 'PATCH' | 'DELETE' | 'OPTIONS' | 'QUERY';
export type CacheMethod = Verb | Lowercase<Verb>;
/**
 * What `cache:` takes on a request. `'never'` is left out on purpose (reads as "never cache"): write
 * `{ expireAfter: 'never' }`.
 */
export type CacheSetting = boolean | Duration | Date | 'heuristic' | CacheMode | CacheRequestOptions;
/** What a URL pattern may say: a lifetime, `false` (off), or any policy. */
export type UrlSetting = Lifetime | false | CachePolicy;
/**
 * A RegExp on the whole absolute URL, or a glob on host and path: `*` within a segment, `**` across them, no scheme =
 * any, a bare host = that host exactly and everything below it, `*.example.com` = its subdomains.
 */
export type UrlPattern = string | RegExp;

/** May be said for the session, for a URL pattern, or for one request; the nearest one wins, arrays replace. */
export interface CachePolicy {
  /**
   * Local lifetime, used where the response's Cache-Control and Expires are silent. `false` or `0`: cache off, decided
   * before any header. Session default `'never'`.
   */
  expireAfter?: Lifetime | false | undefined;
  /** `'no-store'` is off, whatever lifetime a nearer place gives: only a nearer mode undoes it. @default 'default' */
  mode?: CacheMode | undefined;
  /** `false` ignores Cache-Control, Expires and Pragma on both sides, `no-store` included. @default true */
  cacheControl?: boolean | undefined;
  /** @default ['GET', 'HEAD'] */
  allowedMethods?: readonly CacheMethod[] | undefined;
  /** A predicate that throws does not allow. @default [200] */
  allowedCodes?: readonly number[] | ((status: number) => boolean) | undefined;
  /** Left out of the key, in query, form and JSON bodies. @default [] */
  ignoredParams?: readonly string[] | undefined;
  /** Request headers that are part of the key; `true` = all. @default [] */
  includeHeaders?: readonly string[] | true | undefined;
  /** Sees the origin's answer, not `transformResponse`'s. `false`: not stored, and dropped if it is stored already. */
  filter?: ((response: StoredResponse) => boolean | Promise<boolean>) | undefined;
  /** `true`: as long as the entry is kept. Covers network errors and 500, 502, 503, 504. @default false */
  staleIfError?: Duration | boolean | undefined;
  /** `true`: as long as the entry is kept. @default false */
  staleWhileRevalidate?: Duration | boolean | undefined;
  /** How long a stale entry is kept for its validators; longer where a window for stale answers is. @default '1 day' */
  keepStale?: Duration | undefined;
  /** @default [] */
  tags?: readonly string[] | ((response: StoredResponse) => readonly string[]) | undefined;
  /** Larger bodies are not stored. `Infinity`: no limit. @default 5 MiB */
  maxEntryBytes?: number | undefined;
  /** Let identical concurrent requests share one origin request. @default true */
  collapse?: boolean | undefined;
  /**
   * `true` gives every caller the same parsed data, deeply frozen, instead of an object of its own. That is faster. What
   * writes to it throws a TypeError in strict mode, and does nothing elsewhere.
   *
   * @default false
   * @example
   * const { data } = await http.get('/countries', { cache: { frozenData: true } });
   * console.log(Object.isFrozen(data)); // true
   */
  frozenData?: boolean | undefined;
}

export interface CacheRequestOptions extends CachePolicy {
  /** Replaces method + URL + body in the key; partition and Vary still apply. */
  key?: string | undefined;
  /** Whose answer this is, e.g. a user id; survives token refresh. `false`: everybody's. */
  partition?: string | false | undefined;
  /**
   * After the origin's 2xx or 3xx answer, and after an unsafe request of which nobody knows whether it had its effect,
   * these are deleted too. Strings are URLs, resolved as axios resolves them.
   */
  invalidates?: string | CacheFilter | readonly (string | CacheFilter)[] | undefined;
  /**
   * Called when a background refresh brought a newer answer than the one this request returned: transformed, but not
   * intercepted. What it throws, or what the request would have rejected with, is told by a `refresh-error` event.
   */
  onRefreshed?: ((response: CachedAxiosResponse) => void) | undefined;
}

export interface CacheOptions extends CachePolicy {
  /** @default new MemoryStorage() */
  storage?: CacheStorage | undefined;
  /** First match wins. An object for globs; a list of pairs where a RegExp is needed. */
  urlsExpireAfter?: Readonly<Record<string, UrlSetting>> | readonly (readonly [UrlPattern, UrlSetting])[] | undefined;
  /** Behave as a shared cache: s-maxage, private, RFC 9111 section 3.5. @default false */
  shared?: boolean | undefined;
  /** What separates one user's answers from another's. @default 'credentials' */
  partition?: 'credentials' | false | ((config: InternalAxiosRequestConfig) => string | false) | undefined;
  /**
   * Header fields that name the user, besides Authorization, Cookie, `auth`, URL user-info and the defaults, to which
   * these are added. @default x-api-key, x-auth-token, x-access-token, x-api-token
   */
  credentialHeaders?: readonly string[] | undefined;
  /** Query and body names shown as `***` in keys, listings, events. @default access_token, api_key, apikey, token */
  redactedParams?: readonly string[] | undefined;
  /** A storage call that takes longer counts as a miss. @default '2s' */
  storageTimeout?: Duration | undefined;
  /** On the global axios only: let instances made by `axios.create()` inherit the cache. @default false */
  inherit?: boolean | undefined;
  /** `false` or `0`: only when asked. @default false */
  deleteExpiredEvery?: Duration | false | undefined;
  /** Answers kept under one key, by Vary. @default 20 */
  maxVariants?: number | undefined;
  /** Add the RFC 9211 field to `response.headers`. @default false */
  cacheStatusHeader?: boolean | undefined;
  /** Obey `Clear-Site-Data: "cache"` and `"*"` of answers by https, or from this machine. @default false */
  clearSiteData?: boolean | undefined;
  onEvent?: ((event: CacheEvent) => void) | undefined;
  /** One line a request, `true` = to stderr. @default false */
  debug?: boolean | ((line: string) => void) | undefined;
  /** Epoch milliseconds; for tests. @default Date.now */
  now?: (() => number) | undefined;
}
