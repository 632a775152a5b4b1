/**
 * This file writes tags in the form in which a storage keeps them: the user's own, and the cache's own, which users
 * neither see nor name.
 */

/** It is the first character of each stored tag that is not simply a tag of the user's. */
const MARK = '\u0000';
/** It is put before a tag of the user's that begins with the mark itself. */
const ESCAPED = `${MARK}tag `;

/** It writes a tag of the user's so that it never equals one of the cache's own. */
export const userTag = (tag: string): string => (tag.startsWith(MARK) ? ESCAPED + tag : tag);

/** It makes the tag of a cache group (RFC 9875) of one origin, and contains only what `address` makes of both. */
export const groupTag = (origin: string, group: string, address: (text: string) => string): string =>
  `${MARK}group ${address(`group\n${JSON.stringify([origin, group])}`)}`;

const SEARCH = `${MARK}search `;

/** It makes the tag of entries that may answer several queries of `path` (No-Vary-Search). */
export const searchTag = (path: string, address: (text: string) => string): string =>
  SEARCH + address(`search\n${path}`);

export const isSearchTag = (stored: string): boolean => stored.startsWith(SEARCH);

export const isUserTag = (stored: string): boolean => !stored.startsWith(MARK) || stored.startsWith(ESCAPED);

/** It returns those of the stored tags that are the user's, as the user gave them. */
export const shownTags = (stored: readonly string[]): string[] =>
  stored.filter(isUserTag).map((tag) => (tag.startsWith(ESCAPED) ? tag.slice(ESCAPED.length) : tag));
