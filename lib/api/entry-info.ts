/** What a listing of the cache tells of an entry. */

/**
 * A stored answer without its body. It is what was known when it was listed.
 *
 * @example
 * for await (const { url, bytes, stale } of http.cache.entries()) console.log(url, bytes, stale);
 */
export interface EntryInfo {
  /** An opaque digest of the key, which is safe to log, and the same as `response.cache.key`. */
  readonly key: string;
  /**
   * The absolute URL without user-info, with the values of `redactedParams` as `***`. It is empty where the record
   * cannot be read.
   */
  readonly url: string;
  /** The method in upper case; empty where the record cannot be read. */
  readonly method: string;
  /** The status of the answer; 0 where the record cannot be read. */
  readonly status: number;
  /** The tags that `tags` gave to the answer. */
  readonly tags: readonly string[];
  /** When the answer was received, or last renewed. */
  readonly createdAt: Date;
  /** When its lifetime ends; `null` means never. */
  readonly expiresAt: Date | null;
  /** True where its lifetime is over. It may still be renewed, or stand in for an answer that fails. */
  readonly stale: boolean;
  /** The size of the body in bytes, as it is stored. */
  readonly bytes: number;
}
