/** Entries found by a text that they share: a key, a resource, a tag. */
import type { StoredEntry } from '../../api/storage.js';

const NONE: ReadonlySet<StoredEntry> = new Set();

export class EntryIndex {
  readonly #sets = new Map<string, Set<StoredEntry>>();

  of(text: string): ReadonlySet<StoredEntry> {
    return this.#sets.get(text) ?? NONE;
  }

  add(text: string, entry: StoredEntry): void {
    const set = this.#sets.get(text);
    if (set === undefined) this.#sets.set(text, new Set([entry]));
    else set.add(entry);
  }

  /** A text that nothing shares any more is forgotten, so that the index never outgrows the entries. */
  remove(text: string, entry: StoredEntry): void {
    const set = this.#sets.get(text);
    if (set?.delete(entry) === true && set.size === 0) this.#sets.delete(text);
  }
}
