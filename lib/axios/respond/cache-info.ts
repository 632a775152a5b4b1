/** What `response.cache` says: its shape; the vocabularies are the decisions' own. */
import type { CacheInfo } from '../../api/response.js';
import type { Entry } from '../../entries/entry.js';
import { shownTags } from '../../entries/tags.js';
import { cacheStatus } from '../../rfc9111/cache-status.js';
import type { CacheReason, CacheStatus, EpochMs, ExpirySource, NotStoredReason, Seconds } from '../../rfc9111/model.js';

export type { CacheReason, CacheStatus, ExpirySource, NotStoredReason } from '../../rfc9111/model.js';

/** What a CacheInfo is made of. */
export interface InfoParts {
  readonly status: CacheStatus;
  readonly reason: CacheReason;
  readonly notStored: NotStoredReason | undefined;
  readonly collapsed: boolean;
  readonly url: string;
  readonly key: string | undefined;
  /** The entry that the answer is, or has become. */
  readonly entry: Entry | undefined;
  readonly age: Seconds | undefined;
  readonly forwardStatus: number | undefined;
  readonly now: EpochMs;
}

/** A class, as each hit makes one: an accessor, or a member hidden by `defineProperty`, takes ten times as long. */
class Info implements CacheInfo {
  readonly status: CacheStatus;
  readonly reason: CacheReason;
  readonly stored: boolean;
  readonly notStored: NotStoredReason | undefined;
  readonly collapsed: boolean;
  readonly key: string | undefined;
  readonly url: string;
  readonly createdAt: Date | undefined;
  readonly expiresAt: Date | null | undefined;
  readonly expirySource: ExpirySource | undefined;
  readonly age: number | undefined;
  readonly ttl: number | undefined;
  readonly tags: readonly string[];
  readonly #forwardStatus: number | undefined;

  constructor({ status, reason, notStored, collapsed, url, key, entry, age, forwardStatus, now }: InfoParts) {
    const expiresAtMs = entry?.raw.expiresAtMs;
    this.status = status;
    this.reason = reason;
    this.stored = entry !== undefined;
    this.notStored = notStored;
    this.collapsed = collapsed;
    this.key = key;
    this.url = url;
    this.createdAt = entry === undefined ? undefined : new Date(entry.raw.createdAtMs);
    this.expiresAt = expiresAtMs === Infinity ? null : expiresAtMs === undefined ? undefined : new Date(expiresAtMs);
    this.expirySource = entry?.lifetime.source;
    this.age = age === undefined ? undefined : Math.floor(age);
    this.ttl = expiresAtMs === undefined ? undefined : Math.floor((expiresAtMs - now) / 1000);
    this.tags = shownTags(entry?.raw.tags ?? []);
    this.#forwardStatus = forwardStatus;
  }

  /** Not among the facts that are listed, compared or serialised. */
  toString(): string {
    const { status, reason, ttl, stored, collapsed } = this;
    // A proxy around it, as reactive frameworks make them, has no private members.
    const forwardStatus = #forwardStatus in this ? this.#forwardStatus : undefined;
    return cacheStatus({ status, reason, forwardStatus, ttl, stored, collapsed });
  }
}

export const createCacheInfo = (parts: InfoParts): CacheInfo => new Info(parts);

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
