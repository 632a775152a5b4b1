/** Freshness: explicit, heuristic and local lifetimes, current age, and what remains (RFC 9111 section 4.2). */
import { parseDeltaSeconds, responseDirectives } from './cache-control.js';
import { fieldValue, listMembers, singleValue } from './fields.js';
import { parseHttpDate } from './http-date.js';
import type { DecisionPolicy, EpochMs, HeaderFields, Lifetime, ResponseDirectives, ResponseHead, Seconds, Stored } from './model.js';

/** A response with the time at which it was received. */
type Received = ResponseHead & { readonly responseTime: EpochMs; readonly directives?: ResponseDirectives };
type LifetimePolicy = Pick<DecisionPolicy, 'cacheControl' | 'shared' | 'local'>;

export interface Freshness {
  /** `current_age` (section 4.2.3). */
  readonly age: Seconds;
  /** The lifetime that counts for this reader. */
  readonly lifetime: Lifetime;
  /** Seconds until it is stale; 0 or less: stale since then. */
  readonly remaining: Seconds;
}

/** `Date`, or the time of receipt where it is missing or unreadable (RFC 9110 section 6.6.1). */
export function dateValueOf(headers: HeaderFields, responseTime: EpochMs): EpochMs {
  return instantOf(headers, 'date', responseTime) ?? responseTime;
}

/** The first member of `Age`; 0 where it is missing or no delta-seconds (RFC 9111 section 5.1). */
export function ageValueOf(headers: HeaderFields): Seconds {
  const [first = ''] = listMembers(fieldValue(headers, 'age') ?? '');
  return parseDeltaSeconds(first) ?? 0;
}

function instantOf(headers: HeaderFields, name: string, now: EpochMs): EpochMs | undefined {
  const text = singleValue(headers, name);
  return text === undefined ? undefined : parseHttpDate(text, now);
}

/** What the response itself says (section 4.2.1): undefined = nothing, 0 = validate, also where it cannot be read. */
export function explicitLifetime(response: Received, policy: LifetimePolicy): Seconds | undefined {
  if (!policy.cacheControl) return undefined;
  const { noCache, sMaxage, maxAge } = responseDirectives(response, policy);
  if (noCache === true) return 0;
  const given = policy.shared ? (sMaxage ?? maxAge) : maxAge;
  if (given !== undefined) return given === 'invalid' ? 0 : given;
  return lifetimeByExpires(response);
}

function lifetimeByExpires({ headers, responseTime }: Received): Seconds | undefined {
  if (headers['expires'] === undefined) return undefined;
  const expires = instantOf(headers, 'expires', responseTime);
  if (expires === undefined) return 0;
  return Math.max(0, expires - dateValueOf(headers, responseTime)) / 1000;
}

/** Cacheable by default (RFC 9110 section 15.1), and so heuristically. */
const HEURISTIC_STATUS: ReadonlySet<number> = new Set([200, 203, 204, 206, 300, 301, 308, 404, 405, 410, 414, 501]);
const HEURISTIC_FRACTION = 0.1;

/** A tenth of the time since its last modification (section 4.2.2); undefined where it may not or cannot be guessed. */
export function heuristicLifetime(response: Received, policy: LifetimePolicy): Seconds | undefined {
  const { status, headers, responseTime } = response;
  if (!HEURISTIC_STATUS.has(status) && responseDirectives(response, policy).public !== true) return undefined;
  const lastModified = instantOf(headers, 'last-modified', responseTime);
  if (lastModified === undefined) return undefined;
  return (Math.max(0, dateValueOf(headers, responseTime) - lastModified) / 1000) * HEURISTIC_FRACTION;
}

/** Whether it may be stored, to be validated on each use, although nobody gave it a lifetime (section 3). */
export function isStorableWithoutLifetime(response: Received, policy: LifetimePolicy): boolean {
  const directives = responseDirectives(response, policy);
  return (
    HEURISTIC_STATUS.has(response.status) ||
    directives.public === true ||
    (!policy.shared && directives.private === true)
  );
}

/** What the nearest local rung says of this response. */
function localLifetime(response: Received, policy: LifetimePolicy): Lifetime | undefined {
  const { local } = policy;
  const { source } = local;
  switch (local.kind) {
    case 'seconds':
      return { seconds: local.seconds, source, basis: 'receipt' };
    case 'until':
      return { seconds: Math.max(0, local.at - response.responseTime) / 1000, source, basis: 'receipt' };
    case 'heuristic': {
      const seconds = heuristicLifetime(response, policy);
      return seconds === undefined ? undefined : { seconds, source, basis: 'age' };
    }
  }
}

/** The first rung that speaks: the response, then the nearest local one; undefined = none does. */
export function chooseLifetime(response: Received, policy: LifetimePolicy): Lifetime | undefined {
  const seconds = explicitLifetime(response, policy);
  return seconds === undefined ? localLifetime(response, policy) : { seconds, source: 'response', basis: 'age' };
}

/** The lifetime of what nobody gave one. */
export const validateOnEachUse = (policy: LifetimePolicy): Lifetime => ({
  seconds: 0,
  source: policy.local.source,
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
  const resident = residentTime(stored.responseTime, now);
  const withRemaining = (lifetime: Lifetime): Freshness => ({
    age,
    lifetime,
    remaining: lifetime.seconds - (lifetime.basis === 'age' ? age : resident),
  });
  // A reader for whom headers mean nothing takes no lifetime from them.
  const ignored = !policy.cacheControl && stored.lifetime.source === 'response';
  const own = withRemaining(ignored ? localLifetimeOrNone(stored, policy) : stored.lifetime);
  const isBounded = own.lifetime.source !== 'response' && policy.local.source === 'request';
  if (!isBounded) return own;
  const bound = withRemaining(localLifetimeOrNone(stored, policy));
  return bound.remaining < own.remaining ? bound : own;
}

/** Whether `window` seconds after the lifetime are not over; 0 is no window. */
export const isWithinWindow = ({ remaining }: Freshness, window: Seconds): boolean =>
  window > 0 && remaining + window >= 0;

const localLifetimeOrNone = (stored: Stored, policy: LifetimePolicy): Lifetime =>
  localLifetime(stored, policy) ?? validateOnEachUse(policy);
