/** These tests store responses, or do not (RFC 9111 sections 3, 3.1, 3.5 and 5.2.2). */
import { decideStorage, forbidsKeeping, replaces } from '../../lib/rfc9111/decide-storage.js';
import type { DecisionPolicy, ExpirySource, HeaderFields } from '../../lib/rfc9111/model.js';
import { HEURISTIC, NEVER, NOW, answerOf, dateAt, policyOf, requestOf, storedOf } from './heads.js';

interface Situation {
  readonly asks?: HeaderFields;
  readonly method?: string;
  readonly says?: HeaderFields;
  readonly status?: number;
  readonly bodyBytes?: number | undefined;
  readonly policy?: Partial<DecisionPolicy>;
}

const decide = ({ asks = {}, method = 'GET', says = {}, status = 200, bodyBytes, policy = {} }: Situation) =>
  decideStorage(requestOf(asks, method, policy), { ...answerOf(says, status), bodyBytes }, policyOf(policy));

/** Says `store <seconds> <source>`, or the reason, with `!` where what is stored goes too. */
function outcome(situation: Situation): string {
  const decision = decide(situation);
  return decision.kind === 'store'
    ? `store ${decision.lifetime.seconds} ${decision.lifetime.source}`
    : `${decision.reason}${decision.dropExisting ? '!' : ''}`;
}

const cc = (value: string): HeaderFields => ({ 'cache-control': value });
const FRESH = cc('max-age=60');
const ETAG = { etag: '"a"' };
const anyStatus = { allowsStatus: () => true };
const shared = { shared: true };
const at = (status: number): Situation => ({ says: FRESH, status, policy: anyStatus });
const PART: Situation = { ...at(206), says: { ...FRESH, 'content-range': 'bytes 4-6/10' }, bodyBytes: 3 };

describe('what is not stored', () => {
  test.each<[string, Situation, string]>([
    ['a method that is not cached', { says: FRESH, method: 'POST' }, 'bypass'],
    ['a cache that only reads', { says: FRESH, policy: { readOnly: true } }, 'read-only'],
    ['a response that the caller’s function keeps out', { says: FRESH, policy: { off: true } }, 'zero-lifetime'],
    ['5.2.2.5 no-store', { says: cc('no-store') }, 'no-store!'],
    ['5.2.2.5 no-store with a lifetime', { says: cc('no-store, max-age=60') }, 'no-store!'],
    ['5.2.2.5 no-store before its status', { says: cc('no-store'), status: 404 }, 'no-store!'],
    ['5.2.2.5 no-store of a server error, which drops nothing', { says: cc('no-store'), status: 500 }, 'no-store'],
    ['5.2.1.5 request no-store', { asks: cc('no-store'), says: FRESH }, 'no-store'],
    ['Fetch mode no-store', { says: FRESH, policy: { mode: 'no-store' } }, 'no-store'],
    ['5.2.2.7 private in a shared cache', { says: cc('private, max-age=60'), policy: shared }, 'private!'],
    [
      '3.5 Authorization in a shared cache',
      { asks: { authorization: 'x' }, says: FRESH, policy: shared },
      'authorization',
    ],
    [
      '3.5 even where headers mean nothing',
      { asks: { authorization: 'x' }, says: cc('public'), policy: { ...shared, cacheControl: false } },
      'authorization',
    ],
    ['4.1 Vary: * without a validator', { says: { ...FRESH, vary: '*' } }, 'vary-star'],
    ['3.3 a part without Content-Range', { ...PART, says: FRESH }, 'partial'],
    ['3.3 a part that is longer than its Content-Range', { ...PART, bodyBytes: 4 }, 'partial'],
    ['3.3 a part whose length is not known', { ...PART, bodyBytes: undefined }, 'partial'],
    ['3.3 a part for HEAD', { ...PART, method: 'HEAD' }, 'partial'],
    ['3.3 a part where 206 is not allowed', { ...PART, policy: {} }, 'status'],
    ['RFC 9110 15.5.17 a 416 to a range', { asks: { range: 'bytes=9-' }, ...at(416) }, 'status'],
    ['RFC 9110 15.5.13 a 412 to a condition', { asks: { 'if-match': '"b"' }, ...at(412) }, 'status'],
    ['3 a status that is not final', { says: FRESH, status: 103, policy: anyStatus }, 'status'],
    ['3 a 304', { says: FRESH, status: 304, policy: anyStatus }, 'status'],
    ['a status that is not allowed', { says: FRESH, status: 404 }, 'status'],
    [
      '5.2.2.3 a status that must be understood',
      { says: cc('must-understand, max-age=60'), status: 599, policy: anyStatus },
      'status',
    ],
    ['max-age=0 without a validator', { says: cc('max-age=0') }, 'zero-lifetime'],
    ['unreadable max-age without a validator', { says: cc('max-age=x') }, 'zero-lifetime'],
    ['Expires: 0 without a validator', { says: { expires: '0' } }, 'zero-lifetime'],
    ['no-cache without a validator', { says: cc('no-cache') }, 'zero-lifetime'],
    ['no-cache without a validator, in spite of max-age', { says: cc('no-cache, max-age=60') }, 'zero-lifetime'],
    ['no-cache, whatever windows there are', { says: cc('no-cache, stale-if-error=60') }, 'zero-lifetime'],
    ['no-cache, where a local window is 0', { says: cc('no-cache'), policy: { staleIfError: 0 } }, 'zero-lifetime'],
    ['a window of 0', { says: cc('max-age=0, stale-if-error=0') }, 'zero-lifetime'],
    ['heuristic, without anything to guess from', { policy: { local: HEURISTIC } }, 'no-lifetime'],
    [
      '3 heuristic, a status not cacheable by default, though it has a validator',
      { says: ETAG, status: 403, policy: { ...anyStatus, local: HEURISTIC } },
      'no-lifetime',
    ],
  ])('%s', (_name, situation, expected) => {
    expect(outcome(situation)).toBe(expected);
  });
});

describe('what is stored', () => {
  test.each<[string, Situation, string]>([
    ['max-age', { says: FRESH }, 'store 60 response'],
    ['Expires', { says: { date: dateAt(0), expires: dateAt(30) } }, 'store 30 response'],
    ['nothing said: the local rung', {}, 'store Infinity default'],
    ['an ETag does not change that', { says: ETAG }, 'store Infinity default'],
    ['HEAD', { says: FRESH, method: 'HEAD' }, 'store 60 response'],
    ['max-age=0 with a validator', { says: { ...ETAG, ...cc('max-age=0') } }, 'store 0 response'],
    ['max-age=0 with Last-Modified', { says: { 'last-modified': dateAt(-5), ...cc('max-age=0') } }, 'store 0 response'],
    ['no-cache with a validator', { says: { ...ETAG, ...cc('no-cache') } }, 'store 0 response'],
    ['no-cache for fields: silent', { says: cc('no-cache="a"') }, 'store Infinity default'],
    ['private in a private cache: silent', { says: cc('private') }, 'store Infinity default'],
    [
      'private for fields in a shared cache',
      { says: cc('private="a", max-age=60'), policy: shared },
      'store 60 response',
    ],
    ['Pragma in a response: silent', { says: { pragma: 'no-cache' } }, 'store Infinity default'],
    ['Vary: * with a validator', { says: { ...FRESH, ...ETAG, vary: '*' } }, 'store 60 response'],
    [
      'a lifetime of 0 with stale-while-revalidate',
      { says: cc('max-age=0, stale-while-revalidate=9') },
      'store 0 response',
    ],
    ['a lifetime of 0 with stale-if-error', { says: cc('max-age=0, stale-if-error=9') }, 'store 0 response'],
    ['a lifetime of 0 with a local window', { says: cc('max-age=0'), policy: { staleIfError: 9 } }, 'store 0 response'],
    ['no-cache, to tell a failure', { says: cc('no-cache'), policy: { staleIfError: 9 } }, 'store 0 response'],
    [
      '5.2.2.3 must-understand lifts no-store',
      { says: cc('no-store, must-understand, max-age=60') },
      'store 60 response',
    ],
    [
      'no-store, which means nothing here',
      { says: cc('no-store'), policy: { cacheControl: false } },
      'store Infinity default',
    ],
    ['a request no-store too', { asks: cc('no-store'), policy: { cacheControl: false } }, 'store Infinity default'],
    ['any status that is allowed', { says: FRESH, status: 599, policy: anyStatus }, 'store 60 response'],
    ['Authorization in a private cache', { asks: { authorization: 'x' }, says: FRESH }, 'store 60 response'],
    ['a part that fits its Content-Range', PART, 'store 60 response'],
    ['a 416 to no range, which is about the resource', at(416), 'store 60 response'],
    ['a 412 to no condition', at(412), 'store 60 response'],
    ['another error to a range', { asks: { range: 'bytes=9-' }, ...at(404) }, 'store 60 response'],
    ['heuristic', { says: { 'last-modified': dateAt(-100) }, policy: { local: HEURISTIC } }, 'store 10 session'],
    ['heuristic, with an ETag alone: to be validated', { says: ETAG, policy: { local: HEURISTIC } }, 'store 0 session'],
  ])('%s', (_name, situation, expected) => {
    expect(outcome(situation)).toBe(expected);
  });

  test.each(['public', 'must-revalidate', 's-maxage=60'])('3.5 %s lifts Authorization', (directive) => {
    const says = cc(`max-age=60, ${directive}`);
    expect(outcome({ asks: { authorization: 'x' }, says, policy: shared })).toBe('store 60 response');
  });
});

test('a refusal carries its reason', () => {
  const refusal = { kind: 'do-not-store', reason: 'no-store', dropExisting: true };
  expect(decide({ says: cc('no-store') })).toEqual(refusal);
});

describe('how it is stored', () => {
  test('everything that the entry needs', () => {
    const says = { ...FRESH, vary: 'Foo, Bar', connection: 'close', 'content-type': 'a/b', ...ETAG };
    const facts = { dateValue: NOW, ageValue: 0, ...ETAG, lastModified: undefined };
    expect(decide({ asks: { foo: '1' }, says })).toEqual({
      kind: 'store',
      lifetime: { seconds: 60, source: 'response', basis: 'age' },
      headers: { ...FRESH, vary: 'Foo, Bar', 'content-type': 'a/b', ...ETAG },
      vary: [
        ['bar', null],
        ['foo', '1'],
      ],
      headersHonoured: true,
      facts: { ...facts, directives: expect.objectContaining({ maxAge: 60 }) as object },
    });
  });

  test('a validator that is not stored is none of the stored response', () => {
    const excluding = { ...cc('max-age=60, no-cache="etag"'), connection: 'last-modified' };
    const says = { ...excluding, ...ETAG, 'last-modified': dateAt(-9) };
    expect(decide({ says })).toMatchObject({ kind: 'store', facts: { etag: undefined, lastModified: undefined } });
  });

  test('both validators, where both are stored', () => {
    const says = { ...FRESH, ...ETAG, 'last-modified': dateAt(-9) };
    expect(decide({ says })).toMatchObject({ facts: { ...ETAG, lastModified: dateAt(-9) } });
  });

  test('with cacheControl: false nothing is stripped by directives, and the entry says so', () => {
    const says = { ...cc('no-cache="foo"'), foo: '1' };
    expect(decide({ says, policy: { cacheControl: false } })).toMatchObject({ headers: says, headersHonoured: false });
    expect(decide({ says })).toMatchObject({ headers: cc('no-cache="foo"') });
  });

  test.each<[ExpirySource, boolean]>([
    ['response', false],
    ['request', false],
    ['url', true],
    ['session', true],
    ['default', true],
  ])('Set-Cookie under rung %s is stripped: %s', (source, stripped) => {
    const says = { 'set-cookie': ['a=b'], ...(source === 'response' ? FRESH : {}) };
    const local = { ...NEVER, source };
    const decision = decide({ says, policy: { local } });
    expect(decision.kind === 'store' && 'set-cookie' in decision.headers).toBe(!stripped);
  });
});

describe('what is freshened and may not be kept', () => {
  const kept = ({ asks = {}, says = {}, policy = {} }: Situation) =>
    forbidsKeeping(requestOf(asks, 'GET', policy), storedOf(says), policyOf(policy));

  test.each<[string, Situation, string, boolean]>([
    ['by a cache that only reads', { policy: { readOnly: true } }, 'read-only', false],
    ['by the caller’s function', { policy: { off: true } }, 'zero-lifetime', false],
    ['5.2.2.5 no-store', { says: cc('no-store') }, 'no-store', true],
    ['5.2.2.7 private in a shared cache', { says: cc('private'), policy: shared }, 'private', true],
    ['3.5 Authorization in a shared cache', { asks: { authorization: 'x' }, policy: shared }, 'authorization', false],
  ])('%s', (_name, situation, reason, dropsExisting) => {
    expect(kept(situation)).toEqual({ reason, dropsExisting });
  });

  test.each<[string, Situation]>([
    ['nothing forbids it', { says: FRESH }],
    ['no-store means nothing here', { says: cc('no-store'), policy: { cacheControl: false } }],
  ])('is nothing where %s', (_name, situation) => {
    expect(kept(situation)).toBeUndefined();
  });
});

test.each([
  [103, false],
  [200, true],
  [204, true],
  [206, false],
  [299, true],
  [300, false],
  [302, false],
  [403, false],
  [404, true],
  [410, true],
  [500, false],
])('%d says what the resource is now: %s', (status, says) => {
  expect(replaces(status)).toBe(says);
});
