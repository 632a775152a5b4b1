/** What to say of an option that does not exist: which one was meant, by its spelling or by names used elsewhere. */
import { NAMES_ELSEWHERE } from './names-elsewhere.js';

/** Gives a remedy for `name`, which is none of the names `known`, with a space before it. */
export function suggestName(name: string, known: readonly string[]): string {
  const plain = name.replaceAll(/[_-]/g, '').toLowerCase();
  const [, meant = meantWord(plain, known), explanation] =
    NAMES_ELSEWHERE.find(([names]) => names.split(' ').includes(plain)) ?? [];
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
