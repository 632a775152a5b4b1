/** Whether a response is stored, with what lifetime and which fields (RFC 9111 sections 3 and 3.5). */
import { forbidsStale, forbidsStoring, storedDirectives, understands } from './cache-control.js';
import { storableFields } from './fields.js';
import { chooseLifetime, isStorableWithoutLifetime, validateOnEachUse } from './freshness.js';
import type { DecisionPolicy, ExpirySource, HeaderFields, Lifetime, NotStoredReason, RequestHead, ResponseDirectives, ResponseFacts, ResponseHead, Stored, TimedResponse, VaryValues } from './model.js';
import { extentOf, isPart } from './parts.js';
import { readResponseFacts } from './read-response-facts.js';
import { nominatedValues, varyNames } from './vary.js';

export type StorageDecision =
  | {
      readonly kind: 'store';
      readonly lifetime: Lifetime;
      /** Those that may be stored. */
      readonly headers: HeaderFields;
      readonly vary: VaryValues;
      readonly headersHonoured: boolean;
      /** What the headers that may be stored say. */
      readonly facts: ResponseFacts;
    }
  /** `dropExisting`: what is stored under this key may not be used any more either. */
  | { readonly kind: 'do-not-store'; readonly reason: NotStoredReason; readonly dropExisting: boolean };

interface KeepingFacts {
  readonly request: RequestHead;
  readonly response: ResponseHead;
  readonly policy: DecisionPolicy;
  readonly directives: ResponseDirectives;
}

interface Facts extends KeepingFacts {
  readonly response: TimedResponse;
  readonly hasValidator: boolean;
  readonly varyNames: readonly string[] | '*';
  /** By the ladder; undefined = no rung speaks. */
  readonly lifetime: Lifetime | undefined;
}

interface Prohibition<F = Facts> {
  readonly reason: NotStoredReason;
  readonly dropsExisting?: true;
  readonly applies: (facts: F) => boolean;
}

/** Precondition Failed, Range Not Satisfiable (RFC 9110 sections 15.5.13, 15.5.17). */
const JUDGES_CONDITION: ReadonlySet<number> = new Set([412, 416]);

/** What no response may be kept with, be it new or renewed by a 304. */
const KEPT_FROM_ALL: readonly Prohibition<KeepingFacts>[] = [
  {
    // Section 5.2.2.5, with section 5.2.2.3.
    reason: 'no-store',
    dropsExisting: true,
    applies: ({ directives, response }) => forbidsStoring(directives, response.status),
  },
  {
    // Section 5.2.2.7.
    reason: 'private',
    dropsExisting: true,
    applies: ({ directives, policy }) => policy.shared && directives.private === true,
  },
  { reason: 'authorization', applies: isForOneUser },
];

/** The first that applies decides. */
const PROHIBITIONS: readonly Prohibition[] = [
  { reason: 'bypass', applies: ({ request, policy }) => !policy.allowsMethod(request.method) },
  ...KEPT_FROM_ALL,
  // Section 5.2.1.5; the Fetch mode means the same.
  { reason: 'no-store', applies: ({ request, policy }) => request.directives.noStore === true || policy.mode === 'no-store' },
  // Section 4.1: nothing would ever match it, and nothing could validate it.
  {
    reason: 'vary-star',
    applies: (facts) => facts.varyNames === '*' && !facts.hasValidator,
  },
  // Section 3.3, RFC 9110 section 14.4: which bytes it has must be beyond doubt.
  {
    reason: 'partial',
    applies: ({ request, response }) =>
      isPart(response) && (request.method !== 'GET' || extentOf(response) === undefined),
  },
  // Section 3: final responses; a 304 is none of its own.
  { reason: 'status', applies: ({ response }) => response.status < 200 || response.status === 304 },
  // They judge one request's own condition or range, and say nothing to a request without it.
  { reason: 'status', applies: ({ request, response }) => JUDGES_CONDITION.has(response.status) && request.isConditional },
  { reason: 'status', applies: ({ response, policy }) => !policy.allowsStatus(response.status) },
  // Section 5.2.2.3.
  {
    reason: 'status',
    applies: ({ response, directives }) => directives.mustUnderstand === true && !understands(response.status),
  },
  { reason: 'zero-lifetime', applies: (facts) => facts.lifetime?.seconds === 0 && !isUsefulStale(facts) },
  { reason: 'no-lifetime', applies: (facts) => facts.lifetime === undefined && !isWorthValidating(facts) },
];

export function decideStorage(request: RequestHead, response: TimedResponse, policy: DecisionPolicy): StorageDecision {
  const received = readResponseFacts(response.headers, response.responseTime, policy);
  const facts: Facts = {
    request,
    response,
    policy,
    directives: received.directives,
    hasValidator: received.etag !== undefined || received.lastModified !== undefined,
    varyNames: varyNames(response.headers),
    lifetime: chooseLifetime(response, received, policy),
  };
  const prohibition = PROHIBITIONS.find(({ applies }) => applies(facts));
  if (prohibition === undefined) return storing(facts, received);
  const { reason, dropsExisting = false } = prohibition;
  // A server error says nothing of the resource, and what is stored may have to bridge it.
  return { kind: 'do-not-store', reason, dropExisting: dropsExisting && response.status < 500 };
}

function storing({ request, response, policy, varyNames: nominated, lifetime }: Facts, received: ResponseFacts): StorageDecision {
  const kept = lifetime ?? validateOnEachUse(policy);
  const headers = storableFields(response.headers, received.directives, { stripSetCookie: stripsSetCookie(kept.source) });
  return {
    kind: 'store',
    lifetime: kept,
    headers,
    vary: nominatedValues(nominated, request),
    headersHonoured: policy.cacheControl,
    facts: factsOfStored(headers, received),
  };
}

/** Of what decisions read, a message can except its validators alone from being stored. */
export function factsOfStored(headers: HeaderFields, received: ResponseFacts): ResponseFacts {
  const { directives, dateValue, ageValue, etag, lastModified } = received;
  return {
    directives,
    dateValue,
    ageValue,
    etag: headers['etag'] === undefined ? undefined : etag,
    lastModified: headers['last-modified'] === undefined ? undefined : lastModified,
  };
}

/**
 * Why a stored response may not be kept as the answer to `request` has renewed it, and whether as it was it may not stay
 * either; `undefined`: it may.
 */
export function forbidsKeeping(
  request: RequestHead,
  renewed: Stored,
  policy: DecisionPolicy,
): Pick<Prohibition, 'reason' | 'dropsExisting'> | undefined {
  const facts: KeepingFacts = { request, response: renewed, policy, directives: storedDirectives(renewed, policy) };
  return KEPT_FROM_ALL.find(({ applies }) => applies(facts));
}

/** They say nothing of what the resource is now: a part, and what judges the caller's own condition or range. */
const OF_THE_REQUEST: ReadonlySet<number> = new Set([206, 304, 412, 416]);

/** Whether an answer that is not stored says what the resource is now. */
export const replaces = (status: number): boolean => status < 500 && !OF_THE_REQUEST.has(status);

/** Section 3.5. Where headers mean nothing, none of them lifts it. */
function isForOneUser({ request, directives, policy }: KeepingFacts): boolean {
  if (!policy.shared || request.headers['authorization'] === undefined) return false;
  return directives.public !== true && directives.mustRevalidate !== true && directives.sMaxage === undefined;
}

/** Where neither server nor caller gave the lifetime, a session is not replayed to the next caller. */
export const stripsSetCookie = (source: ExpirySource): boolean =>
  source === 'url' || source === 'session' || source === 'default';

/**
 * Without any freshness it is still good for validation, or for the stale windows (RFC 5861). Where it forbids those,
 * it says that a failure is an error of the cache's own (section 5.2.2.2), for a policy that bridges failures.
 */
function isUsefulStale({ directives, policy, hasValidator }: Facts): boolean {
  if (hasValidator) return true;
  if (forbidsStale(directives, policy.shared)) return (policy.staleIfError ?? 0) > 0;
  return [directives, policy].some(
    ({ staleIfError = 0, staleWhileRevalidate = 0 }) => staleIfError > 0 || staleWhileRevalidate > 0,
  );
}

const isWorthValidating = ({ response, directives, policy, hasValidator }: Facts): boolean =>
  hasValidator && isStorableWithoutLifetime(response, directives, policy);
