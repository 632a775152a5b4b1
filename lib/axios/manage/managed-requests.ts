/**
 * This file finds the place in the cache of requests that are only named, not sent: `instance.cache` needs it, and so
 * does the invalidation of URLs.
 */
import type { AxiosInstance, AxiosRequestConfig, InternalAxiosRequestConfig } from 'axios';
import axios, { AxiosHeaders } from '../native/library.js';
import { CacheError } from '../../api/errors.js';
import { type AdapterChoice, innerAdapter } from '../native/config.js';
import { adapterDialect, type Dialect } from '../native/dialect.js';
import { copyHeaders, fieldsOf } from '../native/headers.js';
import { type Follow, followBy } from '../redirects/follow.js';
import { type AxiosRequest, startOfKey } from '../request/axios-request.js';
import { hiddenCredentials } from '../request/hidden-credentials.js';
import { includedLines } from '../request/included-fields.js';
import { type Locator, locatorOf } from '../request/locate.js';
import type { Target } from '../request/target.js';
import type { NamedResource } from '../../engine/invalidation/invalidation.js';
import type { ManagedRequest, RedirectableRequest } from '../../manager/find.js';
import type { CacheSession } from '../../session.js';
import type { Digest } from '../../support/digest.js';

/**
 * Finds the resource of an absolute URL, that is what all requests of the URL share; a server behind `socketPath` has
 * its own. It is `undefined` where the URL is not one of http or https.
 */
export function resourceOfUrl(
  session: CacheSession,
  { url, socketPath = null }: { url: string; socketPath?: string | null | undefined },
  digest: Digest,
): NamedResource | undefined {
  const target = locatorOf(session, digest).targets.of({ url, socketPath });
  return target === undefined ? undefined : { resource: session.address(target.resource), url: target.normalUrl.url };
}

/** Where requests are made that somebody names. */
export interface Place {
  readonly instance: AxiosInstance;
  readonly session: CacheSession;
  /** Gives the adapter behind one of the cache's. */
  readonly wayTo: (adapter: AdapterChoice) => AdapterChoice;
}

/** The request that `instance.get(url, config)` would send, without what request interceptors would add. */
export interface Located {
  readonly config: InternalAxiosRequestConfig;
  readonly dialect: Dialect | undefined;
  readonly target: Target;
  readonly locator: Locator;
  readonly digest: Digest;
  readonly request: AxiosRequest;
}

/** Finds where that request stands in the cache, and throws a CacheError where it has no place there. */
export async function locateManaged(
  { instance, session, wayTo }: Place,
  url: string,
  config: AxiosRequestConfig = {},
  form: 'in any form' | 'as asked' = 'in any form',
): Promise<Located> {
  const digest = await digestOf(session);
  const locator = locatorOf(session, digest);
  const asked = requestConfig(instance, url, config);
  // Whatever is kept is found, in whichever form the instance asks for it.
  if (form === 'in any form') delete asked.responseType;
  const dialect = dialectOf(asked, wayTo(asked.adapter));
  const target = locator.targets.of(asked, form === 'as asked' ? instance.defaults : undefined, dialect);
  if (target === undefined) throw notAUrl();
  assertShown(target.normalUrl.keyUrl, digest);
  const describe = form === 'as asked' ? describeAsSent : describeUnsent;
  const request = await describe(asked, target, dialect, locator);
  return { config: asked, dialect, target, locator, digest, request };
}

/** Gives the session's digest, and throws a CacheError where the storage has no secret to give. */
export async function digestOf(session: CacheSession): Promise<Digest> {
  const digest = await session.digest();
  if (digest === undefined) throw unreachable();
  return digest;
}

export const unreachable = (): CacheError => new CacheError('ERR_CACHE_STORAGE', 'the storage cannot be reached');

/** Makes the error. It does not show the text, which may hold a secret: where cannot be told, since it is no URL. */
export const notAUrl = (): CacheError =>
  new CacheError('ERR_CACHE_OPTION', 'this is not a URL of http or https.', { option: 'url' });

/** Throws for a URL that was copied from a listing, where a value of it is not shown. */
export function assertShown(keyUrl: string, digest: Digest): void {
  if (!keyUrl.includes(`<${digest.text(REDACTED)}>`)) return;
  const remedy = 'Give the value itself, or a pattern: a request takes { cache: { invalidates: { pattern } } }.';
  throw new CacheError('ERR_CACHE_OPTION', `*** in a URL stands for a value that is not shown. ${remedy}`, {
    option: 'url',
  });
}

/** Describes that request as `instance.cache` wants it. */
export async function describeManaged(
  place: Place,
  url: string,
  config: AxiosRequestConfig = {},
): Promise<ManagedRequest> {
  const { session } = place;
  const { config: asked, dialect, target, locator, digest, request } = await locateManaged(place, url, config);
  const ofHead = await describeUnsent({ ...asked, method: 'head', data: undefined }, target, dialect, locator);
  const follow = followBy((next) => locator.locate(next, dialect, undefined));
  const named = namedIn(url, config, request, session, digest);
  const keys = [request.key, ofHead.key, ofHead.keyOfGet ?? request.key];
  return {
    ...redirectable(request, follow, named, session, digest),
    namedKeys: named.isAnything ? undefined : keys,
    namedFields: new Set(Object.keys(fieldsOf(config.headers))),
  };
}

const describeAsSent: typeof describeUnsent = async (config, target, dialect, locator) =>
  locator.describe(config, target, dialect);

/** Where the user's function cannot name who asks, as it reads what interceptors add, nobody is named. */
async function describeUnsent(
  config: InternalAxiosRequestConfig,
  target: Target,
  dialect: Dialect | undefined,
  locator: Locator,
): Promise<AxiosRequest> {
  try {
    return await locator.describe(config, target, dialect);
  } catch (error) {
    if (!(error instanceof CacheError) || error.option !== 'partition') throw error;
    return locator.describe(config, { ...target, policy: { ...target.policy, partition: false } }, dialect);
  }
}

/** Tells which of axios' own adapters a request goes through; it is `undefined` where axios would refuse it. */
function dialectOf(config: InternalAxiosRequestConfig, way: AdapterChoice): Dialect | undefined {
  try {
    return adapterDialect(innerAdapter(config, way), config);
  } catch {
    return undefined;
  }
}

function redirectable(
  request: AxiosRequest,
  follow: Follow,
  named: Named,
  session: CacheSession,
  digest: Digest,
): RedirectableRequest {
  return {
    request,
    isMeant: meaning(request, named, session, digest),
    redirected: (to) => {
      const next = follow(request, to);
      return next === undefined ? undefined : redirectable(next, follow, named, session, digest);
    },
  };
}

/**
 * Makes the test whether a key is meant. Whatever is stored for the URL is, unless the config names more. Where the
 * user's function gives a key, other URLs may have stored under it too.
 */
function meaning(
  request: AxiosRequest,
  named: Named,
  session: CacheSession,
  digest: Digest,
): RedirectableRequest['isMeant'] {
  const { ownKey, policy } = request;
  if (ownKey === undefined || typeof policy.key !== 'function') {
    const isNamed = named.isAnything ? () => true : keyTest(request, named, session, digest);
    return (key, isOfUrl) => isOfUrl && isNamed(key);
  }
  const hasOwnKey = keyTest(request, named, session, digest);
  return (key, isOfUrl) => hasOwnKey(key) || (isOfUrl && named.isAnything);
}

/** Makes the config that an adapter would be given if there were no interceptors. */
function requestConfig(instance: AxiosInstance, url: string, config: AxiosRequestConfig): InternalAxiosRequestConfig {
  const { headers: defaultHeaders, ...defaults } = instance.defaults;
  const method = (config.method ?? 'get').toLowerCase();
  const common = (defaultHeaders as unknown as Record<string, object | undefined>);
  const said = [common['common'], common[method], config.headers];
  const headers = AxiosHeaders.concat(...said.map((each) => copyHeaders(each)));
  const merged = axios.mergeConfig(defaults, { ...config, url, method }) as InternalAxiosRequestConfig;
  merged.headers = headers;
  for (const transform of [merged.transformRequest ?? []].flat()) {
    merged.data = transform.call(merged, merged.data, headers) as unknown;
  }
  if (['post', 'put', 'patch'].includes(method)) headers.setContentType('application/x-www-form-urlencoded', false);
  return merged;
}

/** This stands in listings for what must not be shown. */
const REDACTED = '***';

/** Says what of the key, besides the URL, the config that was given says itself. */
interface Named {
  /** This is true where it says nothing of it. */
  readonly isAnything: boolean;
  readonly user: boolean;
  /** This is true where the method may have a body, which is then meant too. */
  readonly method: boolean;
  /** These are the names of header fields that are part of the key. */
  readonly fields: readonly string[];
}

/** Reads what `config` itself says, rather than the instance's defaults. */
function namedIn(
  url: string,
  config: AxiosRequestConfig,
  { head, policy, dialect, ownKey }: AxiosRequest,
  session: CacheSession,
  digest: Digest,
): Named {
  const { partition, key } = (config.cache ?? {}) as { readonly partition?: unknown; readonly key?: unknown };
  const given = Object.keys(fieldsOf(config.headers));
  const { includeHeaders } = policy;
  const fields = given.filter((name) => includeHeaders === true || includeHeaders.includes(name));
  const user =
    (partition ?? config.auth) !== undefined ||
    /^[^/?#]*:\/\/[^/?#]*@/.test(url) ||
    given.some((name) => session.options.isCredential(name)) ||
    hiddenCredentials(config as InternalAxiosRequestConfig, digest, dialect) !== undefined;
  const method = head.method !== 'GET' && head.method !== 'HEAD';
  // The user's function may have made a key of any header field.
  const hasKey = key !== undefined || (ownKey !== undefined && given.length > 0);
  return { isAnything: !user && !method && !hasKey && fields.length === 0, user, method, fields };
}

/** Makes the test whether a key has what is named, by the request's own key. */
function keyTest(
  request: AxiosRequest,
  { user, method, fields }: Named,
  session: CacheSession,
  digest: Digest,
): (key: string) => boolean {
  const { head, policy, target, ownKey, restOfKey } = request;
  const [partition = '', ...extras] = restOfKey.slice(1).split('\n');
  const starts = [head.method, 'GET', 'HEAD'].map((name) => startOfKey(name, target, ownKey));
  const lines = includedLines(head.headers, { ...policy, includeHeaders: fields }, digest).split('\n').slice(1);
  if (user) lines.push(partition);
  if (method) lines.push(...extras.slice(-1));
  return (key) => session.hasParts(key, starts, lines);
}
