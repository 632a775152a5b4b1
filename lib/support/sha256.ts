/** SHA-256 (FIPS 180-4) and HMAC by it (RFC 2104), for platforms without `node:crypto`. */

/** In bytes. */
const BLOCK = 64;

export function sha256(message: Uint8Array): Uint8Array {
  const { initial, rounds } = (constants ??= makeConstants());
  const words = initial.slice();
  const blocks = padded(message);
  for (let at = 0; at < blocks.byteLength; at += BLOCK) compress(words, blocks, at, rounds);
  const digest = new DataView(new ArrayBuffer(32));
  words.forEach((word, index) => digest.setInt32(index * 4, word));
  return new Uint8Array(digest.buffer);
}

export function hmacSha256(key: Uint8Array): (message: Uint8Array) => Uint8Array {
  const known = key.byteLength > BLOCK ? sha256(key) : key;
  const keyBlock = (pad: number): Uint8Array => new Uint8Array(BLOCK).map((_, index) => (known[index] ?? 0) ^ pad);
  const [inner, outer] = [keyBlock(0x36), keyBlock(0x5c)];
  return (message) => sha256(joined(outer, sha256(joined(inner, message))));
}

function joined(one: Uint8Array, other: Uint8Array): Uint8Array {
  const both = new Uint8Array(one.byteLength + other.byteLength);
  both.set(one);
  both.set(other, one.byteLength);
  return both;
}

/** The message in whole blocks, which end with its length in bits (FIPS 180-4 section 5.1.1). */
function padded(message: Uint8Array): DataView {
  const length = message.byteLength;
  const bytes = new Uint8Array(Math.ceil((length + 9) / BLOCK) * BLOCK);
  bytes.set(message);
  bytes[length] = 0x80;
  const view = new DataView(bytes.buffer);
  view.setUint32(bytes.byteLength - 8, Math.floor(length / 2 ** 29));
  view.setUint32(bytes.byteLength - 4, length << 3);
  return view;
}

type Words = [number, number, number, number, number, number, number, number];

/** Adds the block at `at` to `words` (FIPS 180-4 section 6.2.2). */
function compress(words: Int32Array, blocks: DataView, at: number, rounds: Int32Array): void {
  const schedule = new Int32Array(64);
  let [a, b, c, d, e, f, g, h] = words as unknown as Words;
  for (let round = 0; round < 64; round += 1) {
    schedule[round] = round < 16 ? blocks.getInt32(at + round * 4) : scheduled(schedule, round);
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

/** The word of a round after the first sixteen, whose words are those of the block. */
function scheduled(schedule: Int32Array, round: number): number {
  const [early, late] = [word(schedule, round - 15), word(schedule, round - 2)];
  const earlyMixed = rotated(early, 7) ^ rotated(early, 18) ^ (early >>> 3);
  const lateMixed = rotated(late, 17) ^ rotated(late, 19) ^ (late >>> 10);
  return word(schedule, round - 16) + earlyMixed + word(schedule, round - 7) + lateMixed;
}

/** Typed arrays are said to have holes, and these have none. */
const word = (words: Int32Array, index: number): number => words[index] as number;

const rotated = (word: number, bits: number): number => (word >>> bits) | (word << (32 - bits));

let constants: ReturnType<typeof makeConstants> | undefined;

/** Made when they are first needed, from the primes that define them (FIPS 180-4 sections 4.2.2 and 5.3.3). */
function makeConstants() {
  const primes: number[] = [];
  for (let number = 2; primes.length < 64; number += 1) {
    if (primes.every((prime) => number % prime !== 0)) primes.push(number);
  }
  return {
    initial: Int32Array.from(primes.slice(0, 8), (prime) => fraction(Math.sqrt(prime))),
    rounds: Int32Array.from(primes, (prime) => fraction(Math.cbrt(prime))),
  };
}

/** The first 32 bits of the fractional part. */
const fraction = (root: number): number => ((root % 1) * 2 ** 32) | 0;
