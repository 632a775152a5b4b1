/** Base64, compared with that of Buffer. */
import fc from 'fast-check';
import { base64 } from '../../lib/support/base64.js';

test('is that of Buffer, for bytes of any number', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 20 }), (bytes) => {
      expect(base64(bytes)).toBe(Buffer.from(bytes).toString('base64'));
    }),
  );
});
