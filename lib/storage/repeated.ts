/**
 * This file marks an error that a storage has given before and gives again, as the same outage still lasts: it is told
 * once. The mark is one for all copies of the package, as a storage may come from another one than its guard.
 */
const REPEATED = Symbol.for('axios-client-cache.repeated');

/** Returns the same error, marked. */
export function repeated(error: unknown): unknown {
  if (typeof error === 'object' && error !== null) Reflect.defineProperty(error, REPEATED, { value: true });
  return error;
}

export const isRepeated = (error: unknown): boolean =>
  typeof error === 'object' && error !== null && REPEATED in error;
