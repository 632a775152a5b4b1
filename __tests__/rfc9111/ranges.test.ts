/** These tests serve byte ranges of what is stored (RFC 9110 section 14, RFC 9111 section 3.3). */
import fc from 'fast-check';
import type { HeaderFields, StoredHead } from '../../lib/rfc9111/model.js';
import { partOf, type Slice } from '../../lib/rfc9111/ranges.js';
import { dateAt, requestOf, storedOf } from './heads.js';

const partIn = (length: number, range: string): Slice | undefined =>
  partOf(requestOf({ range }), storedOf({}, {}, length));

describe('a range of 10 bytes', () => {
  test.each([
    ['bytes=0-1', 0, 1],
    ['bytes=0-0', 0, 0],
    ['bytes=2-', 2, 9],
    ['bytes=9-', 9, 9],
    ['bytes=-1', 9, 9],
    ['bytes=-10', 0, 9],
    ['bytes=-11', 0, 9],
    ['bytes=5-99999999999999999999', 5, 9],
    ['BYTES=0-1', 0, 1],
  ])('%s', (value, first, last) => {
    expect(partIn(10, value)).toMatchObject({ first, last });
  });

  test.each([
    ['beyond the end', 'bytes=10-'],
    ['beyond the end, with a last position', 'bytes=10-11'],
    ['the last nothing', 'bytes=-0'],
    ['backwards', 'bytes=5-4'],
    ['several', 'bytes=0-1,3-4'],
    ['no position', 'bytes=-'],
    ['another unit', 'lines=0-1'],
    ['no unit', '0-1'],
    ['something before the unit', 'x bytes=0-1'],
    ['nothing', ''],
    ['no number', 'bytes=a-b'],
  ])('the origin answers: %s', (_name, value) => {
    expect(partIn(10, value)).toBeUndefined();
  });

  test('an empty body has no range', () => {
    expect(['bytes=0-', 'bytes=-1', 'bytes=0-0'].some((value) => partIn(0, value) !== undefined)).toBe(false);
  });

  test('is always within the body', () => {
    const position = fc.oneof(fc.constant(''), fc.nat({ max: 50 }));
    fc.assert(
      fc.property(position, position, fc.nat({ max: 40 }), (first, last, length) => {
        const range = partIn(length, `bytes=${first}-${last}`) ?? { first: 0, last: 0 };
        expect(range.first).toBeGreaterThanOrEqual(0);
        expect(range.first).toBeLessThanOrEqual(range.last);
        expect(range.last).toBeLessThan(Math.max(1, length));
      }),
    );
  });
});

describe('partOf', () => {
  const range = { range: 'bytes=0-1' };
  const part = { first: 0, last: 1, from: 0, complete: 10 };
  const lastModified = dateAt(-100);
  const dated = { date: dateAt(0), 'last-modified': lastModified };

  test.each<[string, HeaderFields, HeaderFields]>([
    ['a range', range, {}],
    ['a range of what has a strong date', range, dated],
    ['a body as long as Content-Length says', range, { 'content-length': '10' }],
    ['the identity coding', range, { 'content-encoding': 'identity' }],
    ['a negotiated coding, but the length is right', range, { vary: 'Accept-Encoding', 'content-length': '10' }],
    ['Vary on something else', range, { vary: 'Accept' }],
    ['If-Range with the strong tag', { ...range, 'if-range': '"a"' }, { etag: '"a"' }],
    ['If-Range with the date of modification', { ...range, 'if-range': lastModified }, dated],
    [
      'If-Range with a date that was over by a second',
      { ...range, 'if-range': lastModified },
      { ...dated, date: dateAt(-99) },
    ],
  ])('is served: %s', (_name, headers, fields) => {
    expect(partOf(requestOf(headers), storedOf(fields, {}, 10))).toEqual(part);
  });

  test.each<[string, HeaderFields, HeaderFields, Partial<StoredHead>, number | undefined]>([
    ['no range', {}, {}, {}, 10],
    ['a range that is none', { range: 'bytes=x' }, {}, {}, 10],
    ['a body of unknown length', range, {}, {}, undefined],
    ['no 200', range, {}, { status: 203 }, 10],
    ['a coded body', range, { 'content-encoding': 'gzip' }, {}, 10],
    ['a body of another length than was sent', range, { 'content-length': '5' }, {}, 10],
    ['a coding that may have been taken off', range, { vary: 'Accept-Encoding' }, {}, 10],
    ['If-Range with another tag', { ...range, 'if-range': '"b"' }, { etag: '"a"' }, {}, 10],
    ['If-Range with a weak tag', { ...range, 'if-range': 'W/"a"' }, { etag: 'W/"a"' }, {}, 10],
    ['If-Range with a tag where there is none', { ...range, 'if-range': '"a"' }, {}, {}, 10],
    ['If-Range with another date', { ...range, 'if-range': dateAt(-99) }, dated, {}, 10],
    [
      'If-Range with a date that was not over',
      { ...range, 'if-range': lastModified },
      { date: lastModified, 'last-modified': lastModified },
      {},
      10,
    ],
    ['If-Range with a text that is no date', { ...range, 'if-range': 'x' }, { 'last-modified': 'x' }, {}, 10],
  ])('is not served: %s', (_name, headers, fields, changes, bodyBytes) => {
    expect(partOf(requestOf(headers), storedOf(fields, changes, bodyBytes))).toBeUndefined();
  });

  test('is not served to another method', () => {
    expect(partOf(requestOf(range, 'HEAD'), storedOf({}, {}, 10))).toBeUndefined();
  });

  test.each([
    ['all of it', 'bytes=4-6', 'bytes 4-6/10', { first: 4, last: 6, from: 4, complete: 10 }],
    ['some of it', 'bytes=5-5', 'bytes 4-6/10', { first: 5, last: 5, from: 4, complete: 10 }],
    ['less at the start', 'bytes=3-5', 'bytes 4-6/10', undefined],
    ['more at the end', 'bytes=5-7', 'bytes 4-6/10', undefined],
    ['up to an end that it lacks', 'bytes=5-', 'bytes 4-6/10', undefined],
    ['up to the end', 'bytes=8-', 'bytes 7-9/10', { first: 8, last: 9, from: 7, complete: 10 }],
    ['beyond the end', 'bytes=8-99', 'bytes 7-9/10', { first: 8, last: 9, from: 7, complete: 10 }],
    ['a suffix that it holds', 'bytes=-2', 'bytes 7-9/10', { first: 8, last: 9, from: 7, complete: 10 }],
    ['a longer suffix', 'bytes=-4', 'bytes 7-9/10', undefined],
    ['positions in a whole of unknown length', 'bytes=8-9', 'bytes 7-9/*', { first: 8, last: 9, from: 7 }],
    ['the end of a whole of unknown length', 'bytes=8-', 'bytes 7-9/*', undefined],
    ['beyond what it holds of such a whole', 'bytes=8-10', 'bytes 7-9/*', undefined],
    ['a suffix of such a whole', 'bytes=-2', 'bytes 7-9/*', undefined],
  ])('of a stored part: %s', (_name, asked, contentRange, expected) => {
    const stored = storedOf({ 'content-range': contentRange }, { status: 206 }, 3);
    expect(partOf(requestOf({ range: asked }), stored)).toEqual(expected);
  });
});
