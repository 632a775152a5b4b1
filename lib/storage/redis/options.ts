/** What RedisStorage and RedisBus may be given, checked once. */
import type { Duration } from '../../api/options.js';
import { optionError, showValue } from '../../options/faults.js';
import { parseDuration } from '../../options/lifetimes.js';
import { isPlainObject } from '../../support/plain-object.js';
import type { RecordCodec } from '../record/codec.js';
import { checkOptionNames, type RecordOptions, resolveRecordOptions } from '../record/options.js';
import { isRedisClient, type RedisClient, type RedisClusterClient } from './client.js';

export interface RedisStorageOptions extends RecordOptions {
  /** Where Redis is, such as `redis://user:password@host:6379/0`. @default 'redis://localhost:6379' */
  url?: string;
  /**
   * A client of the package redis (version 4 or newer) in place of `url`: what `createClient`, `createClientPool` or
   * `createCluster` gave. It stays as it is: you connect and close it.
   */
  client?: object;
  /** More options for `createClient`, such as `socket: { ca }`. Reconnecting is not left to it. */
  clientOptions?: object;
  /**
   * Whether one process of many asks the origin while the others wait, and for how long at most: `true` is 10 seconds.
   * @default false
   */
  lease?: boolean | { ttl: Duration };
}

export interface RedisBusOptions {
  /** Where Redis is. It may be any node of a cluster. @default 'redis://localhost:6379' */
  url?: string;
  /**
   * A client of the package redis in place of `url`, as `createClient` gives it. It stays as it is: messages come over
   * a copy of it.
   */
  client?: object;
  /** Separates caches: the same one as that of the storage. @default 'axios-cache' */
  namespace?: string;
}

/** How the server is reached. */
export type RedisTarget =
  | { readonly kind: 'client'; readonly client: RedisClient | RedisClusterClient }
  | {
      readonly kind: 'own';
      readonly url: string | undefined;
      readonly clientOptions: Readonly<Record<string, unknown>>;
    };

export interface ResolvedRedisOptions {
  readonly target: RedisTarget;
  readonly namespace: string;
  readonly codec: RecordCodec;
  /** How long a lease is held at most. `undefined`: there are no leases. */
  readonly leaseMs: number | undefined;
}

const OWN_NAMES = ['url', 'client', 'clientOptions', 'lease'] as const satisfies (keyof RedisStorageOptions)[];
const PROTOCOLS = ['redis:', 'rediss:'];

/** @throws CacheError `ERR_CACHE_OPTION` */
export function resolveRedisOptions(given: string | RedisStorageOptions = {}): ResolvedRedisOptions {
  const options = typeof given === 'string' ? { url: given } : given;
  checkOptionNames(options, OWN_NAMES, 'RedisStorage');
  return {
    target: resolveTarget(options, 'RedisStorage'),
    ...resolveRecordOptions(options, 'RedisStorage'),
    leaseMs: resolveLease(options.lease),
  };
}

/** @throws CacheError `ERR_CACHE_OPTION` */
export function resolveTarget(
  { url, client, clientOptions }: Pick<RedisStorageOptions, 'url' | 'client' | 'clientOptions'>,
  owner: string,
): RedisTarget {
  if (client !== undefined) {
    const beside = url !== undefined ? 'url' : clientOptions !== undefined ? 'clientOptions' : undefined;
    if (beside !== undefined) throw optionError(beside, `${owner}: give ${beside} or client, not both.`);
    if (isRedisClient(client)) return { kind: 'client', client };
    const allowed = 'a client of the package redis, version 4 or newer, as createClient or createCluster gives it';
    throw optionError('client', `${owner}: client must be ${allowed}; got ${showValue(client)}.`);
  }
  if (url !== undefined) checkUrl(url, owner);
  if (clientOptions !== undefined && !isPlainObject(clientOptions)) {
    const allowed = 'an object with options of createClient';
    throw optionError('clientOptions', `${owner}: clientOptions must be ${allowed}; got ${showValue(clientOptions)}.`);
  }
  return { kind: 'own', url, clientOptions: { ...clientOptions } };
}

/** No message shows what was given, as it may have a password in it. */
function checkUrl(url: unknown, owner: string): void {
  const isUrl = typeof url === 'string' && URL.canParse(url) && PROTOCOLS.includes(new URL(url).protocol);
  if (isUrl) return;
  const got = typeof url === 'string' ? 'another text' : showValue(url);
  throw optionError('url', `${owner}: url must be an address such as "redis://localhost:6379"; got ${got}.`);
}

/** After that time the others ask the origin themselves. */
const DEFAULT_LEASE_MS = 10_000;

function resolveLease(lease: unknown): number | undefined {
  if (lease === undefined || lease === false) return undefined;
  if (lease === true) return DEFAULT_LEASE_MS;
  if (!isPlainObject(lease) || Object.keys(lease).some((name) => name !== 'ttl') || !('ttl' in lease)) {
    throw optionError('lease', `RedisStorage: lease must be true, false or { ttl: '10s' }; got ${showValue(lease)}.`);
  }
  const ttlMs = parseDuration(lease.ttl, 'lease.ttl') * 1000;
  if (ttlMs < 1) throw optionError('lease.ttl', 'RedisStorage: lease.ttl must be longer than nothing.');
  return Math.ceil(ttlMs);
}

const BUS_NAMES = ['url', 'client', 'namespace'] as const satisfies (keyof RedisBusOptions)[];

/** @throws CacheError `ERR_CACHE_OPTION` */
export function resolveBusOptions(given: string | RedisBusOptions = {}): {
  readonly target: RedisTarget;
  readonly namespace: string;
} {
  const options: RedisBusOptions = typeof given === 'string' ? { url: given } : given;
  const unknown = isPlainObject(options) ? Object.keys(options).find((name) => !isBusName(name)) : 'options';
  if (unknown !== undefined) {
    throw optionError(unknown, `RedisBus takes an address, or an object with ${BUS_NAMES.join(', ')}.`);
  }
  const target = resolveTarget(options, 'RedisBus');
  if (target.kind === 'client' && !('duplicate' in target.client && !('masters' in target.client))) {
    throw optionError('client', 'RedisBus: client must be one of createClient. For a cluster, give the url of any node.');
  }
  return { target, namespace: resolveRecordOptions({ ...pickNamespace(options) }, 'RedisBus').namespace };
}

const isBusName = (name: string): boolean => BUS_NAMES.some((known) => known === name);

const pickNamespace = ({ namespace }: RedisBusOptions): RecordOptions => (namespace === undefined ? {} : { namespace });
