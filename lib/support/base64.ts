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
