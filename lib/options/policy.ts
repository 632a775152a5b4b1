/** The policy of a request: what the request, the first URL pattern that matches and the session say, merged. */
import type { CacheEvent } from '../api/events.js';
import type { CacheOptions, CachePolicy, CacheRequestOptions } from '../api/options.js';
import type { CacheStorage } from '../api/storage.js';
import { type ParsedPolicy, type ParsedRequest, parseSetting } from './checks.js';
import type { ParsedRule } from './filters.js';
import type { Rung } from './lifetimes.js';
import type { DecisionPolicy, EpochMs, ExpirySource, LocalLifetime, Seconds } from '../rfc9111/model.js';
import { BoundedMap } from '../support/bounded-map.js';
import { ownOf } from '../support/plain-object.js';

/** Holds where nobody gives a lifetime: what the server says nothing about stays until it is deleted. */
const DEFAULT_LIFETIME: LocalLifetime = { kind: 'seconds', seconds: Infinity, source: 'default' };

/** Stands in for a lifetime where nothing is cached, so that nobody asks for one. */
const NO_LIFETIME: LocalLifetime = { kind: 'seconds', seconds: 0, source: 'default' };

const OFF = { kind: 'off' } as const;

/**
 * What rungs 3 to 5 of the expiration ladder come to. The nearest one that speaks decides whether the cache is on at
 * all. The lifetime is that of the nearest one that has a lifetime, so that an `on` above an `off` looks past it.
 */
export function nearestLocalRung(
  request: Rung | undefined,
  url: Rung | undefined,
  session: Rung | undefined,
): typeof OFF | LocalLifetime {
  if ((request ?? url ?? session)?.kind === 'off') return OFF;
  return (
    localLifetime(request, 'request') ??
    localLifetime(url, 'url') ??
    localLifetime(session, 'session') ??
    DEFAULT_LIFETIME
  );
}

function localLifetime(rung: Rung | undefined, source: ExpirySource): LocalLifetime | undefined {
  switch (rung?.kind) {
    case undefined:
    case 'on':
    case 'off':
      return undefined;
    case 'never':
      return { kind: 'seconds', seconds: Infinity, source };
    case 'seconds':
      return { kind: 'seconds', seconds: rung.seconds, source };
    case 'until':
      return { kind: 'until', at: rung.at, source };
    case 'heuristic':
      return { kind: 'heuristic', source };
  }
}

/** What holds for one request. */
export interface RequestPolicy extends DecisionPolicy {
  /** True: the cache is neither read nor written, and headers are not asked. `local` then means nothing. */
  readonly off: boolean;
  readonly ignoredParams: ReadonlySet<string>;
  /** Names in lower case; `true` means all header fields. */
  readonly includeHeaders: readonly string[] | true;
  readonly filter: NonNullable<CachePolicy['filter']> | undefined;
  readonly tags: NonNullable<CachePolicy['tags']>;
  /** `Infinity` means that there is no limit. */
  readonly maxEntryBytes: number;
  readonly keepStale: Seconds;
  readonly collapse: boolean;
  /** True: every caller is given the same parsed data, deeply frozen. */
  readonly frozenData: boolean;
  readonly key: string | undefined;
  /** The request's own; `undefined` leaves it to the session's `partition`. */
  readonly partition: string | false | undefined;
  readonly invalidates: readonly ParsedRule[];
  /** True where the request itself says what it invalidates, whatever its method is. */
  readonly invalidatesItself: boolean;
  readonly onRefreshed: NonNullable<CacheRequestOptions['onRefreshed']> | undefined;
}

/** What the session and one URL pattern say together: all that a request's own word has to be laid over. */
export interface PolicyScope {
  readonly shared: boolean;
  readonly said: SaidPolicy;
  readonly urlRung: Rung | undefined;
  readonly sessionRung: Rung | undefined;
  /** The policy of requests without a word of their own. */
  readonly policy: RequestPolicy;
  /** The policies of requests whose word is a primitive, by that word; `undefined` until there is one. */
  bySetting: BoundedMap<unknown, RequestPolicy> | undefined;
}

/** A policy with its defaults filled in; what has no default is absent where nobody gave it. */
type SaidPolicy = Omit<ParsedPolicy, NoDefault> & Partial<Pick<ParsedPolicy, NoDefault>>;
type NoDefault = 'expireAfter' | 'filter';

export interface ResolvedOptions {
  /** For URLs that no pattern matches. */
  readonly session: PolicyScope;
  /** Gives the scope of an absolute URL; `undefined` where there are no patterns. */
  readonly scopeOf: ((url: string) => PolicyScope) | undefined;
  /** `undefined`: a storage in memory, which the caller makes. */
  readonly storage: CacheStorage | undefined;
  readonly shared: boolean;
  readonly partition: NonNullable<CacheOptions['partition']>;
  /** True for a header field that says who asks; it is given the name in lower case. */
  readonly isCredential: (name: string) => boolean;
  readonly redactedParams: readonly string[];
  readonly storageTimeoutMs: number;
  readonly inherit: boolean;
  /** `undefined`: expired entries are deleted only when the user asks for it. */
  readonly deleteExpiredEveryMs: number | undefined;
  readonly maxVariants: number;
  readonly cacheStatusHeader: boolean;
  readonly clearSiteData: boolean;
  readonly onEvent: ((event: CacheEvent) => void) | undefined;
  readonly debug: boolean | ((line: string) => void);
  readonly now: () => EpochMs;
}

/** Bounds what a scope remembers: a program may compute a new setting for each request. */
const MAX_REMEMBERED = 100;

/** Merges what the session and one URL pattern say. */
export function createScope(shared: boolean, session: SaidPolicy, url: Partial<ParsedPolicy>): PolicyScope {
  const said = ownOf<SaidPolicy>(session, url);
  const parts = { shared, said, urlRung: url.expireAfter, sessionRung: session.expireAfter };
  return { ...parts, policy: createPolicy(parts, ownOf()), bySetting: undefined };
}

/**
 * The policy for a request to `url` whose config has `cache: setting`: the request's own word, then the first URL
 * pattern that matches, then the session. `url` is absolute, as axios builds it.
 * @throws CacheError `ERR_CACHE_OPTION`, with a path that begins with `cache`, for a setting that cannot be read.
 */
export function policyFor({ session, scopeOf }: ResolvedOptions, url: string, setting: unknown): RequestPolicy {
  const scope = scopeOf === undefined ? session : scopeOf(url);
  if (setting === undefined || setting === null) return scope.policy;
  // An object is read each time, as its owner may change it.
  if (typeof setting === 'object') return createPolicy(scope, parseSetting(setting));
  const known = scope.bySetting?.get(setting);
  if (known !== undefined) return known;
  const policy = createPolicy(scope, parseSetting(setting));
  scope.bySetting ??= new BoundedMap(MAX_REMEMBERED);
  scope.bySetting.set(setting, policy);
  return policy;
}

const nearest = <T>(near: T | undefined, far: T): T => near ?? far;

/** Lays what a request says over its scope, member by member: a spread takes several times as long. */
function createPolicy(
  scope: Omit<PolicyScope, 'policy' | 'bySetting'>,
  request: Partial<ParsedRequest>,
): RequestPolicy {
  const { said } = scope;
  const rung = nearestLocalRung(request.expireAfter, scope.urlRung, scope.sessionRung);
  const mode = nearest(request.mode, said.mode);
  const staleIfError = nearest(request.staleIfError, said.staleIfError);
  const staleWhileRevalidate = nearest(request.staleWhileRevalidate, said.staleWhileRevalidate);
  const keepStale = nearest(request.keepStale, said.keepStale);
  return {
    mode,
    cacheControl: nearest(request.cacheControl, said.cacheControl),
    conditionalRequests: nearest(request.conditionalRequests, said.conditionalRequests),
    shared: scope.shared,
    local: rung.kind === 'off' ? NO_LIFETIME : rung,
    staleIfError: staleIfError === false ? undefined : staleIfError,
    staleWhileRevalidate: staleWhileRevalidate === false ? undefined : staleWhileRevalidate,
    allowsStatus: nearest(request.allowedCodes, said.allowedCodes),
    allowsMethod: nearest(request.allowedMethods, said.allowedMethods),
    off: rung.kind === 'off' || mode === 'no-store',
    ignoredParams: nearest(request.ignoredParams, said.ignoredParams),
    includeHeaders: nearest(request.includeHeaders, said.includeHeaders),
    filter: nearest(request.filter, said.filter),
    tags: nearest(request.tags, said.tags),
    maxEntryBytes: nearest(request.maxEntryBytes, said.maxEntryBytes),
    keepStale: Math.max(keepStale, endOf(staleIfError), endOf(staleWhileRevalidate)),
    collapse: nearest(request.collapse, said.collapse),
    frozenData: nearest(request.frozenData, said.frozenData),
    ignoresRedirects: undefined,
    key: request.key,
    partition: request.partition,
    invalidates: nearest(request.invalidates, said.invalidates),
    invalidatesItself: request.invalidates !== undefined,
    onRefreshed: request.onRefreshed,
  };
}

/** How long a window for stale answers needs them kept; one without an end takes what is kept anyway. */
const endOf = (window: Seconds | false): Seconds => (window === false || window === Infinity ? 0 : window);
