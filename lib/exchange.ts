/** One request as the engine sees it, and the outcome that it gives back: plain data and a few functions, no axios. */
import type { Body } from './body.js';
import type { Entry } from './entry.js';
import type { RequestPolicy } from './options.js';
import type { TimedResponse } from './rfc9111/decide-storage.js';
import type {
  CacheReason,
  CacheStatus,
  EpochMs,
  HeaderFields,
  NotStoredReason,
  RequestHead,
  ResponseHead,
  Seconds,
} from './rfc9111/model.js';
import type { Slice } from './rfc9111/ranges.js';

/** The bytes of a body, or why there is no copy of them. */
export type Copied = Uint8Array | 'incomplete' | 'too-large';

/** A body on its way: until the caller has it, either of these is called, once. */
export interface Passing {
  /** Copies what the caller reads, up to `limit` bytes; resolves when it has read all of it or will not any more. */
  copy(limit: number): Promise<Copied>;
  /** Nobody will read it. */
  discard(): void;
}

/** The origin's answer as plain data. */
export interface Answer {
  readonly status: number;
  readonly statusText: string;
  readonly headers: HeaderFields;
  readonly headerCase: Readonly<Record<string, string>>;
  /** `undefined`: something that cannot be kept (a class instance of a mock adapter), or that is still to come. */
  readonly body: Body | undefined;
  /** A body that goes to the caller as it comes. */
  readonly passing?: Passing | undefined;
  /** Why there is no body of what has passed. */
  readonly missing?: Exclude<Copied, Uint8Array>;
  /** Known to come from the very URL that was asked, and not by redirects, which not every adapter tells. */
  readonly direct: boolean;
  /** The URL that answered, without credentials; `undefined`: the one that was asked. */
  readonly finalUrl: string | undefined;
  /** By which redirects it came; absent: by none, as far as is known. */
  readonly route?: Route | undefined;
  /** What the redirects on the way said, as far as the adapter tells. */
  readonly redirections: readonly Redirection[];
  readonly requestTime: EpochMs;
  readonly responseTime: EpochMs;
  /** Whether the adapter heeds `validateStatus`: else every status is as good to it, and to its callers. */
  readonly judged: boolean;
  /** The adapter's own response, for whoever sent the request. */
  readonly native?: unknown;
}

/** A redirect that the adapter followed. */
export interface Hop extends TimedResponse {
  /** Absolute; nothing in it is secret. */
  readonly to: string;
}

/** A redirect as the answer to the request that got it. */
export interface Redirection {
  readonly request: RequestHead;
  readonly response: ResponseHead;
}

export type Route =
  /** Each was seen, and the requests that they led to were told to the sender, in their order. */
  | { readonly kind: 'seen'; readonly hops: readonly Hop[] }
  /** The adapter tells only where they ended. */
  | { readonly kind: 'hidden' }
  /** Whoever follows them again may not arrive at the same request. */
  | { readonly kind: 'untraceable' };

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

/** What the caller is to be given. */
export type Content =
  | {
      readonly kind: 'entry';
      readonly entry: Entry;
      readonly part: Slice | undefined;
      /** The 304 by which it was renewed, for the caller whose request that was: its cookies are meant for this one. */
      readonly renewal: Answer | undefined;
    }
  | { readonly kind: 'origin'; readonly answer: Answer }
  /** A 304 to the caller's own conditions, made of a stored response. */
  | { readonly kind: 'not-modified'; readonly entry: Entry }
  /**
   * A 504: only-if-cached, and nothing to serve (RFC 9111 section 5.2.1.7); or the origin cannot be reached, and what is
   * stored must not be used without it (section 5.2.2.2). `failure`: what the origin request failed with.
   */
  | { readonly kind: 'gateway-timeout'; readonly failure: unknown };

export interface Outcome {
  readonly content: Content;
  readonly status: CacheStatus;
  readonly reason: CacheReason;
  readonly collapsed: boolean;
  /** The stored response that the answer is, or has become. */
  readonly entry: Entry | undefined;
  readonly notStored: NotStoredReason | undefined;
  readonly age: Seconds | undefined;
}
