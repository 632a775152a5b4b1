/** These tests read Cache-Control and Pragma (RFC 9111 sections 5.2 and 5.4, RFC 5861, RFC 8246). */
import fc from 'fast-check';
import {
  forbidsStale,
  forbidsStoring,
  parseDeltaSeconds,
  parseRequestCacheControl,
  parseResponseCacheControl,
  storedDirectives,
  understands,
} from '../../lib/rfc9111/cache-control.js';
import type { HeaderFields, RequestDirectives, ResponseDirectives } from '../../lib/rfc9111/model.js';
import { readResponseFacts } from '../../lib/rfc9111/read-response-facts.js';
import { NOW, requestOf } from './heads.js';

const response = (value: string | readonly string[]) => parseResponseCacheControl({ 'cache-control': value });
const request = (value: string) => parseRequestCacheControl({ 'cache-control': value });
const given = (directives: object): object =>
  Object.fromEntries(Object.entries(directives).filter(([, value]) => value !== undefined));

describe('response directives', () => {
  test.each<[string, string | readonly string[], ResponseDirectives]>([
    ['5.2.2.1 max-age', 'max-age=60', { maxAge: 60 }],
    ['5.2.2.1 max-age of 0 is a value', 'max-age=0', { maxAge: 0 }],
    ['5.2.2.10 s-maxage', 's-maxage=60', { sMaxage: 60 }],
    ['5.2.2.5 no-store', 'no-store', { noStore: true }],
    ['5.2.2.6 no-transform asks nothing of a cache that transforms nothing', 'no-transform', {}],
    ['5.2.2.2 must-revalidate', 'must-revalidate', { mustRevalidate: true }],
    ['5.2.2.8 proxy-revalidate', 'proxy-revalidate', { proxyRevalidate: true }],
    ['5.2.2.3 must-understand', 'must-understand', { mustUnderstand: true }],
    ['5.2.2.9 public', 'public', { public: true }],
    ['5.2.2.4 no-cache', 'no-cache', { noCache: true }],
    ['5.2.2.4 qualified no-cache', 'no-cache="Set-Cookie, Foo"', { noCache: ['set-cookie', 'foo'] }],
    ['5.2.2.4 qualified without quotes', 'no-cache=Foo', { noCache: ['foo'] }],
    ['5.2.2.4 qualified twice', 'no-cache="a", no-cache="b, a"', { noCache: ['a', 'b'] }],
    ['5.2.2.4 the unqualified one wins', 'no-cache="a", no-cache', { noCache: true }],
    ['5.2.2.4 listing nothing is unqualified', 'no-cache=""', { noCache: true }],
    ['5.2.2.4 an unreadable list is unqualified', 'no-cache="a', { noCache: true, maxAge: 'invalid' }],
    ['5.2.2.7 private', 'private', { private: true }],
    ['5.2.2.7 qualified private', 'private="Foo"', { private: ['foo'] }],
    ['RFC 8246 immutable', 'immutable', { immutable: true }],
    ['RFC 5861 stale-while-revalidate', 'stale-while-revalidate=30', { staleWhileRevalidate: 30 }],
    ['RFC 5861 stale-if-error', 'stale-if-error=30', { staleIfError: 30 }],
    ['RFC 5861 an unreadable window permits nothing', 'stale-if-error, stale-while-revalidate=x', {}],
    ['5.2 names ignore case', 'Max-AGE=60, No-CaChE', { maxAge: 60, noCache: true }],
    ['5.2 an argument may be quoted', 'max-age="60"', { maxAge: 60 }],
    ['5.2 escapes in it are read', 'max-age="\\6\\0"', { maxAge: 60 }],
    ['5.2.3 extensions are ignored', 'foo, bar=1, baz="x", max-age=60', { maxAge: 60 }],
    ['5.2 several lines', ['max-age=60', 'no-store'], { maxAge: 60, noStore: true }],
    ['5.2 an argument that none takes is ignored', 'no-store=1', { noStore: true }],
    ['5.2 what is no directive is ignored', '=5, "x", max-age=60', { maxAge: 60 }],
    ['a directive inside a quoted string before the real one', 'x="max-age=3600", max-age=1', { maxAge: 1 }],
    ['a directive inside a quoted string after the real one', 'max-age=1, x="max-age=3600"', { maxAge: 1 }],
    ['a quote that never ends hides no directive', 'x="y, no-store', { noStore: true, maxAge: 'invalid' }],
    ['semicolons separate', 'private; no-store; max-age=0', { private: true, noStore: true, maxAge: 0 }],
    ['semicolons in quotes do not', 'private="a;b", max-age=60', { private: ['a;b'], maxAge: 60 }],
    ['spaces for commas', 'no-cache no-store', { noCache: true, noStore: true, maxAge: 'invalid' }],
    ['a restriction behind an argument', 'max-age=60 no-store', { maxAge: 'invalid', noStore: true }],
    ['a lifetime of 0 in stray characters', '(max-age: 0)', { maxAge: 0 }],
    ['a lifetime of 00 in stray characters', '(max-age: 00)', { maxAge: 0 }],
    ['a space before the equals sign of another name', 's-maxage =60', { sMaxage: 'invalid', maxAge: 'invalid' }],
    ['quoted as a whole', '"no-store"', { noStore: true, maxAge: 'invalid' }],
    ['braces', '{no-cache}', { noCache: true, maxAge: 'invalid' }],
    ['a colon for the equals sign', 'max-age: 60', { maxAge: 'invalid' }],
    ['a space for the equals sign', 'max-age 60', { maxAge: 'invalid' }],
    ['nothing that can be read beside what can', '@ @, max-age=60', { maxAge: 60 }],
    ['a separator too many', 'public;,', { public: true }],
    ['a semicolon alone is no silence', ';', { maxAge: 'invalid' }],
    ['nor are several of them', ' ;; , ; ', { maxAge: 'invalid' }],
    ['commas alone list nothing', ',,', {}],
    ['an empty field lists nothing', '', {}],
    ['5.2.3 words that are unknown say nothing', 'foo, x-cache=forever', {}],
    ['an underscore for the hyphen', 'no_store, No_Cache', { noStore: true, noCache: true }],
    ['no hyphen at all', 'nostore, NoCache, mustrevalidate', { noStore: true, noCache: true, mustRevalidate: true }],
    ['a lifetime in such a name', 'max_age=60', { maxAge: 60 }],
    ['two that differ in such names', 'max_age=60, maxage=0', { maxAge: 'invalid' }],
    ['part of a longer name is no restriction', 'x-no-store y', { maxAge: 'invalid' }],
    ['4.2.1 the same value twice', 'max-age=60, max-age=60', { maxAge: 60 }],
    ['4.2.1 different values', 'max-age=1800, max-age=1', { maxAge: 'invalid' }],
    ['4.2.1 different values on two lines', ['max-age=1', 'max-age=1800'], { maxAge: 'invalid' }],
    ['4.2.1 one of them unreadable', 'max-age=60, max-age=x', { maxAge: 'invalid' }],
    ['1.2.2 a value beyond 31 bits', 'max-age=99999999999', { maxAge: 2 ** 31 }],
  ])('%s', (_name, value, directives) => {
    expect(given(response(value))).toEqual(directives);
  });

  test.each([
    ['no argument', 'max-age'],
    ['an empty one', 'max-age='],
    ['a negative one', 'max-age=-1'],
    ['a fraction', 'max-age=3600.0'],
    ['a letter before', 'max-age=a100'],
    ['a letter behind', 'max-age=100a'],
    ['a space before =', 'max-age =3600'],
    ['a space after =', 'max-age= 3600'],
    ['an open quote', 'max-age="3600'],
  ])('section 4.2.1: max-age with %s is invalid, not absent', (_name, value) => {
    expect(given(response(value))).toEqual({ maxAge: 'invalid' });
  });

  test('an absent field', () => {
    expect(parseResponseCacheControl({})).toEqual({});
  });

  test('RFC 9213 fields for other caches mean nothing here', () => {
    expect(parseResponseCacheControl({ 'cdn-cache-control': 'no-store' })).toEqual({});
  });
});

describe('request directives', () => {
  test.each<[string, string, RequestDirectives]>([
    ['5.2.1.1 max-age', 'max-age=0', { maxAge: 0 }],
    ['5.2.1.2 max-stale', 'max-stale=10', { maxStale: 10 }],
    ['5.2.1.2 max-stale of any age', 'max-stale', { maxStale: Infinity }],
    ['5.2.1.3 min-fresh', 'min-fresh=10', { minFresh: 10 }],
    ['5.2.1.4 no-cache', 'No-Cache', { noCache: true }],
    ['5.2.1.5 no-store', 'no-store', { noStore: true }],
    ['5.2.1.7 only-if-cached', 'only-if-cached', { onlyIfCached: true }],
    ['RFC 5861 stale-if-error', 'stale-if-error=60', { staleIfError: 60 }],
    ['an unreadable max-age is the strictest', 'max-age=x', { maxAge: 0 }],
    ['an unreadable max-stale is the strictest', 'max-stale=x', { maxStale: 0 }],
    ['an unreadable max-stale is not one of any age', 'max-stale= 10', { maxStale: 0 }],
    ['an unreadable min-fresh is the strictest', 'min-fresh', { minFresh: Infinity }],
    ['an unreadable stale-if-error is the strictest', 'stale-if-error=x', { staleIfError: 0 }],
    ['max-stale with and without a value is unreadable', 'max-stale, max-stale=10', { maxStale: 0 }],
    ['extensions are ignored', 'nothing-to-see-here', {}],
  ])('%s', (_name, value, directives) => {
    expect(given(request(value))).toEqual(directives);
  });

  test.each<[string, HeaderFields, RequestDirectives]>([
    ['absent', {}, {}],
    ['no-cache', { pragma: 'No-Cache' }, { noCache: true }],
    ['no-cache among others', { pragma: 'foo, no-cache' }, { noCache: true }],
    ['no-cache in a list with semicolons', { pragma: 'no-cache; foo' }, { noCache: true }],
    ['no-cache without a separator', { pragma: 'foo no-cache' }, { noCache: true }],
    ['other than no-cache', { pragma: 'foo' }, {}],
    ['beside Cache-Control', { pragma: 'no-cache', 'cache-control': 'max-age=60' }, { maxAge: 60 }],
    ['beside an empty Cache-Control', { pragma: 'no-cache', 'cache-control': '' }, {}],
  ])('section 5.4: Pragma %s', (_name, headers, directives) => {
    expect(given(parseRequestCacheControl(headers))).toEqual(directives);
  });
});

describe('where headers mean nothing', () => {
  const headers = { 'cache-control': 'no-store' };

  test.each([
    [true, true],
    [false, undefined],
  ])('cacheControl %s', (cacheControl, noStore) => {
    expect(requestOf(headers, 'GET', { cacheControl }).directives.noStore).toBe(noStore);
    expect(readResponseFacts(headers, NOW, { cacheControl }).directives.noStore).toBe(noStore);
    expect(storedDirectives({ directives: { noStore: true } }, { cacheControl }).noStore).toBe(noStore);
  });
});

describe('forbidsStoring (sections 5.2.2.3, 5.2.2.5)', () => {
  test.each<[string, ResponseDirectives, number, boolean]>([
    ['no-store', { noStore: true }, 200, true],
    ['nothing', {}, 200, false],
    ['must-understand alone', { mustUnderstand: true }, 599, false],
    ['no-store lifted for a status that is understood', { noStore: true, mustUnderstand: true }, 200, false],
    ['no-store not lifted for another', { noStore: true, mustUnderstand: true }, 599, true],
  ])('%s', (_name, directives, status, forbidden) => {
    expect(forbidsStoring(directives, status)).toBe(forbidden);
  });
});

test.each([
  200, 201, 202, 203, 204, 205, 206, 300, 301, 302, 303, 305, 307, 308, 400, 401, 402, 403, 404, 405, 406, 407, 408,
  409, 410, 411, 412, 413, 414, 415, 416, 417, 421, 422, 426, 500, 501, 502, 503, 504, 505,
])('RFC 9110 section 15: %d is understood', (status) => {
  expect(understands(status)).toBe(true);
});

test.each([199, 299, 304, 306, 418, 499, 599, 1200, 2000])('%d is not understood', (status) => {
  expect(understands(status)).toBe(false);
});

describe('forbidsStale (section 4.2.4)', () => {
  test.each<[string, ResponseDirectives, { readonly own: boolean; readonly shared: boolean }]>([
    ['nothing', {}, { own: false, shared: false }],
    ['5.2.2.2 must-revalidate', { mustRevalidate: true }, { own: true, shared: true }],
    ['5.2.2.4 no-cache', { noCache: true }, { own: true, shared: true }],
    ['5.2.2.4 but not for fields', { noCache: ['foo'] }, { own: false, shared: false }],
    ['5.2.2.8 proxy-revalidate', { proxyRevalidate: true }, { own: false, shared: true }],
    ['5.2.2.10 s-maxage', { sMaxage: 0 }, { own: false, shared: true }],
  ])('%s', (_name, directives, { own, shared }) => {
    expect([forbidsStale(directives, false), forbidsStale(directives, true)]).toEqual([own, shared]);
  });
});

test('parseDeltaSeconds never exceeds what stands for larger numbers', () => {
  expect(parseDeltaSeconds('9'.repeat(400))).toBe(2 ** 31);
  expect(parseDeltaSeconds('1e3')).toBeUndefined();
});

test('no header text makes a parser throw or yields NaN', () => {
  const name = fc.constantFrom(
    'max-age',
    'max-stale',
    'min-fresh',
    'stale-if-error',
    'no-cache',
    'private',
    's-maxage',
  );
  const texts = fc.oneof(
    fc.string(),
    fc.tuple(name, fc.string()).map(([first, rest]) => `${first}=${rest}`),
  );
  fc.assert(
    fc.property(fc.array(texts), texts, (lines, pragma) => {
      const headers = { 'cache-control': lines, pragma };
      const values = [parseResponseCacheControl(headers), parseRequestCacheControl(headers)].flatMap((each) =>
        Object.values(each),
      );
      expect(values).not.toContain(NaN);
    }),
  );
});
