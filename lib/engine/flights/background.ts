/**
 * This file keeps track of work that no caller waits for: it limits how long that takes, and knows when all is done.
 */
import { within } from '../../support/timers.js';

/** Background work may take this many milliseconds. No caller's timeout would end it, and `close()` waits for it. */
const LIMIT_MS = 60_000;

export class Background {
  readonly #running = new Set<Promise<unknown>>();

  /** It counts `work`, which must not reject, as under way until it has settled. */
  add(work: Promise<unknown>): void {
    const watched = work.finally(() => this.#running.delete(watched));
    this.#running.add(watched);
  }

  /** It resolves when nothing is under way any more. */
  async idle(): Promise<void> {
    while (this.#running.size > 0) await Promise.allSettled(this.#running);
  }
}

/** It rejects when the time for background work is over. Its timer does not keep the process alive. */
export const withinLimit = <T>(promise: Promise<T>): Promise<T> => within(LIMIT_MS, promise, 'process-may-end');
