/** What to tell of a Redis that has no room, or will have none: with `noeviction` it refuses to store what is new. */
import { CacheError } from '../../api/errors.js';
import type { RedisContext } from './context.js';

const REMEDY =
  'Set maxmemory-policy to allkeys-lru or allkeys-lfu, or give the cache a Redis of its own. Requests are answered anyway.';

/** Looks once. Not every server says, and not every user may ask. */
export async function checkRoom({ link, keys, reports }: RedisContext): Promise<void> {
  try {
    const [run] = await link.masters();
    const info = String(await run?.(['INFO', 'memory']));
    const hasLimit = /^maxmemory:[1-9]/m.test(info);
    if (!hasLimit || !/^maxmemory_policy:noeviction/m.test(info)) return;
    const message = `RedisStorage: Redis has a maxmemory and the policy noeviction: once it is full it stores no more`;
    reports.problem('set', new CacheError('ERR_CACHE_STORAGE', `${message} (${keys.namespace}). ${REMEDY}`));
  } catch {
    // A full Redis says so itself.
  }
}

/** What stands behind the refusal of a full Redis; `undefined` for other errors. */
export function explainFull(cause: unknown): CacheError | undefined {
  if (!(cause instanceof Error && cause.message.includes('OOM '))) return undefined;
  const message = 'RedisStorage: Redis is full: it has reached its maxmemory, and its policy is noeviction';
  return new CacheError('ERR_CACHE_STORAGE', `${message}. ${REMEDY}`, { cause });
}
