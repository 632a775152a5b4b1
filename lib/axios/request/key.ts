/** From an axios config to the request that the cache decides on: its head, its key and its resource. */
import type { InternalAxiosRequestConfig } from 'axios';
import { methodOf } from '../native/config.js';
import type { Dialect } from '../native/dialect.js';
import { type BodyDescription, describeBody } from './body-key.js';
import type { Partition } from './hidden-credentials.js';
import { describePartition, headerSnapshot } from './partition.js';
import type { NormalUrl } from './url.js';
import type { Exchange } from '../../engine/exchange/request.js';
import type { RequestPolicy, ResolvedOptions } from '../../options/policy.js';
import { describeRequestHead } from '../../rfc9111/describe-request-head.js';
import type { HeaderFields, RequestHead } from '../../rfc9111/model.js';
import type { Digest } from '../../support/digest.js';

export interface RequestContext {
  readonly options: Pick<ResolvedOptions, 'credentialHeaders' | 'partition' | 'shared'>;
  readonly policy: Pick<RequestPolicy, 'cacheControl' | 'ignoredParams' | 'includeHeaders' | 'key' | 'partition'>;
  readonly normalUrl: NormalUrl;
  readonly resource: string;
  readonly digest: Digest;
  /** Of the adapter that sends it, where one is known. */
  readonly dialect?: Dialect | undefined;
}

/** No credential stands in it in clear. */
export interface DescribedRequest extends RequestHead {
  /** Equal for equivalent requests, never for different ones. */
  readonly key: string;
  /** For HEAD: the key that a GET of the same has (RFC 9111 section 4.3.5). */
  readonly keyOfGet: string | undefined;
  readonly search: Exchange['search'];
  /** The URL alone, never equal to a key. */
  readonly resource: string;
  /** True: the key holds in this process only, so a storage that outlives it must not be used. */
  readonly partitionOpaque: boolean;
  /** `'opaque'`: not to be cached, and the key means nothing. */
  readonly bodyKind: BodyDescription['kind'];
}

/**
 * `config` is what an adapter receives. A promise only where a Blob has to be read, so that a hit does not wait. Throws
 * a CacheError with code ERR_CACHE_OPTION where the user's `partition` function fails.
 */
export function describeRequest(
  config: InternalAxiosRequestConfig,
  context: RequestContext,
): DescribedRequest | Promise<DescribedRequest> {
  const { options, policy, normalUrl, digest } = context;
  const { credentialHeaders, partition: sessionPartition, shared } = options;
  const fields = headerSnapshot(config, { userInfo: normalUrl.userInfo, credentialHeaders, digest });
  const partition = describePartition(config, fields, {
    partition: sessionPartition,
    requestPartition: policy.partition,
    credentialHeaders,
    shared,
    digest,
  });
  const contentType = fields['content-type'];
  const body = describeBody(config.data, typeof contentType === 'string' ? contentType : contentType?.join(), {
    ignoredParams: policy.ignoredParams,
    digest,
  });
  const compose = (known: BodyDescription): DescribedRequest =>
    composed(config, context, { fields, partition, body: known });
  return body instanceof Promise ? body.then(compose) : compose(body);
}

/** Two requests of one URL have one resource, whoever sends them. */
export const resourceOf = ({ keyUrl }: NormalUrl): string => `resource\n${keyUrl}`;

interface Parts {
  readonly fields: HeaderFields;
  readonly partition: Partition;
  readonly body: BodyDescription;
}

function composed(config: InternalAxiosRequestConfig, context: RequestContext, parts: Parts): DescribedRequest {
  const method = methodOf(config);
  const rest = `\n${parts.partition.text}\n${extrasOf(config, context, parts)}`;
  const keyFor = (verb: string): string => targetOf(verb, context) + rest;
  const { url, headers, directives, isConditional } = describeRequestHead(
    method,
    context.normalUrl.url,
    parts.fields,
    context.policy,
  );
  return {
    method,
    url,
    headers,
    directives,
    isConditional,
    key: keyFor(method),
    keyOfGet: method === 'HEAD' ? keyFor('GET') : undefined,
    search: searchOf(context, (keyUrl) => `${method}\n${keyUrl}${rest}`),
    resource: context.resource,
    partitionOpaque: parts.partition.opaque,
    bodyKind: parts.body.kind,
  };
}

const searchOf = (
  { policy, normalUrl: { keyUrl } }: RequestContext,
  keyAt: (keyUrl: string) => string,
): Exchange['search'] => (policy.key === undefined ? { keyUrl, keyAt } : undefined);

/** Method and URL, or the user's key for both. A HEAD keeps its own, as its answer has no body for the others. */
function targetOf(method: string, { policy, normalUrl }: RequestContext): string {
  if (policy.key === undefined) return `${method}\n${normalUrl.keyUrl}`;
  return `${method === 'HEAD' ? 'key of HEAD' : 'key'}\n${JSON.stringify(policy.key)}`;
}

/** What most requests do not have: a body, fields in the key, options that change the answer's bytes. */
function extrasOf(
  config: InternalAxiosRequestConfig,
  { policy, dialect = 'http' }: RequestContext,
  { fields, body }: Parts,
): string {
  const bodyText = body.kind === 'text' && policy.key === undefined ? body.text : undefined;
  const names = policy.includeHeaders === true ? Object.keys(fields) : policy.includeHeaders;
  // The platform decompresses for the other adapters, whatever they are told.
  const encoded = config.decompress === false && dialect === 'http';
  const redirects = redirectsOf(config);
  // A part of the target URI (RFC 9110 section 7.1), where it is not the URL's own.
  const { host } = fields;
  if (bodyText === undefined && names.length === 0 && !encoded && redirects === 'follow' && host === undefined) return '';
  const included = [...names].sort().map((name) => [name, fields[name]]);
  return JSON.stringify([bodyText, included, encoded, redirects, host]);
}

/** `'follow'`, or what the adapter is told to do with redirects instead. */
function redirectsOf(config: InternalAxiosRequestConfig): string {
  const { maxRedirects, fetchOptions } = config;
  const { httpVersion } = config as { httpVersion?: unknown };
  // Of HTTP/2 axios follows none.
  if (maxRedirects === 0 || httpVersion === 2) return 'manual';
  const redirect: unknown = (fetchOptions as { redirect?: unknown } | undefined)?.redirect;
  return typeof redirect === 'string' ? redirect : 'follow';
}
