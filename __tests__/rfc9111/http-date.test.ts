/** These tests read HTTP dates (RFC 9110 section 5.6.7, RFC 9111 section 4.2). */
import fc from 'fast-check';
import { parseHttpDate } from '../../lib/rfc9111/http-date.js';
import { NOW } from './heads.js';

const NOV_1994 = Date.UTC(1994, 10, 6, 8, 49, 37);

describe('parseHttpDate reads', () => {
  test.each([
    ['IMF-fixdate', 'Sun, 06 Nov 1994 08:49:37 GMT', NOV_1994],
    ['RFC 850', 'Sunday, 06-Nov-94 08:49:37 GMT', NOV_1994],
    ['asctime', 'Sun Nov  6 08:49:37 1994', NOV_1994],
    ['asctime with a day of two digits', 'Wed Nov 16 08:49:37 1994', Date.UTC(1994, 10, 16, 8, 49, 37)],
    ['any case of the weekday', 'sUN, 06 Nov 1994 08:49:37 GMT', NOV_1994],
    ['any case of the month', 'Sun, 06 nOV 1994 08:49:37 GMT', NOV_1994],
    ['any case of the zone', 'Sun, 06 Nov 1994 08:49:37 gMT', NOV_1994],
    ['a leap second', 'Sat, 31 Dec 2016 23:59:60 GMT', Date.UTC(2017, 0, 1)],
    ['29 February of a leap year', 'Thu, 29 Feb 2024 00:00:00 GMT', Date.UTC(2024, 1, 29)],
    ['a date beyond 32 bits', 'Thu, 01 Jan 2099 00:00:00 GMT', Date.UTC(2099, 0, 1)],
    ['a year below 100 as written', 'Sun, 01 Jan 0050 00:00:00 GMT', new Date(0).setUTCFullYear(50, 0, 1)],
  ])('%s', (_name, text, instant) => {
    expect(parseHttpDate(text, NOW)).toBe(instant);
  });

  test.each([
    ['this century', 'Thursday, 01-Jan-31 00:00:00 GMT', 2031],
    ['50 years ahead, to the second', 'Friday, 01-Mar-80 12:00:00 GMT', 2080],
    ['a second more than 50 years ahead: the past', 'Friday, 01-Mar-80 12:00:01 GMT', 1980],
    ['the last century', 'Tuesday, 01-Jan-91 00:00:00 GMT', 1991],
  ])('two digits of a year as %s', (_name, text, year) => {
    expect(new Date(parseHttpDate(text, NOW) ?? NaN).getUTCFullYear()).toBe(year);
  });

  test('two digits of a year across the end of a century', () => {
    expect(parseHttpDate('Saturday, 01-Jan-05 00:00:00 GMT', Date.UTC(2099, 0, 1))).toBe(Date.UTC(2105, 0, 1));
  });

  test('two digits of a year by the time at which they are read, each time', () => {
    const text = 'Friday, 01-Mar-80 12:00:01 GMT';
    expect(parseHttpDate(text, NOW)).toBe(Date.UTC(1980, 2, 1, 12, 0, 1));
    expect(parseHttpDate(text, NOW + 2000)).toBe(Date.UTC(2080, 2, 1, 12, 0, 1));
  });
});

describe('parseHttpDate refuses', () => {
  test.each([
    ['nothing', ''],
    ['0', '0'],
    ['another zone', 'Sun, 06 Nov 1994 08:49:37 UTC'],
    ['an offset', 'Sun, 06 Nov 1994 08:49:37 +0000'],
    ['no comma', 'Sun 06 Nov 1994 08:49:37 GMT'],
    ['several spaces', 'Sun,  06 Nov 1994 08:49:37 GMT'],
    ['periods in the time', 'Sun, 06 Nov 1994 08.49.37 GMT'],
    ['a day of one digit', 'Sun, 6 Nov 1994 08:49:37 GMT'],
    ['an hour of one digit', 'Sun, 06 Nov 1994 8:49:37 GMT'],
    ['a year of two digits', 'Sun, 06 Nov 94 08:49:37 GMT'],
    ['an unknown month', 'Sun, 06 Foo 1994 08:49:37 GMT'],
    ['an unknown weekday', 'Foo, 06 Nov 1994 08:49:37 GMT'],
    ['ISO 8601', '1994-11-06T08:49:37Z'],
    ['something before', 'x Sun, 06 Nov 1994 08:49:37 GMT'],
    ['something behind', 'Sun, 06 Nov 1994 08:49:37 GMT, x'],
    ['30 February', 'Fri, 30 Feb 2024 00:00:00 GMT'],
    ['29 February of an ordinary year', 'Wed, 29 Feb 2023 00:00:00 GMT'],
    ['day 0', 'Sun, 00 Nov 1994 08:49:37 GMT'],
    ['hour 24', 'Sun, 06 Nov 1994 24:00:00 GMT'],
    ['minute 60', 'Sun, 06 Nov 1994 08:60:37 GMT'],
    ['second 61', 'Sun, 06 Nov 1994 08:49:61 GMT'],
    ['30 February in RFC 850', 'Friday, 30-Feb-24 00:00:00 GMT'],
  ])('%s', (_name, text) => {
    expect(parseHttpDate(text, NOW)).toBeUndefined();
  });
});

test('what JavaScript writes is read back, to the second', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 253_402_300_799 }), (second) => {
      expect(parseHttpDate(new Date(second * 1000).toUTCString(), NOW)).toBe(second * 1000);
    }),
  );
});

test('no text makes it throw or yields NaN', () => {
  fc.assert(
    fc.property(fc.string(), (text) => {
      expect(parseHttpDate(text, NOW)).not.toBeNaN();
    }),
  );
});
