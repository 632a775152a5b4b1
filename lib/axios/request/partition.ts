/** Whose answer an entry is: the credential partition of a key, and request fields without their secrets. */
import type { InternalAxiosRequestConfig } from 'axios';
import { CacheError } from '../../api/errors.js';
import { fieldsOf, type MutableFields } from '../native/headers.js';
import { hiddenCredentials } from './hidden-credentials.js';
import type { Partition } from './identified.js';
import type { ResolvedOptions } from '../../options/policy.js';
import type { HeaderFields } from '../../rfc9111/model.js';
import type { Digest } from '../../support/digest.js';
import { encoder } from '../../support/utf8.js';

const CREDENTIAL_FIELDS = ['authorization', 'cookie', 'proxy-authorization'];

/**
 * The request's fields as the caller gave them, before an adapter adds its own; `auth` and the URL's user-info stand as
 * the Authorization that they become. Values of credential fields are digests.
 */
export function headerSnapshot(
  config: InternalAxiosRequestConfig,
  userInfo: string | undefined,
  credentialHeaders: readonly string[],
  digest: Digest,
): HeaderFields {
  // Made here, so ours to change.
  const fields: MutableFields = fieldsOf(config.headers);
  if (config.auth || userInfo !== undefined) fields['authorization'] = basicAuthorization(config.auth, userInfo);
  for (const name of CREDENTIAL_FIELDS) conceal(fields, name, digest);
  for (const name of credentialHeaders) if (!CREDENTIAL_FIELDS.includes(name)) conceal(fields, name, digest);
  return fields;
}

/** What axios sends for them: both replace an Authorization field, and `auth` wins. */
const basicAuthorization = (auth: InternalAxiosRequestConfig['auth'], userInfo = ''): string =>
  `Basic ${base64(auth ? `${auth.username || ''}:${auth.password || ''}` : userInfo)}`;

const base64 = (text: string): string => btoa(String.fromCharCode(...encoder.encode(text)));

function conceal(fields: MutableFields, name: string, digest: Digest): void {
  const value = fields[name];
  if (value !== undefined) fields[name] = digest.text(typeof value === 'string' ? value : value.join('\n'));
}

/** A cache that is `shared` leaves Authorization to RFC 9111 section 3.5. */
export type PartitionRules = Pick<ResolvedOptions, 'credentialHeaders' | 'partition' | 'shared'>;

const LOST_MARK = Symbol('axios-client-cache.credentials-lost');

/** Marks the config of a request to which a redirect led without the credentials that the first one had. */
export const CREDENTIALS_LOST: object = { [LOST_MARK]: true };

/**
 * `fields`: the snapshot of the same request; `requestPartition`: its own option. Throws ERR_CACHE_OPTION where the
 * user's function gives no name.
 */
export function describePartition(
  config: InternalAxiosRequestConfig,
  fields: HeaderFields,
  requestPartition: string | false | undefined,
  rules: PartitionRules,
  digest: Digest,
): Partition {
  const name = requestPartition ?? sessionName(config, rules.partition);
  if (name === undefined) return credentialPartition(config, fields, rules, digest);
  const user = name === false ? 'everybody' : `named ${digest.text(name)}`;
  // The user is the same, but is not known as that one there.
  return { text: LOST_MARK in config ? `${user};unknown` : user, opaque: false };
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
  { shared, credentialHeaders }: PartitionRules,
  digest: Digest,
): Partition {
  let text = 'credentials';
  if (!shared) text += fieldText(fields, 'authorization');
  text += fieldText(fields, 'cookie');
  for (const name of credentialHeaders) text += fieldText(fields, name);
  if (config.withCredentials === true) text += ';with-credentials';
  const hidden = hiddenCredentials(config, digest);
  if (hidden !== undefined) return { text: text + hidden.text, opaque: hidden.opaque };
  return text === 'credentials' ? WITHOUT_CREDENTIALS : { text, opaque: false };
}

const WITHOUT_CREDENTIALS: Partition = { text: 'credentials', opaque: false };

function fieldText(fields: HeaderFields, name: string): string {
  const value = fields[name];
  return value === undefined ? '' : `;${name}=${String(value)}`;
}
