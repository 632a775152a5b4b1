/** What an axios response says behind a cache. */
import type { AxiosResponse } from 'axios';
import type { CacheReason, CacheStatus, ExpirySource, NotStoredReason } from '../rfc9111/model.js';

/** An axios response behind a cache. */
export interface CachedAxiosResponse<T = any, D = any> extends AxiosResponse<T, D> {
  /**
   * True where this caller's body cost the server no answer of its own: for a hit, a stale hit, a renewal by 304, and
   * an answer that another caller was waiting for already.
   *
   * @example
   * const { cached } = await http.get('/users');
   */
  cached: boolean;
  /** What the cache did, and why. */
  cache: CacheInfo;
}

/** What the caches between the server and this one did with an answer, as its headers say. */
export interface UpstreamInfo {
  /** What the cache did that `by` names. */
  readonly status: CacheStatus;
  /** True where any of them had the answer. */
  readonly hit: boolean;
  /** The name of the cache nearest to us that had the answer; where none had it, the last one that is named. */
  readonly by: string | undefined;
  /** The Age of the answer when it was received, in seconds. */
  readonly age: number | undefined;
}

/**
 * What the cache did with one request, and why.
 *
 * @example
 * const { cache } = await http.get('/users');
 * console.log(cache.status, cache.reason, cache.ttl);
 */
export interface CacheInfo {
  /** Where the answer came from. */
  readonly status: CacheStatus;
  /** Why it came from there. */
  readonly reason: CacheReason;
  /** True where this answer is stored now. */
  readonly stored: boolean;
  /** Why it is not stored; `undefined` where it is. */
  readonly notStored: NotStoredReason | undefined;
  /** True where this request waited for another caller's request to the server (RFC 9211 `collapsed`). */
  readonly collapsed: boolean;
  /** An opaque digest of the key, which is safe to log; `undefined` where the request has no key. */
  readonly key: string | undefined;
  /** The absolute URL without user-info, with the values of `redactedParams` as `***`. */
  readonly url: string;
  /** When the answer was received, or last renewed; `undefined` where it is not stored. */
  readonly createdAt: Date | undefined;
  /** When the answer ends: `null` means never. It is set on a miss too, if the answer was stored. */
  readonly expiresAt: Date | null | undefined;
  /** Which rung of the expiration ladder gave the lifetime; `undefined` where the answer is not stored. */
  readonly expirySource: ExpirySource | undefined;
  /** The age in whole seconds (RFC 9111 section 4.2.3); `undefined` where the answer is not from the cache. */
  readonly age: number | undefined;
  /**
   * How many whole seconds are left (RFC 9211 `ttl`). It is negative for a stale answer, such as -1 for one that was
   * stored while a clock was ahead, and Infinity for one that never expires.
   */
  readonly ttl: number | undefined;
  /** The tags that `tags` gave to the answer. */
  readonly tags: readonly string[];
  /**
   * What Cache-Status, CF-Cache-Status, X-Cache and Age of the server's answer say of the caches that it has passed;
   * `undefined` where none of them says anything, and where the cache was bypassed.
   */
  readonly upstream: UpstreamInfo | undefined;
  /** The same as the field Cache-Status has it (RFC 9211), such as `axios-client-cache; hit; ttl=30`. */
  toString(): string;
}
