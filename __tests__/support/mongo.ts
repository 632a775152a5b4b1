/** Storages on a server of MongoDB's protocol for tests, and what is done to their documents behind their backs. */
import { randomUUID } from 'node:crypto';
import type mongoose from 'mongoose';
import type { CacheStorage, ProblemListener } from '../../lib/api/storage.js';
import { type CreateStorage, lookUp, type StorageEngine } from '../../lib/storage/contract/rule.js';
import { MongoStorage } from '../../lib/storage/mongo/mongo.js';
import { Names } from '../../lib/storage/mongo/names.js';
import type { MongoStorageOptions } from '../../lib/storage/mongo/options.js';
import { unswept } from './unswept.js';

/** True where the tests run on a server that somebody has named, and not on the one that stands in for MongoDB. */
export const isRealServer = (process.env['MONGO_URL'] ?? '') !== '';

export const MONGOOSES = ['mongoose', 'mongoose8', 'mongoose7'] as const;
export type MongooseName = (typeof MONGOOSES)[number];

export type Connection = mongoose.Connection;
type Collection = ReturnType<NonNullable<Connection['db']>['collection']>;
interface StoredDocument {
  readonly _id: string;
  [field: string]: unknown;
}

/** Few documents in each, as some servers of tests take time for each that there is. */
const collectionOf = (namespace = 'default'): string => `entries_${namespace.slice(0, 1)}`;

/** Of the namespaces that begin as UUIDs do. */
const COLLECTIONS = [...'0123456789abcdef'].map(collectionOf);

/** The packages look the same as far as tests use them. */
export const mongooseNamed = (name: MongooseName): typeof mongoose => jest.requireActual<typeof mongoose>(name);

const opened: { close(): unknown }[] = [];

afterAll(async () => {
  for (const each of opened.splice(0).reverse()) await each.close();
});

/** What a test opens is closed after the tests of its file. */
export function openStorage(options: MongoStorageOptions): MongoStorage {
  const storage = new MongoStorage({ collection: collectionOf(options.namespace), ...options });
  opened.push(storage);
  return storage;
}

/** @param url of the server. The tests of a file have a database of their own on it. */
export function databaseAt(url: string): string {
  const [, start = url, query = ''] = /^([a-z+]+:\/\/[^/?]+)[^?]*(\?.*)?$/.exec(url) ?? [];
  return `${start}/axios_client_cache_tests_${process.pid}${query}`;
}

export async function connect(
  url: string,
  { name = 'mongoose', maxPoolSize = 20 }: { name?: MongooseName; maxPoolSize?: number } = {},
): Promise<Connection> {
  const connection = mongooseNamed(name).createConnection(databaseAt(url), { autoIndex: false, maxPoolSize });
  opened.push({
    async close() {
      await connection.db?.dropDatabase();
      await connection.close(true);
    },
  });
  await connection.asPromise();
  // SecantusDB stops answering where a write and an index both make the same collection at once.
  const there = await connection.db!.listCollections({}, { nameOnly: true }).toArray();
  const missing = COLLECTIONS.filter((name) => !there.some((each) => each.name === name));
  for (const name of missing) await connection.db!.createCollection(name);
  return connection;
}

/** The documents of a namespace, as they stand in the collection. */
export class Documents {
  readonly #connection: Connection;
  readonly #collection: string;
  readonly namespace: string;
  readonly names: Names;

  constructor(connection: Connection, namespace: string) {
    this.#connection = connection;
    this.#collection = collectionOf(namespace);
    this.namespace = namespace;
    this.names = new Names(namespace);
  }

  get collection(): Collection & { find(filter: object): { toArray(): Promise<StoredDocument[]> } } {
    return this.#connection.db!.collection(this.#collection);
  }

  all(filter: object = {}): Promise<StoredDocument[]> {
    return this.collection.find({ $and: [filter, { k: this.names.everything() }] } as never).toArray() as never;
  }

  entries(): Promise<StoredDocument[]> {
    return this.all({ f: { $exists: true } });
  }

  tokens(): Promise<StoredDocument[]> {
    return this.all({ g: { $exists: true } });
  }

  /** @param kind `n`, `r` or `t`: of the namespace, of resources or of tags; left out: all of them. */
  async deleteTokens(kind = ''): Promise<void> {
    for (const { _id } of await this.tokens()) {
      if (_id.slice(this.names.state.length - 1).startsWith(kind)) await this.collection.deleteOne({ _id } as never);
    }
  }

  async deleteEntries(): Promise<void> {
    await this.collection.deleteMany({ f: { $exists: true }, k: this.names.everything() });
  }

  /** The entries as they are now, to be put back. */
  async keepEntries(): Promise<() => Promise<void>> {
    const kept = await this.entries();
    return async () => {
      for (const { _id, ...fields } of kept) {
        await this.collection.replaceOne({ _id } as never, fields, { upsert: true });
      }
    };
  }

  async change(_id: string, fields: object): Promise<void> {
    await this.collection.updateOne({ _id } as never, { $set: fields });
  }

  /** Changes one byte of the parts of each entry, or of the one with this `_id`. */
  async changeBytes(position: (length: number) => number, parts = ['f', 'b'], only?: string): Promise<void> {
    for (const document of await this.entries()) {
      if (only !== undefined && document._id !== only) continue;
      for (const part of parts) {
        const bytes = Buffer.from((document[part] as { buffer: Uint8Array }).buffer);
        const at = position(bytes.length);
        bytes[at] = bytes[at]! ^ 0x55;
        await this.change(document._id, { [part]: bytes });
      }
    }
  }
}

export interface TestEngine {
  readonly create: CreateStorage;
  readonly engine: StorageEngine;
}

/** Everything that rules need, each storage in a namespace of its own. `options` may say how to connect. */
export function engineOf(
  connection: () => Connection,
  options: () => MongoStorageOptions,
): TestEngine {
  const namespaces = new WeakMap<CacheStorage, string>();
  const open = (namespace: string): MongoStorage => {
    const storage = openStorage({ ...options(), namespace });
    namespaces.set(storage, namespace);
    return storage;
  };
  const namespaceOf = (storage: CacheStorage): string => namespaces.get(storage)!;
  const reopen = (storage: CacheStorage): MongoStorage => open(namespaceOf(storage));
  const reopenAfter = (change: (documents: Documents) => Promise<void>) => async (storage: CacheStorage) => {
    await change(new Documents(connection(), namespaceOf(storage)));
    return reopen(storage);
  };
  return {
    create: () => open(randomUUID()),
    engine: {
      reopen,
      reopenFenced: reopen,
      reopenAtomic: reopen,
      reopenWithRevisions: reopen,
      reopenWithoutTokens: reopenAfter((documents) => documents.deleteTokens()),
      reopenWithoutNamespaceToken: reopenAfter((documents) => documents.deleteTokens('n')),
      reopenWithoutResourceTokens: reopenAfter((documents) => documents.deleteTokens('r')),
      reopenWithoutTagTokens: reopenAfter((documents) => documents.deleteTokens('t')),
      reopenWithoutEntries: reopenAfter((documents) => documents.deleteEntries()),
      reopenUnswept: (storage) =>
        unswept(reopen(storage), () => new Documents(connection(), namespaceOf(storage)).keepEntries()),
      // The name of the one begins with that of the other.
      openOtherNamespace: (storage) => open(`${namespaceOf(storage)}:*`),
      reopenInOtherFormat: reopenAfter((documents) => documents.changeBytes(() => 2)),
      reopenDamaged: reopenAfter((documents) => documents.changeBytes((length) => length - 1)),
    },
  };
}

/** The keys of what is found under the key and resource that samples have. */
export const keysOf = async (storage: MongoStorage): Promise<string[]> =>
  (await lookUp(storage)).entries.map(({ key }) => key);

export type Problem = readonly [operation: Parameters<ProblemListener>[0], message: string];

export function problemsOf(storage: MongoStorage): Problem[] {
  const problems: Problem[] = [];
  storage.onProblem((operation, { message }) => { problems.push([operation, message]); });
  return problems;
}
