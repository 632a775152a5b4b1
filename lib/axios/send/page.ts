/**
 * This file tells what a page of a browser may see of an answer: of one from another origin only a few headers (CORS).
 */
import type { AxiosResponse } from 'axios';
import { originOf } from '../request/url.js';
import { pageOrigin } from '../../support/page-origin.js';

/** The types by which fetch tells where an answer came from, by the request. XMLHttpRequest tells the URL. */
const types = new WeakMap<object, unknown>();

/**
 * Notes what `fetch` has answered to `request`, of which its adapter shows the headers alone. A stub of a test may
 * answer nothing, which is for the adapter to tell.
 */
export function noteType(request: unknown, response: { readonly type?: unknown } | undefined): void {
  if (typeof request === 'object' && request !== null) types.set(request, response?.type);
}

/** Tells whether a URL is one of the page's own origin; `undefined` where there is no page. */
export function isOfPage(url: string): boolean | undefined {
  const origin = pageOrigin();
  return origin === undefined ? undefined : origin === originOf(url);
}

/** Tells whether the page sees less of an answer than came: one of these URLs, through which it came, is foreign. */
export const isForeign = ({ request }: AxiosResponse, urls: readonly string[]): boolean =>
  urls.some((url) => isOfPage(url) === false) || types.get(request as object) === 'cors';
