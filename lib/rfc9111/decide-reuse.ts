/** Whether a stored response answers a request, and how (RFC 9111 sections 4 and 5.2.1, RFC 5861 section 3). */
import { forbidsStale, forbidsStoring, NO_DIRECTIVES, storedDirectives } from './cache-control.js';
import { isNotModified, isValidating, needsOrigin, validationFields } from './conditions.js';
import { currentAge, isWithinWindow, remainingFreshness } from './freshness.js';
import type { CacheReason, DecisionPolicy, EpochMs, HeaderFields, RequestDirectives, RequestHead, ResponseDirectives, Seconds, Stored } from './model.js';
import { isPart } from './parts.js';
import { holdsEnough, partOf, type Slice } from './ranges.js';
import { byPreference, isSelectedBy, variesOnEverything } from './vary.js';

/** What of the stored response the caller is given. */
type ReuseAnswer =
  | { readonly kind: 'whole' }
  /** A 304 to the caller's own condition. */
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
      /** For the refresh; empty where the stored response has no validator. */
      readonly conditions: HeaderFields;
      readonly reason: 'stale-while-revalidate';
    }
  | { readonly kind: 'validate'; readonly stored: S; readonly conditions: HeaderFields; readonly reason: CacheReason }
  /** Ask the origin as the caller does; `fallback`: what may stand in for its failure. */
  | { readonly kind: 'forward'; readonly reason: CacheReason; readonly fallback: S | undefined }
  /** The origin may not be asked, and nothing stored will do: a 504. */
  | { readonly kind: 'unsatisfiable'; readonly reason: 'only-if-cached' };

/** What the caller asks. */
interface Ask {
  readonly request: RequestHead;
  readonly policy: DecisionPolicy;
}

/** One stored response before one caller. */
interface Case<S extends Stored> extends Ask {
  readonly stored: S;
  /** The stored directives, as far as headers count. */
  readonly rules: ResponseDirectives;
  readonly age: Seconds;
  /** Seconds of freshness left; 0 or less: stale. */
  readonly remaining: Seconds;
}

/** Shared by all decisions that serve the whole, which most do. */
const WHOLE: ReuseAnswer = Object.freeze({ kind: 'whole' });

/** Decides for `request` among what is stored under its key; `candidates` in any order, of any variant. */
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
  // Most requests demand nothing and find something fresh: they get it without a look at what only others can ask.
  if (remaining > 0 && demandsNothing(request, policy) && demandOfResponse(stored, rules) === undefined) {
    return { kind: 'reuse', stored, age, freshness: 'fresh', reason: 'fresh', answer: WHOLE };
  }
  return decideByMode({ request, policy, stored, rules, age, remaining });
}

/** True where neither headers nor mode say more than that the resource is wanted. */
const demandsNothing = (request: RequestHead, { mode }: DecisionPolicy): boolean =>
  mode === 'default' && request.directives === NO_DIRECTIVES && !request.isConditional;

/** The best of those that may answer. */
function chosenAmong<S extends Stored>(request: RequestHead, candidates: readonly S[], policy: DecisionPolicy): S | undefined {
  let best: S | undefined;
  for (const stored of candidates) {
    const fits = isUsable(request, policy, stored) && holdsEnough(request, stored) && isSelectedBy(request, stored);
    if (fits && (best === undefined || byPreference(stored, best) < 0)) best = stored;
  }
  return best;
}

function whyNone(request: RequestHead, candidates: readonly Stored[], policy: DecisionPolicy): CacheReason {
  const usable = candidates.filter((stored) => isUsable(request, policy, stored));
  if (usable.some((stored) => holdsEnough(request, stored))) return 'vary-miss';
  return usable.length > 0 ? 'partial' : 'uri-miss';
}

/** Whether the caller asks for an answer newer than its request, whatever is stored or under way. */
export function demandsNewAnswer({ directives }: RequestHead, { mode }: DecisionPolicy): boolean {
  return mode === 'reload' || mode === 'no-cache' || directives.noCache === true || directives.maxAge === 0;
}

/** Why nothing that is stored will do, whatever it is: the first that applies. */
function refusalOf(request: RequestHead, policy: DecisionPolicy): CacheReason | undefined {
  for (const [reason, applies] of NOTHING_STORED_WILL_DO) {
    if (applies(request, policy)) return reason;
  }
  return undefined;
}

const NOTHING_STORED_WILL_DO: readonly (readonly [CacheReason, (request: RequestHead, policy: DecisionPolicy) => boolean])[] = [
  // Section 4: the stored response's method has to allow it.
  ['method', ({ method }, policy) => !policy.allowsMethod(method)],
  ['no-store', (_request, { mode }) => mode === 'no-store'],
  // Section 5.2.1.5.
  ['no-store', ({ directives }) => directives.noStore === true],
];

/** Whether `stored` could be chosen at all: what may not be stored, or not by this caller, is as if it were absent. */
function isUsable({ method }: RequestHead, policy: DecisionPolicy, stored: Stored): boolean {
  const answersMethod = stored.method === method || (method === 'HEAD' && stored.method === 'GET');
  if (!answersMethod) return false;
  const isWanted = stored.redirectsTo === undefined ? policy.allowsStatus(stored.status) : policy.ignoresRedirects !== true;
  if (!isWanted) return false;
  const rules = storedDirectives(stored, policy);
  return !forbidsStoring(rules, stored.status) && !(policy.shared && rules.private === true);
}

/** The Fetch standard's cache modes. */
function decideByMode<S extends Stored>(of: Case<S>): ReuseDecision<S> {
  switch (of.policy.mode) {
    case 'reload':
      return forward(of, 'reload', of.stored);
    case 'no-cache':
      return validate(of, 'no-cache');
    case 'force-cache':
    case 'only-if-cached':
      return serveAnything(of, of.policy.mode);
    default:
      return decideByRules(of);
  }
}

/** Fresh or stale, whatever the directives: the caller says so. Only `Vary: *` leaves open whether it is an answer. */
function serveAnything<S extends Stored>(of: Case<S>, reason: 'force-cache' | 'only-if-cached'): ReuseDecision<S> {
  if (variesOnEverything(of.stored)) return validate(of, 'vary-miss');
  return reuse(of, isFresh(of) ? 'fresh' : reason);
}

function decideByRules<S extends Stored>(of: Case<S>): ReuseDecision<S> {
  const demand = demandOfResponse(of.stored, of.rules) ?? demandOfRequest(of);
  if (demand !== undefined) return validate(of, demand);
  if (isFresh(of)) return reuse(of, 'fresh');
  if (forbidsStale(of.rules, of.policy.shared)) return validate(of, 'must-revalidate');
  const { maxStale = 0, maxAge } = of.request.directives;
  if (isWithinWindow(of.remaining, maxStale)) return reuse(of, 'max-stale');
  // A request max-age asks for no stale response, unless max-stale does (section 5.2.1.1).
  if (maxAge === undefined && isWithinWindow(of.remaining, refreshWindow(of))) return reuseAndRefresh(of);
  return validate(of, 'expired');
}

/** Why a stored response is not used without validation, fresh or stale, by what it says itself. */
function demandOfResponse(stored: Stored, rules: ResponseDirectives): CacheReason | undefined {
  // Section 4.1: `Vary: *` matches nothing.
  if (variesOnEverything(stored)) return 'vary-miss';
  // Section 5.2.2.4.
  return rules.noCache === true ? 'no-cache' : undefined;
}

/** The same by what the request says: the first that applies. */
function demandOfRequest(of: Case<Stored>): CacheReason | undefined {
  for (const [reason, applies] of DEMANDS_OF_REQUEST) {
    if (applies(of.request.directives, of)) return reason;
  }
  return undefined;
}

const DEMANDS_OF_REQUEST: readonly (readonly [CacheReason, (asked: RequestDirectives, of: Case<Stored>) => boolean])[] = [
  // Section 5.2.1.4, and Pragma in section 5.4.
  ['no-cache', ({ noCache }) => noCache === true],
  // Section 5.2.1.1; 0 asks for validation even of what came in the same instant.
  ['max-age', ({ maxAge }, { age }) => maxAge === 0 || (maxAge ?? Infinity) < age],
  // Section 5.2.1.3.
  ['min-fresh', ({ minFresh }, { remaining }) => remaining < (minFresh ?? -Infinity)],
];

/** Section 4.2: fresh while the lifetime is greater than the age. */
const isFresh = ({ remaining }: Case<Stored>): boolean => remaining > 0;

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

/** For those whose condition or range cannot be put to the origin. */
function unconditionalAnswer({ request, stored }: Case<Stored>): ReuseAnswer {
  const slice = isPart(stored) ? partOf(request, stored) : undefined;
  return slice === undefined ? WHOLE : { kind: 'part', slice };
}

interface OriginAnswers {
  readonly kind: 'origin';
  readonly reason: 'condition-failed' | 'partial';
}

const CONDITION_FAILED: OriginAnswers = { kind: 'origin', reason: 'condition-failed' };

/** By the caller's own conditions and range (sections 3.3, 4.3.2). */
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

/** Validation, where it is possible; a caller's own conditions go to the origin as they are. */
function validate<S extends Stored>(of: Case<S>, reason: CacheReason): ReuseDecision<S> {
  const { stored, request } = of;
  const conditions = conditionsOn(of);
  const isPossible = !isOffline(of) && !request.isConditional && Object.keys(conditions).length > 0;
  return isPossible ? { kind: 'validate', stored, conditions, reason } : forward(of, reason, stored);
}

const conditionsOn = ({ request, stored }: Case<Stored>): HeaderFields =>
  isValidating(request.method) ? validationFields(stored) : {};

/** Whether the origin may not be asked. */
const isOffline = ({ request, policy }: Ask): boolean =>
  policy.mode === 'only-if-cached' || request.directives.onlyIfCached === true;

const forward = <S extends Stored>(ask: Ask, reason: CacheReason, fallback?: S): ReuseDecision<S> =>
  isOffline(ask) ? { kind: 'unsatisfiable', reason: 'only-if-cached' } : { kind: 'forward', reason, fallback };
