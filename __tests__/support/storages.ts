/** Every storage of the package, each on its real engine, for tests of what all of them must do alike. */
import 'fake-indexeddb/auto';
import { clientOf, newTable } from './dynamo.js';
import { newDirectory, openStorage as openFiles } from './filesystem.js';
import { connect, type Connection, openStorage as openMongo } from './mongo.js';
import { describeService } from './services.js';
import { newPath, openStorage as openSqlite } from './sqlite.js';
import { DynamoStorage } from '../../lib/dynamo.js';
import { IndexedDbStorage } from '../../lib/indexeddb.js';
import { type CacheStorage, MemoryStorage } from '../../lib/index.js';
import { fromMap, KeyValueStorage } from '../../lib/storage.js';
import { TieredStorage } from '../../lib/tiered.js';
import { openStorage as openRedis } from '../storage/redis/support.js';

/** Makes a storage in which nothing is yet. */
export type CreateStorage = () => CacheStorage;

let count = 0;
const newName = (): string => `every storage ${process.pid} ${(count += 1)}`;

const LOCAL: readonly (readonly [string, CreateStorage])[] = [
  ['memory', () => new MemoryStorage()],
  ['SQLite', () => openSqlite(newPath())],
  ['files', () => openFiles(newDirectory())],
  ['key-value', () => new KeyValueStorage(fromMap(new Map()))],
  ['IndexedDB', () => new IndexedDbStorage(newName())],
  ['tiered', () => new TieredStorage(new MemoryStorage(), openSqlite(newPath()))],
];

/** A `describe` of the same tests on each storage. Those whose engine is not there are skipped with a reason. */
export function describeEachStorage(tests: (create: CreateStorage, name: string) => void): void {
  describe.each(LOCAL)('on %s', (name, create) => { tests(create, name); });
  describeService('redis', (engine) => {
    tests(() => openRedis({ url: engine().url, namespace: newName() }), 'Redis');
  });
  describeService('mongo', (engine) => {
    let connection: Connection | undefined;
    beforeAll(async () => { connection = await connect(engine().url); });
    tests(() => openMongo({ ...(connection !== undefined && { connection }), namespace: newName() }), 'MongoDB');
  });
  describeService('dynamodb', (engine) => {
    const create: CreateStorage = () =>
      new DynamoStorage({ table: newTable(), client: clientOf(engine().url), createIfMissing: true });
    tests(create, 'DynamoDB');
  });
}
