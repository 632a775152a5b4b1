/** What was made of a text, remembered for the next time that the same text comes. */

/** How long a text may be to be remembered, and how long all of them together, in characters. */
const LONGEST = 16_384;
const CAPACITY = 1_000_000;

/** `make` for texts that come back: what it gives is shared, so it must not be changed. `undefined` is not kept. */
export function remembered<T>(make: (text: string) => T): (text: string) => T {
  const known = new Map<string, T>();
  let characters = 0;
  return (text) => {
    const found = known.get(text);
    if (found !== undefined) return found;
    const made = make(text);
    if (made === undefined || text.length > LONGEST) return made;
    characters += text.length;
    if (characters > CAPACITY) {
      known.clear();
      characters = text.length;
    }
    known.set(text, made);
    return made;
  };
}
