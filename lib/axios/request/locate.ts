/** Where a request stands in the cache, or why the cache leaves it alone. */
import type { InternalAxiosRequestConfig } from 'axios';
import { methodOf } from '../native/config.js';
import { type Dialect, showsRedirects } from '../native/dialect.js';
import { describeRequest, type RequestContext } from './key.js';
import type { AxiosRequest } from './axios-request.js';
import { type Target, Targets } from './target.js';
import type { RequestPolicy } from '../../options/policy.js';
import type { CacheReason } from '../../rfc9111/model.js';
import type { CacheSession } from '../../session.js';
import type { Digest } from '../../support/digest.js';

/** Each session has one locator: its secret does not change. */
const locators = new WeakMap<CacheSession, Locator>();

/** The locator of `session`, whose digest is known. */
export function locatorOf(session: CacheSession, digest: Digest): Locator {
  const known = locators.get(session);
  if (known !== undefined) return known;
  const locator = new Locator(session, digest);
  locators.set(session, locator);
  return locator;
}

/** Finds the requests of one session their place in its cache. */
export class Locator {
  readonly targets: Targets;
  readonly #session: CacheSession;
  readonly #context: RequestContext;

  constructor(session: CacheSession, digest: Digest) {
    this.#session = session;
    this.targets = new Targets(session.options, digest);
    this.#context = { options: session.options, digest, address: (text) => session.address(text) };
  }

  /** Why the cache leaves a request alone, as far as its description alone shows; the first that holds. */
  refusalOf(request: AxiosRequest): CacheReason | undefined {
    if (isNoStore(request)) return 'no-store';
    if (request.bodyKind === 'opaque') return 'stream-body';
    // What only this process can tell apart must not outlive it.
    return request.partitionOpaque && this.#session.storage.inProcess !== true ? 'disabled' : undefined;
  }

  /**
   * What the adapter is given, described; a promise only where a Blob has to be read. Stored redirects are followed,
   * unless the caller has a function that judges them, or an adapter or transport of other ways.
   */
  describe(
    config: InternalAxiosRequestConfig,
    target: Target,
    dialect: Dialect | undefined,
  ): AxiosRequest | Promise<AxiosRequest> {
    const { beforeRedirect, transport } = config as { beforeRedirect?: unknown; transport?: unknown };
    const follows = showsRedirects(config, dialect) && !beforeRedirect && !transport;
    return describeRequest(config, target, this.#context, { dialect, follows });
  }

  /** `undefined`: the cache leaves it alone, or does not know at once. Throws as `Targets.of` and `describe` do. */
  locate(config: InternalAxiosRequestConfig, dialect: Dialect | undefined): AxiosRequest | undefined {
    const target = this.targets.of(config);
    if (target === undefined || bypassReason(config, target.policy) !== undefined) return undefined;
    const request = this.describe(config, target, dialect);
    return request instanceof Promise || this.refusalOf(request) !== undefined ? undefined : request;
  }
}

/** Why the cache leaves a request alone, before anything else of it is looked at: the first that holds. */
export function bypassReason(config: InternalAxiosRequestConfig, policy: RequestPolicy): CacheReason | undefined {
  if (policy.off) return 'off';
  return policy.allowsMethod(methodOf(config)) ? undefined : 'method';
}

/** The caller's own `Cache-Control: no-store`: neither stored nor served. */
function isNoStore({ head }: AxiosRequest): boolean {
  const { noStore, onlyIfCached } = head.directives;
  // With only-if-cached nobody may be asked: a 504, which is not for the inner adapter to make.
  return noStore === true && onlyIfCached !== true;
}
