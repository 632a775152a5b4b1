/** What to say of an option that does not exist: which one was meant, by its spelling or by names used elsewhere. */

/**
 * What to say of names that users of requests-cache, aiohttp-client-cache, axios-cache-interceptor and
 * axios-cache-adapter know, where no option is spelt like them. Names are in lower case and without separators.
 */
const REMEDIES: ReadonlyMap<string, string> = new Map([
  ['ttl', inSeconds('axios-cache-interceptor', 'ttl')],
  ['maxage', inSeconds('axios-cache-adapter', 'maxAge')],
  ['enabled', 'Did you mean expireAfter? expireAfter: false switches the cache off.'],
  ['methods', 'Did you mean allowedMethods?'],
  ['allowablemethods', 'Did you mean allowedMethods?'],
  ['allowablecodes', 'Did you mean allowedCodes?'],
  ['ignoredparameters', 'Did you mean ignoredParams?'],
  ['matchheaders', 'Did you mean includeHeaders?'],
  ['vary', "Did you mean includeHeaders? The response's own Vary is always honoured."],
  ['interpretheader', 'Did you mean cacheControl?'],
  ['cachepredicate', 'Did you mean filter?'],
  ['filterfn', 'Did you mean filter?'],
  ['override', 'Did you mean mode: "reload"?'],
  ['forcerefresh', 'Did you mean mode: "reload"?'],
  ['refresh', 'Did you mean mode: "no-cache"?'],
  ['alwaysrevalidate', 'Did you mean mode: "no-cache"?'],
  ['onlyifcached', 'Did you mean mode: "only-if-cached"?'],
  ['generatekey', 'Did you mean key? It is given with a request: { cache: { key } }.'],
  ['keyfn', 'Did you mean key? It is given with a request: { cache: { key } }.'],
  ['id', 'Did you mean key? It is given with a request: { cache: { key } }.'],
  ['backend', 'Did you mean storage?'],
  ['etag', 'Validators (ETag and Last-Modified) are always used.'],
  ['modifiedsince', 'Validators (ETag and Last-Modified) are always used.'],
]);

function inSeconds(library: string, name: string): string {
  return `Did you mean expireAfter? It counts seconds: ${library}'s ${name} 60000 is expireAfter 60.`;
}

/** A remedy for `name`, which is none of the names `known`, with a space before it. */
export function suggestName(name: string, known: readonly string[]): string {
  const plain = name.replaceAll(/[_-]/g, '').toLowerCase();
  const remedy = REMEDIES.get(plain);
  if (remedy !== undefined) return ` ${remedy}`;
  const meant = meantWord(plain, known);
  return meant === undefined ? ` The options are ${known.join(', ')}.` : ` Did you mean ${meant}?`;
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
