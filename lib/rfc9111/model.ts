/** The plain data that every decision of this folder takes and returns. No behaviour, no clock, no I/O. */

/** A duration in seconds; `Infinity` never ends. */
export type Seconds = number & { readonly __unit?: 'seconds' };
/** An instant in milliseconds since 1970. */
export type EpochMs = number & { readonly __unit?: 'epoch-ms' };

/** Field names in lower case, on an object without a prototype; a list where a name came on several lines. */
export type HeaderFields = Readonly<Record<string, string | readonly string[]>>;

/** What a request does, and to which resource. */
export interface RequestTarget {
  /** Upper case. */
  readonly method: string;
  readonly url: string;
}

/** A request with what decisions ask of it, parsed once by `describeRequestHead`. */
export interface RequestHead extends RequestTarget {
  /** As the caller gave them; the values of credential fields are digests, equal where the credentials are. */
  readonly headers: HeaderFields;
  /** Cache-Control, or else Pragma; empty where headers are not honoured (`cacheControl: false`). */
  readonly directives: RequestDirectives;
  /** True where the caller asks for a part, or on conditions of its own. */
  readonly isConditional: boolean;
}

export interface ResponseHead {
  readonly status: number;
  readonly headers: HeaderFields;
}

/** A response with the times of its exchange. */
export interface TimedResponse extends ResponseHead {
  readonly requestTime: EpochMs;
  readonly responseTime: EpochMs;
  /** How many bytes its body has; without it the response holds no part. */
  readonly bodyBytes?: number | undefined;
}

/** What decisions ask of a response's headers, parsed once by `readResponseFacts`. */
export interface ResponseFacts {
  /** Empty where headers are not honoured. */
  readonly directives: ResponseDirectives;
  /** `Date`, or the time of receipt where it is missing or unreadable (RFC 9110 section 6.6.1). */
  readonly dateValue: EpochMs;
  /** `Age`, 0 where it is missing or unreadable. */
  readonly ageValue: Seconds;
  /** The field as it was received; an empty one is none. */
  readonly etag: string | undefined;
  readonly lastModified: string | undefined;
}

/** Which rung of the expiration ladder gave the lifetime. */
export type ExpirySource = 'response' | 'request' | 'url' | 'session' | 'default';

/** What the nearest local rung (request, URL, session, default) says; used where the response is silent. */
export type LocalLifetime =
  | { readonly kind: 'seconds'; readonly seconds: Seconds; readonly source: ExpirySource }
  | { readonly kind: 'until'; readonly at: EpochMs; readonly source: ExpirySource }
  | { readonly kind: 'heuristic'; readonly source: ExpirySource };

/** The freshness lifetime of a stored response, chosen when it was stored or last validated. */
export interface Lifetime {
  /** `Infinity`: never expires. 0: validate on each use. */
  readonly seconds: Seconds;
  readonly source: ExpirySource;
  /** `age`: compare with the age of RFC 9111 section 4.2.3. `receipt`: count from receipt or last validation. */
  readonly basis: 'age' | 'receipt';
}

/** The request fields that the response's Vary nominated, with their normalised values; `null` = absent. */
export type VaryValues = readonly (readonly [name: string, value: string | null])[];

/** A stored response less its body. JSON data: what it holds is what a storage keeps. */
export interface StoredHead {
  readonly url: string;
  readonly method: string;
  readonly status: number;
  readonly statusText: string;
  readonly headers: HeaderFields;
  /** When the request that brought or last validated it was sent, and its answer received. */
  readonly requestTime: EpochMs;
  readonly responseTime: EpochMs;
  readonly vary: VaryValues;
  readonly lifetime: Lifetime;
  /** False where Cache-Control, Expires and Pragma were ignored (`cacheControl: false`) when it was stored. */
  readonly headersHonoured: boolean;
  /** Of a redirect that was followed: where it leads to, absolute. Absent: an answer. */
  readonly redirectsTo?: string | undefined;
}

/** Response Cache-Control as parsed (RFC 9111 section 5.2.2, RFC 5861, RFC 8246). `undefined` = absent. */
export interface ResponseDirectives {
  /** Present but unreadable, or given twice with different values: `'invalid'`, which counts as 0. */
  readonly maxAge?: Seconds | 'invalid' | undefined;
  readonly sMaxage?: Seconds | 'invalid' | undefined;
  readonly staleWhileRevalidate?: Seconds | undefined;
  readonly staleIfError?: Seconds | undefined;
  /** `true` without an argument, else the field names it lists. */
  readonly noCache?: true | readonly string[] | undefined;
  readonly private?: true | readonly string[] | undefined;
  readonly noStore?: true | undefined;
  readonly mustRevalidate?: true | undefined;
  readonly proxyRevalidate?: true | undefined;
  readonly mustUnderstand?: true | undefined;
  readonly public?: true | undefined;
}

/** Request Cache-Control as parsed (RFC 9111 section 5.2.1, RFC 5861). */
export interface RequestDirectives {
  readonly maxAge?: Seconds | undefined;
  /** `Infinity` without an argument. */
  readonly maxStale?: Seconds | undefined;
  readonly minFresh?: Seconds | undefined;
  readonly staleIfError?: Seconds | undefined;
  readonly noCache?: true | undefined;
  readonly noStore?: true | undefined;
  readonly onlyIfCached?: true | undefined;
}

/** A stored response with what a decision asks of it, parsed once. */
export interface Stored extends StoredHead, ResponseFacts {
  /** How many bytes the stored body has; without it no part of the response is served. */
  readonly bodyBytes: number | undefined;
}

/** The Fetch standard's request cache modes. */
export type CacheMode = 'default' | 'no-store' | 'reload' | 'no-cache' | 'force-cache' | 'only-if-cached';

/** The part of the caller's options that decisions ask for. */
export interface DecisionPolicy {
  readonly mode: CacheMode;
  /** False: Cache-Control, Expires and Pragma mean nothing, on both sides. */
  readonly cacheControl: boolean;
  /** True: the rules for shared caches (s-maxage, private, proxy-revalidate, RFC 9111 section 3.5). */
  readonly shared: boolean;
  readonly local: LocalLifetime;
  /** Local windows; `Infinity` = as long as the entry is kept, `undefined` = not asked for. */
  readonly staleIfError: Seconds | undefined;
  readonly staleWhileRevalidate: Seconds | undefined;
  readonly allowsStatus: (status: number) => boolean;
  /** True: the method is cacheable for this request (`allowedMethods`). */
  readonly allowsMethod: (method: string) => boolean;
  /** True: a redirect that is stored is no way for this request. */
  readonly ignoresRedirects?: boolean | undefined;
}

/** Where the answer came from. */
export type CacheStatus = 'hit' | 'stale' | 'revalidated' | 'miss' | 'bypass';

/** Why the answer came from there: one line a status, in the order hit/revalidated, stale, miss, bypass. */
export type CacheReason =
  | 'fresh' | 'not-modified'
  | 'stale-while-revalidate' | 'stale-if-error' | 'max-stale' | 'force-cache' | 'only-if-cached'
  | 'uri-miss' | 'vary-miss' | 'expired' | 'must-revalidate' | 'no-cache' | 'reload' | 'max-age' | 'min-fresh'
  | 'partial' | 'filtered' | 'unreadable' | 'storage-error' | 'condition-failed'
  | 'off' | 'disabled' | 'method' | 'no-store' | 'stream-body' | 'uninstalled' | 'closed';

export type NotStoredReason =
  | 'bypass' | 'status' | 'no-store' | 'private' | 'authorization' | 'vary-star' | 'no-lifetime' | 'zero-lifetime'
  | 'filtered' | 'too-large' | 'incomplete' | 'invalidated' | 'storage-error' | 'partial' | 'redirected';
