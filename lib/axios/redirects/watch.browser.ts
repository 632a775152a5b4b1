/**
 * This file stands in for watch.ts in browsers, which follow redirects without a word: XMLHttpRequest tells only where
 * they ended, and fetch not even that to axios.
 */
import type { WatchParts } from './watch.js';
import type { RedirectChain, Redirection } from '../../engine/exchange/answer.js';
import type { EpochMs } from '../../rfc9111/model.js';

const NONE: readonly Redirection[] = [];

export class RedirectWatch {
  readonly since: EpochMs;
  readonly redirections = NONE;
  readonly isMisled: boolean = false;
  readonly #url: string;

  constructor({ request, now }: WatchParts) {
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
