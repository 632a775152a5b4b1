/**
 * This file knows URLs whose parameters a `paramsSerializer` leaves unescaped: adapters send characters there that a
 * parser of URLs drops, moves or changes, so that two requests would seem to be one.
 */
import { buildUrl, type UrlConfig } from './build-url.js';

export interface UnescapedUrl {
  /** In this form a parser keeps all of the URL. It is for people and for URL patterns. */
  readonly shown: string;
  /** In this form, which is for keys, a character that is not escaped differs from the same one that is. */
  readonly exact: string;
}

/** A parser changes these in a query, or ends the query by them. */
const UNSTABLE = /[#\0-\x20\x7f-\uffff]/;

/** Returns the forms of a URL that axios built as `raw`; `undefined` where its parameters hold nothing unusual. */
export function unescapedUrl(config: UrlConfig, raw: string): UnescapedUrl | undefined {
  if (!UNSTABLE.test(raw)) return undefined;
  // axios too cuts the fragment off before it adds parameters.
  const [path = ''] = (buildUrl({ ...config, params: undefined }) ?? raw).split('#', 1);
  const query = raw.slice(path.length);
  const isOwnFragment = !raw.startsWith(path) || query.startsWith('#');
  if (isOwnFragment || !UNSTABLE.test(query)) return undefined;
  const exactPath = path.replaceAll('%x', `${marked('%')}x`);
  const exactQuery = query.replace(/%(?![\da-f]{2})|[#\0-\x20\x7f-\uffff]/gi, marked);
  return { shown: path + query.replaceAll('#', '%23'), exact: exactPath + exactQuery };
}

/** No escape has this form, and a parser leaves it as it is. */
const marked = (character: string): string => `%x${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
