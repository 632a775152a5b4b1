/** Base64, compared with that of Buffer. */
import fc from 'fast-check';
import { base64, base64OfMany, bytesOfBase64, decodeBase64 } from '../../lib/support/base64.js';

test('is that of Buffer, for bytes of any number', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 20 }), (bytes) => {
      expect(base64(bytes)).toBe(Buffer.from(bytes).toString('base64'));
    }),
  );
});

test('is read back, whatever the bytes are', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 20 }), (bytes) => {
      expect([...decodeBase64(base64(bytes))]).toEqual([...bytes]);
      expect([...bytesOfBase64(base64OfMany(bytes))]).toEqual([...bytes]);
      expect(base64OfMany(bytes)).toBe(base64(bytes));
    }),
  );
});
