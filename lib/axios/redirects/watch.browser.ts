/** Browsers follow redirects without a word: XMLHttpRequest tells only where they ended, and fetch not even that. */
import type { WatchContext } from './watch.js';
import type { RedirectChain, SeenRedirect } from '../../engine/exchange/answer.js';
import type { EpochMs } from '../../rfc9111/model.js';

const NONE: readonly SeenRedirect[] = [];

export class RedirectWatch {
  readonly since: EpochMs;
  readonly seenRedirects = NONE;
  readonly isMisled: boolean = false;
  readonly #url: string;

  constructor({ request, now }: WatchContext) {
    this.since = now();
    this.#url = request.head.url;
  }

  beforeRedirect(): void {}

  errorInstead(error: unknown): unknown {
    return error;
  }

  chain(finalUrl: string | undefined): RedirectChain | undefined {
    return finalUrl === undefined || finalUrl === this.#url ? undefined : { kind: 'hidden' };
  }
}
