/** Keys of somebody else's under names of ours, of a type that they should not have: a miss, one event, and healed. */
import { list, lookUp, sample, samples, setAll, withoutBody } from '../../../lib/storage/contract/rule.js';
import { digestOf, RedisKeys } from '../../../lib/storage/redis/keys.js';
import type { RedisStorage } from '../../../lib/redis.js';
import { describeService } from '../../support/services.js';
import { CLIENTS, connect, openStorage, optionsBehind, problemsOf, type TestClient } from './support.js';

const KEY = { key: 'key', resource: 'resource' };
const TAGS = ['tag', 'other'];

/** What makes a key of each type; `%` stands for its name. */
const TYPES: Readonly<Record<string, readonly string[]>> = {
  string: ['SET', '%', 'somebody else\'s'],
  list: ['RPUSH', '%', 'a', 'b'],
  hash: ['HSET', '%', 'field', 'value'],
  set: ['SADD', '%', 'member'],
  zset: ['ZADD', '%', '1', 'member'],
  stream: ['XADD', '%', '*', 'field', 'value'],
};

/** The keys that stand for what, by the type that each should have. */
const KEYS: Readonly<Record<string, readonly [type: string, nameIn: (keys: RedisKeys) => string]>> = {
  'an entry': ['string', (keys) => keys.of('key', 'resource').entry],
  'the other variants of a key': ['hash', (keys) => keys.of('key', 'resource').others],
  'the tokens of a resource': ['string', (keys) => keys.of('key', 'resource').tokens],
  'the index of a resource': ['zset', (keys) => keys.of('key', 'resource').index],
  'the namespace': ['string', (keys) => keys.namespace],
  'the token of a tag': ['string', (keys) => keys.tagToken(digestOf('tag'))],
  'the index of a tag': ['zset', (keys) => keys.tagIndex(digestOf('tag'))],
};

const CASES = Object.entries(KEYS).flatMap(([what, [type, nameIn]]) =>
  Object.keys(TYPES).filter((other) => other !== type).map((other) => [what, other, nameIn] as const),
);

describeService('redis', (engine) => {
  let raw: TestClient;
  beforeEach(async () => { raw = await connect(CLIENTS['redis 6']!({ url: engine().url })); });
  const open = (): RedisStorage => openStorage({ url: engine().url });
  const keysOf = (storage: RedisStorage): RedisKeys => new RedisKeys(optionsBehind(storage).namespace ?? '');
  const put = async (type: string, name: string): Promise<void> => {
    await raw.sendCommand(['DEL', name]);
    await raw.sendCommand((TYPES[type] ?? []).map((part) => (part === '%' ? name : part)));
  };

  /** Each call of the port; none may fail. */
  const CALLS: Readonly<Record<string, (storage: RedisStorage) => unknown>> = {
    get: (storage) => storage.get('key', { resource: 'resource', tags: ['tag'] }),
    revisions: (storage) => storage.revisions('key', { resource: 'resource', tags: ['tag'] }),
    'set without a fence': (storage) => storage.set(sample({ tags: TAGS })),
    'set of another variant': (storage) => storage.set(sample({ tags: TAGS, variant: 'en' })),
    'set of what is over': (storage) => storage.set(sample({ purgeAtMs: 1 })),
    'set by a fence': async (storage) => storage.set(sample({ tags: TAGS }), (await lookUp(storage)).fence),
    touch: async (storage) => storage.touch(withoutBody(sample({ tags: TAGS })), (await lookUp(storage)).fence),
    'delete by key': (storage) => storage.delete(KEY),
    'delete by variant': (storage) => storage.delete({ ...KEY, variant: '' }),
    'delete by resource': (storage) => storage.delete({ resource: 'resource' }),
    'delete by tag': (storage) => storage.delete({ tag: 'tag' }),
    'delete of what is under way': (storage) => storage.delete({ underWay: true }),
    clear: (storage) => storage.clear(),
    entries: (storage) => list(storage),
    deleteExpired: (storage) => storage.deleteExpired(Date.now() + 1000),
    meta: (storage) => storage.meta('a', () => 'value'),
  };

  test.each(CASES)('%s that is a %s fails no call, and the next answer is stored and found', async (_what, type, nameIn) => {
    for (const call of Object.values(CALLS)) {
      const storage = open();
      await setAll(storage, [sample({ tags: TAGS }), sample({ tags: TAGS, variant: 'en' })]);
      await put(type, nameIn(keysOf(storage)));
      await call(storage);
      const { fence } = await storage.get('key', { resource: 'resource', tags: ['tag'] });
      const answer = sample({ tags: TAGS, head: 'new', body: Uint8Array.of(8) });
      expect(await storage.set(answer, fence)).toBe(true);
      expect((await lookUp(storage)).entries.map(({ head }) => head)).toContain('new');
      expect(await storage.delete({ tag: 'tag' })).toBeGreaterThanOrEqual(1);
      expect((await lookUp(storage)).entries).toEqual([]);
    }
  });

  test.each(CASES)('%s that is a %s is told once, by what it is, and replaced', async (_what, type, nameIn) => {
    const storage = open();
    await setAll(storage, [sample({ tags: TAGS }), sample({ tags: TAGS, variant: 'en' })]);
    const problems = problemsOf(storage);
    const name = nameIn(keysOf(storage));
    await put(type, name);
    for (let times = 0; times < 3; times += 1) {
      const { fence } = await storage.get('key', { resource: 'resource', tags: ['tag'] });
      await storage.set(sample({ tags: TAGS }), fence);
      await storage.set(sample({ tags: TAGS, variant: 'en' }), fence);
    }
    expect(problems.map(([, { code, message }]) => [code, message])).toEqual([
      ['ERR_CACHE_RECORD', expect.stringContaining(`a ${type} of Redis`)],
    ]);
    expect(await raw.sendCommand(['TYPE', name])).not.toBe(type);
  });

  test('a lease that is none is one that nobody holds', async () => {
    const storage = openStorage({ url: engine().url, lease: true });
    await put('list', keysOf(storage).lease('key'));
    const lease = await storage.lease?.('key', 5000);
    expect(lease).toBeDefined();
    await lease?.release();
  });

  test('what is of no concern to the cache stays as it is', async () => {
    const storage = open();
    const other = `${keysOf(storage).namespace}:of somebody else`;
    await put('list', other);
    await setAll(storage, samples(3));
    await storage.clear();
    expect(await raw.sendCommand(['TYPE', other])).toBe('list');
    await raw.sendCommand(['DEL', other]);
  });
});
