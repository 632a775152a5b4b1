/** These tests say which redirects are stored and for how long, and what is stored of those that nobody saw. */
import { decideReuse } from '../../lib/rfc9111/decide-reuse.js';
import type { LocalLifetime } from '../../lib/rfc9111/model.js';
import { decideRedirect, isRetraceable, keepsHidden, mayBeKept } from '../../lib/rfc9111/decide-redirect.js';
import { answerOf, dateAt, HEURISTIC, NEVER, NOW, policyOf, requestOf, seconds, storedOf } from './heads.js';

const HOUR: LocalLifetime = { kind: 'seconds', seconds: 3600, source: 'session' };
const TO = { location: '/to' };

/** Gives the lifetime in seconds, or why it is not stored; what it led to is fresh for `ledTo` seconds. */
const kept = (status: number, headers: Record<string, string>, local: LocalLifetime, ledTo = 100): number | string => {
  const decision = decideRedirect(requestOf(), answerOf({ ...TO, ...headers }, status), policyOf({ local }), ledTo);
  return decision.kind === 'store' ? decision.lifetime.seconds : decision.reason;
};

const PERMANENT = [301, 308];
const TEMPORARY = [300, 302, 303, 307];
const both = [...PERMANENT, ...TEMPORARY];

test.each(both)('%d with a lifetime of its own: this one', (status) => {
  for (const local of [NEVER, HOUR, HEURISTIC]) {
    expect(kept(status, { 'cache-control': 'max-age=500' }, local)).toBe(500);
  }
});

test.each(PERMANENT)('%d without one: by the caller, or by heuristics', (status) => {
  expect(kept(status, {}, NEVER)).toBe(Infinity);
  expect(kept(status, {}, HOUR)).toBe(3600);
  expect(kept(status, {}, HEURISTIC)).toBe('no-lifetime');
  expect(kept(status, { 'last-modified': dateAt(-1000) }, HEURISTIC)).toBe(100);
});

test.each(TEMPORARY)('%d without one: by a caller who gave one, no longer than what it led to', (status) => {
  expect(kept(status, {}, NEVER)).toBe('redirected');
  expect(kept(status, {}, HOUR)).toBe(100);
  expect(kept(status, {}, HOUR, 10_000)).toBe(3600);
  expect(kept(status, {}, HOUR, 0)).toBe('redirected');
  expect(kept(status, {}, { kind: 'until', at: NOW + seconds(50), source: 'request' })).toBe(50);
});

test.each([302, 303, 307])('%d is not guessed at', (status) => {
  expect(kept(status, { 'last-modified': dateAt(-1000) }, HEURISTIC)).toBe('no-lifetime');
});

test.each(both)('%d that would have to be validated is not stored', (status) => {
  for (const field of ['no-cache', 'max-age=0']) {
    expect(kept(status, { 'cache-control': field, etag: '"1"' }, HOUR)).toBe('redirected');
  }
  expect(kept(status, { 'cache-control': 'no-store' }, HOUR)).toBe('no-store');
});

test('a refusal leaves what is stored as it is', () => {
  const decision = decideRedirect(requestOf(), answerOf(TO, 302), policyOf({ local: HOUR }), 0);
  expect(decision).toEqual({ kind: 'do-not-store', reason: 'redirected', dropExisting: false });
});

describe('a redirect that holds for longer than one request', () => {
  const holds = (status: number, headers: Record<string, string> = {}): boolean =>
    mayBeKept(requestOf(), answerOf({ ...TO, ...headers }, status), policyOf({ local: HOUR }));

  test('is permanent, or says for how long', () => {
    expect([301, 302, 303, 307, 308].map((status) => holds(status))).toEqual([true, false, false, false, true]);
    expect([301, 302, 303, 307, 308].every((status) => holds(status, { 'cache-control': 'max-age=5' }))).toBe(true);
  });

  test('is a redirect', () => {
    expect([200, 300, 304, 404].some((status) => holds(status, { 'cache-control': 'max-age=5' }))).toBe(false);
  });
});

test('methods that a redirect neither changes nor repeats', () => {
  const methods = ['GET', 'HEAD', 'POST', 'PUT', 'QUERY'];
  expect(methods.filter((method) => isRetraceable(requestOf({}, method)))).toEqual(['GET', 'HEAD']);
});

test('what came by redirects that nobody saw: not by heuristics, unless the caller names the answer', () => {
  const keeps = (local: LocalLifetime, isNamed: boolean, method?: string): boolean =>
    keepsHidden(requestOf({}, method), policyOf({ local }), isNamed);
  const lifetimes = [keeps(NEVER, false), keeps(HOUR, false), keeps(HEURISTIC, false), keeps(HEURISTIC, true)];
  expect(lifetimes).toEqual([true, true, false, true]);
  expect(keeps(NEVER, false, 'POST')).toBe(false);
});

describe('a stored redirect', () => {
  const headers = { ...TO, etag: '"1"', 'last-modified': dateAt(-10) };
  const stored = storedOf(headers, { status: 301, redirectsTo: 'https://api.example.com/to' });

  test('is reused while it is fresh, whatever statuses are cached, unless the request ignores it', () => {
    expect(decideReuse(requestOf(), [stored], policyOf(), NOW)).toMatchObject({ kind: 'reuse', reason: 'fresh' });
    const decision = decideReuse(requestOf(), [stored], policyOf({ ignoresRedirects: true }), NOW);
    expect(decision).toMatchObject({ kind: 'forward', reason: 'uri-miss' });
  });

  test('is asked for without conditions once it is stale', () => {
    const decision = decideReuse(requestOf(), [stored], policyOf(), NOW + seconds(100));
    expect(decision).toMatchObject({ kind: 'forward', reason: 'expired', fallback: stored });
  });
});
