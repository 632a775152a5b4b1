import type { InternalAxiosRequestConfig } from 'axios';
import { ignoringRedirects } from './ignore.js';
import { MAX_REDIRECTS, maxRedirectsOf } from './limit.js';
import { redirectedConfig } from './next-request.js';
import type { Located } from '../request/locate.js';
import type { Outcome } from '../../engine/exchange/outcome.js';

/** The request that `to`, where a redirect leads, makes of another; `undefined`: one that the cache leaves alone. */
export type Follow = (from: Located, to: string) => Located | undefined;

export const followBy =
  (locate: (config: InternalAxiosRequestConfig) => Located | undefined): Follow =>
  (from, to) => {
    try {
      return locate(redirectedConfig(from, to));
    } catch {
      // A function of the user's that cannot judge it: it was asked about a request that the user never made.
      return undefined;
    }
  };

export interface Way {
  /** `followed`: how many stored redirects led there. */
  readonly handle: (located: Located, followed: number) => Promise<Outcome>;
  readonly follow: Follow;
}

/** What comes of `first`, and of which URL: by stored redirects as far as the request's own `maxRedirects` allows. */
export async function handleFollowing(first: Located, { handle, follow }: Way): Promise<{ outcome: Outcome; url: string }> {
  const limit = Math.min(maxRedirectsOf(first.config), MAX_REDIRECTS);
  let at: Located | undefined = first;
  for (let followed = 0; at !== undefined; followed += 1) {
    const outcome = await handle(at, followed);
    const to = redirectIn(outcome);
    if (to === undefined) return { outcome, url: at.target.href };
    at = followed < limit ? follow(at, to) : undefined;
  }
  return { outcome: await handle(ignoringRedirects(first), 0), url: first.target.href };
}

const redirectIn = ({ content }: Outcome): string | undefined =>
  'entry' in content ? content.entry.redirectsTo : undefined;
