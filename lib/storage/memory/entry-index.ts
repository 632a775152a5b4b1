/** The index of a storage in memory: entries found by a text that they share, such as a resource or a tag. */
import type { MemoryEntry } from './memory-entry.js';

/** Most texts belong to one entry, which stands for itself: a set of its own would take more room than the entry. */
type Found = MemoryEntry | Set<MemoryEntry>;

export class EntryIndex {
  readonly #found = new Map<string, Found>();

  of(text: string): readonly MemoryEntry[] {
    const found = this.#found.get(text);
    if (found === undefined) return [];
    return found instanceof Set ? [...found] : [found];
  }

  add(text: string, entry: MemoryEntry): void {
    const found = this.#found.get(text);
    if (found === undefined) this.#found.set(text, entry);
    else if (found instanceof Set) found.add(entry);
    else if (found !== entry) this.#found.set(text, new Set([found, entry]));
  }

  /** A text that nothing shares any more is forgotten, so that the index never outgrows the entries. */
  remove(text: string, entry: MemoryEntry): void {
    const found = this.#found.get(text);
    if (found === entry) this.#found.delete(text);
    else if (found instanceof Set && found.delete(entry) && found.size === 0) this.#found.delete(text);
  }

  clear(): void {
    this.#found.clear();
  }
}
