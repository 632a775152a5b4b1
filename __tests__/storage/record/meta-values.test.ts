/** The values that a storage keeps beside the entries, as the secret of the cache, are sealed where keys are set. */
import { readFileSync } from 'node:fs';
import { type DynamoStorageOptions, DynamoStorage } from '../../../lib/dynamo.js';
import type { CacheStorage } from '../../../lib/index.js';
import { fromMap, KeyValueStorage } from '../../../lib/storage.js';
import type { RecordOptions } from '../../../lib/storage/record/options.js';
import { clientOf, itemsIn, newTable } from '../../support/dynamo.js';
import { filesIn, newDirectory, openStorage as openFiles } from '../../support/filesystem.js';
import { connect, type Connection, Documents, openStorage as openMongo } from '../../support/mongo.js';
import { describeService } from '../../support/services.js';
import { newPath, openStorage as openSqlite } from '../../support/sqlite.js';
import { newNamespace, openStorage as openRedis } from '../redis/support.js';
import { createClient } from 'redis';

/** An engine in which nothing is yet. */
interface Place {
  open(options: RecordOptions): CacheStorage;
  /** All that stands there. It may close what was opened. */
  contents(opened: CacheStorage): Promise<string> | string;
}

const [FORMER, NEXT, OTHER] = ['the former key of all', 'the next key of all', 'the key of somebody else'];
const VALUE = 'a value that nobody else may know';
const nobody = (): string => { throw new Error('the value is there'); };

function describePlace(name: string, makePlace: () => Place): void {
  describe(name, () => {
    test('what is encrypted is not to be read, and each key reads it', async () => {
      const place = makePlace();
      const storage = place.open({ encryptionKeys: [FORMER] });
      expect(await storage.meta('secret', () => VALUE)).toBe(VALUE);
      expect(await place.open({ encryptionKeys: [FORMER, NEXT] }).meta('secret', nobody)).toBe(VALUE);
      expect(await place.open({ encryptionKeys: [NEXT, FORMER] }).meta('secret', nobody)).toBe(VALUE);
      const contents = await place.contents(storage);
      expect(contents).not.toBe('');
      for (const encoding of ['utf8', 'base64', 'base64url', 'hex'] as const) {
        expect(contents).not.toContain(Buffer.from(VALUE).toString(encoding).slice(0, 20));
      }
    });

    test.each<[string, RecordOptions, RecordOptions]>([
      ['other keys', { encryptionKeys: [OTHER] }, { encryptionKeys: [FORMER] }],
      ['a key that signs', { signingKeys: [FORMER] }, { encryptionKeys: [FORMER] }],
      ['no key at all', {}, { signingKeys: [FORMER] }],
    ])('what was written by %s is made anew, once for all', async (_what, before, now) => {
      const place = makePlace();
      await place.open(before).meta('secret', () => 'former');
      expect(await place.open(now).meta('secret', () => VALUE)).toBe(VALUE);
      expect(await place.open(now).meta('secret', nobody)).toBe(VALUE);
    });

    test('a value under the name of another is none', async () => {
      const place = makePlace();
      const storage = place.open({ signingKeys: [FORMER] });
      expect(await storage.meta('one', () => '1')).toBe('1');
      expect(await storage.meta('two', () => '2')).toBe('2');
    });
  });
}

describePlace('SQLite', () => {
  const path = newPath();
  return {
    open: (options) => openSqlite({ path, ...options }),
    contents: async (opened) => {
      await opened.close();
      return ['', '-wal'].map((end) => contentsOf(path + end)).join('');
    },
  };
});

function contentsOf(path: string): string {
  try {
    return readFileSync(path, 'latin1');
  } catch {
    return '';
  }
}

describePlace('files', () => {
  const directory = newDirectory();
  return {
    open: (options) => openFiles({ directory, ...options }),
    contents: () => filesIn(directory).map(contentsOf).join(''),
  };
});

describePlace('a key-value store', () => {
  const map = new Map<string, Uint8Array>();
  return {
    open: (options) => new KeyValueStorage(fromMap(map), options),
    contents: () => [...map].map(([name, value]) => name + Buffer.from(value).toString('latin1')).join(''),
  };
});

describeService('redis', (engine) => {
  describePlace('Redis', () => {
    const namespace = newNamespace();
    return {
      open: (options) => openRedis({ url: engine().url, namespace, ...options }),
      contents: async () => {
        const client = createClient({ url: engine().url });
        await client.connect();
        const value = await client.get(`{${namespace}}:ns`);
        client.destroy();
        return value ?? '';
      },
    };
  });
});

describeService('mongo', (engine) => {
  let connection: Connection;
  beforeAll(async () => { connection = await connect(engine().url); });
  describePlace('MongoDB', () => {
    const namespace = newNamespace();
    return {
      open: (options) => openMongo({ connection, namespace, ...options }),
      contents: async () => JSON.stringify(await new Documents(connection, namespace).all()),
    };
  });
});

describeService('dynamodb', (engine) => {
  describePlace('DynamoDB', () => {
    const [table, client] = [newTable(), clientOf(engine().url)];
    const open = (options: DynamoStorageOptions) =>
      new DynamoStorage({ table, client, createIfMissing: true, ...options });
    return { open, contents: async () => JSON.stringify(await itemsIn(client, table)) };
  });
});
