/** What `http.cache.copyTo` takes and tells. */
import type { CacheFilter } from './options.js';

/**
 * Why an entry is not copied:
 *
 * - `'not-findable'`: nobody could find it there. Its key or its Vary was made with the secret of the storage that it
 *   is in, and the other storage has another secret; or it belongs to a cookie jar or another object of this process;
 *   or it belongs to a user, and the other storage is a file of requests, which has no users.
 * - `'expired'`: nothing can use it any more.
 * - `'gone'`: it was deleted or replaced meanwhile.
 * - `'newer'`: the other storage has this answer already, or a newer one, or it was invalidated there meanwhile.
 * - `'too-large'`: the other storage has no room for it.
 */
export type CopySkipReason = 'not-findable' | 'expired' | 'gone' | 'newer' | 'too-large';

/** How far it has come. */
export interface CopyProgress {
  /** How many entries were copied. */
  readonly copied: number;
  /** How many were left out, by the reason. */
  readonly skipped: Readonly<Record<CopySkipReason, number>>;
  /** How many could not be read or written. Each failure is an event `storage-error` too. */
  readonly failed: number;
  /** The size of the bodies that were copied, in bytes. */
  readonly bytes: number;
}

/**
 * @example
 * await http.cache.copyTo(new MemoryStorage(), { filter: { tag: 'people' }, signal: AbortSignal.timeout(60_000) });
 */
export interface CopyOptions {
  /** Which entries are meant. @default {} which means all of them */
  readonly filter?: CacheFilter | undefined;
  /** Ends it after the entry that is under way; then `copyTo` rejects as axios does. */
  readonly signal?: AbortSignal | undefined;
  /** Is called after each entry. What it throws is ignored. */
  readonly onProgress?: ((progress: CopyProgress) => void) | undefined;
}
