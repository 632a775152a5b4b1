/** This file tells a failure of which the network alone is the cause: the request cannot have reached a server. */

/** The system gives these codes where no connection could be made. */
const NO_CONNECTION: ReadonlySet<unknown> = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'EHOSTDOWN',
  'ENETUNREACH',
  'ENETDOWN',
  'EADDRNOTAVAIL',
]);

/** Causes nest less deeply; the bound ends cycles too. */
const MAX_DEPTH = 4;

/**
 * Tells whether no connection could be made. The http adapter says so by the error's own code, fetch by that of its
 * cause, and where several addresses were tried each has an error of its own. A browser says no more than that it is
 * offline.
 */
export const isUnreachable = (error: unknown): boolean =>
  (globalThis as { navigator?: { onLine?: boolean } }).navigator?.onLine === false || hasNoConnection(error, MAX_DEPTH);

function hasNoConnection(error: unknown, depth: number): boolean {
  if (typeof error !== 'object' || error === null || depth === 0) return false;
  const { code, cause, errors } = error as { code?: unknown; cause?: unknown; errors?: unknown };
  if (NO_CONNECTION.has(code)) return true;
  const nested: readonly unknown[] = Array.isArray(errors) ? errors : [cause];
  return nested.some((each) => hasNoConnection(each, depth - 1));
}
