/**
 * This file decides whom one origin answer may serve: another caller gets it only if the same answer from the store
 * would do for that caller.
 */
import type { AnsweredResult, FetchResult } from './exchange/outcome.js';
import { isRedirected } from './exchange/answer.js';
import type { CacheRequest } from './exchange/request.js';
import type { Storing } from './exchange/storing.js';
import { shareableEntry } from './storing/store.js';
import type { Entry } from '../entries/entry.js';
import type { RequestPolicy } from '../options/policy.js';
import { decideReuse } from '../rfc9111/decide-reuse.js';
import { describeRequestHead } from '../rfc9111/describe-request-head.js';
import { isFailing } from '../rfc9111/failing.js';
import { noFields, storableFields } from '../rfc9111/fields.js';
import type { EpochMs, NotStoredReason } from '../rfc9111/model.js';
import { isPart } from '../rfc9111/parts.js';
import { nominatedValues, variantText, variesOnEverything } from '../rfc9111/vary.js';
import { BoundedMap } from '../support/bounded-map.js';

/** The cache remembers this many keys whose answers cannot be shared, so that nobody waits for them. */
const MAX_UNSHAREABLE = 1000;

export type Fitness =
  /** The answer suits the caller. `entry` is what the answer would be stored as. */
  | { readonly kind: 'fits'; readonly entry: Entry }
  /** The caller sends other values for the fields which Vary names. `variant` holds the caller's values. */
  | { readonly kind: 'other-variant'; readonly variant: string }
  | { readonly kind: 'private' };

/** It decides whether `fetched`, which another caller asked for, may answer this caller too (RFC 9111 section 4). */
export function fitnessFor(request: CacheRequest, fetched: FetchResult, now: EpochMs): Fitness {
  const entry = entryOf(request, fetched);
  if (entry === undefined || !request.isServedBy(entry)) return { kind: 'private' };
  const decision = decideReuse(request.head, [entry], ofAnyStatus(request.policy), now);
  if (decision.kind === 'reuse') return { kind: 'fits', entry };
  if (decision.kind !== 'forward' || decision.reason !== 'vary-miss') return { kind: 'private' };
  const own = nominatedValues(entry.vary.map(([name]) => name), request.head);
  return { kind: 'other-variant', variant: variantText(own, request.head) };
}

/**
 * It is the answer for those who share it: fields that were meant only for the caller who sent the request, such as
 * cookies, are left out.
 */
export const asShared = (fetched: AnsweredResult, { headers }: Entry): AnsweredResult => ({
  ...fetched,
  answer: { ...fetched.answer, headers },
});

/**
 * It is true for an answer that is in the store, or would be but for a fault of the storage. Only such an answer is for
 * whoever asks for the key.
 */
export const isKept = (fetched: FetchResult, { allowsStatus }: RequestPolicy): boolean =>
  fetched.storing.kind === 'stored' ||
  (fetched.storing.kind === 'not-stored' &&
    KEPT_BUT_FOR_FAULTS.has(fetched.storing.reason) &&
    (fetched.kind === 'freshened' || allowsStatus(fetched.answer.status)));

const KEPT_BUT_FOR_FAULTS: ReadonlySet<NotStoredReason> = new Set(['storage-error', 'invalidated']);

/** It is a failure for those who share it, whatever it says about storing: nobody asks for it again by himself. */
export const withoutCookies = (fetched: AnsweredResult): AnsweredResult => ({
  ...fetched,
  answer: { ...fetched.answer, headers: storableFields(fetched.answer.headers, {}, 'default', { shared: true }) },
});

/** It holds the keys whose answers each caller must get alone, so that the next callers do not wait in vain. */
export class UnshareableKeys {
  readonly #keys = new BoundedMap<string, true>(MAX_UNSHAREABLE);

  has(key: string): boolean {
    return this.#keys.has(key);
  }

  /** It learns from an answer whether the next callers of the key would wait for such an answer in vain. */
  note(request: CacheRequest, fetched: FetchResult, now: EpochMs): void {
    try {
      this.#learn(request, fetched, now);
    } catch {
      // The answer is there: it is not lost because the next callers may have to wait in vain.
    }
  }

  #learn(request: CacheRequest, fetched: FetchResult, now: EpochMs): void {
    // A failure says nothing of the answers that come after it.
    if (isFailing(fetched.answer.status)) return;
    const entry = entryOf(request, fetched);
    if (request.head.isConditional && (entry === undefined || isPart(entry))) return;
    this.#keys.delete(request.key);
    if (isRetraced(fetched)) return;
    if (entry !== undefined && isReusable(request, entry, now)) return;
    this.#keys.set(request.key, true);
  }

  /**
   * It learns from the answer to the caller who led the flight. An answer that is stored mostly serves the next caller,
   * so that nothing needs to be found out about it; should it not, the first caller who waits in vain shows that.
   */
  noteLeader(request: CacheRequest, fetched: FetchResult, now: EpochMs): void {
    const { kind } = fetched.storing;
    if (kind === 'not-stored' || (kind === 'stored' && this.#keys.has(request.key))) this.note(request, fetched, now);
  }
}

/**
 * It returns the entry by which other callers may be answered. It is undefined for an answer that came by redirects:
 * such an answer is shared through the store only, as each of its redirects has to suit the caller too.
 */
const entryOf = (request: CacheRequest, fetched: FetchResult): Entry | undefined => {
  if (fetched.kind === 'freshened') return isForOneUser(fetched.storing) ? undefined : fetched.entry;
  return isRedirected(fetched.answer) ? undefined : shareableEntry(request, fetched);
};

/**
 * It is true where the answer is meant for one user, although its header fields do not say so (RFC 9111 section 3.5).
 */
const isForOneUser = (storing: Storing): boolean => storing.kind === 'not-stored' && storing.reason === 'authorization';

/** It is true where the answer came by redirects that are stored, so that the next caller finds the way. */
const isRetraced = (fetched: FetchResult): boolean =>
  isRedirected(fetched.answer) && !(fetched.storing.kind === 'not-stored' && fetched.storing.reason === 'redirected');

/**
 * It is true where the entry could answer a caller who sends the same as the first one, but demands nothing of the
 * cache.
 */
function isReusable({ head, policy }: CacheRequest, entry: Entry, now: EpochMs): boolean {
  const request = describeRequestHead(head.method, head.url, noFields(), policy, head.selection);
  // Such a caller sends the values that Vary names, but these cannot be read from what is stored.
  const selected = variesOnEverything(head, entry) ? entry : { ...entry, vary: [] };
  return decideReuse(request, [selected], { ...ofAnyStatus(policy), mode: 'default' }, now).kind === 'reuse';
}

/** The user's choice of statuses to store does not matter to those who wait for the same answer. */
const ofAnyStatus = (policy: RequestPolicy): RequestPolicy => ({ ...policy, allowsStatus: () => true });
