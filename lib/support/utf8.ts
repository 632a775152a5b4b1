/**
 * UTF-8, by the platform's own classes where it has them: jsdom under jest, old engines of apps and bare scopes do not.
 * They are looked for when a text is first encoded or decoded, so that the package loads everywhere.
 */

/** Encodes as TextEncoder does: half of a surrogate pair becomes U+FFFD. */
export const encoder = {
  encode: (text: string): Uint8Array<ArrayBuffer> => (nativeEncoder()?.encode(text) ?? encodeOwn(text)),
};

let knownEncoder: TextEncoder | undefined;

const nativeEncoder = (): TextEncoder | undefined =>
  (knownEncoder ??= typeof TextEncoder === 'undefined' ? undefined : new TextEncoder());

interface Utf8Decoder {
  decode(bytes: Uint8Array): string;
}

/** Drops a byte order mark, and reads bytes that are no UTF-8 as U+FFFD. */
export const decoder = createDecoder({});

/** Keeps a byte order mark, so that what was encoded comes back as it was; reads bytes that are no UTF-8 as U+FFFD. */
export const markKeepingDecoder = createDecoder({ ignoreBOM: true });

/** Keeps a byte order mark, and throws a TypeError for bytes that are no UTF-8. */
export const strictDecoder = createDecoder({ ignoreBOM: true, fatal: true });

function createDecoder(options: TextDecoderOptions): Utf8Decoder {
  let native: TextDecoder | undefined;
  return {
    decode(bytes) {
      native ??= typeof TextDecoder === 'undefined' ? undefined : new TextDecoder('utf-8', options);
      return native === undefined ? decodeOwn(bytes, options) : native.decode(bytes);
    },
  };
}

/** The marks of the first byte, by how many bytes follow it (RFC 3629 section 3). */
const LEADS = [0, 0xc0, 0xe0, 0xf0] as const;

function encodeOwn(text: string): Uint8Array<ArrayBuffer> {
  const bytes: number[] = [];
  for (const character of text) {
    const point = character.codePointAt(0) ?? 0;
    const valid = point >= 0xd800 && point <= 0xdfff ? REPLACEMENT : point;
    const more = valid < 0x80 ? 0 : valid < 0x800 ? 1 : valid < 0x10000 ? 2 : 3;
    bytes.push(LEADS[more] | (valid >> (6 * more)));
    for (let shift = 6 * (more - 1); shift >= 0; shift -= 6) bytes.push(0x80 | ((valid >> shift) & 0x3f));
  }
  return Uint8Array.from(bytes);
}

const REPLACEMENT = 0xfffd;
const BYTE_ORDER_MARK = 0xfeff;
/** So many code points are made into text in one call, which takes no more arguments than an engine allows. */
const AT_ONCE = 4096;

function decodeOwn(bytes: Uint8Array, { ignoreBOM = false, fatal = false }: TextDecoderOptions): string {
  let text = '';
  let points: number[] = [];
  for (let at = 0; at < bytes.length;) {
    const { point = REPLACEMENT, length } = characterAt(bytes, at, fatal);
    if (at > 0 || ignoreBOM || point !== BYTE_ORDER_MARK) points.push(point);
    at += length;
    if (points.length < AT_ONCE && at < bytes.length) continue;
    text += String.fromCodePoint(...points);
    points = [];
  }
  return text;
}

/**
 * Reads the character that begins at `at`, which has no `point` where the bytes are no UTF-8. As in the Encoding
 * standard these bytes then end before the first one that cannot belong to it.
 */
function characterAt(bytes: Uint8Array, at: number, fatal: boolean): { point: number | undefined; length: number } {
  const lead = bytes[at] ?? 0;
  const more = followersOf(lead);
  let point = more > 0 ? lead & (0x3f >> more) : lead;
  let length = 1;
  for (; length <= more; length += 1) {
    const next = bytes[at + length] ?? 0;
    const [least, most] = length === 1 ? SECOND_BYTES[lead] ?? ANY_BYTE : ANY_BYTE;
    if (next < least || next > most) break;
    point = (point << 6) | (next & 0x3f);
  }
  const isWhole = length > more && more >= 0;
  if (!isWhole && fatal) throw new TypeError('The bytes are no UTF-8');
  return { point: isWhole ? point : undefined, length };
}

/** Gives how many bytes follow a first byte; it is negative for one that begins no character. */
function followersOf(lead: number): number {
  if (lead < 0x80) return 0;
  if (lead < 0xc2 || lead > 0xf4) return -1;
  return lead < 0xe0 ? 1 : lead < 0xf0 ? 2 : 3;
}

type Range = readonly [least: number, most: number];
const ANY_BYTE: Range = [0x80, 0xbf];
/** After these first bytes some second bytes would be overlong forms, surrogates, or beyond Unicode (section 4). */
const SECOND_BYTES: Readonly<Record<number, Range>> = {
  0xe0: [0xa0, 0xbf],
  0xed: [0x80, 0x9f],
  0xf0: [0x90, 0xbf],
  0xf4: [0x80, 0x8f],
};
