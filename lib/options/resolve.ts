/** The defaults of the options, the preset `rfc9111`, and how the options of a session are made complete. */
import type { CacheOptions } from '../api/options.js';
import { type ParsedOptions, parseOptions } from './checks.js';
import { credentialTest } from './credentials.js';
import { createScope, type PolicyScope, type ResolvedOptions } from './policy.js';
import { secretParams } from './secrets.js';
import { remembered } from '../support/memo.js';
import { ownOf } from '../support/plain-object.js';

/** What applies where the user says nothing. The default storage is not among it, as each session makes its own. */
export const DEFAULTS = {
  expireAfter: 'never',
  mode: 'default',
  cacheControl: true,
  conditionalRequests: true,
  maxLifetime: Infinity,
  allowedMethods: ['GET', 'HEAD'],
  allowedCodes: [200],
  ignoredParams: [],
  includeHeaders: ['accept', 'accept-language'],
  ignoreVary: [],
  readOnly: false,
  staleIfError: false,
  staleIfErrorCodes: [500, 502, 503, 504],
  staleWhileRevalidate: false,
  keepStale: '30 days',
  tags: [],
  invalidates: [],
  maxEntryBytes: 5 * 1024 * 1024,
  collapse: true,
  frozenData: false,
  shared: false,
  partition: 'credentials',
  credentialHeaders: [],
  redactedParams: [],
  storageTimeout: '2s',
  inherit: false,
  deleteExpiredEvery: false,
  maxVariants: 20,
  cacheStatusHeader: false,
  clearSiteData: false,
  debug: false,
  // Date.now is looked up on each call, so that a clock that replaces it later is used.
  now: () => Date.now(),
} as const satisfies CacheOptions;

/**
 * Options for all that RFC 9111 lets a cache do: heuristic lifetimes (section 4.2.2), answers of every final status and
 * parts (section 3), and stale answers while the server cannot be reached (section 4.2.4). A 304 is not stored, since
 * it says something about another response.
 *
 * @example
 * setupCache(axios.create(), { ...rfc9111 });
 */
export const rfc9111: Readonly<
  Pick<CacheOptions, 'expireAfter' | 'allowedCodes' | 'staleIfError' | 'includeHeaders'>
> = {
  expireAfter: 'heuristic',
  staleIfError: true,
  includeHeaders: [],
  allowedCodes: (status) => status >= 200 && status !== 304,
};

/**
 * Checks what the user gave and fills in the defaults. The user's object is copied, and neither changed nor kept.
 * `former` was given before, and counts where the options say nothing.
 * @throws CacheError `ERR_CACHE_OPTION`, which names every fault; its `option` is the path of the first one.
 */
export function resolveOptions(options: unknown, former: Partial<ParsedOptions> = ownOf()): ResolvedOptions {
  const given = ownOf(former, parseOptions(options));
  const said = ownOf<Session>(filled(), given);
  const recording = said.storage?.recording;
  const redacted = secretParams([...said.redactedParams, ...(recording?.redact ?? [])]);
  // What is not in the recordings makes no difference to which of them is meant.
  const ignoredParams = recording === undefined ? said.ignoredParams : new Set([...said.ignoredParams, ...redacted]);
  const session = ownOf<Session>(said, { ignoredParams });
  const scope = createScope(session.shared, session, ownOf());
  return {
    ...session,
    given,
    session: scope,
    scopeOf: createScopeOf(session, scope),
    storage: session.storage,
    isCredential: credentialTest(session.credentialHeaders),
    redactedParams: redacted,
    recording,
    storageTimeoutMs: session.storageTimeout,
    deleteExpiredEveryMs: session.readOnly ? undefined : session.deleteExpiredEvery,
    background: session.background,
    onEvent: session.onEvent,
  };
}

/** Bounds the length of all remembered URLs together, in characters: it is enough for a thousand of usual length. */
const URLS_REMEMBERED = 100_000;

/**
 * Makes the function that finds the scope of a URL: the first pattern that matches wins. It remembers what it found.
 */
function createScopeOf(session: Session, elsewhere: PolicyScope): ResolvedOptions['scopeOf'] {
  const { shared, urlsExpireAfter = [] } = session;
  if (urlsExpireAfter.length === 0) return undefined;
  // A scope is made when a URL first matches: many instances make few requests.
  const scopes = new Map<object, PolicyScope>();
  return remembered((url) => {
    const rule = urlsExpireAfter.find(({ matches }) => matches(url));
    if (rule === undefined) return elsewhere;
    const scope = scopes.get(rule) ?? createScope(shared, session, rule.policy);
    scopes.set(rule, scope);
    return scope;
  }, URLS_REMEMBERED);
}

type Session = Filled & Partial<ParsedOptions>;

/** What DEFAULTS hold once they are parsed. The lifetime is left out, as the ladder has to know who gave one. */
type Filled = Pick<ParsedOptions, Exclude<keyof typeof DEFAULTS, 'expireAfter'>>;

let parsedDefaults: Filled | undefined;

/** Parses the defaults once for all sessions. */
function filled(): Filled {
  if (parsedDefaults === undefined) {
    const { expireAfter: _unsaid, ...defaults } = DEFAULTS;
    parsedDefaults = parseOptions(defaults) as Filled;
  }
  return parsedDefaults;
}
