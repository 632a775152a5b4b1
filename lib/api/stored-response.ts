
/** The origin's answer as stored, before any transformResponse. */
export interface StoredResponse {
  readonly url: string;
  readonly method: string;
  readonly status: number;
  readonly statusText: string;
  readonly headers: Readonly<Record<string, string | readonly string[]>>;
  /** A copy, made when it is first read: changing it changes nothing stored. */
  readonly bytes: Uint8Array;
  readonly tags: readonly string[];
  readonly createdAt: Date;
  /** `null`: never. */
  readonly expiresAt: Date | null;
  /** The body as UTF-8, without a byte order mark. */
  text(): string;
  /** Throws a SyntaxError where the body is not JSON. */
  json<T = unknown>(): T;
}
