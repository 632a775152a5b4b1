/**
 * What something that lives long may know of an object, without keeping that object alive.
 *
 * All functions that one call of a function makes keep what any of them uses. A bound function keeps what it is bound
 * to and no more, also where a minifier has moved the code that makes it to a place where the object is in sight.
 */

type Receiver<Target, Args extends unknown[]> = (target: Target, ...args: Args) => void;

/** Makes a function that passes its arguments on with `target`, and does nothing once that has been collected. */
export function weakly<Target extends object, Args extends unknown[]>(
  target: Target,
  call: Receiver<Target, Args>,
): (...args: Args) => void {
  if (typeof WeakRef === 'undefined') return (...args) => { call(target, ...args); };
  return (ifLiving<Target, Args>).bind(undefined, new WeakRef(target), call);
}

function ifLiving<Target extends object, Args extends unknown[]>(
  reference: WeakRef<Target>,
  call: Receiver<Target, Args>,
  ...args: Args
): void {
  const target = reference.deref();
  if (target !== undefined) call(target, ...args);
}

const endings =
  typeof FinalizationRegistry === 'undefined' ? undefined : new FinalizationRegistry<() => void>((end) => end());

/** Calls `end`, which must not be made where `target` is in sight, once `target` has been collected. */
export const onceCollected = (target: object, end: () => void): void => endings?.register(target, end);
