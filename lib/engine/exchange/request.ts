/** This file describes a request in the engine: where its answer is stored, and how it is sent to the origin. */
import type { Answer } from './answer.js';
import type { Outcome } from './outcome.js';
import type { BodyKind } from '../../entries/body.js';
import type { RecordedHead } from '../../entries/head.js';
import type { RequestPolicy } from '../../options/policy.js';
import type { HeaderFields, RequestHead } from '../../rfc9111/model.js';

/** It is a request, with the names under which its answer is looked up and stored. */
export interface CacheRequest {
  readonly head: RequestHead;
  readonly key: string;
  /**
   * It is set for HEAD only, and is the key under which a GET of the same URL would be stored (RFC 9111 section 4.3.5).
   */
  readonly keyOfGet: string | undefined;
  /** It stands for the URL alone, whoever asks and by whichever method. An invalidation names it. */
  readonly resource: string;
  /** It is the URL within the key; it is undefined where the user has set a key instead. */
  readonly keyUrl: string | undefined;
  /**
   * It returns the key that the same request would have with another URL, before it is made an address in the storage.
   */
  keyAt(keyUrl: string): string;
  /** It is the path of the socket that the request goes through, if it does not use the network. */
  readonly socketPath: string | undefined;
  readonly policy: RequestPolicy;
  /** It is the request as it is kept with its answer, where the session records. */
  readonly recorded?: RecordedHead | undefined;
  /** It is true where a body that is kept as `kind` can be made into what the caller asks for. */
  isServedBy(entry: ServingEntry): boolean;
  /**
   * It returns the origin of a URL (RFC 6454) as this request reaches it: the same URL behind a socket of its own
   * counts as another origin.
   */
  originOf(url: string): string;
}

/** It is what a request asks of an entry before that may answer it. */
export interface ServingEntry {
  readonly bodyKind: BodyKind;
  /** It is the URL that answered where redirects, of which nothing else is known, led to another one. */
  readonly finalUrl: string | undefined;
}

/** It says on whose side the reason lies that a request got no answer. */
export type FailureKind =
  /** The caller gave up. */
  | 'cancelled'
  /** The caller's own time is over. */
  | 'timeout'
  /** The origin could not be reached or did not answer in time. */
  | 'network'
  /** The origin could not answer at the moment, although it was reached, or it is not known what went wrong. */
  | 'unavailable'
  /** Another caller, whose origin request was shared, gave up or ran out of its own time. */
  | 'leader'
  /** The request could not be made at all: an option or the URL is wrong, or a limit is exceeded. */
  | 'request';

/** It says how an answer's body arrives: whole, so that callers may share it, or bit by bit, for one caller alone. */
export type BodyMode = 'buffered' | 'streamed';

/** An exchange is a request that can be sent, together with the caller who waits for its answer. */
export interface Exchange {
  readonly request: CacheRequest;
  /** It is true where the body goes to the caller while it arrives, so that no other caller can share it. */
  readonly streams: boolean;
  /**
   * It is true where the caller may stop waiting before there is an answer: it has a signal, a cancel token or a
   * timeout.
   */
  readonly mayLeave: boolean;
  /** It is how many milliseconds the caller still waits; it is Infinity where the caller has no timeout. */
  readonly patienceMs: number;
  /**
   * It is true where the other request, which has the same key, would travel to the origin in the same way, so that one
   * of the two will do.
   */
  travelsAs(other: Exchange): boolean;
  /**
   * It is true where the other request, which has the same key, carries the same credentials. A key may be shared by
   * several users, or outlive a token.
   */
  isSameUserAs(other: Exchange): boolean;
  /**
   * It asks the origin; `conditions` are header fields that are added to the caller's own. In the mode `'streamed'` it
   * resolves when the head is there, and the caller's own `signal` and `timeout` apply in place of `signal`.
   * `onRedirect` is told of each further request right before it is sent. `copies` says whether a cache below, such as
   * the browser's own, may answer by a copy.
   */
  send(
    conditions: HeaderFields | undefined,
    signal: AbortSignal | undefined,
    mode: BodyMode,
    onRedirect: (next: CacheRequest) => void,
    copies: 'will-do' | 'will-not-do',
  ): Promise<Answer>;
  /** It waits for `promise`, but no longer than the caller does. */
  race<T>(promise: Promise<T>): Promise<T>;
  /**
   * It waits for what the cache looks up, which never rejects. A caller who has not so much time goes on with `instead`
   * early enough to ask the origin.
   */
  raceLookUp<T>(looking: Promise<T>, instead: T): Promise<T>;
  /**
   * It does the same as `race` for a request that another caller has sent. From then on the caller's own time goes on
   * even while a request of its own is under way.
   */
  raceAnother<T>(promise: Promise<T>): Promise<T>;
  /** It is told that the caller's time goes on, as with `raceAnother`, because the request waits to be sent. */
  noteWaiting(): void;
  failureOf(error: unknown, collapsed: boolean): FailureKind;
  /**
   * It is true where `send` may have failed because of the conditions: not where the caller ended it, or where the
   * origin plainly cannot be reached.
   */
  mayBlameConditions(error: unknown): boolean;
  /** It is true where the caller asked to be told what a refresh in the background has brought. */
  readonly wantsRefreshed: boolean;
  /**
   * It tells the caller, and rejects where the answer is a failure. `failed` is called for what the caller's own code
   * throws later, when nobody waits for it any more.
   */
  handRefreshed(outcome: Outcome, failed: (error: unknown) => void): Promise<void>;
}
