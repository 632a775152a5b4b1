/** What a storage keeps for readers beside an entry: where it fails in that, the entry is read as if none were kept. */
import type { DerivationSource, StoredEntry } from '../api/storage.js';

/** `undefined`: nothing is kept. */
export function derivedFrom(raw: StoredEntry, source: DerivationSource): unknown {
  try {
    return raw.derived?.(source);
  } catch {
    return undefined;
  }
}

/** `bytes`: an estimate of the memory that `value` takes. */
export function keepDerived(raw: StoredEntry, source: DerivationSource, value: unknown, bytes: number): void {
  try {
    raw.keepDerived?.(source, value, bytes);
  } catch {
    // It is made anew the next time.
  }
}
