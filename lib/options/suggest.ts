/** What to say of an option that does not exist: which one was meant, by its spelling or by names used elsewhere. */

const inSeconds = (theirs: string): string => `It counts seconds: ${theirs} 60000 is expireAfter 60.`;

/**
 * What users of requests-cache, aiohttp-client-cache, axios-cache-interceptor and axios-cache-adapter mean by names
 * that no option is spelt like: the names, in lower case and without separators, and what stands for them here.
 */
const MEANT: readonly (readonly [names: string, meant: string, explanation?: string])[] = [
  ['ttl', 'expireAfter', inSeconds("axios-cache-interceptor's ttl")],
  ['maxage', 'expireAfter', inSeconds("axios-cache-adapter's maxAge")],
  ['enabled', 'expireAfter', 'expireAfter: false switches the cache off.'],
  ['methods allowablemethods', 'allowedMethods'],
  ['allowablecodes', 'allowedCodes'],
  ['ignoredparameters', 'ignoredParams'],
  ['matchheaders', 'includeHeaders'],
  ['vary', 'ignoreVary', "The response's Vary is honoured but for the fields that it names."],
  ['interpretheader', 'cacheControl'],
  ['cachepredicate filterfn', 'filter'],
  ['override forcerefresh', 'mode: "reload"'],
  ['refresh alwaysrevalidate', 'mode: "no-cache"'],
  ['onlyifcached', 'mode: "only-if-cached"'],
  ['generatekey keyfn createkey', 'key', 'A function of the request gives it.'],
  ['id', 'key', 'It is given with a request: { cache: { key } }.'],
  ['backend cachename', 'storage', 'Its path or namespace is given to it: new SqliteStorage("./http-cache.sqlite").'],
  ['secretkey', 'storage', 'Entries are not signed; who may write to the storage is up to its owner.'],
  ['autoclose', 'http.cache.close()', 'It closes the storage with the last instance that uses it.'],
  ['etag modifiedsince', 'conditionalRequests', 'Validators are used unless it is false.'],
];

/** Gives a remedy for `name`, which is none of the names `known`, with a space before it. */
export function suggestName(name: string, known: readonly string[]): string {
  const plain = name.replaceAll(/[_-]/g, '').toLowerCase();
  const [, meant = meantWord(plain, known), explanation] =
    MEANT.find(([names]) => names.split(' ').includes(plain)) ?? [];
  if (meant === undefined) return ` The options are ${known.join(', ')}.`;
  return ` Did you mean ${meant}?${explanation === undefined ? '' : ` ${explanation}`}`;
}

/** The word that `text` misspells, case aside: at most a third of it is wrong, and at most three letters. */
export function meantWord(text: string, words: readonly string[]): string | undefined {
  return words.find((word) => {
    const tolerated = Math.min(3, Math.max(1, Math.floor(word.length / 3)));
    return editDistance(text.toLowerCase(), word.toLowerCase()) <= tolerated;
  });
}

/** A longer text is no misspelling, and not worth the comparison. */
const MAX_COMPARED = 40;

/** How many letters have to be inserted, deleted or replaced (the Levenshtein distance). */
function editDistance(one: string, other: string): number {
  if (one.length > MAX_COMPARED) return Infinity;
  let row = [...other, ''].map((_, index) => index);
  for (const letter of one) {
    let [diagonal = 0] = row;
    let left = diagonal + 1;
    row = row.map((above, j) => {
      if (j > 0) left = Math.min(diagonal + Number(letter !== other[j - 1]), above + 1, left + 1);
      diagonal = above;
      return left;
    });
  }
  return row.at(-1) ?? 0;
}
