/** This file decides whether a stored response answers while the origin takes its time. */
import { forbidsStale, storedDirectives } from './cache-control.js';
import { currentAge, remainingFreshness } from './freshness.js';
import type { DecisionPolicy, EpochMs, RequestHead, Seconds, Stored } from './model.js';
import { variesOnEverything } from './vary.js';

/**
 * Gives how old the response is, and whether it is fresh. The result is undefined where it may not be used without the
 * origin: what the headers of the request and the response demand holds all the same.
 */
export function softAnswer(
  request: RequestHead,
  stored: Stored,
  policy: DecisionPolicy,
  now: EpochMs,
): { readonly age: Seconds; readonly isFresh: boolean } | undefined {
  const rules = storedDirectives(stored, policy);
  const age = currentAge(stored, now);
  const remaining = remainingFreshness(stored, policy, age, now);
  const { noCache, maxAge = Infinity, minFresh = -Infinity } = request.directives;
  const isForbidden =
    policy.mode === 'reload' ||
    request.isConditional ||
    noCache === true ||
    maxAge < age ||
    maxAge === 0 ||
    remaining < minFresh ||
    rules.noCache === true ||
    variesOnEverything(request, stored) ||
    (remaining <= 0 && forbidsStale(rules, policy.shared));
  return isForbidden ? undefined : { age, isFresh: remaining > 0 };
}
