/** SHA-256 (FIPS 180-4) and HMAC by it (RFC 2104), for platforms without `node:crypto`. */

/** In bytes. */
const BLOCK = 64;

/** The hash of whole blocks so far, eight words of 32 bits, and how many bytes they were. */
interface Progress {
  readonly words: Int32Array;
  readonly bytes: number;
}

export const sha256 = (message: Uint8Array): Uint8Array => finish({ words: constants().initial, bytes: 0 }, message);

/** The two blocks that are made of the key come before every message, so they are hashed once. */
export function hmacSha256(key: Uint8Array): (message: Uint8Array) => Uint8Array {
  const known = key.byteLength > BLOCK ? sha256(key) : key;
  const begun = (pad: number): Progress => {
    const words = constants().initial.slice();
    const block = new Uint8Array(BLOCK).map((_, index) => (known[index] ?? 0) ^ pad);
    compress(words, viewOf(block));
    return { words, bytes: BLOCK };
  };
  const [inner, outer] = [begun(0x36), begun(0x5c)];
  return (message) => finish(outer, finish(inner, message));
}

/** The digest of a message that goes on with `rest`, which is padded here (FIPS 180-4 section 5.1.1). */
function finish(before: Progress, rest: Uint8Array): Uint8Array {
  const words = before.words.slice();
  const remainder = rest.byteLength % BLOCK;
  const padded = new Uint8Array(remainder + 9 > BLOCK ? 2 * BLOCK : BLOCK);
  padded.set(rest.subarray(rest.byteLength - remainder));
  padded[remainder] = 0x80;
  // The length is one of bits in 64 bits.
  const length = before.bytes + rest.byteLength;
  const end = viewOf(padded);
  end.setUint32(padded.byteLength - 8, Math.floor(length / 2 ** 29));
  end.setUint32(padded.byteLength - 4, length << 3);
  compress(words, viewOf(rest));
  compress(words, end);
  const digest = new DataView(new ArrayBuffer(32));
  words.forEach((word, index) => digest.setInt32(index * 4, word));
  return new Uint8Array(digest.buffer);
}

const viewOf = ({ buffer, byteOffset, byteLength }: Uint8Array): DataView =>
  new DataView(buffer, byteOffset, byteLength);

type Words = [number, number, number, number, number, number, number, number];

/** Adds the whole blocks of `message` to `words` (FIPS 180-4 section 6.2.2). */
function compress(words: Int32Array, message: DataView): void {
  const { rounds } = constants();
  const schedule = new Int32Array(64);
  for (let at = 0; at + BLOCK <= message.byteLength; at += BLOCK) {
    fillSchedule(schedule, message, at);
    let [a, b, c, d, e, f, g, h] = words as unknown as Words;
    for (let round = 0; round < 64; round += 1) {
      const chosen = (rotated(e, 6) ^ rotated(e, 11) ^ rotated(e, 25)) + ((e & f) ^ (~e & g));
      const one = (h + chosen + word(rounds, round) + word(schedule, round)) | 0;
      const two = (rotated(a, 2) ^ rotated(a, 13) ^ rotated(a, 22)) + ((a & b) ^ (a & c) ^ (b & c));
      h = g;
      g = f;
      f = e;
      e = (d + one) | 0;
      d = c;
      c = b;
      b = a;
      a = (one + two) | 0;
    }
    [a, b, c, d, e, f, g, h].forEach((each, index) => (words[index] = word(words, index) + each));
  }
}

/** The block of `message` at `at`, spread over 64 words. */
function fillSchedule(schedule: Int32Array, message: DataView, at: number): void {
  for (let index = 0; index < 16; index += 1) schedule[index] = message.getInt32(at + index * 4);
  for (let index = 16; index < 64; index += 1) {
    const [early, late] = [word(schedule, index - 15), word(schedule, index - 2)];
    const earlyMixed = rotated(early, 7) ^ rotated(early, 18) ^ (early >>> 3);
    const lateMixed = rotated(late, 17) ^ rotated(late, 19) ^ (late >>> 10);
    schedule[index] = word(schedule, index - 16) + earlyMixed + word(schedule, index - 7) + lateMixed;
  }
}

/** Typed arrays are said to have holes, and these have none. */
const word = (words: Int32Array, index: number): number => words[index] as number;

const rotated = (word: number, bits: number): number => (word >>> bits) | (word << (32 - bits));

interface Constants {
  readonly initial: Int32Array;
  readonly rounds: Int32Array;
}
let known: Constants | undefined;

/** Made when they are first needed, from the primes that define them (FIPS 180-4 sections 4.2.2 and 5.3.3). */
const constants = (): Constants =>
  (known ??= {
    initial: Int32Array.from(firstPrimes(8), (prime) => fraction(Math.sqrt(prime))),
    rounds: Int32Array.from(firstPrimes(64), (prime) => fraction(Math.cbrt(prime))),
  });

/** The first 32 bits of the fractional part. */
const fraction = (root: number): number => ((root % 1) * 2 ** 32) | 0;

function firstPrimes(count: number): readonly number[] {
  const primes: number[] = [];
  for (let number = 2; primes.length < count; number += 1) {
    if (primes.every((prime) => number % prime !== 0)) primes.push(number);
  }
  return primes;
}
