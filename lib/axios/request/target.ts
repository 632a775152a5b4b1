/** Where a request goes, and the policy that holds there. */
import type { InternalAxiosRequestConfig } from 'axios';
import { buildUrl } from './build-url.js';
import { resourceOf } from './key.js';
import { normaliseUrl, type NormalUrl, resolveUrl, type UrlRules } from './url.js';
import { policyFor, type RequestPolicy, type ResolvedOptions } from '../../options/policy.js';
import type { Digest } from '../../support/digest.js';

export interface Target {
  /** As axios built it, without user-info and fragment. */
  readonly href: string;
  readonly normalUrl: NormalUrl;
  /** The same for every request of that URL: what a request says of itself has no part in it. */
  readonly resource: string;
  /** By which URLs of this request are brought into the canonical form. */
  readonly rules: UrlRules;
  readonly policy: RequestPolicy;
}

/**
 * `undefined`: not a URL of http or https, which the inner adapter may know what to do with. Throws a CacheError with
 * code ERR_CACHE_OPTION where the request's own `cache` option is wrong.
 */
export function targetOf(
  config: Pick<InternalAxiosRequestConfig, 'url' | 'cache' | 'socketPath'>,
  options: ResolvedOptions,
  digest: Digest,
): Target | undefined {
  const raw = buildUrl(config);
  if (raw === undefined) return undefined;
  const socketPath = config.socketPath ?? undefined;
  const resolved = resolveUrl(raw, socketPath);
  if (resolved === undefined) return undefined;
  const policy = policyFor(options, resolved.href, config.cache);
  const common = policyFor(options, resolved.href, undefined);
  const { redactedParams } = options;
  const rulesBy = ({ ignoredParams }: RequestPolicy): UrlRules => ({ ignoredParams, redactedParams, digest, socketPath });
  const rules = rulesBy(policy);
  const commonUrl = normaliseUrl(raw, rulesBy(common));
  const normalUrl = policy.ignoredParams === common.ignoredParams ? commonUrl : normaliseUrl(raw, rules);
  if (commonUrl === undefined || normalUrl === undefined) return undefined;
  return { href: resolved.href, normalUrl, resource: resourceOf(commonUrl), rules, policy };
}

/** For people, where no policy says what in a query is secret: without one. `''`: no URL of http or https. */
export function plainUrl(config: Pick<InternalAxiosRequestConfig, 'url' | 'socketPath'>): string {
  const raw = buildUrl(config);
  const resolved = raw === undefined ? undefined : resolveUrl(raw, config.socketPath ?? undefined);
  return resolved === undefined ? '' : resolved.origin + resolved.path;
}
