/** Promises that a user's function gives where nobody waits for one. */

/**
 * True for a promise. Its rejection is caught: the function was asked for an answer at once, and has not given one, but
 * it must not end the process for that.
 */
export function isUnawaited(given: unknown): boolean {
  try {
    const { then } = (given ?? {}) as { readonly then?: unknown };
    if (typeof then !== 'function') return false;
    Promise.resolve(given).catch(() => undefined);
  } catch {
    // What cannot even be looked at is no answer either.
  }
  return true;
}
