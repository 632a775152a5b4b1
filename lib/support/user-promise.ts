/** Promises that a user's function gives where nobody waits for one. */
import { isThenable } from './maybe-promise.js';

/**
 * True for a promise, and for a list in which there is one, as an async function makes it of each item. Rejections are
 * caught: the function was asked for an answer at once, and has not given one, but that must not end the process.
 */
export function isUnawaited(given: unknown): boolean {
  try {
    return Array.isArray(given) ? given.filter(isPromise).length > 0 : isPromise(given);
  } catch {
    // What cannot even be looked at is no answer either.
    return true;
  }
}

function isPromise(given: unknown): boolean {
  if (!isThenable(given)) return false;
  Promise.resolve(given).catch(() => undefined);
  return true;
}
