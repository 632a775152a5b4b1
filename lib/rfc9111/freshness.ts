/** This file calculates lifetimes, the current age and the freshness that remains (RFC 9111 section 4.2). */
import { storedDirectives } from './cache-control.js';
import type {
  DecisionPolicy,
  EpochMs,
  Lifetime,
  LocalLifetime,
  ResponseDirectives,
  ResponseFacts,
  Seconds,
  Stored,
  TimedResponse,
} from './model.js';
import { dateIn } from './read-response-facts.js';

/** A lifetime is chosen for this response. */
type LifetimeFacts = Pick<ResponseFacts, 'directives' | 'dateValue'>;

/** Gives the lifetime that the response says (section 4.2.1): an unreadable one is 0, a missing one undefined. */
export function explicitLifetime(
  response: TimedResponse,
  facts: LifetimeFacts,
  policy: DecisionPolicy,
): Seconds | undefined {
  if (!policy.cacheControl) return undefined;
  const { noCache, sMaxage, maxAge } = facts.directives;
  if (noCache === true) return 0;
  const given = policy.shared ? (sMaxage ?? maxAge) : maxAge;
  if (given !== undefined) return given === 'invalid' ? 0 : given;
  if (response.headers['expires'] === undefined) return undefined;
  return secondsBetween(facts.dateValue, dateIn(response.headers, 'expires', response.responseTime) ?? -Infinity);
}

const secondsBetween = (start: EpochMs, end: EpochMs): Seconds => Math.max(0, end - start) / 1000;

/** These statuses are heuristically cacheable (RFC 9110 section 15.1). */
const HEURISTIC_STATUS: ReadonlySet<number> = new Set([200, 203, 204, 206, 300, 301, 308, 404, 405, 410, 414, 501]);
const HEURISTIC_FRACTION = 0.1;
/** What is guessed holds for a week at most: a date such as that of the year 1970 is no modification. */
const MAX_HEURISTIC: Seconds = 604_800;

/**
 * Gives a tenth of the time since the last modification (section 4.2.2). The result is undefined where the lifetime
 * may not be guessed, or cannot.
 */
export function heuristicLifetime(
  { status, headers, responseTime }: TimedResponse,
  { directives, dateValue }: LifetimeFacts,
): Seconds | undefined {
  if (!HEURISTIC_STATUS.has(status) && directives.public !== true) return undefined;
  const lastModified = dateIn(headers, 'last-modified', responseTime);
  if (lastModified === undefined) return undefined;
  return Math.min(MAX_HEURISTIC, secondsBetween(lastModified, dateValue) * HEURISTIC_FRACTION);
}

/** True where a response without a lifetime may be stored, to be validated on each use (section 3). */
export const isStorableWithoutLifetime = (
  { status }: Pick<TimedResponse, 'status'>,
  directives: ResponseDirectives,
  { shared }: Pick<DecisionPolicy, 'shared'>,
): boolean =>
  HEURISTIC_STATUS.has(status) || directives.public === true || (!shared && directives.private === true);

/** Gives the lifetime that the nearest local rung of the ladder says for this response. */
function localLifetime(
  response: TimedResponse,
  facts: LifetimeFacts,
  { local }: Pick<DecisionPolicy, 'local'>,
): Lifetime | undefined {
  const seconds = localSeconds(response, facts, local);
  if (seconds === undefined) return undefined;
  return { seconds, source: local.source, basis: local.kind === 'heuristic' ? 'age' : 'receipt' };
}

function localSeconds(response: TimedResponse, facts: LifetimeFacts, local: LocalLifetime): Seconds | undefined {
  switch (local.kind) {
    case 'seconds':
      return local.seconds;
    case 'until':
      return secondsBetween(response.responseTime, local.at);
    case 'heuristic':
      return heuristicLifetime(response, facts);
  }
}

/** The response speaks first, then the nearest local rung; the result is undefined where neither does. */
export function chooseLifetime(
  response: TimedResponse,
  facts: ResponseFacts,
  policy: DecisionPolicy,
): Lifetime | undefined {
  const seconds = explicitLifetime(response, facts, policy);
  const chosen: Lifetime | undefined =
    seconds === undefined ? localLifetime(response, facts, policy) : { seconds, source: 'response', basis: 'age' };
  if (chosen === undefined || policy.maxLifetime === Infinity) return chosen;
  const { requestTime, responseTime } = response;
  const spent = currentAge({ requestTime, responseTime, ...facts }, responseTime);
  // The cap counts from receipt: what comes from a cache on the way may be older than that already.
  return remainderOf(chosen, spent, 0) <= policy.maxLifetime
    ? chosen
    : { seconds: policy.maxLifetime, source: chosen.source, basis: 'receipt' };
}

/** A response that nobody gave a lifetime has this one. */
export const validateOnEachUse = ({ local }: Pick<DecisionPolicy, 'local'>): Lifetime => ({
  seconds: 0,
  source: local.source,
  basis: 'age',
});

type Times = Pick<Stored, 'requestTime' | 'responseTime' | 'dateValue' | 'ageValue'>;

/** Calculates `current_age` (section 4.2.3) in seconds with fractions. It is never negative, whatever clocks do. */
export function currentAge({ requestTime, responseTime, dateValue, ageValue }: Times, now: EpochMs): Seconds {
  // Date has whole seconds, so without rounding each response would seem up to a second old.
  const apparentAge = Math.max(0, Math.floor(responseTime / 1000) - dateValue / 1000);
  const responseDelay = secondsBetween(requestTime, responseTime);
  const correctedAgeValue = ageValue + responseDelay;
  const correctedInitialAge = Math.max(apparentAge, correctedAgeValue);
  return correctedInitialAge + secondsBetween(responseTime, now);
}

/** A clock may be set back by so much without a response counting as one from the future. */
export const CLOCK_STEP_MS = 5000;

/** True for what was received while a clock was ahead. */
export const isFromFuture = (receivedAt: EpochMs, now: EpochMs): boolean => receivedAt - now > CLOCK_STEP_MS;

/** Nobody knows how old a response is that was stored while a clock was ahead: only an endless window fits. */
const LONG_STALE: Seconds = -Number.MAX_VALUE;

/** Calculates after how many seconds a response of this current age is stale for a reader with this policy. */
export function remainingFreshness(stored: Stored, given: DecisionPolicy, age: Seconds, now: EpochMs): Seconds {
  if (isFromFuture(stored.responseTime, now)) return LONG_STALE;
  const policy = given.localFor === undefined ? given : { ...given, local: given.localFor(stored) };
  const lifetime = lifetimeFor(stored, policy);
  const resident = secondsBetween(stored.responseTime, now);
  const remaining = Math.min(remainderOf(lifetime, age, resident), policy.maxLifetime - resident);
  if (!isBounded(lifetime, policy.local)) return remaining;
  return Math.min(remaining, remainderOf(localLifetimeOrNone(stored, policy), age, resident));
}

/** The settings may have been others when the response was stored: then its headers counted, or they did not. */
function lifetimeFor(stored: Stored, policy: DecisionPolicy): Lifetime {
  const { lifetime, headersHonoured } = stored;
  if (!policy.cacheControl) return lifetime.source === 'response' ? localLifetimeOrNone(stored, policy) : lifetime;
  const isSettled = headersHonoured || lifetime.source === 'request';
  const seconds = isSettled ? undefined : explicitLifetime(stored, stored, policy);
  return seconds === undefined ? lifetime : { seconds, source: 'response', basis: 'age' };
}

/**
 * A local lifetime that is lower by now bounds what was stored by an earlier one, but not the response's own lifetime;
 * and what a request asked for itself only another request cuts short.
 */
function isBounded({ source, basis }: Lifetime, local: LocalLifetime): boolean {
  if (source === 'response' || local.source === 'default') return false;
  // The lifetime was guessed of the same response already.
  if (local.kind === 'heuristic' && basis === 'age') return false;
  return source !== 'request' || local.source === 'request';
}

const remainderOf = ({ seconds, basis }: Lifetime, age: Seconds, resident: Seconds): Seconds =>
  seconds - (basis === 'age' ? age : resident);

/** True where a window of so many seconds after the lifetime is not over; a window of 0 is none. */
export const isWithinWindow = (remaining: Seconds, window: Seconds): boolean => window > 0 && remaining + window >= 0;

const localLifetimeOrNone = (stored: Stored, policy: DecisionPolicy): Lifetime =>
  localLifetime(stored, { directives: storedDirectives(stored, policy), dateValue: stored.dateValue }, policy) ??
  validateOnEachUse(policy);
