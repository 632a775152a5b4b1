/** These tests write the Cache-Status field (RFC 9211). */
import { cacheStatus, type CacheStatusFacts } from '../../lib/rfc9111/cache-status.js';

const text = (facts: Partial<CacheStatusFacts>): string =>
  cacheStatus({ status: 'miss', reason: 'uri-miss', stored: false, collapsed: false, ...facts });

test.each<[string, Partial<CacheStatusFacts>, string]>([
  ['2.1 a hit', { status: 'hit', reason: 'fresh', ttl: 30, stored: true }, 'hit; ttl=30'],
  ['2.1 a hit that never expires', { status: 'hit', reason: 'fresh', ttl: Infinity }, 'hit'],
  ['2.1 a stale hit', { status: 'stale', reason: 'max-stale', ttl: -5 }, 'hit; ttl=-5; detail=max-stale'],
  ['2.1 nothing served, nobody asked', { reason: 'only-if-cached' }, 'detail=only-if-cached'],
  ['2.2 uri-miss', { stored: true }, 'fwd=uri-miss; stored'],
  ['2.2 vary-miss', { reason: 'vary-miss' }, 'fwd=vary-miss'],
  ['2.2 partial', { reason: 'partial' }, 'fwd=partial'],
  ['2.2 method', { status: 'bypass', reason: 'method' }, 'fwd=method'],
  ['2.2 stale', { reason: 'expired' }, 'fwd=stale; detail=expired'],
  ['2.2 stale, not to be used so', { reason: 'must-revalidate' }, 'fwd=stale; detail=must-revalidate'],
  ['2.2 request: no-cache', { reason: 'no-cache' }, 'fwd=request; detail=no-cache'],
  ['2.2 request: no-store', { status: 'bypass', reason: 'no-store' }, 'fwd=request; detail=no-store'],
  ['2.2 request: reload', { reason: 'reload' }, 'fwd=request; detail=reload'],
  ['2.2 request: max-age', { reason: 'max-age' }, 'fwd=request; detail=max-age'],
  ['2.2 request: min-fresh', { reason: 'min-fresh' }, 'fwd=request; detail=min-fresh'],
  ['2.2 request: its conditions', { reason: 'condition-failed' }, 'fwd=request; detail=condition-failed'],
  ['2.2 miss: others', { reason: 'storage-error' }, 'fwd=miss; detail=storage-error'],
  ['2.2 bypass', { status: 'bypass', reason: 'off' }, 'fwd=bypass; detail=off'],
  [
    '2.3 fwd-status of a validation',
    { status: 'revalidated', reason: 'not-modified', forwardStatus: 304, ttl: 60, stored: true },
    'fwd=stale; fwd-status=304; ttl=60; stored',
  ],
  [
    '2.3 fwd-status of a failure',
    { status: 'stale', reason: 'stale-if-error', forwardStatus: 503, ttl: -9 },
    'fwd=stale; fwd-status=503; ttl=-9; detail=stale-if-error',
  ],
  ['2.4 ttl is whole seconds', { status: 'hit', reason: 'fresh', ttl: -1.5 }, 'hit; ttl=-2'],
  ['2.4 ttl fits a structured field', { status: 'hit', reason: 'fresh', ttl: 1e20 }, 'hit; ttl=999999999999999'],
  ['2.4 on both sides', { status: 'hit', reason: 'fresh', ttl: -1e20 }, 'hit; ttl=-999999999999999'],
  ['2.6 collapsed', { collapsed: true }, 'fwd=uri-miss; collapsed'],
])('section %s', (_name, facts, parameters) => {
  expect(text(facts)).toBe(`axios-client-cache; ${parameters}`);
});
