/** These tests are about conditional requests (RFC 9111 section 4.3, RFC 9110 section 13). */
import {
  isConditional,
  isNotModified,
  isValidating,
  matchesDecoded,
  matchesStrongly,
  needsOrigin,
  validationFields,
} from '../../lib/rfc9111/conditions.js';
import type { HeaderFields } from '../../lib/rfc9111/model.js';
import { dateAt, requestOf, storedOf } from './heads.js';

describe('isConditional', () => {
  test.each(['if-none-match', 'if-modified-since', 'if-match', 'if-unmodified-since', 'if-range', 'range'])(
    '%s',
    (name) => {
      expect(isConditional({ [name]: 'x' })).toBe(true);
    },
  );

  test('nothing else', () => {
    expect(isConditional({ accept: 'x' })).toBe(false);
  });
});

describe('needsOrigin', () => {
  test.each<[string, HeaderFields, boolean]>([
    ['If-Match', { 'if-match': '"a"' }, true],
    ['If-Unmodified-Since', { 'if-unmodified-since': dateAt(0) }, true],
    ['If-Range without Range', { 'if-range': '"a"' }, true],
    ['If-Range with Range', { 'if-range': '"a"', range: 'bytes=0-1' }, false],
    ['If-None-Match', { 'if-none-match': '"a"' }, false],
    ['none', {}, false],
  ])('%s', (_name, headers, needed) => {
    expect(needsOrigin(requestOf(headers))).toBe(needed);
  });
});

test.each([
  ['GET', true],
  ['HEAD', true],
  ['QUERY', true],
  ['POST', false],
])('conditions are sent with %s: %s', (method, validating) => {
  expect(isValidating(method)).toBe(validating);
});

describe('validationFields (section 4.3.1)', () => {
  test.each<[string, HeaderFields, HeaderFields]>([
    ['If-None-Match of ETag', { etag: 'W/"a"' }, { 'if-none-match': 'W/"a"' }],
    ['If-Modified-Since of Last-Modified', { 'last-modified': 'x' }, { 'if-modified-since': 'x' }],
    ['both', { etag: '"a"', 'last-modified': 'x' }, { 'if-none-match': '"a"', 'if-modified-since': 'x' }],
    ['not of Date', { date: dateAt(0) }, {}],
  ])('%s', (_name, headers, fields) => {
    expect(validationFields(storedOf(headers))).toEqual(fields);
  });
});

describe('isNotModified (section 4.3.2)', () => {
  const etag = { etag: '"a"' };
  const modified = { 'last-modified': dateAt(-100) };

  test.each<[string, HeaderFields, HeaderFields, boolean | undefined]>([
    ['neither condition', {}, etag, undefined],
    ['the same tag', { 'if-none-match': '"a"' }, etag, true],
    ['another tag', { 'if-none-match': '"b"' }, etag, false],
    ['a tag, where nothing has one', { 'if-none-match': '"a"' }, {}, false],
    ['the first of several', { 'if-none-match': '"a", "b"' }, etag, true],
    ['the last of several', { 'if-none-match': '"b", "c", "a"' }, etag, true],
    ['on several lines', { 'if-none-match': ['"b"', '"a"'] }, etag, true],
    ['a weak one for a strong one', { 'if-none-match': 'W/"a"' }, etag, true],
    ['a strong one for a weak one', { 'if-none-match': '"a"' }, { etag: 'W/"a"' }, true],
    ['a tag with a comma', { 'if-none-match': '"a,b"' }, { etag: '"a,b"' }, true],
    ['a tag after one with a backslash at its end', { 'if-none-match': '"x\\", "a,b"' }, { etag: '"a,b"' }, true],
    ['a tag without quotes', { 'if-none-match': 'a' }, { etag: 'a' }, true],
    ['a part of a tag', { 'if-none-match': '"aa"' }, etag, false],
    ['*', { 'if-none-match': '*' }, {}, true],
    ['a date that is equal', { 'if-modified-since': dateAt(-100) }, modified, true],
    ['a date that is later', { 'if-modified-since': dateAt(-99) }, modified, true],
    ['a date that is earlier', { 'if-modified-since': dateAt(-101) }, modified, false],
    ['a date in another format', { 'if-modified-since': 'Friday, 01-Mar-30 11:58:20 GMT' }, modified, true],
    ['a date that is none', { 'if-modified-since': 'x' }, modified, undefined],
    ['a date against Date, without Last-Modified', { 'if-modified-since': dateAt(-5) }, { date: dateAt(-5) }, true],
    ['a date before Date, without Last-Modified', { 'if-modified-since': dateAt(-6) }, { date: dateAt(-5) }, false],
    ['a date against receipt, without both', { 'if-modified-since': dateAt(0) }, {}, true],
    [
      'a date against Date, where Last-Modified is none',
      { 'if-modified-since': dateAt(0) },
      { 'last-modified': 'x' },
      true,
    ],
    [
      'the tag goes before the date: match',
      { 'if-none-match': '"a"', 'if-modified-since': dateAt(-200) },
      { ...etag, ...modified },
      true,
    ],
    [
      'the tag goes before the date: no match',
      { 'if-none-match': '"b"', 'if-modified-since': dateAt(0) },
      { ...etag, ...modified },
      false,
    ],
  ])('%s', (_name, conditions, headers, notModified) => {
    expect(isNotModified(requestOf(conditions), storedOf(headers))).toBe(notModified);
  });

  test.each([
    [200, true],
    [299, true],
    [199, undefined],
    [301, undefined],
    [404, undefined],
  ])('RFC 9110 section 13.2.1: of a stored %d', (status, notModified) => {
    expect(isNotModified(requestOf({ 'if-none-match': '"a"' }), storedOf(etag, { status }))).toBe(notModified);
  });
});

test.each([
  ['"1"', '"1"', true, true],
  ['"1"', '"2"', false, false],
  ['W/"1"', 'W/"1"', true, false],
  ['W/"1"', 'W/"2"', false, false],
  ['W/"1"', '"1"', true, false],
])('RFC 9110 section 8.8.3.2: %s and %s', (one, other, weakly, strongly) => {
  const confirms = (asked: string, stored: string): boolean | undefined =>
    isNotModified(requestOf({ 'if-none-match': asked }), storedOf({ etag: stored }));
  expect([confirms(one, other), confirms(other, one)]).toEqual([weakly, weakly]);
  expect([matchesStrongly(one, other), matchesStrongly(other, one)]).toEqual([strongly, strongly]);
});

describe('matchesDecoded: the suffix of a coding tells nothing apart', () => {
  test.each([
    ['"a-gzip"', '"a"'],
    ['"a--gzip"', '"a"'],
    ['"a;br"', '"a"'],
    ['W/"a-zstd"', '"a-df"'],
    ['a-gzip', 'a'],
    ['"a-GZIP"', '"a"'],
  ])('%s and %s are the same', (one, other) => {
    expect([matchesDecoded(one, other), matchesDecoded(other, one)]).toEqual([true, true]);
  });

  test.each([
    ['"a-gzip"', '"b"'],
    ['"a-gzip-b"', '"a-b"'],
    ['"agzip"', '"a"'],
    ['"a-gzip2"', '"a2"'],
  ])('%s and %s are not', (one, other) => {
    expect([matchesDecoded(one, other), matchesDecoded(other, one)]).toEqual([false, false]);
  });
});
