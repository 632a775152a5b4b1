/** This file reads what a caller says of caching in the options of fetch. */
import { MODES } from '../../options/values.js';
import type { CacheMode } from '../../rfc9111/model.js';
import { isSame } from '../../support/is-same.js';
import { isPlainObject } from '../../support/plain-object.js';

/** With these words of the Fetch standard a browser's cache does not answer by itself. */
export const ASKING: ReadonlySet<unknown> = new Set(['no-store', 'reload', 'no-cache']);

/** These two options of axios may speak of caching. */
export interface CachingWords {
  readonly cache?: unknown;
  readonly fetchOptions?: unknown;
}

/**
 * Returns the `cache` setting of a request. `fetchOptions.cache` stands in for one that is not given, and goes before
 * one that only the instance's `defaults` give, as long as it is not from there as well: the request itself is the
 * nearer place.
 */
export function settingOf({ cache, fetchOptions }: CachingWords, defaults: CachingWords | undefined): unknown {
  const mode = fetchMode(fetchOptions);
  if (cache === undefined || cache === null) return mode;
  const isNearer = mode !== undefined && mode !== fetchMode(defaults?.fetchOptions) && isSame(cache, defaults?.cache);
  return isNearer && cache !== false ? inMode(mode, cache) : cache;
}

/** Leaves of a setting all but its mode. */
export function inMode(mode: CacheMode, setting: unknown): unknown {
  if (isPlainObject(setting)) return { ...setting, mode };
  // A word is either a mode itself or a lifetime.
  return setting === true || (MODES as readonly unknown[]).includes(setting) ? mode : { expireAfter: setting, mode };
}

/**
 * Returns the mode that `fetchOptions.cache` gives. `'force-cache'` and `'default'` are left to fetch: frameworks write
 * them as a matter of routine, and stale for ever is not meant.
 */
function fetchMode(fetchOptions: unknown): CacheMode | undefined {
  if (typeof fetchOptions !== 'object' || fetchOptions === null) return undefined;
  const cache = Object.hasOwn(fetchOptions, 'cache') ? (fetchOptions as { cache?: CacheMode }).cache : undefined;
  return ASKING.has(cache) || cache === 'only-if-cached' ? cache : undefined;
}
