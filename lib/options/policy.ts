import type { CacheEvent } from '../api/events.js';
import type { CacheOptions, CachePolicy, CacheRequestOptions } from '../api/options.js';
import type { CacheStorage } from '../api/storage.js';
import { type ParsedPolicy, type ParsedRequest, parseSetting } from './checks.js';
import type { ParsedFilter } from './filters.js';
import type { Rung } from './lifetimes.js';
import type { DecisionPolicy, EpochMs, ExpirySource, LocalLifetime, Seconds } from '../rfc9111/model.js';

/** The session's word where the user gave none: what the server says nothing about stays until it is deleted. */
const DEFAULT_LIFETIME: LocalLifetime = { kind: 'seconds', seconds: Infinity, source: 'default' };

/**
 * What rungs 3 to 5 of the ladder come to. The nearest one that speaks decides whether the cache is on at all; the
 * lifetime is that of the nearest one that has a lifetime, so that `on` above an `off` looks past it.
 */
export function nearestLocalRung(
  request: Rung | undefined,
  url: Rung | undefined,
  session: Rung | undefined,
): { readonly kind: 'off' } | LocalLifetime {
  const rungs: readonly (readonly [Rung | undefined, ExpirySource])[] = [
    [request, 'request'],
    [url, 'url'],
    [session, 'session'],
  ];
  const spoken = rungs.find(([rung]) => rung !== undefined);
  if (spoken?.[0]?.kind === 'off') return { kind: 'off' };
  for (const [rung, source] of rungs) {
    const lifetime = rung === undefined ? undefined : localLifetime(rung, source);
    if (lifetime !== undefined) return lifetime;
  }
  return DEFAULT_LIFETIME;
}

function localLifetime(rung: Rung, source: ExpirySource): LocalLifetime | undefined {
  switch (rung.kind) {
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
