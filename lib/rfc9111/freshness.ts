/** Freshness: explicit, heuristic and local lifetimes, current age, and what remains (RFC 9111 section 4.2). */
import { storedDirectives } from './cache-control.js';
import type { DecisionPolicy, EpochMs, Lifetime, ResponseDirectives, ResponseFacts, Seconds, Stored, TimedResponse } from './model.js';
import { dateIn } from './read-response-facts.js';

/** A response for which a lifetime is chosen. */
type Received = Pick<TimedResponse, 'status' | 'headers' | 'responseTime'>;
type LifetimePolicy = Pick<DecisionPolicy, 'cacheControl' | 'shared' | 'local'>;
type LifetimeFacts = Pick<ResponseFacts, 'directives' | 'dateValue'>;

export interface Freshness {
  /** `current_age` (section 4.2.3). */
  readonly age: Seconds;
  /** Seconds until it is stale; 0 or less: stale since then. */
  readonly remaining: Seconds;
}

/** What the response itself says (section 4.2.1): undefined = nothing, 0 = validate, also where it cannot be read. */
export function explicitLifetime(response: Received, facts: LifetimeFacts, policy: LifetimePolicy): Seconds | undefined {
  if (!policy.cacheControl) return undefined;
  const { noCache, sMaxage, maxAge } = facts.directives;
  if (noCache === true) return 0;
  const given = policy.shared ? (sMaxage ?? maxAge) : maxAge;
  if (given !== undefined) return given === 'invalid' ? 0 : given;
  return lifetimeByExpires(response, facts);
}

function lifetimeByExpires({ headers, responseTime }: Received, { dateValue }: LifetimeFacts): Seconds | undefined {
  if (headers['expires'] === undefined) return undefined;
  const expires = dateIn(headers, 'expires', responseTime);
  if (expires === undefined) return 0;
  return Math.max(0, expires - dateValue) / 1000;
}

/** Cacheable by default (RFC 9110 section 15.1), and so heuristically. */
const HEURISTIC_STATUS: ReadonlySet<number> = new Set([200, 203, 204, 206, 300, 301, 308, 404, 405, 410, 414, 501]);
const HEURISTIC_FRACTION = 0.1;

/** A tenth of the time since its last modification (section 4.2.2); undefined where it may not or cannot be guessed. */
export function heuristicLifetime(
  { status, headers, responseTime }: Received,
  { directives, dateValue }: LifetimeFacts,
): Seconds | undefined {
  if (!HEURISTIC_STATUS.has(status) && directives.public !== true) return undefined;
  const lastModified = dateIn(headers, 'last-modified', responseTime);
  if (lastModified === undefined) return undefined;
  return (Math.max(0, dateValue - lastModified) / 1000) * HEURISTIC_FRACTION;
}

/** Whether it may be stored, to be validated on each use, although nobody gave it a lifetime (section 3). */
export const isStorableWithoutLifetime = (
  { status }: Pick<Received, 'status'>,
  directives: ResponseDirectives,
  { shared }: Pick<LifetimePolicy, 'shared'>,
): boolean =>
  HEURISTIC_STATUS.has(status) || directives.public === true || (!shared && directives.private === true);

/** What the nearest local rung says of this response. */
function localLifetime(
  response: Received,
  facts: LifetimeFacts,
  { local }: Pick<LifetimePolicy, 'local'>,
): Lifetime | undefined {
  const { source } = local;
  switch (local.kind) {
    case 'seconds':
      return { seconds: local.seconds, source, basis: 'receipt' };
    case 'until':
      return { seconds: Math.max(0, local.at - response.responseTime) / 1000, source, basis: 'receipt' };
    case 'heuristic': {
      const seconds = heuristicLifetime(response, facts);
      return seconds === undefined ? undefined : { seconds, source, basis: 'age' };
    }
  }
}

/** The first rung that speaks: the response, then the nearest local one; undefined = none does. */
export function chooseLifetime(response: Received, facts: LifetimeFacts, policy: LifetimePolicy): Lifetime | undefined {
  const seconds = explicitLifetime(response, facts, policy);
  return seconds === undefined ? localLifetime(response, facts, policy) : { seconds, source: 'response', basis: 'age' };
}

/** The lifetime of what nobody gave one. */
export const validateOnEachUse = ({ local }: Pick<LifetimePolicy, 'local'>): Lifetime => ({
  seconds: 0,
  source: local.source,
  basis: 'age',
});

type Times = Pick<Stored, 'requestTime' | 'responseTime' | 'dateValue' | 'ageValue'>;

/** `current_age`, section 4.2.3: in seconds, with their fractions, never negative, whatever clocks do. */
export function currentAge({ requestTime, responseTime, dateValue, ageValue }: Times, now: EpochMs): Seconds {
  // Date has whole seconds: without rounding, each response would seem up to a second old.
  const apparentAge = Math.max(0, Math.floor(responseTime / 1000) - dateValue / 1000);
  const responseDelay = Math.max(0, responseTime - requestTime) / 1000;
  const correctedAgeValue = ageValue + responseDelay;
  const correctedInitialAge = Math.max(apparentAge, correctedAgeValue);
  return correctedInitialAge + residentTime(responseTime, now);
}

const residentTime = (responseTime: EpochMs, now: EpochMs): Seconds => Math.max(0, now - responseTime) / 1000;

/** How fresh a stored response is for a reader with `policy`. */
export function freshnessOf(stored: Stored, policy: LifetimePolicy, now: EpochMs): Freshness {
  const age = currentAge(stored, now);
  return { age, remaining: remainingFreshness(stored, policy, age, now) };
}

/** Seconds until `stored`, of that current age, is stale for a reader with `policy`; 0 or less where it is stale. */
export function remainingFreshness(stored: Stored, policy: LifetimePolicy, age: Seconds, now: EpochMs): Seconds {
  // A reader for whom headers mean nothing takes no lifetime from them.
  const isIgnored = !policy.cacheControl && stored.lifetime.source === 'response';
  const lifetime = isIgnored ? localLifetimeOrNone(stored, policy) : stored.lifetime;
  const resident = residentTime(stored.responseTime, now);
  const remaining = remainderOf(lifetime, age, resident);
  // A lifetime that the request names bounds what nobody but a caller has given one.
  const isBounded = policy.local.source === 'request' && lifetime.source !== 'response';
  if (!isBounded) return remaining;
  return Math.min(remaining, remainderOf(localLifetimeOrNone(stored, policy), age, resident));
}

const remainderOf = ({ seconds, basis }: Lifetime, age: Seconds, resident: Seconds): Seconds =>
  seconds - (basis === 'age' ? age : resident);

/** Whether a window of so many seconds after the lifetime is not over; 0 is no window. */
export const isWithinWindow = (remaining: Seconds, window: Seconds): boolean => window > 0 && remaining + window >= 0;

const localLifetimeOrNone = (stored: Stored, policy: LifetimePolicy): Lifetime =>
  localLifetime(stored, { directives: storedDirectives(stored, policy), dateValue: stored.dateValue }, policy) ??
  validateOnEachUse(policy);
