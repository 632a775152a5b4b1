/** This file decides whether a response is stored, for how long and with which fields (RFC 9111 sections 3, 3.5). */
import { forbidsStale, forbidsStoring, storedDirectives, understands } from './cache-control.js';
import { storableFields } from './fields.js';
import { chooseLifetime, isStorableWithoutLifetime, validateOnEachUse } from './freshness.js';
import type {
  DecisionPolicy,
  ExpirySource,
  HeaderFields,
  Lifetime,
  NotStoredReason,
  RequestHead,
  ResponseDirectives,
  ResponseFacts,
  ResponseHead,
  Stored,
  TimedResponse,
  VaryValues,
} from './model.js';
import { extentOf, isPart } from './parts.js';
import { readResponseFacts } from './read-response-facts.js';
import { ignoresField, nominatedValues, varyNames } from './vary.js';

export type StorageDecision =
  | {
      readonly kind: 'store';
      readonly lifetime: Lifetime;
      /** Only the fields that may be stored are left. */
      readonly headers: HeaderFields;
      readonly vary: VaryValues;
      readonly headersHonoured: boolean;
      /** This is what these headers say. */
      readonly facts: ResponseFacts;
    }
  /** With `dropExisting`, what is stored under this key already may not be used any more either. */
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
  /** The ladder of lifetimes gives it; it is undefined where no rung speaks. */
  readonly lifetime: Lifetime | undefined;
}

interface Prohibition<F = Facts> {
  readonly reason: NotStoredReason;
  readonly dropsExisting?: true;
  readonly applies: (facts: F) => boolean;
}

/** These statuses judge a condition or a range (RFC 9110 sections 15.5.13, 15.5.17). */
const JUDGES_CONDITION: ReadonlySet<number> = new Set([412, 416]);

/** No response may be kept for which one of these applies, be it new or freshened by a 304. */
const KEPT_FROM_ALL: readonly Prohibition<KeepingFacts>[] = [
  { reason: 'read-only', applies: ({ policy }) => policy.readOnly },
  // The caller's function has said that this response is not to be kept at all.
  { reason: 'zero-lifetime', applies: ({ policy }) => policy.off },
  {
    // https://www.rfc-editor.org/rfc/rfc9111#section-5.2.2.5
    reason: 'no-store',
    dropsExisting: true,
    applies: ({ directives, response }) => forbidsStoring(directives, response.status),
  },
  {
    // https://www.rfc-editor.org/rfc/rfc9111#section-5.2.2.7
    reason: 'private',
    dropsExisting: true,
    applies: ({ directives, policy }) => policy.shared && directives.private === true,
  },
  // https://www.rfc-editor.org/rfc/rfc9111#section-3.5
  { reason: 'authorization', applies: isForOneUser },
];

/** The first row that applies decides. */
const PROHIBITIONS: readonly Prohibition[] = [
  // https://www.rfc-editor.org/rfc/rfc9111#section-3
  { reason: 'bypass', applies: ({ request, policy }) => !policy.allowsMethod(request.method) },
  ...KEPT_FROM_ALL,
  // The Fetch mode of this name means the same as the directive.
  // https://www.rfc-editor.org/rfc/rfc9111#section-5.2.1.5
  {
    reason: 'no-store',
    applies: ({ request, policy }) => request.directives.noStore === true || policy.mode === 'no-store',
  },
  // No request would ever match the response, and nothing could validate it.
  // https://www.rfc-editor.org/rfc/rfc9111#section-4.1
  {
    reason: 'vary-star',
    applies: (facts) => facts.varyNames === '*' && !facts.hasValidator && !ignoresField(facts.request, '*'),
  },
  // It must be beyond doubt which bytes a part has.
  // https://www.rfc-editor.org/rfc/rfc9111#section-3.3
  {
    reason: 'partial',
    applies: ({ request, response }) =>
      isPart(response) && (request.method !== 'GET' || extentOf(response) === undefined),
  },
  // Only final responses are stored, and a 304 has nothing of its own to store.
  // https://www.rfc-editor.org/rfc/rfc9111#section-3
  { reason: 'status', applies: ({ response }) => response.status < 200 || response.status === 304 },
  // These judge one request's own condition or range, and say nothing to a request without it.
  // https://www.rfc-editor.org/rfc/rfc9110#section-15.5.13
  {
    reason: 'status',
    applies: ({ request, response }) => JUDGES_CONDITION.has(response.status) && request.isConditional,
  },
  // The caller's options may allow fewer statuses than the RFC.
  // https://www.rfc-editor.org/rfc/rfc9111#section-3
  { reason: 'status', applies: ({ response, policy }) => !policy.allowsStatus(response.status) },
  // https://www.rfc-editor.org/rfc/rfc9111#section-5.2.2.3
  {
    reason: 'status',
    applies: ({ response, directives }) => directives.mustUnderstand === true && !understands(response.status),
  },
  // What is stale at once is stored only for validation or for the stale windows.
  // https://www.rfc-editor.org/rfc/rfc9111#section-4.2.4
  { reason: 'zero-lifetime', applies: (facts) => facts.lifetime?.seconds === 0 && !isUsefulStale(facts) },
  // https://www.rfc-editor.org/rfc/rfc9111#section-3
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
  // A server error says nothing about the resource, and what is stored may have to bridge it.
  return { kind: 'do-not-store', reason, dropExisting: dropsExisting && response.status < 500 };
}

function storing(of: Facts, received: ResponseFacts): StorageDecision {
  const { request, response, policy } = of;
  const lifetime = of.lifetime ?? validateOnEachUse(policy);
  const headers = storableFields(response.headers, received.directives, {
    stripSetCookie: stripsSetCookie(lifetime.source),
  });
  return {
    kind: 'store',
    lifetime,
    headers,
    vary: nominatedValues(of.varyNames, request),
    headersHonoured: policy.cacheControl,
    facts: factsOfStored(headers, received),
  };
}

/** Gives the facts of the headers that are stored. Of what decisions read, only validators may be missing there. */
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
 * Says why a stored response may not be kept as the answer to `request` has freshened it, and whether even the response
 * as it was may not stay. The result is undefined where it may be kept.
 */
export function forbidsKeeping(
  request: RequestHead,
  renewed: Stored,
  policy: DecisionPolicy,
): Pick<Prohibition, 'reason' | 'dropsExisting'> | undefined {
  const facts: KeepingFacts = { request, response: renewed, policy, directives: storedDirectives(renewed, policy) };
  return KEPT_FROM_ALL.find(({ applies }) => applies(facts));
}

/** These do not say what the resource is now: one is a part, the others judge the caller's condition or range. */
const OF_THE_REQUEST: ReadonlySet<number> = new Set([206, 304, 412, 416]);

/** True where an answer that is not stored says what the resource is now. */
export const replaces = (status: number): boolean => status < 500 && !OF_THE_REQUEST.has(status);

/** Authorization reserves an answer for one user, unless a directive lifts that (section 3.5). */
function isForOneUser({ request, directives, policy }: KeepingFacts): boolean {
  if (!policy.shared || request.headers['authorization'] === undefined) return false;
  return directives.public !== true && directives.mustRevalidate !== true && directives.sMaxage === undefined;
}

/** Where neither server nor request gave the lifetime, no session cookie is replayed to the next caller. */
export const stripsSetCookie = (source: ExpirySource): boolean =>
  source === 'url' || source === 'session' || source === 'default';

/**
 * A response without any freshness is still good for validation, or for the stale windows (RFC 5861). One that forbids
 * stale use still tells a policy which bridges failures that this failure must be an error (section 5.2.2.2).
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
