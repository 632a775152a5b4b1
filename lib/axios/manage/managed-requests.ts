/**
 * This file finds the place in the cache of requests that are only named, not sent: `instance.cache` needs it, and so
 * does the invalidation of URLs.
 */
import type { AxiosInstance, AxiosRequestConfig, InternalAxiosRequestConfig } from 'axios';
import axios, { AxiosHeaders } from '../native/library.js';
import { CacheError } from '../../api/errors.js';
import { copyHeaders, fieldsOf } from '../native/headers.js';
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
  if (target.normalUrl.keyUrl.includes(`<${digest.text(REDACTED)}>`)) {
    const remedy = 'Give the value itself, or a pattern: a request takes { cache: { invalidates: { pattern } } }.';
    throw new CacheError('ERR_CACHE_OPTION', `*** in a URL stands for a value that is not shown. ${remedy}`, {
      option: 'url',
    });
  }
  const request = await locator.describe(asked, target, undefined);
  const ofHead = await locator.describe({ ...asked, method: 'head', data: undefined }, target, undefined);
  const follow = followBy((next) => locator.locate(next, undefined, undefined));
  return {
    request,
    keys: [request.key, ofHead.key, ofHead.keyOfGet ?? request.key],
    named: isNamed(url, config, request, session),
    namedFields: new Set(Object.keys(fieldsOf(config.headers))),
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

/**
 * Tells whether `config` itself, rather than the instance's defaults, says what stands in the key besides the URL: the
 * user, a key of its own, a method with a body, or a header that is part of the key.
 */
function isNamed(
  url: string,
  config: AxiosRequestConfig,
  { head, policy }: AxiosRequest,
  session: CacheSession,
): boolean {
  const { partition, key } = (config.cache ?? {}) as { readonly partition?: unknown; readonly key?: unknown };
  if ((partition ?? key) !== undefined || config.auth !== undefined || /^[^/?#]*:\/\/[^/?#]*@/.test(url)) return true;
  if (head.method !== 'GET' && head.method !== 'HEAD') return true;
  const { includeHeaders } = policy;
  return Object.keys(fieldsOf(config.headers)).some(
    (name) => includeHeaders === true || includeHeaders.includes(name) || session.options.isCredential(name),
  );
}
