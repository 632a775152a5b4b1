/** Whose answer an entry is: the credential partition of a key, and request fields without their secrets. */
import type { InternalAxiosRequestConfig } from 'axios';
import type { Digest } from '../digest.js';
import { CacheError } from '../errors.js';
import type { ResolvedOptions } from '../options.js';
import type { HeaderFields } from '../rfc9111/model.js';
import { fieldsOf } from './headers.js';
import { identityOf } from './identity.js';

export interface CredentialRules extends Pick<ResolvedOptions, 'credentialHeaders'> {
  /** Of the URL. */
  readonly userInfo: string | undefined;
  readonly digest: Digest;
}

type MutableFields = Record<string, string | readonly string[]>;

const encoder = new TextEncoder();
const CREDENTIAL_FIELDS = ['authorization', 'cookie', 'proxy-authorization'];

/**
 * The request's fields as the caller gave them, before an adapter adds its own; `auth` and user-info stand as the
 * Authorization that they become. Values of credential fields are digests.
 */
export function headerSnapshot(config: InternalAxiosRequestConfig, rules: CredentialRules): HeaderFields {
  // Made here, so ours to change.
  const fields: MutableFields = fieldsOf(config.headers);
  const authorization = basicAuthorization(config.auth, rules.userInfo);
  if (authorization !== undefined) fields['authorization'] = authorization;
  for (const name of CREDENTIAL_FIELDS) conceal(fields, name, rules.digest);
  for (const name of rules.credentialHeaders) {
    if (!CREDENTIAL_FIELDS.includes(name)) conceal(fields, name, rules.digest);
  }
  return fields;
}

/** What axios sends for them: both replace an Authorization field, and `auth` wins. */
function basicAuthorization(
  auth: InternalAxiosRequestConfig['auth'],
  userInfo: string | undefined,
): string | undefined {
  const credentials = auth ? `${auth.username || ''}:${auth.password || ''}` : userInfo;
  return credentials === undefined ? undefined : `Basic ${base64(credentials)}`;
}

const base64 = (text: string): string => btoa(String.fromCharCode(...encoder.encode(text)));

function conceal(fields: MutableFields, name: string, digest: Digest): void {
  const value = fields[name];
  if (value !== undefined) fields[name] = digest.text(typeof value === 'string' ? value : value.join('\n'));
}

/** A cache that is `shared` leaves Authorization to RFC 9111 section 3.5. */
export interface PartitionRules extends Pick<ResolvedOptions, 'credentialHeaders' | 'partition' | 'shared'> {
  /** The request's own option. */
  readonly requestPartition: string | false | undefined;
  readonly digest: Digest;
}

export interface Partition {
  /** On one line. */
  readonly text: string;
  /** Something that cannot be read, as a cookie jar, is told apart by identity: true in this process only. */
  readonly opaque: boolean;
}

const LOST = Symbol('axios-client-cache.credentials-lost');

/** Marks the config of a request to which a redirect led without the credentials that the first one had. */
export const CREDENTIALS_LOST: object = { [LOST]: true };

/** `fields`: the snapshot of the same request. Throws ERR_CACHE_OPTION where the user's function gives no name. */
export function describePartition(
  config: InternalAxiosRequestConfig,
  fields: HeaderFields,
  rules: PartitionRules,
): Partition {
  const name = rules.requestPartition ?? sessionName(config, rules.partition);
  if (name === undefined) return credentialPartition(config, fields, rules);
  const user = name === false ? 'everybody' : `named ${rules.digest.text(name)}`;
  // The user is the same, but is not known as that one there.
  return { text: LOST in config ? `${user};unknown` : user, opaque: false };
}

/** `undefined`: told apart by credentials. */
function sessionName(
  config: InternalAxiosRequestConfig,
  partition: ResolvedOptions['partition'],
): string | false | undefined {
  if (partition === 'credentials') return undefined;
  if (partition === false) return false;
  const name = callPartition(partition, config);
  // An empty name is a user id that was never set: it must not become everybody's.
  if ((typeof name === 'string' && name !== '') || name === false) return name;
  const given = name === '' ? 'an empty one' : name instanceof Promise ? 'a promise' : String(name);
  throw partitionError(`must return a string or false, got ${given}`);
}

function callPartition(
  partition: (config: InternalAxiosRequestConfig) => unknown,
  config: InternalAxiosRequestConfig,
): unknown {
  try {
    return partition(config);
  } catch (cause) {
    throw partitionError('threw', { cause });
  }
}

const partitionError = (fault: string, details: { cause?: unknown } = {}): CacheError =>
  new CacheError('ERR_CACHE_OPTION', `the function partition ${fault}`, { option: 'partition', ...details });

function credentialPartition(
  config: InternalAxiosRequestConfig,
  fields: HeaderFields,
  rules: PartitionRules,
): Partition {
  let text = 'credentials';
  if (!rules.shared) text += fieldText(fields, 'authorization');
  text += fieldText(fields, 'cookie');
  for (const name of rules.credentialHeaders) text += fieldText(fields, name);
  if (config.withCredentials === true) text += ';with-credentials';
  const hidden = hiddenCredentials(config, rules.digest);
  return hidden === undefined ? { text, opaque: false } : { text: text + hidden.text, opaque: hidden.opaque };
}

function fieldText(fields: HeaderFields, name: string): string {
  const value = fields[name];
  return value === undefined ? '' : `;${name}=${String(value)}`;
}

/** What axios' types leave out: a jar of axios-cookiejar-support, what agents keep of their options. */
interface HiddenSources {
  readonly jar?: unknown;
  readonly env?: { readonly fetch?: unknown };
  readonly httpAgent?: { readonly options?: TlsOptions } | false;
  readonly httpsAgent?: { readonly options?: TlsOptions } | false;
  readonly http2Options?: TlsOptions;
}
interface TlsOptions {
  readonly cert?: unknown;
  readonly key?: unknown;
  readonly pfx?: unknown;
  readonly secureContext?: unknown;
}

/** Credentials that no field shows: a jar's cookies, client certificates. */
function hiddenCredentials(config: InternalAxiosRequestConfig, digest: Digest): Partition | undefined {
  const { jar, env, httpAgent, httpsAgent, http2Options } = config as HiddenSources;
  const ownFetch = env?.fetch;
  if (!jar && !ownFetch && !httpAgent && !httpsAgent && !http2Options) return undefined;
  const found: (Partition | undefined)[] = [isObject(jar) ? identified('jar', jar) : undefined];
  // A framework's fetch for one visitor puts the visitor's cookies on.
  if (typeof ownFetch === 'function' && ownFetch !== globalThis.fetch) found.push(identified('fetch', ownFetch));
  if (httpAgent) found.push(certificateOf(httpAgent.options, digest));
  if (httpsAgent) found.push(certificateOf(httpsAgent.options, digest));
  found.push(certificateOf(http2Options, digest));
  const known = found.filter((each) => each !== undefined);
  if (known.length === 0) return undefined;
  return { text: known.map(({ text }) => text).join(''), opaque: known.some(({ opaque }) => opaque) };
}

const isObject = (value: unknown): value is object => typeof value === 'object' && value !== null;

/** What cannot be read is at least not taken for another. */
const identified = (name: string, value: object): Partition => ({
  text: `;${name}=${String(identityOf(value))}`,
  opaque: true,
});

/** By an agent's options: what was read in them, and what came of it. */
const certificates = new WeakMap<TlsOptions, { readonly read: readonly unknown[]; readonly partition: Partition }>();

function certificateOf(options: TlsOptions | undefined, digest: Digest): Partition | undefined {
  if (!isObject(options)) return undefined;
  const { cert, key, pfx, secureContext } = options;
  if (isObject(secureContext)) return identified('certificate', secureContext);
  if (cert === undefined && key === undefined && pfx === undefined) return undefined;
  const read = [cert, key, pfx, digest];
  const known = certificates.get(options);
  if (known?.read.every((each, index) => each === read[index])) return known.partition;
  const material = JSON.stringify([cert, key, pfx].map((each) => readMaterial(each, digest)));
  const partition: Partition = { text: `;certificate=${digest.bytes(encoder.encode(material))}`, opaque: false };
  certificates.set(options, { read, partition });
  return partition;
}

/** PEM text, bytes, a list of them, or objects with one in `pem` or `buf`, as node:tls takes them. */
function readMaterial(value: unknown, digest: Digest): unknown {
  if (typeof value === 'string') return digest.bytes(encoder.encode(value));
  if (ArrayBuffer.isView(value)) return digest.bytes(new Uint8Array(value.buffer, value.byteOffset, value.byteLength));
  if (Array.isArray(value)) return value.map((each) => readMaterial(each, digest));
  if (!isObject(value)) return null;
  const { pem, buf } = value as { pem?: unknown; buf?: unknown };
  return [readMaterial(pem, digest), readMaterial(buf, digest)];
}
