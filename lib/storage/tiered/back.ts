/**
 * The way to the back of a tiered storage. The circuit around the whole storage counts failures in a row, between which
 * a front that works on would come: so the back has a circuit of its own.
 */
import { CacheError, isCacheError } from '../../api/errors.js';
import type { CacheStorage, MaybePromise } from '../../api/storage.js';
import { elapsedMs, within } from '../../support/timers.js';
import { Circuit, FAILURES_TO_OPEN } from '../circuit.js';

/** A call that takes longer has failed: no storage of this package takes longer itself. */
const LONGEST_CALL_MS = 5000;

export class Back {
  readonly #storage: CacheStorage;
  readonly #circuit = new Circuit(elapsedMs);
  #lastError: unknown;

  constructor(storage: CacheStorage) {
    this.#storage = storage;
  }

  /** Makes one call, unless the latest ones have failed. */
  async call<T>(work: (storage: CacheStorage) => MaybePromise<T>): Promise<T> {
    const admission = this.#circuit.admit();
    if (admission === 'refused') throw this.#refused();
    try {
      const answer = await within(LONGEST_CALL_MS, work(this.#storage), 'process-may-end');
      this.#circuit.settle(admission, true);
      return answer;
    } catch (error) {
      this.#lastError = error;
      this.#circuit.settle(admission, isCacheError(error) && error.code === 'ERR_CACHE_CLOSED');
      throw error;
    }
  }

  /** It is tried whatever has failed before. */
  async close(): Promise<void> {
    await within(LONGEST_CALL_MS, this.#storage.close(), 'process-may-end');
  }

  #refused(): CacheError {
    const message = `TieredStorage: "${this.#storage.name}" was not tried, as ${FAILURES_TO_OPEN} calls in a row failed`;
    return new CacheError('ERR_CACHE_STORAGE', message, { cause: this.#lastError });
  }
}
