/**
 * This file carries out the `invalidates` setting, which names the stored answers that a change makes stale, besides
 * those that RFC 9111 section 4.4 finds by the request's own URL.
 */
import type { InternalAxiosRequestConfig } from 'axios';
import { selectionOf } from './selection.js';
import { filter, type ParsedFilter, type ParsedRule } from '../../options/filters.js';
import type { RequestPolicy } from '../../options/policy.js';
import { decideInvalidation } from '../../rfc9111/decide-invalidation.js';
import type { RequestTarget, ResponseHead } from '../../rfc9111/model.js';
import type { CacheSession } from '../../session.js';
import { isUnawaited } from '../../support/user-promise.js';

/** Deletes what the policy names, if the request may have had its effect; it never rejects. */
export async function invalidateNamed(
  { invalidates, invalidatesItself }: RequestPolicy,
  config: InternalAxiosRequestConfig,
  session: CacheSession,
  request: RequestTarget,
  response: ResponseHead | 'unknown',
): Promise<void> {
  if (invalidates.length === 0) return;
  if (invalidatesItself ? !mayHaveHadEffect(request, response) : !isChange(request, response)) return;
  const named = invalidates.flatMap((rule) => filtersOf(rule, request, response));
  await Promise.all(named.map((each) => invalidate(each, config, session)));
}

function mayHaveHadEffect(request: RequestTarget, response: ResponseHead | 'unknown'): boolean {
  if (response === 'unknown') return decideInvalidation(request, response).length > 0;
  return response.status >= 200 && response.status <= 399;
}

const isChange = (request: RequestTarget, response: ResponseHead | 'unknown'): boolean =>
  response !== 'unknown' && decideInvalidation(request, { status: response.status, headers: {} }).length > 0;

/**
 * Asks a function of the user's, which may do anything. The change is done, so that it cannot be refused any more: what
 * cannot be read is left out, and the rest still counts.
 */
function filtersOf(
  rule: ParsedRule,
  request: RequestTarget,
  response: ResponseHead | 'unknown',
): readonly ParsedFilter[] {
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

async function invalidate(named: ParsedFilter, config: InternalAxiosRequestConfig, session: CacheSession) {
  const selection = await selectionOf(named, config, session);
  if (selection !== undefined) await session.engine.invalidation.ofSelected(selection);
}
