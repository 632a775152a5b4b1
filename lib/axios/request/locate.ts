/** Where a request stands in the cache, or why the cache leaves it alone. */
import type { InternalAxiosRequestConfig } from 'axios';
import { methodOf } from '../native/config.js';
import type { Dialect } from '../native/dialect.js';
import { fieldOf } from '../native/headers.js';
import { type DescribedRequest, describeRequest } from './key.js';
import { type Target, targetOf } from './target.js';
import { originOf } from './url.js';
import type { Asked } from '../../engine/exchange/request.js';
import type { RequestPolicy } from '../../options/policy.js';
import { parseRequestCacheControl } from '../../rfc9111/cache-control.js';
import type { CacheReason } from '../../rfc9111/model.js';
import type { CacheSession } from '../../session.js';
import type { Digest } from '../../support/digest.js';

export interface Located {
  readonly config: InternalAxiosRequestConfig;
  readonly target: Target;
  readonly asked: Asked;
}

/** By what requests are located. */
export interface Bearings {
  readonly session: CacheSession;
  readonly digest: Digest;
  /** Of the adapter that they are for; absent where that is not known, as for `instance.cache`. */
  readonly dialect?: Dialect | undefined;
}

/** What the adapter is given, described; a promise only where a Blob has to be read. */
export function describeFor(
  config: InternalAxiosRequestConfig,
  { policy, normalUrl, resource }: Target,
  { session: { options }, digest, dialect }: Bearings,
): DescribedRequest | Promise<DescribedRequest> {
  return describeRequest(config, { options, policy, normalUrl, resource, digest, dialect });
}

/** Why the cache leaves a request alone, before anything is looked up: the first that holds. */
export function bypassReason(config: InternalAxiosRequestConfig, policy: RequestPolicy): CacheReason | undefined {
  if (policy.off) return 'off';
  if (!policy.allowsMethod(methodOf(config))) return 'method';
  return forbidsStoring(config, policy) ? 'no-store' : undefined;
}

/** The caller's own `Cache-Control: no-store`: neither stored nor served. */
function forbidsStoring(config: InternalAxiosRequestConfig, { cacheControl }: RequestPolicy): boolean {
  const field = cacheControl ? fieldOf(config.headers, 'cache-control') : undefined;
  if (typeof field !== 'string') return false;
  const { noStore, onlyIfCached } = parseRequestCacheControl({ 'cache-control': field });
  // With only-if-cached nobody may be asked: a 504, which is not for the inner adapter to make.
  return noStore === true && onlyIfCached !== true;
}

/** The same for what only its description shows. */
export function refusalOf(request: DescribedRequest, session: CacheSession): CacheReason | undefined {
  if (request.bodyKind === 'opaque') return 'stream-body';
  // What only this process can tell apart must not outlive it.
  return request.partitionOpaque && session.storage.inProcess !== true ? 'disabled' : undefined;
}

export function locatedAs(
  config: InternalAxiosRequestConfig,
  request: DescribedRequest,
  target: Target,
  session: CacheSession,
): Located {
  const { key, keyOfGet, resource, search } = request;
  const { policy, rules } = target;
  const asked: Asked = {
    head: request,
    key: session.address(key),
    keyOfGet: keyOfGet === undefined ? undefined : session.address(keyOfGet),
    resource: session.address(resource),
    socketPath: config.socketPath ?? undefined,
    search,
    originOf: (url) => originOf(url, rules.socketPath),
    policy,
  };
  return { config, target, asked };
}

/** `undefined`: the cache leaves it alone, or does not know at once. Throws as `targetOf` and `describeRequest` do. */
export function locate(config: InternalAxiosRequestConfig, bearings: Bearings): Located | undefined {
  const { session, digest } = bearings;
  const target = targetOf(config, session.options, digest);
  if (target === undefined || bypassReason(config, target.policy) !== undefined) return undefined;
  const request = describeFor(config, target, bearings);
  if (request instanceof Promise || refusalOf(request, session) !== undefined) return undefined;
  return locatedAs(config, request, target, session);
}
