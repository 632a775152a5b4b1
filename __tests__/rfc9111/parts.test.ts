/** These tests put parts together (RFC 9110 sections 14.4 and 15.3.7.3, RFC 9111 section 3.4). */
import fc from 'fast-check';
import { combinedHead } from '../../lib/rfc9111/decide-validation.js';
import type { HeaderFields, Stored, StoredHead } from '../../lib/rfc9111/model.js';
import { contentRange, decideParts, extentOf, fieldsForRest, isWhole } from '../../lib/rfc9111/parts.js';
import { NOW, answerOf, dateAt, lifetimeOf, policyOf, requestOf, seconds, storedOf } from './heads.js';

describe('Content-Range', () => {
  const read = (value: string, bodyBytes: number): unknown =>
    extentOf({ status: 206, headers: { 'content-range': value }, bodyBytes });

  test.each([
    ['bytes 0-0/1', 0, 0, 1],
    ['bytes 4-6/10', 4, 6, 10],
    ['bytes 4-9/10', 4, 9, 10],
    ['bytes 4-6/*', 4, 6, undefined],
    ['BYTES 4-6/10', 4, 6, 10],
    ['bytes 10-29/100', 10, 29, 100],
  ])('%s', (value, first, last, complete) => {
    expect(read(value, last - first + 1)).toEqual({ first, last, complete });
  });

  test.each([
    ['nothing', ''],
    ['another unit', 'lines 4-6/10'],
    ['backwards', 'bytes 6-4/10'],
    ['beyond the end', 'bytes 4-10/10'],
    ['not satisfied', 'bytes */10'],
    ['no length', 'bytes 4-6'],
    ['a list', 'bytes 4-6/10, bytes 4-6/10'],
    ['a number that is no safe integer', 'bytes 0-9999999999999999/*'],
    ['a sign', 'bytes +4-6/10'],
  ])('is none: %s', (_name, value) => {
    expect([-1, 0, 1, 3, 7, 10 ** 16].map((bodyBytes) => read(value, bodyBytes))).toEqual(Array(6).fill(undefined));
  });

  test('no text makes it throw, and what it reads it writes', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.stringMatching(/^bytes \d+-\d+\/(\d+|\*)$/)), (text) => {
        const [, first, last] = /(\d+)-(\d+)/.exec(text) ?? [];
        const bodyBytes = Number(last) - Number(first) + 1;
        const extent = extentOf({ status: 206, headers: { 'content-range': text }, bodyBytes });
        if (extent !== undefined) expect(read(contentRange(extent), bodyBytes)).toEqual(extent);
      }),
    );
  });
});

describe('extentOf', () => {
  const part = { status: 206, headers: { 'content-range': 'bytes 4-6/10' }, bodyBytes: 3 };

  test.each([
    ['a whole', { status: 200, headers: {}, bodyBytes: 5 }, { first: 0, last: 4, complete: 5 }],
    ['a part', part, { first: 4, last: 6, complete: 10 }],
    [
      'a part of negotiated coding',
      { ...part, headers: { ...part.headers, vary: 'accept-encoding' } },
      { first: 4, last: 6, complete: 10 },
    ],
    [
      'a part that only speaks of several parts',
      { ...part, headers: { ...part.headers, 'content-type': 'text/plain; x=multipart/byteranges' } },
      { first: 4, last: 6, complete: 10 },
    ],
  ])('%s', (_name, held, extent) => {
    expect(extentOf(held)).toEqual(extent);
  });

  test.each([
    ['an empty whole', { status: 200, headers: {}, bodyBytes: 0 }],
    ['another status', { status: 203, headers: {}, bodyBytes: 5 }],
    ['a body of unknown length', { ...part, bodyBytes: undefined }],
    ['a part that is shorter than it says', { ...part, bodyBytes: 2 }],
    ['a part that says nothing', { ...part, headers: {} }],
    ['a coded part', { ...part, headers: { ...part.headers, 'content-encoding': 'gzip' } }],
    [
      'several parts in one body',
      { ...part, headers: { ...part.headers, 'content-type': 'Multipart/ByteRanges; a=b' } },
    ],
    ['a whole of negotiated coding', { status: 200, headers: { vary: 'accept-encoding' }, bodyBytes: 5 }],
    ['another Content-Length', { ...part, headers: { ...part.headers, 'content-length': '4' } }],
  ])('cannot be told: %s', (_name, held) => {
    expect(extentOf(held)).toBeUndefined();
  });
});

/** The representation has ten bytes, and a strong ETag unless `fields` say otherwise. */
const part = (first: number, last: number, fields: HeaderFields = {}, changes: Partial<StoredHead> = {}): Stored =>
  storedOf(
    { etag: '"a"', 'content-range': `bytes ${first}-${last}/10`, ...fields },
    { status: 206, ...changes },
    last - first + 1,
  );
const whole = (fields: HeaderFields = { etag: '"a"' }, bytes = 10): Stored => storedOf(fields, {}, bytes);

const NONE: HeaderFields = { etag: '' };
const ofUnknown = (range: string): HeaderFields => ({ 'content-range': `bytes ${range}/*` });
const ofFour: HeaderFields = { 'content-range': 'bytes 0-1/4' };
const ofTwo: HeaderFields = { 'content-range': 'bytes 0-1/2' };

function dated(first: number, last: number, fields: HeaderFields = {}): Stored {
  return part(first, last, { etag: '', date: dateAt(0), 'last-modified': dateAt(-100), ...fields });
}

describe('decideParts (section 3.4)', () => {
  const fresh = part(3, 5);

  /** Says `first-last of pieces`, or what stands alone. */
  const outcome = (newer: Stored, stored: readonly Stored[], maxBytes = Infinity) => {
    const { combination, superseded } = decideParts(newer, stored, maxBytes);
    if (combination !== undefined) expect(combination.pieces[0].stored).toBe(newer);
    const { extent, pieces = [] } = combination ?? {};
    return [extent === undefined ? 'alone' : `${extent.first}-${extent.last} of ${pieces.length}`, superseded.length];
  };

  test.each<[string, Stored, readonly Stored[], string, number]>([
    ['nothing stored', fresh, [], 'alone', 0],
    ['what adjoins before', fresh, [part(0, 2)], '0-5 of 2', 1],
    ['what adjoins behind', fresh, [part(6, 9)], '3-9 of 2', 1],
    ['what overlaps', fresh, [part(1, 4)], '1-5 of 2', 1],
    ['what it holds already', fresh, [part(4, 4)], '3-5 of 2', 1],
    ['a gap', fresh, [part(0, 1)], 'alone', 0],
    ['a gap that another fills', fresh, [part(0, 0), part(1, 2)], '0-5 of 3', 2],
    ['both sides, and one beyond', fresh, [part(8, 9), part(0, 2), part(6, 6)], '0-6 of 3', 2],
    ['the whole', fresh, [whole()], '0-9 of 2', 1],
    ['the same strong date', dated(3, 5), [dated(0, 2)], '0-5 of 2', 1],
    ['no validator', part(3, 5, NONE), [part(0, 2, NONE)], 'alone', 0],
    ['a weak ETag', part(3, 5, { etag: 'W/"a"' }), [part(0, 2, { etag: 'W/"a"' })], 'alone', 0],
    ['a weak ETag beside a strong date', dated(3, 5, { etag: 'W/"a"' }), [dated(0, 2)], 'alone', 0],
    ['a date that was not over', dated(3, 5, { date: dateAt(-100) }), [dated(0, 2)], 'alone', 0],
    ['another ETag, which is outdated', fresh, [part(0, 2, { etag: '"b"' })], 'alone', 1],
    ['a whole with another ETag, too', fresh, [whole({ etag: '"b"' })], 'alone', 1],
    ['no strong validator beside one', fresh, [part(0, 2, NONE)], 'alone', 0],
    ['another length', fresh, [part(0, 2, { 'content-range': 'bytes 0-2/11' })], 'alone', 0],
    ['a length that only one knows', fresh, [part(0, 2, ofUnknown('0-2'))], '0-5 of 2', 1],
    ['a length that only the other knows', part(3, 5, ofUnknown('3-5')), [part(0, 2)], '0-5 of 2', 1],
    ['a length that neither knows', part(2, 3, ofUnknown('2-3')), [part(0, 1, ofUnknown('0-1'))], '0-3 of 2', 1],
    ['a length that ends within the other', part(0, 1, ofFour), [part(2, 4, ofUnknown('2-4'))], 'alone', 0],
    ['a length shorter than the other goes', part(0, 1, ofTwo), [part(2, 3, ofUnknown('2-3'))], 'alone', 0],
    ['something that cannot be counted', fresh, [part(0, 2, { 'content-encoding': 'gzip' })], 'alone', 0],
    ['a newer whole, which ends the parts', whole(), [part(0, 2), part(6, 9), whole()], 'alone', 2],
    ['a newer part that cannot be counted', part(3, 5, { 'content-encoding': 'gzip' }), [part(0, 2)], 'alone', 0],
  ])('%s', (_name, newer, stored, extent, superseded) => {
    expect(outcome(newer, stored)).toEqual([extent, superseded]);
  });

  test.each([
    [6, '0-5 of 2', 1],
    [5, '3-6 of 2', 1],
    [3, 'alone', 0],
  ])('together no more than %d bytes', (maxBytes, extent, superseded) => {
    expect(outcome(fresh, [part(0, 2), part(6, 6)], maxBytes)).toEqual([extent, superseded]);
  });

  test('an answer that was long on its way ends nothing newer', () => {
    const late = { date: dateAt(-1) };
    const newer = { date: dateAt(0), etag: '"b"' };
    expect(outcome(part(3, 5, late), [whole(newer), part(0, 2, newer)])).toEqual(['alone', 0]);
    expect(outcome(whole({ etag: '"a"', ...late }), [part(0, 2, newer), part(4, 5, late)])).toEqual(['alone', 1]);
  });

  test('a stored whole is the base, else the newest', () => {
    const [one, other] = [part(0, 2), part(6, 9)];
    expect(decideParts(fresh, [one, other], Infinity).combination?.base).toBe(one);
    const all = whole();
    expect(decideParts(fresh, [one, all], Infinity).combination?.base).toBe(all);
  });

  test('parts of one representation always make what they cover, and nothing beyond it', () => {
    const position = fc.nat({ max: 9 });
    const range = fc.tuple(position, position).map(([a, b]) => part(Math.min(a, b), Math.max(a, b)));
    fc.assert(
      fc.property(range, fc.array(range, { maxLength: 5 }), (newer, stored) => {
        const { combination } = decideParts(newer, stored, Infinity);
        const { first, last } = combination?.extent ?? extentOf(newer) ?? { first: 0, last: -1 };
        const held = [newer, ...stored].map((each) => extentOf(each) ?? { first: 0, last: -1 });
        for (let at = first; at <= last; at += 1) {
          expect(held.some((each) => each.first <= at && at <= each.last)).toBe(true);
        }
        const touching = held.filter((each) => each.first <= last + 1 && first <= each.last + 1);
        expect(touching.every((each) => first <= each.first && each.last <= last)).toBe(true);
      }),
    );
  });
});

describe('fieldsForRest', () => {
  test.each<[string, Stored, string | undefined]>([
    ['what follows', part(0, 3), 'bytes=4-'],
    ['what goes before', part(4, 9), 'bytes=0-3'],
    ['nothing, where it lacks two pieces', part(4, 6), undefined],
    ['nothing, where the end is not known', part(4, 6, ofUnknown('4-6')), undefined],
    ['nothing, where it does not say which part it is', part(0, 3, { 'content-range': '' }), undefined],
    ['nothing of a whole', whole(), undefined],
    ['nothing without a strong validator', part(0, 3, { etag: 'W/"a"' }), undefined],
  ])('%s', (_name, stored, range) => {
    const fields = fieldsForRest(stored, 10);
    expect(fields).toEqual(range === undefined ? undefined : { range, 'if-range': '"a"' });
  });

  test('nothing of a whole that is too large, or may be', () => {
    expect(fieldsForRest(part(0, 3), 9)).toBeUndefined();
    expect(fieldsForRest(part(0, 3, ofUnknown('0-3')), 1e9)).toBeUndefined();
  });
});

describe('combinedHead', () => {
  const answer = (fields: HeaderFields) => ({
    ...answerOf({ 'content-range': 'bytes 3-5/10', 'content-length': '3', ...fields }, 206),
    responseTime: NOW + seconds(5),
  });
  const combined = (stored: Stored, first: number, last: number, fields: HeaderFields = {}) =>
    combinedHead(
      { request: requestOf(), stored, answer: answer(fields), policy: policyOf() },
      { first, last, complete: 10 },
    );

  test('a larger part has fields of both, the newer ones over the older, and its own range', () => {
    const stored = part(0, 2, { 'content-length': '3', foo: '1', bar: '1' });
    expect(combined(stored, 0, 5, { foo: '2', 'cache-control': 'max-age=9' })).toMatchObject({
      status: 206,
      statusText: 'Partial Content',
      headers: { 'content-range': 'bytes 0-5/10', 'content-length': '6', foo: '2', bar: '1', etag: '"a"' },
      responseTime: NOW + seconds(5),
      lifetime: lifetimeOf(9),
    });
  });

  test('a whole is a 200 like any other', () => {
    const head = combined(part(0, 2), 0, 9);
    expect([head.status, head.statusText]).toEqual([200, 'OK']);
    expect(head.headers).toEqual({ 'content-length': '10', etag: '"a"' });
  });

  test('a part that begins with the first byte is no whole', () => {
    expect(isWhole({ first: 0, last: 8, complete: 10 })).toBe(false);
    expect(isWhole({ first: 1, last: 9, complete: 10 })).toBe(false);
    expect(isWhole({ first: 0, last: 9, complete: undefined })).toBe(false);
  });
});
