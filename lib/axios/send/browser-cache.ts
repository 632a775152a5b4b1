/**
 * This file takes the modes that ask for a new answer to the HTTP cache of a browser, which lies below the adapters and
 * would answer in the server's place.
 */
import type { InternalAxiosRequestConfig } from 'axios';
import type { Dialect } from '../native/dialect.js';
import { ASKING } from '../request/fetch-mode.js';
import { isOfPage } from './page.js';
import type { CacheMode } from '../../rfc9111/model.js';
import { isInPage } from '../../support/page-origin.js';

/** Tells by which mode the browser's cache does not answer. Nothing is asked of the caches of Node, which has none. */
export const modePastCopies = (mode: CacheMode): CacheMode =>
  ASKING.has(mode) || !isInPage() ? mode : 'no-cache';

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
  if (!ASKING.has(mode)) return false;
  if (dialect === 'fetch') passByFetch(own, mode);
  if (dialect !== 'xhr' || isOfPage(url) !== true) return false;
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
