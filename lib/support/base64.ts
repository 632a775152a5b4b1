/** Base64 (RFC 4648 section 4), which old engines of apps cannot do by themselves. */

const LETTERS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';

export function base64(bytes: Uint8Array): string {
  let text = '';
  let bits = 0;
  let pending = 0;
  for (const byte of bytes) {
    bits = (bits << 8) | byte;
    for (pending += 8; pending >= 6; ) text += LETTERS[(bits >> (pending -= 6)) & 0x3f] ?? '';
  }
  if (pending > 0) text += LETTERS[(bits << (6 - pending)) & 0x3f] ?? '';
  return text.padEnd(Math.ceil(bytes.length / 3) * 4, '=');
}

/** Node has both ways in one call, many times as fast. */
const native = (globalThis as { Buffer?: typeof Buffer }).Buffer;

/** As `base64`, for what is large. */
export const base64OfMany = (bytes: Uint8Array): string =>
  native === undefined
    ? base64(bytes)
    : native.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('base64');

/** The inverse of `base64`. What is no base64 gives any bytes. */
export function bytesOfBase64(text: string): Uint8Array {
  return native === undefined ? decodeBase64(text) : new Uint8Array(native.from(text, 'base64'));
}

export function decodeBase64(text: string): Uint8Array {
  const letters = text.replaceAll('=', '');
  const bytes = new Uint8Array(Math.floor((letters.length * 3) / 4));
  let bits = 0;
  let pending = 0;
  let at = 0;
  for (const letter of letters) {
    bits = (bits << 6) | LETTERS.indexOf(letter);
    pending += 6;
    if (pending < 8) continue;
    pending -= 8;
    bytes[at] = bits >> pending;
    at += 1;
  }
  return bytes;
}
