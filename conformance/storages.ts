/** The storages that the suite can be run on, by name, each opened where nothing is stored yet. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { CacheStorage } from '../lib/index.js';
import type { ServiceSource } from '../services/service.js';
import { type ServiceName, SOURCES } from '../services/services.js';

export interface OpenedStorage {
  readonly storage: CacheStorage;
  /** Takes away what was made for it. The storage is closed by then. */
  readonly remove: () => Promise<void>;
}

type Open = () => Promise<OpenedStorage>;

// The library is imported late, so that axios alone is measured without it.
const inProcess = (make: () => Promise<CacheStorage>): Open => async () => ({
  storage: await make(),
  remove: () => Promise.resolve(),
});

const inFolder = (make: (folder: string) => Promise<CacheStorage>): Open => async () => {
  const folder = await mkdtemp(join(tmpdir(), 'conformance-'));
  return { storage: await make(folder), remove: () => rm(folder, { recursive: true, force: true }) };
};

/** On an engine that is started for the run. */
const onEngine = (name: ServiceName, make: (url: string) => Promise<CacheStorage>): Open => async () => {
  const source: ServiceSource = SOURCES[name];
  const reason = source.missing();
  if (reason !== undefined) throw new Error(reason);
  const engine = await source.start();
  console.log(`on ${engine.version}`);
  return { storage: await make(engine.url), remove: () => engine.stop() };
};

const memory = async (): Promise<CacheStorage> => new (await import('../lib/index.js')).MemoryStorage();
const sqlite = async (folder: string): Promise<CacheStorage> =>
  new (await import('../lib/sqlite.js')).SqliteStorage(join(folder, 'cache.sqlite'));

const keyValue = async (): Promise<CacheStorage> => {
  const { fromMap, KeyValueStorage } = await import('../lib/storage.js');
  return new KeyValueStorage(fromMap(new Map()));
};

const tiered = async (folder: string): Promise<CacheStorage> => {
  const { TieredStorage } = await import('../lib/tiered.js');
  return new TieredStorage(await memory(), await sqlite(folder));
};

const dynamo = async (endpoint: string): Promise<CacheStorage> => {
  const { DynamoStorage } = await import('../lib/dynamo.js');
  const { DynamoDBClient } = await import('@aws-sdk/client-dynamodb');
  const credentials = { accessKeyId: 'key', secretAccessKey: 'secret' };
  const client = new DynamoDBClient({ endpoint, region: 'eu-central-1', credentials });
  return new DynamoStorage({ table: 'conformance', client, createIfMissing: true });
};

const OPEN = {
  memory: inProcess(memory),
  sqlite: inFolder(sqlite),
  filesystem: inFolder(async (folder) => new (await import('../lib/filesystem.js')).FilesystemStorage(folder)),
  'key-value': inProcess(keyValue),
  tiered: inFolder(tiered),
  redis: onEngine('redis', async (url) => new (await import('../lib/redis.js')).RedisStorage(url)),
  mongo: onEngine('mongo', async (url) =>
    new (await import('../lib/mongo.js')).MongoStorage(`${url}/conformance?directConnection=true`)),
  dynamo: onEngine('dynamodb', dynamo),
} satisfies Record<string, Open>;

export type StorageName = keyof typeof OPEN;
export const STORAGES = Object.keys(OPEN) as StorageName[];

export const openStorage = (name: StorageName): Promise<OpenedStorage> => OPEN[name]();
