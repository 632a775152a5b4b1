/**
 * This file remembers the origins that take no conditions, and keys for which they are judged wrongly. It also
 * remembers which failures are not about conditions.
 */
import type { CacheRequest } from '../exchange/request.js';
import type { EpochMs } from '../../rfc9111/model.js';
import { BoundedMap } from '../../support/bounded-map.js';

const MAX_REMEMBERED = 1000;
/** A server may be mended, and what looked like a refusal may have been an accident: so it is tried again later. */
const REMEMBERED_MS = 3_600_000;
/** An origin that is down, or that has taken a right away, is not asked twice for each stored answer in this time. */
const IN_VAIN_MS = 60_000;

/** It is as far from each moment of a clock as can be. */
const NEVER = Infinity;

/** With these statuses a server that is well may fail for a moment, which is no reason to renew nothing of it. */
const MAY_BE_ACCIDENTS: ReadonlySet<number | undefined> = new Set([408, 425, 502, 503, 504]);

export class UnconditionalOrigins {
  readonly #now: () => EpochMs;
  readonly #since = new BoundedMap<string, EpochMs>(MAX_REMEMBERED);
  readonly #inVainSince = new BoundedMap<string, EpochMs>(MAX_REMEMBERED);

  constructor(now: () => EpochMs) {
    this.#now = now;
  }

  has(name: string): boolean {
    return this.#isWithin(REMEMBERED_MS, this.#since.get(name));
  }

  /** It is true where the request is to be sent without conditions of the cache. */
  concerns(request: Pick<CacheRequest, 'head' | 'key' | 'originOf'>): boolean {
    if (this.#since.size === 0) return false;
    return this.has(request.originOf(request.head.url)) || this.has(request.key);
  }

  note(name: string): void {
    this.#since.set(name, this.#now());
  }

  /**
   * It notes that a request was answered without conditions after it had failed on conditions. `status` is the failure,
   * which is undefined where there was no answer at all.
   */
  noteRefusal(origin: string, key: string, status: number | undefined): void {
    this.note(MAY_BE_ACCIDENTS.has(status) ? key : origin);
  }

  /** It is true where an origin has lately failed without conditions too, after it had failed so on conditions. */
  isInVain(origin: string, status: number): boolean {
    return this.#isWithin(IN_VAIN_MS, this.#inVainSince.get(`${status} ${origin}`));
  }

  /** It notes such a failure. */
  noteInVain(origin: string, status: number): void {
    this.#inVainSince.set(`${status} ${origin}`, this.#now());
  }

  /** The clock may have been set back, which must not make the memory last. */
  #isWithin(ms: number, since: EpochMs = NEVER): boolean {
    return Math.abs(this.#now() - since) < ms;
  }
}
