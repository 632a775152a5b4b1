/** MongoStorage on a server that does what servers do in bad moments. */
import { sample } from '../../../lib/storage/contract/rule.js';
import type { MongoStorage } from '../../../lib/storage/mongo/mongo.js';
import { openStorage, problemsOf } from '../../support/mongo.js';
import { MongoDouble, type Reaction } from '../../support/mongo-double.js';

jest.setTimeout(30_000);

const SCOPE = { resource: 'resource', tags: [] };
/** What an own connection may take at most for one command, and a bit. */
const BOUND_MS = 4000;

let double: MongoDouble;
let storage: MongoStorage;

beforeEach(async () => {
  double = await MongoDouble.start();
  storage = openStorage({ url: double.url });
});
afterEach(async () => {
  await storage.close();
  await double.stop();
});

const bodies = async (): Promise<number[]> =>
  (await storage.get('key', SCOPE)).entries.map(({ body }) => body.byteLength);

async function timed(work: () => Promise<unknown>): Promise<number> {
  const startedAt = performance.now();
  await work();
  return performance.now() - startedAt;
}

test('The double keeps what is set, so that the tests below say something', async () => {
  expect(await bodies()).toEqual([]);
  expect(await storage.set(sample())).toBe(true);
  expect(await bodies()).toEqual([3]);
  expect(await storage.delete({ resource: 'resource' })).toBe(1);
  expect(await bodies()).toEqual([]);
});

describe.each<[string, Reaction]>([
  ['says nothing', 'hangs'],
  ['ends the connection in the middle of an answer', 'cuts its answer'],
  ['is no primary any more', { code: 10107, errmsg: 'not primary' }],
  ['fails', { code: 8000, errmsg: 'something is wrong' }],
])('A server that %s', (_name, reaction) => {
  test('makes a look-up fail in time, and is used again once it works', async () => {
    await storage.set(sample());
    double.once('find', reaction);
    expect(await timed(() => expect(bodies()).rejects.toThrow())).toBeLessThan(BOUND_MS);
    expect(await bodies()).toEqual([3]);
  });

  test('makes a write fail in time, and what was stored stays', async () => {
    await storage.set(sample());
    double.once('update', reaction);
    expect(await timed(() => expect(storage.set(sample({ head: 'new' }))).rejects.toThrow())).toBeLessThan(BOUND_MS);
    expect(await bodies()).toEqual([3]);
  });

  test('lets entries be read while no fence can be made, and says so where something is to be stored', async () => {
    await storage.set(sample());
    for (const name of ['findAndModify', 'update', 'insert']) double.always(name, reaction);
    const { entries, fence } = await storage.get('key', { resource: 'resource', tags: ['new'] });
    expect(entries).toHaveLength(1);
    double.behave();
    await expect(storage.set(sample({ head: 'late' }), fence)).rejects.toThrow('took no write');
    await expect(storage.touch(sample({ head: 'late' }), fence)).rejects.toThrow('took no write');
    expect((await storage.get('key', SCOPE)).entries.map(({ head }) => head)).toEqual([sample().head]);
  });
});

describe('An invalidation that the server does not take', () => {
  test.each([
    ['by resource', () => storage.delete({ resource: 'resource' })],
    ['by key', () => storage.delete({ key: 'key', resource: 'resource' })],
    ['by tag', () => storage.delete({ tag: 'tag' })],
    ['of everything', () => storage.clear()],
  ])('%s keeps this process from answering with what it concerns, until it went through', async (_name, invalidate) => {
    await storage.set(sample({ tags: ['tag'] }));
    await storage.set(sample({ key: 'other', resource: 'other' }));
    const refusal = { code: 10107, errmsg: 'not primary' };
    for (const name of ['findAndModify', 'update', 'delete']) double.always(name, refusal);
    await expect(invalidate()).rejects.toThrow('not primary');
    const { entries, fence } = await storage.get('key', SCOPE);
    expect(entries).toEqual([]);
    expect(await storage.set(sample({ tags: ['tag'] }), fence)).toBe(false);
    double.behave();
    await untilTrue(async () => {
      const late = (await storage.get('key', SCOPE)).fence;
      return storage.set(sample({ tags: ['tag'], head: 'late', body: Uint8Array.of(9) }), late);
    });
    expect((await storage.get('key', SCOPE)).entries.map(({ head }) => head)).toEqual(['late']);
  });

  test('leaves alone what it does not concern', async () => {
    await storage.set(sample({ key: 'other', resource: 'other' }));
    double.always('findAndModify', { code: 10107, errmsg: 'not primary' });
    await expect(storage.delete({ resource: 'resource' })).rejects.toThrow('not primary');
    expect((await storage.get('other', { resource: 'other', tags: [] })).entries).toHaveLength(1);
  });
});

describe('Answers of servers that are not quite MongoDB', () => {
  test('an upsert that gives nothing is asked again', async () => {
    double.once('findAndModify', 'answers null', 'answers null');
    const { fence } = await storage.get('key', SCOPE);
    expect(await storage.set(sample(), fence)).toBe(true);
    expect(await bodies()).toEqual([3]);
  });

  test('E11000 of an upsert is tried again, once and for each of several at once', async () => {
    const duplicate = { code: 11000, errmsg: 'E11000 duplicate key error' };
    double.once('findAndModify', duplicate, duplicate);
    double.once('update', duplicate);
    expect(await storage.set(sample())).toBe(true);
    expect(await bodies()).toEqual([3]);
  });

  test('E11000 that never ends is an error', async () => {
    double.always('update', { code: 11000, errmsg: 'E11000 duplicate key error' });
    await expect(storage.set(sample())).rejects.toThrow('E11000');
  });
});

describe('Indexes that the server refuses', () => {
  test.each([
    [13, 'for want of rights'],
    [85, 'because there is one with other options'],
    [238, 'because it has none that expire'],
  ])('with code %i (%s) are told once and hinder nothing', async (code) => {
    double.always('createIndexes', { code, errmsg: 'no' });
    const problems = problemsOf(storage);
    expect(await storage.set(sample())).toBe(true);
    expect(await bodies()).toEqual([3]);
    await untilTrue(async () => problems.length > 0);
    await bodies();
    const names = '{"k":1}, {"r":1,"_id":1}, {"t":1,"_id":1}, {"p":1}';
    expect(problems).toEqual([['deleteExpired', expect.stringContaining(`refused the indexes ${names}`)]]);
    expect(double.commands.filter((name) => name === 'createIndexes')).toHaveLength(4);
  });

  test('that could not be asked for are asked for again', async () => {
    double.once('createIndexes', { code: 10107, errmsg: 'not primary' });
    const problems = problemsOf(storage);
    await untilTrue(async () => {
      await bodies();
      return double.commands.filter((name) => name === 'createIndexes').length === 5;
    });
    expect(problems).toEqual([]);
  });
});

test('A server that is too old is an error that says so, at each call and in time', async () => {
  const old = await MongoDouble.start(3);
  const onOld = openStorage({ url: old.url });
  try {
    expect(await timed(() => expect(onOld.get('key', SCOPE)).rejects.toThrow(/wire version/))).toBeLessThan(BOUND_MS);
    await expect(onOld.set(sample())).rejects.toThrow(/wire version/);
  } finally {
    await onOld.close();
    await old.stop();
  }
});

test('A first connection that never gets an answer is given up, and the next call makes another one', async () => {
  for (const name of ['hello', 'ismaster', 'isMaster']) double.always(name, 'hangs');
  expect(await timed(() => expect(bodies()).rejects.toThrow())).toBeLessThan(BOUND_MS);
  double.behave();
  expect(await bodies()).toEqual([]);
});

async function untilTrue(condition: () => Promise<boolean>): Promise<void> {
  while (!(await condition())) await new Promise((resolve) => { setTimeout(resolve, 20); });
}
