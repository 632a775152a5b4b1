/**
 * This file finds out whose answer an entry is: it makes the partition, which is the part of a key that tells users
 * apart, and hides secrets in request fields.
 */
import type { InternalAxiosRequestConfig } from 'axios';
import { CacheError } from '../../api/errors.js';
import type { Dialect } from '../native/dialect.js';
import { fieldsOf, type MutableFields } from '../native/headers.js';
import { hiddenCredentials } from './hidden-credentials.js';
import type { Partition } from './identified.js';
import { showValue } from '../../options/faults.js';
import type { ResolvedOptions } from '../../options/policy.js';
import type { HeaderFields } from '../../rfc9111/model.js';
import { base64 } from '../../support/base64.js';
import type { Digest } from '../../support/digest.js';
import { exactBytes } from '../../support/exact-bytes.js';
import { isUnawaited } from '../../support/user-promise.js';

/** The fields of a request as the cache may know them. */
export interface FieldSnapshot {
  readonly fields: HeaderFields;
  /** The names of those that say who asks, in their order. Their values are digests. */
  readonly credentials: readonly string[];
  /**
   * A digest of the credentials that give way to others by the rules of axios' http and fetch adapters. Other adapters
   * may send these instead. It is `undefined` where there are none.
   */
  readonly outranked: string | undefined;
}

const NO_NAMES: readonly string[] = [];

/**
 * Returns the request's fields as the caller gave them, before an adapter adds its own. `auth` and the URL's user-info
 * appear as the Authorization that they become. The values of credential fields are replaced by digests.
 */
export function headerSnapshot(
  config: InternalAxiosRequestConfig,
  userInfo: string | undefined,
  isCredential: (name: string) => boolean,
  digest: Digest,
): FieldSnapshot {
  // The object was made for this function, so that it may be changed.
  const fields: MutableFields = fieldsOf(config.headers);
  const outranked = config.auth || userInfo !== undefined ? authorise(fields, config.auth, userInfo) : NO_NAMES;
  let credentials: string[] | undefined;
  for (const name of Object.keys(fields)) {
    if (!isCredential(name)) continue;
    fields[name] = digest.text(textOf(fields[name] ?? ''));
    (credentials ??= []).push(name);
  }
  return {
    fields,
    credentials: credentials?.sort() ?? NO_NAMES,
    outranked: outranked.length === 0 ? undefined : digest.text(JSON.stringify(outranked)),
  };
}

/** Sets the field that axios sends: `auth` wins over user-info, and both over the field. Returns what gave way. */
function authorise(
  fields: MutableFields,
  auth: InternalAxiosRequestConfig['auth'],
  userInfo: string | undefined,
): readonly string[] {
  const outranked: string[] = [];
  const former = fields['authorization'];
  if (former !== undefined) outranked.push(`field ${textOf(former)}`);
  if (auth && userInfo !== undefined) outranked.push(`user-info ${userInfo}`);
  const pair = auth ? `${auth.username || ''}:${auth.password || ''}` : (userInfo ?? '');
  fields['authorization'] = `Basic ${base64(exactBytes(pair))}`;
  return outranked;
}

const textOf = (value: string | readonly string[]): string => (typeof value === 'string' ? value : value.join('\n'));

export interface UserPartition extends Partition {
  /** If this is true, the user's name stands for all credentials of the request. */
  readonly isNamed: boolean;
}

/** These options decide on the partition. With `shared`, Authorization is left to RFC 9111 section 3.5. */
export type PartitionRules = Pick<ResolvedOptions, 'isCredential' | 'partition' | 'shared'>;

const LOST_MARK = Symbol('axios-client-cache.credentials-lost');

/** Marks the config of a request to which a redirect led without the credentials that the first one had. */
export const CREDENTIALS_LOST: object = { [LOST_MARK]: true };

/** Describes the credentials of a request, whatever name the user gives to those who send it. */
export const credentialsOf = (
  config: InternalAxiosRequestConfig,
  userInfo: string | undefined,
  rules: PartitionRules,
  digest: Digest,
  dialect: Dialect | undefined,
): string => {
  const snapshot = headerSnapshot(config, userInfo, rules.isCredential, digest);
  return credentialPartition(config, snapshot, { ...rules, shared: false }, digest, dialect).text;
};

/**
 * Makes the partition of a request. `snapshot` is the `headerSnapshot` of it, and `requestPartition` is the request's
 * own option. It throws ERR_CACHE_OPTION where the user's function gives no name.
 */
export function describePartition(
  config: InternalAxiosRequestConfig,
  snapshot: FieldSnapshot,
  requestPartition: string | false | undefined,
  rules: PartitionRules,
  digest: Digest,
  dialect: Dialect | undefined,
): UserPartition {
  const name = requestPartition ?? sessionName(config, rules.partition);
  if (name === undefined) return credentialPartition(config, snapshot, rules, digest, dialect);
  const { known, unknown } = namedPartition(name, digest);
  return { text: LOST_MARK in config ? unknown : known, opaque: false, isNamed: name !== false };
}

/**
 * Returns what stands in the keys of a user who has a name: `unknown` where a redirect has taken the credentials off
 * the request, so that the user is the same but is not known as that one there.
 */
export function namedPartition(
  name: string | false,
  digest: Digest,
): { readonly known: string; readonly unknown: string } {
  const known = name === false ? 'everybody' : `named ${digest.text(name)}`;
  return { known, unknown: `${known};unknown` };
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
  const given = name === '' ? 'an empty one' : isUnawaited(name) ? 'a promise' : showValue(name);
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
  { fields, credentials, outranked }: FieldSnapshot,
  { shared }: PartitionRules,
  digest: Digest,
  dialect: Dialect | undefined,
): UserPartition {
  let text = 'credentials';
  for (const name of credentials) {
    if (separatesUsers(name, shared)) text += `;${name}=${String(fields[name])}`;
  }
  const isRanked = dialect === 'http' || dialect === 'fetch';
  if (outranked !== undefined && !isRanked && !shared) text += `;outranked=${outranked}`;
  const mode = credentialsMode(config.withCredentials, dialect);
  if (mode !== SAME_ORIGIN) text += `;credentials=${JSON.stringify(mode)}`;
  const hidden = hiddenCredentials(config, digest, dialect);
  if (hidden !== undefined) return { text: text + hidden.text, opaque: hidden.opaque, isNamed: false };
  return text === 'credentials' ? WITHOUT_CREDENTIALS : { text, opaque: false, isNamed: false };
}

const WITHOUT_CREDENTIALS: UserPartition = { text: 'credentials', opaque: false, isNamed: false };

/** Credentials for a proxy stay with it, as proxies are no part of the key. */
const separatesUsers = (name: string, shared: boolean): boolean =>
  name !== 'proxy-authorization' && !(shared && name === 'authorization');

/** What adapters do without being told: in a browser, cookies go to the page's own origin. */
const SAME_ORIGIN = 'same-origin';

/**
 * Tells what the adapter makes of `withCredentials`. With the fetch adapter texts are the words of the Fetch standard,
 * and `false` keeps even the cookies of the page's own origin back, which the other adapters do not know. An adapter
 * that is not axios' own may do as either.
 */
function credentialsMode(given: unknown, dialect: Dialect | undefined): string {
  if (given === undefined) return SAME_ORIGIN;
  if (dialect === 'http' || dialect === 'xhr') return given ? 'include' : SAME_ORIGIN;
  if (typeof given === 'string') return given;
  return given ? 'include' : 'omit';
}
