/** URLs that may be none. */

/** The URL that `text` is, relative to `base` where there is one; `undefined` where it is no URL. */
export function parseUrl(text: string, base?: string): URL | undefined {
  try {
    return new URL(text, base);
  } catch {
    return undefined;
  }
}
