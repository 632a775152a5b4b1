/** What was made of a text, remembered for the next time that the same text comes. */
import { BoundedMap } from './bounded-map.js';

/** How long a text may be to be remembered, in characters. */
const LONGEST = 16_384;

/**
 * `make` for texts that come back: the same text gives the same value, which is shared and must not be changed. The
 * texts that are remembered have at most `capacity` characters together, and `undefined` is made anew each time.
 */
export function remembered<T>(make: (text: string) => T, capacity = 1_000_000): (text: string) => T {
  const known = new BoundedMap<string, T>(capacity, { sizeOf: (text) => text.length });
  return (text) => {
    const found = known.get(text);
    if (found !== undefined) return found;
    const made = make(text);
    if (made !== undefined && text.length <= LONGEST) known.set(text, made);
    return made;
  };
}

/** `make` for what is needed once or never: the first call makes it, and all calls give the same. */
export function once<T>(make: () => T): () => T {
  let made: { readonly value: T } | undefined;
  return () => (made ??= { value: make() }).value;
}
