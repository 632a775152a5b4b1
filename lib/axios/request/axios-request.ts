/** This file has an axios request as the cache sees it: its head, its key and its resource. */
import type { InternalAxiosRequestConfig } from 'axios';
import type { Dialect } from '../native/dialect.js';
import type { BodyDescription } from './body-key.js';
import { isServedBy } from './response-form.js';
import type { Target } from './target.js';
import { originOf } from './url.js';
import type { CacheRequest } from '../../engine/exchange/request.js';
import type { BodyKind } from '../../entries/body.js';
import type { RequestPolicy } from '../../options/policy.js';
import type { RequestHead } from '../../rfc9111/model.js';

/** What describes a request besides its config and target. */
type Description = Pick<
  AxiosRequest,
  | 'policy' | 'head' | 'ownKey' | 'key' | 'keyOfGet' | 'restOfKey' | 'resource' | 'partitionOpaque' | 'bodyKind'
  | 'dialect'
>;

export class AxiosRequest implements CacheRequest {
  readonly config: InternalAxiosRequestConfig;
  readonly target: Target;
  readonly policy: RequestPolicy;
  readonly head: RequestHead;
  /** The user's own key, which stands for method, URL and body. */
  readonly ownKey: string | undefined;
  /** Is equal for equivalent requests, and never for different ones; no credential stands in it in clear. */
  readonly key: string;
  readonly keyOfGet: string | undefined;
  readonly resource: string;
  /** True where the key holds in this process only, so that a storage that outlives it must not be used. */
  readonly partitionOpaque: boolean;
  /** Says `'opaque'` where the body cannot be read, so that the key means nothing and nothing may be cached. */
  readonly bodyKind: BodyDescription['kind'];
  /** A dialect is one of axios' own adapters; it is `undefined` where the request goes through another. */
  readonly dialect: Dialect | undefined;
  /** Is what follows method and URL in a key: a line for the user, then those for fields and body, if there are any. */
  readonly restOfKey: string;

  constructor(config: InternalAxiosRequestConfig, target: Target, description: Description) {
    this.config = config;
    this.target = target;
    this.policy = description.policy;
    this.head = description.head;
    this.ownKey = description.ownKey;
    this.key = description.key;
    this.keyOfGet = description.keyOfGet;
    this.resource = description.resource;
    this.partitionOpaque = description.partitionOpaque;
    this.bodyKind = description.bodyKind;
    this.dialect = description.dialect;
    this.restOfKey = description.restOfKey;
  }

  get keyUrl(): string | undefined {
    return this.ownKey === undefined ? this.target.normalUrl.keyUrl : undefined;
  }

  keyAt(keyUrl: string): string {
    return `${this.head.method}\n${keyUrl}${this.restOfKey}`;
  }

  isServedBy(kind: BodyKind): boolean {
    return this.head.method === 'HEAD' || isServedBy(kind, this.config.responseType, this.dialect);
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
    return new AxiosRequest(this.config, this.target, { ...this, policy: ignoringRedirects(this.policy) });
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
