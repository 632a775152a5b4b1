/** This file decides whether a response is stored, for how long and with which fields (RFC 9111 sections 3, 3.5). */
import { forbidsStale, forbidsStoring, storedDirectives, understands } from './cache-control.js';
import { storableFields } from './fields.js';
import { chooseLifetime, isStorableWithoutLifetime, validateOnEachUse } from './freshness.js';
import type {
  DecisionPolicy,
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
import { nominatedValues, selectingNames, variesOnEverything } from './vary.js';

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

/** A response, new or freshened, is held against the request that brought it. */
interface Received {
  readonly request: RequestHead;
  readonly response: ResponseHead;
  readonly policy: DecisionPolicy;
  readonly directives: ResponseDirectives;
}

interface NewlyReceived extends Received {
  readonly response: TimedResponse;
  readonly hasValidator: boolean;
  readonly vary: VaryValues;
  /** The ladder of lifetimes gives it; it is undefined where no rung speaks. */
  readonly lifetime: Lifetime | undefined;
}

type Prohibition<R = NewlyReceived> = readonly [
  reason: NotStoredReason,
  applies: (of: R) => boolean,
  existing?: 'drops-existing',
];

/** These statuses judge a condition or a range (RFC 9110 sections 15.5.13, 15.5.17). */
const JUDGES_CONDITION: ReadonlySet<number> = new Set([412, 416]);

/** No response may be kept for which one of these applies, be it new or freshened by a 304. */
const KEPT_FROM_ALL: readonly Prohibition<Received>[] = [
  ['read-only', ({ policy }) => policy.readOnly],
  // The caller's function has said that this response is not to be kept at all.
  ['zero-lifetime', ({ policy }) => policy.off],
  // https://www.rfc-editor.org/rfc/rfc9111#section-5.2.2.5
  ['no-store', ({ directives, response }) => forbidsStoring(directives, response.status), 'drops-existing'],
  // https://www.rfc-editor.org/rfc/rfc9111#section-5.2.2.7
  ['private', ({ directives, policy }) => policy.shared && directives.private === true, 'drops-existing'],
  // https://www.rfc-editor.org/rfc/rfc9111#section-3.5
  ['authorization', isForOneUser],
];

/** The first row that applies decides. */
const PROHIBITIONS: readonly Prohibition[] = [
  // https://www.rfc-editor.org/rfc/rfc9111#section-3
  ['bypass', ({ request, policy }) => !policy.allowsMethod(request.method)],
  ...KEPT_FROM_ALL,
  // The Fetch mode of this name means the same as the directive.
  // https://www.rfc-editor.org/rfc/rfc9111#section-5.2.1.5
  ['no-store', ({ request, policy }) => request.directives.noStore === true || policy.mode === 'no-store'],
  // No request would ever match the response, and nothing could validate it.
  // https://www.rfc-editor.org/rfc/rfc9111#section-4.1
  ['vary-star', (of) => variesOnEverything(of.request, of) && !of.hasValidator],
  // It must be beyond doubt which bytes a part has.
  // https://www.rfc-editor.org/rfc/rfc9111#section-3.3
  [
    'partial',
    ({ request, response }) => isPart(response) && (request.method !== 'GET' || extentOf(response) === undefined),
  ],
  // Only final responses are stored, and a 304 has nothing of its own to store.
  // https://www.rfc-editor.org/rfc/rfc9111#section-3
  ['status', ({ response: { status } }) => status < 200 || status === 304],
  // These judge one request's own condition or range, and say nothing to a request without it.
  // https://www.rfc-editor.org/rfc/rfc9110#section-15.5.13
  ['status', ({ request, response }) => request.isConditional && JUDGES_CONDITION.has(response.status)],
  // The caller's options may allow fewer statuses than the RFC.
  // https://www.rfc-editor.org/rfc/rfc9111#section-3
  ['status', ({ response, policy }) => !policy.allowsStatus(response.status)],
  // https://www.rfc-editor.org/rfc/rfc9111#section-5.2.2.3
  ['status', ({ response, directives }) => directives.mustUnderstand === true && !understands(response.status)],
  // What is stale at once is stored only for validation or for the stale windows.
  // https://www.rfc-editor.org/rfc/rfc9111#section-4.2.4
  ['zero-lifetime', (of) => of.lifetime?.seconds === 0 && !isUsefulStale(of)],
  // https://www.rfc-editor.org/rfc/rfc9111#section-3
  ['no-lifetime', (of) => of.lifetime === undefined && !isWorthValidating(of)],
];

export function decideStorage(request: RequestHead, response: TimedResponse, policy: DecisionPolicy): StorageDecision {
  const facts = readResponseFacts(response.headers, response.responseTime, policy);
  const { directives } = facts;
  const hasValidator = facts.etag !== undefined || facts.lastModified !== undefined;
  const vary = nominatedValues(selectingNames(response), request);
  const lifetime = chooseLifetime(response, facts, policy);
  const received: NewlyReceived = { request, response, policy, directives, hasValidator, vary, lifetime };
  const prohibition = PROHIBITIONS.find((row) => row[1](received));
  if (prohibition === undefined) return storing(received, facts);
  const [reason, , existing] = prohibition;
  // What says nothing about the resource leaves what is stored as it is.
  return { kind: 'do-not-store', reason, dropExisting: existing !== undefined && replaces(response.status) };
}

function storing(of: NewlyReceived, received: ResponseFacts): StorageDecision {
  const { response, policy, vary } = of;
  const lifetime = of.lifetime ?? validateOnEachUse(policy);
  const headers = storableFields(response.headers, received.directives, lifetime.source, policy);
  const facts = factsOfStored(headers, received);
  return { kind: 'store', lifetime, headers, vary, headersHonoured: policy.cacheControl, facts };
}

/** Gives the facts of the headers that are stored. Of what decisions read, only validators may be missing there. */
export const factsOfStored = (headers: HeaderFields, received: ResponseFacts): ResponseFacts => ({
  directives: received.directives,
  dateValue: received.dateValue,
  ageValue: received.ageValue,
  etag: headers['etag'] === undefined ? undefined : received.etag,
  lastModified: headers['last-modified'] === undefined ? undefined : received.lastModified,
});

/**
 * Says why a stored response may not be kept as the answer to `request` has freshened it, and whether even the response
 * as it was may not stay. The result is undefined where it may be kept.
 */
export function forbidsKeeping(
  request: RequestHead,
  renewed: Stored,
  policy: DecisionPolicy,
): { readonly reason: NotStoredReason; readonly dropsExisting: boolean } | undefined {
  const of: Received = { request, response: renewed, policy, directives: storedDirectives(renewed, policy) };
  const [reason, , existing] = KEPT_FROM_ALL.find((row) => row[1](of)) ?? [];
  return reason && { reason, dropsExisting: existing !== undefined };
}

/**
 * True where an answer that is not stored says what the resource is now. Other statuses are about the request, its
 * sender or the server, or lead somewhere else for the moment; and a part is not the resource.
 */
export const replaces = (status: number): boolean =>
  (status >= 200 && status <= 299 && status !== 206) || status === 404 || status === 410;

/** Authorization reserves an answer for one user, unless a directive lifts that (section 3.5). */
function isForOneUser({ request, directives, policy }: Received): boolean {
  if (!policy.shared || request.headers['authorization'] === undefined) return false;
  return directives.public !== true && directives.mustRevalidate !== true && directives.sMaxage === undefined;
}

/**
 * A response without any freshness is still good for validation, or for the stale windows (RFC 5861). One that forbids
 * stale use still tells a policy which bridges failures that this failure must be an error (section 5.2.2.2).
 */
function isUsefulStale({ directives, policy, hasValidator }: NewlyReceived): boolean {
  if (hasValidator) return true;
  if (forbidsStale(directives, policy.shared)) return (policy.staleIfError ?? 0) > 0;
  return [directives, policy].some((each) => (each.staleIfError ?? 0) > 0 || (each.staleWhileRevalidate ?? 0) > 0);
}

const isWorthValidating = ({ response, directives, policy, hasValidator }: NewlyReceived): boolean =>
  hasValidator && isStorableWithoutLifetime(response, directives, policy);
