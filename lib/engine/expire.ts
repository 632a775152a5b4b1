/** This file implements `instance.cache.expire`, which gives stored answers another lifetime. */
import type { RenewedEntry, StoredEntryInfo } from '../api/storage.js';
import type { CallerFlights } from './flights/sent-requests.js';
import { type StoreContext, whenWritten } from './storing/write.js';
import { withLifetime } from '../entries/entry.js';
import { decodeHead, type EntryHead } from '../entries/head.js';
import { isStaleAt } from '../entries/listed.js';
import type { ParsedLifetime } from '../options/lifetimes.js';
import { heuristicLifetime } from '../rfc9111/freshness.js';
import type { EpochMs, Lifetime, ResponseFacts, Seconds } from '../rfc9111/model.js';
import { valueOf } from '../storage/guard.js';

interface ExpiryPorts {
  readonly flights: Pick<CallerFlights, 'invalidateAll'>;
  readonly store: Pick<StoreContext, 'storage' | 'distrust'>;
  readonly now: () => EpochMs;
}

/**
 * It lets what `isMeant` is true for live for `lifetime` from now; where that is undefined, its lifetime ends now. The
 * result is the number of entries that were changed. It throws a CacheError where the storage fails. `keepStaleOf`
 * returns how long an entry of a URL is kept once it is stale.
 */
export async function expireEntries(
  isMeant: (entry: RenewedEntry) => boolean,
  lifetime: ParsedLifetime | undefined,
  { flights, store: { storage, distrust }, now }: ExpiryPorts,
  keepStaleOf: (url: string) => Seconds,
): Promise<number> {
  // What is under way was asked for before, and would be stored with the lifetime that its server says.
  flights.invalidateAll();
  valueOf(await storage.delete({ underWay: true, concerns: isMeant }));
  /** It is undefined where the entry is to stay as it is, or cannot be read. */
  const renewedBy = (info: StoredEntryInfo): RenewedEntry | undefined => {
    const decoded = decodeHead(info.head);
    const given = decoded && lifetimeFrom(lifetime, info, decoded, now());
    return given && withLifetime(info, decoded, given, keepStaleOf(decoded.head.url));
  };
  let count = 0;
  for await (const info of storage.entries()) {
    if (!isMeant(info)) continue;
    const renewed = renewedBy(info);
    if (renewed === undefined) continue;
    const touched = await whenWritten(storage.touch(renewed, undefined), renewed, distrust, () => true);
    // It is current for ever, so that it is never withdrawn.
    count += Number(valueOf(touched as Exclude<typeof touched, 'withdrawn'>));
  }
  return count;
}

/**
 * It returns the lifetime of an entry; undefined where it is to stay as it is. It counts as one that a request gave
 * itself: whatever the headers and the settings say, it holds.
 */
function lifetimeFrom(
  asked: ParsedLifetime | undefined,
  info: StoredEntryInfo,
  { head, facts }: { readonly head: EntryHead; readonly facts: ResponseFacts },
  now: EpochMs,
): Lifetime | undefined {
  const source = 'request';
  if (asked?.kind === 'heuristic') return { seconds: heuristicLifetime(head, facts) ?? 0, source, basis: 'age' };
  const isEnd = asked === undefined || asked.kind === 'off';
  if (isEnd && isStaleAt(info, now)) return undefined;
  const end = isEnd ? now : asked.kind === 'until' ? asked.at : now + asked.seconds * 1000;
  return { seconds: Math.max(0, end - head.responseTime) / 1000, source, basis: 'receipt' };
}
