/** A request in the engine: where it stands in the cache, and how it is sent to the origin. */
import type { Answer } from './answer.js';
import type { Outcome } from './outcome.js';
import type { RequestPolicy } from '../../options/policy.js';
import type { HeaderFields, RequestHead } from '../../rfc9111/model.js';

/** A request, and by what an answer to it is looked up and stored. */
export interface CacheRequest {
  readonly head: RequestHead;
  readonly key: string;
  /** For HEAD: the key under which a GET of the same would be stored (RFC 9111 section 4.3.5). */
  readonly keyOfGet: string | undefined;
  /** Stands for the URL alone, whoever asks and by whichever method. */
  readonly resource: string;
  /** The URL in the key; `undefined` where the user's own key is in its place. */
  readonly keyUrl: string | undefined;
  /** The key of the same request to another URL, as it is before it is addressed to a storage. */
  keyAt(keyUrl: string): string;
  /** The socket that the request goes through, if it has one of its own. */
  readonly socketPath: string | undefined;
  readonly policy: RequestPolicy;
  /** The origin of a URL (RFC 6454), as this request reaches it: behind its own socket it is another one. */
  originOf(url: string): string;
}

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

/** How an answer's body arrives: whole, for all who share it, or as it comes, for one caller alone. */
export type BodyMode = 'buffered' | 'streamed';

/** A request that can be sent, and the caller who waits for its answer. */
export interface Exchange {
  readonly request: CacheRequest;
  /** What the origin answers goes to the caller as it comes, so that no other caller can have a part in it. */
  readonly streams: boolean;
  /** The caller may stop waiting before there is an answer: it has a signal, a cancel token or a timeout. */
  readonly mayLeave: boolean;
  /** Whether a request of the same key would travel to the origin in the same way, so that one of them will do. */
  travelsAs(other: Exchange): boolean;
  /**
   * Asks the origin; `conditions` are added to the caller's own fields. `'streamed'`: resolves with the head, for this
   * caller alone, whose own `signal` and `timeout` then hold instead. `onRedirect` is told of each further request
   * right
   * before it is sent.
   */
  send(
    conditions: HeaderFields | undefined,
    signal: AbortSignal | undefined,
    mode: BodyMode,
    onRedirect: (next: CacheRequest) => void,
  ): Promise<Answer>;
  /** Waits no longer than the caller does. */
  race<T>(promise: Promise<T>): Promise<T>;
  failureOf(error: unknown, collapsed: boolean): FailureKind;
  /** The caller asked to be told what a refresh in the background has brought. */
  readonly wantsRefreshed: boolean;
  /**
   * Tells the caller; rejects where the answer is a failure. `failed`: for what fails after that, in the caller's own
   * code, which nobody waits for.
   */
  handRefreshed(outcome: Outcome, failed: (error: unknown) => void): Promise<void>;
}
