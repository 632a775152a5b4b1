/** The circuit breaker: a storage that keeps failing is left alone for a while, so that requests do not wait for it. */
import type { StorageOperation } from '../api/storage.js';

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

  /** Whether a call that came now would be refused. */
  get refuses(): boolean {
    if (this.#openedAtMs === undefined) return false;
    const elapsed = this.#now() - this.#openedAtMs;
    return this.#trying || (elapsed >= 0 && elapsed < OPEN_MS);
  }

  admit(): Admission {
    if (this.#openedAtMs === undefined) return 'normal';
    if (this.refuses) return 'refused';
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

/**
 * A circuit for a storage as a whole, and one for each method: what always fails is left alone whatever else works, and
 * a storage that is away is not tried method by method.
 */
export class StorageCircuits {
  readonly #now: () => number;
  readonly #whole: Circuit;
  readonly #methods = new Map<StorageOperation, Circuit>();

  constructor(now: () => number) {
    this.#now = now;
    this.#whole = new Circuit(now);
  }

  isOpen(operation: StorageOperation): boolean {
    return this.#whole.open || this.method(operation).open;
  }

  admit(operation: StorageOperation): Admission {
    const method = this.method(operation);
    if (method.refuses || this.#whole.refuses) return 'refused';
    const [ofMethod, ofWhole] = [method.admit(), this.#whole.admit()];
    return ofMethod === 'normal' ? ofWhole : ofMethod;
  }

  settle(operation: StorageOperation, admission: Exclude<Admission, 'refused'>, succeeded: boolean): void {
    this.method(operation).settle(admission, succeeded);
    this.#whole.settle(admission, succeeded);
  }

  /** The circuit of one method. Calls that go by it alone say nothing of the storage as a whole. */
  method(operation: StorageOperation): Circuit {
    let circuit = this.#methods.get(operation);
    if (circuit === undefined) {
      circuit = new Circuit(this.#now);
      this.#methods.set(operation, circuit);
    }
    return circuit;
  }
}
