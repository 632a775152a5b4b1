/** This file decides what the origin's answer or failure means for a stored response (RFC 9111 4.3, RFC 5861 4). */
import { forbidsStale, storedDirectives } from './cache-control.js';
import { matchesDecoded, needsOrigin } from './conditions.js';
import { factsOfStored } from './decide-storage.js';
import { fieldValue, mergeFields, noFields, storableFields } from './fields.js';
import { chooseLifetime, currentAge, isWithinWindow, remainingFreshness, validateOnEachUse } from './freshness.js';
import type {
  DecisionPolicy,
  EpochMs,
  HeaderFields,
  RequestHead,
  ResponseDirectives,
  ResponseFacts,
  ResponseHead,
  Seconds,
  Stored,
  StoredHead,
  TimedResponse,
  VaryValues,
} from './model.js';
import { contentRange, type Extent, extentOf, isPart, isWhole, lengthOf } from './parts.js';
import { readResponseFacts, validatorIn } from './read-response-facts.js';
import { nominatedValues, selectingNames, selectMatching, variesOnEverything, wasSelectedByAll } from './vary.js';

/** Here an answer is held against what is stored, for one caller. */
interface Comparison {
  readonly request: RequestHead;
  readonly stored: Stored;
  readonly answer: TimedResponse;
  readonly policy: DecisionPolicy;
}

/** The stored response holds, and gets the head that the answer leaves it with. */
export interface Freshening {
  readonly kind: 'freshen';
  readonly head: StoredHead;
  /** This is what the headers of `head` say. */
  readonly facts: ResponseFacts;
}

export type ValidationDecision =
  | Freshening
  /** A full answer stands for itself, even where it is an error. */
  | { readonly kind: 'replace' }
  /** The answer is a part that goes together with what is stored. */
  | { readonly kind: 'complete' }
  /** The 304 is about something else than what is stored: the origin is asked again without conditions. */
  | { readonly kind: 'not-ours' }
  /** The answer may be about the conditions and not the resource: the origin is asked again without them. */
  | { readonly kind: 'refused' };

/**
 * These statuses say what no condition can change: who asks (401, 407), what there is (404, 410), how often is too
 * often (429).
 */
const NOT_OF_CONDITIONS: ReadonlySet<number> = new Set([401, 404, 407, 410, 429]);

/**
 * True where a failure may be about the cache's own conditions: servers refuse as malformed, forbidden or too large
 * what they do not expect, and some break at it. One that says when to come again means any request.
 */
export const mayRefuse = ({ status, headers }: ResponseHead): boolean =>
  status >= 400 && !NOT_OF_CONDITIONS.has(status) && headers['retry-after'] === undefined;

/**
 * Judges the answer to a request that carried the cache's own `conditions` (sections 4.3.3, 4.3.4). They may ask for
 * the bytes that a stored part lacks: a 416 then says that there are no such bytes, and nothing about the whole.
 */
export function decideValidation(validation: Comparison & { readonly conditions: HeaderFields }): ValidationDecision {
  const { stored, conditions, answer } = validation;
  if (conditions['range'] !== undefined) {
    if (isPart(answer)) return { kind: 'complete' };
    if (answer.status === 416) return { kind: 'not-ours' };
  }
  const hasConditions = Object.keys(conditions).length > 0;
  if (hasConditions && mayRefuse(answer)) return { kind: 'refused' };
  if (answer.status !== 304) return { kind: 'replace' };
  const isOurs = hasConditions && hasSameValidators(answer.headers, stored);
  return isOurs ? freshening(validation) : { kind: 'not-ours' };
}

type HeadDecision =
  | Freshening
  | { readonly kind: 'invalidate' }
  | { readonly kind: 'unrelated' };

/**
 * Decides what an answer to HEAD means for a stored GET response that could have answered it (section 4.3.5). That the
 * resource is not there holds for both methods.
 */
export function freshenByHead(comparison: Comparison): HeadDecision {
  const { request, stored, answer } = comparison;
  const isGone = answer.status === 404 || answer.status === 410;
  const concerns = request.method === 'HEAD' && stored.method === 'GET' && (answer.status === 200 || isGone);
  if (!concerns || variesOnEverything(request, stored) || selectMatching(request, [stored]).length === 0) {
    return { kind: 'unrelated' };
  }
  if (isGone) return { kind: 'invalidate' };
  const isSame = hasSameValidators(answer.headers, stored) && hasSameLength(answer.headers, stored);
  // A HEAD cannot freshen the fields of a part.
  if (isPart(stored) && isSame) return { kind: 'unrelated' };
  return isSame && stored.status === 200 ? freshening(comparison) : { kind: 'invalidate' };
}

/**
 * ETag decides, or else Last-Modified; a validator that only one of the two has decides nothing. The comparison is
 * weak, since the condition named this one response, and servers that compress weaken or mark the tag of a 200 but not
 * that of its 304.
 */
function hasSameValidators(headers: HeaderFields, stored: Stored): boolean {
  const etag = validatorIn(headers, 'etag');
  if (etag !== undefined && stored.etag !== undefined) return matchesDecoded(etag, stored.etag);
  const lastModified = validatorIn(headers, 'last-modified') ?? stored.lastModified;
  return stored.lastModified === undefined || lastModified === stored.lastModified;
}

/** A stored response that came without a length has the length of its body, and a part that of the whole. */
function hasSameLength(fresh: HeaderFields, stored: Stored): boolean {
  const one = fieldValue(fresh, 'content-length');
  const whole = (): string | number | undefined => fieldValue(stored.headers, 'content-length') ?? stored.bodyBytes;
  const other = isPart(stored) ? extentOf(stored)?.complete : whole();
  return one === undefined || other === undefined || one === String(other);
}

/** Updates the stored head with the answer's fields and times, and chooses its lifetime anew (sections 3.2, 4.3.4). */
export function freshening({ request, stored, answer, policy }: Comparison): Freshening {
  const { requestTime, responseTime } = answer;
  const { status } = stored;
  const merged = { status, headers: mergeFields(stored.headers, answer.headers), requestTime, responseTime };
  const names = selectingNames({ headers: merged.headers, hidesVary: wasSelectedByAll(stored.vary) });
  const received = readResponseFacts(merged.headers, responseTime, policy);
  const lifetime = chooseLifetime(merged, received, policy) ?? validateOnEachUse(policy);
  const headers = storableFields(merged.headers, received.directives, lifetime.source, policy);
  const head: StoredHead = {
    url: stored.url,
    method: stored.method,
    status,
    statusText: stored.statusText,
    headers,
    requestTime,
    responseTime,
    vary: stillSelectedBy(stored.vary, nominatedValues(names, request)),
    lifetime,
    headersHonoured: policy.cacheControl,
    redirectsTo: undefined,
  };
  return { kind: 'freshen', head, facts: factsOfStored(headers, received) };
}

/**
 * Keeps the values that the stored response was sent for: the request that renews it may have others, where it ignores
 * a field that Vary names, and the body is still not the one for these.
 */
function stillSelectedBy(stored: VaryValues, nominated: VaryValues): VaryValues {
  const values = new Map(stored);
  return nominated.map(([name, value]) => [name, values.has(name) ? (values.get(name) ?? null) : value]);
}

/** Makes the head of what `stored` and a newer part make together (section 3.4, RFC 9110 section 15.3.7.3). */
export function combinedHead(comparison: Comparison, extent: Extent): StoredHead {
  const { head } = freshening(comparison);
  const fields = { 'content-length': String(lengthOf(extent)), 'content-range': contentRange(extent) };
  const headers: Record<string, string | readonly string[]> = Object.assign(noFields(), head.headers, fields);
  if (!isWhole(extent)) return { ...head, status: 206, statusText: 'Partial Content', headers };
  delete headers['content-range'];
  return { ...head, status: 200, statusText: 'OK', headers };
}

type FailureDecision =
  | { readonly kind: 'serve-stale'; readonly age: Seconds }
  /** The cache answers with a 504 of its own, since the stale response may not be used. */
  | { readonly kind: 'gateway-timeout' }
  | { readonly kind: 'pass-through' };

interface Failure {
  readonly request: RequestHead;
  readonly stored: Stored;
  readonly failure: { readonly status: number } | 'network';
  readonly policy: DecisionPolicy;
  readonly now: EpochMs;
}

type Objection = (failure: Failure, rules: ResponseDirectives, remaining: Seconds) => boolean;

/** Each row is one reason not to bridge a failure. */
const NOT_BRIDGED: readonly Objection[] = [
  // Any other status is an answer, and 401, 403, 404 and 410 are important ones.
  // https://www.rfc-editor.org/rfc/rfc5861#section-4
  ({ failure, policy }) => failure !== 'network' && !policy.staleIfErrorCodes.has(failure.status),
  // These modes take nothing that is stored.
  // https://fetch.spec.whatwg.org/#concept-request-cache-mode
  ({ policy }) => policy.mode === 'reload' || policy.mode === 'no-store',
  // The caller takes what is stored only after successful validation, or not at all.
  // https://www.rfc-editor.org/rfc/rfc9111#section-5.2.1.4
  ({ request: { directives } }) => directives.noCache === true || directives.noStore === true,
  // The request limits what it takes, and does not say what it takes after an error.
  // https://www.rfc-editor.org/rfc/rfc9111#section-5.2.1.1
  ({ request: { directives } }) =>
    (directives.maxAge ?? directives.minFresh) !== undefined && directives.staleIfError === undefined,
  // https://www.rfc-editor.org/rfc/rfc9111#section-4.2.4
  ({ policy }, rules) => forbidsStale(rules, policy.shared),
  // https://www.rfc-editor.org/rfc/rfc9111#section-4.1
  ({ request, stored }) => variesOnEverything(request, stored),
  // If-Match and its like ask for the state at the origin.
  // https://www.rfc-editor.org/rfc/rfc9110#section-13.1.1
  ({ request }) => needsOrigin(request),
  // The windows of request, response and policy are over, or there is none.
  // https://www.rfc-editor.org/rfc/rfc5861#section-4
  (failure, rules, remaining) => !isWithinWindow(remaining, errorWindow(failure, rules)),
];

/** Decides whether the stored response bridges a failure of the origin (RFC 5861 section 4). */
export function staleIfError(of: Failure): FailureDecision {
  const { stored, policy, now } = of;
  const rules = storedDirectives(stored, policy);
  const age = currentAge(stored, now);
  const remaining = remainingFreshness(stored, policy, age, now);
  if (demandsError(of, rules, remaining)) return { kind: 'gateway-timeout' };
  const isBridged = !NOT_BRIDGED.some((applies) => applies(of, rules, remaining));
  return isBridged ? { kind: 'serve-stale', age } : { kind: 'pass-through' };
}

/**
 * Must-revalidate demands an error in place of a stale response (section 5.2.2.2). Only a policy by which the cache
 * answers for an origin that fails makes that error; with others the caller sees the failure itself.
 */
const demandsError: Objection = ({ failure, policy }, rules, remaining) =>
  failure === 'network' && (policy.staleIfError ?? 0) > 0 && forbidsStale(rules, policy.shared) && remaining <= 0;

/** The request says how long after its lifetime a response may bridge; or else the response or the policy does. */
const errorWindow = ({ request, policy }: Failure, rules: ResponseDirectives): Seconds =>
  request.directives.staleIfError ?? Math.max(rules.staleIfError ?? 0, policy.staleIfError ?? 0);
