/** What is special to MongoStorage, by each version of mongoose. The large and the many are in limits.test. */
import { randomUUID } from 'node:crypto';
import { lookUp, sample, samples, setAll, withoutBody } from '../../../lib/storage/contract/rule.js';
import type { MongoStorage } from '../../../lib/storage/mongo/mongo.js';
import {
  type Connection, connect, databaseAt, Documents, keysOf, MONGOOSES, mongooseNamed, openStorage, problemsOf,
} from '../../support/mongo.js';
import { describeService } from '../../support/services.js';

jest.setTimeout(60_000);

const later = (ms: number): number => Date.now() + ms;

describeService('mongo', (service) => {
  let connection: Connection;
  beforeAll(async () => {
    connection = await connect(service().url);
  });

  describe.each(MONGOOSES)('by a URL and %s', (version) => {
    let storage: MongoStorage;
    let documents: Documents;
    beforeAll(() => {
      jest.resetModules();
      jest.doMock('mongoose', () => mongooseNamed(version));
    });
    beforeEach(() => {
      const namespace = randomUUID();
      storage = openStorage({ url: databaseAt(service().url), namespace });
      documents = new Documents(connection, namespace);
    });
    afterEach(() => storage.close());
    afterAll(() => { jest.dontMock('mongoose'); });

    test('the package that connects is this version', async () => {
      await lookUp(storage);
      const { version: loaded } = await import('mongoose');
      expect(loaded).toBe(mongooseNamed(version).version);
    });

    test('the server is asked to find by key, resource and tag, and to delete by the purge time', async () => {
      await storage.set(sample());
      await untilTrue(async () => (await documents.collection.indexes()).length >= 5);
      const indexes = (await documents.collection.indexes()) as { key: object; expireAfterSeconds?: number }[];
      expect(indexes.map(({ key }) => JSON.stringify(key)).sort()).toEqual(
        ['{"_id":1}', '{"k":1}', '{"p":1}', '{"r":1,"_id":1}', '{"t":1,"_id":1}'],
      );
      expect(indexes.find(({ key }) => 'p' in key)?.expireAfterSeconds).toBe(0);
    });

    test('a purge time is a date for the server, rounded up, and "never" is no date', async () => {
      const at = Math.floor(later(60_000)) + 0.25;
      await storage.set(sample({ key: 'soon', purgeAtMs: at }));
      await storage.set(sample({ key: 'never' }));
      const dates = (await documents.entries()).map((document) => document['p']);
      expect(dates).toEqual(expect.arrayContaining([undefined, new Date(at + 0.75)]));
      expect(dates).toHaveLength(2);
    });

    test('touch takes the date away where the entry stays from now on, and gives one where it does not', async () => {
      await storage.set(sample({ purgeAtMs: later(60_000) }));
      await storage.touch(withoutBody(sample()));
      expect((await documents.entries()).map((document) => 'p' in document || 'u' in document)).toEqual([false]);
      await storage.touch(withoutBody(sample({ purgeAtMs: later(90_000) })));
      expect((await documents.entries()).map((document) => document['p'] instanceof Date)).toEqual([true]);
    });

    test('what is past its purge time is not found, though the server has not deleted it yet', async () => {
      await storage.set(sample({ purgeAtMs: later(60_000) }));
      const [{ _id } = { _id: '' }] = await documents.entries();
      await documents.change(_id, { u: Date.now() - 1 });
      expect(await keysOf(storage)).toEqual([]);
    });

    test('no name and no token shows a URL, a tag or a key', async () => {
      const secret = 'hidden';
      await storage.set(sample({ key: `${secret} key`, resource: `${secret}.test`, variant: secret, tags: [secret] }));
      await storage.meta(`${secret} name`, () => 'value');
      const shown = (await documents.all()).map(({ f: _f, b: _b, ...rest }) => JSON.stringify(rest));
      expect(shown.length).toBeGreaterThan(3);
      expect(shown.filter((text) => text.includes(secret))).toEqual([]);
    });

    test.each(['f', 'b'])('a changed byte in part "%s" is noticed, reported once and deleted', async (part) => {
      const problems = problemsOf(storage);
      await storage.set(sample());
      await storage.set(sample({ variant: 'whole' }));
      const damaged = documents.names.entry('key', '');
      await documents.changeBytes((length) => length - 5, [part], damaged);
      expect((await lookUp(storage)).entries.map(({ variant }) => variant)).toEqual(['whole']);
      expect((await lookUp(storage)).entries.map(({ variant }) => variant)).toEqual(['whole']);
      expect(problems).toEqual([['get', expect.stringContaining('damaged')]]);
      expect(await documents.all({ _id: damaged })).toEqual([]);
    });

    test('a part that stands in the document of another entry is noticed', async () => {
      const problems = problemsOf(storage);
      await setAll(storage, [sample({ key: 'one' }), sample({ key: 'other', body: Uint8Array.of(7) })]);
      const [one] = await documents.all({ _id: documents.names.entry('one', '') });
      const other = documents.names.entry('other', '');
      await documents.change(other, { b: one?.['b'] });
      expect((await lookUp(storage, 'other')).entries).toEqual([]);
      await storage.set(sample({ key: 'other', body: Uint8Array.of(7) }));
      await documents.change(other, { f: one?.['f'], b: one?.['b'] });
      expect((await lookUp(storage, 'other')).entries).toEqual([]);
      expect(problems).toHaveLength(2);
    });

    test('documents that somebody else has put there are no error', async () => {
      const k = documents.names.key('key');
      const strange = [{}, { f: 1 }, { gt: 'no list' }, { gt: [1] }, { rev: null, at: 'x', u: 'x', gt: [], q: 7 }];
      await storage.set(sample());
      const [{ _id: _, ...good } = { _id: '' }] = await documents.entries();
      for (const [index, fields] of strange.entries()) {
        await documents.collection.insertOne({ ...fields, _id: `${k}:${index}`, k } as never);
        await documents.collection.insertOne({ ...good, ...fields, _id: `${k}:good${index}`, k } as never);
      }
      await documents.collection.insertOne({ _id: 'elsewhere', k: 7 } as never);
      expect(await keysOf(storage)).toEqual(['key']);
      const listed: string[] = [];
      for await (const { key } of storage.entries()) listed.push(key);
      expect(listed).toEqual(['key']);
      await documents.collection.deleteOne({ _id: 'elsewhere' } as never);
    });

    test('tokens stand longer than what is stored under them, and never shorter than before', async () => {
      const untilMs = async (): Promise<(number | undefined)[]> => {
        const names = [documents.names.resource('resource'), documents.names.tag('tag')];
        const found = await documents.all({ _id: { $in: names } });
        return found.map((document) => (document['p'] as Date | undefined)?.getTime());
      };
      const hourMs = 3_600_000;
      const purgeAtMs = later(48 * hourMs);
      await storage.set(sample({ purgeAtMs, tags: ['tag'] }));
      expect(await untilMs()).toEqual([purgeAtMs + hourMs, purgeAtMs + hourMs]);
      await storage.set(sample({ key: 'sooner', purgeAtMs: later(hourMs), tags: ['tag'] }));
      expect(await untilMs()).toEqual([purgeAtMs + hourMs, purgeAtMs + hourMs]);
      await storage.touch(withoutBody(sample({ tags: ['tag'] })));
      expect(await untilMs()).toEqual([undefined, undefined]);
      await storage.set(sample({ purgeAtMs, tags: ['tag'] }));
      expect(await untilMs()).toEqual([undefined, undefined]);
    });

    test('deleteExpired takes tokens that are due by the clock of now, and leaves those that are needed', async () => {
      await storage.set(sample({ key: 'kept', purgeAtMs: Date.UTC(2100, 0) }));
      await lookUp(storage, 'under way', 'under way');
      const due = documents.names.resource('under way');
      const [needed] = await documents.all({ _id: due });
      expect(needed).toBeDefined();
      await storage.deleteExpired(Date.UTC(2099, 0));
      expect(await documents.all({ _id: due })).toHaveLength(1);
      await documents.change(due, { p: new Date(Date.now() - 1) });
      expect(await storage.deleteExpired(Date.now())).toBe(0);
      expect(await documents.all({ _id: due })).toEqual([]);
      expect((await lookUp(storage, 'kept')).entries).toHaveLength(1);
    });

    test('entries of a clock that was ahead are deleted by deleteExpired', async () => {
      await storage.set(sample({ key: 'ahead', createdAtMs: Date.now() + 60_000 }));
      await storage.set(sample({ key: 'right', createdAtMs: Date.now() }));
      expect(await storage.deleteExpired(Date.now())).toBe(1);
      expect((await lookUp(storage, 'right')).entries).toHaveLength(1);
    });

    test('a value of meta outlives the loss of the tokens, where a process is there that knows it', async () => {
      await storage.meta('secret', () => 'value');
      await documents.deleteTokens();
      await lookUp(storage);
      const other = openStorage({ url: databaseAt(service().url), namespace: documents.namespace });
      expect(await other.meta('secret', () => 'another')).toBe('value');
    });

    test('a value of meta that is missing is put back, and until then nothing is found by it', async () => {
      await storage.meta('secret', () => 'value');
      await storage.set(sample());
      await documents.change(documents.names.state, { v: {} });
      const { entries, fence } = await lookUp(storage);
      expect(entries).toEqual([]);
      expect(await storage.set(sample(), fence)).toBe(false);
      expect(await storage.meta('secret', () => 'another')).toBe('value');
      expect(await storage.set(sample(), (await lookUp(storage)).fence)).toBe(true);
      expect(await keysOf(storage)).toEqual(['key']);
    });

    test('another value of meta than was handed out lets nothing be found until it is asked for again', async () => {
      await storage.meta('secret', () => 'value');
      await storage.set(sample());
      const [{ v } = { v: {} }] = await documents.all({ _id: documents.names.state });
      const [digest = ''] = Object.keys(v as object);
      await documents.change(documents.names.state, { [`v.${digest}`]: '"of another process"' });
      expect(await keysOf(storage)).toEqual([]);
      expect(await keysOf(storage)).toEqual([]);
      expect(await storage.meta('secret', () => 'value')).toBe('of another process');
      expect(await keysOf(storage)).toEqual(['key']);
    });

    test('records are compressed, encrypted, and read by whoever has the key', async () => {
      const key = 'a key of more than 16 characters';
      const namespace = randomUUID();
      const url = databaseAt(service().url);
      const [writer, reader, stranger] = [
        openStorage({ url, namespace, compress: true, encryptionKeys: [key] }),
        openStorage({ url, namespace, encryptionKeys: ['another key of 16 characters', key] }),
        openStorage({ url, namespace }),
      ];
      const entry = sample({ body: new Uint8Array(50_000) });
      await writer.set(entry);
      expect((await lookUp(reader)).entries.map(({ body }) => body.byteLength)).toEqual([50_000]);
      expect((await lookUp(stranger)).entries).toEqual([]);
      const [stored] = await new Documents(connection, namespace).entries();
      expect((stored?.['b'] as { length(): number }).length()).toBeLessThan(1000);
    });
  });

  describe('A connection of the user', () => {
    const shapes = {
      'of mongoose': (given: Connection): object => given,
      'a MongoClient': (given: Connection): object => given.getClient(),
      'a Db': (given: Connection): object => given.db!,
    };

    describe.each(MONGOOSES)('by %s', (version) => {
      test.each(Object.entries(shapes))('%s is used, and left open', async (_name, shapeOf) => {
        const given = mongooseNamed(version).createConnection(databaseAt(service().url));
        await given.asPromise();
        const [storage, other] = [randomUUID(), randomUUID()].map((namespace) =>
          openStorage({ connection: shapeOf(given), namespace }));
        await storage!.set(sample());
        expect(await keysOf(storage!)).toEqual(['key']);
        await storage!.close();
        await other!.set(sample());
        expect(await keysOf(other!)).toEqual(['key']);
        expect(given.readyState).toBe(1);
        await given.close(true);
      });

      test('that is not connected makes calls fail at once, and is not connected by them', async () => {
        const unconnected = mongooseNamed(version).createConnection();
        const client = new (mongooseNamed(version).mongo.MongoClient)('mongodb://127.0.0.1:1');
        for (const given of [unconnected, client, client.db('app')]) {
          const storage = openStorage({ connection: given });
          const startedAt = performance.now();
          await expect(lookUp(storage)).rejects.toThrow('not connected');
          await expect(storage.set(sample())).rejects.toThrow('not connected');
          expect(performance.now() - startedAt).toBeLessThan(500);
        }
        expect(unconnected.readyState).toBe(0);
      });

      test('whose settings read values otherwise is read rightly all the same', async () => {
        const settings = { readPreference: 'secondaryPreferred', promoteBuffers: false } as const;
        const given = mongooseNamed(version).createConnection(databaseAt(service().url), settings);
        await given.asPromise();
        const storage = openStorage({ connection: given, namespace: randomUUID() });
        await setAll(storage, samples(3));
        expect((await lookUp(storage, 'key 1')).entries).toHaveLength(1);
        await storage.close();
        await given.close(true);
      });
    });

    test('shares one collection with others in other namespaces only', async () => {
      const [one, other] = ['a', 'a:*.'].map((namespace) => openStorage({ connection, namespace, collection: 'shared' })) as [
        MongoStorage, MongoStorage,
      ];
      await one.set(sample());
      await other.set(sample());
      await one.clear();
      expect(await keysOf(other)).toEqual(['key']);
      await other.clear();
    });
  });
});

async function untilTrue(condition: () => Promise<boolean>): Promise<void> {
  while (!(await condition())) await new Promise((resolve) => { setTimeout(resolve, 20); });
}
