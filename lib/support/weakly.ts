/**
 * What something that lives long may know of an object, without keeping that object alive.
 *
 * All functions that one call of a function makes keep what any of them uses, so that each of these is made where the
 * object itself is not in sight.
 */

type Receiver<Target, Args extends readonly unknown[]> = (target: Target, ...args: Args) => void;

/** Makes a function that passes its arguments on with `target`, and does nothing once that has been collected. */
export function weakly<Target extends object, Args extends readonly unknown[]>(
  target: Target,
  call: Receiver<Target, Args>,
): (...args: Args) => void {
  if (typeof WeakRef === 'undefined') return (...args) => { call(target, ...args); };
  return ifLiving(new WeakRef(target), call);
}

const ifLiving =
  <Target extends object, Args extends readonly unknown[]>(
    reference: WeakRef<Target>,
    call: Receiver<Target, Args>,
  ): ((...args: Args) => void) =>
  (...args) => {
    const target = reference.deref();
    if (target !== undefined) call(target, ...args);
  };

const endings =
  typeof FinalizationRegistry === 'undefined' ? undefined : new FinalizationRegistry<() => void>((end) => end());

/** Calls `end`, which must not be made where `target` is in sight, once `target` has been collected. */
export const onceCollected = (target: object, end: () => void): void => endings?.register(target, end);
