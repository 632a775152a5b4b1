/** Clients of the package `redis`, versions 4, 5 and 6, by what is used of them, and how each is sent a command. */
import { CacheError } from '../../api/errors.js';
import { Answers, inTime } from './answers.js';
import type { Script } from './scripts.js';

export type Argument = string | Buffer;

/** A client of one server: what `createClient` gives. */
export interface RedisClient {
  readonly isOpen: boolean;
  /** Pools of clients do not have it. */
  readonly isReady?: boolean;
  sendCommand(args: readonly Argument[], options?: object): Promise<unknown>;
}

/** A client of a cluster: what `createCluster` gives. */
export interface RedisClusterClient {
  readonly isOpen: boolean;
  /** Since version 6. */
  readonly isReady?: boolean;
  readonly masters: readonly object[];
  nodeClient(node: object): RedisClient | Promise<RedisClient>;
  sendCommand(firstKey: string, isReadonly: boolean, args: readonly Argument[], options?: object): Promise<unknown>;
}

/** One way to one Redis, whoever opened it. */
export interface RedisLink {
  /** True where keys of two slots must not stand in one command. */
  readonly isCluster: boolean;
  /** Sends one command, which concerns `key`. Texts come as Buffers; keys never have another prefix than ours. */
  run(key: string, args: readonly Argument[]): Promise<unknown>;
  /** Gives what sends a command to each server that has entries. */
  masters(): Promise<readonly ((args: readonly Argument[]) => Promise<unknown>)[]>;
  /** Ends what this package opened itself. */
  close(): Promise<void>;
}

/**
 * Buffers in place of texts: the first is for versions 5 and 6, where 36 is the type of texts ("$"), the second for
 * version 4. The timeout of version 6 is for what is not sent yet, and makes a command take twice as long: here another
 * limit stands on each.
 */
export const BUFFERS = { typeMapping: { 36: Buffer }, returnBuffers: true, timeout: undefined };

/** Gives the way through a client of the user's, which is neither connected nor configured nor closed. */
export function adoptClient(client: RedisClient | RedisClusterClient): RedisLink {
  const offline = (): Promise<never> =>
    Promise.reject(new CacheError('ERR_CACHE_STORAGE', 'RedisStorage: the client is not connected'));
  // A client that is not ready keeps commands until it is: the cache would wait for them.
  const isReady = (): boolean => client.isReady ?? client.isOpen;
  const close = (): Promise<void> => Promise.resolve();
  if (isCluster(client)) {
    return {
      isCluster: true,
      run: (key, args) => (isReady() ? inTime(client.sendCommand(key, false, args, BUFFERS)) : offline()),
      masters: () => (isReady() ? nodesOf(client) : offline()),
      close,
    };
  }
  const answers = new Answers(() => client.sendCommand(['PING']));
  // A pool, which does not say whether it is ready, has several connections: one that is silent says nothing of others.
  const take = (send: () => Promise<unknown>): Promise<unknown> =>
    client.isReady === undefined ? inTime(send()) : answers.of(send);
  const run = (args: readonly Argument[]): Promise<unknown> =>
    isReady() ? take(() => client.sendCommand(args, BUFFERS)) : offline();
  return { isCluster: false, run: (_key, args) => run(args), masters: () => Promise.resolve([run]), close };
}

async function nodesOf(cluster: RedisClusterClient): Promise<((args: readonly Argument[]) => Promise<unknown>)[]> {
  const clients = await Promise.all(cluster.masters.map(async (node) => cluster.nodeClient(node)));
  return clients.map((client) => (args: readonly Argument[]) => inTime(client.sendCommand(args, BUFFERS)));
}

/** True for what `createClient`, `createClientPool` and `createCluster` give. */
export function isRedisClient(value: unknown): value is RedisClient | RedisClusterClient {
  if (typeof value !== 'object' || value === null) return false;
  const { isOpen, sendCommand, getMasterNode } = value as Readonly<Record<string, unknown>>;
  // A sentinel's client takes other arguments.
  return typeof isOpen === 'boolean' && typeof sendCommand === 'function' && getMasterNode === undefined;
}

const isCluster = (client: RedisClient | RedisClusterClient): client is RedisClusterClient =>
  'masters' in client && 'nodeClient' in client;

/** Runs a script, all of whose keys are in the slot of the first one. The server is sent its text once. */
export async function runScript(
  link: RedisLink,
  { sha, text }: Script,
  keys: readonly [string, ...string[]],
  args: readonly Argument[] = [],
): Promise<unknown> {
  const rest = [String(keys.length), ...keys, ...args];
  try {
    return await link.run(keys[0], ['EVALSHA', sha, ...rest]);
  } catch (error) {
    if (!(error instanceof Error && error.message.startsWith('NOSCRIPT'))) throw error;
    return await link.run(keys[0], ['EVAL', text, ...rest]);
  }
}
