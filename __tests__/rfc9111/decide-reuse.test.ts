/** These tests reuse stored responses (RFC 9111 sections 3.3, 4, 4.1 to 4.3, 5.2, RFC 5861 section 3, Fetch modes). */
import fc from 'fast-check';
import { decideReuse, demandsNewAnswer } from '../../lib/rfc9111/decide-reuse.js';
import type { CacheMode, DecisionPolicy, HeaderFields, StoredHead } from '../../lib/rfc9111/model.js';
import { NOW, dateAt, lifetimeOf, policyOf, requestOf, seconds, storedOf } from './heads.js';

interface Situation {
  readonly asks?: HeaderFields;
  readonly method?: string;
  readonly says?: HeaderFields;
  readonly changes?: Partial<StoredHead>;
  readonly bodyBytes?: number;
  readonly policy?: Partial<DecisionPolicy>;
  /** The response was stored so many seconds ago, with a lifetime of 60. */
  readonly later?: number;
}

const FRESH = 10;
const STALE = 70;
const ETAG = { etag: '"a"' };
const CONDITIONS = { 'if-none-match': '"a"' };

function decide({ asks = {}, method = 'GET', says = {}, changes, bodyBytes, policy, later = FRESH }: Situation) {
  const stored = storedOf(says, changes, bodyBytes);
  const decision = decideReuse(requestOf(asks, method, policy), [stored], policyOf(policy), NOW + seconds(later));
  return { stored, decision };
}

/** Says the decision in few words. */
function outcome(situation: Situation): string {
  const { decision, stored } = decide(situation);
  switch (decision.kind) {
    case 'reuse':
      return `${decision.freshness} ${decision.answer.kind}: ${decision.reason}`;
    case 'forward':
      expect([stored, undefined]).toContain(decision.fallback);
      return `forward${decision.fallback === undefined ? '' : ' with fallback'}: ${decision.reason}`;
    default:
      return `${decision.kind}: ${decision.reason}`;
  }
}

const cc = (value: string): HeaderFields => ({ 'cache-control': value });
const IMMUTABLE = { ...ETAG, ...cc('immutable') };

describe('a decision carries what its branch needs', () => {
  test('reuse', () => {
    const { decision, stored } = decide({ says: { age: '5' } });
    expect(decision).toEqual({
      kind: 'reuse',
      stored,
      age: 15,
      freshness: 'fresh',
      reason: 'fresh',
      answer: { kind: 'whole' },
    });
  });

  test('validate', () => {
    const { decision, stored } = decide({ says: { ...ETAG, 'last-modified': 'x' }, later: STALE });
    const conditions = { 'if-none-match': '"a"', 'if-modified-since': 'x' };
    expect(decision).toEqual({ kind: 'validate', stored, conditions, reason: 'expired' });
  });

  test('forward', () => {
    const { decision, stored } = decide({ later: STALE });
    expect(decision).toEqual({ kind: 'forward', reason: 'expired', fallback: stored });
  });

  test('reuse and refresh', () => {
    const { decision, stored } = decide({ says: { ...ETAG, ...cc('stale-while-revalidate=20') }, later: STALE });
    expect(decision).toEqual({
      kind: 'reuse-and-refresh',
      stored,
      age: 70,
      conditions: CONDITIONS,
      reason: 'stale-while-revalidate',
    });
  });

  test('a part', () => {
    const { decision } = decide({ asks: { range: 'bytes=2-3' }, bodyBytes: 10 });
    const slice = { first: 2, last: 3, from: 0, complete: 10 };
    expect(decision).toMatchObject({ kind: 'reuse', answer: { kind: 'part', slice } });
  });
});

describe('what may be chosen (section 4)', () => {
  test('nothing stored', () => {
    expect(decideReuse(requestOf(), [], policyOf(), NOW)).toEqual({
      kind: 'forward',
      reason: 'uri-miss',
      fallback: undefined,
    });
  });

  test.each<[string, Situation, string]>([
    ['a method that is not cached for this request', { policy: { allowsMethod: () => false } }, 'forward: method'],
    ['a HEAD for a GET', { changes: { method: 'HEAD' } }, 'forward: uri-miss'],
    ['a GET for a HEAD (RFC 9110 section 9.3.2)', { method: 'HEAD' }, 'fresh whole: fresh'],
    ['a POST for a HEAD', { method: 'HEAD', changes: { method: 'POST' } }, 'forward: uri-miss'],
    ['a GET for a POST', { method: 'POST', policy: { allowsMethod: () => true } }, 'forward: uri-miss'],
    [
      'a POST for a POST, where that is cached',
      { method: 'POST', changes: { method: 'POST' }, policy: { allowsMethod: () => true } },
      'fresh whole: fresh',
    ],
    ['a HEAD for a HEAD', { method: 'HEAD', changes: { method: 'HEAD' } }, 'fresh whole: fresh'],
    ['a status that this caller does not allow', { changes: { status: 404 } }, 'forward: uri-miss'],
    [
      'a status that it allows',
      { changes: { status: 404 }, policy: { allowsStatus: (status) => status === 404 } },
      'fresh whole: fresh',
    ],
    ['what no-store forbids', { says: cc('no-store') }, 'forward: uri-miss'],
    ['what must-understand allows all the same', { says: cc('no-store, must-understand') }, 'fresh whole: fresh'],
    [
      'no-store, which means nothing here',
      { says: cc('no-store'), policy: { cacheControl: false } },
      'fresh whole: fresh',
    ],
    [
      'no-store, which meant nothing when it was stored, and counts by now',
      { says: cc('no-store'), changes: { headersHonoured: false } },
      'forward: uri-miss',
    ],
    ['private in a shared cache', { says: cc('private'), policy: { shared: true } }, 'forward: uri-miss'],
    [
      'a cookie that a cache of one user has kept, in a shared one',
      { says: { 'set-cookie': 'a=b' }, policy: { shared: true } },
      'forward: uri-miss',
    ],
    ['a cookie in a private cache', { says: { 'set-cookie': 'a=b' } }, 'fresh whole: fresh'],
    [
      'a POST for a POST that demands something',
      {
        asks: cc('max-age=30'),
        method: 'POST',
        changes: { method: 'POST' },
        policy: { allowsMethod: () => true },
      },
      'fresh whole: fresh',
    ],
    ['private in a private cache', { says: cc('private') }, 'fresh whole: fresh'],
    [
      'private for fields in a shared cache',
      { says: cc('private="a"'), policy: { shared: true } },
      'fresh whole: fresh',
    ],
    ['another variant', { asks: { foo: '2' }, changes: { vary: [['foo', '1']] } }, 'forward: vary-miss'],
    ['Vary: *, never without validation', { says: ETAG, changes: { vary: [['*', null]] } }, 'validate: vary-miss'],
  ])('%s', (_name, situation, expected) => {
    expect(outcome(situation)).toBe(expected);
  });

  test('section 4.1: of several, the newest that matches', () => {
    const older = storedOf({ date: dateAt(-5) });
    const newer = storedOf({ date: dateAt(-1) });
    const other = storedOf({ date: dateAt(0) }, { vary: [['foo', '1']] });
    for (const candidates of [[older, newer, other], [newer, other, older]]) {
      expect(decideReuse(requestOf(), candidates, policyOf(), NOW)).toMatchObject({ kind: 'reuse', stored: newer });
    }
  });

  test('one from the future, whose age nobody knows, is chosen only where there is no other', () => {
    const ahead = storedOf({}, { responseTime: NOW + 3_600_000, requestTime: NOW + 3_600_000 });
    const present = storedOf();
    for (const candidates of [[ahead, present], [present, ahead]]) {
      expect(decideReuse(requestOf(), candidates, policyOf(), NOW)).toMatchObject({ kind: 'reuse', stored: present });
    }
    expect(decideReuse(requestOf(), [ahead], policyOf(), NOW)).toMatchObject({ kind: 'forward', fallback: ahead });
  });
});

describe('freshness (section 4.2)', () => {
  test.each<[string, Situation, string]>([
    ['before the end of its lifetime', { later: 59.999 }, 'fresh whole: fresh'],
    ['at the end of its lifetime', { later: 60 }, 'forward with fallback: expired'],
    ['stale, with a validator', { says: ETAG, later: STALE }, 'validate: expired'],
    ['stale, with only Last-Modified', { says: { 'last-modified': dateAt(-5) }, later: STALE }, 'validate: expired'],
    ['an Age beyond the lifetime', { says: { age: '61' }, later: 0 }, 'forward with fallback: expired'],
    [
      'a lifetime of this request bounds a local one',
      {
        changes: { lifetime: lifetimeOf(60, { source: 'default', basis: 'receipt' }) },
        policy: { local: { kind: 'seconds', seconds: 5, source: 'request' } },
      },
      'forward with fallback: expired',
    ],
    [
      'a method without conditions',
      { says: ETAG, method: 'POST', changes: { method: 'POST' }, later: STALE, policy: { allowsMethod: () => true } },
      'forward with fallback: expired',
    ],
    [
      'QUERY is validated',
      { says: ETAG, method: 'QUERY', changes: { method: 'QUERY' }, later: STALE, policy: { allowsMethod: () => true } },
      'validate: expired',
    ],
  ])('%s', (_name, situation, expected) => {
    expect(outcome(situation)).toBe(expected);
  });
});

describe('response directives (section 5.2.2)', () => {
  test.each<[string, Situation, string]>([
    ['no-cache, fresh', { says: { ...ETAG, ...cc('no-cache, max-age=60') } }, 'validate: no-cache'],
    ['no-cache for fields only', { says: { ...ETAG, ...cc('no-cache="a"') } }, 'fresh whole: fresh'],
    ['no-cache, headers ignored', { says: cc('no-cache'), policy: { cacheControl: false } }, 'fresh whole: fresh'],
    ['must-revalidate, fresh', { says: cc('must-revalidate') }, 'fresh whole: fresh'],
    [
      'must-revalidate, stale',
      { says: { ...ETAG, ...cc('must-revalidate') }, later: STALE },
      'validate: must-revalidate',
    ],
    [
      'proxy-revalidate is for shared caches',
      { says: cc('proxy-revalidate'), later: STALE },
      'forward with fallback: expired',
    ],
    [
      'proxy-revalidate in one',
      { says: cc('proxy-revalidate'), later: STALE, policy: { shared: true } },
      'forward with fallback: must-revalidate',
    ],
    [
      's-maxage means it too',
      { says: cc('s-maxage=60'), later: STALE, policy: { shared: true } },
      'forward with fallback: must-revalidate',
    ],
    [
      'immutable does not outlive its lifetime',
      { says: { ...ETAG, ...cc('immutable') }, later: STALE },
      'validate: expired',
    ],
    [
      'immutable yields to a request that asks',
      { asks: cc('no-cache'), says: { ...ETAG, ...cc('immutable') } },
      'validate: no-cache',
    ],
  ])('%s', (_name, situation, expected) => {
    expect(outcome(situation)).toBe(expected);
  });
});

describe('request directives (section 5.2.1)', () => {
  test.each<[string, Situation, string]>([
    ['max-age below the age', { asks: cc('max-age=9'), says: ETAG }, 'validate: max-age'],
    ['max-age of the age', { asks: cc('max-age=10'), says: ETAG }, 'fresh whole: fresh'],
    ['max-age against Age', { asks: cc('max-age=30'), says: { ...ETAG, age: '25' } }, 'validate: max-age'],
    ['max-age=0 at once', { asks: cc('max-age=0'), says: ETAG, later: 0 }, 'validate: max-age'],
    ['max-age without a validator', { asks: cc('max-age=0') }, 'forward with fallback: max-age'],
    ['max-age, ignored', { asks: cc('max-age=0'), policy: { cacheControl: false } }, 'fresh whole: fresh'],
    ['min-fresh beyond what remains', { asks: cc('min-fresh=51') }, 'forward with fallback: min-fresh'],
    ['min-fresh beyond it, with a validator', { asks: cc('min-fresh=51'), says: ETAG }, 'validate: min-fresh'],
    ['min-fresh of what remains', { asks: cc('min-fresh=50') }, 'fresh whole: fresh'],
    ['max-stale', { asks: cc('max-stale'), later: 1e6 }, 'stale whole: max-stale'],
    ['max-stale of the staleness', { asks: cc('max-stale=10'), later: STALE }, 'stale whole: max-stale'],
    ['max-stale at the end of its lifetime', { asks: cc('max-stale'), later: 60 }, 'stale whole: max-stale'],
    ['max-stale below it', { asks: cc('max-stale=9'), later: STALE }, 'forward with fallback: expired'],
    ['max-stale against Age', { asks: cc('max-stale=10'), says: { age: '65' }, later: 5 }, 'stale whole: max-stale'],
    [
      'max-stale against must-revalidate',
      { asks: cc('max-stale'), says: cc('must-revalidate'), later: STALE },
      'forward with fallback: must-revalidate',
    ],
    [
      'max-stale against no-cache',
      { asks: cc('max-stale'), says: cc('no-cache'), later: STALE },
      'forward with fallback: no-cache',
    ],
    ['max-age=0 of what is immutable', { asks: cc('max-age=0'), says: IMMUTABLE }, 'fresh whole: fresh'],
    [
      'max-age=0 of what is immutable, validated always',
      { asks: cc('max-age=0'), says: { ...ETAG, ...cc('immutable, no-cache') } },
      'validate: no-cache',
    ],
    [
      'max-age=0 of what is immutable and stale',
      { asks: cc('max-age=0'), says: IMMUTABLE, later: STALE },
      'validate: max-age',
    ],
    ['no-cache of what is immutable', { asks: cc('no-cache'), says: IMMUTABLE }, 'validate: no-cache'],
    ['no-cache', { asks: cc('no-cache'), says: ETAG }, 'validate: no-cache'],
    ['Pragma: no-cache', { asks: { pragma: 'no-cache' }, says: ETAG }, 'validate: no-cache'],
    ['no-store', { asks: cc('no-store') }, 'forward: no-store'],
    ['only-if-cached, fresh', { asks: cc('only-if-cached') }, 'fresh whole: fresh'],
    [
      'only-if-cached, stale',
      { asks: cc('only-if-cached'), says: ETAG, later: STALE },
      'unsatisfiable: only-if-cached',
    ],
    [
      'only-if-cached with max-stale',
      { asks: cc('only-if-cached, max-stale'), later: STALE },
      'stale whole: max-stale',
    ],
    ['only-if-cached with no-store', { asks: cc('only-if-cached, no-store') }, 'unsatisfiable: only-if-cached'],
    [
      'only-if-cached, a variant missing',
      { asks: cc('only-if-cached'), changes: { vary: [['foo', '1']] } },
      'unsatisfiable: only-if-cached',
    ],
    [
      'only-if-cached in a stale window, which would ask the origin',
      { asks: cc('only-if-cached'), says: cc('stale-while-revalidate=99'), later: STALE },
      'unsatisfiable: only-if-cached',
    ],
  ])('%s', (_name, situation, expected) => {
    expect(outcome(situation)).toBe(expected);
  });
});

describe('stale-while-revalidate (RFC 5861 section 3)', () => {
  const says = { ...ETAG, ...cc('stale-while-revalidate=10') };
  const refresh = 'reuse-and-refresh: stale-while-revalidate';

  test.each<[string, Situation, string]>([
    ['fresh', { says }, 'fresh whole: fresh'],
    ['in the window of the response', { says, later: STALE }, refresh],
    ['after it', { says, later: STALE + 0.001 }, 'validate: expired'],
    ['in the window of the policy', { later: STALE, policy: { staleWhileRevalidate: 10 } }, refresh],
    ['without end', { later: 1e9, policy: { staleWhileRevalidate: Infinity } }, refresh],
    ['the longer of both', { says, later: 80, policy: { staleWhileRevalidate: 20 } }, refresh],
    ['none', { says: ETAG, later: 60 }, 'validate: expired'],
    [
      'headers ignored',
      {
        says,
        changes: { lifetime: lifetimeOf(60, { source: 'session', basis: 'receipt' }) },
        later: STALE,
        policy: { cacheControl: false, local: { kind: 'seconds', seconds: 60, source: 'session' } },
      },
      'validate: expired',
    ],
    [
      'must-revalidate',
      { says: cc('must-revalidate, stale-while-revalidate=10'), later: STALE },
      'forward with fallback: must-revalidate',
    ],
    ['a request max-age wants nothing stale', { asks: cc('max-age=100'), says, later: STALE }, 'validate: expired'],
    [
      'a caller with its own condition',
      { asks: { 'if-none-match': '"b"' }, says, later: STALE },
      'forward with fallback: expired',
    ],
  ])('%s', (_name, situation, expected) => {
    expect(outcome(situation)).toBe(expected);
  });

  test('without a validator it refreshes without conditions', () => {
    const { decision } = decide({ says: cc('stale-while-revalidate=10'), later: STALE });
    expect(decision).toMatchObject({ kind: 'reuse-and-refresh', conditions: {} });
  });
});

describe('conditions of the caller and ranges (sections 3.3, 4.3.2)', () => {
  const says = { ...ETAG, 'last-modified': dateAt(-100) };
  const range = { range: 'bytes=0-1' };

  test.each<[string, Situation, string]>([
    ['If-None-Match that matches', { asks: CONDITIONS, says }, 'fresh not-modified: fresh'],
    [
      'If-None-Match that does not',
      { asks: { 'if-none-match': '"b"' }, says },
      'forward with fallback: condition-failed',
    ],
    [
      'If-Modified-Since that matches',
      { asks: { 'if-modified-since': dateAt(-100) }, says },
      'fresh not-modified: fresh',
    ],
    [
      'If-Modified-Since that does not',
      { asks: { 'if-modified-since': dateAt(-101) }, says },
      'forward with fallback: condition-failed',
    ],
    ['If-Modified-Since that is no date', { asks: { 'if-modified-since': 'x' }, says }, 'fresh whole: fresh'],
    ['a stale entry: as they are', { asks: CONDITIONS, says, later: STALE }, 'forward with fallback: expired'],
    [
      'a stale entry that max-stale allows',
      { asks: { ...CONDITIONS, ...cc('max-stale') }, says, later: STALE },
      'stale not-modified: max-stale',
    ],
    ['nothing stored', { asks: CONDITIONS, changes: { method: 'HEAD' } }, 'forward: uri-miss'],
    ['If-Match', { asks: { 'if-match': '"a"' }, says }, 'forward with fallback: condition-failed'],
    [
      'If-Unmodified-Since',
      { asks: { 'if-unmodified-since': dateAt(0) }, says },
      'forward with fallback: condition-failed',
    ],
    ['If-Range without Range', { asks: { 'if-range': '"a"' }, says }, 'forward with fallback: condition-failed'],
    ['a match for HEAD', { asks: CONDITIONS, says, method: 'HEAD' }, 'fresh not-modified: fresh'],
    [
      'a method that conditions do not fit',
      { asks: CONDITIONS, says, method: 'POST', changes: { method: 'POST' }, policy: { allowsMethod: () => true } },
      'forward with fallback: condition-failed',
    ],
    [
      'a stored status that is no success',
      { asks: CONDITIONS, says, changes: { status: 404 }, policy: { allowsStatus: () => true } },
      'fresh whole: fresh',
    ],
    ['a range', { asks: range, bodyBytes: 10 }, 'fresh part: fresh'],
    ['a range for HEAD means nothing', { asks: range, bodyBytes: 10, method: 'HEAD' }, 'fresh whole: fresh'],
    [
      'a range that cannot be served',
      { asks: { range: 'bytes=99-' }, bodyBytes: 10 },
      'forward with fallback: partial',
    ],
    ['a range of a stale entry', { asks: range, says, bodyBytes: 10, later: STALE }, 'forward with fallback: expired'],
    [
      'If-Range that does not hold',
      { asks: { ...range, 'if-range': '"b"' }, says, bodyBytes: 10 },
      'forward with fallback: partial',
    ],
    [
      'a condition goes before a range',
      { asks: { ...range, ...CONDITIONS }, says, bodyBytes: 10 },
      'fresh not-modified: fresh',
    ],
    [
      'where the origin may not be asked, the whole response answers',
      { asks: { ...cc('only-if-cached'), 'if-none-match': '"b"' }, says },
      'fresh whole: fresh',
    ],
  ])('%s', (_name, situation, expected) => {
    expect(outcome(situation)).toBe(expected);
  });
});

describe('a stored part is completed (section 3.4)', () => {
  const atEnd: Situation = {
    asks: {},
    says: { ...ETAG, 'content-range': 'bytes 4-9/10' },
    changes: { status: 206 },
    bodyBytes: 6,
    policy: { allowsStatus: () => true },
  };
  const atStart: Situation = { ...atEnd, says: { ...ETAG, 'content-range': 'bytes 0-5/10' } };
  const conditionsFor = (situation: Situation) => {
    const { decision } = decide(situation);
    return decision.kind === 'complete' ? { ...decision.conditions } : decision.kind;
  };

  test.each<[string, Situation, object]>([
    ['by its beginning', atEnd, { range: 'bytes=0-3', 'if-range': '"a"' }],
    ['by its end', atStart, { range: 'bytes=6-', 'if-range': '"a"' }],
    ['when it is stale', { ...atStart, later: STALE }, { range: 'bytes=6-', 'if-range': '"a"' }],
    [
      'under mode no-cache',
      { ...atStart, policy: { ...atStart.policy, mode: 'no-cache' } },
      { range: 'bytes=6-', 'if-range': '"a"' },
    ],
  ])('%s', (_name, situation, conditions) => {
    expect(conditionsFor(situation)).toEqual(conditions);
  });

  test.each<[string, Situation]>([
    ['lacks both ends', { ...atEnd, says: { ...ETAG, 'content-range': 'bytes 2-7/10' } }],
    ['has a weak validator', { ...atEnd, says: { etag: 'W/"a"', 'content-range': 'bytes 4-9/10' } }],
    ['has none', { ...atEnd, says: { 'content-range': 'bytes 4-9/10' } }],
    ['is of a whole of unknown length', { ...atStart, says: { ...ETAG, 'content-range': 'bytes 0-5/*' } }],
    ['is of a whole that is too large to be stored', { ...atEnd, policy: { ...atEnd.policy, maxEntryBytes: 9 } }],
    ['is asked for by HEAD', { ...atEnd, method: 'HEAD' }],
    ['is passed by mode reload', { ...atEnd, policy: { ...atEnd.policy, mode: 'reload' } }],
    [
      'would need a condition that may not be sent',
      { ...atEnd, policy: { ...atEnd.policy, conditionalRequests: false } },
    ],
  ])('but not where it %s', (_name, situation) => {
    expect(outcome(situation)).toMatch(/^forward: /);
  });

  test('which is why the request goes to the origin', () => {
    const { decision, stored } = decide(atStart);
    const conditions = { range: 'bytes=6-', 'if-range': '"a"' };
    expect(decision).toEqual({ kind: 'complete', stored, conditions, reason: 'partial' });
  });

  test('but not where nothing that is stored may be used', () => {
    expect(outcome({ ...atEnd, asks: cc('no-store') })).toBe('forward: no-store');
  });

  test('but not where the origin may not be asked', () => {
    expect(outcome({ ...atEnd, asks: cc('only-if-cached') })).toBe('unsatisfiable: only-if-cached');
  });
});

describe('stored parts (section 3.3)', () => {
  const part: Situation = {
    asks: { range: 'bytes=4-5' },
    says: { ...ETAG, 'content-range': 'bytes 4-6/10' },
    changes: { status: 206 },
    bodyBytes: 3,
    policy: { allowsStatus: () => true },
  };

  test.each<[string, Situation, string]>([
    ['what it holds', {}, 'fresh part: fresh'],
    ['nothing for a whole', { asks: {} }, 'forward: partial'],
    ['nothing for another part', { asks: { range: 'bytes=3-5' } }, 'forward: partial'],
    ['nothing for HEAD', { method: 'HEAD' }, 'forward: partial'],
    ['nothing under an If-Range that does not hold', { asks: { ...part.asks, 'if-range': '"b"' } }, 'forward: partial'],
    ['nothing where 206 is not allowed', { policy: {} }, 'forward: uri-miss'],
    ['nothing to another variant', { changes: { status: 206, vary: [['foo', '1']] } }, 'forward: vary-miss'],
    ['a 304 to a condition that matches', { asks: { ...part.asks, ...CONDITIONS } }, 'fresh not-modified: fresh'],
    ['stale, as a fallback', { later: STALE }, 'forward with fallback: expired'],
    [
      'offline, what it holds and no more, to a condition that does not match',
      { asks: { ...part.asks, ...cc('only-if-cached'), 'if-none-match': '"b"' } },
      'fresh part: fresh',
    ],
  ])('serve %s', (_name, situation, expected) => {
    expect(outcome({ ...part, ...situation })).toBe(expected);
  });

  test('the newest that holds what is asked for is chosen', () => {
    const fields = (offset: number, range?: string): HeaderFields => ({
      date: dateAt(offset),
      ...(range === undefined ? {} : { 'content-range': range }),
    });
    const whole = storedOf(fields(-20), {}, 10);
    const newer = storedOf(fields(-10, 'bytes 4-6/10'), { status: 206 }, 3);
    const newest = storedOf(fields(0, 'bytes 7-9/10'), { status: 206 }, 3);
    const chosen = (range: string) => {
      const policy = policyOf({ allowsStatus: () => true });
      const decision = decideReuse(requestOf({ range }), [whole, newest, newer], policy, NOW);
      return decision.kind === 'reuse' ? decision.stored : decision.reason;
    };
    expect(['bytes=0-1', 'bytes=4-5', 'bytes=-3'].map(chosen)).toEqual([whole, newer, newest]);
  });
});

describe('Fetch cache modes', () => {
  const STAR: Partial<StoredHead> = { vary: [['*', null]] };

  test.each<[CacheMode, string, Situation, string]>([
    ['no-store', 'serves nothing', {}, 'forward: no-store'],
    ['reload', 'asks the origin, without conditions', { says: ETAG }, 'forward with fallback: reload'],
    ['no-cache', 'validates what is fresh', { says: ETAG }, 'validate: no-cache'],
    ['no-cache', 'uses what is immutable while it is fresh', { says: IMMUTABLE }, 'fresh whole: fresh'],
    ['no-cache', 'validates what is immutable and stale', { says: IMMUTABLE, later: STALE }, 'validate: no-cache'],
    ['no-cache', 'validates it at the end of its lifetime', { says: IMMUTABLE, later: 60 }, 'validate: no-cache'],
    [
      'no-cache',
      'validates what is immutable, and validated always',
      { says: { ...ETAG, ...cc('immutable, no-cache') } },
      'validate: no-cache',
    ],
    ['reload', 'asks for what is immutable too', { says: IMMUTABLE }, 'forward with fallback: reload'],
    ['no-cache', 'forwards without a validator', {}, 'forward with fallback: no-cache'],
    ['no-cache', 'forwards own conditions', { asks: CONDITIONS, says: ETAG }, 'forward with fallback: no-cache'],
    ['force-cache', 'serves what is fresh', {}, 'fresh whole: fresh'],
    ['force-cache', 'serves what is stale', { says: ETAG, later: STALE }, 'stale whole: force-cache'],
    ['force-cache', 'serves what is fresh, whatever it says', { says: cc('no-cache') }, 'fresh whole: fresh'],
    ['force-cache', 'serves what has just become stale', { later: 60 }, 'stale whole: force-cache'],
    ['only-if-cached', 'serves what has just become stale', { later: 60 }, 'stale whole: only-if-cached'],
    [
      'force-cache',
      'whatever it says',
      { says: cc('no-cache, must-revalidate'), later: STALE },
      'stale whole: force-cache',
    ],
    [
      'force-cache',
      'answers conditions',
      { asks: CONDITIONS, says: ETAG, later: STALE },
      'stale not-modified: force-cache',
    ],
    ['force-cache', 'does not take Vary: * for an answer', { says: ETAG, changes: STAR }, 'validate: vary-miss'],
    ['force-cache', 'obeys a request no-store', { asks: cc('no-store') }, 'forward: no-store'],
    ['force-cache', 'forwards what is not stored', { changes: { status: 404 } }, 'forward: uri-miss'],
    ['only-if-cached', 'serves what is fresh', {}, 'fresh whole: fresh'],
    ['only-if-cached', 'serves what is stale', { says: ETAG, later: STALE }, 'stale whole: only-if-cached'],
    ['only-if-cached', 'never asks', { changes: { status: 404 } }, 'unsatisfiable: only-if-cached'],
    ['only-if-cached', 'not even to validate', { says: ETAG, changes: STAR }, 'unsatisfiable: only-if-cached'],
    ['only-if-cached', 'nor for a condition', { asks: { 'if-match': '"b"' } }, 'fresh whole: fresh'],
    ['reload', 'cannot with a request only-if-cached', { asks: cc('only-if-cached') }, 'unsatisfiable: only-if-cached'],
  ])('%s %s', (mode, _name, situation, expected) => {
    expect(outcome({ ...situation, policy: { mode } })).toBe(expected);
  });
});

describe('whatever a request says', () => {
  const asked = fc.subarray(
    ['max-stale', 'max-stale=9999', 'min-fresh=1', 'max-age=99999', 'only-if-cached', 'stale-if-error=9999', 'foo'],
    { minLength: 0 },
  );
  const windows = fc.constantFrom(undefined, 0, 10, Infinity);
  const reuses = (says: HeaderFields, later: number, directives: readonly string[], window: number | undefined) => {
    const policy = { staleIfError: window, staleWhileRevalidate: window };
    const { decision } = decide({ asks: cc(directives.join(', ')), says, later, policy });
    return decision.kind === 'reuse' || decision.kind === 'reuse-and-refresh';
  };

  test('must-revalidate is never served stale', () => {
    const says = fc.constantFrom('must-revalidate', 'must-revalidate, stale-while-revalidate=9999', 'no-cache');
    fc.assert(
      fc.property(says, asked, windows, fc.integer({ min: 60, max: 9999 }), (value, directives, window, later) => {
        expect(reuses({ ...ETAG, ...cc(value) }, later, directives, window)).toBe(false);
      }),
    );
  });

  test('no-store is never served', () => {
    fc.assert(
      fc.property(asked, windows, fc.integer({ min: 0, max: 9999 }), (directives, window, later) => {
        expect(reuses(cc('no-store, max-age=60, stale-while-revalidate=9999'), later, directives, window)).toBe(false);
      }),
    );
  });

  test('no text makes it throw', () => {
    const names = ['cache-control', 'pragma', 'range', 'if-range', 'if-none-match', 'if-modified-since', 'foo'];
    const headers = fc.dictionary(fc.constantFrom(...names), fc.string());
    fc.assert(
      fc.property(headers, headers, (asks, says) => {
        expect(() => decide({ asks, says: { ...says, vary: 'foo' }, bodyBytes: 5 })).not.toThrow();
      }),
    );
  });
});

test.each<[string, HeaderFields, Partial<DecisionPolicy>, boolean]>([
  ['nothing', {}, {}, false],
  ['mode reload', {}, { mode: 'reload' }, true],
  ['mode no-cache', {}, { mode: 'no-cache' }, true],
  ['mode force-cache', {}, { mode: 'force-cache' }, false],
  ['no-cache', cc('no-cache'), {}, true],
  ['max-age=0', cc('max-age=0'), {}, true],
  ['max-age=1', cc('max-age=1'), {}, false],
])('an answer newer than the request is demanded by %s: %s', (_name, asks, policy, demanded) => {
  expect(demandsNewAnswer(requestOf(asks), policyOf(policy))).toBe(demanded);
});
