/** What to say of an option that does not exist: the one that was meant, by its spelling or by names used elsewhere. */

interface Meant {
  /** The option to use instead, as it is written in a message. */
  readonly name: string;
  readonly note?: string;
}

const inSeconds = (library: string, name: string): Meant => ({
  name: 'expireAfter',
  note: `It counts seconds: ${library}'s ${name} 60000 is expireAfter 60.`,
});

/** Names in use elsewhere, lower case and without separators, and names for the same idea. */
const ALIASES: ReadonlyMap<string, Meant> = new Map<string, Meant>([
  ['ttl', inSeconds('axios-cache-interceptor', 'ttl')],
  ['maxage', inSeconds('axios-cache-adapter', 'maxAge')],
  ['stdttl', { name: 'expireAfter' }],
  ['expires', { name: 'expireAfter' }],
  ['expiresin', { name: 'expireAfter' }],
  ['expiration', { name: 'expireAfter' }],
  ['enabled', { name: 'expireAfter', note: 'expireAfter: false switches the cache off.' }],
  ['disabled', { name: 'expireAfter', note: 'expireAfter: false switches the cache off.' }],
  ['urls', { name: 'urlsExpireAfter' }],
  ['methods', { name: 'allowedMethods' }],
  ['statuses', { name: 'allowedCodes' }],
  ['statuscodes', { name: 'allowedCodes' }],
  ['allowablecodes', { name: 'allowedCodes' }],
  ['allowablemethods', { name: 'allowedMethods' }],
  ['ignoreparams', { name: 'ignoredParams' }],
  ['ignoredparameters', { name: 'ignoredParams' }],
  ['matchheaders', { name: 'includeHeaders' }],
  ['vary', { name: 'includeHeaders', note: "The response's own Vary is always honoured." }],
  ['interpretheader', { name: 'cacheControl' }],
  ['readheaders', { name: 'cacheControl' }],
  ['cachepredicate', { name: 'filter' }],
  ['filterfn', { name: 'filter' }],
  ['override', { name: 'mode: "reload"' }],
  ['forcerefresh', { name: 'mode: "reload"' }],
  ['refresh', { name: 'mode: "no-cache"' }],
  ['onlyifcached', { name: 'mode: "only-if-cached"' }],
  ['generatekey', { name: 'key', note: 'It is given with a request: { cache: { key } }.' }],
  ['id', { name: 'key', note: 'It is given with a request: { cache: { key } }.' }],
  ['backend', { name: 'storage' }],
  ['store', { name: 'storage' }],
  ['dedupe', { name: 'collapse' }],
  ['maxentrysize', { name: 'maxEntryBytes' }],
  ['user', { name: 'partition' }],
]);

/** Names for what needs no option. */
const NEEDLESS: ReadonlyMap<string, string> = new Map([
  ['etag', 'Validators (ETag and Last-Modified) are always used.'],
  ['modifiedsince', 'Validators (ETag and Last-Modified) are always used.'],
]);

/** A remedy for `name`, with a leading space, or `''` where nothing comes near. `known` are the names there are. */
export function suggestName(name: string, known: readonly string[]): string {
  const plain = name.replaceAll(/[_-]/g, '').toLowerCase();
  const needless = NEEDLESS.get(plain);
  if (needless !== undefined) return ` ${needless}`;
  const meant = ALIASES.get(plain) ?? namedLike(plain, known);
  if (meant === undefined) return ` The options are ${known.join(', ')}.`;
  return ` Did you mean ${meant.name}?${meant.note === undefined ? '' : ` ${meant.note}`}`;
}

function namedLike(plain: string, known: readonly string[]): Meant | undefined {
  const name = meantWord(plain, known);
  return name === undefined ? undefined : { name };
}

/** The word that `text` misspells, case aside: at most a third of it is wrong, and no more than three letters. */
export function meantWord(text: string, words: readonly string[]): string | undefined {
  return words.find((word) => {
    const tolerated = Math.min(3, Math.max(1, Math.floor(word.length / 3)));
    return editDistance(text.toLowerCase(), word.toLowerCase()) <= tolerated;
  });
}

/** Longer texts are no misspellings, and not worth the comparison. */
const MAX_COMPARED = 40;

/** How many letters to insert, delete or replace (Levenshtein). */
function editDistance(one: string, other: string): number {
  if (one.length > MAX_COMPARED) return Infinity;
  let row = Array.from({ length: other.length + 1 }, (_, index) => index);
  for (const [i, letter] of [...one].entries()) {
    const next = [i + 1];
    for (const [j, counterpart] of [...other].entries()) {
      const replaced = (row[j] ?? 0) + (letter === counterpart ? 0 : 1);
      next.push(Math.min(replaced, (row[j + 1] ?? 0) + 1, (next[j] ?? 0) + 1));
    }
    row = next;
  }
  return row.at(-1) ?? 0;
}
