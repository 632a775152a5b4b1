/** URLs that may be none, and the one form of their percent-encoding. */

/** The parts of a URL, each as the class URL has it. */
export type UrlParts = Readonly<
  Record<'href' | 'protocol' | 'origin' | 'hostname' | 'port' | 'pathname' | 'search' | 'username' | 'password', string>
>;

/**
 * Takes apart the URL that `text` is, relative to `base` where there is one. It is `undefined` where the text is no
 * URL, and where the platform cannot tell: the URL class of some app engines has getters that throw, and a bare scope
 * has no such class.
 */
export function parseUrl(text: string, base?: string): UrlParts | undefined {
  try {
    const { href, protocol, origin, hostname, port, pathname, search, username, password } = new URL(text, base);
    return { href, protocol, origin, hostname, port, pathname, search, username, password };
  } catch {
    return undefined;
  }
}

/** Tells whether the platform can take URLs apart at all. */
export const canParseUrls = (): boolean => parseUrl('http://host.test/path')?.pathname === '/path';

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
