/** The defaults of the options, and the policy that follows for one request from all places that speak of it. */
import type { CacheEvent } from './events.js';
import { nearestLocalRung } from './expiration.js';
import type { ParsedFilter } from './filters.js';
import {
  type ParsedOptions,
  type ParsedPolicy,
  type ParsedRequest,
  parseOptions,
  parseSetting,
} from './option-checks.js';
import type { CacheOptions, CachePolicy, CacheRequestOptions } from './option-types.js';
import type { DecisionPolicy, EpochMs, LocalLifetime, Seconds } from './rfc9111/model.js';
import type { CacheStorage } from './storage/storage.js';

/** What applies where the user says nothing; `storage` has none here, since a default one is made by `setupCache`. */
export const DEFAULTS = {
  expireAfter: 'never',
  mode: 'default',
  cacheControl: true,
  allowedMethods: ['GET', 'HEAD'],
  allowedCodes: [200],
  ignoredParams: [],
  includeHeaders: [],
  staleIfError: false,
  staleWhileRevalidate: false,
  keepStale: '1 day',
  tags: [],
  maxEntryBytes: 5 * 1024 * 1024,
  collapse: true,
  shared: false,
  partition: 'credentials',
  credentialHeaders: ['x-api-key', 'x-auth-token', 'x-access-token', 'x-api-token'],
  redactedParams: ['access_token', 'api_key', 'apikey', 'token'],
  storageTimeout: '2s',
  inherit: false,
  deleteExpiredEvery: false,
  maxVariants: 20,
  cacheStatusHeader: false,
  clearSiteData: false,
  debug: false,
  // Looked up on each call, so that a clock put in its place later is seen.
  now: () => Date.now(),
} as const satisfies CacheOptions;

/**
 * Options that take from RFC 9111 all that it lets a cache do: heuristic lifetimes (section 4.2.2), every final status
 * (section 3; parts too), and stale answers while the origin cannot be reached (section 4.2.4). A 304 is left out: it says
 * something about another response.
 */
export const rfc9111: Readonly<Pick<CacheOptions, 'expireAfter' | 'allowedCodes' | 'staleIfError'>> = {
  expireAfter: 'heuristic',
  staleIfError: true,
  allowedCodes: (status) => status >= 200 && status !== 304,
};

/** What holds for one request, all places that may speak of it merged. */
export interface RequestPolicy extends DecisionPolicy {
  /** Neither read nor written; headers are not asked. `local` then means nothing. */
  readonly off: boolean;
  readonly ignoredParams: ReadonlySet<string>;
  /** Lower case; `true` = all. */
  readonly includeHeaders: readonly string[] | true;
  readonly filter: NonNullable<CachePolicy['filter']> | undefined;
  readonly tags: NonNullable<CachePolicy['tags']>;
  /** `Infinity`: no limit. */
  readonly maxEntryBytes: number;
  readonly keepStale: Seconds;
  readonly collapse: boolean;
  readonly key: string | undefined;
  /** This request's own; `undefined` = the session's way. */
  readonly partition: string | false | undefined;
  readonly invalidates: readonly ParsedFilter[];
  readonly onRefreshed: NonNullable<CacheRequestOptions['onRefreshed']> | undefined;
}

/** Where requests find their policy: the session, alone or under one URL rule. */
export interface PolicyScope {
  readonly shared: boolean;
  readonly session: SessionPolicy;
  readonly url: Partial<ParsedPolicy>;
  /** The policy of a request without a setting of its own, and of those with a setting that is a primitive. */
  readonly policies: Map<unknown, RequestPolicy>;
}

/** The session's policy, defaults filled in; `expireAfter` is absent where the user gave none. */
type SessionPolicy = Omit<ParsedPolicy, Unfilled> & Partial<Pick<ParsedPolicy, Unfilled>>;
type Unfilled = 'expireAfter' | 'filter';

export interface ResolvedOptions {
  readonly session: PolicyScope;
  /** First match wins. */
  readonly urlRules: readonly { readonly matches: (url: string) => boolean; readonly scope: PolicyScope }[];
  /** `undefined`: a storage in memory, for the caller to make. */
  readonly storage: CacheStorage | undefined;
  readonly shared: boolean;
  readonly partition: NonNullable<CacheOptions['partition']>;
  /** Lower case, the defaults among them. Authorization and Cookie are not. */
  readonly credentialHeaders: readonly string[];
  readonly redactedParams: readonly string[];
  readonly storageTimeoutMs: number;
  readonly inherit: boolean;
  /** `undefined`: only when asked. */
  readonly deleteExpiredEveryMs: number | undefined;
  readonly maxVariants: number;
  readonly cacheStatusHeader: boolean;
  readonly clearSiteData: boolean;
  readonly onEvent: ((event: CacheEvent) => void) | undefined;
  readonly debug: boolean | ((line: string) => void);
  readonly now: () => EpochMs;
}

/**
 * Checks what the user gave and fills in the defaults. The input is copied, never changed or kept.
 * Throws one CacheError (ERR_CACHE_OPTION) that names every fault; its `option` is the path of the first.
 */
export function resolveOptions(options: unknown): ResolvedOptions {
  const { expireAfter: _unsaid, ...defaults } = DEFAULTS;
  const given = parseOptions(options);
  const session = { ...(parseOptions(defaults) as Filled), ...given };
  const scopeOf = (url: Partial<ParsedPolicy>): PolicyScope => ({
    shared: session.shared,
    session,
    url,
    policies: new Map(),
  });
  return {
    session: scopeOf({}),
    urlRules: (given.urlsExpireAfter ?? []).map(({ matches, policy }) => ({ matches, scope: scopeOf(policy) })),
    storage: given.storage,
    shared: session.shared,
    partition: session.partition,
    credentialHeaders: [...new Set([...DEFAULTS.credentialHeaders, ...session.credentialHeaders])],
    redactedParams: session.redactedParams,
    storageTimeoutMs: session.storageTimeout,
    inherit: session.inherit,
    deleteExpiredEveryMs: session.deleteExpiredEvery,
    maxVariants: session.maxVariants,
    cacheStatusHeader: session.cacheStatusHeader,
    clearSiteData: session.clearSiteData,
    onEvent: given.onEvent,
    debug: session.debug,
    now: session.now,
  };
}

/** What DEFAULTS, parsed, hold. */
type Filled = Pick<ParsedOptions, Exclude<keyof typeof DEFAULTS, 'expireAfter'>>;

/** Bounds what a scope remembers: settings computed for each request must not pile up. */
const MAX_REMEMBERED = 100;

/**
 * The policy for a request to `url` whose config has `cache: setting`: the request's own word, then the first URL rule
 * that matches, then the session. `url` is absolute, as axios builds it.
 * Throws a CacheError (ERR_CACHE_OPTION) with a path that begins with `cache` for a setting that cannot be read.
 */
export function policyFor(options: ResolvedOptions, url: string, setting: unknown): RequestPolicy {
  const scope = scopeFor(options, url);
  if (typeof setting === 'object' && setting !== null) return mergePolicy(scope, parseSetting(setting));
  const known = scope.policies.get(setting);
  if (known !== undefined) return known;
  const policy = mergePolicy(scope, parseSetting(setting));
  if (scope.policies.size >= MAX_REMEMBERED) scope.policies.clear();
  scope.policies.set(setting, policy);
  return policy;
}

function scopeFor(options: ResolvedOptions, url: string): PolicyScope {
  if (options.urlRules.length === 0) return options.session;
  return options.urlRules.find((rule) => rule.matches(url))?.scope ?? options.session;
}

/** How long a window for stale answers needs them kept; one without an end takes what is kept. */
const windowOf = (window: Seconds | undefined): Seconds => (window === undefined || window === Infinity ? 0 : window);

/** Stands where nothing is cached, so that no lifetime is asked for. */
const NO_LIFETIME: LocalLifetime = { kind: 'seconds', seconds: 0, source: 'default' };

function mergePolicy({ shared, session, url }: PolicyScope, request: Partial<ParsedRequest>): RequestPolicy {
  const rung = nearestLocalRung(request.expireAfter, url.expireAfter, session.expireAfter);
  const { expireAfter: _decided, allowedMethods, allowedCodes, ...merged } = { ...session, ...url, ...request };
  return {
    mode: merged.mode,
    cacheControl: merged.cacheControl,
    shared,
    local: rung.kind === 'off' ? NO_LIFETIME : rung,
    staleIfError: merged.staleIfError,
    staleWhileRevalidate: merged.staleWhileRevalidate,
    allowsStatus: allowedCodes,
    allowsMethod: allowedMethods,
    off: rung.kind === 'off' || merged.mode === 'no-store',
    ignoredParams: merged.ignoredParams,
    includeHeaders: merged.includeHeaders,
    filter: merged.filter,
    tags: merged.tags,
    maxEntryBytes: merged.maxEntryBytes,
    keepStale: Math.max(merged.keepStale, windowOf(merged.staleIfError), windowOf(merged.staleWhileRevalidate)),
    collapse: merged.collapse,
    key: request.key,
    partition: request.partition,
    invalidates: request.invalidates ?? [],
    onRefreshed: request.onRefreshed,
  };
}
