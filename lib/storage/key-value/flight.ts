/** What a look-up of KeyValueStorage has seen, and its fence gives back: by it an answer is stored, or is not. */
import { SeenFences } from '../seen-fences.js';
import type { VariantNote } from './variants.js';

export interface Flight {
  readonly key: string;
  /** When the look-up ended, in milliseconds since 1970. */
  readonly at: number;
  /** The values of the records by which invalidations tell what is under way, by their names. */
  readonly clocks: ReadonlyMap<string, string>;
  /** The tokens that were there, by their names. */
  readonly tokens: ReadonlyMap<string, string>;
  /** What was given to the caller, by revision. */
  readonly accepted: ReadonlyMap<string, VariantNote>;
}

export const fences = new SeenFences<Flight>();
