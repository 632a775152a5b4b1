/** One request as the engine sees it, and the outcome that it gives back: plain data and a few functions, no axios. */
import type { Answer } from './answer.js';
import type { Outcome } from './outcome.js';
import type { RequestPolicy } from '../../options/policy.js';
import type { HeaderFields, RequestHead } from '../../rfc9111/model.js';

/** Whose failure it is that a request did not get an answer. */
export type FailureKind =
  /** The caller gave up. */
  | 'cancelled'
  /** The origin could not be reached or did not answer in time. */
  | 'network'
  /** Another caller, whose origin request was shared, gave up or ran out of its time. */
  | 'leader'
  /** A request that could not be made at all: a wrong option, a wrong URL, a limit exceeded. */
  | 'request';

/** A request where it stands in the cache: what an answer to it is looked up and stored by. */
export interface Asked {
  readonly head: RequestHead;
  readonly key: string;
  /** For HEAD: the key under which a GET of the same would be stored (RFC 9111 section 4.3.5). */
  readonly keyOfGet: string | undefined;
  readonly resource: string;
  /** The URL in the key, and the key with another one; `undefined` where the user's own key is in its place. */
  readonly search: { readonly keyUrl: string; readonly keyAt: (keyUrl: string) => string } | undefined;
  /** The socket that the request goes through, if it has one of its own. */
  readonly socketPath?: string | undefined;
  readonly policy: RequestPolicy;
  /** The origin of a URL (RFC 6454), as this request reaches it: behind its own socket it is another one. */
  readonly originOf: (url: string) => string;
}

export interface Exchange extends Asked {
  /** What must be equal for two requests of one key to share an origin request. */
  readonly flightIdentity: () => string;
  /** What the origin answers goes to the caller as it comes, so that no other caller can have a part in it. */
  readonly streams: boolean;
  /**
   * Asks the origin; `conditions` are added to the caller's own fields. `'streamed'`: resolves with the head, for this
   * caller alone, whose own `signal` and `timeout` then hold instead. `onRedirect` is told of each further request right
   * before it is sent.
   */
  readonly send: (
    conditions: HeaderFields | undefined,
    signal: AbortSignal,
    manner: 'buffered' | 'streamed',
    onRedirect: (next: Asked) => void,
  ) => Promise<Answer>;
  /** Waits no longer than the caller does. */
  readonly race: <T>(promise: Promise<T>) => Promise<T>;
  readonly failureOf: (error: unknown, collapsed: boolean) => FailureKind;
  /**
   * Told what a refresh in the background has brought, where the caller asked for it; rejects where that is a failure.
   * `failed`: for what fails after that, in the caller's own code, which nobody waits for.
   */
  readonly onRefreshed?: ((outcome: Outcome, failed: (error: unknown) => void) => Promise<void>) | undefined;
}
