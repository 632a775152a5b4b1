/**
 * This file makes `response.cache`, which says what the cache did; its words are those of the decisions in rfc9111/.
 */
import type { CacheInfo, UpstreamInfo } from '../../api/response.js';
import type { Outcome } from '../../engine/exchange/outcome.js';
import { shownTags } from '../../entries/tags.js';
import { cacheStatus } from '../../rfc9111/cache-status.js';
import { isFromFuture } from '../../rfc9111/freshness.js';
import type {
  CacheReason,
  CacheStatus,
  EpochMs,
  ExpirySource,
  HeaderFields,
  NotStoredReason,
} from '../../rfc9111/model.js';
import { upstreamOf } from '../../rfc9111/upstream.js';

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
  readonly upstream: UpstreamInfo | undefined;
  /** This is the status that the origin answered with, if it was asked. */
  readonly #forwardStatus: number | undefined;
  /** This is the size of the stored body. */
  readonly #bytes: number;

  /** `headers` are those of the answer of the origin, stored or not. */
  constructor(
    outcome: Facts,
    forwardStatus: number | undefined,
    url: string,
    key: string | undefined,
    now: EpochMs,
    headers?: HeaderFields,
  ) {
    const { entry, age } = outcome;
    this.status = outcome.status;
    this.reason = outcome.reason;
    this.stored = entry !== undefined;
    this.notStored = outcome.notStored;
    this.collapsed = outcome.collapsed;
    this.key = key;
    this.url = url;
    if (entry === undefined) {
      this.createdAt = this.expiresAt = this.expirySource = this.ttl = undefined;
      this.tags = [];
    } else {
      const { createdAtMs, expiresAtMs, tags } = entry.raw;
      this.createdAt = new Date(createdAtMs);
      this.expiresAt = expiresAtMs === Infinity ? null : new Date(expiresAtMs);
      this.expirySource = entry.lifetime.source;
      this.ttl = isFromFuture(createdAtMs, now) ? -1 : Math.floor((expiresAtMs - now) / 1000);
      this.tags = tags.length === 0 ? [] : shownTags(tags);
    }
    this.age = age === undefined ? undefined : Math.floor(age);
    this.upstream = headers === undefined ? undefined : upstreamOf(headers);
    this.#forwardStatus = forwardStatus;
    this.#bytes = entry === undefined ? 0 : entry.raw.body.byteLength;
  }

  static frozenCopy(info: Info): Info {
    const { key, url, createdAt, expiresAt, tags } = info;
    const copy = new Info({ ...info, entry: undefined }, info.#forwardStatus, url, key, 0);
    const own = {
      createdAt: createdAt && new Date(createdAt),
      expiresAt: expiresAt && new Date(expiresAt),
      tags: Object.freeze([...tags]),
    };
    Object.freeze(Object.assign(copy, info, own));
    return copy;
  }

  static bytesOf(info: Info): number {
    return info.#bytes;
  }

  /** Writes the Cache-Status; a method is not among the facts that are listed, compared or serialised. */
  toString(): string {
    const { status, reason, ttl, stored, collapsed } = this;
    // Reactive frameworks put a proxy around the object, which has no private members.
    const forwardStatus = #forwardStatus in this ? this.#forwardStatus : undefined;
    return cacheStatus({ status, reason, forwardStatus, ttl, stored, collapsed });
  }
}

/** These are the facts that an info takes from an outcome. */
type Facts = Omit<Outcome, 'content'>;

/** Makes the info of an outcome. `key` is the key in the form that may be shown. */
export function infoOf(outcome: Outcome, url: string, key: string, now: EpochMs): CacheInfo {
  const { content, status } = outcome;
  const forwardStatus = content.kind === 'origin' ? content.answer.status : status === 'revalidated' ? 304 : undefined;
  return new Info(outcome, forwardStatus, url, key, now, headersIn(content));
}

/** The headers of the origin's answer; a 504 of the cache itself has none. */
function headersIn(content: Outcome['content']): HeaderFields | undefined {
  if (content.kind === 'gateway-timeout') return undefined;
  return content.kind === 'origin' ? content.answer.headers : content.entry.headers;
}

/** Makes the info of a request that the cache left alone. */
export const bypassInfo = (reason: CacheReason, url: string, status: 'bypass' | 'miss' = 'bypass'): CacheInfo =>
  ownInfo(status, reason, reason === 'storage-error' ? reason : 'bypass', url);

/** Makes the info of a request that got no answer. */
export const failedInfo = (url: string): CacheInfo => ownInfo('miss', 'uri-miss', 'failed', url);

const ownInfo = (status: CacheStatus, reason: CacheReason, notStored: NotStoredReason, url: string): CacheInfo =>
  new Info({ status, reason, notStored, ...NOTHING }, undefined, url, undefined, 0);

const NOTHING = { collapsed: false, entry: undefined, age: undefined };

/** Gives the size of the stored body; 0 where none is stored, or where the info is of something else. */
export const bytesOf = (info: CacheInfo): number => (info instanceof Info ? Info.bytesOf(info) : 0);

/** Copies an info for listeners: what they write to it, or to what is in it, changes nothing for the caller. */
export const infoForListeners = (info: CacheInfo): CacheInfo => (info instanceof Info ? Info.frozenCopy(info) : info);
