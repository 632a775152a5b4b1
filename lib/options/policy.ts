/** The policy of a request: what the request, the first URL pattern that matches and the session say, merged. */
import type { CacheEvent } from '../api/events.js';
import type { CacheOptions, CachePolicy, CacheRequestOptions } from '../api/options.js';
import type { CacheStorage, Recording } from '../api/storage.js';
import type { StoredResponse } from '../api/stored-response.js';
import { type ParsedOptions, type ParsedPolicy, type ParsedRequest, parseSetting } from './checks.js';
import { checked } from './faults.js';
import type { ParsedRule } from './filters.js';
import { askLifetime, type ParsedLifetime, type Rung } from './lifetimes.js';
import type { DecisionPolicy, EpochMs, ExpirySource, LocalLifetime, Seconds } from '../rfc9111/model.js';
import { BoundedMap } from '../support/bounded-map.js';
import { isPlainObject, ownOf } from '../support/plain-object.js';

/** Holds where nobody gives a lifetime: what the server says nothing about stays until it is deleted. */
const DEFAULT_LIFETIME: LocalLifetime = { kind: 'seconds', seconds: Infinity, source: 'default' };

/** Stands in for a lifetime where nothing is cached, so that nobody asks for one. */
const NO_LIFETIME: LocalLifetime = { kind: 'seconds', seconds: 0, source: 'default' };

const OFF = { kind: 'off' } as const;

/** What rungs 3 to 5 of the expiration ladder say: the request, the URL pattern, the session. */
type LocalRungs = readonly [request: Rung | undefined, url: Rung | undefined, session: Rung | undefined];
const SOURCES: readonly ExpirySource[] = ['request', 'url', 'session'];

type Sourced<R> = R & { readonly source: ExpirySource };

/**
 * What rungs 3 to 5 of the expiration ladder come to. The nearest one that speaks decides whether the cache is on at
 * all. The lifetime is that of the nearest one that has a lifetime, so that an `on` above an `off` looks past it.
 */
export function nearestLocalRung(
  ...rungs: LocalRungs
): typeof OFF | LocalLifetime | Sourced<Extract<Rung, { kind: 'asked' }>> {
  if (rungs.find((rung) => rung !== undefined)?.kind === 'off') return OFF;
  for (const [index, rung] of rungs.entries()) {
    const source = SOURCES[index] ?? 'default';
    if (rung !== undefined && rung.kind !== 'on' && rung.kind !== 'off') return { ...rung, source };
  }
  return DEFAULT_LIFETIME;
}

/** What holds for one request. */
export interface RequestPolicy extends DecisionPolicy {
  /**
   * Where the user's function gives the lifetime, `local` stands for any. This gives the policy by which an answer is
   * stored, for which the function has been asked.
   */
  readonly settle: ((response: StoredResponse) => RequestPolicy) | undefined;
  readonly ignoredParams: ReadonlySet<string>;
  /** Names in lower case; `true` means all header fields. */
  readonly includeHeaders: readonly string[] | true;
  readonly filter: NonNullable<CachePolicy['filter']> | undefined;
  readonly tags: NonNullable<CachePolicy['tags']>;
  /** `Infinity` means that there is no limit. */
  readonly maxEntryBytes: number;
  readonly keepStale: Seconds;
  readonly collapse: boolean;
  /** After so many milliseconds what is stored answers; `undefined`: the origin is waited for. */
  readonly softTimeoutMs: number | undefined;
  /** True: every caller is given the same parsed data, deeply frozen. */
  readonly frozenData: boolean;
  readonly key: NonNullable<CacheRequestOptions['key']> | undefined;
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
  /** The policy of requests whose word is a primitive that the instance's defaults hold. */
  byDefault: { readonly setting: unknown; readonly policy: RequestPolicy } | undefined;
}

/** A policy with its defaults filled in; what has no default is absent where nobody gave it. */
type SaidPolicy = Omit<ParsedPolicy, NoDefault> & Partial<Pick<ParsedPolicy, NoDefault>>;
type NoDefault = 'expireAfter' | 'filter' | 'key' | 'softTimeout';

export interface ResolvedOptions {
  /** What the user has given, so that other options can be laid over it. */
  readonly given: Partial<ParsedOptions>;
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
  /** In lower case. */
  readonly redactedParams: ReadonlySet<string>;
  readonly storageTimeoutMs: number;
  readonly inherit: boolean;
  /** `undefined`: expired entries are deleted only when the user asks for it. */
  readonly deleteExpiredEveryMs: number | undefined;
  readonly maxVariants: number;
  readonly cacheStatusHeader: boolean;
  readonly clearSiteData: boolean;
  readonly background: CacheOptions['background'];
  readonly onEvent: ((event: CacheEvent) => void) | undefined;
  readonly debug: boolean | ((line: string) => void);
  readonly now: () => EpochMs;
  /** Set where the session records or replays. */
  readonly recording: Recording | undefined;
}

/** Bounds what a scope remembers: a program may compute a new setting for each request. */
const MAX_REMEMBERED = 100;

/** Merges what the session and one URL pattern say. */
export function createScope(shared: boolean, session: SaidPolicy, url: Partial<ParsedPolicy>): PolicyScope {
  const said = ownOf<SaidPolicy>(session, url);
  const parts = { shared, said, urlRung: url.expireAfter, sessionRung: session.expireAfter };
  return { ...parts, policy: createPolicy(parts, ownOf(), false), bySetting: undefined, byDefault: undefined };
}

/**
 * The policy for a request to `url` whose config has `cache: setting`: the request's own word, then the first URL
 * pattern that matches, then the session. `url` is absolute, as axios builds it. `byDefault` is the `cache` of the
 * instance's defaults, which axios has merged into `setting`.
 *
 * A lifetime, or `true`, opens the request's method, since who writes it there means that very request. The same word
 * in the defaults of an instance does not: it would keep each change from the server.
 * @throws CacheError `ERR_CACHE_OPTION`, with a path that begins with `cache`, for a setting that cannot be read.
 */
export function policyFor(
  { session, scopeOf }: ResolvedOptions,
  url: string,
  setting: unknown,
  byDefault?: unknown,
): RequestPolicy {
  const scope = scopeOf === undefined ? session : scopeOf(url);
  if (setting === undefined || setting === null) return scope.policy;
  const isOwn = (): boolean => lifetimeIn(setting) !== lifetimeIn(byDefault);
  // An object is read each time, as its owner may change it.
  if (typeof setting === 'object') return checked('cache', () => readPolicy(scope, setting, isOwn()));
  if (!isOwn()) {
    if (scope.byDefault?.setting !== setting) scope.byDefault = { setting, policy: readPolicy(scope, setting, false) };
    return scope.byDefault.policy;
  }
  const known = scope.bySetting?.get(setting);
  if (known !== undefined) return known;
  const policy = readPolicy(scope, setting, true);
  scope.bySetting ??= new BoundedMap(MAX_REMEMBERED);
  scope.bySetting.set(setting, policy);
  return policy;
}

/** An object of options has it as a member; another setting is the lifetime itself. */
const lifetimeIn = (setting: unknown): unknown =>
  isPlainObject(setting) && Object.hasOwn(setting, 'expireAfter') ? setting['expireAfter'] : setting;

/** What one rung of the ladder says of lifetimes; its rung is undefined where it is silent. */
export interface SourcedRung {
  readonly source: ExpirySource;
  readonly rung: Rung | undefined;
}

/** What the request, the URL pattern and the session say, the nearest first, as `policyFor` goes by it. */
export function rungsFor({ session, scopeOf }: ResolvedOptions, url: string, setting: unknown): readonly SourcedRung[] {
  const { urlRung, sessionRung } = scopeOf === undefined ? session : scopeOf(url);
  const own = setting === undefined || setting === null ? undefined : parseSetting(setting).expireAfter;
  return [own, urlRung, sessionRung].map((rung, index) => ({ source: SOURCES[index] ?? 'default', rung }));
}

function readPolicy(scope: PolicyScope, setting: unknown, isOwn: boolean): RequestPolicy {
  const request = parseSetting(setting);
  const { expireAfter } = request;
  return createPolicy(scope, request, isOwn && expireAfter !== undefined && expireAfter.kind !== 'off');
}

type Overlaid = Omit<SaidPolicy, 'key'> & Partial<Pick<ParsedRequest, 'key'>>;

const anyMethod = (): boolean => true;

/**
 * Lays what a request says over its scope. The members are copied one by one, since a spread takes several times as
 * long.
 */
function createPolicy(
  scope: Pick<PolicyScope, 'shared' | 'said' | 'urlRung' | 'sessionRung'>,
  request: Partial<ParsedRequest>,
  opensMethod: boolean,
): RequestPolicy {
  // What the request does not say is looked up in what the scope says, which has no prototype.
  const all = Object.assign(Object.create(scope.said) as Overlaid, request);
  const rungs: LocalRungs = [request.expireAfter, scope.urlRung, scope.sessionRung];
  const rung = nearestLocalRung(...rungs);
  const { mode, staleIfError, staleWhileRevalidate } = all;
  const policy: RequestPolicy = {
    mode,
    cacheControl: all.cacheControl,
    conditionalRequests: all.conditionalRequests,
    shared: scope.shared,
    local: localOf(rung),
    maxLifetime: all.maxLifetime,
    staleIfError: staleIfError === false ? undefined : staleIfError,
    staleIfErrorCodes: all.staleIfErrorCodes,
    staleWhileRevalidate: staleWhileRevalidate === false ? undefined : staleWhileRevalidate,
    allowsStatus: all.allowedCodes,
    allowsMethod: request.allowedMethods ?? (opensMethod ? anyMethod : scope.said.allowedMethods),
    off: rung.kind === 'off' || mode === 'no-store',
    settle: rung.kind === 'asked' ? (response) => settled(policy, rungs, response) : undefined,
    ignoredParams: all.ignoredParams,
    includeHeaders: all.includeHeaders,
    ignoreVary: all.ignoreVary,
    readOnly: all.readOnly,
    softTimeoutMs: all.softTimeout,
    filter: all.filter,
    tags: all.tags,
    maxEntryBytes: all.maxEntryBytes,
    keepStale: Math.max(all.keepStale, endOf(staleIfError), endOf(staleWhileRevalidate)),
    collapse: all.collapse,
    frozenData: all.frozenData,
    ignoresRedirects: undefined,
    key: all.key,
    partition: request.partition,
    invalidates: all.invalidates,
    invalidatesItself: request.invalidates !== undefined,
    onRefreshed: request.onRefreshed,
  };
  return policy;
}

function localOf(rung: ReturnType<typeof nearestLocalRung>): LocalLifetime {
  if (rung.kind === 'off') return NO_LIFETIME;
  return rung.kind === 'asked' ? { kind: 'seconds', seconds: Infinity, source: rung.source } : rung;
}

/** Asks the user's functions, the nearest first, until one of them or another rung gives a lifetime. */
function settled(policy: RequestPolicy, rungs: LocalRungs, response: StoredResponse): RequestPolicy {
  const rung = nearestLocalRung(...rungs);
  if (rung.kind !== 'asked') return { ...policy, local: localOf(rung), off: rung.kind === 'off', settle: undefined };
  const at = SOURCES.indexOf(rung.source);
  const answer: ParsedLifetime | undefined = askLifetime(rung, response);
  return settled(policy, rungs.map((each, index) => (index === at ? answer : each)) as unknown as LocalRungs, response);
}

/** How long a window for stale answers needs them kept; one without an end takes what is kept anyway. */
const endOf = (window: Seconds | false): Seconds => (window === false || window === Infinity ? 0 : window);
