/** These tests validate, freshen and bridge failures (RFC 9111 sections 3.2 and 4.3, RFC 5861 section 4). */
import { decideValidation, freshenByHead, staleIfError } from '../../lib/rfc9111/decide-validation.js';
import type { DecisionPolicy, HeaderFields, StoredHead } from '../../lib/rfc9111/model.js';
import { HEURISTIC, NOW, dateAt, lifetimeOf, policyOf, requestOf, seconds, storedOf } from './heads.js';

const LATER = NOW + seconds(100);
const answered = (headers: HeaderFields, status: number) => ({
  status,
  headers,
  requestTime: LATER,
  responseTime: LATER + 500,
});
const cc = (value: string): HeaderFields => ({ 'cache-control': value });
const CONDITIONS = { 'if-none-match': '"a"' };

interface Situation {
  readonly asks?: HeaderFields;
  readonly status?: number;
  readonly method?: string;
  readonly conditions?: HeaderFields;
  readonly policy?: Partial<DecisionPolicy>;
  readonly changes?: Partial<StoredHead>;
}

const validate = (
  says: HeaderFields,
  headers: HeaderFields,
  { status = 304, conditions = CONDITIONS, policy, asks, changes }: Situation = {},
) =>
  decideValidation({
    request: requestOf(asks, 'GET', policy),
    stored: storedOf(says, changes),
    conditions,
    answer: answered(headers, status),
    policy: policyOf(policy),
  });

describe('decideValidation: whose answer it is (sections 4.3.3, 4.3.4)', () => {
  test.each([200, 206, 302, 401, 404, 407, 410, 429])('%d stands for itself', (status) => {
    expect(validate({ etag: '"a"' }, {}, { status })).toEqual({ kind: 'replace' });
  });

  test.each([503, 403])('%d with Retry-After stands for itself', (status) => {
    expect(validate({ etag: '"a"' }, { 'retry-after': '120' }, { status })).toEqual({ kind: 'replace' });
  });

  test.each([400, 403, 412, 417, 428, 431, 500, 501, 503])('%d may be about the conditions', (status) => {
    expect(validate({ etag: '"a"' }, {}, { status })).toEqual({ kind: 'refused' });
  });

  const modified = { 'last-modified': dateAt(-100) };
  test.each<[string, HeaderFields, HeaderFields, string]>([
    ['the same strong tag', { etag: '"a"' }, { etag: '"a"' }, 'freshen'],
    ['another strong tag', { etag: '"a"' }, { etag: '"b"' }, 'not-ours'],
    ['the same weak tag', { etag: 'W/"a"' }, { etag: 'W/"a"' }, 'freshen'],
    ['another weak tag', { etag: 'W/"a"' }, { etag: 'W/"b"' }, 'not-ours'],
    ['a tag weakened by compression', { etag: 'W/"a"' }, { etag: '"a"' }, 'freshen'],
    ['the same Last-Modified', modified, modified, 'freshen'],
    ['another Last-Modified', modified, { 'last-modified': dateAt(0) }, 'not-ours'],
    ['no validator at all', { etag: '"a"' }, {}, 'freshen'],
    ['a tag where only the date was known', modified, { etag: '"b"' }, 'freshen'],
    ['a date where only the tag was known', { etag: '"a"' }, modified, 'freshen'],
    [
      'the tag goes before the date',
      { etag: '"a"', ...modified },
      { etag: '"a"', 'last-modified': dateAt(0) },
      'freshen',
    ],
  ])('304 with %s', (_name, says, headers, kind) => {
    expect(validate(says, headers).kind).toBe(kind);
  });

  test.each([
    [206, 'complete'],
    [416, 'not-ours'],
    [200, 'replace'],
    [503, 'refused'],
  ])('%d to a request for the bytes that are missing: %s', (status, kind) => {
    const conditions = { range: 'bytes=4-', 'if-range': '"a"' };
    expect(validate({ etag: '"a"' }, {}, { status, conditions })).toEqual({ kind });
  });

  test('304 to a request without conditions of ours', () => {
    expect(validate({ etag: '"a"' }, { etag: '"a"' }, { conditions: {} })).toEqual({ kind: 'not-ours' });
  });
});

describe('decideValidation: the head that a 304 leaves (sections 3.2, 4.3.4)', () => {
  const freshened = (...parameters: Parameters<typeof validate>): StoredHead => {
    const decision = validate(...parameters);
    if (decision.kind !== 'freshen') throw new Error(decision.kind);
    return decision.head;
  };

  test('is the stored one with new fields, times and lifetime', () => {
    const says = { etag: '"a"', foo: '1', bar: '1', 'content-length': '5', ...cc('max-age=60') };
    const head = freshened(says, { foo: '2', 'content-length': '0', ...cc('max-age=90') });
    expect(head).toEqual({
      url: storedOf().url,
      method: 'GET',
      status: 200,
      statusText: 'OK',
      headers: { etag: '"a"', foo: '2', bar: '1', 'content-length': '5', ...cc('max-age=90') },
      requestTime: LATER,
      responseTime: LATER + 500,
      vary: [],
      lifetime: { seconds: 90, source: 'response', basis: 'age' },
      headersHonoured: true,
    });
  });

  test.each<[string, HeaderFields, HeaderFields, Partial<DecisionPolicy>, object]>([
    ['a stored max-age that the answer repeats not', cc('max-age=60'), {}, {}, lifetimeOf(60)],
    [
      'the local rung of today',
      {},
      {},
      { local: { kind: 'seconds', seconds: 7, source: 'request' } },
      lifetimeOf(7, { source: 'request', basis: 'receipt' }),
    ],
    ['none, where nobody speaks', {}, {}, { local: HEURISTIC }, lifetimeOf(0, { source: 'session' })],
    [
      'a new Expires less a new Date',
      { expires: dateAt(5), date: dateAt(0) },
      { expires: dateAt(130), date: dateAt(100) },
      {},
      lifetimeOf(30),
    ],
  ])('has a lifetime by the ladder: %s', (_name, says, headers, policy, lifetime) => {
    expect(freshened(says, headers, { policy }).lifetime).toEqual(lifetime);
  });

  test('has no Age of the older answer', () => {
    expect(freshened({ age: '500', ...cc('max-age=60') }, {}).headers).toEqual(cc('max-age=60'));
  });

  test('loses what new directives name', () => {
    expect(freshened({ foo: '1' }, cc('no-cache="foo", max-age=9')).headers).toEqual(cc('no-cache="foo", max-age=9'));
  });

  test('has no Set-Cookie that nobody asked to have replayed', () => {
    const cookie = { 'set-cookie': ['a=b'] };
    expect(freshened({}, cookie).headers).toEqual({});
    expect(freshened({}, { ...cookie, ...cc('max-age=9') }).headers).toMatchObject(cookie);
  });

  test('remembers what a new Vary nominates', () => {
    expect(freshened({}, { vary: 'Foo' }, { asks: { foo: '1' } }).vary).toEqual([['foo', '1']]);
    const changes = { vary: [['foo', '1']] as const };
    expect(freshened({ vary: 'Foo' }, {}, { asks: { foo: '1' }, changes }).vary).toEqual([['foo', '1']]);
  });

  test('says whether headers counted', () => {
    const head = freshened(cc('max-age=60'), {}, { policy: { cacheControl: false } });
    expect(head).toMatchObject({ headersHonoured: false, lifetime: { seconds: Infinity, source: 'default' } });
  });
});

describe('freshenByHead (section 4.3.5)', () => {
  const byHead = (
    says: HeaderFields,
    headers: HeaderFields,
    { status = 200, method = 'HEAD', asks, changes, bodyBytes }: Situation & { bodyBytes?: number } = {},
  ) =>
    freshenByHead({
      request: requestOf(asks, method),
      stored: storedOf(says, changes, bodyBytes),
      answer: answered(headers, status),
      policy: policyOf(),
    });

  test.each<[string, HeaderFields, HeaderFields, string]>([
    ['the same ETag', { etag: '"a"' }, { etag: '"a"' }, 'freshen'],
    ['another ETag', { etag: '"a"' }, { etag: '"b"' }, 'invalidate'],
    ['the same Last-Modified', { 'last-modified': 'x' }, { 'last-modified': 'x' }, 'freshen'],
    ['another Last-Modified', { 'last-modified': 'x' }, { 'last-modified': 'y' }, 'invalidate'],
    ['the same Content-Length', { 'content-length': '5' }, { 'content-length': '5' }, 'freshen'],
    ['another Content-Length', { 'content-length': '5' }, { 'content-length': '6' }, 'invalidate'],
    [
      'the same ETag, another Content-Length',
      { etag: '"a"', 'content-length': '5' },
      { etag: '"a"', 'content-length': '6' },
      'invalidate',
    ],
    ['a Content-Length that is not known of the stored one', {}, { 'content-length': '6' }, 'freshen'],
    ['no Content-Length', { 'content-length': '5' }, {}, 'freshen'],
  ])('%s', (_name, says, headers, kind) => {
    expect(byHead(says, headers).kind).toBe(kind);
  });

  test.each<[string, HeaderFields, string]>([
    ['the same ETag and length: it has no field for a part', { etag: '"a"', 'content-length': '10' }, 'unrelated'],
    ['another ETag', { etag: '"b"' }, 'invalidate'],
    ['another length of the whole', { 'content-length': '11' }, 'invalidate'],
    ['the length of the part', { 'content-length': '3' }, 'invalidate'],
  ])('of a stored part, %s', (_name, headers, kind) => {
    const says = { etag: '"a"', 'content-length': '3', 'content-range': 'bytes 3-5/10' };
    expect(byHead(says, headers, { changes: { status: 206 }, bodyBytes: 3 }).kind).toBe(kind);
  });

  test('of a stored part whose whole has an unknown length, another one', () => {
    const says = { etag: '"a"', 'content-length': '3', 'content-range': 'bytes 3-5/*' };
    const part = { changes: { status: 206 }, bodyBytes: 3 };
    expect(byHead(says, { etag: '"a"', 'content-length': '11' }, part).kind).toBe('unrelated');
  });

  test('updates fields, times and lifetime', () => {
    expect(byHead({ foo: '1', bar: '1' }, { foo: '2', ...cc('max-age=1000') })).toMatchObject({
      kind: 'freshen',
      head: {
        method: 'GET',
        headers: { foo: '2', bar: '1', ...cc('max-age=1000') },
        responseTime: LATER + 500,
        lifetime: lifetimeOf(1000),
      },
    });
  });

  test.each([
    ['an answer that says nothing of the resource', { status: 405 }],
    ['a request other than HEAD', { method: 'GET' }],
    ['a stored response that is no GET', { changes: { method: 'HEAD' } }],
    ['another variant', { asks: { foo: '2' }, changes: { vary: [['foo', '1']] as const } }],
    ['Vary: *', { changes: { vary: [['*', null]] as const } }],
    ['a stored part', { changes: { status: 206 } }],
  ])('does not concern: %s', (_name, situation) => {
    expect(byHead({}, {}, situation)).toEqual({ kind: 'unrelated' });
  });

  test.each([404, 410])('%d says of any method that the resource is gone', (status) => {
    expect(byHead({ etag: '"a"' }, { etag: '"a"' }, { status })).toEqual({ kind: 'invalidate' });
    expect(byHead({}, {}, { status, method: 'GET' })).toEqual({ kind: 'unrelated' });
  });

  test('a stored error is outdated by a 200', () => {
    expect(byHead({}, {}, { changes: { status: 404 } })).toEqual({ kind: 'invalidate' });
  });
});

describe('staleIfError (RFC 5861 section 4)', () => {
  const says = cc('stale-if-error=60');
  interface Failing extends Situation {
    readonly stored?: HeaderFields;
    readonly failure?: 'network' | { readonly status: number };
    /** The response was stored so many seconds ago, with a lifetime of 60. */
    readonly later?: number;
  }

  const fail = ({ asks, stored = says, failure = 'network', policy, changes, later = 100 }: Failing): string =>
    staleIfError({
      request: requestOf(asks, 'GET', policy),
      stored: storedOf(stored, changes),
      failure,
      policy: policyOf(policy),
      now: NOW + seconds(later),
    }).kind;

  test('tells the age of what it serves', () => {
    const verdict = staleIfError({
      request: requestOf(),
      stored: storedOf({ ...says, age: '5' }),
      failure: 'network',
      policy: policyOf(),
      now: NOW + seconds(100),
    });
    expect(verdict).toEqual({ kind: 'serve-stale', age: 105 });
  });

  test.each([500, 502, 503, 504])('covers %d', (status) => {
    expect(fail({ failure: { status } })).toBe('serve-stale');
  });

  test.each([200, 304, 400, 401, 403, 404, 410, 429, 501, 505, 511])('does not cover %d', (status) => {
    expect(fail({ failure: { status } })).toBe('pass-through');
  });

  test.each<[string, Failing]>([
    ['a network error', {}],
    ['the last instant of the window', { later: 120 }],
    ['the window of the policy', { stored: {}, policy: { staleIfError: 60 } }],
    ['the longer of both windows', { later: 200, policy: { staleIfError: 200 } }],
    ['a window without end', { stored: {}, later: 1e9, policy: { staleIfError: Infinity } }],
    ['the window of the request', { stored: {}, asks: cc('stale-if-error=60') }],
    ['a limit on age with a window of the request', { asks: cc('max-age=0, stale-if-error=60') }],
    ['a response that is still fresh', { later: 10 }],
    ['mode no-cache, which tried to validate', { policy: { mode: 'no-cache' } }],
    ['a condition of the caller, for which the whole will do', { asks: { 'if-none-match': '"b"' } }],
    ['proxy-revalidate in a private cache', { stored: cc('stale-if-error=60, proxy-revalidate') }],
    [
      'must-revalidate that means nothing here',
      {
        stored: cc('must-revalidate'),
        policy: { cacheControl: false, staleIfError: 60, local: { kind: 'seconds', seconds: 60, source: 'session' } },
      },
    ],
  ])('serves: %s', (_name, situation) => {
    expect(fail(situation)).toBe('serve-stale');
  });

  test.each<[string, Failing]>([
    ['nobody asked for it', { stored: {} }],
    ['nobody asked for it, and it is fresh', { stored: {}, later: 10 }],
    ['after the window', { later: 120.001 }],
    ['a shorter window of the request', { asks: cc('stale-if-error=39') }],
    ['a window of 0 of the request', { asks: cc('stale-if-error=0'), policy: { staleIfError: Infinity } }],
    ['mode reload', { policy: { mode: 'reload' } }],
    ['mode no-store', { policy: { mode: 'no-store' } }],
    ['5.2.1.4 request no-cache', { asks: cc('no-cache') }],
    ['5.4 Pragma: no-cache', { asks: { pragma: 'no-cache' } }],
    ['5.2.1.5 request no-store', { asks: cc('no-store') }],
    ['5.2.1.1 request max-age', { asks: cc('max-age=0') }],
    ['5.2.1.3 request min-fresh', { asks: cc('min-fresh=5') }],
    ['5.2.2.2 must-revalidate', { stored: cc('stale-if-error=60, must-revalidate') }],
    ['5.2.2.4 no-cache', { stored: cc('stale-if-error=60, no-cache') }],
    [
      '5.2.2.8 proxy-revalidate in a shared cache',
      { stored: cc('stale-if-error=60, proxy-revalidate'), policy: { shared: true } },
    ],
    ['5.2.2.10 s-maxage in a shared cache', { stored: cc('stale-if-error=60, s-maxage=5'), policy: { shared: true } }],
    ['4.1 Vary: *', { changes: { vary: [['*', null]] } }],
    ['If-Match', { asks: { 'if-match': '"a"' } }],
    ['a window of a response whose headers mean nothing', { policy: { cacheControl: false } }],
  ])('passes the failure on: %s', (_name, situation) => {
    expect(fail(situation)).toBe('pass-through');
  });

  test.each<[string, Failing]>([
    ['5.2.2.2 must-revalidate', { stored: cc('must-revalidate') }],
    ['5.2.2.4 no-cache', { stored: cc('no-cache') }],
    ['5.2.2.8 proxy-revalidate in a shared cache', { stored: cc('proxy-revalidate'), policy: { shared: true } }],
    ['5.2.2.10 s-maxage in a shared cache', { stored: cc('s-maxage=5'), policy: { shared: true } }],
    ['whatever the window is', { stored: cc('must-revalidate'), later: 1e9 }],
    ['whatever the request says', { stored: cc('must-revalidate'), asks: cc('no-cache') }],
    ['at the instant at which it becomes stale', { stored: cc('must-revalidate'), later: 60 }],
  ])('demands an error, for a policy that bridges failures: %s', (_name, situation) => {
    const policy = { ...situation.policy, staleIfError: 9 };
    expect(fail({ ...situation, policy })).toBe('gateway-timeout');
    expect(fail({ ...situation, policy: { ...policy, staleIfError: undefined } })).toBe('pass-through');
    expect(fail({ ...situation, policy: { ...policy, staleIfError: 0 } })).toBe('pass-through');
  });

  test.each<[string, Failing]>([
    ['an answer, be it an error', { failure: { status: 503 } }],
    ['before it is stale', { later: 59.9 }],
    ['proxy-revalidate in a private cache', { stored: cc('proxy-revalidate'), later: 1e9 }],
  ])('demands no error: %s', (_name, situation) => {
    expect(fail({ stored: cc('must-revalidate'), ...situation, policy: { staleIfError: 9 } })).toBe('pass-through');
  });
});
