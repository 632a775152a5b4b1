/** The origin's answer as plain data. */
import type { Body } from '../../entries/body.js';
import type { EpochMs, HeaderFields, RequestTarget, ResponseHead, TimedResponse } from '../../rfc9111/model.js';

/** The bytes of a body, or why there is no copy of them. */
export type Copied = Uint8Array | 'incomplete' | 'too-large';

/** A body on its way: until the caller has it, either of these is called, once. */
export interface StreamingBody {
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
  /** Names as the adapter spelt them, by lower-case name, where they differ. */
  readonly headerCase: Readonly<Record<string, string>>;
  /** `undefined`: something that cannot be kept (a class instance of a mock adapter), or that is still to come. */
  readonly body: Body | undefined;
  /** The length of a body of bytes; the positions of a part count bytes, so a body of text or values has none. */
  readonly bodyBytes: number | undefined;
  /** A body that goes to the caller as it comes. */
  readonly streaming: StreamingBody | undefined;
  /** Why there is no body although the answer has arrived. */
  readonly missing: Exclude<Copied, Uint8Array> | undefined;
  /** True only where the adapter proves that no redirect was followed. */
  readonly fromAskedUrl: boolean;
  /** The URL that answered, without credentials; `undefined`: the one that was asked. */
  readonly finalUrl: string | undefined;
  /** How redirects led here; `undefined`: none did, as far as is known. */
  readonly chain: RedirectChain | undefined;
  /** What the redirects on the way said, as far as the adapter tells, whether or not they can be followed again. */
  readonly seenRedirects: readonly SeenRedirect[];
  readonly requestTime: EpochMs;
  readonly responseTime: EpochMs;
  /** Whether the adapter heeds `validateStatus`: else every status is as good to it, and to its callers. */
  readonly heedsValidateStatus: boolean;
  /** The adapter's own response, for the caller who sent the request. */
  readonly adapterResponse: unknown;
}

/** A redirect that was followed and can be followed again. */
export interface Redirect extends TimedResponse {
  /** The absolute URL that it leads to; nothing in it is secret. */
  readonly to: string;
}

/** A redirect as the answer to the request that got it. */
export interface SeenRedirect {
  readonly request: RequestTarget;
  readonly response: ResponseHead;
}

export type RedirectChain =
  /** Each redirect was seen, and the requests that they led to were told to the sender, in their order. */
  | { readonly kind: 'seen'; readonly redirects: readonly Redirect[] }
  /** The adapter tells only where they ended. */
  | { readonly kind: 'hidden' }
  /** Whoever follows them again may not arrive at the same request. */
  | { readonly kind: 'untraceable' };

/** Whether an answer came by redirects that were seen, and so answers another request than the one that was asked. */
export const isRedirected = ({ chain }: Pick<Answer, 'chain'>): boolean =>
  chain !== undefined && chain.kind !== 'hidden';
