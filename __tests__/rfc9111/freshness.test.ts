/** These tests calculate lifetimes, age and freshness (RFC 9111 section 4.2). */
import fc from 'fast-check';
import {
  chooseLifetime,
  currentAge,
  explicitLifetime,
  heuristicLifetime,
  isFromFuture,
  isStorableWithoutLifetime,
  isWithinWindow,
  remainingFreshness,
  validateOnEachUse,
} from '../../lib/rfc9111/freshness.js';
import type { DecisionPolicy, HeaderFields, LocalLifetime, Stored, StoredHead } from '../../lib/rfc9111/model.js';
import { readResponseFacts } from '../../lib/rfc9111/read-response-facts.js';
import { HEURISTIC, NEVER, NOW, answerOf, dateAt, lifetimeOf, policyOf, seconds, storedOf } from './heads.js';

/** Gives the arguments by which a lifetime is chosen for an answer that was received at NOW. */
const choosing = (headers: HeaderFields, policy: DecisionPolicy, status = 200) =>
  [answerOf(headers, status), readResponseFacts(headers, NOW, policy), policy] as const;

describe('explicitLifetime (section 4.2.1)', () => {
  const inFuture = { date: dateAt(0), expires: dateAt(300) };

  test.each<[string, HeaderFields, number | undefined]>([
    ['max-age', { 'cache-control': 'max-age=60' }, 60],
    ['max-age=0 is a lifetime', { 'cache-control': 'max-age=0' }, 0],
    ['max-age before Expires', { ...inFuture, 'cache-control': 'max-age=0' }, 0],
    ['max-age before a past Expires', { 'cache-control': 'max-age=60', expires: dateAt(-9) }, 60],
    ['max-age before an invalid Expires', { 'cache-control': 'max-age=60', expires: '0' }, 60],
    ['invalid max-age before Expires', { ...inFuture, 'cache-control': 'max-age=x' }, 0],
    ['different values of max-age', { 'cache-control': 'max-age=1, max-age=9' }, 0],
    ['no-cache', { 'cache-control': 'no-cache' }, 0],
    ['no-cache with max-age', { 'cache-control': 'no-cache, max-age=60' }, 0],
    ['no-cache for fields says nothing', { 'cache-control': 'no-cache="a"' }, undefined],
    ['Expires less Date', inFuture, 300],
    ['Expires less a slow Date', { date: dateAt(-10), expires: dateAt(10) }, 20],
    ['Expires before Date, both ahead', { date: dateAt(400), expires: dateAt(300) }, 0],
    ['Expires without Date: less the receipt', { expires: dateAt(300) }, 300],
    ['Expires with an unreadable Date', { date: 'foo', expires: dateAt(300) }, 300],
    ['Expires: 0', { expires: '0' }, 0],
    ['an empty Expires', { expires: '' }, 0],
    ['the same Expires twice', { expires: [dateAt(300), dateAt(300)] }, 300],
    ['different Expires', { expires: [dateAt(300), dateAt(400)] }, 0],
    ['s-maxage is not for a private cache', { 'cache-control': 's-maxage=60' }, undefined],
    ['private says nothing', { 'cache-control': 'private' }, undefined],
    ['public says nothing', { 'cache-control': 'public' }, undefined],
    ['must-revalidate says nothing', { 'cache-control': 'must-revalidate' }, undefined],
    ['immutable says nothing', { 'cache-control': 'immutable' }, undefined],
    ['no-transform says nothing', { 'cache-control': 'no-transform' }, undefined],
    ['Pragma says nothing', { pragma: 'no-cache' }, undefined],
    ['no field', {}, undefined],
  ])('%s', (_name, headers, lifetime) => {
    expect(explicitLifetime(...choosing(headers, policyOf()))).toBe(lifetime);
  });

  test.each([
    ['s-maxage before a longer max-age', 's-maxage=1, max-age=60', 1],
    ['s-maxage before a shorter max-age', 'max-age=1, s-maxage=60', 60],
    ['an invalid s-maxage', 'max-age=60, s-maxage=x', 0],
    ['max-age without it', 'max-age=60', 60],
  ])('shared: %s', (_name, value, lifetime) => {
    expect(explicitLifetime(...choosing({ 'cache-control': value }, policyOf({ shared: true })))).toBe(lifetime);
  });

  test('cacheControl: false takes this rung out', () => {
    const headers = { ...inFuture, 'cache-control': 'max-age=60' };
    expect(explicitLifetime(...choosing(headers, policyOf({ cacheControl: false })))).toBeUndefined();
  });
});

describe('heuristicLifetime (section 4.2.2)', () => {
  const headers = { date: dateAt(0), 'last-modified': dateAt(-1000) };
  const heuristic = (fields: HeaderFields, status: number, policy = policyOf()): number | undefined => {
    const [response, facts] = choosing(fields, policy, status);
    return heuristicLifetime(response, facts);
  };

  test.each([200, 203, 204, 206, 300, 301, 308, 404, 405, 410, 414, 501])('a tenth for %d', (status) => {
    expect(heuristic(headers, status)).toBe(100);
  });

  test.each([201, 202, 302, 307, 400, 403, 500, 502, 503, 504])('nothing for %d', (status) => {
    expect(heuristic(headers, status)).toBeUndefined();
  });

  test('public opens any status, where headers mean something', () => {
    const open = { ...headers, 'cache-control': 'public' };
    expect(heuristic(open, 201)).toBe(100);
    expect(heuristic(open, 201, policyOf({ cacheControl: false }))).toBeUndefined();
  });

  test.each<[string, HeaderFields, number | undefined]>([
    ['without Last-Modified', { date: dateAt(0) }, undefined],
    ['with an unreadable Last-Modified', { 'last-modified': 'foo' }, undefined],
    ['without Date, from receipt', { 'last-modified': dateAt(-50) }, 5],
    ['with a Last-Modified ahead of Date', { date: dateAt(0), 'last-modified': dateAt(50) }, 0],
  ])('%s', (_name, fields, lifetime) => {
    expect(heuristic(fields, 200)).toBe(lifetime);
  });
});

describe('chooseLifetime: the ladder', () => {
  const FIVE: LocalLifetime = { kind: 'seconds', seconds: 5, source: 'url' };

  test('the response speaks first, counted from its age', () => {
    const lifetime = chooseLifetime(...choosing({ 'cache-control': 'max-age=60' }, policyOf({ local: FIVE })));
    expect(lifetime).toEqual({ seconds: 60, source: 'response', basis: 'age' });
  });

  test.each<[string, LocalLifetime, object | undefined]>([
    ['seconds, counted from receipt', FIVE, { seconds: 5, source: 'url', basis: 'receipt' }],
    ['never', NEVER, { seconds: Infinity, source: 'default', basis: 'receipt' }],
    [
      'until an instant',
      { kind: 'until', at: NOW + seconds(90), source: 'request' },
      { seconds: 90, source: 'request', basis: 'receipt' },
    ],
    [
      'until an instant that is over',
      { kind: 'until', at: NOW - seconds(90), source: 'request' },
      { seconds: 0, source: 'request', basis: 'receipt' },
    ],
    ['heuristic, which finds nothing', HEURISTIC, undefined],
  ])('where it is silent: %s', (_name, local, lifetime) => {
    expect(chooseLifetime(...choosing({}, policyOf({ local })))).toEqual(lifetime);
  });

  test('where it is silent: heuristic, counted from the age', () => {
    const lifetime = chooseLifetime(...choosing({ 'last-modified': dateAt(-100) }, policyOf({ local: HEURISTIC })));
    expect(lifetime).toEqual({ seconds: 10, source: 'session', basis: 'age' });
  });

  test.each<[string, HeaderFields, LocalLifetime, number, object | undefined]>([
    ['a longer one of the response', { 'cache-control': 'max-age=60' }, FIVE, 30, { seconds: 30, source: 'response' }],
    ['a longer local one', {}, NEVER, 30, { seconds: 30, source: 'default' }],
    ['one that is as long on arrival', { 'cache-control': 'max-age=60', age: '20' }, FIVE, 39, {
      seconds: 39,
      source: 'response',
    }],
  ])('maxLifetime cuts, counted from receipt: %s', (_name, headers, local, maxLifetime, cut) => {
    const lifetime = chooseLifetime(...choosing(headers, policyOf({ local, maxLifetime })));
    expect(lifetime).toEqual({ ...cut, basis: 'receipt' });
  });

  test.each<[string, HeaderFields, LocalLifetime, number, object | undefined]>([
    ['one that is as long', { 'cache-control': 'max-age=60' }, FIVE, 60, lifetimeOf(60)],
    ['one of which no more is left', { 'cache-control': 'max-age=60', age: '20' }, FIVE, 40, lifetimeOf(60)],
    ['a shorter local one', {}, FIVE, 6, { seconds: 5, source: 'url', basis: 'receipt' }],
    ['none', {}, HEURISTIC, 30, undefined],
  ])('maxLifetime leaves as it is: %s', (_name, headers, local, maxLifetime, lifetime) => {
    expect(chooseLifetime(...choosing(headers, policyOf({ local, maxLifetime })))).toEqual(lifetime);
  });

  test('where no rung speaks it is to be validated, in the name of the local one', () => {
    expect(validateOnEachUse(policyOf({ local: HEURISTIC }))).toEqual({ seconds: 0, source: 'session', basis: 'age' });
  });
});

describe('isStorableWithoutLifetime (section 3)', () => {
  test.each([
    ['a status that is cacheable by default', 200, '', { own: true, shared: true }],
    ['another status', 403, '', { own: false, shared: false }],
    ['another status, public', 403, 'public', { own: true, shared: true }],
    ['another status, private', 403, 'private', { own: true, shared: false }],
    ['another status, private for fields', 403, 'private="a"', { own: false, shared: false }],
  ])('%s', (_name, status, value, { own, shared }) => {
    const [response, { directives }] = choosing({ 'cache-control': value }, policyOf(), status);
    const answers = [false, true].map((isShared) =>
      isStorableWithoutLifetime(response, directives, policyOf({ shared: isShared })),
    );
    expect(answers).toEqual([own, shared]);
  });
});

describe('currentAge (section 4.2.3)', () => {
  test.each<[string, HeaderFields, Partial<StoredHead>, number, number]>([
    ['resident_time', {}, {}, 30, 30],
    ['age_value', { age: '10' }, {}, 30, 40],
    ['response_delay', {}, { requestTime: NOW - seconds(4) }, 30, 34],
    ['age_value and response_delay', { age: '10' }, { requestTime: NOW - seconds(4) }, 30, 44],
    ['apparent_age', { date: dateAt(-20) }, {}, 30, 50],
    ['the larger of apparent and corrected age', { date: dateAt(-20), age: '25' }, {}, 30, 55],
    ['a Date ahead is no negative age', { date: dateAt(20) }, {}, 30, 30],
    [
      'a fraction of a second is no apparent age',
      { date: dateAt(0) },
      { requestTime: NOW + 900, responseTime: NOW + 900 },
      30,
      30,
    ],
    ['a clock set back', {}, {}, -30, 0],
    ['a clock set back between request and response', {}, { requestTime: NOW + seconds(4) }, 30, 30],
  ])('%s', (_name, headers, changes, later, age) => {
    const stored = storedOf(headers, changes);
    expect(currentAge(stored, stored.responseTime + seconds(later))).toBe(age);
  });

  test('never decreases as the clock goes on, and is never negative', () => {
    const offset = fc.integer({ min: -100_000, max: 100_000 });
    fc.assert(
      fc.property(offset, offset, offset, fc.nat(), offset, fc.nat(), (date, sent, received, age, now, later) => {
        const times = {
          dateValue: NOW + date,
          requestTime: NOW + sent,
          responseTime: NOW + received,
          ageValue: age,
        };
        const before = currentAge(times, NOW + now);
        expect(before).toBeGreaterThanOrEqual(0);
        expect(currentAge(times, NOW + now + later)).toBeGreaterThanOrEqual(before);
      }),
    );
  });
});

function freshnessOf(stored: Stored, policy: DecisionPolicy, now: number) {
  const age = currentAge(stored, now);
  return { age, remaining: remainingFreshness(stored, policy, age, now) };
}

describe('remainingFreshness', () => {
  const old = { age: '20' };
  const at = (later: number): number => NOW + seconds(later);

  test('a lifetime of the response is compared with the age', () => {
    expect(freshnessOf(storedOf(old), policyOf(), at(10))).toEqual({ age: 30, remaining: 30 });
  });

  test('a local lifetime counts from receipt', () => {
    const stored = storedOf(old, { lifetime: lifetimeOf(60, { source: 'session', basis: 'receipt' }) });
    expect(freshnessOf(stored, policyOf(), at(10))).toMatchObject({ age: 30, remaining: 50 });
  });

  test('a lifetime that never ends', () => {
    const stored = storedOf(old, { lifetime: lifetimeOf(Infinity, { source: 'default', basis: 'receipt' }) });
    expect(freshnessOf(stored, policyOf(), at(1e9)).remaining).toBe(Infinity);
  });

  describe('a lifetime of this request', () => {
    const forRequest = (count: number) =>
      policyOf({ local: { kind: 'seconds', seconds: count, source: 'request' } as const });
    const locally = { lifetime: lifetimeOf(60, { source: 'session', basis: 'receipt' } as const) };

    test.each([
      ['bounds a local one', locally, forRequest(15), 5],
      ['never extends it', locally, forRequest(500), 50],
      ['does not touch that of the response', {}, forRequest(15), 50],
      [
        'bounds by an instant too',
        locally,
        policyOf({ local: { kind: 'until', at: NOW + seconds(12), source: 'request' } }),
        2,
      ],
      ['of the heuristic kind bounds too', locally, policyOf({ local: { kind: 'heuristic', source: 'request' } }), -10],
      [
        'no session cuts short',
        { lifetime: lifetimeOf(60, { source: 'request', basis: 'receipt' } as const) },
        policyOf({ local: { kind: 'seconds', seconds: 15, source: 'session' } }),
        50,
      ],
    ])('%s', (_name, changes, policy, remaining) => {
      expect(freshnessOf(storedOf({}, changes), policy, at(10)).remaining).toBe(remaining);
    });
  });

  test('maxLifetime bounds what was stored without it, counted from receipt', () => {
    expect(freshnessOf(storedOf(old), policyOf({ maxLifetime: 35 }), at(10)).remaining).toBe(25);
    expect(freshnessOf(storedOf(old), policyOf({ maxLifetime: 500 }), at(10)).remaining).toBe(30);
  });

  test('what was cut when it was stored stays so', () => {
    const lifetime = lifetimeOf(30, { basis: 'receipt' });
    const stored = storedOf({ 'cache-control': 'max-age=60' }, { lifetime });
    expect(freshnessOf(stored, policyOf(), at(10)).remaining).toBe(20);
  });

  test('a lifetime that depends on the stored response is asked for with it', () => {
    const stored = storedOf({}, { status: 404, lifetime: lifetimeOf(60, { source: 'session', basis: 'receipt' }) });
    const localFor = ({ status }: Stored): LocalLifetime => ({
      kind: 'seconds',
      seconds: status === 404 ? 15 : 500,
      source: 'session',
    });
    expect(freshnessOf(stored, policyOf({ localFor }), at(10)).remaining).toBe(5);
  });

  describe('what was stored while its headers meant nothing', () => {
    const local = { seconds: 1000, basis: 'receipt' } as const;
    const maxAge = { ...old, 'cache-control': 'max-age=60' };

    test('lasts as they say, compared with its age, now that they count', () => {
      const stored = storedOf(maxAge, { headersHonoured: false, lifetime: { ...local, source: 'session' } });
      const policy = policyOf({ local: { kind: 'seconds', seconds: 5, source: 'session' } });
      expect(freshnessOf(stored, policy, at(10)).remaining).toBe(30);
    });

    test('lasts as before where they say nothing', () => {
      const stored = storedOf({}, { headersHonoured: false, lifetime: { ...local, source: 'session' } });
      expect(freshnessOf(stored, policyOf(), at(10)).remaining).toBe(990);
    });

    test('lasts as its request has said', () => {
      const headers = { date: dateAt(0), expires: dateAt(60) };
      const stored = storedOf(headers, { headersHonoured: false, lifetime: { ...local, source: 'request' } });
      expect(freshnessOf(stored, policyOf(), at(10)).remaining).toBe(990);
    });
  });

  describe('today’s local lifetime', () => {
    const fromSession = { lifetime: lifetimeOf(60, { source: 'session', basis: 'receipt' }) };
    const guessed = { lifetime: lifetimeOf(60, { source: 'session' }) };
    const fromRequest = { lifetime: lifetimeOf(60, { source: 'request', basis: 'receipt' }) };
    const shorter = (source: LocalLifetime['source']): LocalLifetime => ({ kind: 'seconds', seconds: 5, source });

    test.each<[string, Partial<StoredHead>, LocalLifetime, number]>([
      ['bounds no other, where nobody has given it', fromSession, shorter('default'), 50],
      ['bounds no guess, where it would be guessed of the same', guessed, HEURISTIC, 50],
      ['bounds a guess, where it is none', guessed, shorter('session'), -5],
      ['bounds that of another request, where it is of this one', fromRequest, shorter('request'), -5],
    ])('%s', (_name, changes, local, remaining) => {
      expect(freshnessOf(storedOf({}, changes), policyOf({ local }), at(10)).remaining).toBe(remaining);
    });
  });

  test('cacheControl: false makes a stored local lifetime no longer', () => {
    const stored = storedOf({}, { lifetime: lifetimeOf(60, { source: 'session', basis: 'receipt' }) });
    const local = { kind: 'seconds', seconds: 100, source: 'session' } as const;
    expect(freshnessOf(stored, policyOf({ cacheControl: false, local }), at(10)).remaining).toBe(50);
  });

  test('a lifetime of the session bounds one that an earlier session gave', () => {
    const stored = storedOf({}, { lifetime: lifetimeOf(60, { source: 'session', basis: 'receipt' }) });
    const local = { kind: 'seconds', seconds: 5, source: 'session' } as const;
    expect(freshnessOf(stored, policyOf({ cacheControl: false, local }), at(10)).remaining).toBe(-5);
  });

  test.each([
    ['longer', 100],
    ['shorter', 30],
  ])('cacheControl: false ignores a lifetime of the response for a %s one, counted from receipt', (_name, count) => {
    const local = { kind: 'seconds', seconds: count, source: 'session' } as const;
    const { remaining } = freshnessOf(storedOf(old), policyOf({ cacheControl: false, local }), at(10));
    expect(remaining).toBe(count - 10);
  });

  test('cacheControl: false lets public open no status for a heuristic lifetime', () => {
    const headers = { 'cache-control': 'public', 'last-modified': dateAt(-1000) };
    const stored = storedOf(headers, { status: 201 });
    expect(freshnessOf(stored, policyOf({ cacheControl: false, local: HEURISTIC }), NOW).remaining).toBe(0);
  });
});

test.each([
  ['a window that is not over', -10, 10, true],
  ['a window that is over', -11, 10, false],
  ['no window, at the instant of staleness', 0, 0, false],
  ['something fresh', 5, 10, true],
])('isWithinWindow: %s', (_name, remaining, window, within) => {
  expect(isWithinWindow(remaining, window)).toBe(within);
});

test('isFromFuture: a clock may have been set back by five seconds', () => {
  expect([0, 5000, 5001].map((ahead) => isFromFuture(NOW + ahead, NOW))).toEqual([false, false, true]);
});
