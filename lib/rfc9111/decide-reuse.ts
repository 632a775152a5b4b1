/** Whether a stored response answers a request, and how (RFC 9111 sections 4 and 5.2.1, RFC 5861 section 3). */
import { forbidsStale, forbidsStoring, responseDirectives } from './cache-control.js';
import { isNotModified, isValidating, needsOrigin, validationFields } from './conditions.js';
import { type Freshness, freshnessOf, isWithinWindow } from './freshness.js';
import type { CacheReason, DecisionPolicy, EpochMs, HeaderFields, RequestDirectives, RequestHead, ResponseDirectives, Seconds, Stored } from './model.js';
import { isPart } from './parts.js';
import { holdsEnough, partOf, type Slice } from './ranges.js';
import { selectMatching, variesOnEverything } from './vary.js';

/** What of the stored response the caller is given. */
export type ReuseAnswer =
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

/** What the caller asks, as far as headers count. */
interface Ask {
  readonly request: RequestHead;
  readonly policy: DecisionPolicy;
  readonly directives: RequestDirectives;
  /** The origin may not be asked. */
  readonly offline: boolean;
}

/** One stored response before one caller. */
interface Case<S extends Stored> extends Ask {
  readonly stored: S;
  /** The stored directives, as far as headers count. */
  readonly rules: ResponseDirectives;
  readonly freshness: Freshness;
}

/** Decides for `request` among what is stored under its key; `candidates` in any order, of any variant. */
export function decideReuse<S extends Stored>(
  request: RequestHead,
  candidates: readonly S[],
  policy: DecisionPolicy,
  now: EpochMs,
): ReuseDecision<S> {
  const { directives } = request;
  const offline = policy.mode === 'only-if-cached' || directives.onlyIfCached === true;
  const ask: Ask = { request, policy, directives, offline };
  const refusal = NOTHING_STORED_WILL_DO.find(([, applies]) => applies(ask));
  if (refusal !== undefined) return forward(ask, refusal[0]);
  const usable = candidates.filter((stored) => isUsable(ask, stored));
  const sufficient = usable.filter((stored) => holdsEnough(request, stored));
  const [stored] = selectMatching(request, sufficient);
  if (stored === undefined) return forward(ask, whyNone(usable, sufficient));
  const rules = responseDirectives(stored, policy);
  const freshness = freshnessOf(stored, policy, now);
  // Named one by one: on each hit a spread would take longer than the whole decision.
  return decideByMode({ request, policy, directives, offline, stored, rules, freshness });
}

function whyNone(usable: readonly Stored[], sufficient: readonly Stored[]): CacheReason {
  if (sufficient.length > 0) return 'vary-miss';
  return usable.length > 0 ? 'partial' : 'uri-miss';
}

/** Whether the caller asks for an answer newer than its request, whatever is stored or under way. */
export function demandsNewAnswer(request: RequestHead, policy: DecisionPolicy): boolean {
  const { noCache, maxAge } = request.directives;
  return policy.mode === 'reload' || policy.mode === 'no-cache' || noCache === true || maxAge === 0;
}

const NOTHING_STORED_WILL_DO: readonly (readonly [CacheReason, (ask: Ask) => boolean])[] = [
  // Section 4: the stored response's method has to allow it.
  ['method', ({ request, policy }) => !policy.allowsMethod(request.method)],
  ['no-store', ({ policy }) => policy.mode === 'no-store'],
  // Section 5.2.1.5.
  ['no-store', ({ directives }) => directives.noStore === true],
];

/** Whether `stored` could be chosen at all: what may not be stored, or not by this caller, is as if it were absent. */
function isUsable({ request, policy }: Ask, stored: Stored): boolean {
  const answersMethod = stored.method === request.method || (request.method === 'HEAD' && stored.method === 'GET');
  if (!answersMethod) return false;
  const isWanted = stored.redirectsTo === undefined ? policy.allowsStatus(stored.status) : policy.ignoresRedirects !== true;
  if (!isWanted) return false;
  const rules = responseDirectives(stored, policy);
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
  const demand = DEMANDS_VALIDATION.find(([, applies]) => applies(of));
  if (demand !== undefined) return validate(of, demand[0]);
  if (isFresh(of)) return reuse(of, 'fresh');
  if (forbidsStale(of.rules, of.policy.shared)) return validate(of, 'must-revalidate');
  const { maxStale = 0, maxAge } = of.directives;
  if (isWithinWindow(of.freshness, maxStale)) return reuse(of, 'max-stale');
  // A request max-age asks for no stale response, unless max-stale does (section 5.2.1.1).
  if (maxAge === undefined && isWithinWindow(of.freshness, refreshWindow(of))) return reuseAndRefresh(of);
  return validate(of, 'expired');
}

/** Why a stored response is not used without validation, fresh or stale. */
const DEMANDS_VALIDATION: readonly (readonly [CacheReason, (of: Case<Stored>) => boolean])[] = [
  // Section 4.1: `Vary: *` matches nothing.
  ['vary-miss', ({ stored }) => variesOnEverything(stored)],
  // Section 5.2.1.4, and Pragma in section 5.4.
  ['no-cache', ({ directives }) => directives.noCache === true],
  // Section 5.2.2.4.
  ['no-cache', ({ rules }) => rules.noCache === true],
  // Section 5.2.1.1; 0 asks for validation even of what came in the same instant.
  ['max-age', ({ directives: { maxAge }, freshness: { age } }) => maxAge === 0 || (maxAge ?? Infinity) < age],
  // Section 5.2.1.3.
  ['min-fresh', ({ directives: { minFresh }, freshness }) => freshness.remaining < (minFresh ?? -Infinity)],
];

/** Section 4.2: fresh while the lifetime is greater than the age. */
const isFresh = ({ freshness }: Case<Stored>): boolean => freshness.remaining > 0;

const refreshWindow = ({ rules, policy }: Case<Stored>): Seconds =>
  Math.max(rules.staleWhileRevalidate ?? 0, policy.staleWhileRevalidate ?? 0);

function reuse<S extends Stored>(of: Case<S>, reason: CacheReason): ReuseDecision<S> {
  const { stored, freshness, offline } = of;
  const answer = answerFor(of);
  if (answer.kind === 'origin' && !offline) return forward(of, answer.reason, stored);
  return {
    kind: 'reuse',
    stored,
    age: freshness.age,
    freshness: isFresh(of) ? 'fresh' : 'stale',
    reason,
    answer: answer.kind === 'origin' ? unconditionalAnswer(of) : answer,
  };
}

/** For those whose condition or range cannot be put to the origin. */
function unconditionalAnswer({ request, stored }: Case<Stored>): ReuseAnswer {
  const slice = isPart(stored) ? partOf(request, stored) : undefined;
  return slice === undefined ? { kind: 'whole' } : { kind: 'part', slice };
}

interface OriginAnswers {
  readonly kind: 'origin';
  readonly reason: 'condition-failed' | 'partial';
}

const CONDITION_FAILED: OriginAnswers = { kind: 'origin', reason: 'condition-failed' };

/** By the caller's own conditions and range (sections 3.3, 4.3.2). */
function answerFor({ request, stored }: Case<Stored>): ReuseAnswer | OriginAnswers {
  if (needsOrigin(request) || (request.isConditional && !isValidating(request.method))) return CONDITION_FAILED;
  const notModified = isNotModified(request, stored);
  if (notModified !== undefined) return notModified ? { kind: 'not-modified' } : CONDITION_FAILED;
  if (request.headers['range'] === undefined || request.method !== 'GET') return { kind: 'whole' };
  const slice = partOf(request, stored);
  return slice === undefined ? { kind: 'origin', reason: 'partial' } : { kind: 'part', slice };
}

function reuseAndRefresh<S extends Stored>(of: Case<S>): ReuseDecision<S> {
  if (of.offline || of.request.isConditional) return validate(of, 'expired');
  const { stored, freshness } = of;
  const conditions = conditionsOn(of);
  return { kind: 'reuse-and-refresh', stored, age: freshness.age, conditions, reason: 'stale-while-revalidate' };
}

/** Validation, where it is possible; a caller's own conditions go to the origin as they are. */
function validate<S extends Stored>(of: Case<S>, reason: CacheReason): ReuseDecision<S> {
  const { stored, request, offline } = of;
  const conditions = conditionsOn(of);
  const isPossible = !offline && !request.isConditional && Object.keys(conditions).length > 0;
  return isPossible ? { kind: 'validate', stored, conditions, reason } : forward(of, reason, stored);
}

const conditionsOn = ({ request, stored }: Case<Stored>): HeaderFields =>
  isValidating(request.method) ? validationFields(stored) : {};

const forward = <S extends Stored>({ offline }: Ask, reason: CacheReason, fallback?: S): ReuseDecision<S> =>
  offline ? { kind: 'unsatisfiable', reason: 'only-if-cached' } : { kind: 'forward', reason, fallback };
