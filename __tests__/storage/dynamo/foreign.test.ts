/** Items of another shape under keys of ours: a miss, one event, and made anew. */
import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import { list, lookUp, sample, withoutBody } from '../../../lib/storage/contract/rule.js';
import { DynamoStorage } from '../../../lib/storage/dynamo/dynamo.js';
import { clientOf, isOf, newTable, problemsOf, rewrite, TOKENS } from '../../support/dynamo.js';
import { describeService } from '../../support/services.js';

jest.setTimeout(120_000);

type Fields = Readonly<Record<string, AttributeValue | undefined>>;

const SCOPE = { resource: 'resource', tags: ['tag'] };
const ENTRY = sample({ tags: ['tag'] });

const isOfNamespace = (item: Parameters<typeof isOf>[1]): boolean => item['s']?.S === 'n';
const KINDS: Readonly<Record<string, (item: Parameters<typeof isOf>[1]) => boolean>> = {
  'the item of the namespace': isOfNamespace,
  'the token of a resource': (item) => isOf('r', item),
  'the token of a tag': (item) => isOf('t', item),
};
const OF_TOKENS: Readonly<Record<string, Fields>> = {
  'has a number for a token': { t: { N: '7' } },
  'has no token': { t: undefined },
  'has marks that are a text': { k: { S: 'text' } },
  'has no marks': { k: undefined },
};
const SHAPES: Readonly<Record<string, Readonly<Record<string, Fields>>>> = {
  'the item of the namespace': {
    'has a number for a token': { t: { N: '7' } },
    'counts in texts': { n: { S: 'one' }, l: { S: 'one' }, a: { S: 'one' } },
  },
  'the token of a resource': OF_TOKENS,
  'the token of a tag': OF_TOKENS,
};
const CASES = Object.entries(SHAPES).flatMap(([what, shapes]) =>
  Object.entries(shapes).map(([shape, fields]) => [what, shape, fields] as const),
);

/** Each call of the port; none may fail. */
const CALLS: readonly ((storage: DynamoStorage) => unknown)[] = [
  (storage) => storage.get('key', SCOPE),
  (storage) => storage.set(ENTRY),
  async (storage) => storage.touch(withoutBody(ENTRY), (await lookUp(storage)).fence),
  (storage) => storage.delete({ key: 'key', resource: 'resource' }),
  (storage) => storage.delete({ resource: 'resource' }),
  (storage) => storage.delete({ tag: 'tag' }),
  (storage) => storage.delete({ underWay: true }),
  (storage) => storage.clear(),
  (storage) => list(storage),
  (storage) => storage.meta('a', () => 'value'),
];

describeService('dynamodb', (service) => {
  async function opened(what: string, fields: Fields): Promise<DynamoStorage> {
    const client = clientOf(service().url);
    const table = newTable();
    const storage = new DynamoStorage({ table, client, createIfMissing: true });
    await storage.set(ENTRY);
    await rewrite(client, table, TOKENS, (item) => {
      if (KINDS[what]?.(item) !== true) return item;
      const changed = Object.entries({ ...item, ...fields }).filter(([, value]) => value !== undefined);
      return Object.fromEntries(changed) as typeof item;
    });
    return storage;
  }

  test.each(CASES)('%s that %s fails no call, and the next answer is stored, found and deleted', async (
    what, _shape, fields,
  ) => {
    for (const call of CALLS) {
      const storage = await opened(what, fields);
      await call(storage);
      const { fence } = await storage.get('key', SCOPE);
      const answer = sample({ tags: ['tag'], head: 'new', body: Uint8Array.of(8) });
      expect(await storage.set(answer, fence)).toBe(true);
      expect((await lookUp(storage)).entries).toEqual([answer]);
      const { fence: before } = await storage.get('key', SCOPE);
      expect(await storage.delete({ tag: 'tag' })).toBe(1);
      expect(await storage.set(answer, before)).toBe(false);
      expect((await lookUp(storage)).entries).toEqual([]);
      await storage.close();
    }
  });

  // What lacks something is completed, which is no more than making it.
  test.each(CASES.filter(([, shape]) => !/has no/.test(shape)))('%s that %s is told once', async (what, _shape, fields) => {
    const storage = await opened(what, fields);
    const problems = problemsOf(storage);
    for (let times = 0; times < 3; times += 1) {
      const { fence } = await storage.get('key', SCOPE);
      await storage.set(sample({ tags: ['tag'], body: Uint8Array.of(times) }), fence);
    }
    expect(problems.map(([, { code }]) => code)).toEqual(['ERR_CACHE_RECORD']);
    await storage.close();
  });
});
