/** What to say of an option that does not exist: which one was meant, by its spelling or by names used elsewhere. */

/**
 * What users of requests-cache, aiohttp-client-cache, axios-cache-interceptor and axios-cache-adapter mean by names
 * that no option is spelt like. Names are in lower case and without separators. The text goes on after "Did you mean".
 */
const MEANT: ReadonlyMap<string, string> = new Map([
  ['ttl', inSeconds('axios-cache-interceptor', 'ttl')],
  ['maxage', inSeconds('axios-cache-adapter', 'maxAge')],
  ['enabled', 'expireAfter? expireAfter: false switches the cache off.'],
  ['methods', 'allowedMethods?'],
  ['allowablemethods', 'allowedMethods?'],
  ['allowablecodes', 'allowedCodes?'],
  ['ignoredparameters', 'ignoredParams?'],
  ['matchheaders', 'includeHeaders?'],
  ['vary', "includeHeaders? The response's own Vary is always honoured."],
  ['interpretheader', 'cacheControl?'],
  ['cachepredicate', 'filter?'],
  ['filterfn', 'filter?'],
  ['override', 'mode: "reload"?'],
  ['forcerefresh', 'mode: "reload"?'],
  ['refresh', 'mode: "no-cache"?'],
  ['alwaysrevalidate', 'mode: "no-cache"?'],
  ['onlyifcached', 'mode: "only-if-cached"?'],
  ['generatekey', 'key? It is given with a request: { cache: { key } }.'],
  ['keyfn', 'key? It is given with a request: { cache: { key } }.'],
  ['id', 'key? It is given with a request: { cache: { key } }.'],
  ['backend', 'storage?'],
]);

function inSeconds(library: string, name: string): string {
  return `expireAfter? It counts seconds: ${library}'s ${name} 60000 is expireAfter 60.`;
}

/** Matches names for what needs no option. */
const VALIDATORS = /^(etag|modifiedsince)$/;

/** Gives a remedy for `name`, which is none of the names `known`, with a space before it. */
export function suggestName(name: string, known: readonly string[]): string {
  const plain = name.replaceAll(/[_-]/g, '').toLowerCase();
  if (VALIDATORS.test(plain)) return ' Validators (ETag and Last-Modified) are always used.';
  const meant = MEANT.get(plain);
  if (meant !== undefined) return ` Did you mean ${meant}`;
  const word = meantWord(plain, known);
  return word === undefined ? ` The options are ${known.join(', ')}.` : ` Did you mean ${word}?`;
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
