/** This file describes what the origin answers as plain data, without any object of axios. */
import type { Body } from '../../entries/body.js';
import type { EpochMs, HeaderFields, RequestTarget, ResponseHead, TimedResponse } from '../../rfc9111/model.js';

/** It is a copy of a body's bytes, or the reason why there is none. */
export type Copied = Uint8Array | 'incomplete' | 'too-large';

/**
 * It is a body that is still arriving. Exactly one of the two methods is called, once, before the caller gets the body.
 */
export interface StreamingBody {
  /**
   * It copies what the caller reads, up to `limit` bytes, and resolves when the caller has read all of it or has
   * stopped reading.
   */
  copy(limit: number): Promise<Copied>;
  /** It is called where nobody will read the body. */
  discard(): void;
}

/** It is one answer of the origin. */
export interface Answer {
  readonly status: number;
  readonly statusText: string;
  readonly headers: HeaderFields;
  /** It is true where the page that asked is not shown a Vary, since the answer came from another origin (CORS). */
  readonly hidesVary: boolean;
  /** It maps a lower-case header name to the adapter's spelling of it, where the two differ. */
  readonly headerCase: Readonly<Record<string, string>>;
  /**
   * Its bytes may be those that the adapter gave: they are copied before they are kept or given to several callers. It
   * is undefined where the body cannot be kept (a class instance from a mock adapter), and where it has yet to
   * arrive.
   */
  readonly body: Body | undefined;
  /**
   * It is the length of a body that consists of bytes. The positions of a partial answer count bytes, so it is
   * undefined for text and JSON values.
   */
  readonly bodyBytes: number | undefined;
  /** It is set where the body goes to the caller while it is still arriving. */
  readonly streaming: StreamingBody | undefined;
  /** It says why there is no body although the answer has arrived. */
  readonly missing: Exclude<Copied, Uint8Array> | undefined;
  /** It is true only where the adapter proves that no redirect was followed. */
  readonly fromAskedUrl: boolean;
  /** It is the URL that answered, without credentials; it is undefined where that is the URL that was asked. */
  readonly finalUrl: string | undefined;
  /** It tells how redirects led here; it is undefined where none did, as far as is known. */
  readonly chain: RedirectChain | undefined;
  /** What the redirects on the way said, as far as the adapter tells, whether or not they can be followed again. */
  readonly seenRedirects: readonly SeenRedirect[];
  readonly requestTime: EpochMs;
  readonly responseTime: EpochMs;
  /** It is true where the adapter applies `validateStatus`. Other adapters, and their callers, accept every status. */
  readonly heedsValidateStatus: boolean;
  /** It is the adapter's own response, meant for the caller who sent the request. */
  readonly adapterResponse: unknown;
}

/** It is a redirect that was followed and can be followed again from the store. */
export interface Redirect extends TimedResponse {
  /** It is the absolute URL that the redirect leads to, and contains no secret. */
  readonly to: string;
}

/** A redirect as the answer to the request that got it. */
export interface SeenRedirect {
  readonly request: RequestTarget;
  readonly response: ResponseHead;
}

export type RedirectChain =
  /** Each redirect was seen, and `onRedirect` was told of each request that they led to, in order. */
  | { readonly kind: 'seen'; readonly redirects: readonly Redirect[] }
  /** The adapter tells only the URL where the redirects ended. */
  | { readonly kind: 'hidden' }
  /** The redirects cannot be stored: following them again may lead to another request. */
  | { readonly kind: 'untraceable' };

/** It is true where redirects were seen on the way, so that the answer belongs to another request than the caller's. */
export const isRedirected = ({ chain }: Pick<Answer, 'chain'>): boolean =>
  chain !== undefined && chain.kind !== 'hidden';
