/** What was made of a text, remembered for the next time that the same text comes. */
import { BoundedMap } from './bounded-map.js';

/** How long a text may be to be remembered, and how long all of them together, in characters. */
const LONGEST = 16_384;
const CAPACITY = 1_000_000;

/**
 * `make` for texts that come back: the same text gives the same value, which is shared and must not be changed. Texts
 * that have not been used for long are forgotten, and `undefined` is made anew each time.
 */
export function remembered<T>(make: (text: string) => T): (text: string) => T {
  const known = new BoundedMap<string, T>(CAPACITY, { sizeOf: (text) => text.length });
  return (text) => {
    const found = known.get(text);
    if (found !== undefined) return found;
    const made = make(text);
    if (made !== undefined && text.length <= LONGEST) known.set(text, made);
    return made;
  };
}
