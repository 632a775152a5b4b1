/** Looking up what may answer a request: entries read, checked, and those left out that may not be used any more. */
import type { CacheError } from '../../api/errors.js';
import type { StoredEntry } from '../../api/storage.js';
import type { Exchange } from '../exchange/request.js';
import { passesFilter } from './filter.js';
import { describeEntry, type Entry, parseEntry } from '../../entries/entry.js';
import type { RequestPolicy } from '../../options/policy.js';
import type { CacheReason, EpochMs } from '../../rfc9111/model.js';
import type { GuardedStorage } from '../../storage/guard.js';

/** What a look-up brought, and what hindered it. */
export interface Reading {
  readonly entries: readonly Entry[];
  readonly problem: Extract<CacheReason, 'storage-error' | 'unreadable' | 'filtered'> | undefined;
  /** Why the storage could not be read. */
  readonly error: CacheError | undefined;
}

/** What is looked for: the part of an exchange that a look-up needs. */
export type Sought = Pick<Exchange, 'head' | 'key' | 'keyOfGet' | 'policy'>;

export const NOTHING_READ: Reading = { entries: [], problem: undefined, error: undefined };

/** Never rejects: what cannot be read is no entry. Entries past their purge time count as gone. */
export async function readEntries(storage: GuardedStorage, sought: Sought, now: EpochMs): Promise<Reading> {
  const own = await readKey(storage, sought, sought.key, now);
  if (sought.keyOfGet === undefined) return own;
  const ofGet = await readKey(storage, sought, sought.keyOfGet, now);
  return { entries: [...own.entries, ...ofGet.entries], problem: own.problem ?? ofGet.problem, error: own.error ?? ofGet.error };
}

async function readKey(storage: GuardedStorage, sought: Sought, key: string, now: EpochMs): Promise<Reading> {
  const read = await storage.get(key);
  if (!read.ok) return { entries: [], problem: 'storage-error', error: read.error };
  if (read.value.length === 0) return NOTHING_READ;
  const { filter } = sought.policy;
  const entries: Entry[] = [];
  let problem: Reading['problem'];
  for (const raw of read.value) {
    if (raw.purgeAtMs <= now) continue;
    const entry = usableEntry(raw, sought);
    if (entry !== undefined && (await passes(entry, filter))) entries.push(entry);
    else {
      problem = entry === undefined ? 'unreadable' : 'filtered';
      await storage.delete({ key, variant: raw.variant });
    }
  }
  return { entries, problem, error: undefined };
}

/** A redirect is no answer that a filter could judge. */
const passes = async (entry: Entry, filter: RequestPolicy['filter']): Promise<boolean> =>
  filter === undefined || entry.redirectsTo !== undefined || passesFilter(filter, describeEntry(entry));

/** The URL is compared too: should two requests ever share a key, one never gets the other's answer. */
function usableEntry(raw: StoredEntry, sought: Sought): Entry | undefined {
  const entry = parseEntry(raw);
  if (entry === undefined) return undefined;
  return entry.url === sought.head.url || sought.policy.key !== undefined ? entry : undefined;
}
