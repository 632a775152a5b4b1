/** This file describes an axios config as the request that the cache decides on. */
import type { InternalAxiosRequestConfig } from 'axios';
import { AxiosRequest, type RequestContext, type Sending } from './axios-request.js';
import { type BodyDescription, describeBody } from './body-key.js';
import { describePartition, headerSnapshot } from './partition.js';
import { redactText, textOfBody } from './recorded.js';
import type { Target } from './target.js';
import { isUnawaited } from '../../support/user-promise.js';

/**
 * Describes the request whose `config` an adapter receives. It returns a promise only where a Blob has to be read, so
 * that a hit does not wait. It throws a CacheError with code ERR_CACHE_OPTION where the user's `partition` function
 * fails.
 */
export function describeRequest(
  config: InternalAxiosRequestConfig,
  target: Target,
  context: RequestContext,
  sending: Sending,
): AxiosRequest | Promise<AxiosRequest> {
  const { options, digest } = context;
  const { policy, normalUrl } = target;
  const snapshot = headerSnapshot(config, normalUrl.userInfo, options.isCredential, digest);
  const partition = describePartition(config, snapshot, policy.partition, options, digest, sending.dialect);
  const { fields } = snapshot;
  const ownKey = typeof policy.key === 'function' ? askedKey(policy.key, config) : policy.key;
  if (config.data === undefined || config.data === null) {
    return new AxiosRequest(config, target, context, sending, { fields, partition, ownKey, body: NO_BODY });
  }
  const contentType = fields['content-type'];
  const { redactedParams } = options;
  const text = context.records ? textOfBody(config.data) : undefined;
  const data: unknown = text === undefined ? config.data : redactText(text, redactedParams);
  const body = describeBody(data, typeof contentType === 'string' ? contentType : contentType?.join(), {
    ignoredParams: policy.ignoredParams,
    digest,
  });
  const compose = (known: BodyDescription): AxiosRequest =>
    new AxiosRequest(config, target, context, sending, { fields, partition, ownKey, body: known });
  return body instanceof Promise ? body.then(compose) : compose(body);
}

const NO_BODY: BodyDescription = { kind: 'none' };

/** Asks the user's function for a key. What is no text leaves the key to the cache, so that the request goes on. */
function askedKey(ask: (config: InternalAxiosRequestConfig) => unknown, config: InternalAxiosRequestConfig) {
  try {
    const key = ask(config);
    return !isUnawaited(key) && typeof key === 'string' && key !== '' ? key : undefined;
  } catch {
    return undefined;
  }
}
