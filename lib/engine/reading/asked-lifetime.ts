/** This file judges stored answers by a lifetime that the user's function gives, as a lower number would. */
import { describeEntry, type Entry } from '../../entries/entry.js';
import type { RequestPolicy } from '../../options/policy.js';
import type { LocalLifetime } from '../../rfc9111/model.js';

/** A policy is shared by many requests, and so is what was made of it. */
const twins = new WeakMap<RequestPolicy, RequestPolicy>();

/** It returns the policy by which stored answers are judged: the user's function is asked about each of them, once. */
export function judging(policy: RequestPolicy): RequestPolicy {
  const { settle, local } = policy;
  if (settle === undefined) return policy;
  const known = twins.get(policy);
  if (known !== undefined) return known;
  const asked = new WeakMap<object, LocalLifetime>();
  const localFor = (stored: object): LocalLifetime => {
    const found = asked.get(stored);
    if (found !== undefined) return found;
    // A redirect is no answer that the function could judge.
    if ((stored as Entry).redirectsTo !== undefined) return local;
    const settled = settle(describeEntry(stored as Entry));
    // What the function would not have stored is good for nothing without asking.
    const said: LocalLifetime = settled.off ? { kind: 'seconds', seconds: 0, source: local.source } : settled.local;
    asked.set(stored, said);
    return said;
  };
  const twin: RequestPolicy = { ...policy, localFor };
  twins.set(policy, twin);
  return twin;
}
