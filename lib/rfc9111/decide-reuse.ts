/** This file decides whether a stored response answers a request, and how (RFC 9111 sections 4, 5.2.1, RFC 5861). */
import { forbidsStale, forbidsStoring, NO_DIRECTIVES, storedDirectives } from './cache-control.js';
import { isNotModified, isValidating, needsOrigin, validationFields } from './conditions.js';
import { currentAge, isFromFuture, isWithinWindow, remainingFreshness } from './freshness.js';
import type {
  CacheReason,
  DecisionPolicy,
  EpochMs,
  HeaderFields,
  RequestHead,
  ResponseDirectives,
  Seconds,
  Stored,
} from './model.js';
import { fieldsForRest, isPart } from './parts.js';
import { holdsEnough, partOf, type Slice } from './ranges.js';
import { byPreference, isSelectedBy, selectMatching, variesOnEverything } from './vary.js';

/** This tells which part of the stored response answers the request. */
type ReuseAnswer =
  | { readonly kind: 'whole' }
  /** The caller's own condition is answered by a 304. */
  | { readonly kind: 'not-modified' }
  | { readonly kind: 'part'; readonly slice: Slice };

export type ReuseDecision<S extends Stored = Stored> =
  | {
      readonly kind: 'reuse';
      readonly stored: S;
      readonly age: Seconds;
      readonly freshness: 'fresh' | 'stale';
      readonly reason: CacheReason;
      readonly answer: ReuseAnswer;
    }
  | {
      readonly kind: 'reuse-and-refresh';
      readonly stored: S;
      readonly age: Seconds;
      /** The refresh is sent with these; they are empty where the stored response has no validator. */
      readonly conditions: HeaderFields;
      readonly reason: 'stale-while-revalidate';
    }
  | { readonly kind: 'validate'; readonly stored: S; readonly conditions: HeaderFields; readonly reason: CacheReason }
  /** The origin is asked for the bytes that the stored part lacks. */
  | { readonly kind: 'complete'; readonly stored: S; readonly conditions: HeaderFields; readonly reason: 'partial' }
  /** The origin is asked as the caller asks; `fallback` may stand in where that fails. */
  | { readonly kind: 'forward'; readonly reason: CacheReason; readonly fallback: S | undefined }
  /** The origin may not be asked, and nothing that is stored will do: the caller gets a 504. */
  | { readonly kind: 'unsatisfiable'; readonly reason: 'only-if-cached' };

/** Here one stored response is held against what one caller asks. */
interface Case {
  readonly request: RequestHead;
  readonly policy: DecisionPolicy;
  readonly stored: Stored;
  /** These directives of the stored response bind this caller. */
  readonly rules: ResponseDirectives;
  readonly age: Seconds;
  /** So many seconds of freshness are left; at 0 or less the response is stale. */
  readonly remaining: Seconds;
}

/** All decisions that serve the whole response, as most do, share this object. */
const WHOLE: ReuseAnswer = Object.freeze({ kind: 'whole' });

/** Decides for `request` among what is stored under its key: `candidates` come in any order, and of any variant. */
export function decideReuse<S extends Stored>(
  request: RequestHead,
  candidates: readonly S[],
  policy: DecisionPolicy,
  now: EpochMs,
): ReuseDecision<S> {
  const refusal = NOTHING_STORED_WILL_DO.find((row) => row[1](request, policy));
  const stored = refusal === undefined ? chosenAmong(request, candidates, policy, now) : undefined;
  if (stored === undefined) {
    if (isOffline(request, policy)) return UNSATISFIABLE;
    const reason = refusal?.[0] ?? whyNone(request, candidates, policy);
    const completion = reason === 'partial' ? completionOf(request, candidates, policy) : undefined;
    return completion ?? { kind: 'forward', reason, fallback: undefined };
  }
  const rules = storedDirectives(stored, policy);
  const age = currentAge(stored, now);
  const remaining = remainingFreshness(stored, policy, age, now);
  // Most requests demand nothing and find something fresh. They get it without a look at what only others can ask.
  const isPlain = remaining > 0 && demandsNothing(request, policy);
  if (isPlain && rules.noCache !== true && !variesOnEverything(request, stored)) {
    return { kind: 'reuse', stored, age, freshness: 'fresh', reason: 'fresh', answer: WHOLE };
  }
  const of = { request, policy, stored, rules, age, remaining };
  const [kind, reason] = VERDICTS.find((row) => row[2](of)) ?? EXPIRED;
  return kind === 'reuse' ? reuse(of, reason) : askOrigin(of, kind, reason);
}

/** True where neither the headers nor the mode say more than that the resource is wanted. */
const demandsNothing = (request: RequestHead, { mode }: DecisionPolicy): boolean =>
  mode === 'default' && request.directives === NO_DIRECTIVES && !request.isConditional;

/** Gives the best of those that may answer the request: one from the future only where there is no other. */
function chosenAmong<S extends Stored>(
  request: RequestHead,
  candidates: readonly S[],
  policy: DecisionPolicy,
  now: EpochMs,
): S | undefined {
  let best: S | undefined;
  for (const stored of candidates) {
    const fits = isUsable(request, policy, stored) && holdsEnough(request, stored) && isSelectedBy(request, stored);
    if (fits && (best === undefined || isBetter(stored, best, now))) best = stored;
  }
  return best;
}

function isBetter(one: Stored, other: Stored, now: EpochMs): boolean {
  const isLater = isFromFuture(one.responseTime, now);
  return isLater === isFromFuture(other.responseTime, now) ? byPreference(one, other) < 0 : !isLater;
}

/** Says why no candidate may answer. */
function whyNone(request: RequestHead, candidates: readonly Stored[], policy: DecisionPolicy): CacheReason {
  const usable = candidates.filter((stored) => isUsable(request, policy, stored));
  if (usable.some((stored) => holdsEnough(request, stored))) return 'vary-miss';
  return usable.length > 0 ? 'partial' : 'uri-miss';
}

/** Finds a stored part that makes the whole answer together with what it lacks. */
function completionOf<S extends Stored>(
  request: RequestHead,
  candidates: readonly S[],
  policy: DecisionPolicy,
): ReuseDecision<S> | undefined {
  if (request.method !== 'GET' || request.isConditional || policy.mode === 'reload') return undefined;
  for (const stored of policy.conditionalRequests ? selectMatching(request, candidates) : []) {
    const conditions = isUsable(request, policy, stored) ? fieldsForRest(stored, policy.maxEntryBytes) : undefined;
    if (conditions !== undefined) return { kind: 'complete', stored, conditions, reason: 'partial' };
  }
  return undefined;
}

/** True where the caller asks for an answer newer than its request, whatever is stored or under way. */
export function demandsNewAnswer({ directives }: RequestHead, { mode }: DecisionPolicy): boolean {
  return mode === 'reload' || mode === 'no-cache' || directives.noCache === true || directives.maxAge === 0;
}

type Refusal = readonly [CacheReason, (request: RequestHead, policy: DecisionPolicy) => boolean];

/** In these cases nothing that is stored will do, whatever it is: the first row that applies says why. */
const NOTHING_STORED_WILL_DO: readonly Refusal[] = [
  // https://www.rfc-editor.org/rfc/rfc9111#section-4
  ['method', ({ method }, policy) => !policy.allowsMethod(method)],
  // The Fetch mode of this name means the same as the directive.
  // https://fetch.spec.whatwg.org/#concept-request-cache-mode
  ['no-store', (_request, { mode }) => mode === 'no-store'],
  // https://www.rfc-editor.org/rfc/rfc9111#section-5.2.1.5
  ['no-store', ({ directives }) => directives.noStore === true],
];

/** True where `stored` could be chosen at all: what this caller may not have stored is as if it were absent. */
function isUsable({ method }: RequestHead, policy: DecisionPolicy, stored: Stored): boolean {
  const answersMethod = stored.method === method || (method === 'HEAD' && stored.method === 'GET');
  if (!answersMethod) return false;
  const isRedirect = stored.redirectsTo !== undefined;
  const isWanted = isRedirect ? policy.ignoresRedirects !== true : policy.allowsStatus(stored.status);
  if (!isWanted) return false;
  const rules = storedDirectives(stored, policy);
  if (forbidsStoring(rules, stored.status)) return false;
  // A cache that was not shared when it stored the response has kept the cookies of one user.
  return !policy.shared || (rules.private !== true && stored.headers['set-cookie'] === undefined);
}

type Kind = Exclude<ReuseDecision['kind'], 'unsatisfiable' | 'complete'>;
type Verdict = readonly [Kind, CacheReason, applies: (of: Case) => boolean];

/** The first row that applies decides what becomes of the stored response; the modes are the Fetch standard's. */
const VERDICTS: readonly Verdict[] = [
  // https://fetch.spec.whatwg.org/#concept-request-cache-mode
  ['forward', 'reload', ({ policy }) => policy.mode === 'reload'],
  ['validate', 'no-cache', (of) => of.policy.mode === 'no-cache' && !isUnchanged(of)],
  // No request matches `Vary: *`, which leaves open even for those who take anything whether it is an answer.
  // https://www.rfc-editor.org/rfc/rfc9111#section-4.1
  ['validate', 'vary-miss', ({ request, stored }) => variesOnEverything(request, stored)],
  // These modes take what is stored, fresh or stale.
  // https://fetch.spec.whatwg.org/#concept-request-cache-mode
  ['reuse', 'force-cache', ({ policy, remaining }) => policy.mode === 'force-cache' && remaining <= 0],
  ['reuse', 'only-if-cached', ({ policy, remaining }) => policy.mode === 'only-if-cached' && remaining <= 0],
  ['reuse', 'fresh', ({ policy }) => policy.mode !== 'default'],
  // https://www.rfc-editor.org/rfc/rfc9111#section-5.2.2.4
  ['validate', 'no-cache', ({ rules }) => rules.noCache === true],
  // Without Cache-Control, `Pragma: no-cache` means the same (section 5.4).
  // https://www.rfc-editor.org/rfc/rfc9111#section-5.2.1.4
  ['validate', 'no-cache', ({ request }) => request.directives.noCache === true],
  // A max-age of 0, as a reload sends it, asks for validation even of what came in the same instant.
  // https://www.rfc-editor.org/rfc/rfc9111#section-5.2.1.1
  [
    'validate',
    'max-age',
    (of) => {
      const { maxAge = Infinity } = of.request.directives;
      return maxAge === 0 ? !isUnchanged(of) : maxAge < of.age;
    },
  ],
  // https://www.rfc-editor.org/rfc/rfc9111#section-5.2.1.3
  ['validate', 'min-fresh', ({ request, remaining }) => remaining < (request.directives.minFresh ?? -Infinity)],
  // A response is fresh while its lifetime is greater than its age.
  // https://www.rfc-editor.org/rfc/rfc9111#section-4.2
  ['reuse', 'fresh', ({ remaining }) => remaining > 0],
  // https://www.rfc-editor.org/rfc/rfc9111#section-4.2.4
  ['validate', 'must-revalidate', ({ rules, policy }) => forbidsStale(rules, policy.shared)],
  // https://www.rfc-editor.org/rfc/rfc9111#section-5.2.1.2
  ['reuse', 'max-stale', ({ request, remaining }) => isWithinWindow(remaining, request.directives.maxStale ?? 0)],
  // A request with max-age takes no stale response, unless it says max-stale too (RFC 9111 section 5.2.1.1). One with
  // conditions of its own is for the origin, which judges them.
  // https://www.rfc-editor.org/rfc/rfc5861#section-3
  [
    'reuse-and-refresh',
    'stale-while-revalidate',
    ({ request, rules, policy, remaining }) =>
      request.directives.maxAge === undefined &&
      !request.isConditional &&
      isWithinWindow(remaining, Math.max(rules.staleWhileRevalidate ?? 0, policy.staleWhileRevalidate ?? 0)),
  ],
];
const EXPIRED = ['validate', 'expired'] as const;

/**
 * An immutable response does not change while it is fresh, so that a reload, which is a `max-age=0` or the mode
 * `'no-cache'`, has nothing to validate. `reload` and the directive `no-cache` ask the origin all the same.
 * https://www.rfc-editor.org/rfc/rfc8246#section-2
 */
const isUnchanged = ({ request, stored, rules, remaining }: Case): boolean =>
  rules.immutable === true && rules.noCache !== true && remaining > 0 && !variesOnEverything(request, stored);

type CaseOf<S extends Stored> = Case & { readonly stored: S };

function reuse<S extends Stored>(of: CaseOf<S>, reason: CacheReason): ReuseDecision<S> {
  const { request, policy, stored, age, remaining } = of;
  let answer = answerFor(request, stored);
  if (typeof answer === 'string') {
    if (!isOffline(request, policy)) return { kind: 'forward', reason: answer, fallback: stored };
    answer = unconditionalAnswer(request, stored);
  }
  return { kind: 'reuse', stored, age, freshness: remaining > 0 ? 'fresh' : 'stale', reason, answer };
}

/** Answers a caller whose condition or range cannot be put to the origin. */
function unconditionalAnswer(request: RequestHead, stored: Stored): ReuseAnswer {
  const slice = isPart(stored) ? partOf(request, stored) : undefined;
  return slice === undefined ? WHOLE : { kind: 'part', slice };
}

/** Heeds the caller's own conditions and range (sections 3.3, 4.3.2). A reason means that the origin has to answer. */
function answerFor(request: RequestHead, stored: Stored): ReuseAnswer | 'condition-failed' | 'partial' {
  if (!request.isConditional) return WHOLE;
  if (needsOrigin(request) || !isValidating(request.method)) return 'condition-failed';
  const notModified = isNotModified(request, stored);
  if (notModified !== undefined) return notModified ? { kind: 'not-modified' } : 'condition-failed';
  if (request.headers['range'] === undefined || request.method !== 'GET') return WHOLE;
  const slice = partOf(request, stored);
  return slice === undefined ? 'partial' : { kind: 'part', slice };
}

/** Validates where that is possible. A caller's own conditions go to the origin as they are. */
function askOrigin<S extends Stored>(
  { request, policy, stored, age }: CaseOf<S>,
  kind: Exclude<Kind, 'reuse'>,
  reason: CacheReason,
): ReuseDecision<S> {
  if (isOffline(request, policy)) return UNSATISFIABLE;
  const conditions = policy.conditionalRequests && isValidating(request.method) ? validationFields(stored) : {};
  if (kind === 'reuse-and-refresh') return { kind, stored, age, conditions, reason: 'stale-while-revalidate' };
  const isPossible = kind === 'validate' && !request.isConditional && Object.keys(conditions).length > 0;
  return isPossible ? { kind, stored, conditions, reason } : { kind: 'forward', reason, fallback: stored };
}

const UNSATISFIABLE = Object.freeze({ kind: 'unsatisfiable', reason: 'only-if-cached' });

/** True where the origin may not be asked (section 5.2.1.7). */
const isOffline = ({ directives }: RequestHead, { mode }: DecisionPolicy): boolean =>
  mode === 'only-if-cached' || directives.onlyIfCached === true;
