/** Tags as a storage keeps them: the user's own, and the cache's own, which users neither see nor name. */

/** Begins what is not simply a tag of the user's. */
const MARK = '\u0000';
/** Before a tag of the user's that begins with the mark itself. */
const ESCAPED = `${MARK}tag `;

/** A tag of the user's, so that it never equals one of a group. */
export const userTag = (tag: string): string => (tag.startsWith(MARK) ? ESCAPED + tag : tag);

/** The tag of a cache group (RFC 9875) of one origin, which holds `address` of both. */
export const groupTag = (origin: string, group: string, address: (text: string) => string): string =>
  `${MARK}group ${address(`group\n${JSON.stringify([origin, group])}`)}`;

const SEARCH = `${MARK}search `;

/** The tag of what may answer other queries of `path` too (No-Vary-Search). */
export const searchTag = (path: string, address: (text: string) => string): string =>
  SEARCH + address(`search\n${path}`);

export const isSearchTag = (stored: string): boolean => stored.startsWith(SEARCH);

export const isUserTag = (stored: string): boolean => !stored.startsWith(MARK) || stored.startsWith(ESCAPED);

/** The user's among what a storage keeps, as they were given. */
export const shownTags = (stored: readonly string[]): string[] =>
  stored.filter(isUserTag).map((tag) => (tag.startsWith(ESCAPED) ? tag.slice(ESCAPED.length) : tag));
