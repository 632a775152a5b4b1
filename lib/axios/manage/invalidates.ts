/**
 * This file carries out the `invalidates` setting, which names the stored answers that a change makes stale, besides
 * those that RFC 9111 section 4.4 finds by the request's own URL.
 */
import type { InternalAxiosRequestConfig } from 'axios';
import type { UrlConfig } from '../request/build-url.js';
import { locatorOf } from '../request/locate.js';
import { pathOf } from '../../engine/reading/no-vary-search.js';
import { filter, type ParsedFilter, type ParsedRule } from '../../options/filters.js';
import type { RequestPolicy } from '../../options/policy.js';
import { decideInvalidation } from '../../rfc9111/decide-invalidation.js';
import type { RequestTarget, ResponseHead } from '../../rfc9111/model.js';
import type { CacheSession } from '../../session.js';
import { isUnawaited } from '../../support/user-promise.js';

type Status = Pick<ResponseHead, 'status'>;

/** Deletes what the policy names, if the request may have had its effect; it never rejects. */
export async function invalidateNamed(
  { invalidates, invalidatesItself }: RequestPolicy,
  config: InternalAxiosRequestConfig,
  session: CacheSession,
  request: RequestTarget,
  response: Status | 'unknown',
): Promise<void> {
  if (invalidates.length === 0) return;
  if (invalidatesItself ? !mayHaveHadEffect(request, response) : !isChange(request, response)) return;
  const named = invalidates.flatMap((rule) => filtersOf(rule, request, response));
  await Promise.all(named.map((each) => invalidate(each, config, session)));
}

function mayHaveHadEffect(request: RequestTarget, response: Status | 'unknown'): boolean {
  if (response === 'unknown') return decideInvalidation(request, response).length > 0;
  return response.status >= 200 && response.status <= 399;
}

const isChange = (request: RequestTarget, response: Status | 'unknown'): boolean =>
  response !== 'unknown' && decideInvalidation(request, { status: response.status, headers: {} }).length > 0;

/**
 * Asks a function of the user's, which may do anything. The change is done, so that it cannot be refused any more: what
 * cannot be read is left out, and the rest still counts.
 */
function filtersOf(rule: ParsedRule, request: RequestTarget, response: Status | 'unknown'): readonly ParsedFilter[] {
  if (typeof rule !== 'function') return [rule];
  if (response === 'unknown') return [];
  const { method, url } = request;
  const { status } = response;
  return (orNone(() => [rule({ method, url, status })].flat()) as readonly unknown[]).flatMap((each) =>
    orNone(() => (isUnawaited(each) || each === undefined ? [] : [filter(each, 'invalidates')])),
  );
}

function orNone<T>(ask: () => readonly T[]): readonly T[] {
  try {
    return ask();
  } catch {
    return [];
  }
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
  const shown = target.normalUrl.url;
  const path = pathOf(shown);
  const isPath = path === shown;
  if (matches !== undefined || tag !== undefined) {
    const fits = (each: string): boolean => pathOf(each) === path && (matches === undefined || matches(each));
    return invalidation.ofMatching(isPath ? { resource: undefined, matches: fits, tag } : { resource, matches, tag });
  }
  // What has no query is found by its name. The listing then looks for the queries of the path.
  await Promise.all([invalidation.ofResource(resource, shown), isPath ? invalidation.ofPath(path) : undefined]);
}
