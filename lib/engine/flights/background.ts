/**
 * This file keeps track of work that no caller waits for: it limits how long that takes, and knows when all is done.
 */
import type { CacheOptions } from '../../api/options.js';
import { Interruption } from '../../support/interruption.js';
import { within } from '../../support/timers.js';
import { isUnawaited } from '../../support/user-promise.js';

/** A refresh in the background may take this many milliseconds: no caller's timeout would end it. */
const LIMIT_MS = 60_000;

export class Background {
  readonly #running = new Set<Promise<unknown>>();
  readonly #changes = new Set<Promise<unknown>>();
  /** It ends the waiting for all refreshes. */
  readonly #closed = new Interruption();
  /** It is the user's function that is told of work which nobody waits for. */
  readonly #left: CacheOptions['background'];
  #isStopped = false;

  constructor(left?: CacheOptions['background']) {
    this.#left = left;
  }

  /** It is true once the cache is closed: no refresh begins any more. */
  get isStopped(): boolean {
    return this.#isStopped;
  }

  /** It counts `work`, which must not reject, as under way until it has settled. */
  add(work: Promise<unknown>): void {
    track(this.#running, work);
  }

  /** It does so with work that nobody waits for any more, and lets the user's `background` keep the process for it. */
  leave(work: Promise<unknown>): void {
    this.add(work);
    try {
      isUnawaited(this.#left?.(work.then(ignore, ignore)));
    } catch {
      // The work goes on whatever becomes of the user's function.
    }
  }

  /** It counts what may change what is stored, such as a request that is not safe, as under way. */
  addChange(change: Promise<unknown>): void {
    track(this.#changes, change);
  }

  /**
   * It waits for a refresh, and rejects when the time for it is over, or when the cache is closed. Its timer does not
   * keep the process alive.
   */
  refreshing<T>(promise: Promise<T>): Promise<T> {
    return this.#closed.race(within(LIMIT_MS, promise, 'process-may-end'));
  }

  /** It ends all refreshes, and keeps others from beginning. */
  stop(): void {
    this.#isStopped = true;
    this.#closed.interrupt(new Error('the cache was closed'));
  }

  /**
   * It resolves when what is under way now has ended. What begins later does not count: a program that never rests
   * would wait for ever.
   */
  async idle(): Promise<void> {
    await Promise.allSettled(this.#running);
  }

  /** It resolves when the changes that are under way now have ended, and what followed from them. */
  async settled(): Promise<void> {
    await Promise.allSettled(this.#changes);
    await this.idle();
  }
}

const ignore = (): void => undefined;

function track(running: Set<Promise<unknown>>, work: Promise<unknown>): void {
  const end = (): void => { running.delete(work); };
  running.add(work);
  work.then(end, end);
}
