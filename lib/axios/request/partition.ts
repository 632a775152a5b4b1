/**
 * This file finds out whose answer an entry is: it makes the partition, which is the part of a key that tells users
 * apart, and hides secrets in request fields.
 */
import type { InternalAxiosRequestConfig } from 'axios';
import { CacheError } from '../../api/errors.js';
import { fieldsOf, type MutableFields } from '../native/headers.js';
import { hiddenCredentials } from './hidden-credentials.js';
import type { Partition } from './identified.js';
import type { ResolvedOptions } from '../../options/policy.js';
import type { HeaderFields } from '../../rfc9111/model.js';
import { base64 } from '../../support/base64.js';
import type { Digest } from '../../support/digest.js';
import { encoder } from '../../support/utf8.js';

const CREDENTIAL_FIELDS = ['authorization', 'cookie', 'proxy-authorization'];

/**
 * Returns the request's fields as the caller gave them, before an adapter adds its own. `auth` and the URL's user-info
 * appear as the Authorization that they become. The values of credential fields are replaced by digests.
 */
export function headerSnapshot(
  config: InternalAxiosRequestConfig,
  userInfo: string | undefined,
  credentialHeaders: readonly string[],
  digest: Digest,
): HeaderFields {
  // The object was made for this function, so that it may be changed.
  const fields: MutableFields = fieldsOf(config.headers);
  if (config.auth || userInfo !== undefined) fields['authorization'] = basicAuthorization(config.auth, userInfo);
  for (const name of CREDENTIAL_FIELDS) conceal(fields, name, digest);
  for (const name of credentialHeaders) if (!CREDENTIAL_FIELDS.includes(name)) conceal(fields, name, digest);
  return fields;
}

/** Makes the field that axios sends: `auth` and user-info both replace an Authorization field, and `auth` wins. */
const basicAuthorization = (auth: InternalAxiosRequestConfig['auth'], userInfo = ''): string =>
  `Basic ${base64(encoder.encode(auth ? `${auth.username || ''}:${auth.password || ''}` : userInfo))}`;

function conceal(fields: MutableFields, name: string, digest: Digest): void {
  const value = fields[name];
  if (value !== undefined) fields[name] = digest.text(typeof value === 'string' ? value : value.join('\n'));
}

/** These options decide on the partition. With `shared`, Authorization is left to RFC 9111 section 3.5. */
export type PartitionRules = Pick<ResolvedOptions, 'credentialHeaders' | 'partition' | 'shared'>;

const LOST_MARK = Symbol('axios-client-cache.credentials-lost');

/** Marks the config of a request to which a redirect led without the credentials that the first one had. */
export const CREDENTIALS_LOST: object = { [LOST_MARK]: true };

/** Describes the credentials of a request, whatever name the user gives to those who send it. */
export const credentialsOf = (
  config: InternalAxiosRequestConfig,
  fields: HeaderFields,
  rules: PartitionRules,
  digest: Digest,
): string => credentialPartition(config, fields, { ...rules, shared: false }, digest).text;

/**
 * Makes the partition of a request. `fields` is the `headerSnapshot` of it, and `requestPartition` is the request's own
 * option. It throws ERR_CACHE_OPTION where the user's function gives no name.
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

/**
 * Returns the user's name by the option `partition`; `undefined` means that users are told apart by their credentials.
 */
function sessionName(
  config: InternalAxiosRequestConfig,
  partition: ResolvedOptions['partition'],
): string | false | undefined {
  if (partition === 'credentials') return undefined;
  if (partition === false) return false;
  const name = callPartition(partition, config);
  // An empty name is most likely a user id that was never set: such answers must not be given to everybody.
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
