/** This file has an axios request as the cache sees it: its head, its key and its resource. */
import type { InternalAxiosRequestConfig } from 'axios';
import { methodOf } from '../native/config.js';
import type { Dialect } from '../native/dialect.js';
import type { BodyDescription } from './body-key.js';
import { trustOf, trustsAnybody } from './certificates.js';
import { includedLines } from './included-fields.js';
import type { PartitionRules, UserPartition } from './partition.js';
import { limitsRedirects } from './redirect-limit.js';
import { isServedBy } from './response-form.js';
import type { MadeKey, Target } from './target.js';
import { originOf } from './url.js';
import { redactText, textOfBody } from './recorded.js';
import type { CacheRequest, ServingEntry } from '../../engine/exchange/request.js';
import { judging } from '../../engine/reading/asked-lifetime.js';
import type { RecordedHead } from '../../entries/head.js';
import type { RequestPolicy, ResolvedOptions } from '../../options/policy.js';
import { describeRequestHead } from '../../rfc9111/describe-request-head.js';
import type { FieldSelection, HeaderFields, RequestHead } from '../../rfc9111/model.js';
import type { CacheSession } from '../../session.js';
import type { Digest } from '../../support/digest.js';

export interface RequestContext {
  readonly options: PartitionRules & Pick<ResolvedOptions, 'redactedParams'>;
  /** If this is true, the session records or replays: what is secret in a body then makes no difference to the key. */
  readonly records: boolean;
  readonly digest: Digest;
  /** Turns a resource into the text by which the storage knows it. */
  readonly address: (resource: string) => string;
  /** Does so with a key, which is given as its start and its further lines. */
  readonly addressOfKey: (start: string, rest: string) => string;
  /** This says how Vary looks at the fields of requests whose user is named, and of all others. */
  readonly ofNamed: FieldSelection;
  readonly ofAnybody: FieldSelection;
}

/** How the request is sent, where that is known. */
export interface Sending {
  readonly dialect: Dialect | undefined;
  /** If this is true, a stored redirect may be followed in place of the request. */
  readonly follows: boolean;
}

/** What of a request stands in its key. */
interface KeyParts {
  readonly fields: HeaderFields;
  readonly partition: UserPartition;
  /** The user's own key, which stands for method, URL and body. */
  readonly ownKey: string | undefined;
  readonly body: BodyDescription;
}

export class AxiosRequest implements CacheRequest {
  readonly config: InternalAxiosRequestConfig;
  readonly target: Target;
  readonly policy: RequestPolicy;
  readonly head: RequestHead;
  /** Is equal for equivalent requests, and never for different ones; no credential stands in it in clear. */
  readonly key: string;
  readonly madeKey: MadeKey;
  readonly keyOfGet: string | undefined;
  readonly resource: string;
  /** A dialect is one of axios' own adapters; it is `undefined` where the request goes through another. */
  readonly dialect: Dialect | undefined;
  /** True where the key holds in this process only, so that a storage that outlives it must not be used. */
  readonly partitionOpaque: boolean;
  /** Says `'opaque'` where the body cannot be read, so that the key means nothing and nothing may be cached. */
  readonly bodyKind: BodyDescription['kind'];
  /** The user's own key, which stands for method, URL and body. */
  readonly ownKey: string | undefined;
  /** These are the context's rules for secrets, where the session records. */
  readonly secrets: Pick<ResolvedOptions, 'redactedParams' | 'isCredential'> | undefined;
  /** Is what follows method and URL in a key: a line for the user, then those for fields and body, if there are any. */
  readonly restOfKey: string;

  constructor(
    config: InternalAxiosRequestConfig,
    target: Target,
    context: RequestContext,
    { dialect, follows }: Sending,
    parts: KeyParts,
  ) {
    const method = methodOf(config);
    const { addressOfKey: address } = context;
    const { policy, normalUrl } = target;
    const { partition, ownKey } = parts;
    const rest = `\n${partition.text}${extrasOf(config, target, dialect ?? 'http', parts, context)}`;
    const selection = partition.isNamed ? context.ofNamed : context.ofAnybody;
    this.config = config;
    this.target = target;
    const judged = judging(policy);
    this.policy = follows ? judged : ignoringRedirects(judged);
    this.head = describeRequestHead(method, normalUrl.url, parts.fields, policy, selection);
    this.madeKey = keyOf(startOfKey(method, target, ownKey), target, rest, address);
    this.key = this.madeKey.key;
    this.keyOfGet = method === 'HEAD' ? keyOf(startOfKey('GET', target, ownKey), target, rest, address).key : undefined;
    this.resource = context.address(target.resource);
    this.dialect = dialect;
    this.partitionOpaque = partition.opaque;
    this.bodyKind = parts.body.kind;
    this.ownKey = ownKey;
    this.restOfKey = rest;
    this.secrets = context.records ? context.options : undefined;
  }

  /** Describes the request as it is recorded with its answer, without secrets; it is undefined where none is. */
  get recorded(): RecordedHead | undefined {
    const { secrets } = this;
    if (secrets === undefined) return undefined;
    const headers: Record<string, string> = {};
    for (const [name, value] of Object.entries(this.head.headers)) {
      headers[name] = secrets.isCredential(name) ? '***' : [value].flat().join(', ');
    }
    const body = textOfBody(this.config.data);
    return { headers, body: body === undefined ? undefined : redactText(body, secrets.redactedParams) };
  }

  /** Gives the key in the form that may be shown, which is made once for a key that comes back. */
  shownKey(session: Pick<CacheSession, 'displayKey'>): string {
    return (this.madeKey.shown ??= session.displayKey(this.key));
  }

  get keyUrl(): string | undefined {
    return this.ownKey === undefined ? this.target.normalUrl.keyUrl : undefined;
  }

  keyAt(keyUrl: string): string {
    return `${this.head.method}\n${keyUrl}${this.restOfKey}`;
  }

  isServedBy({ bodyKind, finalUrl }: ServingEntry): boolean {
    // Nobody knows how many redirects led to that URL, of which there may be too many for this request.
    if (finalUrl !== undefined && limitsRedirects(this.config, this.dialect)) return false;
    return this.head.method === 'HEAD' || isServedBy(bodyKind, this.config.responseType, this.dialect);
  }

  get socketPath(): string | undefined {
    return this.target.rules.socketPath;
  }

  originOf(url: string): string {
    return originOf(url, this.target.rules.socketPath);
  }

  /** Makes the same request with a policy by which stored redirects do not answer it. */
  ignoringRedirects(): AxiosRequest {
    return Object.create(this, { policy: { value: ignoringRedirects(this.policy) } }) as AxiosRequest;
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

function keyOf(start: string, target: Target, rest: string, address: RequestContext['addressOfKey']): MadeKey {
  const known = target.latestKey;
  if (known !== undefined && known.start === start && known.rest === rest) return known;
  return (target.latestKey = { start, rest, key: address(start, rest), shown: undefined });
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
  { digest }: RequestContext,
): string {
  const bodyText = body.kind === 'text' && ownKey === undefined ? body.text : undefined;
  const included = includedLines(fields, policy, digest);
  // Only the http adapter obeys `decompress`; for the other adapters the platform always decompresses.
  const encoded = config.decompress === false && dialect === 'http';
  const redirects = redirectsOf(config) + termsOf(config, dialect);
  // A Host field that differs from the URL's host is a part of the target URI (RFC 9110 section 7.1).
  const { host } = fields;
  // Reading that of the process takes a tenth of the time of a hit, so that it is read only where it matters.
  const inherited = normalUrl.protocol === 'https:' && trustsAnybody() ? 'anybody' : undefined;
  const trust = trustOf(config, digest, dialect) ?? inherited;
  const mayHaveBody = ownKey === undefined && !['GET', 'HEAD'].includes(methodOf(config));
  const isPlain = bodyText === undefined && !encoded && redirects === 'follow' && !mayHaveBody;
  if (isPlain && host === undefined && trust === undefined) return included;
  return `${included}\n${JSON.stringify([bodyText, encoded, redirects, host, trust])}`;
}

/** By these options fetch refuses an answer, hides it, or tells the server less. */
const TERMS = ['integrity', 'mode', 'referrer', 'referrerPolicy'] as const;

/** Returns the terms on which fetch gives an answer; it is empty where there are none of the caller's own. */
function termsOf({ fetchOptions }: InternalAxiosRequestConfig, dialect: Dialect): string {
  if (dialect !== 'fetch' || !fetchOptions) return '';
  const given = TERMS.map((name) => (fetchOptions as Readonly<Record<string, unknown>>)[name]);
  return given.some((value) => value !== undefined) ? JSON.stringify(given) : '';
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
