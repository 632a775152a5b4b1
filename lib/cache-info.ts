/** What `response.cache` says: its shape; the vocabularies are the decisions' own. */
import type { Entry } from './entry.js';
import { cacheStatus } from './rfc9111/cache-status.js';
import type { CacheReason, CacheStatus, EpochMs, ExpirySource, NotStoredReason, Seconds } from './rfc9111/model.js';
import { shownTags } from './tags.js';

export type { CacheReason, CacheStatus, ExpirySource, NotStoredReason } from './rfc9111/model.js';

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

/** What a CacheInfo is made of. */
export interface InfoParts {
  readonly status: CacheStatus;
  readonly reason: CacheReason;
  readonly notStored: NotStoredReason | undefined;
  readonly collapsed: boolean;
  readonly url: string;
  /** Computed when it is read: most callers never ask. */
  readonly key: (() => string) | undefined;
  /** The entry that the answer is, or has become. */
  readonly entry: Entry | undefined;
  readonly age: Seconds | undefined;
  readonly forwardStatus: number | undefined;
  readonly now: EpochMs;
}

export function createCacheInfo(parts: InfoParts): CacheInfo {
  const { status, reason, notStored, collapsed, url, key, entry, age, forwardStatus, now } = parts;
  const expiresAtMs = entry?.raw.expiresAtMs;
  const ttl = expiresAtMs === undefined ? undefined : Math.floor((expiresAtMs - now) / 1000);
  const stored = entry !== undefined;
  const info: CacheInfo = {
    status,
    reason,
    stored,
    notStored,
    collapsed,
    get key() {
      return key?.();
    },
    url,
    createdAt: entry === undefined ? undefined : new Date(entry.raw.createdAtMs),
    expiresAt: expiresAtMs === Infinity ? null : expiresAtMs === undefined ? undefined : new Date(expiresAtMs),
    expirySource: entry?.lifetime.source,
    age: age === undefined ? undefined : Math.floor(age),
    ttl,
    tags: shownTags(entry?.raw.tags ?? []),
    toString: () => cacheStatus({ status, reason, forwardStatus, ttl, stored, collapsed }),
  };
  // As text only: not among the facts that are listed, compared or serialised.
  return Object.defineProperty(info, 'toString', { enumerable: false });
}

/** What there is to say of a request that the cache left alone. */
export const bypassInfo = (reason: CacheReason, url: string, status: 'bypass' | 'miss' = 'bypass'): CacheInfo =>
  createCacheInfo({
    status,
    reason,
    notStored: reason === 'storage-error' ? reason : 'bypass',
    collapsed: false,
    url,
    key: undefined,
    entry: undefined,
    age: undefined,
    forwardStatus: undefined,
    now: 0,
  });
