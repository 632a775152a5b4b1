/** This file follows stored redirects as the http adapter would follow those of the origin. */
import type { InternalAxiosRequestConfig } from 'axios';
import { redirectedConfig } from './next-request.js';
import type { AxiosRequest } from '../request/axios-request.js';
import { MAX_REDIRECTS, maxRedirectsOf } from '../request/redirect-limit.js';
import type { Outcome } from '../../engine/exchange/outcome.js';

/**
 * Makes the request that follows when `from` is redirected to `to`; it is `undefined` where the cache leaves that
 * alone.
 */
export type Follow = (from: AxiosRequest, to: string) => AxiosRequest | undefined;

export const followBy =
  (locate: (config: InternalAxiosRequestConfig) => AxiosRequest | undefined): Follow =>
  (from, to) => {
    try {
      return locate(redirectedConfig(from, to));
    } catch {
      // A function of the user's failed: it was asked about a request that the user never made.
      return undefined;
    }
  };

/** This is the outcome at the end of stored redirects, and the last request, which it belongs to. */
export interface Followed {
  readonly outcome: Outcome;
  readonly request: AxiosRequest;
  /** So many stored redirects led to that request. */
  readonly redirects: number;
}

/**
 * Follows stored redirects from `first`, whose own outcome is known, as far as its `maxRedirects` allows, and gives
 * what comes of them. `handle` is told how many stored redirects led to a request.
 */
export async function followStored(
  first: AxiosRequest,
  known: Outcome,
  handle: (request: AxiosRequest, followed: number) => Outcome | Promise<Outcome>,
  follow: Follow,
): Promise<Followed> {
  const limit = Math.min(maxRedirectsOf(first.config), MAX_REDIRECTS);
  let [outcome, request] = [known, first];
  for (let followed = 1; ; followed += 1) {
    const to = redirectIn(outcome);
    if (to === undefined) return { outcome, request, redirects: followed - 1 };
    const next = followed <= limit ? follow(request, to) : undefined;
    if (next === undefined) {
      return { outcome: await handle(first.ignoringRedirects(), 0), request: first, redirects: 0 };
    }
    request = next;
    outcome = await handle(next, followed);
  }
}

/** Returns where the outcome of a request leads, if it is a stored redirect. */
export const redirectIn = ({ content }: Outcome): string | undefined =>
  content.kind === 'entry' || content.kind === 'not-modified' ? content.entry.redirectsTo : undefined;
