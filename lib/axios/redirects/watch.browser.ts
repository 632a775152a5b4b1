/** Browsers follow redirects without a word: XMLHttpRequest tells only where they ended, and fetch not even that. */
import type { WatchParts } from './watch.js';
import type { Redirection, Route } from '../../engine/exchange/answer.js';
import type { EpochMs } from '../../rfc9111/model.js';

export class RedirectWatch {
  readonly since: EpochMs;
  readonly redirections: readonly Redirection[] = [];
  readonly #url: string;

  constructor({ located, now }: WatchParts) {
    this.since = now();
    this.#url = located.asked.head.url;
  }

  beforeRedirect(): void {}

  watched<T>(sending: Promise<T>): Promise<T> {
    return sending;
  }

  route(finalUrl: string | undefined): Route | undefined {
    return finalUrl === undefined || finalUrl === this.#url ? undefined : { kind: 'hidden' };
  }
}
