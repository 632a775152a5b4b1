/** Texts as bytes that are compared, or digested, in their place. */
import { tagOf } from './plain-object.js';
import { encoder } from './utf8.js';

/** Half of a surrogate pair without the other half: the flag makes one character of a pair. */
const UNPAIRED = /[\ud800-\udfff]/u;

/** True for a text that UTF-8 can hold. */
export const isWellFormed = (text: string): boolean => !UNPAIRED.test(text);

/** No UTF-8 has this byte. */
const NO_UTF8 = 0xff;

/** Encodes as UTF-8 does, but for texts that it cannot hold, so that different texts have different bytes. */
export function exactBytes(text: string): Uint8Array<ArrayBuffer> {
  if (isWellFormed(text)) return encoder.encode(text);
  const bytes = new Uint8Array(1 + 2 * text.length);
  bytes[0] = NO_UTF8;
  for (let at = 0; at < text.length; at += 1) {
    const unit = text.charCodeAt(at);
    bytes.set([unit >> 8, unit & 0xff], 1 + 2 * at);
  }
  return bytes;
}

/** Returns the bytes that a buffer of any realm, or a view of one, shows, without copying them. */
export function bytesOf(data: unknown): Uint8Array | undefined {
  if (ArrayBuffer.isView(data)) return new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
  return tagOf(data) === 'ArrayBuffer' ? new Uint8Array(data as ArrayBuffer) : undefined;
}
