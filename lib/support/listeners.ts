/** A set of functions that are called when something happens, such as an eviction in a storage. */

export class Listeners<Args extends readonly unknown[]> {
  readonly #listeners = new Set<(...args: Args) => void>();

  /** Adds a listener, again if it is there already, until the function that it returns is called. */
  add(listener: (...args: Args) => void): () => void {
    const added = (...args: Args): void => {
      listener(...args);
    };
    this.#listeners.add(added);
    return () => void this.#listeners.delete(added);
  }

  /**
   * Calls all listeners that are there. What one of them throws is ignored, as the others and the caller have no part
   * in it, and one that is added meanwhile is called from the next time on.
   */
  tell(...args: Args): void {
    for (const listener of [...this.#listeners]) {
      if (!this.#listeners.has(listener)) continue;
      try {
        listener(...args);
      } catch {
        continue;
      }
    }
  }

  clear(): void {
    this.#listeners.clear();
  }
}
