/** What `filter`, `tags` and `http.cache.get` see of an answer. */

/**
 * The server's answer as it is stored, before any `transformResponse`. What is done with it changes nothing stored.
 *
 * @example
 * const stored = await http.cache.get('/users');
 * console.log(stored?.status, stored?.headers['content-type'], stored?.json());
 */
export interface StoredResponse {
  /** The absolute URL without user-info, with the values of `redactedParams` as `***`. */
  readonly url: string;
  /** The method in upper case. */
  readonly method: string;
  readonly status: number;
  readonly statusText: string;
  /** Names are in lower case; a field that came on several lines is a list. */
  readonly headers: Readonly<Record<string, string | readonly string[]>>;
  /** A copy of the body, which is made when it is first read. */
  readonly bytes: Uint8Array;
  /** The tags that `tags` gave to the answer. */
  readonly tags: readonly string[];
  /** When it was received, or last renewed. */
  readonly createdAt: Date;
  /** When it ends; `null` means never. */
  readonly expiresAt: Date | null;
  /** Gives the body as UTF-8, without a byte order mark. */
  text(): string;
  /**
   * Gives the body as JSON.
   *
   * @throws SyntaxError where the body is no JSON.
   */
  json<T = unknown>(): T;
}
