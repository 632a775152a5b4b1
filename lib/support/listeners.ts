/** Functions that are told of what happens in a storage. */

export class Listeners<Args extends readonly unknown[]> {
  readonly #listeners = new Set<(...args: Args) => void>();

  /** Each addition counts by itself; the function that it returns ends it. */
  add(listener: (...args: Args) => void): () => void {
    const added = (...args: Args): void => {
      listener(...args);
    };
    this.#listeners.add(added);
    return () => void this.#listeners.delete(added);
  }

  /** A listener's failure is its own, and one that is added meanwhile is told from the next time on. */
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
