/**
 * This file carries out the `invalidates` setting, by which a request names the stored answers that it makes stale,
 * besides those that RFC 9111 section 4.4 finds by the request's own URL.
 */
import type { InternalAxiosRequestConfig } from 'axios';
import type { UrlConfig } from '../request/build-url.js';
import { locatorOf } from '../request/locate.js';
import type { ParsedFilter } from '../../options/filters.js';
import { decideInvalidation } from '../../rfc9111/decide-invalidation.js';
import type { RequestTarget, ResponseHead } from '../../rfc9111/model.js';
import type { CacheSession } from '../../session.js';

/** Deletes what `filters` name, if the request may have had its effect; it never rejects. */
export async function invalidateNamed(
  filters: readonly ParsedFilter[],
  config: InternalAxiosRequestConfig,
  session: CacheSession,
  request: RequestTarget,
  response: Pick<ResponseHead, 'status'> | 'unknown',
): Promise<void> {
  if (filters.length === 0 || !mayHaveHadEffect(request, response)) return;
  await Promise.all(filters.map((filter) => invalidate(filter, config, session)));
}

function mayHaveHadEffect(request: RequestTarget, response: Pick<ResponseHead, 'status'> | 'unknown'): boolean {
  if (response === 'unknown') return decideInvalidation(request, response).length > 0;
  return response.status >= 200 && response.status <= 399;
}

async function invalidate(
  { url, matches, tag }: ParsedFilter,
  config: InternalAxiosRequestConfig,
  session: CacheSession,
): Promise<void> {
  const { invalidation } = session.engine;
  if (url === undefined) return invalidation.ofMatching({ resource: undefined, matches, tag });
  const digest = await session.digest();
  const { baseURL, allowAbsoluteUrls, socketPath = null } = config;
  const named: UrlConfig & { socketPath: string | null } = { url, socketPath };
  if (baseURL !== undefined) named.baseURL = baseURL;
  if (allowAbsoluteUrls !== undefined) named.allowAbsoluteUrls = allowAbsoluteUrls;
  const target = digest === undefined ? undefined : locatorOf(session, digest).targets.of(named);
  if (target === undefined) return;
  const resource = session.address(target.resource);
  if (matches !== undefined || tag !== undefined) return invalidation.ofMatching({ resource, matches, tag });
  await invalidation.ofResource(resource, target.normalUrl.url);
}
