/** Values that are there already, or still to come. */

export type MaybePromise<T> = T | Promise<T>;

/** Goes on at once where nothing has to be waited for: each promise on a way that never waits costs microseconds. */
export const whenThere = <T, R>(value: MaybePromise<T>, next: (value: T) => MaybePromise<R>): MaybePromise<R> =>
  value instanceof Promise ? value.then(next) : next(value);
