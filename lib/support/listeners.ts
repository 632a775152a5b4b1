/** A set of functions that are called when something happens, such as an eviction in a storage. */
import { isUnawaited } from './user-promise.js';

export class Listeners<Args extends readonly unknown[]> {
  /** It is made when it is first needed, as most have no listener. */
  #listeners: Set<(...args: Args) => void> | undefined;

  get size(): number {
    return this.#listeners?.size ?? 0;
  }

  /** Adds a listener, again if it is there already, until the function that it returns is called. */
  add(listener: (...args: Args) => void): () => void {
    // What the listener returns is handed on, as it may be a promise that rejects.
    const added = (...args: Args): void => listener(...args);
    (this.#listeners ??= new Set()).add(added);
    return () => void this.#listeners?.delete(added);
  }

  /**
   * Calls all listeners that are there, in the order in which they were added. What one of them throws, or rejects with
   * later, is ignored, as the others and the caller have no part in it. One that is added meanwhile is called from the
   * next time on.
   */
  tell(...args: Args): void {
    for (const listener of [...(this.#listeners ?? [])]) {
      if (this.#listeners?.has(listener) !== true) continue;
      try {
        isUnawaited(listener(...args));
      } catch {
        continue;
      }
    }
  }

  clear(): void {
    this.#listeners?.clear();
  }
}
