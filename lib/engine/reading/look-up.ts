/**
 * This file looks up what may answer a request: it reads entries, checks them, and leaves out those that may not be
 * used.
 */
import type { CacheError } from '../../api/errors.js';
import type { StorageReading, StorageScope, StoredEntry } from '../../api/storage.js';
import type { CacheRequest } from '../exchange/request.js';
import type { Fences } from '../exchange/storing.js';
import { passesFilter } from './filter.js';
import { describeEntry, type Entry, parseEntry } from '../../entries/entry.js';
import { userTag } from '../../entries/tags.js';
import type { CacheReason, EpochMs } from '../../rfc9111/model.js';
import { bodyOf } from '../../storage/entry-shape.js';
import type { Guarded, GuardedStorage } from '../../storage/guard.js';
import { type MaybePromise, whenThere } from '../../support/maybe-promise.js';

/** It is what a look-up has brought, and what hindered it. */
export interface Reading extends Fences {
  readonly entries: readonly Entry[];
  /** These have a body that is not of a kind which could answer the request; it is undefined where there are none. */
  readonly unserved?: readonly Entry[] | undefined;
  readonly problem: Extract<CacheReason, 'storage-error' | 'unreadable' | 'filtered'> | undefined;
  /** It says why the storage could not be read. */
  readonly error: CacheError | undefined;
}

/** It is the part of a request that a look-up needs. */
export type SoughtRequest = Pick<
  CacheRequest,
  'head' | 'key' | 'keyUrl' | 'keyOfGet' | 'resource' | 'policy' | 'isServedBy'
>;

/** It is the part of it that the storage is told. */
type ScopedRequest = Pick<SoughtRequest, 'resource' | 'policy'>;

/** It says by what an entry of the request may be invalidated, as far as that is known before the answer is there. */
export const scopeOf = ({ resource, policy: { tags } }: ScopedRequest): StorageScope => ({
  resource,
  tags: typeof tags === 'function' ? NO_TAGS : tags.map(userTag),
});

const NO_TAGS: readonly string[] = [];

/** It is true where the storage has not said all that it has, so that there is no fence to store by. */
export const hasFailed = ({ error, problem }: Reading): boolean => error !== undefined || problem === 'storage-error';

const failedReading = (error: CacheError | undefined): Reading => ({
  entries: [],
  problem: 'storage-error',
  error,
  fence: undefined,
  fenceOfGet: undefined,
});

/** With it a caller goes on who has no time to wait for a look-up. */
export const NOT_READ_IN_TIME: Reading = failedReading(undefined);

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
  fence: one.fence,
  fenceOfGet: other.fence,
});

function readKey(storage: GuardedStorage, request: SoughtRequest, key: string, now: EpochMs): MaybePromise<Reading> {
  const read = storage.get(key, scopeOf(request));
  return read instanceof Promise
    ? read.then((result) => usable(storage, request, result, now))
    : usable(storage, request, read, now);
}

function usable(
  storage: GuardedStorage,
  request: SoughtRequest,
  read: Guarded<StorageReading>,
  now: EpochMs,
): MaybePromise<Reading> {
  if (!read.ok) return failedReading(read.error);
  const { entries: raws, fence } = read.value;
  const entries: Entry[] = [];
  let problem: Reading['problem'];
  let useless: StoredEntry[] | undefined;
  let unserved: Entry[] | undefined;
  for (const raw of raws) {
    if (isGone(raw, request, now)) {
      // It would count among the variants of the key, while nobody can have it.
      if (raw.variant !== '') (useless ??= []).push(raw);
      continue;
    }
    const entry = usableEntry(raw, request);
    if (entry === undefined) {
      problem = 'unreadable';
      (useless ??= []).push(raw);
    } else if (request.isServedBy(entry)) entries.push(entry);
    else (unserved ??= []).push(entry);
  }
  const { filter } = request.policy;
  const reading: Reading = { entries, unserved, problem, error: undefined, fence, fenceOfGet: undefined };
  if (useless === undefined && (filter === undefined || entries.length === 0)) return reading;
  return withoutRefused(storage, reading, useless ?? [], request.policy);
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
  reading: Reading,
  useless: readonly StoredEntry[],
  { filter, readOnly }: CacheRequest['policy'],
): Promise<Reading> {
  const { entries, problem } = reading;
  // A stored redirect is no answer that a filter could judge.
  const passes = async (entry: Entry): Promise<boolean> =>
    filter === undefined || entry.redirectsTo !== undefined || passesFilter(filter, describeEntry(entry));
  const verdicts = await Promise.all(entries.map(passes));
  const refused = entries.filter((_entry, index) => verdicts[index] === false).map(({ raw }) => raw);
  if (!readOnly) for (const each of useless.concat(refused)) await storage.delete(bodyOf(each));
  const kept = entries.filter((_entry, index) => verdicts[index]);
  return { ...reading, entries: kept, problem: refused.length === 0 ? problem : 'filtered' };
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
