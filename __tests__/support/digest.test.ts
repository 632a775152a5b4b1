/** Digests, compared with those of node:crypto: with that module, and with what runs where there is none. */
import nodeCrypto, { createHash, createHmac } from 'node:crypto';
import fc from 'fast-check';
import { isWellFormed } from '../../lib/support/exact-bytes.js';
import type * as Digests from '../../lib/support/digest.js';
import type * as Platform from '../../lib/support/platform.js';

const expectedHmac = (secret: string, value: string | Uint8Array): string =>
  createHmac('sha256', secret).update(value).digest('base64url');

/** Loads the module as it is where there is a `node:crypto`, or where there is none. */
function loadDigests(nodeCrypto: () => ReturnType<typeof Platform.nodeCrypto>): typeof Digests {
  let loaded: typeof Digests | undefined;
  jest.isolateModules(() => {
    jest.doMock<typeof Platform>('../../lib/support/platform.js', () => {
      return { ...jest.requireActual<typeof Platform>('../../lib/support/platform.js'), nodeCrypto };
    });
    loaded = jest.requireActual<typeof Digests>('../../lib/support/digest.js');
  });
  if (loaded === undefined) throw new Error('not loaded');
  return loaded;
}

/** Any text that is Unicode: half of a surrogate pair is not. */
const text = (): fc.Arbitrary<string> =>
  fc
    .string({ unit: fc.integer({ min: 0, max: 0xffff }).map((code) => String.fromCharCode(code)) })
    .filter(isWellFormed);
const inNode = jest.fn(() => nodeCrypto);
const elsewhere = jest.fn(() => undefined);

describe.each([['in Node', inNode], ['elsewhere', elsewhere]])('%s', (_where, platform) => {
  const { createDigest, hashAddress } = loadDigests(platform);

  test('is the way that is meant', () => {
    expect(platform).toHaveBeenCalledTimes(1);
  });

  test('texts that are no Unicode have digests of their own', () => {
    const digest = createDigest('secret');
    const texts = ['\ud800', '\udfff', '\ufffd', 'a\ud800', '\ud800a'];
    expect(new Set(texts.map((each) => digest.text(each))).size).toBe(texts.length);
    expect(new Set(texts.map(hashAddress)).size).toBe(texts.length);
  });

  test('a keyed digest is HMAC-SHA-256 in base64url, of text and of its bytes', () => {
    fc.assert(
      fc.property(text(), text(), (secret, value) => {
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
      fc.property(text(), (text) => {
        expect(hashAddress(text)).toBe(createHash('sha256').update(text).digest('base64url'));
      }),
    );
  });
});
