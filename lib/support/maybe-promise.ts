/** Values that are there already, or still to come. */

export type MaybePromise<T> = T | Promise<T>;

/** Goes on at once where nothing has to be waited for: each promise on a way that never waits costs microseconds. */
export const whenThere = <T, R>(value: MaybePromise<T>, next: (value: T) => MaybePromise<R>): MaybePromise<R> =>
  value instanceof Promise ? value.then(next) : next(value);

/** All of them, at once where none has to be waited for. */
export const allThere = <T>(values: readonly MaybePromise<T>[]): MaybePromise<readonly T[]> =>
  values.some((value) => value instanceof Promise) ? Promise.all(values) : (values as readonly T[]);

/** True for what can be waited for. It is known by its method, since a promise may come from another realm. */
export const isThenable = (value: unknown): value is PromiseLike<unknown> =>
  typeof (value as { readonly then?: unknown } | null | undefined)?.then === 'function';
