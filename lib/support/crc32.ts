/** CRC-32 (ISO 3309, as in gzip): it notices damage, and protects against nobody who means to change something. */
import { nodeZlib } from './platform.js';
import { encoder } from './utf8.js';

/** Node has it since 20.15, many times as fast; other platforms that know `node:zlib` may not. */
const native = nodeZlib()?.crc32;

/** Gives the checksum of `data`, a text as UTF-8; with the checksum of what stands before it, that of both. */
export const crc32: (data: Uint8Array | string, before?: number) => number = native ?? computeCrc32;

export function computeCrc32(data: Uint8Array | string, before = 0): number {
  const table = (knownTable ??= makeTable());
  const bytes = typeof data === 'string' ? encoder.encode(data) : data;
  let sum = ~before;
  for (const byte of bytes) sum = (sum >>> 8) ^ (table[(sum ^ byte) & 0xff] as number);
  return ~sum >>> 0;
}

let knownTable: Int32Array | undefined;

/** What each value of a byte does to the sum. */
function makeTable(): Int32Array {
  return new Int32Array(256).map((_, byte) => {
    let sum = byte;
    for (let bit = 0; bit < 8; bit += 1) sum = (sum & 1) === 1 ? (sum >>> 1) ^ 0xedb88320 : sum >>> 1;
    return sum;
  });
}
