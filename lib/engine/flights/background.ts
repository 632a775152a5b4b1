/** Work that no caller waits for: how long it may take, and when all of it is done. */
import { within } from '../../support/timers.js';

/** How long it may take in milliseconds: it has no caller whose patience would end it, and `close()` waits for it. */
const LIMIT_MS = 60_000;

export class Background {
  readonly #running = new Set<Promise<unknown>>();

  /** Keeps an eye on `work`, which must not reject. */
  add(work: Promise<unknown>): void {
    const watched = work.finally(() => this.#running.delete(watched));
    this.#running.add(watched);
  }

  /** Resolves when nothing is under way any more. */
  async idle(): Promise<void> {
    while (this.#running.size > 0) await Promise.allSettled(this.#running);
  }
}

/** Rejects when the time for work in the background is over; it is no reason for a process to stay. */
export const withinLimit = <T>(promise: Promise<T>): Promise<T> => within(LIMIT_MS, promise, 'process-may-end');
