/** This file holds the plain data that every decision of this folder takes and returns, without any behaviour. */

/** A duration is in seconds; one of `Infinity` never ends. */
export type Seconds = number & { readonly __unit?: 'seconds' };
/** An instant is in milliseconds since 1970. */
export type EpochMs = number & { readonly __unit?: 'epoch-ms' };

/** Names are in lower case, on an object without a prototype. A name that came on several lines has a list. */
export type HeaderFields = Readonly<Record<string, string | readonly string[]>>;

/** This says what a request does, and to which resource. */
export interface RequestTarget {
  /** The method is in upper case. */
  readonly method: string;
  readonly url: string;
}

/** This says how the fields of a request are held against those by which a stored response was selected. */
export interface FieldSelection {
  /** Gives what may be stored of a field's value: equal for equal values, and no value can be read from it. */
  readonly digest: (value: string) => string;
  /** True for a field that selects no response, although Vary names it: the name of the user answers for it. */
  readonly isAnswered: (name: string) => boolean;
}

/** `describeRequestHead` makes this of a request, and parses once what decisions ask of it. */
export interface RequestHead extends RequestTarget {
  /** These are as the caller gave them, but credentials are digests, which are equal where the credentials are. */
  readonly headers: HeaderFields;
  /** Cache-Control, or else Pragma, gives these; none count where headers are not honoured (`cacheControl: false`). */
  readonly directives: RequestDirectives;
  /** True where the caller asks for a part, or asks on conditions of its own. */
  readonly isConditional: boolean;
  readonly selection: FieldSelection;
  /** These fields of Vary tell no responses apart for this request; `true` means all of them. */
  readonly ignoreVary: readonly string[] | true;
}

export interface ResponseHead {
  readonly status: number;
  readonly headers: HeaderFields;
  /** True where a Vary would not be among the headers: then nobody knows which fields select the response. */
  readonly hidesVary?: boolean | undefined;
}

/** This is a response with the times of its exchange. */
export interface TimedResponse extends ResponseHead {
  readonly requestTime: EpochMs;
  readonly responseTime: EpochMs;
  /** The body has so many bytes; where that is not known, no part of it can be told from others. */
  readonly bodyBytes?: number | undefined;
}

/** `readResponseFacts` parses once what decisions ask of a response's headers. */
export interface ResponseFacts {
  /** None count where headers are not honoured. */
  readonly directives: ResponseDirectives;
  /** `Date` gives it, or the time of receipt where that is missing or unreadable (RFC 9110 section 6.6.1). */
  readonly dateValue: EpochMs;
  /** `Age` gives it; it is 0 where that is missing or unreadable. */
  readonly ageValue: Seconds;
  /** The field is kept as it was received; an empty one counts as missing. */
  readonly etag: string | undefined;
  readonly lastModified: string | undefined;
}

/** One of these rungs of the expiration ladder gave the lifetime. */
export type ExpirySource = 'response' | 'request' | 'url' | 'session' | 'default';

/** The nearest local rung (request, URL, session, default) says this; it counts where the response is silent. */
export type LocalLifetime =
  | { readonly kind: 'seconds'; readonly seconds: Seconds; readonly source: ExpirySource }
  | { readonly kind: 'until'; readonly at: EpochMs; readonly source: ExpirySource }
  | { readonly kind: 'heuristic'; readonly source: ExpirySource };

/** The freshness lifetime of a stored response is chosen when it is stored or freshened. */
export interface Lifetime {
  /** A response with `Infinity` never expires; one with 0 is validated on each use. */
  readonly seconds: Seconds;
  readonly source: ExpirySource;
  /** `age` compares with the age of RFC 9111 section 4.2.3, `receipt` counts from receipt or last validation. */
  readonly basis: 'age' | 'receipt';
}

/**
 * These request fields were nominated by the response's Vary. Of their values, which are normalised, there are digests,
 * since nobody declares such a field as secret; `null` stands for an absent field.
 */
export type VaryValues = readonly (readonly [name: string, value: string | null])[];

/** This is a stored response less its body. It is JSON data, and all that a storage keeps of the head. */
export interface StoredHead {
  readonly url: string;
  readonly method: string;
  readonly status: number;
  readonly statusText: string;
  readonly headers: HeaderFields;
  /** The request that brought or last validated the response was sent and answered at these instants. */
  readonly requestTime: EpochMs;
  readonly responseTime: EpochMs;
  readonly vary: VaryValues;
  readonly lifetime: Lifetime;
  /** False where Cache-Control, Expires and Pragma were ignored (`cacheControl: false`) at the time of storing. */
  readonly headersHonoured: boolean;
  /** A redirect that was followed leads to this absolute URL; it is absent where the response is an answer. */
  readonly redirectsTo?: string | undefined;
}

/** A response's Cache-Control is parsed to this (RFC 9111 section 5.2.2, RFC 5861); absent is `undefined`. */
export interface ResponseDirectives {
  /** An unreadable argument, or two different ones, are `'invalid'`, which counts as 0. */
  readonly maxAge?: Seconds | 'invalid' | undefined;
  readonly sMaxage?: Seconds | 'invalid' | undefined;
  readonly staleWhileRevalidate?: Seconds | undefined;
  readonly staleIfError?: Seconds | undefined;
  /** The directive lists these field names, or stands alone, which is `true`. */
  readonly noCache?: true | readonly string[] | undefined;
  readonly private?: true | readonly string[] | undefined;
  readonly noStore?: true | undefined;
  readonly mustRevalidate?: true | undefined;
  /** The response does not change while it is fresh (RFC 8246). */
  readonly immutable?: true | undefined;
  readonly proxyRevalidate?: true | undefined;
  readonly mustUnderstand?: true | undefined;
  readonly public?: true | undefined;
}

/** A request's Cache-Control is parsed to this (RFC 9111 section 5.2.1, RFC 5861). */
export interface RequestDirectives {
  readonly maxAge?: Seconds | undefined;
  /** Without an argument it is `Infinity`. */
  readonly maxStale?: Seconds | undefined;
  readonly minFresh?: Seconds | undefined;
  readonly staleIfError?: Seconds | undefined;
  readonly noCache?: true | undefined;
  readonly noStore?: true | undefined;
  readonly onlyIfCached?: true | undefined;
}

/** This is a stored response with the facts of its headers (`storedFacts`). */
export interface Stored extends StoredHead, ResponseFacts {
  /** The stored body has so many bytes; where that is not known, no part of the response is served. */
  readonly bodyBytes: number | undefined;
}

/** These are the request cache modes of the Fetch standard. */
export type CacheMode = 'default' | 'no-store' | 'reload' | 'no-cache' | 'force-cache' | 'only-if-cached';

/** Decisions ask for this part of the caller's options. */
export interface DecisionPolicy {
  readonly mode: CacheMode;
  /** Where false, Cache-Control, Expires and Pragma mean nothing, on both sides. */
  readonly cacheControl: boolean;
  /** Where false, the cache adds no conditions of its own to a request. */
  readonly conditionalRequests: boolean;
  /** Where a function gives the local lifetime, this gives what it says of a response that is stored. */
  readonly localFor?: ((stored: Stored) => LocalLifetime) | undefined;
  /** Nothing larger is stored. */
  readonly maxEntryBytes: number;
  /** Where true, the rules for shared caches hold (s-maxage, private, proxy-revalidate, RFC 9111 section 3.5). */
  readonly shared: boolean;
  readonly local: LocalLifetime;
  /** No lifetime is longer, whoever gave it. */
  readonly maxLifetime: Seconds;
  /** Where true, nothing is stored, and what is stored is served no more: the user has switched the cache off. */
  readonly off: boolean;
  /** Where true, nothing is written or deleted. */
  readonly readOnly: boolean;
  readonly ignoreVary: readonly string[] | true;
  /** A local window of `Infinity` lasts as long as the entry is kept; one of `undefined` was not asked for. */
  readonly staleIfError: Seconds | undefined;
  readonly staleWhileRevalidate: Seconds | undefined;
  /** A stale response may stand in for one of these statuses. */
  readonly staleIfErrorCodes: ReadonlySet<number>;
  readonly allowsStatus: (status: number) => boolean;
  /** True where the method is cacheable for this request (`allowedMethods`). */
  readonly allowsMethod: (method: string) => boolean;
  /** Where true, stored redirects must not be followed for this request. */
  readonly ignoresRedirects?: boolean | undefined;
}

/** This says where the answer came from. */
export type CacheStatus = 'hit' | 'stale' | 'revalidated' | 'miss' | 'bypass';

/** This says why the answer came from there: first hits and renewals, then what is stale, misses and bypasses. */
export type CacheReason =
  | 'fresh' | 'not-modified'
  | 'soft-timeout' | 'stale-while-revalidate' | 'stale-if-error' | 'max-stale' | 'force-cache' | 'only-if-cached'
  | 'uri-miss' | 'vary-miss' | 'expired' | 'must-revalidate' | 'no-cache' | 'reload' | 'max-age' | 'min-fresh'
  | 'partial' | 'filtered' | 'unreadable' | 'storage-error' | 'condition-failed'
  | 'off' | 'disabled' | 'method' | 'no-store' | 'stream-body' | 'uninstalled' | 'closed';

export type NotStoredReason =
  | 'bypass' | 'failed' | 'read-only' | 'status' | 'no-store' | 'private' | 'authorization' | 'vary-star'
  | 'no-lifetime' | 'zero-lifetime' | 'filtered' | 'too-large' | 'incomplete' | 'invalidated' | 'storage-error'
  | 'partial' | 'redirected';
