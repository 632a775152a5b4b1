import type { AxiosResponse } from 'axios';
import type { CacheReason, CacheStatus, ExpirySource, NotStoredReason } from '../rfc9111/model.js';

/** An axios response behind a cache. */
export interface CachedAxiosResponse<T = any, D = any> extends AxiosResponse<T, D> {
  cached: boolean;
  cache: CacheInfo;
}

export interface CacheInfo {
  readonly status: CacheStatus;
  readonly reason: CacheReason;
  /** This answer is in the store now. */
  readonly stored: boolean;
  readonly notStored: NotStoredReason | undefined;
  /** Shared another caller's origin request. */
  readonly collapsed: boolean;
  /** Opaque digest, safe to log. */
  readonly key: string | undefined;
  /** Absolute, without user-info, `redactedParams` as `***`. */
  readonly url: string;
  readonly createdAt: Date | undefined;
  /** `null`: never. Set on a miss too, if it was stored. */
  readonly expiresAt: Date | null | undefined;
  readonly expirySource: ExpirySource | undefined;
  /** Seconds. */
  readonly age: number | undefined;
  /** Seconds left, negative when stale, Infinity when it never expires (RFC 9211 `ttl`). */
  readonly ttl: number | undefined;
  readonly tags: readonly string[];
  /** RFC 9211: `axios-client-cache; hit; ttl=30`. */
  toString(): string;
}
