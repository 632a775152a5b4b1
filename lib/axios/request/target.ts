/** Where a request goes, and the policy that holds there. */
import type { InternalAxiosRequestConfig } from 'axios';
import { buildUrl } from './build-url.js';
import { normaliseUrl, type NormalUrl, pageUrl, resolveUrl, type UrlRules } from './url.js';
import { policyFor, type RequestPolicy, type ResolvedOptions } from '../../options/policy.js';
import type { Digest } from '../../support/digest.js';
import { BoundedMap } from '../../support/bounded-map.js';

export interface Target {
  /** As axios built it, without user-info and fragment. */
  readonly href: string;
  readonly normalUrl: NormalUrl;
  /** The same for every request of that URL: what a request says of itself has no part in it. */
  readonly resource: string;
  /** By which URLs of this request are brought into the canonical form. */
  readonly rules: UrlRules;
  readonly policy: RequestPolicy;
  /** The key that was made last, with the rest of it: a text that is used again has its hash already. */
  latestKey: { readonly method: string; readonly rest: string; readonly key: string } | undefined;
}

type TargetConfig = Pick<InternalAxiosRequestConfig, 'url' | 'cache' | 'socketPath'>;

/** Two requests of one URL have one resource, whoever sends them. */
export const resourceOf = ({ keyUrl }: NormalUrl): string => `resource\n${keyUrl}`;

/** What is known of a URL that comes again, as long as it means the same: a page's relative URLs move with the page. */
interface Remembered {
  readonly page: string | undefined;
  readonly target: Target;
}

/** How many URLs a session remembers, and how long they may be in characters. */
const MAX_REMEMBERED = 3000;
const LONGEST_REMEMBERED = 4096;

/** The targets of one session's requests. */
export class Targets {
  readonly #options: ResolvedOptions;
  readonly #digest: Digest;
  readonly #remembered = new BoundedMap<string, Remembered>(MAX_REMEMBERED);

  constructor(options: ResolvedOptions, digest: Digest) {
    this.#options = options;
    this.#digest = digest;
  }

  /**
   * `undefined`: not a URL of http or https, which the inner adapter may know what to do with. Throws a CacheError with
   * code ERR_CACHE_OPTION where the request's own `cache` option is wrong.
   */
  of(config: TargetConfig): Target | undefined {
    const raw = buildUrl(config);
    if (raw === undefined) return undefined;
    const socketPath = config.socketPath ?? undefined;
    if (config.cache !== undefined || socketPath !== undefined) return this.#make(raw, socketPath, config.cache);
    const known = this.#remembered.get(raw);
    const page = pageUrl();
    if (known !== undefined && known.page === page) return known.target;
    const target = this.#make(raw, undefined, undefined);
    if (target !== undefined && raw.length <= LONGEST_REMEMBERED) this.#remembered.set(raw, { page, target });
    return target;
  }

  #make(raw: string, socketPath: string | undefined, setting: unknown): Target | undefined {
    const resolved = resolveUrl(raw, socketPath);
    if (resolved === undefined) return undefined;
    const policy = policyFor(this.#options, resolved.href, setting);
    // An object alone can name parameters to ignore, which then are not ignored in the resource.
    const isOwn = typeof setting === 'object' && setting !== null;
    const common = isOwn ? policyFor(this.#options, resolved.href, undefined) : policy;
    const rules = this.#rulesBy(policy, socketPath);
    const commonUrl = normaliseUrl(raw, policy === common ? rules : this.#rulesBy(common, socketPath));
    const normalUrl = policy.ignoredParams === common.ignoredParams ? commonUrl : normaliseUrl(raw, rules);
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
