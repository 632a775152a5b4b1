/** Compression of a record's parts: deflate (RFC 1951) at its fastest, which every version of Node reads. */
import { malformed, type Reading } from './part.js';
import type { MaybePromise } from '../../support/maybe-promise.js';
import { nodeZlib } from '../../support/platform.js';

/** Above this the work is done in another thread: here it would hold up everything else for more than a millisecond. */
const MOST_AT_ONCE = 64 * 1024;
/** What is larger stays as it is. So nothing larger is ever made of a record, whatever it says. */
const MOST = 256 * 1024 * 1024;

const zlib = nodeZlib();

export const canCompress = zlib !== undefined;

/** Gives the compressed content, and `undefined` where it would not be smaller. */
export function compress(content: Uint8Array): MaybePromise<Uint8Array | undefined> {
  if (zlib === undefined || content.byteLength > MOST) return undefined;
  const ifSmaller = (made: Uint8Array): Uint8Array | undefined =>
    made.byteLength < content.byteLength ? made : undefined;
  const options = { level: 1 };
  if (content.byteLength <= MOST_AT_ONCE) return ifSmaller(zlib.deflateRawSync(content, options));
  return new Promise((resolve, reject) => {
    zlib.deflateRaw(content, options, (error, made) => {
      if (error === null) resolve(ifSmaller(made));
      else reject(error);
    });
  });
}

/** @param length how many bytes it says to make: not one more is made. */
export function decompress(content: Uint8Array, length: number): MaybePromise<Reading<Uint8Array>> {
  if (zlib === undefined || length > MOST) return malformed('it says to be larger than what is compressed');
  // Zero is no limit that zlib takes.
  const options = { maxOutputLength: Math.max(1, length) };
  const whole = (made: Uint8Array): Reading<Uint8Array> =>
    made.byteLength === length ? { kind: 'read', value: made } : malformed('it is shorter than it says');
  if (length > MOST_AT_ONCE) {
    return new Promise((resolve) => {
      zlib.inflateRaw(content, options, (error, made) => {
        resolve(error === null ? whole(made) : UNREADABLE);
      });
    });
  }
  try {
    return whole(zlib.inflateRawSync(content, options));
  } catch {
    return UNREADABLE;
  }
}

const UNREADABLE = malformed('it cannot be decompressed, or is longer than it says');
