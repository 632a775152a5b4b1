/**
 * This file takes the modes that ask for a new answer to the HTTP cache of a browser, which lies below the adapters and
 * would answer in the server's place.
 */
import type { InternalAxiosRequestConfig } from 'axios';
import type { Dialect } from '../native/dialect.js';
import { ASKING } from '../request/fetch-mode.js';
import { originOf } from '../request/url.js';
import type { CacheMode } from '../../rfc9111/model.js';

/**
 * Puts `mode` into `own`, which is about to be sent to `url`. Returns true where that took a header field, for which
 * the request may be refused: a redirect may lead it to another origin. To another origin itself there is none, since
 * it would cost a preflight.
 */
export function passBrowserCache(
  own: InternalAxiosRequestConfig,
  mode: CacheMode,
  dialect: Dialect | undefined,
  url: string,
): boolean {
  if (mode !== 'reload' && mode !== 'no-cache') return false;
  if (dialect === 'fetch') passByFetch(own, mode);
  const { location } = globalThis as { location?: { origin?: string } };
  if (dialect !== 'xhr' || location?.origin !== originOf(url)) return false;
  if (own.headers.has('Cache-Control') || own.headers.has('Pragma')) return false;
  own.headers.set('Cache-Control', 'no-cache');
  return true;
}

function passByFetch(own: InternalAxiosRequestConfig, mode: CacheMode): void {
  const { fetchOptions } = own as { fetchOptions?: { readonly cache?: unknown } };
  if (!ASKING.has(fetchOptions?.cache) && isTaken(mode)) own.fetchOptions = { ...fetchOptions, cache: mode };
}

/** Tells whether this platform knows the mode: some throw for each of them, and have no cache either. */
function isTaken(mode: CacheMode): boolean {
  if (globalThis.Request === undefined) return true;
  try {
    return new Request('http://localhost', { cache: mode }).cache === mode;
  } catch {
    return false;
  }
}
