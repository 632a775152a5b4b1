/** Leases: one process of many asks the origin, and the others wait for what it stores. They promise nothing. */
import type { StorageLease } from '../../api/storage.js';
import type { RedisContext } from './context.js';
import { RELEASE } from './scripts.js';
import { newToken } from './tokens.js';

/** It stands in place of a holder where nobody need wait for another one. */
const FOR_ALL = 'for all';
const LEASE_FOR_ALL: StorageLease = { release: () => Promise.resolve() };

/** Gives `undefined` where somebody else holds the lease. */
export async function takeLease(context: RedisContext, key: string, ttlMs: number): Promise<StorageLease | undefined> {
  const name = context.keys.lease(key);
  const holder = newToken();
  const ttl = String(Math.max(1, Math.ceil(ttlMs)));
  const take = (): Promise<unknown> => context.command('SET', name, holder, 'NX', 'PX', ttl);
  if ((await take()) === null) {
    const other = (await context.command('GET', name)) as Buffer | null;
    if (other !== null) return other.toString('latin1') === FOR_ALL ? LEASE_FOR_ALL : undefined;
    // It has run out meanwhile, or was no lease at all.
    if ((await take()) === null) return undefined;
  }
  // One that has run out may be somebody else's by now, and stays.
  const release = async (answer?: 'unstorable'): Promise<void> => {
    const next = answer === 'unstorable' ? FOR_ALL : '';
    await context.run(RELEASE, [name], [holder, next, ttl]);
  };
  return { release };
}
