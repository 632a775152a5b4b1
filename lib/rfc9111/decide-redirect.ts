/** Redirects as stored responses: which of them are reused, and for how long (RFC 9110 section 15.4, RFC 9111 section 3). */
import { decideStorage, type StorageDecision } from './decide-storage.js';
import type { DecisionPolicy, Lifetime, RequestHead, Seconds, TimedResponse } from './model.js';

/** The methods whose redirects are kept: the next request has the same method, and repeating it changes nothing. */
const RETRACEABLE_METHODS: ReadonlySet<string> = new Set(['GET', 'HEAD']);

export const isRetraceable = ({ method }: RequestHead): boolean => RETRACEABLE_METHODS.has(method);

/** Moved Permanently, Permanent Redirect: future requests go to the new URL (RFC 9110 sections 15.4.2, 15.4.9). */
const PERMANENT: ReadonlySet<number> = new Set([301, 308]);

/**
 * Whether the redirect `response` is stored, to be followed again without asking for it. `ledTo`: for how many more
 * seconds the answer at its end is fresh, 0 where that is not stored.
 */
export function decideRedirect(
  request: RequestHead,
  response: TimedResponse,
  policy: DecisionPolicy,
  ledTo: Seconds,
): StorageDecision {
  // Which statuses are kept is said of answers, and a redirect that is followed is none.
  const decision = decideStorage(request, response, { ...policy, allowsStatus: () => true });
  if (decision.kind === 'do-not-store') return decision;
  const lifetime = lifetimeOf(response.status, decision.lifetime, ledTo);
  // It is never validated: a condition would travel on to the next URL.
  if (!(lifetime.seconds > 0)) return { kind: 'do-not-store', reason: 'redirected', dropExisting: false };
  return { ...decision, lifetime };
}

/**
 * The target of a temporary redirect may change at any time (RFC 9110 section 15.4.3). Unless the server says for how
 * long it holds, it holds by the caller's own word, and then no longer than the answer that it led to.
 */
function lifetimeOf(status: number, lifetime: Lifetime, ledTo: Seconds): Lifetime {
  if (lifetime.source === 'response' || PERMANENT.has(status)) return lifetime;
  return { ...lifetime, seconds: lifetime.source === 'default' ? 0 : Math.min(lifetime.seconds, ledTo) };
}

/**
 * Whether what came by redirects that nobody saw may be stored for the URL that was asked. `isNamed`: under a key of
 * the caller's own. By heuristics it may not: nobody knows how long the redirects hold.
 */
export const keepsHidden = (request: RequestHead, { local }: DecisionPolicy, isNamed: boolean): boolean =>
  isRetraceable(request) && (isNamed || local.kind !== 'heuristic');
