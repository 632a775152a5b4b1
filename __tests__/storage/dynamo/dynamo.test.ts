/** DynamoStorage: the contract, and what is special to DynamoDB. */
import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { StoredEntryInfo } from '../../../lib/api/storage.js';
import {
  expectStored, list, lookUp, sample, samples, setAll, withoutBody,
} from '../../../lib/storage/contract/rule.js';
import { DynamoStorage } from '../../../lib/storage/dynamo/dynamo.js';
import type { DynamoStorageOptions } from '../../../lib/storage/dynamo/options.js';
import { clientOf, engineOf, HEADS, itemsIn, newTable, problemsOf, rewrite, withByte } from '../../support/dynamo.js';
import { describeOwnService, describeService } from '../../support/services.js';
import { describeStorage } from '../contract/describe-storage.js';

// Some rules write a thousand entries, each by more than one request, which dynalite answers in this very process.
jest.setTimeout(120_000);

const PARTS = /^[\w-]+#[\w-]+#[\w-]+#\d+$/;

/** A client that answers some commands itself, by their names, and sends on what it is given nothing for. */
function intercepted(client: DynamoDBClient, answers: Readonly<Record<string, (command: object) => unknown>>): object {
  return {
    send: async (command: object) => {
      const answer = answers[command.constructor.name]?.(command);
      return answer ?? client.send(command as Parameters<DynamoDBClient['send']>[0]);
    },
  };
}

const named = (name: string): Error => Object.assign(new Error(name), { name });

describeService('dynamodb', (service) => {
  const { create, engine } = engineOf(() => service().url);
  describeStorage('DynamoDB', create, engine);

  const opened: DynamoStorage[] = [];
  afterEach(async () => {
    await Promise.all(opened.splice(0).map((storage) => storage.close()));
  });

  function open(table: string, options: DynamoStorageOptions = {}): DynamoStorage {
    const client = clientOf(service().url);
    const storage = new DynamoStorage({ table, client, createIfMissing: true, ...options });
    opened.push(storage);
    return storage;
  }

  describe('a large body', () => {
    const large = (byte: number): Uint8Array => new Uint8Array(1_000_000).fill(byte);

    test('is kept in parts, which go with their entry', async () => {
      const table = newTable();
      const client = clientOf(service().url);
      const storage = open(table);
      await storage.set(sample({ body: large(1) }));
      expect(await itemsIn(client, table, PARTS)).toHaveLength(3);
      await expectStored(storage, 'key', [sample({ body: large(1) })], 'in parts');
      const replaced = sample({ body: large(2) });
      await storage.set(replaced);
      expect(await itemsIn(client, table, PARTS)).toHaveLength(3);
      expect(await storage.touch(withoutBody({ ...replaced, head: 'renewed' }))).toBe(true);
      await expectStored(storage, 'key', [{ ...replaced, head: 'renewed' }], 'renewed');
      await storage.delete({ resource: 'resource' });
      expect(await itemsIn(client, table, PARTS)).toEqual([]);
    });

    test('of which a part is missing is an absent entry', async () => {
      const table = newTable();
      const client = clientOf(service().url);
      const storage = open(table);
      await storage.set(sample({ body: large(1) }));
      await rewrite(client, table, PARTS, (item, index) => (index === 1 ? undefined : item));
      await expectStored(storage, 'key', [], 'without a part');
    });

    test('that is refused leaves no parts', async () => {
      const table = newTable();
      const client = clientOf(service().url);
      const storage = open(table);
      const { fence } = await lookUp(storage);
      await new Promise((resolve) => { setTimeout(resolve, 5); });
      const { fence: later } = await lookUp(storage);
      expect(await storage.set(sample({ body: large(2) }), later)).toBe(true);
      expect(await storage.set(sample({ body: large(1) }), fence)).toBe(false);
      expect(await itemsIn(client, table, PARTS)).toHaveLength(3);
      await expectStored(storage, 'key', [sample({ body: large(2) })], 'after the older one was refused');
    });

    test('compressed takes no parts where it is small then', async () => {
      const table = newTable();
      const storage = open(table, { compress: true });
      await storage.set(sample({ body: large(1) }));
      expect(await itemsIn(clientOf(service().url), table, PARTS)).toEqual([]);
      await expectStored(storage, 'key', [sample({ body: large(1) })], 'compressed');
    });
  });

  test('a head that DynamoDB cannot take is told, and what it would have replaced goes', async () => {
    const storage = open(newTable());
    const evicted: StoredEntryInfo[] = [];
    storage.onEvicted((entry) => evicted.push(entry));
    await storage.set(sample());
    expect(await storage.set(sample({ head: 'x'.repeat(400_000) }))).toBe(false);
    await expectStored(storage, 'key', [], 'after a head that is too large');
    expect(evicted.map(({ key }) => key)).toEqual(['key']);
  });

  describe('what DynamoDB removes by itself', () => {
    test('is said by the TTL: never before it is of no use, and never for what never expires', async () => {
      const table = newTable();
      const client = clientOf(service().url);
      const storage = open(table);
      const purgeAtMs = Date.now() + 60_000;
      await setAll(storage, [sample({ key: 'a', purgeAtMs, tags: ['tag'] }), sample({ key: 'b', resource: 'b' })]);
      const ttls = new Map((await itemsIn(client, table)).map(({ p, s, x }) => [`${p?.S} ${s?.S}`, x?.N]));
      const values = [...ttls.values()].filter((ttl) => ttl !== undefined).map(Number);
      expect(Math.min(...values) * 1000).toBeGreaterThan(purgeAtMs);
      // The namespace, the entry that stays, and the token of its resource.
      expect([...ttls.values()].filter((ttl) => ttl === undefined)).toHaveLength(3);
      await storage.touch(withoutBody(sample({ key: 'a' })));
      const [renewed] = (await itemsIn(client, table, HEADS)).filter(({ u, x }) => u !== undefined || x !== undefined);
      expect(renewed).toBeUndefined();
    });

    test('is not read while it is still there', async () => {
      const storage = open(newTable());
      await storage.set(sample({ purgeAtMs: Date.now() - 1 }));
      await expectStored(storage, 'key', [], 'past its time');
      expect(await list(storage)).toHaveLength(1);
      expect(await storage.deleteExpired(Date.now())).toBe(1);
      expect(await list(storage)).toEqual([]);
    });
  });

  test('damage is a miss, is told once, and is removed', async () => {
    const table = newTable();
    const client = clientOf(service().url);
    const storage = open(table);
    await storage.set(sample({ body: new Uint8Array(100) }));
    const problems = problemsOf(storage);
    await rewrite(client, table, HEADS, (item) => ({
      ...item,
      b: { B: withByte(item['b']?.B ?? new Uint8Array(60), 50, 7) },
    }));
    await expectStored(storage, 'key', [], 'damaged');
    await expectStored(storage, 'key', [], 'damaged, once more');
    expect(problems.map(([operation, { code }]) => [operation, code])).toEqual([['get', 'ERR_CACHE_RECORD']]);
    expect(await itemsIn(client, table, HEADS)).toEqual([]);
  });

  test('a resource of which many keys were deleted begins anew, and nothing comes back', async () => {
    const storage = open(newTable());
    const { fence } = await lookUp(storage, 'key 3');
    for (const { key, resource } of samples(70)) await storage.delete({ key, resource });
    expect(await storage.set(sample({ key: 'key 3' }), fence)).toBe(false);
    await storage.set(sample({ key: 'key 3' }));
    await expectStored(storage, 'key 3', [sample({ key: 'key 3' })], 'stored afterwards');
  });

  test('what was left undone for lack of capacity is done again', async () => {
    const table = newTable();
    const client = clientOf(service().url);
    await open(table).get('key', { resource: 'resource', tags: [] });
    let left = 3;
    const undone = (answer: (input: Record<string, unknown>) => object) => (command: object) => {
      left -= 1;
      return left < 0 ? undefined : answer((command as { input: Record<string, unknown> }).input);
    };
    const storage = open(table, {
      client: intercepted(client, {
        BatchGetItemCommand: undone(({ RequestItems }) => ({ UnprocessedKeys: RequestItems })),
        BatchWriteItemCommand: undone(({ RequestItems }) => ({ UnprocessedItems: RequestItems })),
      }),
    });
    const entry = sample({ tags: ['tag'] });
    expect(await storage.set(entry)).toBe(true);
    left = 3;
    await expectStored(storage, 'key', [entry], 'with too little capacity');
    left = 1000;
    await expect(lookUp(storage)).rejects.toThrow(/undone for lack of capacity/);
  });

  test('without the right to write, what is there is read, and it is told once that nothing can be stored', async () => {
    const table = newTable();
    const client = clientOf(service().url);
    await open(table).set(sample());
    const denied = (): never => { throw named('AccessDeniedException'); };
    const storage = open(table, { client: intercepted(client, { UpdateItemCommand: denied, PutItemCommand: denied }) });
    const problems = problemsOf(storage);
    await expectStored(storage, 'key', [sample()], 'read-only');
    const [{ fence }] = [await lookUp(storage, 'other', 'other'), await lookUp(storage, 'another', 'another')];
    expect(problems).toHaveLength(1);
    const setting = storage.set(sample({ key: 'other', resource: 'other' }), fence);
    await expect(setting).rejects.toThrow('AccessDeniedException');
    await expect(storage.delete({ resource: 'resource' })).rejects.toThrow('AccessDeniedException');
  });

  test('without the right to remove, a delete counts at once and rejects, and nobody is told of it twice', async () => {
    const table = newTable();
    const client = clientOf(service().url);
    await open(table).set(sample());
    const denied = (): never => { throw named('AccessDeniedException'); };
    const storage = open(table, { client: intercepted(client, { DeleteItemCommand: denied }) });
    const problems = problemsOf(storage);
    await expect(storage.delete({ resource: 'resource' })).rejects.toThrow('AccessDeniedException');
    await expectStored(storage, 'key', [], 'of which the item is still there');
    await storage.close();
    expect(problems).toEqual([]);
  });

  test('many who store at once in a new table make its tokens once', async () => {
    let updates = 0;
    const count = (): undefined => {
      updates += 1;
      return undefined;
    };
    const client = intercepted(clientOf(service().url), { UpdateItemCommand: count });
    const storage = open(newTable(), { client });
    const entries = samples(50);
    await Promise.all(entries.map((entry) => storage.set(entry)));
    // The tokens of the namespace and of the resource, and that the latter stays.
    expect(updates).toBeLessThan(10);
    for (const entry of entries) await expectStored(storage, entry.key, [entry], 'stored with others');
  });

  test('close waits for no sweep through the items of others', async () => {
    const others = { Items: [], LastEvaluatedKey: { p: { S: 'of somebody else' }, s: { S: '1' } } };
    let scans = 0;
    const ScanCommand = (): object => {
      scans += 1;
      return new Promise((resolve) => setImmediate(resolve, others));
    };
    const storage = open(newTable(), { client: intercepted(clientOf(service().url), { ScanCommand }) });
    await storage.set(sample({}));
    await storage.clear();
    const former = scans;
    await storage.close();
    expect(former).toBeGreaterThan(0);
    expect(scans - former).toBeLessThan(3);
  });

  test('a table that is not there is an error that says so, unless it is to be made', async () => {
    const table = newTable();
    await expect(open(table, { createIfMissing: false }).set(sample())).rejects.toMatchObject({
      code: 'ERR_CACHE_STORAGE',
      message: expect.stringContaining(`there is no table "${table}"`) as string,
    });
    const storages = [open(table), open(table), open(table)];
    await Promise.all(storages.map((storage, index) => storage.set(sample({ key: `${index}` }))));
    expect(await list(open(table))).toHaveLength(3);
  });

  test('a client of the user\'s is left as it is, and an own one is ended', async () => {
    const table = newTable();
    const client = clientOf(service().url);
    const storage = open(table, { client });
    await storage.set(sample());
    await storage.close();
    await expect(lookUp(storage)).rejects.toMatchObject({ code: 'ERR_CACHE_CLOSED' });
    expect(await itemsIn(client, table, HEADS)).toHaveLength(1);
  });

  test('the own client takes endpoint, region and credentials of the environment', () =>
    withEnvironment(service().url, async () => {
      const storage = new DynamoStorage({ table: newTable(), createIfMissing: true });
      opened.push(storage);
      await storage.set(sample());
      await expectStored(storage, 'key', [sample()], 'by the own client');
    }));
});

/** As a program on AWS has it. */
async function withEnvironment(url: string, work: () => Promise<void>): Promise<void> {
  const before = { ...process.env };
  Object.assign(process.env, {
    AWS_ENDPOINT_URL_DYNAMODB: url,
    AWS_REGION: 'eu-central-1',
    AWS_ACCESS_KEY_ID: 'key',
    AWS_SECRET_ACCESS_KEY: 'secret',
  });
  try {
    await work();
  } finally {
    process.env = before;
  }
}

describeOwnService('dynamodb', (service) => {
  test('an engine that hangs is given up by the own client within seconds, and is used again afterwards', () =>
    withEnvironment(service().url, async () => {
      const storage = new DynamoStorage({ table: newTable(), createIfMissing: true });
      await storage.set(sample());
      await service().pause();
      const begun = performance.now();
      await expect(lookUp(storage)).rejects.toThrow();
      expect(performance.now() - begun).toBeLessThan(10_000);
      service().resume();
      await expectStored(storage, 'key', [sample()], 'after the engine hung');
      await storage.close();
    }));
});

test('an engine that is away rejects every call', async () => {
  const client = clientOf('http://127.0.0.1:1', { maxAttempts: 1 });
  const storage = new DynamoStorage({ table: 'table', client });
  await expect(lookUp(storage)).rejects.toThrow();
  await expect(storage.set(sample())).rejects.toThrow();
  await expect(storage.delete({ resource: 'resource' })).rejects.toThrow();
  await storage.close();
});

test.each<[string, unknown, RegExp]>([
  ['options', undefined, /DynamoStorage takes an object with table, client, createIfMissing, namespace/],
  ['table', {}, /table must be the name of a table; got undefined/],
  ['table', 'a table', /table must be the name of a table; got "a table"/],
  ['client', { table: 'abc', client: {} }, /client must be a DynamoDBClient/],
  ['createIfMissing', { table: 'abc', createIfMissing: 1 }, /createIfMissing must be true or false; got 1/],
  ['maxBytes', { table: 'abc', maxBytes: 1 }, /unknown option "maxBytes": DynamoStorage takes/],
])('%s that are wrong are an error of the constructor: %p', (option, given, message) => {
  const error = { code: 'ERR_CACHE_OPTION', option, message: expect.stringMatching(message) as string };
  expect(() => new DynamoStorage(given as string)).toThrow(expect.objectContaining(error) as Error);
});
