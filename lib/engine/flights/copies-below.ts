/**
 * This file remembers of which resources a cache below this one, such as the browser's own, may have a copy that is
 * not to answer: what was stored here and is there no more has expired or was invalidated. Outside browsers no cache is
 * below, and nothing is remembered.
 */
import { BoundedMap } from '../../support/bounded-map.js';
import { isInPage } from '../../support/page-origin.js';

const MAX_REMEMBERED = 2000;
/** Each of them is asked about a request, so that there are not many. */
const MAX_SWEEPS = 100;

/** It is what tells where the requests for a resource go. */
export interface WatchedRequest {
  readonly head: { readonly url: string };
  originOf(url: string): string;
}

/** It is an invalidation of many resources: those for whose requests `concerns` is true. */
export interface Sweep {
  /** Sweeps of one name concern the same. */
  readonly name: string;
  readonly concerns: (request: WatchedRequest) => boolean;
}

export class CopiesBelow {
  /** It is true once it is not known any more which resources they are. */
  #mayBeAny = false;
  readonly #resources = new BoundedMap<string, true>(MAX_REMEMBERED, { onForgotten: () => { this.noteAll(); } });
  readonly #sweeps = new BoundedMap<string, Sweep>(MAX_SWEEPS, { onForgotten: () => { this.noteAll(); } });

  note(resource: string): void {
    if (isInPage()) this.#resources.set(resource, true);
  }

  /**
   * Where no sweep is given, any copy may be outdated from now on: it may be older than this cache, which then never
   * heard of it.
   */
  noteAll(sweep?: Sweep): void {
    if (!isInPage()) return;
    if (sweep === undefined) this.#mayBeAny = true;
    else this.#sweeps.set(sweep.name, sweep);
  }

  mayBeOutdated(request: WatchedRequest & { readonly resource: string }): boolean {
    if (this.#mayBeAny || this.#resources.has(request.resource)) return true;
    for (const [, { concerns }] of this.#sweeps.entries()) if (concerns(request)) return true;
    return false;
  }
}
