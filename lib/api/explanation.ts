/** What `http.cache.explain` tells: what would become of a request now, and why. */
import type { EntryInfo } from './entry-info.js';
import type { CacheReason, CacheStatus, ExpirySource, NotStoredReason } from '../rfc9111/model.js';

/**
 * What would happen to a request now. As a text it says so in sentences.
 *
 * @example
 * console.log(String(await http.cache.explain('/users', { params: { page: 2 } })));
 */
export interface CacheExplanation {
  /**
   * Where the answer would come from. `'revalidated'` means that the server would be asked whether the stored answer
   * still holds; if it answered something else, that would be a miss.
   */
  readonly would: CacheStatus;
  /** Why it would come from there. */
  readonly reason: CacheReason;
  /** Why the answer would not be stored; `undefined` where it would be, is already, or where that depends on it. */
  readonly notStored: NotStoredReason | undefined;
  /** The digest of the key, as `response.cache.key` has it. */
  readonly key: string;
  /** Which rung of the ladder gave the lifetime of the answer that would be used; else `undefined`. */
  readonly expirySource: ExpirySource | undefined;
  /** What is stored for this URL by every method and user. */
  readonly stored: readonly EntryInfo[];
  /** What the key is made of. Values of credentials, headers and bodies are left out. */
  readonly parts: Readonly<Record<string, string>>;
  /**
   * What each rung says of the lifetime, in the order in which they are asked; `says` is `undefined` where it is
   * silent. What the response says is known of an answer that is stored.
   */
  readonly ladder: readonly { readonly source: ExpirySource; readonly says: string | undefined }[];
  /** The rule that decided, such as `'RFC 9111 section 4.2'`. */
  readonly rule: string;
  /** The same in sentences. */
  toString(): string;
}
