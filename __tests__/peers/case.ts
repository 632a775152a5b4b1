/** What a case of another cache's tests is, told in our own words as data. */

/** What becomes of the later request. */
export type Outcome =
  /** It is answered with what is stored and fresh. */
  | 'reused'
  /** It is answered with what is stored and stale, and the server is not waited for. */
  | 'stale'
  /** The server is asked whether what is stored still holds, and it does. */
  | 'validated'
  /** The server is asked for an answer, and gives one. */
  | 'asked'
  /** Neither the storage nor the server answers: status 504. */
  | 'refused';

export interface Exchange {
  /** @default 'get' */
  readonly method?: string;
  /** @default '/' */
  readonly path?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

export interface PeerCase {
  readonly says: string;
  readonly request?: Exchange;
  readonly response: { readonly status?: number; readonly headers: Readonly<Record<string, string>> };
  /** What the server answers to the later request where it is asked without conditions. @default `response` */
  readonly then?: number;
  /** The later request comes so many seconds after the answer. @default 1 */
  readonly after?: number;
  readonly later?: Exchange;
  /** As a cache of many users. @default false */
  readonly shared?: boolean;
  readonly expected: Outcome;
  /** What the peer expects, where it is something else, and what decides. */
  readonly differs?: { readonly theirs: Outcome; readonly because: string };
}
