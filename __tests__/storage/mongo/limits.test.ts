/** What MongoStorage does with large bodies, many entries and many marks. One mongoose stands for all of them here. */
import { randomUUID } from 'node:crypto';
import type { StoredEntry } from '../../../lib/api/storage.js';
import { lookUp, sample } from '../../../lib/storage/contract/rule.js';
import type { MongoStorage } from '../../../lib/storage/mongo/mongo.js';
import {
  type Connection, connect, databaseAt, Documents, keysOf, openStorage, problemsOf,
} from '../../support/mongo.js';
import { describeService } from '../../support/services.js';

jest.setTimeout(60_000);

const MiB = 1024 * 1024;

describeService('mongo', (service) => {
  let connection: Connection;
  let storage: MongoStorage;
  let documents: Documents;
  beforeAll(async () => {
    connection = await connect(service().url);
  });
  beforeEach(() => {
    const namespace = randomUUID();
    storage = openStorage({ url: databaseAt(service().url), namespace });
    documents = new Documents(connection, namespace);
  });
  afterEach(() => storage.close());

  test('a body of 20 MiB is kept in pieces, which go with it', async () => {
    const body = new Uint8Array(20 * MiB).map((_, index) => index % 251);
    const large = sample({ body, tags: ['tag'] });
    for (const remove of [
      () => storage.delete({ tag: 'tag' }),
      () => storage.set(sample()),
      () => storage.clear(),
    ]) {
      expect(await storage.set(large)).toBe(true);
      expect(await documents.all({ k: /:b:/ })).toHaveLength(3);
      const [found] = (await lookUp(storage)).entries;
      expect(found?.body.byteLength).toBe(body.byteLength);
      expect(Buffer.compare(found?.body ?? new Uint8Array(), body)).toBe(0);
      await remove();
      expect(await documents.all({ k: /:b:/ })).toHaveLength(0);
    }
  });

  test('an entry of which a piece is missing is absent, deleted and reported', async () => {
    const problems = problemsOf(storage);
    await storage.set(sample({ body: new Uint8Array(9 * MiB) }));
    const [{ _id } = { _id: '' }] = await documents.all({ k: /:b:/ });
    await documents.collection.deleteOne({ _id } as never);
    expect(await keysOf(storage)).toEqual([]);
    expect(problems).toEqual([['get', expect.stringContaining('a piece')]]);
    expect(await documents.entries()).toEqual([]);
    expect(await documents.all({ k: /:b:/ })).toEqual([]);
  });

  test('an entry that is too large is not stored, nor what it would have replaced, and an event tells', async () => {
    const evicted: string[] = [];
    storage.onEvicted(({ key, bodyBytes }, reason) => evicted.push(`${key} ${bodyBytes} ${reason}`));
    const tooLarge: StoredEntry[] = [
      sample({ body: new Uint8Array(512 * MiB + 1) }),
      sample({ head: 'x'.repeat(5 * MiB) }),
      sample({ tags: Array.from({ length: 10_001 }, (_, index) => `${index}`) }),
    ];
    for (const entry of tooLarge) {
      await storage.set(sample());
      expect(await storage.set(entry)).toBe(false);
      expect(await keysOf(storage)).toEqual([]);
    }
    expect(evicted).toEqual(tooLarge.map(({ body }) => `key ${body.byteLength} bytes`));
  });

  test('3,000 keys of one resource are deleted, and others get their turn meanwhile', async () => {
    await storage.set(sample());
    await storage.set(sample({ key: 'other', resource: 'other' }));
    const name = documents.names.entry('key', '');
    const [{ _id, k: _k, ...rest } = { _id: '', k: '' }] = await documents.all({ _id: name });
    for (let start = 0; start < 3000; start += 1000) {
      await documents.collection.insertMany(Array.from({ length: 1000 }, (_, index) => {
        const k = documents.names.key(`key ${start + index}`);
        return { ...rest, _id: `${k}:`, k };
      }) as never);
    }
    const deleting = storage.delete({ resource: 'resource' });
    const looks: Promise<number>[] = [];
    for (let times = 0; times < 10; times += 1) {
      const { entries } = await lookUp(storage, 'other', 'other');
      looks.push(Promise.resolve(entries.length));
    }
    expect(await Promise.all(looks)).toEqual(Array.from({ length: 10 }, () => 1));
    expect(await deleting).toBe(3001);
    expect(await documents.entries()).toHaveLength(1);
  });

  test('more marks than a resource may have make its other entries void too, and none comes back', async () => {
    await storage.set(sample({ key: 'bystander' }));
    const fences = [];
    for (let index = 0; index < 70; index += 1) {
      fences.push((await lookUp(storage, `key ${index}`)).fence);
      await storage.delete({ key: `key ${index}`, resource: 'resource' });
    }
    for (const [index, fence] of fences.entries()) {
      expect(await storage.set(sample({ key: `key ${index}` }), fence)).toBe(false);
    }
    const [resource] = await documents.all({ _id: documents.names.resource('resource') });
    expect(Object.keys((resource?.['m'] ?? {})).length).toBeLessThanOrEqual(64);
    expect((await lookUp(storage, 'bystander')).entries).toEqual([]);
  });
});
