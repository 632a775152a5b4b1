import type { Body } from '../../entries/body.js';
import type { EpochMs, HeaderFields, RequestTarget, ResponseHead, TimedResponse } from '../../rfc9111/model.js';

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
  readonly request: RequestTarget;
  readonly response: ResponseHead;
}

export type Route =
  /** Each was seen, and the requests that they led to were told to the sender, in their order. */
  | { readonly kind: 'seen'; readonly hops: readonly Hop[] }
  /** The adapter tells only where they ended. */
  | { readonly kind: 'hidden' }
  /** Whoever follows them again may not arrive at the same request. */
  | { readonly kind: 'untraceable' };
