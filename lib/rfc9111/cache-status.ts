/** What the cache did, as the member of a Cache-Status field (RFC 9211). */
import type { CacheReason, CacheStatus, Seconds } from './model.js';

export interface CacheStatusFacts {
  readonly status: CacheStatus;
  readonly reason: CacheReason;
  /** The status of the origin's answer, where it was asked. */
  readonly forwardStatus?: number | undefined;
  /** Seconds of freshness left, negative when stale; left out where it never ends. */
  readonly ttl?: Seconds | undefined;
  readonly stored: boolean;
  readonly collapsed: boolean;
}

const CACHE_NAME = 'axios-client-cache';

/** Why a request went to the origin, in the field's own vocabulary (section 2.2). */
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

/** Reasons that the field says without a detail. */
const SAID_ALREADY: ReadonlySet<CacheReason> = new Set(['fresh', 'not-modified']);

/** E.g. `axios-client-cache; hit; ttl=30` or `axios-client-cache; fwd=uri-miss; stored`. */
export function cacheStatus(facts: CacheStatusFacts): string {
  const { reason, forwardStatus, ttl, stored, collapsed } = facts;
  const handling = handlingOf(facts);
  const isSaid = SAID_ALREADY.has(reason) || handling === `fwd=${reason}`;
  return [
    CACHE_NAME,
    handling,
    integerParameter('fwd-status', forwardStatus),
    integerParameter('ttl', ttl),
    stored && handling !== 'hit' ? 'stored' : undefined,
    collapsed ? 'collapsed' : undefined,
    isSaid ? undefined : `detail=${reason}`,
  ]
    .filter((part) => part !== undefined)
    .join('; ');
}

/** Either `hit` or `fwd`; neither where nothing was served and nobody was asked. */
function handlingOf({ status, reason }: CacheStatusFacts): string | undefined {
  if (status === 'hit' || (status === 'stale' && reason !== 'stale-if-error')) return 'hit';
  if (reason === 'only-if-cached') return undefined;
  return `fwd=${FORWARD_REASONS[reason] ?? (status === 'bypass' ? 'bypass' : 'miss')}`;
}

/** The largest that a structured field can hold (RFC 8941 section 3.3.1). */
const MAX_INTEGER = 999_999_999_999_999;

function integerParameter(name: string, value: number | undefined): string | undefined {
  if (value === undefined || !Number.isFinite(value)) return undefined;
  return `${name}=${Math.max(-MAX_INTEGER, Math.min(MAX_INTEGER, Math.floor(value)))}`;
}
