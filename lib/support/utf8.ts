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

/** Escapes of URLs are UTF-8, and every engine knows them. */
function encodeOwn(text: string): Uint8Array<ArrayBuffer> {
  const escaped = encodeURIComponent(text.replace(/[\ud800-\udfff]/gu, REPLACEMENT)).match(/%..|./g) ?? [];
  return Uint8Array.from(escaped, (part) => (part.length > 1 ? parseInt(part.slice(1), 16) : part.charCodeAt(0)));
}

const REPLACEMENT = '\ufffd';

/**
 * Bytes that are no ASCII, as letters: whole characters, and as much of cut ones as belongs together (RFC 3629 section
 * 4; "maximal subparts" of the Unicode standard), which is then replaced as one. The escapes are of the expression and
 * not of the texts: minifiers would write letters in their place, which a page that says no charset reads otherwise.
 */
const CHARACTERS = new RegExp(
  [
    '[\\xc2-\\xdf][\\x80-\\xbf]?',
    '(?:\\xe0[\\xa0-\\xbf]|[\\xe1-\\xec\\xee\\xef][\\x80-\\xbf]|\\xed[\\x80-\\x9f])[\\x80-\\xbf]?',
    '(?:\\xf0[\\x90-\\xbf]|[\\xf1-\\xf3][\\x80-\\xbf]|\\xf4[\\x80-\\x8f])[\\x80-\\xbf]{0,2}',
    '[\\x80-\\xff]',
  ].join('|'),
  'g',
);

function decodeOwn(bytes: Uint8Array, { ignoreBOM = false, fatal = false }: TextDecoderOptions): string {
  let letters = '';
  for (const byte of bytes) letters += String.fromCharCode(byte);
  const text = letters.replace(CHARACTERS, (character) => {
    try {
      return decodeURIComponent(character.replace(/./gs, (letter) => `%${letter.charCodeAt(0).toString(16)}`));
    } catch {
      if (fatal) throw new TypeError('The bytes are no UTF-8');
      return REPLACEMENT;
    }
  });
  return !ignoreBOM && text.startsWith('\ufeff') ? text.slice(1) : text;
}
