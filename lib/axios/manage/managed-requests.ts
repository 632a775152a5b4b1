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
import type { ManagedRequest, RedirectableRequest } from '../../manager.js';
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

/**
 * Describes the request that `instance.get(url, config)` would send, without what request interceptors would add.
 * `wayTo` gives the adapter behind one of the cache's.
 */
export async function describeManaged(
  instance: AxiosInstance,
  session: CacheSession,
  wayTo: (adapter: AdapterChoice) => AdapterChoice,
  url: string,
  config: AxiosRequestConfig = {},
): Promise<ManagedRequest> {
  const digest = await session.digest();
  if (digest === undefined) throw new CacheError('ERR_CACHE_STORAGE', 'the storage cannot be reached');
  const locator = locatorOf(session, digest);
  const asked = requestConfig(instance, url, config);
  const target = locator.targets.of(asked);
  if (target === undefined) {
    // The message does not show the text: it may hold a secret, and where cannot be told, since it is no URL.
    throw new CacheError('ERR_CACHE_OPTION', 'this is not a URL of http or https.', { option: 'url' });
  }
  if (target.normalUrl.keyUrl.includes(`<${digest.text(REDACTED)}>`)) {
    const remedy = 'Give the value itself, or a pattern: a request takes { cache: { invalidates: { pattern } } }.';
    throw new CacheError('ERR_CACHE_OPTION', `*** in a URL stands for a value that is not shown. ${remedy}`, {
      option: 'url',
    });
  }
  const dialect = dialectOf(asked, wayTo(asked.adapter));
  const describe = async (each: InternalAxiosRequestConfig) => describeUnsent(each, target, dialect, locator);
  const request = await describe(asked);
  const ofHead = await describe({ ...asked, method: 'head', data: undefined });
  const follow = followBy((next) => locator.locate(next, dialect, undefined));
  const named = namedIn(url, config, request, session, digest);
  const keys = [request.key, ofHead.key, ofHead.keyOfGet ?? request.key];
  return {
    ...redirectable(request, follow, named, session, digest),
    namedKeys: named.isAnything ? undefined : keys,
    namedFields: new Set(Object.keys(fieldsOf(config.headers))),
  };
}

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
    isMeant: named.isAnything ? () => true : keyTest(request, named, session, digest),
    redirected: (to) => {
      const next = follow(request, to);
      return next === undefined ? undefined : redirectable(next, follow, named, session, digest);
    },
  };
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
  // Whatever is kept is found, in whichever form the instance asks for it.
  delete merged.responseType;
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
  { head, policy, dialect }: AxiosRequest,
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
  return { isAnything: !user && !method && key === undefined && fields.length === 0, user, method, fields };
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
