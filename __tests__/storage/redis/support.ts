/** RedisStorage in namespaces of its own, and the same Redis reached past it: to look into it, and to damage it. */
import { createClient as createClient6, createCluster as createCluster6, RESP_TYPES } from 'redis';
import { createClient as createClient4, createCluster as createCluster4 } from 'redis4';
import { createClient as createClient5, createCluster as createCluster5 } from 'redis5';
import type { CacheError } from '../../../lib/api/errors.js';
import type { CacheStorage } from '../../../lib/api/storage.js';
import { RedisStorage, type RedisStorageOptions } from '../../../lib/redis.js';
import type { StorageEngine } from '../../../lib/storage/contract/rule.js';
import { LIMITS } from '../../../lib/storage/redis/limits.js';
import { RedisKeys } from '../../../lib/storage/redis/keys.js';
import { unswept } from '../../support/unswept.js';

/** What tests use of a client, whichever version made it. */
export interface TestClient {
  readonly isOpen: boolean;
  on(event: string, listener: (error: Error) => void): unknown;
  connect(): Promise<unknown>;
  sendCommand(args: (string | Buffer)[], options?: object): Promise<unknown>;
  destroy?(): void;
  disconnect?(): Promise<void>;
}

/** What tests use of a client of a cluster. */
export interface TestCluster {
  readonly isOpen: boolean;
  readonly masters: readonly object[];
  on(event: string, listener: (error: Error) => void): unknown;
  connect(): Promise<unknown>;
  nodeClient(node: object): TestClient | Promise<TestClient>;
  destroy?(): void;
  disconnect?(): Promise<void>;
}

export const CLIENTS = {
  'redis 4': createClient4,
  'redis 5': createClient5,
  'redis 6': createClient6,
} as unknown as Readonly<Record<string, (options: object) => TestClient>>;

export const CLUSTERS = {
  'redis 4': createCluster4,
  'redis 5': createCluster5,
  'redis 6': createCluster6,
} as unknown as Readonly<Record<string, (options: object) => TestCluster>>;

/** For tests of what does not depend on how long a limit is: they may shorten `LIMITS` for themselves. */
export function restoreLimits(): void {
  const shipped = { ...LIMITS };
  afterEach(() => {
    Object.assign(LIMITS, shipped);
  });
}

const opened: { close(): unknown }[] = [];

afterEach(async () => {
  await Promise.all(opened.splice(0).map((each) => each.close()));
});

let count = 0;
export const newNamespace = (): string => `test ${process.pid} ${(count += 1)}`;

const optionsOf = new WeakMap<CacheStorage, RedisStorageOptions>();

/** It is closed after the test. */
export function openStorage(options: RedisStorageOptions): RedisStorage {
  const whole = { namespace: newNamespace(), ...options };
  const storage = new RedisStorage(whole);
  optionsOf.set(storage, whole);
  opened.push(storage);
  return storage;
}

export const optionsBehind = (storage: CacheStorage): RedisStorageOptions => optionsOf.get(storage) ?? {};

/** A client of the user's, which is connected, and destroyed after the test. */
export async function connect<Client extends TestClient | TestCluster>(client: Client): Promise<Client> {
  // A client without a listener ends the process where its connection breaks.
  client.on('error', () => undefined);
  opened.push({ close: () => destroy(client) });
  await client.connect();
  return client;
}

export function destroy(client: TestClient | TestCluster): void {
  if (!client.isOpen) return;
  if (client.destroy !== undefined) client.destroy();
  else client.disconnect?.().catch(() => undefined);
}

export function problemsOf(storage: RedisStorage): [string, CacheError][] {
  const problems: [string, CacheError][] = [];
  storage.onProblem((...problem) => problems.push(problem));
  return problems;
}

/** Commands to each server that has entries. */
export type RawServers = () => Promise<readonly TestClient[]>;

/** The keys of a namespace, each with the client that reaches it. */
export async function keysOf(servers: RawServers, namespace: string): Promise<[client: TestClient, key: string][]> {
  const start = new RedisKeys(namespace).namespace.slice(0, -'}:ns'.length);
  const found: [TestClient, string][] = [];
  for (const client of await servers()) {
    const all = (await client.sendCommand(['KEYS', '*'])) as string[];
    const own = all.filter((key) => key.startsWith(`${start}:`) || key.startsWith(`${start}}`));
    found.push(...own.map((key): [TestClient, string] => [client, key]));
  }
  return found;
}

const isEntry = (key: string): boolean => /\}:[ev]:/.test(key);
const isResourceToken = (key: string): boolean => key.endsWith('}:g');
const isTagToken = (key: string): boolean => /\}:t:/.test(key);
const isNamespace = (key: string): boolean => key.endsWith('}:ns');

/** The entries as they are now, to be put back. */
async function keepEntries(servers: RawServers, namespace: string): Promise<() => Promise<void>> {
  const bytes = (client: TestClient, ...command: (string | Buffer)[]): Promise<unknown> =>
    client.sendCommand(command, { typeMapping: { [RESP_TYPES.BLOB_STRING]: Buffer } });
  const entries = (await keysOf(servers, namespace)).filter(([, key]) => isEntry(key));
  const kept = await Promise.all(entries.map(async ([client, key]) => [
    client, key, (await bytes(client, 'DUMP', key)) as Buffer,
  ] as const));
  return async () => {
    for (const [client, key, dump] of kept) await bytes(client, 'RESTORE', key, '0', dump, 'REPLACE');
  };
}

/** What the rules of the contract need of the engine. */
export function engineOf(servers: RawServers): StorageEngine {
  const reopen = (storage: CacheStorage): RedisStorage => openStorage(optionsBehind(storage));
  const afterwards = (change: (client: TestClient, key: string) => unknown) => async (storage: CacheStorage) => {
    const { namespace = '' } = optionsBehind(storage);
    for (const [client, key] of await keysOf(servers, namespace)) await change(client, key);
    return reopen(storage);
  };
  const inEntries = (change: (client: TestClient, key: string) => unknown) =>
    afterwards((client, key) => (isEntry(key) ? change(client, key) : undefined));
  const losing = (isLost: (key: string) => boolean) =>
    afterwards((client, key) => (isLost(key) ? client.sendCommand(['DEL', key]) : undefined));
  return {
    reopen,
    reopenFenced: reopen,
    reopenAtomic: reopen,
    reopenWithRevisions: reopen,
    reopenWithoutTokens: losing((key) => !isEntry(key)),
    reopenWithoutNamespaceToken: losing(isNamespace),
    reopenWithoutResourceTokens: losing(isResourceToken),
    reopenWithoutTagTokens: losing(isTagToken),
    reopenWithoutEntries: losing(isEntry),
    reopenUnswept: (storage) =>
      unswept(reopen(storage), () => keepEntries(servers, optionsBehind(storage).namespace ?? '')),
    openOtherNamespace: (storage) => openStorage({ ...optionsBehind(storage), namespace: newNamespace() }),
    reopenInOtherFormat: inEntries((client, key) => client.sendCommand(['SETRANGE', key, '2', 'c'])),
    // The head of the frame stays, as what is damaged within it is found without the record.
    reopenDamaged: inEntries((client, key) => client.sendCommand(['SETRANGE', key, '180', '#damaged#'])),
  };
}
