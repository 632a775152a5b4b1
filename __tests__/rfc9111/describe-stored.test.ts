/** These tests say what a stored response is known by (RFC 9111 section 4). */
import { describeStored } from '../../lib/rfc9111/describe-stored.js';
import { NOW, dateAt, headOf } from './heads.js';

describe('describeStored', () => {
  test('takes facts that are known already, and reads no header again', () => {
    const facts = { directives: { maxAge: 5 }, dateValue: NOW - 1, ageValue: 9, etag: '"b"', lastModified: 'x' };
    expect(describeStored(headOf({ age: '7', etag: '"a"' }), { facts })).toMatchObject(facts);
  });

  test('a redirect has no validators, whatever is known of its headers', () => {
    const head = headOf({ etag: '"a"' }, { redirectsTo: 'http://api.test/to' });
    expect(describeStored(head).etag).toBeUndefined();
    const facts = { directives: {}, dateValue: NOW, ageValue: 0, etag: '"a"', lastModified: 'x' };
    expect(describeStored(head, { facts })).toMatchObject({ etag: undefined, lastModified: undefined });
  });

  test('keeps the head and adds what decisions ask for', () => {
    const head = headOf({
      'cache-control': 'max-age=60',
      date: dateAt(-5),
      age: '7',
      etag: ' "a" ',
      'last-modified': dateAt(-100),
    });
    const stored = describeStored(head, { bodyBytes: 12 });
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
