/** Redirects of axios' http adapter: watched while it follows them, and followed again as they are stored. */
import { AxiosError, type InternalAxiosRequestConfig } from 'axios';
import { headerFields } from '../native/headers.js';
import type { Follow } from './follow.js';
import { maxRedirectsOf } from './limit.js';
import { type AboutToSend, isSentAs, redirectTarget } from './next-request.js';
import { type BeforeRedirect, Redirections } from './seen.js';
import type { Located } from '../request/locate.js';
import type { Hop, Redirection, Route } from '../../engine/exchange/answer.js';
import type { Asked } from '../../engine/exchange/request.js';
import type { EpochMs, HeaderFields } from '../../rfc9111/model.js';

export interface WatchParts {
  readonly located: Located;
  /** How many stored redirects led to `located`. */
  readonly followed: number;
  /** Fields of ours, which are about that URL alone. */
  readonly conditions: HeaderFields | undefined;
  readonly follow: Follow;
  readonly onRedirect: (next: Asked) => void;
  readonly now: () => EpochMs;
}

/** Watches one request of the http adapter being redirected, through `beforeRedirect`, which also the caller may have. */
export class RedirectWatch {
  readonly #parts: WatchParts;
  readonly #own: BeforeRedirect | undefined;
  readonly #redirections: Redirections;
  readonly #hops: Hop[] = [];
  #at: Located;
  #since: EpochMs;
  #count = 0;
  #isLost: boolean;
  #isExceeded = false;
  #isMisled = false;

  constructor(parts: WatchParts) {
    this.#parts = parts;
    this.#own = parts.located.config.beforeRedirect;
    this.#redirections = new Redirections(parts.located.asked.head);
    this.#at = parts.located;
    this.#since = parts.now();
    // The caller's function may refuse a redirect, or change what is sent: it has to be asked each time.
    this.#isLost = this.#own !== undefined;
  }

  /** When the request that is under way, or was answered, was sent. */
  get since(): EpochMs {
    return this.#since;
  }

  get redirections(): readonly Redirection[] {
    return this.#redirections.seen;
  }

  /** For the adapter's config. */
  readonly beforeRedirect = (...given: Parameters<BeforeRedirect>): void => {
    const { followed, located, conditions } = this.#parts;
    const [options, details] = given;
    // With a Location it is taken for a redirect, though it only answers a condition that the caller knows nothing of.
    if (conditions !== undefined && this.#count === 0 && Number(details.statusCode) === 304) {
      this.#isMisled = true;
      throw new Error('not modified');
    }
    if (followed > 0 && followed + this.#count >= maxRedirectsOf(located.config)) {
      this.#isExceeded = true;
      throw new Error(TOO_MANY);
    }
    this.#count += 1;
    removeFields(options['headers'], conditions ?? {});
    this.#redirections.note(options, details);
    this.#isLost ||= !this.#trace(options, details);
    const own = this.#own;
    own?.(...given);
  };

  /**
   * Rejects as axios does for too many redirects, where they were too many with those that are stored. `'misled'`: by our
   * conditions; without them there is an answer.
   */
  async watched<T>(sending: Promise<T>, config: InternalAxiosRequestConfig): Promise<T | 'misled'> {
    try {
      return await sending;
    } catch (error) {
      if (this.#isMisled) return 'misled';
      if (!this.#isExceeded) throw error;
      const { request } = (error ?? {}) as { request?: unknown };
      throw new AxiosError(TOO_MANY, 'ERR_FR_TOO_MANY_REDIRECTS', config, request);
    }
  }

  /** How the answer came. `finalUrl`: as it is shown, `undefined` where the adapter tells none. */
  route(finalUrl: string | undefined, status: number): Route | undefined {
    const { config, asked: { head, policy } } = this.#parts.located;
    // What a transport of the caller's own leaves as it is is nothing for those who follow it.
    if (config.transport && status >= 300 && status < 400 && status !== 304) return { kind: 'untraceable' };
    const isElsewhere = finalUrl !== undefined && finalUrl !== head.url;
    if (this.#count === 0) return isElsewhere ? { kind: 'hidden' } : undefined;
    // Under a key of the caller's own nothing depends on the URL.
    if (policy.key !== undefined && this.#own === undefined) return { kind: 'hidden' };
    const isSeen = !this.#isLost && finalUrl === this.#at.asked.head.url;
    return isSeen ? { kind: 'seen', hops: this.#hops } : { kind: 'untraceable' };
  }

  /** False where the next request is not one that could be made again from what is stored. Never throws. */
  #trace(sent: AboutToSend, { headers, statusCode }: Parameters<BeforeRedirect>[1]): boolean {
    const { follow, onRedirect, now, located } = this.#parts;
    try {
      const { fields } = headerFields(headers);
      const to = redirectTarget(fields['location'], this.#at.target.href, this.#at.target.rules);
      const next = to === undefined ? undefined : follow(this.#at, to);
      if (to === undefined || next === undefined || !isSentAs(next.config, sent, located.config)) return false;
      const [requestTime, responseTime] = [this.#since, now()];
      this.#hops.push({ status: Number(statusCode), headers: fields, requestTime, responseTime, to });
      onRedirect(next.asked);
      this.#at = next;
      this.#since = responseTime;
      return true;
    } catch {
      return false;
    }
  }
}

const TOO_MANY = 'Maximum number of redirects exceeded';

function removeFields(headers: unknown, fields: HeaderFields): void {
  if (typeof headers !== 'object' || headers === null) return;
  for (const name of Object.keys(headers)) if (name.toLowerCase() in fields) Reflect.deleteProperty(headers, name);
}
