/** What a storage keeps for readers beside an entry: where it fails in that, the entry is read as if none were kept. */
import type { DerivationSource, StoredEntry } from '../api/storage.js';

/** It returns undefined where nothing is kept. */
export function derivedFrom(raw: StoredEntry, source: DerivationSource): unknown {
  try {
    return raw.derived?.(source);
  } catch {
    return undefined;
  }
}

/** It offers `value` to be kept, which takes about so many bytes of memory. */
export function keepDerived(raw: StoredEntry, source: DerivationSource, value: unknown, bytes: number): void {
  try {
    raw.keepDerived?.(source, value, bytes);
  } catch {
    // What is not kept is made anew the next time.
  }
}
