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

/** Lets the rest of the program run, timers included. */
export const nextTurn = (): Promise<void> => new Promise((resolve) => { setTimeout(resolve); });

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
