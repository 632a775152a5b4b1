/** Digests, compared with node:crypto. */
import { createHash, createHmac } from 'node:crypto';
import fc from 'fast-check';
import { createDigest, hashAddress } from '../lib/digest.js';

const expectedHmac = (secret: string, value: string | Uint8Array): string =>
  createHmac('sha256', secret).update(value).digest('base64url');

test('a keyed digest is HMAC-SHA-256 in base64url, of text and of its bytes', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), fc.string({ unit: 'grapheme' }), (secret, value) => {
      const digest = createDigest(secret);
      expect(digest.text(value)).toBe(expectedHmac(secret, value));
      expect(digest.bytes(new TextEncoder().encode(value))).toBe(digest.text(value));
    }),
  );
});

test('bytes need not be UTF-8', () => {
  const bytes = Uint8Array.from({ length: 256 }, (_, index) => index);
  expect(createDigest('s').bytes(bytes)).toBe(expectedHmac('s', bytes));
});

test('secrets longer than a block of the hash count whole', () => {
  const secret = 'x'.repeat(100);
  expect(createDigest(secret).text('v')).toBe(expectedHmac(secret, 'v'));
  expect(createDigest(secret).text('v')).not.toBe(createDigest(`${secret}y`).text('v'));
});

test('remembering values never changes a digest, however many there are', () => {
  const digest = createDigest('s');
  const rounds = [1, 2].map(() => Array.from({ length: 2500 }, (_, index) => digest.text(`value ${index}`)));
  expect(rounds[1]).toEqual(rounds[0]);
  expect(new Set(rounds[0]).size).toBe(2500);
  expect(digest.text('value 7')).toBe(expectedHmac('s', 'value 7'));
});

test('two digests do not share what they remember', () => {
  expect(createDigest('one').text('v')).not.toBe(createDigest('other').text('v'));
});

test('an address is SHA-256 in base64url', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), (text) => {
      expect(hashAddress(text)).toBe(createHash('sha256').update(text).digest('base64url'));
    }),
  );
});
