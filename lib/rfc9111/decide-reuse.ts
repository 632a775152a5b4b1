/** This file decides whether a stored response answers a request, and how (RFC 9111 sections 4, 5.2.1, RFC 5861). */
import { forbidsStale, forbidsStoring, NO_DIRECTIVES, storedDirectives } from './cache-control.js';
import { isNotModified, isValidating, needsOrigin, validationFields } from './conditions.js';
import { currentAge, isWithinWindow, remainingFreshness } from './freshness.js';
import type {
  CacheReason,
  DecisionPolicy,
  EpochMs,
  HeaderFields,
  RequestDirectives,
  RequestHead,
  ResponseDirectives,
  Seconds,
  Stored,
} from './model.js';
import { isPart } from './parts.js';
import { holdsEnough, partOf, type Slice } from './ranges.js';
import { byPreference, isSelectedBy, variesOnEverything } from './vary.js';

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
  /** The origin is asked as the caller asks; `fallback` may stand in where that fails. */
  | { readonly kind: 'forward'; readonly reason: CacheReason; readonly fallback: S | undefined }
  /** The origin may not be asked, and nothing that is stored will do: the caller gets a 504. */
  | { readonly kind: 'unsatisfiable'; readonly reason: 'only-if-cached' };

/** This is what the caller asks, and by which policy. */
interface Ask {
  readonly request: RequestHead;
  readonly policy: DecisionPolicy;
}

/** Here one stored response is held against what one caller asks. */
interface Case<S extends Stored> extends Ask {
  readonly stored: S;
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
  const refusal = refusalOf(request, policy);
  if (refusal !== undefined) return forward({ request, policy }, refusal);
  const stored = chosenAmong(request, candidates, policy);
  if (stored === undefined) return forward({ request, policy }, whyNone(request, candidates, policy));
  const rules = storedDirectives(stored, policy);
  const age = currentAge(stored, now);
  const remaining = remainingFreshness(stored, policy, age, now);
  // Most requests demand nothing and find something fresh. They get it without a look at what only others can ask.
  if (remaining > 0 && demandsNothing(request, policy) && demandOfResponse(request, stored, rules) === undefined) {
    return { kind: 'reuse', stored, age, freshness: 'fresh', reason: 'fresh', answer: WHOLE };
  }
  return decideByMode({ request, policy, stored, rules, age, remaining });
}

/** True where neither the headers nor the mode say more than that the resource is wanted. */
const demandsNothing = (request: RequestHead, { mode }: DecisionPolicy): boolean =>
  mode === 'default' && request.directives === NO_DIRECTIVES && !request.isConditional;

/** Gives the best of those that may answer the request. */
function chosenAmong<S extends Stored>(
  request: RequestHead,
  candidates: readonly S[],
  policy: DecisionPolicy,
): S | undefined {
  let best: S | undefined;
  for (const stored of candidates) {
    const fits = isUsable(request, policy, stored) && holdsEnough(request, stored) && isSelectedBy(request, stored);
    if (fits && (best === undefined || byPreference(stored, best) < 0)) best = stored;
  }
  return best;
}

/** Says why no candidate may answer. */
function whyNone(request: RequestHead, candidates: readonly Stored[], policy: DecisionPolicy): CacheReason {
  const usable = candidates.filter((stored) => isUsable(request, policy, stored));
  if (usable.some((stored) => holdsEnough(request, stored))) return 'vary-miss';
  return usable.length > 0 ? 'partial' : 'uri-miss';
}

/** True where the caller asks for an answer newer than its request, whatever is stored or under way. */
export function demandsNewAnswer({ directives }: RequestHead, { mode }: DecisionPolicy): boolean {
  return mode === 'reload' || mode === 'no-cache' || directives.noCache === true || directives.maxAge === 0;
}

/** Says why nothing that is stored will do, whatever it is: the first row that applies decides. */
function refusalOf(request: RequestHead, policy: DecisionPolicy): CacheReason | undefined {
  for (const [reason, applies] of NOTHING_STORED_WILL_DO) {
    if (applies(request, policy)) return reason;
  }
  return undefined;
}

type Refusal = readonly [CacheReason, (request: RequestHead, policy: DecisionPolicy) => boolean];

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
  return !forbidsStoring(rules, stored.status) && !(policy.shared && rules.private === true);
}

/** The modes are those of the Fetch standard. */
function decideByMode<S extends Stored>(of: Case<S>): ReuseDecision<S> {
  switch (of.policy.mode) {
    case 'reload':
      return forward(of, 'reload', of.stored);
    case 'no-cache':
      return isUnchanged(of) ? reuse(of, 'fresh') : validate(of, 'no-cache');
    case 'force-cache':
    case 'only-if-cached':
      return serveAnything(of, of.policy.mode);
    default:
      return decideByRules(of);
  }
}

/** Serves what is stored, fresh or stale, as the caller says. Only `Vary: *` leaves open whether it is an answer. */
function serveAnything<S extends Stored>(of: Case<S>, reason: 'force-cache' | 'only-if-cached'): ReuseDecision<S> {
  if (variesOnEverything(of.request, of.stored)) return validate(of, 'vary-miss');
  return reuse(of, isFresh(of) ? 'fresh' : reason);
}

function decideByRules<S extends Stored>(of: Case<S>): ReuseDecision<S> {
  const demand = demandOfResponse(of.request, of.stored, of.rules) ?? demandOfRequest(of);
  if (demand !== undefined) return validate(of, demand);
  // https://www.rfc-editor.org/rfc/rfc9111#section-4.2
  if (isFresh(of)) return reuse(of, 'fresh');
  // https://www.rfc-editor.org/rfc/rfc9111#section-4.2.4
  if (forbidsStale(of.rules, of.policy.shared)) return validate(of, 'must-revalidate');
  const { maxStale = 0, maxAge } = of.request.directives;
  // https://www.rfc-editor.org/rfc/rfc9111#section-5.2.1.2
  if (isWithinWindow(of.remaining, maxStale)) return reuse(of, 'max-stale');
  // A request with max-age takes no stale response, unless it says max-stale too (RFC 9111 section 5.2.1.1).
  // https://www.rfc-editor.org/rfc/rfc5861#section-3
  if (maxAge === undefined && isWithinWindow(of.remaining, refreshWindow(of))) return reuseAndRefresh(of);
  return validate(of, 'expired');
}

/** Says why a stored response, fresh or stale, must be validated by its own word. */
function demandOfResponse(
  request: RequestHead,
  stored: Stored,
  rules: ResponseDirectives,
): CacheReason | undefined {
  // No request matches `Vary: *`.
  // https://www.rfc-editor.org/rfc/rfc9111#section-4.1
  if (variesOnEverything(request, stored)) return 'vary-miss';
  // https://www.rfc-editor.org/rfc/rfc9111#section-5.2.2.4
  return rules.noCache === true ? 'no-cache' : undefined;
}

/** Says why the stored response, fresh or stale, must be validated by the request's word: the first row decides. */
function demandOfRequest(of: Case<Stored>): CacheReason | undefined {
  for (const [reason, applies] of DEMANDS_OF_REQUEST) {
    if (applies(of.request.directives, of)) return reason;
  }
  return undefined;
}

type Demand = readonly [CacheReason, (asked: RequestDirectives, of: Case<Stored>) => boolean];

const DEMANDS_OF_REQUEST: readonly Demand[] = [
  // Without Cache-Control, `Pragma: no-cache` means the same (section 5.4).
  // https://www.rfc-editor.org/rfc/rfc9111#section-5.2.1.4
  ['no-cache', ({ noCache }) => noCache === true],
  // A max-age of 0, as a reload sends it, asks for validation even of what came in the same instant.
  // https://www.rfc-editor.org/rfc/rfc9111#section-5.2.1.1
  ['max-age', ({ maxAge }, of) => (maxAge === 0 ? !isUnchanged(of) : (maxAge ?? Infinity) < of.age)],
  // https://www.rfc-editor.org/rfc/rfc9111#section-5.2.1.3
  ['min-fresh', ({ minFresh }, { remaining }) => remaining < (minFresh ?? -Infinity)],
];

/** A response is fresh while its lifetime is greater than its age (section 4.2). */
const isFresh = ({ remaining }: Case<Stored>): boolean => remaining > 0;

/**
 * An immutable response does not change while it is fresh, so that a reload, which is a `max-age=0` or the mode
 * `'no-cache'`, has nothing to validate. `reload` and the directive `no-cache` ask the origin all the same.
 * https://www.rfc-editor.org/rfc/rfc8246#section-2
 */
const isUnchanged = (of: Case<Stored>): boolean =>
  of.rules.immutable === true && isFresh(of) && demandOfResponse(of.request, of.stored, of.rules) === undefined;

const refreshWindow = ({ rules, policy }: Case<Stored>): Seconds =>
  Math.max(rules.staleWhileRevalidate ?? 0, policy.staleWhileRevalidate ?? 0);

function reuse<S extends Stored>(of: Case<S>, reason: CacheReason): ReuseDecision<S> {
  const { stored, age } = of;
  const answer = answerFor(of);
  if (answer.kind === 'origin' && !isOffline(of)) return forward(of, answer.reason, stored);
  return {
    kind: 'reuse',
    stored,
    age,
    freshness: isFresh(of) ? 'fresh' : 'stale',
    reason,
    answer: answer.kind === 'origin' ? unconditionalAnswer(of) : answer,
  };
}

/** Answers a caller whose condition or range cannot be put to the origin. */
function unconditionalAnswer({ request, stored }: Case<Stored>): ReuseAnswer {
  const slice = isPart(stored) ? partOf(request, stored) : undefined;
  return slice === undefined ? WHOLE : { kind: 'part', slice };
}

interface OriginAnswers {
  readonly kind: 'origin';
  readonly reason: 'condition-failed' | 'partial';
}

const CONDITION_FAILED: OriginAnswers = { kind: 'origin', reason: 'condition-failed' };

/** Heeds the caller's own conditions and range (sections 3.3, 4.3.2). */
function answerFor({ request, stored }: Case<Stored>): ReuseAnswer | OriginAnswers {
  if (!request.isConditional) return WHOLE;
  if (needsOrigin(request) || !isValidating(request.method)) return CONDITION_FAILED;
  const notModified = isNotModified(request, stored);
  if (notModified !== undefined) return notModified ? { kind: 'not-modified' } : CONDITION_FAILED;
  if (request.headers['range'] === undefined || request.method !== 'GET') return WHOLE;
  const slice = partOf(request, stored);
  return slice === undefined ? { kind: 'origin', reason: 'partial' } : { kind: 'part', slice };
}

function reuseAndRefresh<S extends Stored>(of: Case<S>): ReuseDecision<S> {
  if (isOffline(of) || of.request.isConditional) return validate(of, 'expired');
  const { stored, age } = of;
  const conditions = conditionsOn(of);
  return { kind: 'reuse-and-refresh', stored, age, conditions, reason: 'stale-while-revalidate' };
}

/** Validates where that is possible. A caller's own conditions go to the origin as they are. */
function validate<S extends Stored>(of: Case<S>, reason: CacheReason): ReuseDecision<S> {
  const { stored, request } = of;
  const conditions = conditionsOn(of);
  const isPossible = !isOffline(of) && !request.isConditional && Object.keys(conditions).length > 0;
  return isPossible ? { kind: 'validate', stored, conditions, reason } : forward(of, reason, stored);
}

const conditionsOn = ({ request, stored }: Case<Stored>): HeaderFields =>
  isValidating(request.method) ? validationFields(stored) : {};

/** True where the origin may not be asked (section 5.2.1.7). */
const isOffline = ({ request, policy }: Ask): boolean =>
  policy.mode === 'only-if-cached' || request.directives.onlyIfCached === true;

const forward = <S extends Stored>(ask: Ask, reason: CacheReason, fallback?: S): ReuseDecision<S> =>
  isOffline(ask) ? { kind: 'unsatisfiable', reason: 'only-if-cached' } : { kind: 'forward', reason, fallback };
