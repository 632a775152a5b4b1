/** This file has the calls of `instance.cache` that rewrite what is stored. It is loaded when one is called first. */
import { answers, type ManagedRequest } from './find.js';
import { expireEntries } from '../engine/expire.js';
import type { Selection } from '../engine/invalidation/invalidation.js';
import { updateEntries } from '../engine/update.js';
import type { ParsedLifetime } from '../options/lifetimes.js';
import { policyFor } from '../options/policy.js';
import { isPart } from '../rfc9111/parts.js';
import type { CacheSession } from '../session.js';

/** As `updateEntries`, for all that answers the request as a whole. */
export function update(
  sought: ManagedRequest,
  change: (data: unknown) => unknown,
  session: CacheSession,
): Promise<number> {
  const all = async () => (await answers(sought, sought, session)).filter((entry) => !isPart(entry));
  return updateEntries(sought.request, all, change, session.engine.ports);
}

/** As `expireEntries`. */
export function expire(
  { isMeant }: Selection,
  lifetime: ParsedLifetime | undefined,
  { engine, options }: CacheSession,
): Promise<number> {
  return expireEntries(isMeant, lifetime, engine.ports, (url) => policyFor(options, url, undefined).keepStale);
}
