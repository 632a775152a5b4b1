/** An axios request as the cache sees it: its head, its key and its resource. */
import type { InternalAxiosRequestConfig } from 'axios';
import type { BodyDescription } from './body-key.js';
import type { Target } from './target.js';
import { originOf } from './url.js';
import type { CacheRequest } from '../../engine/exchange/request.js';
import type { RequestPolicy } from '../../options/policy.js';
import type { RequestHead } from '../../rfc9111/model.js';

/** What an AxiosRequest is made of, besides its config and target. */
export interface RequestParts {
  readonly policy: RequestPolicy;
  readonly head: RequestHead;
  /** Equal for equivalent requests, never for different ones; no credential stands in it in clear. */
  readonly key: string;
  readonly keyOfGet: string | undefined;
  readonly resource: string;
  /** What follows method and URL in a key, before it is addressed to a storage. */
  readonly restOfKey: string;
  /** True: the key holds in this process only, so a storage that outlives it must not be used. */
  readonly partitionOpaque: boolean;
  /** `'opaque'`: not to be cached, and the key means nothing. */
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

  /** The same request, for which stored redirects are no answer. */
  ignoringRedirects(): AxiosRequest {
    if (this.policy.ignoresRedirects === true) return this;
    const { config, target, head, key, keyOfGet, resource, partitionOpaque, bodyKind } = this;
    const parts = { head, key, keyOfGet, resource, partitionOpaque, bodyKind, restOfKey: this.#restOfKey };
    return new AxiosRequest(config, target, { ...parts, policy: ignoringRedirects(this.policy) });
  }
}

/** A policy is shared by many requests, and so is its twin. */
const twins = new WeakMap<RequestPolicy, RequestPolicy>();

/** The policy of a request for which stored redirects are no answer. */
export function ignoringRedirects(policy: RequestPolicy): RequestPolicy {
  const known = twins.get(policy);
  if (known !== undefined) return known;
  const twin: RequestPolicy = { ...policy, ignoresRedirects: true };
  twins.set(policy, twin);
  return twin;
}
