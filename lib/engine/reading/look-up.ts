/**
 * This file looks up what may answer a request: it reads entries, checks them, and leaves out those that may not be
 * used.
 */
import type { CacheError } from '../../api/errors.js';
import type { StoredEntry } from '../../api/storage.js';
import type { CacheRequest } from '../exchange/request.js';
import { passesFilter } from './filter.js';
import { describeEntry, type Entry, parseEntry } from '../../entries/entry.js';
import type { CacheReason, EpochMs } from '../../rfc9111/model.js';
import type { Guarded, GuardedStorage } from '../../storage/guard.js';
import { type MaybePromise, whenThere } from '../../support/maybe-promise.js';

/** It is what a look-up has brought, and what hindered it. */
export interface Reading {
  readonly entries: readonly Entry[];
  readonly problem: Extract<CacheReason, 'storage-error' | 'unreadable' | 'filtered'> | undefined;
  /** It says why the storage could not be read. */
  readonly error: CacheError | undefined;
}

/** It is the part of a request that a look-up needs. */
export type SoughtRequest = Pick<
  CacheRequest,
  'head' | 'key' | 'keyUrl' | 'keyOfGet' | 'resource' | 'policy' | 'isServedBy'
>;

export const NOTHING_READ: Reading = { entries: [], problem: undefined, error: undefined };

/**
 * It reads the entries that may answer a request, and never rejects: an entry that cannot be read is left out, and so
 * is one that is past the time at which it should have been deleted, or whose body is not of a kind that will do.
 */
export function readEntries(storage: GuardedStorage, request: SoughtRequest, now: EpochMs): MaybePromise<Reading> {
  const own = readKey(storage, request, request.key, now);
  if (request.keyOfGet === undefined) return own;
  const ofGet = readKey(storage, request, request.keyOfGet, now);
  return whenThere(own, (first) => whenThere(ofGet, (second) => joined(first, second)));
}

const joined = (one: Reading, other: Reading): Reading => ({
  entries: [...one.entries, ...other.entries],
  problem: one.problem ?? other.problem,
  error: one.error ?? other.error,
});

function readKey(storage: GuardedStorage, request: SoughtRequest, key: string, now: EpochMs): MaybePromise<Reading> {
  const read = storage.get(key);
  return read instanceof Promise
    ? read.then((result) => usable(storage, request, key, result, now))
    : usable(storage, request, key, read, now);
}

function usable(
  storage: GuardedStorage,
  request: SoughtRequest,
  key: string,
  read: Guarded<readonly StoredEntry[]>,
  now: EpochMs,
): MaybePromise<Reading> {
  if (!read.ok) return { entries: [], problem: 'storage-error', error: read.error };
  const raws = read.value;
  if (raws.length === 0) return NOTHING_READ;
  const entries: Entry[] = [];
  const unreadable: StoredEntry[] = [];
  const gone: StoredEntry[] = [];
  for (const raw of raws) {
    if (isGone(raw, request, now)) {
      // It would count among the variants of the key, while nobody can have it.
      if (raw.variant !== '') gone.push(raw);
      continue;
    }
    const entry = usableEntry(raw, request);
    if (entry === undefined) unreadable.push(raw);
    else if (request.isServedBy(entry.bodyKind)) entries.push(entry);
  }
  const { filter } = request.policy;
  const problem = unreadable.length === 0 ? undefined : 'unreadable';
  const useless = unreadable.concat(gone);
  if (useless.length === 0 && filter === undefined) return { entries, problem, error: undefined };
  return withoutRefused(storage, key, { entries, problem, error: undefined }, useless, request.policy);
}

/**
 * It is true for what may not be used any more. An entry that is good for no renewal is kept for no time after its end;
 * but as long as it happens to be there, it serves those who take stale answers.
 */
function isGone({ purgeAtMs, expiresAtMs }: StoredEntry, { policy }: SoughtRequest, now: EpochMs): boolean {
  const isKept = purgeAtMs !== Math.ceil(expiresAtMs);
  return purgeAtMs <= now && (isKept || expiresAtMs + policy.keepStale * 1000 <= now);
}

/**
 * It asks the user's filter, and deletes the entries that nobody can use. The filter is asked about all entries at
 * once: should it hang, the caller waits for one time limit and not for one an entry.
 */
async function withoutRefused(
  storage: GuardedStorage,
  key: string,
  { entries, problem }: Reading,
  useless: readonly StoredEntry[],
  { filter, readOnly }: CacheRequest['policy'],
): Promise<Reading> {
  // A stored redirect is no answer that a filter could judge.
  const passes = async (entry: Entry): Promise<boolean> =>
    filter === undefined || entry.redirectsTo !== undefined || passesFilter(filter, describeEntry(entry));
  const verdicts = await Promise.all(entries.map(passes));
  const refused = entries.filter((_entry, index) => verdicts[index] === false).map(({ raw }) => raw);
  if (!readOnly) for (const { variant } of useless.concat(refused)) await storage.delete({ key, variant });
  const kept = entries.filter((_entry, index) => verdicts[index]);
  return { entries: kept, problem: refused.length === 0 ? problem : 'filtered', error: undefined };
}

/**
 * It returns the entry where it may answer. The URL is compared too: should two requests ever share a key, neither gets
 * the other's answer.
 */
function usableEntry(raw: StoredEntry, request: SoughtRequest): Entry | undefined {
  const entry = parseEntry(raw);
  if (entry === undefined) return undefined;
  return entry.url === request.head.url || request.keyUrl === undefined ? entry : undefined;
}
