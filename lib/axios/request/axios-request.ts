/** This file has an axios request as the cache sees it: its head, its key and its resource. */
import type { InternalAxiosRequestConfig } from 'axios';
import type { BodyDescription } from './body-key.js';
import type { Target } from './target.js';
import { originOf } from './url.js';
import type { CacheRequest } from '../../engine/exchange/request.js';
import type { RequestPolicy } from '../../options/policy.js';
import type { RequestHead } from '../../rfc9111/model.js';

/** These are what an AxiosRequest is made of, besides its config and target. */
export interface RequestParts {
  readonly policy: RequestPolicy;
  readonly head: RequestHead;
  /** The key is equal for equivalent requests and never equal for different ones; it shows no credential in clear. */
  readonly key: string;
  /** The key that a GET of the same target has; only a HEAD has this, since a stored GET can answer it. */
  readonly keyOfGet: string | undefined;
  /** The text is the same for all requests of one URL, so that whatever is stored for the URL is found by it. */
  readonly resource: string;
  /** This is what follows method and URL in the key; a storage outside the process is given a digest of the whole. */
  readonly restOfKey: string;
  /**
   * If this is true, the key holds in this process only, so that a storage that outlives the process must not be used.
   */
  readonly partitionOpaque: boolean;
  /** If this is `'opaque'`, the request is not to be cached, and its key means nothing. */
  readonly bodyKind: BodyDescription['kind'];
}

export class AxiosRequest implements CacheRequest {
  readonly config: InternalAxiosRequestConfig;
  readonly target: Target;
  readonly policy: RequestPolicy;
  readonly head: RequestHead;
  readonly key: string;
  readonly keyOfGet: string | undefined;
  readonly resource: string;
  readonly partitionOpaque: boolean;
  readonly bodyKind: BodyDescription['kind'];
  readonly #restOfKey: string;

  constructor(config: InternalAxiosRequestConfig, target: Target, parts: RequestParts) {
    this.config = config;
    this.target = target;
    this.policy = parts.policy;
    this.head = parts.head;
    this.key = parts.key;
    this.keyOfGet = parts.keyOfGet;
    this.resource = parts.resource;
    this.partitionOpaque = parts.partitionOpaque;
    this.bodyKind = parts.bodyKind;
    this.#restOfKey = parts.restOfKey;
  }

  get keyUrl(): string | undefined {
    return this.policy.key === undefined ? this.target.normalUrl.keyUrl : undefined;
  }

  keyAt(keyUrl: string): string {
    return `${this.head.method}\n${keyUrl}${this.#restOfKey}`;
  }

  get socketPath(): string | undefined {
    return this.target.rules.socketPath;
  }

  originOf(url: string): string {
    return originOf(url, this.target.rules.socketPath);
  }

  /** Makes the same request with a policy by which stored redirects do not answer it. */
  ignoringRedirects(): AxiosRequest {
    if (this.policy.ignoresRedirects === true) return this;
    const { config, target, head, key, keyOfGet, resource, partitionOpaque, bodyKind } = this;
    const parts = { head, key, keyOfGet, resource, partitionOpaque, bodyKind, restOfKey: this.#restOfKey };
    return new AxiosRequest(config, target, { ...parts, policy: ignoringRedirects(this.policy) });
  }
}

/**
 * These are the results of `ignoringRedirects` by the policy each was made from: a policy is shared by many requests,
 * and so is the copy of it.
 */
const twins = new WeakMap<RequestPolicy, RequestPolicy>();

/** Makes the policy of a request that stored redirects do not answer. */
export function ignoringRedirects(policy: RequestPolicy): RequestPolicy {
  const known = twins.get(policy);
  if (known !== undefined) return known;
  const twin: RequestPolicy = { ...policy, ignoresRedirects: true };
  twins.set(policy, twin);
  return twin;
}
