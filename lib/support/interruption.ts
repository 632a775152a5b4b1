/** What may end the waiting of many, one after the other. */

/**
 * It keeps those who wait, and nothing of what they were given: `Promise.race` with a promise that stays open keeps the
 * outcome of each race for as long as that promise lives.
 */
export class Interruption {
  readonly #waiting = new Set<(error: unknown) => void>();
  #reason: { readonly error: unknown } | undefined;

  /** Rejects with `error` all that is waited for, now and later. A second error changes nothing. */
  interrupt(error: unknown): void {
    this.#reason ??= { error };
    for (const reject of this.#waiting) reject(this.#reason.error);
    this.#waiting.clear();
  }

  /** Settles as `promise` does, or rejects at the interruption. */
  race<T>(promise: Promise<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      const ending = <Outcome>(settle: (outcome: Outcome) => void) => (outcome: Outcome): void => {
        this.#waiting.delete(reject);
        settle(outcome);
      };
      promise.then(ending<T>(resolve), ending(reject));
      this.#waiting.add(reject);
      if (this.#reason !== undefined) this.interrupt(this.#reason.error);
    });
  }
}
