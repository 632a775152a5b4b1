/** What the origin's answer, or its failure, says of a stored response (RFC 9111 section 4.3, RFC 5861 section 4). */
import { forbidsStale, storedDirectives } from './cache-control.js';
import { matchesWeakly, needsOrigin } from './conditions.js';
import { factsOfStored, stripsSetCookie } from './decide-storage.js';
import { fieldValue, mergeFields, noFields, storableFields } from './fields.js';
import { chooseLifetime, type Freshness, freshnessOf, isWithinWindow, validateOnEachUse } from './freshness.js';
import type { DecisionPolicy, EpochMs, HeaderFields, RequestHead, ResponseDirectives, ResponseFacts, Seconds, Stored, StoredHead, TimedResponse } from './model.js';
import { contentRange, type Extent, isPart, isWhole, lengthOf } from './parts.js';
import { readResponseFacts, validatorsIn } from './read-response-facts.js';
import { nominatedValues, selectMatching, variesOnEverything, varyNames } from './vary.js';

/** An answer and what is stored, before one caller. */
interface Comparison {
  readonly request: RequestHead;
  readonly stored: Stored;
  readonly answer: TimedResponse;
  readonly policy: DecisionPolicy;
}

/** What is stored holds, with the head that the answer leaves it with. */
export interface Freshening {
  readonly kind: 'freshen';
  readonly head: StoredHead;
  /** What the headers of `head` say. */
  readonly facts: ResponseFacts;
}

type ValidationDecision =
  | Freshening
  /** A full answer, an error included: it stands for itself. */
  | { readonly kind: 'replace' }
  /** A 304 to something else than what is stored: ask again without conditions. */
  | { readonly kind: 'not-ours' };

/** The answer to a request that carried `conditions` of ours (sections 4.3.3, 4.3.4). */
export function decideValidation(validation: Comparison & { readonly conditions: HeaderFields }): ValidationDecision {
  const { stored, conditions, answer } = validation;
  if (answer.status !== 304) return { kind: 'replace' };
  const isOurs = Object.keys(conditions).length > 0 && hasSameValidators(answer.headers, stored);
  return isOurs ? freshening(validation) : { kind: 'not-ours' };
}

type HeadDecision =
  | Freshening
  | { readonly kind: 'invalidate' }
  | { readonly kind: 'unrelated' };

/** What a 200 to HEAD says of a stored GET response that could have been chosen for it (section 4.3.5). */
export function freshenByHead(comparison: Comparison): HeadDecision {
  const { request, stored, answer } = comparison;
  const concerns = request.method === 'HEAD' && stored.method === 'GET' && answer.status === 200;
  if (!concerns || variesOnEverything(stored) || selectMatching(request, [stored]).length === 0) {
    return { kind: 'unrelated' };
  }
  const hasSame = hasSameValidators(answer.headers, stored);
  // Its own length says nothing of the whole, and its fields nothing that a HEAD could renew.
  if (isPart(stored)) return { kind: hasSame ? 'unrelated' : 'invalidate' };
  const isSame = stored.status === 200 && hasSame && hasSameLength(answer.headers, stored);
  return isSame ? freshening(comparison) : { kind: 'invalidate' };
}

/**
 * ETag decides, or else Last-Modified; what only one of the two has decides nothing. Weakly compared: the condition
 * named this one response, and servers that compress weaken the tag of a 200 but not that of its 304.
 */
function hasSameValidators(headers: HeaderFields, stored: Stored): boolean {
  const { etag, lastModified } = validatorsIn(headers);
  if (etag !== undefined && stored.etag !== undefined) return matchesWeakly(etag, stored.etag);
  return lastModified === undefined || stored.lastModified === undefined || lastModified === stored.lastModified;
}

/** What came without a length has that of its body. */
function hasSameLength(fresh: HeaderFields, { headers, bodyBytes }: Stored): boolean {
  const [one, other] = [fieldValue(fresh, 'content-length'), fieldValue(headers, 'content-length') ?? bodyBytes];
  return one === undefined || other === undefined || one === String(other);
}

/** The stored head with the answer's fields and times and a lifetime by the ladder (sections 3.2, 4.3.4). */
function freshening({ request, stored, answer, policy }: Comparison): Freshening {
  const { url, method, status, statusText } = stored;
  const { requestTime, responseTime } = answer;
  const merged = mergeFields(stored.headers, answer.headers);
  const received = readResponseFacts(merged, responseTime, policy);
  const lifetime =
    chooseLifetime({ status, headers: merged, responseTime }, received, policy) ?? validateOnEachUse(policy);
  const headers = storableFields(merged, received.directives, { stripSetCookie: stripsSetCookie(lifetime.source) });
  const head: StoredHead = {
    url,
    method,
    status,
    statusText,
    headers,
    requestTime,
    responseTime,
    vary: nominatedValues(varyNames(merged), request),
    lifetime,
    headersHonoured: policy.cacheControl,
  };
  return { kind: 'freshen', head, facts: factsOfStored(headers, received) };
}

/** The head of `answer`, a part, put together with `stored` to `extent` (section 3.4, RFC 9110 section 15.3.7.3). */
export function combinedHead(comparison: Comparison, extent: Extent): StoredHead {
  const { head } = freshening(comparison);
  const { 'content-range': _former, ...kept } = head.headers;
  const headers = Object.assign(noFields(), kept);
  headers['content-length'] = String(lengthOf(extent));
  if (isWhole(extent)) return { ...head, status: 200, statusText: 'OK', headers };
  headers['content-range'] = contentRange(extent);
  return { ...head, status: 206, statusText: 'Partial Content', headers };
}

type FailureDecision =
  | { readonly kind: 'serve-stale'; readonly age: Seconds }
  /** An error response of the cache's own making, a 504, in place of a stale one that may not be used. */
  | { readonly kind: 'gateway-timeout' }
  | { readonly kind: 'pass-through' };

interface Failure {
  readonly request: RequestHead;
  readonly stored: Stored;
  readonly failure: { readonly status: number } | 'network';
  readonly policy: DecisionPolicy;
  readonly now: EpochMs;
}

interface FailureFacts extends Failure {
  readonly rules: ResponseDirectives;
  readonly freshness: Freshness;
}

/** The statuses that count as errors in RFC 5861 section 4. */
export const BRIDGED: ReadonlySet<number> = new Set([500, 502, 503, 504]);

/** Why a failure is not bridged: a row a reason. */
const NOT_BRIDGED: readonly ((facts: FailureFacts) => boolean)[] = [
  // Anything else is an answer, and 401, 403, 404 and 410 are important ones.
  ({ failure }) => failure !== 'network' && !BRIDGED.has(failure.status),
  ({ policy }) => policy.mode === 'reload' || policy.mode === 'no-store',
  // Section 5.2.1.4: only after successful validation; and section 5.2.1.5.
  ({ request: { directives } }) => directives.noCache === true || directives.noStore === true,
  // Sections 5.2.1.1, 5.2.1.3: the request limits what it takes, unless it says what it takes after an error.
  ({ request: { directives } }) =>
    (directives.maxAge ?? directives.minFresh) !== undefined && directives.staleIfError === undefined,
  // Section 4.2.4.
  ({ rules, policy }) => forbidsStale(rules, policy.shared),
  // Section 4.1.
  ({ stored }) => variesOnEverything(stored),
  // If-Match and its like ask for the state at the origin.
  ({ request }) => needsOrigin(request),
  (facts) => !isWithinWindow(facts.freshness.remaining, errorWindow(facts)),
];

/** Whether a failure of the origin is bridged by the stored response (RFC 5861 section 4). */
export function staleIfError(of: Failure): FailureDecision {
  const { stored, policy, now } = of;
  const facts: FailureFacts = {
    request: of.request,
    stored,
    failure: of.failure,
    policy,
    now,
    rules: storedDirectives(stored, policy),
    freshness: freshnessOf(stored, policy, now),
  };
  if (demandsError(facts)) return { kind: 'gateway-timeout' };
  if (NOT_BRIDGED.some((applies) => applies(facts))) return { kind: 'pass-through' };
  return { kind: 'serve-stale', age: facts.freshness.age };
}

/** Section 5.2.2.2, for a policy by which the cache answers where the origin does not; others see the failure. */
const demandsError = ({ failure, policy, rules, freshness }: FailureFacts): boolean =>
  failure === 'network' &&
  (policy.staleIfError ?? 0) > 0 &&
  forbidsStale(rules, policy.shared) &&
  freshness.remaining <= 0;

/** How long after its lifetime: what the request says, else the longest that the response or the policy grants. */
const errorWindow = ({ request, rules, policy }: FailureFacts): Seconds =>
  request.directives.staleIfError ?? Math.max(rules.staleIfError ?? 0, policy.staleIfError ?? 0);
