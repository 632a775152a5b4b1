/** This file shows an entry as a listing has it, which is without its body. */
import { decodeHead } from './head.js';
import { shownTags } from './tags.js';
import type { EntryInfo } from '../api/entry-info.js';
import type { StoredEntryInfo } from '../api/storage.js';
import { isFromFuture } from '../rfc9111/freshness.js';
import type { EpochMs } from '../rfc9111/model.js';

/** It is true where the lifetime of an entry is over. One that was stored while a clock was ahead counts as stale. */
export const isStaleAt = (
  { createdAtMs, expiresAtMs }: Pick<StoredEntryInfo, 'createdAtMs' | 'expiresAtMs'>,
  now: EpochMs,
): boolean => expiresAtMs <= now || isFromFuture(createdAtMs, now);

/** `key` is the key in the form that may be shown. Of a head that cannot be read nothing is known. */
export function describeListed(info: StoredEntryInfo, key: string, now: EpochMs): EntryInfo {
  const { url = '', method = '', status = 0 } = decodeHead(info.head)?.head ?? {};
  return {
    key,
    url,
    method,
    status,
    tags: shownTags(info.tags),
    createdAt: new Date(info.createdAtMs),
    expiresAt: info.expiresAtMs === Infinity ? null : new Date(info.expiresAtMs),
    stale: isStaleAt(info, now),
    bytes: info.bodyBytes,
  };
}
