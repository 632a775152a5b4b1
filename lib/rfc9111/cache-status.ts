/** This file says in a Cache-Status field what the cache did (RFC 9211). */
import type { CacheReason, CacheStatus, Seconds } from './model.js';

export interface CacheStatusFacts {
  readonly status: CacheStatus;
  readonly reason: CacheReason;
  /** This is the status of the origin's answer, where the origin was asked. */
  readonly forwardStatus?: number | undefined;
  /** So many seconds of freshness are left: negative when stale. A freshness that never ends is not said. */
  readonly ttl?: Seconds | undefined;
  readonly stored: boolean;
  readonly collapsed: boolean;
}

const CACHE_NAME = 'axios-client-cache';

/**
 * The field has words of its own for why a request went to the origin.
 * https://www.rfc-editor.org/rfc/rfc9211#section-2.2
 */
const FORWARD_REASONS: Readonly<Partial<Record<CacheReason, string>>> = {
  'uri-miss': 'uri-miss',
  'vary-miss': 'vary-miss',
  method: 'method',
  partial: 'partial',
  expired: 'stale',
  'must-revalidate': 'stale',
  'not-modified': 'stale',
  'stale-if-error': 'stale',
  'no-cache': 'request',
  'no-store': 'request',
  reload: 'request',
  'max-age': 'request',
  'min-fresh': 'request',
  'condition-failed': 'request',
};

/** Makes `axios-client-cache; hit; ttl=30`, for example, or `axios-client-cache; fwd=uri-miss; stored`. */
export function cacheStatus(facts: CacheStatusFacts): string {
  const { reason, stored, collapsed } = facts;
  const handling = handlingOf(facts);
  const isSaid = reason === 'fresh' || reason === 'not-modified' || handling === `fwd=${reason}`;
  const parts = [
    CACHE_NAME,
    handling,
    integerParameter('fwd-status', facts.forwardStatus),
    integerParameter('ttl', facts.ttl),
    stored && handling !== 'hit' && 'stored',
    collapsed && 'collapsed',
    !isSaid && `detail=${reason}`,
  ];
  return parts.filter((part) => typeof part === 'string').join('; ');
}

/** Says either `hit` or `fwd`, and neither where nothing was served and nobody was asked. */
function handlingOf({ status, reason }: CacheStatusFacts): string | undefined {
  if (status === 'hit' || (status === 'stale' && reason !== 'stale-if-error')) return 'hit';
  if (reason === 'only-if-cached') return undefined;
  return `fwd=${FORWARD_REASONS[reason] ?? (status === 'bypass' ? 'bypass' : 'miss')}`;
}

/** No structured field can hold a larger integer (RFC 9651 section 3.3.1). */
const MAX_INTEGER = 999_999_999_999_999;

function integerParameter(name: string, value: number | undefined): string | undefined {
  if (value === undefined || !Number.isFinite(value)) return undefined;
  return `${name}=${Math.max(-MAX_INTEGER, Math.min(MAX_INTEGER, Math.floor(value)))}`;
}
