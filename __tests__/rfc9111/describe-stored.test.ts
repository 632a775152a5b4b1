/** The facts of a stored response that are parsed once. */
import { describeStored, validatorsIn } from '../../lib/rfc9111/describe-stored.js';
import { NOW, dateAt, headOf } from './heads.js';

describe('describeStored', () => {
  test('keeps the head and adds what decisions ask for', () => {
    const head = headOf({
      'cache-control': 'max-age=60',
      date: dateAt(-5),
      age: '7',
      etag: ' "a" ',
      'last-modified': dateAt(-100),
    });
    const stored = describeStored(head, 12);
    expect(stored).toMatchObject({ ...head, dateValue: NOW - 5000, ageValue: 7, etag: '"a"', bodyBytes: 12 });
    expect(stored.lastModified).toBe(dateAt(-100));
    expect(stored.directives.maxAge).toBe(60);
  });

  test('of an entry without any of the fields', () => {
    expect(describeStored(headOf())).toMatchObject({
      directives: {},
      dateValue: NOW,
      ageValue: 0,
      etag: undefined,
      lastModified: undefined,
      bodyBytes: undefined,
    });
  });

  test('directives that were ignored when it was stored are none', () => {
    expect(describeStored(headOf({ 'cache-control': 'no-store' }, { headersHonoured: false })).directives).toEqual({});
  });
});

test('an empty field is no validator', () => {
  expect(validatorsIn({ etag: '', 'last-modified': ' ' })).toEqual({ etag: undefined, lastModified: undefined });
});
