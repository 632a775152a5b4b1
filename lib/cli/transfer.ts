/** Copies entries from one storage to another, so that they are found there, by the way of `http.cache.copyTo`. */
import { randomBytes } from 'node:crypto';
import axios from 'axios';
import type { CacheManager, CacheStorage, CopyProgress } from 'axios-client-cache';
import { inTime, lineOf, PATIENCE_MS } from './faults.js';
import { type Addressing, addressingOf, copyEntries, type CopyTarget } from '../engine/copy.js';
import { GuardedStorage } from '../storage/guard.js';

export interface Transfer extends CopyProgress {
  /** Says of the last entry that failed why. */
  readonly failure: string | undefined;
}

export const newSecret = (): string => randomBytes(32).toString('hex');

/** Tells of failures by `onFailure`, a line each. */
export const guard = (storage: CacheStorage, onFailure: (line: string) => void): GuardedStorage =>
  new GuardedStorage(storage, {
    timeoutMs: PATIENCE_MS,
    now: Date.now,
    onFailure: (_operation, error) => { onFailure(lineOf(error)); },
  });

/** Finds out by what entries are found in `storage`; one in which no cache was yet is from now on like `from`. */
export async function targetOf(storage: GuardedStorage, of: CacheStorage, from: Addressing): Promise<CopyTarget> {
  const addressing = await addressingOf(storage, { form: from.form, secret: () => from.secret });
  return { storage, addressing, holdsRequests: of.bind !== undefined };
}

export async function transfer(from: CacheStorage, to: CacheStorage): Promise<Transfer> {
  let failure: string | undefined;
  const note = (line: string): void => { failure = line; };
  const source = guard(from, note);
  const addressing = await addressingOf(source, { form: 'texts', secret: newSecret });
  const progress = await copyEntries({
    from: { storage: source, addressing },
    to: await targetOf(guard(to, note), to, addressing),
    isMeant: () => true,
    now: Date.now,
    onProgress: () => undefined,
  });
  return { ...progress, failure: progress.failed === 0 ? undefined : failure };
}

/** What a file has of changes is shown too, whatever its servers said of caching. */
const EVERYTHING = {
  partition: false,
  cacheControl: false,
  expireAfter: 'never',
  allowedMethods: ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'QUERY'],
  allowedCodes: (status: number) => status >= 200,
} as const;

/**
 * Gives the entries of a file of requests the keys under which a session with few options would look for them. Other
 * storages have the keys of their entries themselves. `target` is the cache that they are for: then they are what a
 * cache without options would have kept, under keys that are made with the secret of that one.
 *
 * @returns the manager of that session; `undefined` where the storage is no such file.
 */
export async function findBy(har: CacheStorage, target?: CacheStorage): Promise<CacheManager | undefined> {
  if (har.bind === undefined) return undefined;
  const secret = target === undefined ? undefined : await inTime(target.meta('secret', newSecret));
  if (secret !== undefined) await har.meta('secret', () => secret);
  const { setupCache } = await import('axios-client-cache');
  const options = { storage: har, includeHeaders: [], ...(target === undefined ? EVERYTHING : {}) };
  return setupCache(axios.create(), options).cache;
}
