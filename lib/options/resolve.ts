/** The defaults of the options, and the policy that follows for one request from all places that speak of it. */
import type { CacheOptions } from '../api/options.js';
import { type ParsedOptions, parseOptions } from './checks.js';
import { createScope, type PolicyScope, type ResolvedOptions } from './policy.js';
import { remembered } from '../support/memo.js';

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
  frozenData: false,
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

/**
 * Checks what the user gave and fills in the defaults. The input is copied, never changed or kept.
 * Throws one CacheError (ERR_CACHE_OPTION) that names every fault; its `option` is the path of the first.
 */
export function resolveOptions(options: unknown): ResolvedOptions {
  const { expireAfter: _unsaid, ...defaults } = DEFAULTS;
  const given = parseOptions(options);
  const session: Session = { ...(parseOptions(defaults) as Filled), ...given };
  const scope = createScope(session.shared, session, {});
  return {
    session: scope,
    scopeOf: createScopeOf(session, scope),
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

/** How long all URLs together may be whose scopes are remembered, in characters: a thousand URLs of usual length. */
const URLS_REMEMBERED = 100_000;

/** Finds the scope of a URL, once for each URL as long as it is remembered. The first pattern that matches wins. */
function createScopeOf(session: Session, elsewhere: PolicyScope): ResolvedOptions['scopeOf'] {
  const { shared, urlsExpireAfter = [] } = session;
  if (urlsExpireAfter.length === 0) return undefined;
  const rules = urlsExpireAfter.map(({ matches, policy }) => ({ matches, scope: createScope(shared, session, policy) }));
  return remembered((url) => rules.find(({ matches }) => matches(url))?.scope ?? elsewhere, URLS_REMEMBERED);
}

type Session = Filled & Partial<ParsedOptions>;

/** What DEFAULTS, parsed, hold. */
type Filled = Pick<ParsedOptions, Exclude<keyof typeof DEFAULTS, 'expireAfter'>>;
