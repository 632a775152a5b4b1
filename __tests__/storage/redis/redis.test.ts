/** What RedisStorage does in one Redis beside the contract: its layout, its limits, and what is lost by evictions. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { list, lookUp, sample, samples, setAll, withoutBody } from '../../../lib/storage/contract/rule.js';
import type { Fence, StoredEntry } from '../../../lib/api/storage.js';
import { digestOf, RedisKeys } from '../../../lib/storage/redis/keys.js';
import type { RedisStorage } from '../../../lib/redis.js';
import { root } from '../../support/root.js';
import { describeOwnService } from '../../support/services.js';
import {
  CLIENTS, connect, keysOf, newNamespace, openStorage, optionsBehind, problemsOf, type TestClient,
} from './support.js';

const SCOPE = { resource: 'resource', tags: [] };
const KEY = { key: 'key', resource: 'resource' };

describeOwnService('redis', (engine) => {
  let raw: TestClient;
  beforeEach(async () => { raw = await connect(CLIENTS['redis 6']!({ url: engine().url })); });
  const open = (): RedisStorage => openStorage({ url: engine().url });
  const ask = (...command: string[]): Promise<unknown> => raw.sendCommand(command);
  const addressIn = (storage: RedisStorage, key = 'key', resource = 'resource') =>
    new RedisKeys(optionsBehind(storage).namespace ?? '').of(key, resource);
  const namespaceIn = (storage: RedisStorage): string =>
    new RedisKeys(optionsBehind(storage).namespace ?? '').namespace;
  const fenceOf = async (storage: RedisStorage, tags: readonly string[] = []): Promise<Fence> =>
    (await storage.get('key', { ...SCOPE, tags })).fence!;

  /** How often the server was sent each command while `work` ran; scripts count as one command, whatever they do. */
  async function commandsOf(work: () => Promise<unknown>): Promise<Record<string, number>> {
    const calls = async (): Promise<Record<string, number>> => {
      const info = String(await ask('INFO', 'commandstats'));
      const lines = [...info.matchAll(/cmdstat_(\w+):calls=(\d+)/g)];
      return Object.fromEntries(lines.map(([, name, count]) => [name, Number(count)]));
    };
    const before = await calls();
    await work();
    const after = await calls();
    const changed = Object.entries(after).map(([name, count]) => [name, count - (before[name] ?? 0)] as const);
    return Object.fromEntries(changed.filter(([name, count]) => count > 0 && !['info', 'ping'].includes(name)));
  }

  test('a hit is one MGET, and so is one by tags that were not named, while no tag has changed', async () => {
    const storage = open();
    await storage.set(sample({ tags: ['a', 'b'] }), await fenceOf(storage));
    expect(await commandsOf(() => lookUp(storage))).toEqual({ mget: 1 });
    await storage.delete({ tag: 'c' });
    expect(await commandsOf(() => lookUp(storage))).toEqual({ mget: 2 });
    expect((await lookUp(storage)).entries).toHaveLength(1);
  });

  test('what nobody has asked for yet is looked up in one trip, which makes its token', async () => {
    let underWay = 0;
    let trips = 0;
    const counting = {
      isOpen: true,
      sendCommand: async (args: (string | Buffer)[], options: object) => {
        if (underWay === 0) trips += 1;
        underWay += 1;
        return raw.sendCommand(args, options).finally(() => { underWay -= 1; });
      },
    };
    const storage = openStorage({ client: counting });
    // The first look-up makes the record of the namespace as well, and Redis learns the scripts by it.
    await lookUp(storage, 'first');
    trips = 0;
    const getSecond = () => storage.get('second', { resource: 'of the second', tags: [] });
    const { fence } = await getSecond();
    expect(trips).toBe(1);
    expect(await storage.set(sample({ key: 'second', resource: 'of the second' }), fence)).toBe(true);
    expect(await commandsOf(getSecond)).toEqual({ mget: 1 });
  });

  test('listings and clear alone go through the keys of Redis', async () => {
    const storage = open();
    const others = async (): Promise<void> => {
      await storage.set(sample({ tags: ['a'] }), await fenceOf(storage));
      await storage.touch(withoutBody(sample()), await fenceOf(storage));
      await storage.delete({ tag: 'a' });
      await storage.delete({ resource: 'resource' });
      await storage.delete(KEY);
      await storage.deleteExpired(Date.now());
    };
    expect(await commandsOf(others)).not.toHaveProperty('scan');
    expect(await commandsOf(() => list(storage))).toHaveProperty('scan');
  });

  test('Redis ends what is past by itself, with all that belongs to it, and nothing that never ends', async () => {
    const storage = open();
    const now = Date.now();
    await storage.set(sample({ tags: ['tag'], purgeAtMs: now + 3_600_000 }));
    const { entry, tokens, index } = addressIn(storage);
    const left = async (key: string): Promise<number> => Number(await ask('PTTL', key));
    expect(await left(entry)).toBeGreaterThan(3_590_000);
    expect(await left(entry)).toBeLessThanOrEqual(3_600_000);
    // Tokens outlast what bears them by an hour.
    for (const key of [tokens, index]) expect(await left(key)).toBeGreaterThan(7_190_000);
    await storage.set(sample({ variant: 'en', purgeAtMs: Infinity }));
    for (const key of [entry, tokens, index]) expect(await left(key)).toBe(-1);
    await storage.set(sample({ tags: ['tag'], purgeAtMs: now + 60_000 }));
    for (const key of [entry, tokens, index]) expect(await left(key)).toBe(-1);
    expect((await lookUp(storage)).entries).toHaveLength(2);
  });

  test('a variant that is stored for less does not end those that stay longer', async () => {
    const storage = open();
    const now = Date.now();
    await storage.set(sample({ purgeAtMs: now + 300 }));
    await storage.set(sample({ variant: 'long', purgeAtMs: now + 60_000 }));
    await storage.set(sample({ variant: 'short', purgeAtMs: now + 300 }));
    await new Promise((resolve) => { setTimeout(resolve, 500); });
    const variants = (await lookUp(storage)).entries.map(({ variant }) => variant);
    expect(variants).toContain('long');
    await storage.delete({ ...KEY, variant: '' });
    await storage.delete({ ...KEY, variant: 'short' });
    expect((await lookUp(storage)).entries.map(({ variant }) => variant)).toEqual(['long']);
  });

  test('namespaces with signs of patterns and slots see their own entries only', async () => {
    const names = ['a', 'a*', 'a?', '[a]', '{a}', 'a}', 'a\\', 'a:b', '%2a', 'a%', '^', 'ä \ud800'];
    const unique = names.map((name) => `${newNamespace()} ${name}`).concat(names);
    const storages = unique.map((namespace) => openStorage({ url: engine().url, namespace }));
    for (const storage of storages) await storage.clear();
    for (const [index, storage] of storages.entries()) await storage.set(sample({ head: `${index}` }));
    for (const [index, storage] of storages.entries()) {
      expect((await list(storage)).map(({ head }) => head)).toEqual([`${index}`]);
      expect((await lookUp(storage)).entries.map(({ head }) => head)).toEqual([`${index}`]);
    }
    await storages[1]!.clear();
    expect((await Promise.all(storages.map(list))).flat()).toHaveLength(storages.length - 1);
  });

  test('scripts that Redis has forgotten are sent again', async () => {
    const storage = open();
    await storage.set(sample());
    await ask('SCRIPT', 'FLUSH');
    await setAll(storage, [sample({ tags: ['a'] }), sample({ variant: 'en' })]);
    await ask('SCRIPT', 'FLUSH');
    expect(await storage.touch(withoutBody(sample({ head: 'new' })))).toBe(true);
    await ask('SCRIPT', 'FLUSH');
    expect(await storage.delete({ resource: 'resource' })).toBe(2);
  });

  test('10,000 keys of one resource are deleted in steps, between which others are answered', async () => {
    const storage = open();
    const entries = samples(10_000, (index) => ({ resource: 'many', body: new Uint8Array(index % 10) }));
    for (let from = 0; from < entries.length; from += 1000) {
      await Promise.all(entries.slice(from, from + 1000).map((entry) => storage.set(entry)));
    }
    await ask('CONFIG', 'RESETSTAT');
    await ask('CONFIG', 'SET', 'slowlog-log-slower-than', '100000');
    await ask('SLOWLOG', 'RESET');
    expect(await storage.delete({ resource: 'many' })).toBe(10_000);
    expect(await ask('SLOWLOG', 'LEN')).toBe(0);
    expect(await list(storage)).toEqual([]);
  }, 60_000);

  test('close waits neither for a sweep nor for a listing that goes through the keys of others', async () => {
    const others = 'for i = 1, 50000 do redis.call("SET", "of somebody else:" .. i, "1") end';
    await ask('EVAL', others, '0');
    const [cleared, listed] = [open(), open()];
    await setAll(cleared, samples(3));
    const clearAndClose = async (): Promise<void> => {
      await cleared.clear();
      await cleared.close();
    };
    expect((await commandsOf(clearAndClose))['scan'] ?? 0).toBeLessThan(5);
    await listed.get('key', SCOPE);
    let ended: unknown;
    const listAndClose = async (): Promise<void> => {
      const listing = list(listed).then(() => 'whole', (error: unknown) => (error as { code?: unknown }).code);
      await listed.close();
      ended = await listing;
    };
    expect((await commandsOf(listAndClose))['scan'] ?? 0).toBeLessThan(5);
    expect(ended).toBe('ERR_CACHE_CLOSED');
    await ask('EVAL', 'for i = 1, 50000 do redis.call("DEL", "of somebody else:" .. i) end', '0');
  });

  test('clear gives its room back, but leaves what is stored after it', async () => {
    const storage = open();
    const { namespace = '' } = optionsBehind(storage);
    await setAll(storage, samples(50));
    await storage.clear();
    await storage.set(sample({ key: 'later' }), undefined);
    const entries = async (): Promise<number> =>
      (await keysOf(() => Promise.resolve([raw]), namespace)).filter(([, key]) => key.includes('}:e:')).length;
    for (let rounds = 0; rounds < 100 && (await entries()) > 1; rounds += 1) await list(storage);
    expect(await entries()).toBe(1);
    expect((await list(storage)).map(({ key }) => key)).toEqual(['later']);
  });

  describe('what Redis drops brings nothing back:', () => {
    const late = (fields: Partial<StoredEntry> = {}): StoredEntry => sample({ head: 'late', ...fields });
    type Play = (storage: RedisStorage) => Promise<unknown>;
    const drop = (...keys: string[]) => ask('DEL', ...keys);

    test.each<[string, Play]>([
      ['the entry, once its key was deleted', async (storage) => {
        await storage.set(sample());
        const fence = await fenceOf(storage);
        await storage.delete(KEY);
        await drop(addressIn(storage).entry);
        return storage.set(late(), fence);
      }],
      ['the record of the namespace, before a tag was invalidated', async (storage) => {
        for (let times = 0; times < 5; times += 1) await storage.delete({ tag: 'tag' });
        const fence = await fenceOf(storage);
        await drop(namespaceIn(storage));
        await storage.delete({ tag: 'tag' });
        return storage.set(late({ tags: ['tag'] }), fence);
      }],
      ['the record of the namespace, made anew by another look-up', async (storage) => {
        const fence = await fenceOf(storage);
        await storage.delete({ tag: 'tag' });
        await drop(namespaceIn(storage));
        await lookUp(storage, 'other');
        return storage.set(late({ tags: ['tag'] }), fence);
      }],
      ['the token of the resource, made anew by another look-up', async (storage) => {
        const fence = await fenceOf(storage);
        await drop(addressIn(storage).tokens);
        await storage.delete({ resource: 'resource' });
        await lookUp(storage);
        return storage.set(late(), fence);
      }],
      ['nothing, and a deletion by listing came between', async (storage) => {
        const fence = await fenceOf(storage);
        await storage.delete({ underWay: true });
        return storage.set(late(), fence);
      }],
    ])('%s', async (_name, play) => {
      const storage = open();
      expect(await play(storage)).toBe(false);
      expect((await lookUp(storage)).entries).toEqual([]);
    });

    test('the token of a tag: an entry with it counts as absent where the look-up names it', async () => {
      const storage = open();
      await storage.set(sample({ tags: ['tag'] }));
      await drop(new RedisKeys(optionsBehind(storage).namespace ?? '').tagToken(digestOf('tag')));
      expect((await storage.get('key', { ...SCOPE, tags: ['tag'] })).entries).toEqual([]);
    });

    test('the index of a tag: what has the tag is absent once that is invalidated, though nothing finds it', async () => {
      const storage = open();
      const keys = new RedisKeys(optionsBehind(storage).namespace ?? '');
      for (const tags of [[], ['tag']]) {
        await storage.set(sample({ tags: ['tag', 'other'] }));
        await drop(keys.tagIndex(digestOf('tag')));
        expect(await storage.delete({ tag: 'tag' })).toBe(0);
        expect((await storage.get('key', { ...SCOPE, tags })).entries).toEqual([]);
        expect(await list(storage)).toEqual([]);
      }
    });

    test('a tag that only the answer named is invalidated after the store, under way, and by a renewal', async () => {
      const storage = open();
      await storage.set(sample({ tags: ['tag'] }), await fenceOf(storage));
      await storage.delete({ tag: 'tag' });
      expect((await lookUp(storage)).entries).toEqual([]);
      const fence = await fenceOf(storage);
      await storage.delete({ tag: 'tag' });
      expect(await storage.set(late({ tags: ['tag'] }), fence)).toBe(false);
      await storage.set(sample({ tags: ['tag'] }), await fenceOf(storage));
      const renewing = await fenceOf(storage);
      await storage.delete({ tag: 'tag' });
      expect(await storage.touch(withoutBody(sample({ head: 'late', tags: ['tag'] })), renewing)).toBe(false);
    });

    test('a void answer does not take the place of a valid one', async () => {
      const storage = open();
      const former = await fenceOf(storage);
      await storage.delete({ resource: 'resource' });
      const valid = sample({ body: Uint8Array.of(8) });
      expect(await storage.set(valid, await fenceOf(storage))).toBe(true);
      expect(await storage.set(late(), former)).toBe(false);
      expect((await lookUp(storage)).entries).toEqual([valid]);
    });

    test('nothing, and another answer was stored after the look-up: its body keeps its own head', async () => {
      const storage = open();
      await storage.set(sample());
      const fence = await fenceOf(storage);
      const newer = sample({ body: Uint8Array.of(9, 9), head: 'newer' });
      await storage.set(newer);
      expect(await storage.touch(withoutBody(sample({ head: 'late' })), fence)).toBe(false);
      expect((await lookUp(storage)).entries).toEqual([newer]);
    });

    test('a resource whose keys were deleted a hundred times keeps a short record, and is void as a whole', async () => {
      const storage = open();
      const fence = await fenceOf(storage);
      for (let times = 0; times < 100; times += 1) await storage.delete({ key: `${times}`, resource: 'resource' });
      expect(Number(await ask('STRLEN', addressIn(storage).tokens))).toBeLessThan(70 * 40);
      expect(await storage.set(late(), fence)).toBe(false);
      expect(await storage.set(sample(), await fenceOf(storage))).toBe(true);
    });
  });

  test('an entry that a clock an hour ahead has stored is replaced by who has seen it', async () => {
    const storage = open();
    const { entry } = addressIn(storage);
    await storage.set(sample());
    const ahead = String((Date.now() + 3_600_000) * 1000).padStart(16, '0');
    await ask('SETRANGE', entry, '4', ahead);
    const unseen = { ...sample({ body: Uint8Array.of(1) }) };
    const seen = await fenceOf(storage);
    expect(await storage.set(unseen, seen)).toBe(true);
    expect((await lookUp(storage)).entries).toEqual([unseen]);
  });

  describe('meta values', () => {
    test('are written again with a record of the namespace that is made anew', async () => {
      const storage = open();
      await storage.meta('secret', () => 'first');
      await ask('DEL', namespaceIn(storage));
      await lookUp(storage);
      const other = openStorage(optionsBehind(storage));
      expect(await other.meta('secret', () => 'second')).toBe('first');
    });

    test('that are others by now make all absent and nothing stored, until they are asked for again', async () => {
      const storage = open();
      await storage.meta('secret', () => 'first');
      await ask('DEL', namespaceIn(storage));
      const other = openStorage(optionsBehind(storage));
      await other.meta('secret', () => 'second');
      await other.set(sample());
      const { entries, fence } = await lookUp(storage);
      expect(entries).toEqual([]);
      expect(await storage.set(sample(), fence)).toBe(false);
      expect(await storage.meta('secret', () => 'third')).toBe('second');
      expect((await lookUp(storage)).entries).toEqual([sample()]);
    });
  });

  describe('a Redis that is full', () => {
    afterEach(async () => {
      await ask('CONFIG', 'SET', 'maxmemory', '0');
      await ask('FLUSHALL');
    });

    test('is told by its policy, and once it refuses', async () => {
      const storage = open();
      const problems = problemsOf(storage);
      await ask('CONFIG', 'SET', 'maxmemory', '100mb');
      await storage.set(sample());
      await storage.set(sample());
      await ask('CONFIG', 'SET', 'maxmemory', '1');
      for (let times = 0; times < 3; times += 1) await expect(storage.set(sample())).rejects.toThrow('Redis is full');
      const { fence } = await lookUp(storage, 'new', 'new');
      await expect(storage.set(sample({ key: 'new', resource: 'new' }), fence)).rejects.toThrow('Redis is full');
      const told = problems.map(([operation, { message }]) => [operation, message]);
      expect(told).toEqual([
        ['set', expect.stringMatching(/maxmemory.*noeviction/)],
        ['set', expect.stringMatching(/full.*maxmemory.*noeviction/)],
      ]);
    });

    test('answers from what it has, and still invalidates', async () => {
      const storage = open();
      const selectors = [{ resource: 'resource' }, KEY, { tag: 'tag' }, { underWay: true }] as const;
      for (const selector of selectors) {
        await storage.set(sample({ tags: ['tag'] }));
        const fence = await fenceOf(storage);
        await ask('CONFIG', 'SET', 'maxmemory', '1');
        expect((await lookUp(storage)).entries).toHaveLength(1);
        await storage.delete(selector);
        if (!('underWay' in selector)) expect((await lookUp(storage)).entries).toEqual([]);
        await ask('CONFIG', 'SET', 'maxmemory', '0');
        expect(await storage.set(sample({ head: 'late', tags: ['tag'] }), fence)).toBe(false);
        await storage.clear();
      }
      await storage.set(sample());
      await ask('CONFIG', 'SET', 'maxmemory', '1');
      await storage.clear();
      expect((await lookUp(storage)).entries).toEqual([]);
    });
  });

  test('a server that may only be read answers, and refuses to invalidate', async () => {
    const storage = open();
    await storage.set(sample());
    await ask('REPLICAOF', '127.0.0.1', '1');
    try {
      expect((await lookUp(storage)).entries).toHaveLength(1);
      await expect(storage.delete({ resource: 'resource' })).rejects.toThrow('READONLY');
      await expect(storage.set(sample())).rejects.toThrow('READONLY');
      // What a look-up could not make is why nothing is stored by it.
      const { fence } = await lookUp(storage, 'other', 'other');
      await expect(storage.set(sample({ key: 'other', resource: 'other' }), fence)).rejects.toThrow('READONLY');
    } finally {
      await ask('REPLICAOF', 'NO', 'ONE');
    }
  });

  test.each(['', 'x', 'sixteen letters', 'sixteen letters!', '\xff'.repeat(16), '0123456789abcdef0'])(
    'a record of a resource that is damaged is none: %p',
    async (damaged) => {
      const storage = open();
      await storage.set(sample());
      await ask('SET', addressIn(storage).tokens, damaged);
      const { entries, fence } = await lookUp(storage);
      expect(entries).toEqual([]);
      expect(await storage.set(sample({ head: 'new' }), fence)).toBe(true);
      expect((await lookUp(storage)).entries.map(({ head }) => head)).toEqual(['new']);
      expect(await storage.delete({ resource: 'resource' })).toBe(1);
    },
  );

  test('a damaged entry is told, deleted, and written anew; keys of another type are no entries', async () => {
    const storage = open();
    const problems = problemsOf(storage);
    const { entry, tokens } = addressIn(storage);
    for (const damage of [['SETRANGE', entry, '180', '#'], ['SET', entry, 'short'], ['SETRANGE', entry, '4', 'xxxx']]) {
      await storage.set(sample({ body: new Uint8Array(100) }));
      await ask(...damage);
      await lookUp(storage);
      await storage.set(sample());
      expect((await lookUp(storage)).entries).toEqual([sample()]);
    }
    expect(problems.map(([operation, { code }]) => [operation, code]).slice(0, 2)).toEqual([
      ['get', 'ERR_CACHE_RECORD'],
      ['get', 'ERR_CACHE_RECORD'],
    ]);
    await ask('DEL', entry, tokens);
    await ask('SADD', entry, 'member');
    await ask('SADD', tokens, 'member');
    expect((await lookUp(storage)).entries).toEqual([]);
    await storage.set(sample());
    expect((await lookUp(storage)).entries).toEqual([sample()]);
  });

  test('records may be compressed and signed or encrypted', async () => {
    const body = new Uint8Array(100_000).fill(7);
    const key = 'a key of some length';
    for (const layers of [{ compress: true, signingKeys: [key] }, { compress: true, encryptionKeys: [key] }]) {
      const storage = openStorage({ url: engine().url, ...layers });
      await setAll(storage, [sample({ body }), sample({ body, variant: 'en', head: 'hidden' })]);
      expect((await lookUp(storage)).entries).toHaveLength(2);
      expect((await list(storage)).map(({ bodyBytes }) => bodyBytes)).toEqual([100_000, 100_000]);
      expect(Number(await ask('STRLEN', addressIn(storage).entry))).toBeLessThan(2000);
      const { signingKeys: _signed, encryptionKeys: _encrypted, ...without } = { ...optionsBehind(storage) };
      expect((await lookUp(openStorage(without))).entries).toEqual([]);
    }
  });

  test('a cluster behind the address of one server is noticed by what it refuses', async () => {
    const slotOf = (key: string): string => /\{([^}]+)\}/.exec(key)?.[1] ?? key;
    const keysIn = ([name, ...args]: readonly (string | Buffer)[]): string[] => {
      const keys = String(name).startsWith('EVAL') ? args.slice(2, 2 + Number(args[1])) : name === 'MGET' ? args : [];
      return keys.map(String);
    };
    const proxy = {
      isOpen: true,
      sendCommand: (args: (string | Buffer)[], options: object) =>
        new Set(keysIn(args).map(slotOf)).size > 1
          ? Promise.reject(new Error("CROSSSLOT Keys in request don't hash to the same slot"))
          : raw.sendCommand(args, options),
    };
    const [byRead, byWrite] = [openStorage({ client: proxy }), openStorage({ client: proxy })];
    expect((await lookUp(byRead)).entries).toEqual([]);
    for (const storage of [byRead, byWrite]) {
      expect(await storage.set(sample({ tags: ['tag'] }))).toBe(true);
      expect((await lookUp(storage)).entries).toHaveLength(1);
      expect(await storage.set(sample(), await fenceOf(storage))).toBe(true);
    }
  });

  test.each(['redis5', 'redis'])('a pool of clients of the package %s serves as a client does', async (name) => {
    const { createClientPool } = jest.requireActual<{ createClientPool: (...options: object[]) => TestClient }>(name);
    const pool = createClientPool({ url: engine().url }, { cleanupDelay: 100 });
    pool.on('error', () => undefined);
    await pool.connect();
    try {
      const storage = openStorage({ client: pool });
      await storage.set(sample({ tags: ['tag'] }), await fenceOf(storage));
      expect((await lookUp(storage)).entries).toEqual([sample({ tags: ['tag'] })]);
      expect(await storage.delete({ tag: 'tag' })).toBe(1);
    } finally {
      pool.destroy?.();
    }
  });

  test('a process whose storage is connected, and never closed, ends by itself once it has nothing to do', () => {
    const folder = mkdtempSync(join(tmpdir(), 'redis-storage-'));
    const script = join(folder, 'script.ts');
    writeFileSync(script, `
      import { RedisStorage } from '${root.replaceAll('\\', '/')}/lib/redis.js';
      const storage = new RedisStorage({ url: '${engine().url}', namespace: '${newNamespace()}' });
      console.log((await storage.get('key', { resource: 'resource', tags: [] })).entries.length);`);
    try {
      const command = ['scripts/run-ts.mjs', script];
      const { stdout, status } = spawnSync(process.execPath, command, { cwd: root, encoding: 'utf8', timeout: 20_000 });
      expect([stdout, status]).toEqual(['0\n', 0]);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  describe('leases', () => {
    test('are there where the option says so, and one caller has them', async () => {
      expect(open().lease).toBeUndefined();
      const options = { url: engine().url, namespace: newNamespace(), lease: true };
      const [one, other] = [openStorage(options), openStorage(options)];
      const lease = await one.lease?.('key', 60_000);
      expect(lease).toBeDefined();
      expect(await other.lease?.('key', 60_000)).toBeUndefined();
      expect(await other.lease?.('other', 60_000)).toBeDefined();
      await lease?.release();
      const next = await other.lease?.('key', 60_000);
      expect(next).toBeDefined();
      // Who has released it, or whose lease has run out, takes nobody else's away.
      await lease?.release();
      expect(await one.lease?.('key', 60_000)).toBeUndefined();
    });

    test('end by themselves after the time that the option gives', async () => {
      const storage = openStorage({ url: engine().url, lease: { ttl: '0.2s' } });
      expect(await storage.lease?.('key', 60_000)).toBeDefined();
      expect(await storage.lease?.('key', 60_000)).toBeUndefined();
      await new Promise((resolve) => { setTimeout(resolve, 300); });
      expect(await storage.lease?.('key', 60_000)).toBeDefined();
    });
  });
});
