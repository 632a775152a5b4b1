/** These tests say what a stored response is known by (RFC 9111 section 4). */
import { storedFacts } from '../../lib/rfc9111/read-response-facts.js';
import { NOW, dateAt, headOf } from './heads.js';

describe('storedFacts', () => {
  test('takes facts that are known already, and reads no header again', () => {
    const facts = { directives: { maxAge: 5 }, dateValue: NOW - 1, ageValue: 9, etag: '"b"', lastModified: 'x' };
    expect(storedFacts(headOf({ age: '7', etag: '"a"' }), facts)).toEqual(facts);
  });

  test('a redirect has no validators, whatever is known of its headers', () => {
    const head = headOf({ etag: '"a"' }, { redirectsTo: 'http://api.test/to' });
    expect(storedFacts(head).etag).toBeUndefined();
    const facts = { directives: {}, dateValue: NOW, ageValue: 0, etag: '"a"', lastModified: 'x' };
    expect(storedFacts(head, facts)).toEqual({ ...facts, etag: undefined, lastModified: undefined });
  });

  test('gives what decisions ask for', () => {
    const head = headOf({
      'cache-control': 'max-age=60',
      date: dateAt(-5),
      age: '7',
      etag: ' "a" ',
      'last-modified': dateAt(-100),
    });
    const facts = storedFacts(head);
    expect(facts).toMatchObject({ dateValue: NOW - 5000, ageValue: 7, etag: '"a"', lastModified: dateAt(-100) });
    expect(facts.directives.maxAge).toBe(60);
  });

  test('of an entry without any of the fields', () => {
    expect(storedFacts(headOf())).toEqual({
      directives: {},
      dateValue: NOW,
      ageValue: 0,
      etag: undefined,
      lastModified: undefined,
    });
  });

  test('directives that were ignored when it was stored are there for readers who honour them', () => {
    const ignored = { headersHonoured: false } as const;
    expect(storedFacts(headOf({ 'cache-control': 'no-store' }, ignored)).directives.noStore).toBe(true);
    const lifetime = { seconds: 60, source: 'request', basis: 'receipt' } as const;
    expect(storedFacts(headOf({ 'cache-control': 'no-store' }, { ...ignored, lifetime })).directives).toEqual({});
  });
});
