/** Redirects of axios' http adapter: watched while it follows them, and followed again as they are stored. */
import { AxiosError, type InternalAxiosRequestConfig } from 'axios';
import { headerFields } from '../native/headers.js';
import type { Follow } from './follow.js';
import { maxRedirectsOf } from './limit.js';
import { type AboutToSend, isSentAs, redirectTarget } from './next-request.js';
import { type BeforeRedirect, SeenRedirects } from './seen.js';
import type { AxiosRequest } from '../request/axios-request.js';
import type { Redirect, RedirectChain, SeenRedirect } from '../../engine/exchange/answer.js';
import type { CacheRequest } from '../../engine/exchange/request.js';
import type { EpochMs, HeaderFields } from '../../rfc9111/model.js';

export interface WatchContext {
  readonly request: AxiosRequest;
  /** How many stored redirects led to `request`. */
  readonly followed: number;
  /** Fields of ours, which are about that URL alone. */
  readonly conditions: HeaderFields | undefined;
  readonly follow: Follow;
  readonly onRedirect: (next: CacheRequest) => void;
  readonly now: () => EpochMs;
}

/**
 * Watches one request of the http adapter being redirected, through `beforeRedirect`, which also the caller may have.
 */
export class RedirectWatch {
  readonly #parts: WatchContext;
  readonly #own: BeforeRedirect | undefined;
  /** Made by the first redirect: most requests meet none. */
  #seenRedirects: SeenRedirects | undefined;
  readonly #redirects: Redirect[] = [];
  #at: AxiosRequest;
  #since: EpochMs;
  #count = 0;
  #isLost: boolean;
  #isExceeded = false;
  #isMisled = false;

  constructor(parts: WatchContext) {
    this.#parts = parts;
    this.#own = parts.request.config.beforeRedirect;
    this.#at = parts.request;
    this.#since = parts.now();
    // The caller's function may refuse a redirect, or change what is sent: it has to be asked each time.
    this.#isLost = this.#own !== undefined;
  }

  /** When the request that is under way, or was answered, was sent. */
  get since(): EpochMs {
    return this.#since;
  }

  get seenRedirects(): readonly SeenRedirect[] {
    return this.#seenRedirects?.list ?? NONE;
  }

  /** The request failed because of our conditions; without them there is an answer. */
  get isMisled(): boolean {
    return this.#isMisled;
  }

  /** For the adapter's config. */
  readonly beforeRedirect = (...given: Parameters<BeforeRedirect>): void => {
    const { followed, request, conditions } = this.#parts;
    const [options, details] = given;
    // With a Location it is taken for a redirect, though it only answers a condition that the caller knows nothing of.
    if (conditions !== undefined && this.#count === 0 && Number(details.statusCode) === 304) {
      this.#isMisled = true;
      throw new Error('not modified');
    }
    if (followed > 0 && followed + this.#count >= maxRedirectsOf(request.config)) {
      this.#isExceeded = true;
      throw new Error(TOO_MANY);
    }
    this.#count += 1;
    removeFields(options['headers'], conditions ?? {});
    this.#seenRedirects ??= new SeenRedirects(request.head);
    this.#seenRedirects.note(options, details);
    this.#isLost ||= !this.#trace(options, details);
    const own = this.#own;
    own?.(...given);
  };

  /**
   * What the caller is told where the request failed: as axios says it, if redirects were too many with the stored
   * ones.
   */
  errorInstead(error: unknown, config: InternalAxiosRequestConfig): unknown {
    if (!this.#isExceeded) return error;
    const { request } = (error ?? {}) as { request?: unknown };
    return new AxiosError(TOO_MANY, 'ERR_FR_TOO_MANY_REDIRECTS', config, request);
  }

  /** How redirects led to the answer. `finalUrl`: as it is shown, `undefined` where the adapter tells none. */
  chain(finalUrl: string | undefined, status: number): RedirectChain | undefined {
    const { config, head, policy } = this.#parts.request;
    // A custom `transport` may hand a redirect back unfollowed. It must not be replayed to callers whose transport
    // follows.
    if (config.transport && status >= 300 && status < 400 && status !== 304) return { kind: 'untraceable' };
    const isElsewhere = finalUrl !== undefined && finalUrl !== head.url;
    if (this.#count === 0) return isElsewhere ? { kind: 'hidden' } : undefined;
    // Under a key of the caller's own nothing depends on the URL.
    if (policy.key !== undefined && this.#own === undefined) return { kind: 'hidden' };
    const isSeen = !this.#isLost && finalUrl === this.#at.head.url;
    return isSeen ? { kind: 'seen', redirects: this.#redirects } : { kind: 'untraceable' };
  }

  /** False where the next request is not one that could be made again from what is stored. Never throws. */
  #trace(sent: AboutToSend, { headers, statusCode }: Parameters<BeforeRedirect>[1]): boolean {
    const { follow, onRedirect, now, request } = this.#parts;
    try {
      const { fields } = headerFields(headers);
      const to = redirectTarget(fields['location'], this.#at.target.href, this.#at.target.rules);
      const next = to === undefined ? undefined : follow(this.#at, to);
      if (to === undefined || next === undefined || !isSentAs(next.config, sent, request.config)) return false;
      const [requestTime, responseTime] = [this.#since, now()];
      this.#redirects.push({ status: Number(statusCode), headers: fields, requestTime, responseTime, to });
      onRedirect(next);
      this.#at = next;
      this.#since = responseTime;
      return true;
    } catch {
      return false;
    }
  }
}

const NONE: readonly SeenRedirect[] = [];
const TOO_MANY = 'Maximum number of redirects exceeded';

function removeFields(headers: unknown, fields: HeaderFields): void {
  if (typeof headers !== 'object' || headers === null) return;
  for (const name of Object.keys(headers)) if (name.toLowerCase() in fields) Reflect.deleteProperty(headers, name);
}
