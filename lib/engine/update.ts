/**
 * This file implements `instance.cache.update`, by which a user who knows what the origin has by now rewrites stored
 * JSON bodies.
 */
import { CacheError } from '../api/errors.js';
import type { StoredEntry } from '../api/storage.js';
import type { CallerFlights } from './flights/sent-requests.js';
import type { SoughtRequest } from './reading/look-up.js';
import { type StoreContext, whenWritten } from './storing/write.js';
import { allowsStale, type Entry, makeEntry } from '../entries/entry.js';
import type { HeaderFields } from '../rfc9111/model.js';
import { valueOf } from '../storage/guard.js';
import { isUnawaited } from '../support/user-promise.js';
import { decoder, encoder } from '../support/utf8.js';

interface UpdatePorts {
  readonly flights: Pick<CallerFlights, 'enter' | 'invalidate'>;
  readonly store: Pick<StoreContext, 'storage' | 'distrust'>;
}

/**
 * It gives the JSON data of each entry that `find` finds to `change` and stores what that returns, or the data itself
 * where `change` returns undefined, as it may have been changed in place. The result is the number of entries that were
 * rewritten: not those that were invalidated or replaced meanwhile. It throws what `change` throws, and a CacheError
 * where a body is not JSON or the storage fails. Nothing is written before all data is there.
 */
export async function updateEntries(
  { key, resource, policy }: SoughtRequest,
  find: () => Promise<readonly Entry[]>,
  change: (data: unknown) => unknown,
  { flights, store: { storage, distrust } }: UpdatePorts,
): Promise<number> {
  const hold = flights.enter(key, resource);
  try {
    // Requests that are under way were sent before the change, and their answers must not undo it.
    flights.invalidate(resource);
    const { generation } = hold;
    const entries = await find();
    const rewritten = entries.map((entry) => rewrittenEntry(entry, changed(jsonOf(entry), change), policy));
    const isCurrent = (): boolean => hold.generation === generation;
    let count = 0;
    for (const [index, raw] of rewritten.entries()) {
      // It is looked up again, so that it counts as newer than what other processes have under way.
      const { entries: latest, fence } = valueOf(await storage.get(raw.key, raw));
      if (!isCurrent()) break;
      if (!latest.some(({ revision }) => revision === entries[index]?.raw.revision)) continue;
      const set = await whenWritten(storage.set(raw, fence), raw, distrust, isCurrent);
      if (set === 'withdrawn') break;
      if (valueOf(set) === true) count += 1;
    }
    return count;
  } finally {
    hold.release();
  }
}

/** It parses a body of any kind: text and values are kept as the bytes that an origin would have sent. */
function jsonOf({ raw }: Entry): unknown {
  try {
    return JSON.parse(decoder.decode(raw.body)) as unknown;
  } catch {
    throw misused('url', 'update() rewrites JSON; what is stored for this URL is not.');
  }
}

const misused = (option: string, problem: string): Error => new CacheError('ERR_CACHE_OPTION', problem, { option });

/** It returns the text of the data after the change. */
function changed(data: unknown, change: (data: unknown) => unknown): string {
  const returned = change(data);
  if (isUnawaited(returned)) {
    throw misused('change', 'update(): `change` returned a promise; what takes time is to be done before.');
  }
  // It throws a TypeError itself for some of what JSON cannot express.
  const text = JSON.stringify(returned === undefined ? data : returned) as string | undefined;
  if (text === undefined) throw new TypeError('update(): what `change` returned is nothing that JSON can say');
  return text;
}

/**
 * These fields describe the bytes of the origin, and the rewritten body has others. Without them, the next validation
 * fetches the whole answer.
 */
const OF_THE_BYTES = ['etag', 'last-modified', 'content-md5', 'digest', 'content-digest', 'repr-digest'];

function rewrittenEntry(entry: Entry, text: string, policy: SoughtRequest['policy']): StoredEntry {
  const { key, resource, variant, tags } = entry.raw;
  const { keepStale } = policy;
  const identity = { key, resource, variant, tags, keepStale, mayBeStale: allowsStale(policy) };
  const body = encoder.encode(text);
  const kept = Object.entries(entry.headers).filter(([name]) => !OF_THE_BYTES.includes(name));
  const headers = Object.assign(Object.create(null), Object.fromEntries(kept)) as Record<string, HeaderFields[string]>;
  if (headers['content-length'] !== undefined) headers['content-length'] = String(body.byteLength);
  return makeEntry({ ...entry, headers }, body, identity).raw;
}
