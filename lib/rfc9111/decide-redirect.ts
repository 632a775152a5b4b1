/** This file decides which redirects are stored, and for how long (RFC 9110 section 15.4, RFC 9111 section 3). */
import { decideStorage, type StorageDecision } from './decide-storage.js';
import type { DecisionPolicy, Lifetime, RequestHead, Seconds, TimedResponse } from './model.js';

/** Redirects of these methods are kept: the next request has the same method, and repeating it changes nothing. */
const RETRACEABLE_METHODS: ReadonlySet<string> = new Set(['GET', 'HEAD']);

export const isRetraceable = ({ method }: RequestHead): boolean => RETRACEABLE_METHODS.has(method);

/** After a permanent redirect all future requests go to the new URL (RFC 9110 sections 15.4.2, 15.4.9). */
const PERMANENT: ReadonlySet<number> = new Set([301, 308]);

/**
 * Decides whether the redirect `response` is stored, so that it can be followed again without asking for it. The answer
 * at its end is fresh for `ledTo` more seconds: 0 where that answer is not stored.
 */
export function decideRedirect(
  request: RequestHead,
  response: TimedResponse,
  policy: DecisionPolicy,
  ledTo: Seconds,
): StorageDecision {
  // The caller's choice of statuses is about answers, and a redirect that is followed is no answer.
  const decision = decideStorage(request, response, { ...policy, allowsStatus: () => true });
  if (decision.kind === 'do-not-store') return decision;
  const lifetime = lifetimeOf(response.status, decision.lifetime, ledTo);
  // A redirect is never validated, since its condition would travel on to the next URL.
  if (!(lifetime.seconds > 0)) return { kind: 'do-not-store', reason: 'redirected', dropExisting: false };
  return { ...decision, lifetime };
}

const REDIRECTS: ReadonlySet<number> = new Set([301, 302, 303, 307, 308]);

/** True for a redirect that says for longer than one request where the resource is, whether or not it is stored. */
export const mayBeKept = (request: RequestHead, response: TimedResponse, policy: DecisionPolicy): boolean =>
  REDIRECTS.has(response.status) && decideRedirect(request, response, policy, 0).kind === 'store';

/**
 * The target of a temporary redirect may change at any time (RFC 9110 section 15.4.3). Unless the server says for how
 * long it holds, it holds by the caller's own word, and then no longer than the answer that it led to is fresh.
 */
function lifetimeOf(status: number, lifetime: Lifetime, ledTo: Seconds): Lifetime {
  if (lifetime.source === 'response' || PERMANENT.has(status)) return lifetime;
  return { ...lifetime, seconds: lifetime.source === 'default' ? 0 : Math.min(lifetime.seconds, ledTo) };
}

/**
 * True where an answer that came by redirects which nobody saw may be stored for the URL that was asked. A lifetime by
 * heuristics is not enough, since nobody knows how long the redirects hold, unless the caller gave the entry a key of
 * its own (`isNamed`).
 */
export const keepsHidden = (request: RequestHead, { local }: DecisionPolicy, isNamed: boolean): boolean =>
  isRetraceable(request) && (isNamed || local.kind !== 'heuristic');
