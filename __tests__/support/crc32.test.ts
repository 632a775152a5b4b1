/** CRC-32 in JavaScript, compared with node:zlib. */
import * as fc from 'fast-check';
import * as zlib from 'node:zlib';
import { computeCrc32, crc32 } from '../../lib/support/crc32.js';

test('the check value of the standard', () => {
  for (const sum of [computeCrc32, crc32]) expect(sum('123456789')).toBe(0xcbf43926);
});

test('checksums of any bytes and texts are those of node:zlib, also of what follows others', () => {
  const data = fc.oneof(fc.uint8Array({ maxLength: 300 }), fc.string({ unit: 'grapheme' }));
  fc.assert(
    fc.property(data, data, (first, second) => {
      expect(computeCrc32(first)).toBe(zlib.crc32(first));
      expect(computeCrc32(second, computeCrc32(first))).toBe(zlib.crc32(second, zlib.crc32(first)));
    }),
  );
});
