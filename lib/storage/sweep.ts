/** Removing behind a call, so that nobody need wait for all of it: what was made invalid, and what is of no use. */
import { elapsedMs } from '../support/timers.js';

/** How many entries went, some at a time. */
export type Counts = AsyncIterable<number>;

/** A call ends after this long, well within `storageTimeout`, and what is left to be removed goes on behind it. */
const LONGEST_MS = 1000;

const never = (): boolean => false;

/**
 * Adds up what `counts` gives until time is up. Then it goes on until all is done, or `isOver` is true: `rest` settles
 * when it has ended. What fails before time is up `count` rejects with, and what fails later `rest`: so nobody hears of
 * it twice.
 */
export function countForAWhile(
  counts: Counts,
  isOver = never,
): { readonly count: Promise<number>; readonly rest: Promise<void> } {
  let sum = 0;
  let isCounted = false;
  let timer: ReturnType<typeof setTimeout> | undefined;
  const done = (async () => {
    for await (const count of counts) {
      sum += count;
      if (isCounted && isOver()) return;
    }
  })();
  const isUp = new Promise<void>((resolve) => { timer = setTimeout(resolve, LONGEST_MS); });
  const count = Promise.race([done, isUp]).then(() => {
    isCounted = true;
    return sum;
  });
  const rest = done.catch((error: unknown) => { if (isCounted) throw error; });
  return { count: count.finally(() => { clearTimeout(timer); }), rest };
}

const HOUR_MS = 3_600_000;

/** Says when a storage that is written to is to be rid of what nothing can use any more: by default once an hour. */
export class Upkeep {
  readonly #everyMs: number;
  #lastMs: number | undefined;

  constructor(everyMs = HOUR_MS) {
    this.#everyMs = everyMs;
  }

  /**
   * What is due before the time that this gives is to go; undefined where it was looked for lately. `nowMs` is the time
   * by the clock of who writes: nothing goes before its time by that clock, nor by the one of this machine.
   */
  dueAt(nowMs: number): number | undefined {
    const atMs = elapsedMs();
    if (this.#lastMs !== undefined && atMs - this.#lastMs < this.#everyMs) return undefined;
    this.#lastMs = atMs;
    return Math.min(nowMs, Date.now());
  }
}
