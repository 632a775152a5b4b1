/** What was made of a text, remembered for the next time that the same text comes. */

/** How long a text may be to be remembered, and how long all of them together, in characters. */
const LONGEST = 16_384;
const CAPACITY = 1_000_000;

/**
 * `make` for texts that come back: what it gives is shared, so it must not be changed. `undefined` is not kept. There are
 * two generations: what was not asked for while the younger one filled up goes with the older one.
 */
export function remembered<T>(make: (text: string) => T): (text: string) => T {
  let older = new Map<string, T>();
  let younger = new Map<string, T>();
  let characters = 0;
  const keep = (text: string, made: T): T => {
    characters += text.length;
    if (characters > CAPACITY / 2) {
      [older, younger, characters] = [younger, new Map<string, T>(), text.length];
    }
    younger.set(text, made);
    return made;
  };
  return (text) => {
    const found = younger.get(text);
    if (found !== undefined) return found;
    const former = older.get(text);
    if (former !== undefined) return keep(text, former);
    const made = make(text);
    return made === undefined || text.length > LONGEST ? made : keep(text, made);
  };
}
