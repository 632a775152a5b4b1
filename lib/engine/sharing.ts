/** Whom one origin answer may serve: a shared answer serves another caller only as it would from the store. */
import type { AnsweredResult, FetchResult } from './exchange/outcome.js';
import { isRedirected } from './exchange/answer.js';
import type { CacheRequest } from './exchange/request.js';
import type { Storing } from './exchange/storing.js';
import { shareableEntry } from './storing/store.js';
import type { Entry } from '../entries/entry.js';
import type { RequestPolicy } from '../options/policy.js';
import { decideReuse } from '../rfc9111/decide-reuse.js';
import { describeRequestHead } from '../rfc9111/describe-request-head.js';
import type { EpochMs, HeaderFields, VaryValues } from '../rfc9111/model.js';
import { isPart } from '../rfc9111/parts.js';
import { BoundedMap } from '../support/bounded-map.js';

/** How many keys are remembered whose answers cannot be shared, so that nobody waits for them. */
const MAX_UNSHAREABLE = 1000;

type Fitness =
  /** `entry`: as it would be stored. */
  | { readonly kind: 'fits'; readonly entry: Entry }
  /** For a caller who sends something else for the fields that Vary nominates: what this one sends for them. */
  | { readonly kind: 'other-variant'; readonly variant: string }
  | { readonly kind: 'private' };

/** Whether `fetched`, which another caller asked for, may answer this one too (RFC 9111 section 4). */
export function fitnessFor(request: CacheRequest, fetched: FetchResult, now: EpochMs): Fitness {
  const entry = entryOf(request, fetched);
  if (entry === undefined) return { kind: 'private' };
  const decision = decideReuse(request.head, [entry], ofAnyStatus(request.policy), now);
  if (decision.kind === 'reuse') return { kind: 'fits', entry };
  if (decision.kind !== 'forward' || decision.reason !== 'vary-miss') return { kind: 'private' };
  const own = entry.vary.map(([name]) => [name, request.head.headers[name] ?? null]);
  return { kind: 'other-variant', variant: JSON.stringify(own) };
}

/** For those who share it: fields that were meant for its leader alone, as cookies are, stay with that one. */
export const asShared = (fetched: AnsweredResult, { headers }: Entry): AnsweredResult => ({
  ...fetched,
  answer: { ...fetched.answer, headers },
});

/** The keys whose answers each caller must get for itself, so that the next callers do not wait in vain. */
export class UnshareableKeys {
  readonly #keys = new BoundedMap<string, true>(MAX_UNSHAREABLE);

  has(key: string): boolean {
    return this.#keys.has(key);
  }

  /**
   * Learns from what the origin gave to a request whose answer is not to be waited for any more, should it be so again.
   */
  note(request: CacheRequest, fetched: FetchResult, now: EpochMs): void {
    const entry = entryOf(request, fetched);
    if (request.head.isConditional && (entry === undefined || isPart(entry))) return;
    this.#keys.delete(request.key);
    if (isRetraced(fetched)) return;
    if (entry !== undefined && isReusable(request, entry, now)) return;
    this.#keys.set(request.key, true);
  }

  /**
   * Learns from what the origin gave to a leader. What is stored mostly serves the next caller, so that nothing needs
   * to
   * be found out about it: should it not, the first caller who waits in vain shows that.
   */
  noteLeader(request: CacheRequest, fetched: FetchResult, now: EpochMs): void {
    const { kind } = fetched.storing;
    if (kind === 'not-stored' || (kind === 'stored' && this.#keys.has(request.key))) this.note(request, fetched, now);
  }
}

/** What came by redirects is shared by way of the store, as each of them has to suit the caller too. */
const entryOf = (request: CacheRequest, fetched: FetchResult): Entry | undefined => {
  if (fetched.kind === 'freshened') return isForOneUser(fetched.storing) ? undefined : fetched.entry;
  return isRedirected(fetched.answer) ? undefined : shareableEntry(request, fetched);
};

/** Its fields do not say so themselves (RFC 9111 section 3.5). */
const isForOneUser = (storing: Storing): boolean => storing.kind === 'not-stored' && storing.reason === 'authorization';

/** By redirects that are stored, so that the next caller finds the way. */
const isRetraced = (fetched: FetchResult): boolean =>
  isRedirected(fetched.answer) && !(fetched.storing.kind === 'not-stored' && fetched.storing.reason === 'redirected');

/** By a caller who sends what the leader sent, but demands nothing of the cache. */
function isReusable({ head, policy }: CacheRequest, entry: Entry, now: EpochMs): boolean {
  const request = describeRequestHead(head.method, head.url, nominatedFields(entry.vary), policy);
  return decideReuse(request, [entry], { ...ofAnyStatus(policy), mode: 'default' }, now).kind === 'reuse';
}

/** Which statuses are stored does not matter to those who wait for the same answer. */
const ofAnyStatus = (policy: RequestPolicy): RequestPolicy => ({ ...policy, allowsStatus: () => true });

const nominatedFields = (vary: VaryValues): HeaderFields =>
  Object.fromEntries(vary.filter((pair): pair is readonly [string, string] => pair[1] !== null));
