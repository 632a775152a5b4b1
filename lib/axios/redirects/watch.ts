/** This file watches the redirects that axios' http adapter follows, so that they can be stored and followed again. */
import type { InternalAxiosRequestConfig } from 'axios';
import { AxiosError } from '../native/library.js';
import { fieldsOf } from '../native/headers.js';
import type { Follow } from './follow.js';
import { type AboutToSend, isSentAs, redirectTarget } from './next-request.js';
import { type BeforeRedirect, SeenRedirects } from './seen.js';
import type { AxiosRequest } from '../request/axios-request.js';
import { maxRedirectsOf } from '../request/redirect-limit.js';
import type { Redirect, RedirectChain, SeenRedirect } from '../../engine/exchange/answer.js';
import type { CacheRequest } from '../../engine/exchange/request.js';
import type { EpochMs, HeaderFields } from '../../rfc9111/model.js';

export interface WatchContext {
  readonly request: AxiosRequest;
  /** This many stored redirects led to `request`. */
  readonly followed: number;
  /** These fields were added by the cache to validate a stored answer, and are about the URL of `request` alone. */
  readonly conditions: HeaderFields | undefined;
  readonly follow: Follow;
  readonly onRedirect: (next: CacheRequest) => void;
  readonly now: () => EpochMs;
}

/** This watches one request of the http adapter through `beforeRedirect`, a function that the caller may have too. */
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
    // The caller's function may refuse a redirect or change what is sent, so that it has to be asked each time: such
    // redirects are not stored.
    this.#isLost = this.#own !== undefined;
  }

  /** This is when the latest request on the way was sent. */
  get since(): EpochMs {
    return this.#since;
  }

  get seenRedirects(): readonly SeenRedirect[] {
    return this.#seenRedirects?.list ?? NONE;
  }

  /**
   * If this is true, the request failed because of the conditions that the cache added; it is to be sent without them.
   */
  get isMisled(): boolean {
    return this.#isMisled;
  }

  /** The adapter calls this before it follows a redirect. */
  readonly beforeRedirect = (...given: Parameters<BeforeRedirect>): void => {
    const { followed, request, conditions } = this.#parts;
    const [options, details] = given;
    // A 304 with a Location is taken for a redirect, though it answers a condition that the caller knows nothing of.
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
   * Returns the error for the caller. If there were too many redirects only because stored ones led to the request, it
   * is the error that axios has for too many redirects.
   */
  errorInstead(error: unknown, config: InternalAxiosRequestConfig): unknown {
    if (!this.#isExceeded) return error;
    const { request } = (error ?? {}) as { request?: unknown };
    return new AxiosError(TOO_MANY, 'ERR_FR_TOO_MANY_REDIRECTS', config, request);
  }

  /**
   * Tells how redirects led to the answer. `finalUrl` is the URL that answered, in the form that may be shown; it is
   * `undefined` where the adapter does not tell it.
   */
  chain(finalUrl: string | undefined, status: number): RedirectChain | undefined {
    const { config, head, keyUrl } = this.#parts.request;
    // A custom `transport` may hand a redirect back unfollowed. It must not be replayed to callers whose transport
    // follows.
    if (config.transport && status >= 300 && status < 400 && status !== 304) return { kind: 'untraceable' };
    const isElsewhere = finalUrl !== undefined && finalUrl !== head.url;
    if (this.#count === 0) return isElsewhere ? { kind: 'hidden' } : undefined;
    // If the caller gave a key of its own, nothing depends on the URL.
    if (keyUrl === undefined && this.#own === undefined) return { kind: 'hidden' };
    const isSeen = !this.#isLost && finalUrl === this.#at.head.url;
    return isSeen ? { kind: 'seen', redirects: this.#redirects } : { kind: 'untraceable' };
  }

  /**
   * Keeps one redirect. It is false where the next request could not be made again from what is stored. It never
   * throws.
   */
  #trace(sent: AboutToSend, { headers, statusCode }: Parameters<BeforeRedirect>[1]): boolean {
    const { follow, onRedirect, now, request } = this.#parts;
    try {
      const fields = fieldsOf(headers);
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
