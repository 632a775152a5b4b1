/** The circuit breaker: a storage that keeps failing is left alone for a while, so that requests do not wait for it. */

/** So many failures in a row open the circuit. */
export const FAILURES_TO_OPEN = 5;
/** So long it stays open; then one call at a time tries whether the storage answers again. */
const OPEN_MS = 5000;

/** `trial`: the one call that decides whether the circuit closes. `refused`: the storage is not to be asked. */
export type Admission = 'normal' | 'trial' | 'refused';

export class Circuit {
  readonly #now: () => number;
  #failures = 0;
  /** Undefined: closed. */
  #openedAtMs: number | undefined;
  #trying = false;

  /** @param now epoch milliseconds; a clock that is set back ends the pause. */
  constructor(now: () => number) {
    this.#now = now;
  }

  get open(): boolean {
    return this.#openedAtMs !== undefined;
  }

  admit(): Admission {
    if (this.#openedAtMs === undefined) return 'normal';
    const elapsed = this.#now() - this.#openedAtMs;
    if (this.#trying || (elapsed >= 0 && elapsed < OPEN_MS)) return 'refused';
    this.#trying = true;
    return 'trial';
  }

  /** What an admitted call came to. Calls that began before the circuit opened do not decide about it any more. */
  settle(admission: Exclude<Admission, 'refused'>, succeeded: boolean): void {
    if (admission === 'trial') this.#trying = false;
    else if (this.open) return;
    this.#failures = succeeded ? 0 : this.#failures + 1;
    if (succeeded) this.#openedAtMs = undefined;
    else if (this.#failures >= FAILURES_TO_OPEN) this.#openedAtMs = this.#now();
  }
}
