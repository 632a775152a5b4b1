/** A timer that comes again and again, where the platform has one. */
import { unref } from './timers.js';

/** Calls a function again and again, where the platform can do that. */
export class Interval {
  #timer: ReturnType<typeof setInterval> | undefined;

  /** `everyMs` is undefined where nothing is to be called. */
  start(everyMs: number | undefined, call: () => void): void {
    this.stop();
    if (everyMs === undefined) return;
    try {
      this.#timer = setInterval(call, everyMs);
      // A process need not stay alive only to delete what has expired.
      unref(this.#timer);
    } catch {
      // Some platforms have no intervals, others none outside of a request. What has expired goes when room is needed.
    }
  }

  stop(): void {
    if (this.#timer !== undefined) clearInterval(this.#timer);
    this.#timer = undefined;
  }
}
