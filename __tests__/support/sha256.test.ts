/** SHA-256 and HMAC in JavaScript, compared with node:crypto. */
import { createHash, createHmac } from 'node:crypto';
import fc from 'fast-check';
import { hmacSha256, sha256 } from '../../lib/support/sha256.js';

const BLOCK = 64;
/** Each length at which the padding changes, and those beside it. */
const LENGTHS = [0, 1, 2].flatMap((blocks) => [-10, -9, -8, -1, 0, 1].map((offset) => blocks * BLOCK + offset));
const BORDERS = LENGTHS.filter((length) => length >= 0);

const bytesOf = (length: number): Uint8Array => Uint8Array.from({ length }, (_, index) => (index * 167 + length) % 256);
const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');
const expectedHash = (message: Uint8Array): string => createHash('sha256').update(message).digest('hex');
const expectedHmac = (key: Uint8Array, message: Uint8Array): string =>
  createHmac('sha256', key).update(message).digest('hex');

const bytes = (): fc.Arbitrary<Uint8Array> => fc.uint8Array({ maxLength: 5 * BLOCK });

describe('SHA-256', () => {
  test('FIPS 180-4: digests of any bytes are those of node:crypto', () => {
    fc.assert(fc.property(bytes(), (message) => { expect(hex(sha256(message))).toBe(expectedHash(message)); }), {
      numRuns: 1000,
    });
  });

  test.each(BORDERS)('section 5.1.1: a message of %i bytes is padded right', (length) => {
    expect(hex(sha256(bytesOf(length)))).toBe(expectedHash(bytesOf(length)));
  });

  test('a view into a larger buffer is hashed alone, and left as it is', () => {
    const whole = bytesOf(400);
    const view = whole.subarray(3, 203);
    expect(hex(sha256(view))).toBe(expectedHash(bytesOf(400).slice(3, 203)));
    expect(whole).toEqual(bytesOf(400));
  });

  test('a megabyte is hashed as a whole', () => {
    expect(hex(sha256(bytesOf(1_000_003)))).toBe(expectedHash(bytesOf(1_000_003)));
  });
});

describe('HMAC', () => {
  test('RFC 2104: digests of any bytes under any key are those of node:crypto', () => {
    fc.assert(
      fc.property(bytes(), fc.array(bytes(), { minLength: 1, maxLength: 3 }), (key, messages) => {
        const digest = hmacSha256(key);
        for (const message of messages) expect(hex(digest(message))).toBe(expectedHmac(key, message));
      }),
      { numRuns: 500 },
    );
  });

  test.each(BORDERS)('a key and a message of %i bytes', (length) => {
    expect(hex(hmacSha256(bytesOf(length))(bytesOf(length)))).toBe(expectedHmac(bytesOf(length), bytesOf(length)));
  });
});
