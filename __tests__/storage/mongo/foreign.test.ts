/** Documents of another shape under names of ours: a miss, one event, and made anew. */
import { randomUUID } from 'node:crypto';
import { list, lookUp, sample, setAll, withoutBody } from '../../../lib/storage/contract/rule.js';
import type { MongoStorage } from '../../../lib/storage/mongo/mongo.js';
import { type Connection, connect, databaseAt, Documents, openStorage, problemsOf } from '../../support/mongo.js';
import { describeService } from '../../support/services.js';

jest.setTimeout(60_000);

const SCOPE = { resource: 'resource', tags: ['tag'] };
const KEY = { key: 'key', resource: 'resource' };
const ENTRY = sample({ tags: ['tag'] });

/** What stands in place of a document of ours. */
const SHAPES: Readonly<Record<string, Readonly<Record<string, object>>>> = {
  'the document of the namespace': {
    'has no token': { g: 7 },
    'counts in texts': { n: 'one', l: 'one', a: 'one' },
    'has a list of values': { v: [1, 2] },
    'has another key': { k: 7 },
  },
  'the token of a resource': {
    'has no token': { g: { a: 1 } },
    'has marks that are a text': { m: 'text' },
    'has another key': { k: 'elsewhere' },
  },
  'the token of a tag': {
    'has no token': { g: null },
    'has a number that is a text': { c: 'text' },
    'has another key': { k: null },
  },
  'an entry': {
    'has another key': { k: 7 },
  },
};
const CASES = Object.entries(SHAPES).flatMap(([what, shapes]) =>
  Object.entries(shapes).map(([shape, fields]) => [what, shape, fields] as const),
);

/** Each call of the port; none may fail. */
const CALLS: Readonly<Record<string, (storage: MongoStorage) => unknown>> = {
  get: (storage) => storage.get('key', SCOPE),
  'set without a fence': (storage) => storage.set(ENTRY),
  'set by a fence': async (storage) => storage.set(ENTRY, (await storage.get('key', SCOPE)).fence),
  touch: async (storage) => storage.touch(withoutBody(ENTRY), (await lookUp(storage)).fence),
  'delete by key': (storage) => storage.delete(KEY),
  'delete by resource': (storage) => storage.delete({ resource: 'resource' }),
  'delete by tag': (storage) => storage.delete({ tag: 'tag' }),
  'delete of what is under way': (storage) => storage.delete({ underWay: true }),
  clear: (storage) => storage.clear(),
  entries: (storage) => list(storage),
  meta: (storage) => storage.meta('a', () => 'value'),
};

describeService('mongo', (service) => {
  let connection: Connection;
  let documents: Documents;
  beforeAll(async () => { connection = await connect(service().url); });

  async function opened(): Promise<MongoStorage> {
    const namespace = randomUUID();
    documents = new Documents(connection, namespace);
    const storage = openStorage({ url: databaseAt(service().url), namespace });
    await setAll(storage, [ENTRY]);
    return storage;
  }
  const put = (what: string, fields: object): Promise<void> => {
    const { names } = documents;
    const ids: Readonly<Record<string, string>> = {
      'the document of the namespace': names.state,
      'the token of a resource': names.resource('resource'),
      'the token of a tag': names.tag('tag'),
      'an entry': names.entry('key', ''),
    };
    return documents.change(ids[what] ?? '', fields);
  };

  test.each(CASES)('%s that %s fails no call, and the next answer is stored, found and deleted', async (
    what, _shape, fields,
  ) => {
    for (const call of Object.values(CALLS)) {
      const storage = await opened();
      await put(what, fields);
      await call(storage);
      const { fence } = await storage.get('key', SCOPE);
      const answer = sample({ tags: ['tag'], head: 'new', body: Uint8Array.of(8) });
      expect(await storage.set(answer, fence)).toBe(true);
      expect((await lookUp(storage)).entries.map(({ head }) => head)).toEqual(['new']);
      const { fence: before } = await storage.get('key', SCOPE);
      expect(await storage.delete({ tag: 'tag' })).toBe(1);
      expect(await storage.set(ENTRY, before)).toBe(false);
      expect((await lookUp(storage)).entries).toEqual([]);
      await storage.close();
    }
  });

  test.each(CASES)('%s that %s is told once', async (what, _shape, fields) => {
    const storage = await opened();
    const problems = problemsOf(storage);
    await put(what, fields);
    for (let times = 0; times < 3; times += 1) {
      const { fence } = await storage.get('key', SCOPE);
      await storage.set(sample({ tags: ['tag'], body: Uint8Array.of(times) }), fence);
    }
    expect(problems).toEqual([[expect.any(String), expect.stringContaining('a record is damaged')]]);
    await storage.close();
  });

  test('a tag whose number is a text is deleted all the same: nothing comes back', async () => {
    const storage = await opened();
    await put('the token of a tag', { c: 'text' });
    const { fence } = await storage.get('key', SCOPE);
    await storage.delete({ tag: 'tag' });
    expect(await storage.set(ENTRY, fence)).toBe(false);
    expect((await storage.get('key', SCOPE)).entries).toEqual([]);
    await storage.close();
  });
});
