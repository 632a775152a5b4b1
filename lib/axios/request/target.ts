/** This file finds out where a request goes, and which policy holds there. */
import type { InternalAxiosRequestConfig } from 'axios';
import { buildUrl, type UrlConfig } from './build-url.js';
import { fetchMode } from './fetch-mode.js';
import { type UnescapedUrl, unescapedUrl } from './unescaped-url.js';
import { normaliseUrl, type NormalUrl, pageUrl, resolveUrl, type UrlRules } from './url.js';
import { policyFor, type RequestPolicy, type ResolvedOptions } from '../../options/policy.js';
import type { Digest } from '../../support/digest.js';
import { BoundedMap } from '../../support/bounded-map.js';

export interface Target {
  /** This is the URL as axios built it, without user-info and fragment. */
  readonly href: string;
  readonly normalUrl: NormalUrl;
  /**
   * This text is the same for every request of the URL, whatever else the request says: by it all stored answers of the
   * URL are found.
   */
  readonly resource: string;
  /** By these rules the URLs of this request are brought into the canonical form. */
  readonly rules: UrlRules;
  readonly policy: RequestPolicy;
  /**
   * This is the key that was made last, with the parts it was made of: the text of a known key has been hashed already.
   */
  latestKey: { readonly start: string; readonly rest: string; readonly key: string } | undefined;
}

type TargetConfig = UrlConfig & Pick<InternalAxiosRequestConfig, 'cache' | 'socketPath' | 'fetchOptions'>;

/** Makes the text that all requests of one URL have in common, whoever sends them. */
export const resourceOf = ({ keyUrl }: NormalUrl): string => `resource\n${keyUrl}`;

/** The target of a URL is remembered together with the page it was found on, since relative URLs move with the page. */
interface Remembered {
  readonly page: string | undefined;
  readonly target: Target;
}

/** A session remembers this many URLs, and none that has more characters than `LONGEST_REMEMBERED`. */
const MAX_REMEMBERED = 3000;
const LONGEST_REMEMBERED = 4096;

/** This finds the targets of one session's requests. */
export class Targets {
  readonly #options: ResolvedOptions;
  readonly #digest: Digest;
  readonly #remembered = new BoundedMap<string, Remembered>(MAX_REMEMBERED);

  constructor(options: ResolvedOptions, digest: Digest) {
    this.#options = options;
    this.#digest = digest;
  }

  /**
   * Finds the target of a request. `byDefault` is the `cache` option of the instance's defaults. The target is
   * `undefined` where the URL is not one of http or https, though the inner adapter may know what to do with it. It
   * throws a CacheError with code ERR_CACHE_OPTION where the request's own `cache` option is wrong.
   */
  of(config: TargetConfig, byDefault?: unknown): Target | undefined {
    const raw = buildUrl(config);
    if (raw === undefined) return undefined;
    const socketPath = config.socketPath ?? undefined;
    const setting: unknown = config.cache ?? fetchMode(config.fetchOptions);
    const unescaped = config.paramsSerializer === undefined ? undefined : unescapedUrl(config, raw);
    if (setting !== undefined || socketPath !== undefined || unescaped !== undefined) {
      return this.#make(unescaped?.shown ?? raw, socketPath, setting, byDefault, unescaped);
    }
    const known = this.#remembered.get(raw);
    const page = pageUrl();
    if (known !== undefined && known.page === page) return known.target;
    const target = this.#make(raw, undefined, undefined, undefined);
    if (target !== undefined && raw.length <= LONGEST_REMEMBERED) this.#remembered.set(raw, { page, target });
    return target;
  }

  #make(
    raw: string,
    socketPath: string | undefined,
    setting: unknown,
    byDefault: unknown,
    unescaped?: UnescapedUrl,
  ): Target | undefined {
    const normalised = (rules: UrlRules): NormalUrl | undefined => {
      const normal = normaliseUrl(raw, rules);
      const exact = unescaped === undefined ? undefined : normaliseUrl(unescaped.exact, rules);
      // No other key has a space.
      return normal && exact ? { ...normal, keyUrl: `${exact.keyUrl} unescaped` } : normal;
    };
    const resolved = resolveUrl(raw, socketPath);
    if (resolved === undefined) return undefined;
    const policy = policyFor(this.#options, resolved.href, setting, byDefault);
    // Only an object can name parameters to ignore. These are not ignored in the resource, which must not depend on
    // what one request says.
    const isOwn = typeof setting === 'object' && setting !== null;
    const common = isOwn ? policyFor(this.#options, resolved.href, undefined) : policy;
    const rules = this.#rulesBy(policy, socketPath);
    const commonUrl = normalised(policy === common ? rules : this.#rulesBy(common, socketPath));
    const normalUrl = policy.ignoredParams === common.ignoredParams ? commonUrl : normalised(rules);
    if (commonUrl === undefined || normalUrl === undefined) return undefined;
    return { href: resolved.href, normalUrl, resource: resourceOf(commonUrl), rules, policy, latestKey: undefined };
  }

  #rulesBy({ ignoredParams }: RequestPolicy, socketPath: string | undefined): UrlRules {
    return { ignoredParams, redactedParams: this.#options.redactedParams, digest: this.#digest, socketPath };
  }
}

/** For people, where no policy says what in a query is secret: without one. `''`: no URL of http or https. */
export function displayUrl(config: Pick<InternalAxiosRequestConfig, 'url' | 'socketPath'>): string {
  const raw = buildUrl(config);
  const resolved = raw === undefined ? undefined : resolveUrl(raw, config.socketPath ?? undefined);
  return resolved === undefined ? '' : resolved.origin + resolved.path;
}
