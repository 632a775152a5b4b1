/** This file finds out where a request goes, and which policy holds there. */
import type { InternalAxiosRequestConfig } from 'axios';
import type { Dialect } from '../native/dialect.js';
import { buildUrl, type UrlConfig } from './build-url.js';
import { type CachingWords, settingOf } from './fetch-mode.js';
import { type UnescapedUrl, unescapedUrl } from './unescaped-url.js';
import { normaliseUrl, type NormalUrl, pageUrl, resolveUrl, type UrlRules } from './url.js';
import { textOfResource } from '../../entries/addresses.js';
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
  /** This is the key that was made last: the text of a known key has been hashed already. */
  latestKey: MadeKey | undefined;
}

/** This is a key with the parts that it was made of. */
export interface MadeKey {
  readonly start: string;
  readonly rest: string;
  readonly key: string;
  /** This is the digest by which the key is shown, once it was asked for. */
  shown: string | undefined;
}

type TargetConfig = UrlConfig & Pick<InternalAxiosRequestConfig, 'cache' | 'socketPath' | 'fetchOptions'>;

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
   * Finds the target of a request. `defaults` are those of the instance, where they may speak of caching. The target is
   * `undefined` where the URL is not one of http or https, though the inner adapter may know what to do with it. It
   * throws a CacheError with code ERR_CACHE_OPTION where the request's own `cache` option is wrong. `dialect` is one of
   * axios' own adapters, which do not all send the same of a URL that is not escaped.
   */
  of(config: TargetConfig, defaults?: CachingWords, dialect?: Dialect): Target | undefined {
    const raw = buildUrl(config);
    if (raw === undefined) return undefined;
    const socketPath = config.socketPath ?? undefined;
    // A recording is one of all requests, whatever the program says of caching.
    const setting = this.#options.recording === undefined ? settingOf(config, defaults) : undefined;
    const unescaped = config.paramsSerializer === undefined ? undefined : unescapedUrl(config, raw);
    if (setting !== undefined || socketPath !== undefined || unescaped !== undefined) {
      return this.#make(unescaped?.shown ?? raw, socketPath, setting, defaults?.cache, unescaped, dialect);
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
    dialect?: Dialect,
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
    const { keyUrl } = normalUrl;
    // All that is stored for the URL goes together, whoever has sent it.
    const sent = unescaped === undefined ? normalUrl : { ...normalUrl, keyUrl: `${keyUrl} ${dialect}` };
    const resource = textOfResource(commonUrl.keyUrl);
    return { href: resolved.href, normalUrl: sent, resource, rules, policy, latestKey: undefined };
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
