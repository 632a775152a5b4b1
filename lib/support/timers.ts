/** Time limits: around a promise, and those that timers themselves have. */

/** The longest delay that a timer takes, in milliseconds: one with a longer delay fires at once. */
export const LONGEST_DELAY_MS = 2 ** 31 - 1;

/**
 * Lets the process end while `timer`, of `setTimeout` or `setInterval`, still runs. In a browser a timer is a number,
 * and there is nothing to do.
 */
export function unref(timer: ReturnType<typeof setTimeout>): void {
  if (typeof timer === 'object') timer.unref();
}

/**
 * Tells milliseconds since some moment, for the time that something takes: unlike those of the wall clock, nobody sets
 * them back or forward. A scope without `performance` has the wall clock.
 */
export const elapsedMs = (): number => (typeof performance === 'object' ? performance.now() : Date.now());

/** Lets the rest of the program run, timers included. */
export const nextTurn = (): Promise<void> => new Promise((resolve) => { setTimeout(resolve); });

/** Tells whether a promise is still not settled after so many milliseconds. It never rejects. */
export async function takesLonger(ms: number, promise: Promise<unknown>): Promise<boolean> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const isUp = new Promise<true>((resolve) => { timer = setTimeout(resolve, Math.min(ms, LONGEST_DELAY_MS), true); });
  const isSettled = (): false => false;
  try {
    return await Promise.race([isUp, promise.then(isSettled, isSettled)]);
  } finally {
    clearTimeout(timer);
  }
}

/**
 * Settles as `promise` does, or rejects with an Error once `ms` milliseconds have passed before that. The timer ends
 * with the promise. It keeps the process alive, unless `meanwhile` says that the process may end.
 */
export async function within<T>(
  ms: number,
  promise: T | PromiseLike<T>,
  meanwhile: 'process-stays' | 'process-may-end' = 'process-stays',
): Promise<T> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const tooLate = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => {
      reject(new Error(`no answer within ${ms} ms`));
    }, Math.min(ms, LONGEST_DELAY_MS));
    if (meanwhile === 'process-may-end') unref(timer);
  });
  try {
    return await Promise.race([promise, tooLate]);
  } finally {
    clearTimeout(timer);
  }
}
