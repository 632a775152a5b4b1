/** What is special to KeyValueStorage: stores that fail, hang, are full, cannot list, forget or keep for ever. */
import { changeEntries, damage, each } from './engine.js';
import { KEY } from '../record/samples.js';
import type { StoredEntry } from '../../../lib/api/storage.js';
import { list, lookUp, sample, samples, setAll, withoutBody } from '../../../lib/storage/contract/rule.js';
import { fromAsyncStorage } from '../../../lib/storage/key-value/bridges/async-storage.js';
import { fromKeyv } from '../../../lib/storage/key-value/bridges/keyv.js';
import { fromUnstorage } from '../../../lib/storage/key-value/bridges/unstorage.js';
import { fromMap } from '../../../lib/storage/key-value/bridges/map.js';
import type { KeyValueDriver } from '../../../lib/storage/key-value/driver.js';
import { KeyValueStorage } from '../../../lib/storage/key-value/key-value.js';
import type { RecordOptions } from '../../../lib/storage/record/options.js';

const DAY_MS = 24 * 3600 * 1000;

const open = (changes: Partial<KeyValueDriver> = {}, options?: RecordOptions) => {
  const map = new Map<string, Uint8Array>();
  const driver: KeyValueDriver = { ...fromMap(map), ...changes };
  return { map, driver, storage: new KeyValueStorage(driver, options) };
};

const entriesOf = async (storage: KeyValueStorage): Promise<readonly StoredEntry[]> => (await lookUp(storage)).entries;

const problemsOf = (storage: KeyValueStorage): string[] => {
  const problems: string[] = [];
  storage.onProblem((operation, { code, message }) => { problems.push(`${operation} ${code} ${message}`); });
  return problems;
};

describe('a store that cannot list', () => {
  const openUnlisted = () => {
    const { driver } = open({});
    return new KeyValueStorage({
      get: (key) => driver.get(key),
      set: (key, value, ttlMs) => driver.set(key, value, ttlMs),
      delete: (key) => driver.delete(key),
    });
  };

  test('forgets what is invalidated all the same, and counts none', async () => {
    const storage = openUnlisted();
    for (const selector of [{ resource: 'resource' }, { tag: 'tag' }]) {
      await storage.set(sample({ tags: ['tag'] }));
      expect(await entriesOf(storage)).toHaveLength(1);
      expect(await storage.delete(selector)).toBe(0);
      expect(await entriesOf(storage)).toEqual([]);
    }
    await storage.set(sample());
    await storage.clear();
    expect(await entriesOf(storage)).toEqual([]);
  });

  test('has no listing, and nothing to delete as expired', async () => {
    const storage = openUnlisted();
    await storage.set(sample());
    expect(await list(storage)).toEqual([]);
    expect(await storage.deleteExpired(Infinity)).toBe(0);
  });
});

describe('a store that is full', () => {
  /** It takes nothing new, and still deletes. */
  const openFull = () => {
    const state = { isFull: false };
    const map = new Map<string, Uint8Array>();
    const inner = fromMap(map);
    const set: KeyValueDriver['set'] = (...given) =>
      state.isFull ? Promise.reject(new Error('the store is full')) : inner.set(...given);
    return { state, map, storage: new KeyValueStorage({ ...inner, set }) };
  };

  test.each([
    ['delete by resource', (storage: KeyValueStorage) => storage.delete({ resource: 'resource' })],
    ['delete by key', (storage: KeyValueStorage) => storage.delete({ key: 'key', resource: 'resource' })],
    ['delete by tag', (storage: KeyValueStorage) => storage.delete({ tag: 'tag' })],
    ['clear', (storage: KeyValueStorage) => storage.clear()],
  ])('still invalidates what is stored and what is under way: %s', async (_name, invalidate) => {
    const { state, storage } = openFull();
    await storage.set(sample({ tags: ['tag'] }));
    const { fence } = await storage.get('key', { resource: 'resource', tags: ['tag'] });
    state.isFull = true;
    await invalidate(storage);
    expect(await entriesOf(storage)).toEqual([]);
    state.isFull = false;
    expect(await storage.set(sample({ tags: ['tag'] }), fence)).toBe(false);
  });

  test('gives a fence by which nothing is stored where it cannot make one, and storing says why', async () => {
    const { state, storage } = openFull();
    state.isFull = true;
    const { entries, fence } = await lookUp(storage);
    expect(entries).toEqual([]);
    state.isFull = false;
    await expect(storage.set(sample(), fence)).rejects.toThrow('the store is full');
  });

  test('does not keep an older answer in the place of one that it could not take', async () => {
    const { state, storage } = openFull();
    await storage.set(sample());
    state.isFull = true;
    await expect(storage.set(sample({ head: 'newer' }))).rejects.toThrow('the store is full');
    expect(await entriesOf(storage)).toEqual([]);
  });
});

test('a store that fails rejects with its error, and is used again once it works', async () => {
  const state = { fails: true };
  const { storage } = open({
    get: () => (state.fails ? Promise.reject(new Error('no connection')) : Promise.resolve(undefined)),
  });
  await expect(lookUp(storage)).rejects.toThrow('no connection');
  await expect(storage.delete({ key: 'key', resource: 'resource' })).rejects.toThrow('no connection');
  state.fails = false;
  expect(await entriesOf(storage)).toEqual([]);
});

describe('a driver that gives no bytes', () => {
  const textsOf = (bytes: Uint8Array): unknown => Buffer.from(bytes).toString('latin1');
  const openConverting = (convert: (bytes: Uint8Array) => unknown) => {
    const { map, storage } = open({
      get: async (key) => {
        const bytes = map.get(key);
        return bytes && (convert(bytes) as Uint8Array);
      },
    });
    return { map, storage, problems: problemsOf(storage) };
  };

  test.each<[string, (bytes: Uint8Array) => unknown, RegExp]>([
    ['a text', textsOf, /type string/],
    ['what JSON makes of a Buffer', (bytes) => JSON.parse(JSON.stringify(Buffer.from(bytes))), /type object/],
    ['a list of numbers', (bytes) => [...bytes], /type object/],
    ['a number', () => 7, /type number/],
    ['a truth', () => true, /type boolean/],
  ])('but %s is told of, once, and storing says that nothing is kept', async (_what, convert, type) => {
    const { storage, problems } = openConverting(convert);
    const { fence } = await lookUp(storage);
    await expect(storage.set(sample(), fence)).rejects.toThrow('is not there to be read');
    expect(await entriesOf(storage)).toEqual([]);
    expect(problems).toEqual([expect.stringMatching(type)]);
  });

  test('now and then loses only that', async () => {
    let isText = true;
    const { storage, problems } = openConverting((bytes) => (isText ? textsOf(bytes) : bytes));
    await storage.set(sample());
    isText = false;
    await storage.set(sample());
    expect(await entriesOf(storage)).toHaveLength(1);
    expect(problems).toHaveLength(1);
  });

  test.each<[string, Partial<KeyValueDriver>]>([
    ['keeps nothing', { set: () => Promise.resolve(undefined) }],
    ['says that it has not written', { set: () => Promise.resolve(false) }],
    ['never finds what it has', { get: () => Promise.resolve(null) }],
  ])('as it %s is told of by what is to be stored', async (_what, changes) => {
    const { storage } = open(changes);
    const { entries, fence } = await lookUp(storage);
    expect(entries).toEqual([]);
    await expect(storage.set(sample(), fence)).rejects.toMatchObject({ code: 'ERR_CACHE_STORAGE' });
  });

  test('but an empty text where there is nothing is right', async () => {
    const { map, storage } = open({ get: async (key) => map.get(key) ?? ('' as unknown as undefined) });
    const problems = problemsOf(storage);
    await storage.set(sample());
    expect(await entriesOf(storage)).toHaveLength(1);
    expect(problems).toEqual([]);
  });

  test.each<[string, KeyValueDriver]>([
    ['Keyv', fromKeyv({ get: async () => 7, set: async () => true, delete: async () => true })],
    ['unstorage', fromUnstorage({
      getItemRaw: async () => ({ a: 1 }),
      setItemRaw: async () => undefined,
      removeItem: async () => undefined,
      getKeys: async () => [],
    })],
    ['a store of texts', fromAsyncStorage({
      getItem: async () => ({}) as string,
      setItem: async () => undefined,
      removeItem: async () => undefined,
      getAllKeys: async () => [],
    })],
  ])('is told of through the bridge to %s', async (_what, driver) => {
    const storage = new KeyValueStorage(driver);
    const problems = problemsOf(storage);
    expect(await entriesOf(storage)).toEqual([]);
    expect(problems).toEqual([expect.stringContaining('gave a value of the type')]);
  });
});

test('a driver that throws in place of rejecting has failed like any other', async () => {
  const { storage } = open({ get: () => { throw new Error('no connection'); } });
  await expect(lookUp(storage)).rejects.toThrow('no connection');
  await expect(storage.meta('a', () => 'b')).rejects.toThrow('no connection');
});

test('a call that never ends is given up, and who waits for his turn gets it', async () => {
  jest.useFakeTimers();
  try {
    const state = { hangs: true };
    const map = new Map<string, Uint8Array>();
    const inner = fromMap(map);
    const set: KeyValueDriver['set'] = (key, ...others) =>
      state.hangs && key.includes(':e:') ? new Promise(() => undefined) : inner.set(key, ...others);
    const storage = new KeyValueStorage({ ...inner, set });
    const hanging = storage.set(sample({ head: 'first' })).catch((error: unknown) => error);
    const waiting = storage.set(sample({ head: 'second' }));
    await jest.advanceTimersByTimeAsync(4999);
    state.hangs = false;
    await jest.advanceTimersByTimeAsync(1);
    expect(String(await hanging)).toContain('no answer within 5000 ms');
    expect(await waiting).toBe(true);
    expect((await entriesOf(storage)).map(({ head }) => head)).toEqual(['second']);
  } finally {
    jest.useRealTimers();
  }
});

describe('damage', () => {
  test.each(['fields', 'body'] as const)('of the %s is a miss and an event, and other variants stay', async (part) => {
    const { driver, storage } = open();
    const problems = problemsOf(storage);
    await setAll(storage, [sample({ variant: 'en' }), sample({ variant: 'de' })]);
    // The variant that was written last stands first.
    await changeEntries(driver, (record) => { damage(record, part); });
    expect((await entriesOf(storage)).map(({ variant }) => variant)).toEqual(['en']);
    expect(problems).toEqual([expect.stringMatching(/^get ERR_CACHE_RECORD .*damaged.*checksum/)]);
    await storage.close();
    expect(await list(new KeyValueStorage(driver))).toHaveLength(1);
  });

  test.each([
    ['cut short', (record: Uint8Array) => record.subarray(0, -1)],
    ['nothing but zeros', (record: Uint8Array) => new Uint8Array(record.byteLength)],
    ['empty', () => new Uint8Array(0)],
    ['a text', () => new TextEncoder().encode('{"value":1}')],
  ])('of a whole record is a miss and an event, and the record goes: %s', async (_what, change) => {
    const { map, driver, storage } = open();
    const problems = problemsOf(storage);
    await storage.set(sample());
    await each(driver, /:e:/, async (name) => Promise.resolve(map.set(name, change(map.get(name) ?? new Uint8Array()))));
    expect(await entriesOf(storage)).toEqual([]);
    expect(problems).toEqual([expect.stringMatching(/^get ERR_CACHE_RECORD .*damaged/)]);
    expect([...map.keys()].filter((name) => name.includes(':e:'))).toEqual([]);
  });

  test('any bytes in any record are a miss, and no error', async () => {
    const { map, driver, storage } = open();
    const start = [0xac, 0xca, 2, 0];
    for (const bytes of [[], [0], start.slice(0, 2), start, [...start, 255, 255, 255, 255], [0x7b, 0x7d]]) {
      await storage.set(sample({ tags: ['tag'] }));
      await storage.meta('a', () => 'b');
      await each(driver, /./, async (name) => Promise.resolve(map.set(name, Uint8Array.from(bytes))));
      expect(await entriesOf(storage)).toEqual([]);
      expect(await storage.meta('a', () => 'c')).toBe('c');
      await storage.clear();
    }
  });

  test('an entry under the name of another key is not given for it', async () => {
    const { map, storage } = open();
    await setAll(storage, [sample(), sample({ key: 'other' })]);
    const [one = '', other = ''] = [...map.keys()].filter((name) => name.includes(':e:'));
    map.set(one, map.get(other) ?? new Uint8Array());
    expect(await entriesOf(storage)).toEqual([]);
  });
});

describe('how long records are kept', () => {
  const openTimed = () => {
    const ttls = new Map<string, number | undefined>();
    const inner = fromMap(new Map());
    const set: KeyValueDriver['set'] = (key, value, ttlMs) => {
      ttls.set(key.split(':')[1] ?? '', ttlMs);
      return inner.set(key, value, ttlMs);
    };
    return { ttls, storage: new KeyValueStorage({ ...inner, set }) };
  };

  test('an entry until nothing can use it, and its tokens for thirty days more', async () => {
    const { ttls, storage } = openTimed();
    await storage.set(sample({ tags: ['tag'], purgeAtMs: Date.now() + 40 * DAY_MS }));
    const near = (days: number) => [(days - 0.01) * DAY_MS, (days + 0.01) * DAY_MS] as const;
    for (const [kind, [from, to]] of [['e', near(40)], ['k', near(70)], ['r', near(70)], ['t', near(70)]] as const) {
      expect(ttls.get(kind)).toBeGreaterThan(from);
      expect(ttls.get(kind)).toBeLessThan(to);
      expect(Number.isInteger(ttls.get(kind))).toBe(true);
    }
  });

  test('for ever where an entry is', async () => {
    const { ttls, storage } = openTimed();
    await storage.set(sample({ purgeAtMs: Infinity }));
    expect(Object.fromEntries(ttls)).toEqual({ e: undefined, k: undefined, r: undefined, s: undefined });
    expect([...ttls.keys()].sort()).toEqual(['e', 'k', 'r', 's']);
  });

  test('as long as the last of the variants, whichever is written last', async () => {
    const { ttls, storage } = openTimed();
    await storage.set(sample({ variant: 'long', purgeAtMs: Date.now() + 2 * DAY_MS }));
    await storage.set(sample({ variant: 'short', purgeAtMs: Date.now() + DAY_MS }));
    expect(ttls.get('e')).toBeGreaterThan(1.9 * DAY_MS);
  });

  test('deleteExpired takes tokens with what they were for, and leaves the others', async () => {
    const { map, storage } = open();
    const purgeAtMs = sample().createdAtMs + DAY_MS;
    await storage.set(sample({ key: 'gone', resource: 'gone', purgeAtMs }));
    await storage.set(sample({ key: 'stays', resource: 'stays' }));
    expect(await storage.deleteExpired(purgeAtMs)).toBe(1);
    expect([...map.keys()].map((name) => name.split(':')[1]).filter((kind) => kind !== 's')).toEqual(['k', 'r', 'e']);
    expect((await lookUp(storage, 'stays', 'stays')).entries).toHaveLength(1);
  });

  test('deleteExpired takes what a clock that was ahead has created', async () => {
    const { storage } = open();
    await storage.set(sample({ createdAtMs: 20_000 }));
    expect(await storage.deleteExpired(15_000)).toBe(0);
    expect(await storage.deleteExpired(14_999)).toBe(1);
  });
});

describe('look-ups', () => {
  test('write nothing but what is made once in a namespace, so that answers that nobody stores leave nothing', async () => {
    const { map, storage } = open();
    for (const { key } of samples(100)) await lookUp(storage, key, key);
    const kinds = [...map.keys()].map((name) => name.split(':')[1]);
    expect(kinds.filter((kind) => kind === 's')).toHaveLength(3);
    expect(kinds.filter((kind) => kind === 'c').length).toBeLessThanOrEqual(64);
    expect(kinds.filter((kind) => kind !== 's' && kind !== 'c')).toEqual([]);
  });

  test('give bytes that a reader can change without a trace', async () => {
    const { storage } = open();
    await storage.set(sample());
    (await entriesOf(storage))[0]?.body.fill(9);
    expect((await entriesOf(storage))[0]?.body).toEqual(sample().body);
  });
});

test('a fence of another storage stores nothing', async () => {
  const [one, other] = [open().storage, open().storage];
  const { fence } = await lookUp(one);
  expect(await other.set(sample(), fence)).toBe(false);
  expect(await other.touch(withoutBody(sample()), fence)).toBe(false);
});

test('with encryptionKeys nothing of an entry or a meta value is in the store', async () => {
  const { map, storage } = open({}, { encryptionKeys: [KEY] });
  const secrets = { key: 'secret key', resource: 'secret url', variant: 'secret variant', tags: ['secret tag'] };
  await storage.set(sample({ ...secrets, head: '"secret head"', body: new TextEncoder().encode('secret body') }));
  await storage.meta('secret name', () => 'secret value');
  for (const [name, value] of map) expect(name + Buffer.from(value).toString('latin1')).not.toContain('secret');
  expect(await storage.meta('secret name', () => 'another')).toBe('secret value');
});

test('two storages with different keys on one store leave what the other has written alone until they write', async () => {
  const map = new Map<string, Uint8Array>();
  const [one, other] = [new KeyValueStorage(fromMap(map)), new KeyValueStorage(fromMap(map), { signingKeys: [KEY] })];
  const problems = problemsOf(other);
  await one.set(sample());
  expect(await entriesOf(other)).toEqual([]);
  expect(await list(other)).toEqual([]);
  expect(problems).toEqual([]);
  expect(await entriesOf(one)).toHaveLength(1);
  await other.set(sample());
  expect(await entriesOf(other)).toHaveLength(1);
});

test('an unknown option is an error', () => {
  const options = { maxBytes: 5 } as RecordOptions;
  expect(() => new KeyValueStorage(fromMap(new Map()), options)).toThrow('unknown option "maxBytes"');
});

test('close waits for what is under way, and closes the driver once', async () => {
  const close = jest.fn(() => Promise.resolve());
  const { map, storage } = open({ close });
  const writing = storage.set(sample());
  await Promise.all([storage.close(), storage.close()]);
  await writing;
  expect([...map.keys()].some((name) => name.includes(':e:'))).toBe(true);
  expect(close).toHaveBeenCalledTimes(1);
});
