/**
 * This file finds the place in the cache of requests that are only named, not sent: `instance.cache` needs it, and so
 * does the invalidation of URLs.
 */
import type { AxiosInstance, AxiosRequestConfig, InternalAxiosRequestConfig } from 'axios';
import axios, { AxiosHeaders } from '../native/library.js';
import { CacheError } from '../../api/errors.js';
import { copyHeaders } from '../native/headers.js';
import { type Follow, followBy } from '../redirects/follow.js';
import type { AxiosRequest } from '../request/axios-request.js';
import { locatorOf } from '../request/locate.js';
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

/** Describes the request that `instance.get(url, config)` would send, without what request interceptors would add. */
export async function describeManaged(
  instance: AxiosInstance,
  session: CacheSession,
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
  const request = await locator.describe(asked, target, undefined);
  const ofHead = await locator.describe({ ...asked, method: 'head', data: undefined }, target, undefined);
  const follow = followBy((next) => locator.locate(next, undefined));
  return {
    request,
    keys: [request.key, ofHead.key, ofHead.keyOfGet ?? request.key],
    named: namesUser(config, session),
    redirected: redirectedFrom(request, follow),
  };
}

const redirectedFrom =
  (from: AxiosRequest, follow: Follow): RedirectableRequest['redirected'] =>
  (to) => {
    const next = follow(from, to);
    return next === undefined ? undefined : { request: next, redirected: redirectedFrom(next, follow) };
  };

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

/** Tells whether `config` itself, rather than the instance's defaults, says whose answer is meant. */
function namesUser(config: AxiosRequestConfig, session: CacheSession): boolean {
  const setting: unknown = config.cache;
  if (typeof setting === 'object' && setting !== null && 'partition' in setting && setting.partition !== undefined)
    return true;
  if (config.auth !== undefined) return true;
  const headers = copyHeaders(config.headers);
  return ['authorization', 'cookie', ...session.options.credentialHeaders].some((name) => headers.has(name));
}
