/** This file finds where a request stands in the cache, or why the cache leaves it alone. */
import type { InternalAxiosRequestConfig } from 'axios';
import { methodOf } from '../native/config.js';
import { type Dialect, showsRedirects } from '../native/dialect.js';
import type { CachingWords } from './fetch-mode.js';
import { describeRequest } from './key.js';
import type { AxiosRequest, RequestContext } from './axios-request.js';
import { overridingMethods } from './method-override.js';
import { credentialsOf } from './partition.js';
import { type Target, Targets } from './target.js';
import type { RequestPolicy, ResolvedOptions } from '../../options/policy.js';
import type { CacheReason } from '../../rfc9111/model.js';
import type { CacheSession } from '../../session.js';
import type { Digest } from '../../support/digest.js';

/** Each session has one locator, which is kept until its options or its secret change. */
const locators = new WeakMap<CacheSession, Locator>();

/** Returns the locator of `session`. `digest` hashes with the session's secret. */
export function locatorOf(session: CacheSession, digest: Digest): Locator {
  const known = locators.get(session);
  if (known?.options === session.options && known.digest === digest) return known;
  const locator = new Locator(session, digest);
  locators.set(session, locator);
  return locator;
}

/** A locator describes the requests of one session: it gives each its key, by which the cache finds its answer. */
export class Locator {
  readonly targets: Targets;
  readonly options: ResolvedOptions;
  readonly digest: Digest;
  readonly #session: CacheSession;
  readonly #context: RequestContext;

  constructor(session: CacheSession, digest: Digest) {
    this.#session = session;
    this.digest = digest;
    const { options } = session;
    this.options = options;
    this.targets = new Targets(options, digest);
    const text = (value: string): string => digest.text(value);
    this.#context = {
      options,
      digest,
      records: options.recording !== undefined,
      address: (resource) => session.address(resource),
      addressOfKey: (start, rest) => session.addressOfKey(start, rest),
      ofNamed: { digest: text, isAnswered: options.isCredential },
      ofAnybody: { digest: text, isAnswered: () => false },
    };
  }

  /** Tells why the cache leaves a request alone, as far as the description shows it: the first reason that holds. */
  refusalOf(request: AxiosRequest): CacheReason | undefined {
    if (isNoStore(request)) return 'no-store';
    if (isDocument(request)) return 'disabled';
    // The answer is one to another method than the key says.
    if (overridingMethods(request.head.headers) !== undefined) return 'method';
    if (request.bodyKind === 'opaque') return 'stream-body';
    // The key holds in this process only, so that an answer must not be kept in a storage that outlives it.
    return request.partitionOpaque && this.#session.storage.inProcess !== true ? 'disabled' : undefined;
  }

  /** Describes the credentials of a request; the text is equal where they are. */
  credentialsOf({ config, target }: AxiosRequest, dialect: Dialect | undefined): string {
    const { options, digest } = this.#context;
    return credentialsOf(config, target.normalUrl.userInfo, options, digest, dialect);
  }

  /**
   * Describes the request that an adapter is given. It returns a promise only where a Blob has to be read. Stored
   * redirects are followed unless the caller has a function that judges redirects, or an adapter or transport that
   * treats them otherwise.
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

  /**
   * Describes a request that the cache handles; it is `undefined` for one that the cache leaves alone, or that cannot
   * be described without waiting. It throws as `Targets.of` and `describe` do.
   */
  locate(
    config: InternalAxiosRequestConfig,
    dialect: Dialect | undefined,
    defaults: CachingWords | undefined,
  ): AxiosRequest | undefined {
    const target = this.targets.of(config, defaults, dialect);
    if (target === undefined || bypassReason(config, target.policy) !== undefined) return undefined;
    const request = this.describe(config, target, dialect);
    return request instanceof Promise || this.refusalOf(request) !== undefined ? undefined : request;
  }
}

/** Tells why the cache leaves a request alone, before anything else of it is looked at: the first reason that holds. */
export function bypassReason(config: InternalAxiosRequestConfig, policy: RequestPolicy): CacheReason | undefined {
  if (policy.off) return 'off';
  return policy.allowsMethod(methodOf(config)) ? undefined : 'method';
}

/**
 * A document has an address, and a charset that may stand in its markup: only the platform can make one of an answer.
 */
const isDocument = ({ config, dialect }: AxiosRequest): boolean =>
  dialect === 'xhr' && config.responseType === 'document';

/** The caller's own `Cache-Control: no-store`: neither stored nor served. */
function isNoStore({ head }: AxiosRequest): boolean {
  const { noStore, onlyIfCached } = head.directives;
  // With only-if-cached the origin must not be asked: the cache answers with a 504, which the inner adapter would not
  // do.
  return noStore === true && onlyIfCached !== true;
}
