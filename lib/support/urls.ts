/** URLs that may be none, and the one form of their percent-encoding. */

/** The URL that `text` is, relative to `base` where there is one; `undefined` where it is no URL. */
export function parseUrl(text: string, base?: string): URL | undefined {
  try {
    return new URL(text, base);
  } catch {
    return undefined;
  }
}

const UNRESERVED = /[\w.~-]/;

/**
 * Writes escapes in upper case, removes those that the character does not need, and adds those that RFC 3986 asks for.
 */
export const normaliseEncoding = (text: string): string =>
  text.replace(/%[\da-fA-F]{2}|[^!#-;=?-Z_a-z~\u0080-\uffff]/g, (match) => {
    if (match.length === 1) return escapeByte(match.charCodeAt(0));
    const character = String.fromCharCode(Number.parseInt(match.slice(1), 16));
    return UNRESERVED.test(character) ? character : match.toUpperCase();
  });

const escapeByte = (byte: number): string => `%${byte.toString(16).toUpperCase().padStart(2, '0')}`;
