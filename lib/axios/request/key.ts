/** This file turns an axios config into the request that the cache decides on: its head, its key and its resource. */
import type { InternalAxiosRequestConfig } from 'axios';
import { methodOf } from '../native/config.js';
import type { Dialect } from '../native/dialect.js';
import { type BodyDescription, describeBody } from './body-key.js';
import { trustOf } from './certificates.js';
import { includedLines } from './included-fields.js';
import { describePartition, headerSnapshot, type PartitionRules, type UserPartition } from './partition.js';
import { AxiosRequest, ignoringRedirects } from './axios-request.js';
import type { Target } from './target.js';
import { describeRequestHead } from '../../rfc9111/describe-request-head.js';
import type { FieldSelection, HeaderFields } from '../../rfc9111/model.js';
import type { Digest } from '../../support/digest.js';
import { isUnawaited } from '../../support/user-promise.js';

export interface RequestContext {
  readonly options: PartitionRules;
  readonly digest: Digest;
  /** Turns a resource into the text by which the storage knows it. */
  readonly address: (resource: string) => string;
  /** Does so with a key, which is given as its start and its further lines. */
  readonly addressOfKey: (start: string, rest: string) => string;
  /** This is true where the process is told to check no server's certificate. */
  readonly trustsAnybody: boolean;
  /** This says how Vary looks at the fields of requests whose user is named, and of all others. */
  readonly ofNamed: FieldSelection;
  readonly ofAnybody: FieldSelection;
}

/** How the request is sent, where that is known. */
interface Sending {
  readonly dialect: Dialect | undefined;
  /** If this is true, a stored redirect may be followed in place of the request. */
  readonly follows: boolean;
}

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
    return composed(config, target, context, sending, { fields, partition, ownKey, body: NO_BODY });
  }
  const contentType = fields['content-type'];
  const body = describeBody(config.data, typeof contentType === 'string' ? contentType : contentType?.join(), {
    ignoredParams: policy.ignoredParams,
    digest,
  });
  const compose = (known: BodyDescription): AxiosRequest =>
    composed(config, target, context, sending, { fields, partition, ownKey, body: known });
  return body instanceof Promise ? body.then(compose) : compose(body);
}

const NO_BODY: BodyDescription = { kind: 'none' };

interface KeyParts {
  readonly fields: HeaderFields;
  readonly partition: UserPartition;
  /** The user's own key, which stands for method, URL and body. */
  readonly ownKey: string | undefined;
  readonly body: BodyDescription;
}

/** Asks the user's function for a key. What is no text leaves the key to the cache, so that the request goes on. */
function askedKey(ask: (config: InternalAxiosRequestConfig) => unknown, config: InternalAxiosRequestConfig) {
  try {
    const key = ask(config);
    return !isUnawaited(key) && typeof key === 'string' && key !== '' ? key : undefined;
  } catch {
    return undefined;
  }
}

function composed(
  config: InternalAxiosRequestConfig,
  target: Target,
  context: RequestContext,
  { dialect, follows }: Sending,
  parts: KeyParts,
): AxiosRequest {
  const method = methodOf(config);
  const { addressOfKey } = context;
  const { policy, normalUrl, resource } = target;
  const { partition, fields, ownKey } = parts;
  const restOfKey = `\n${partition.text}${extrasOf(config, target, dialect ?? 'http', parts, context)}`;
  const selection = partition.isNamed ? context.ofNamed : context.ofAnybody;
  return new AxiosRequest(config, target, {
    policy: follows ? policy : ignoringRedirects(policy),
    head: describeRequestHead(method, normalUrl.url, fields, policy, selection),
    ownKey,
    key: keyOf(startOfKey(method, target, ownKey), target, restOfKey, addressOfKey),
    keyOfGet: method === 'HEAD' ? keyOf(startOfKey('GET', target, ownKey), target, restOfKey, addressOfKey) : undefined,
    resource: context.address(resource),
    restOfKey,
    partitionOpaque: partition.opaque,
    bodyKind: parts.body.kind,
    dialect,
  });
}

function keyOf(start: string, target: Target, rest: string, address: RequestContext['addressOfKey']): string {
  const known = target.latestKey;
  if (known !== undefined && known.start === start && known.rest === rest) return known.key;
  const key = address(start, rest);
  target.latestKey = { start, rest, key };
  return key;
}

/**
 * Begins a key by method and URL, or by the user's own key instead of both. A HEAD is kept apart, as its answer has no
 * body to give to other requests.
 */
export function startOfKey(method: string, { normalUrl }: Target, ownKey: string | undefined): string {
  if (ownKey === undefined) return `${method}\n${normalUrl.keyUrl}`;
  return `${method === 'HEAD' ? 'key of HEAD' : 'key'}\n${JSON.stringify(ownKey)}`;
}

/**
 * Describes what most requests do not have: fields in the key, a line each, and in one line all that changes the
 * answer's bytes. A request that may have a body always has that line, so that none is told from any.
 */
function extrasOf(
  config: InternalAxiosRequestConfig,
  { policy, normalUrl }: Target,
  dialect: Dialect,
  { fields, ownKey, body }: KeyParts,
  { digest, trustsAnybody }: RequestContext,
): string {
  const bodyText = body.kind === 'text' && ownKey === undefined ? body.text : undefined;
  const included = includedLines(fields, policy, digest);
  // Only the http adapter obeys `decompress`; for the other adapters the platform always decompresses.
  const encoded = config.decompress === false && dialect === 'http';
  const redirects = redirectsOf(config);
  // A Host field that differs from the URL's host is a part of the target URI (RFC 9110 section 7.1).
  const { host } = fields;
  const trust = trustOf(config, digest) ?? (trustsAnybody && normalUrl.protocol === 'https:' ? 'anybody' : undefined);
  const mayHaveBody = ownKey === undefined && !['GET', 'HEAD'].includes(methodOf(config));
  const isPlain = bodyText === undefined && !encoded && redirects === 'follow' && !mayHaveBody;
  if (isPlain && host === undefined && trust === undefined) return included;
  return `${included}\n${JSON.stringify([bodyText, encoded, redirects, host, trust])}`;
}

/** Returns what the adapter is told to do with redirects; it is `'follow'` where it is told nothing. */
function redirectsOf(config: InternalAxiosRequestConfig): string {
  const { maxRedirects, fetchOptions } = config;
  const { httpVersion } = config as { httpVersion?: unknown };
  // Over HTTP/2 axios follows no redirect.
  if (maxRedirects === 0 || httpVersion === 2) return 'manual';
  const redirect: unknown = (fetchOptions as { redirect?: unknown } | undefined)?.redirect;
  return typeof redirect === 'string' ? redirect : 'follow';
}
