/** The policy of a request: what the request, the first URL pattern that matches and the session say, merged. */
import type { CacheEvent } from '../api/events.js';
import type { CacheOptions, CachePolicy, CacheRequestOptions } from '../api/options.js';
import type { CacheStorage } from '../api/storage.js';
import { type ParsedPolicy, type ParsedRequest, parseSetting } from './checks.js';
import type { ParsedFilter } from './filters.js';
import type { Rung } from './lifetimes.js';
import type { DecisionPolicy, EpochMs, ExpirySource, LocalLifetime, Seconds } from '../rfc9111/model.js';
import { BoundedMap } from '../support/bounded-map.js';

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
  readonly invalidates: readonly ParsedFilter[];
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

/** A policy with its defaults filled in, lifetimes aside. */
type SaidPolicy = Omit<ParsedPolicy, 'expireAfter' | 'filter'> & {
  readonly filter?: ParsedPolicy['filter'] | undefined;
};
/** The session's policy with its defaults filled in; `expireAfter` is absent where the user gave none. */
type SessionPolicy = SaidPolicy & Partial<Pick<ParsedPolicy, 'expireAfter'>>;

export interface ResolvedOptions {
  /** For URLs that no pattern matches. */
  readonly session: PolicyScope;
  /** Gives the scope of an absolute URL; `undefined` where there are no patterns. */
  readonly scopeOf: ((url: string) => PolicyScope) | undefined;
  /** `undefined`: a storage in memory, which the caller makes. */
  readonly storage: CacheStorage | undefined;
  readonly shared: boolean;
  readonly partition: NonNullable<CacheOptions['partition']>;
  /** Names in lower case, the defaults among them. Authorization and Cookie are not. */
  readonly credentialHeaders: readonly string[];
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
export function createScope(shared: boolean, session: SessionPolicy, url: Partial<ParsedPolicy>): PolicyScope {
  const parts = { shared, said: layOver(session, url), urlRung: url.expireAfter, sessionRung: session.expireAfter };
  return { ...parts, policy: createPolicy(parts, {}), bySetting: undefined };
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

const NO_FILTERS: readonly ParsedFilter[] = [];

/** Lays what a nearer place says over what is said already: written out, which is much faster than a spread. */
function layOver(said: SaidPolicy, nearer: Partial<ParsedPolicy>): SaidPolicy {
  return {
    mode: nearer.mode ?? said.mode,
    cacheControl: nearer.cacheControl ?? said.cacheControl,
    allowedMethods: nearer.allowedMethods ?? said.allowedMethods,
    allowedCodes: nearer.allowedCodes ?? said.allowedCodes,
    ignoredParams: nearer.ignoredParams ?? said.ignoredParams,
    includeHeaders: nearer.includeHeaders ?? said.includeHeaders,
    filter: nearer.filter ?? said.filter,
    staleIfError: nearer.staleIfError ?? said.staleIfError,
    staleWhileRevalidate: nearer.staleWhileRevalidate ?? said.staleWhileRevalidate,
    keepStale: nearer.keepStale ?? said.keepStale,
    tags: nearer.tags ?? said.tags,
    maxEntryBytes: nearer.maxEntryBytes ?? said.maxEntryBytes,
    collapse: nearer.collapse ?? said.collapse,
    frozenData: nearer.frozenData ?? said.frozenData,
  };
}

function createPolicy(
  scope: Omit<PolicyScope, 'policy' | 'bySetting'>,
  request: Partial<ParsedRequest>,
): RequestPolicy {
  const said = layOver(scope.said, request);
  const rung = nearestLocalRung(request.expireAfter, scope.urlRung, scope.sessionRung);
  return {
    mode: said.mode,
    cacheControl: said.cacheControl,
    shared: scope.shared,
    local: rung.kind === 'off' ? NO_LIFETIME : rung,
    staleIfError: said.staleIfError === false ? undefined : said.staleIfError,
    staleWhileRevalidate: said.staleWhileRevalidate === false ? undefined : said.staleWhileRevalidate,
    allowsStatus: said.allowedCodes,
    allowsMethod: said.allowedMethods,
    off: rung.kind === 'off' || said.mode === 'no-store',
    ignoredParams: said.ignoredParams,
    includeHeaders: said.includeHeaders,
    filter: said.filter,
    tags: said.tags,
    maxEntryBytes: said.maxEntryBytes,
    keepStale: Math.max(said.keepStale, endOf(said.staleIfError), endOf(said.staleWhileRevalidate)),
    collapse: said.collapse,
    frozenData: said.frozenData,
    key: request.key,
    partition: request.partition,
    invalidates: request.invalidates ?? NO_FILTERS,
    onRefreshed: request.onRefreshed,
  };
}

/** How long a window for stale answers needs them kept; one without an end takes what is kept anyway. */
const endOf = (window: Seconds | false): Seconds => (window === false || window === Infinity ? 0 : window);
