/** This file reads what a caller says of caching in the options of fetch. */
import type { CacheMode } from '../../rfc9111/model.js';

/** With these words of the Fetch standard a browser's cache does not answer by itself. */
export const ASKING: ReadonlySet<unknown> = new Set(['no-store', 'reload', 'no-cache']);

/**
 * Returns the mode that `fetchOptions.cache` gives. `'force-cache'` and `'default'` are left to fetch: frameworks write
 * them as a matter of routine, and stale for ever is not meant.
 */
export function fetchMode(fetchOptions: unknown): CacheMode | undefined {
  if (typeof fetchOptions !== 'object' || fetchOptions === null) return undefined;
  const cache = Object.hasOwn(fetchOptions, 'cache') ? (fetchOptions as { cache?: CacheMode }).cache : undefined;
  return ASKING.has(cache) || cache === 'only-if-cached' ? cache : undefined;
}
