/** The storage in memory: the contract, its two limits, what it hands out, and that nothing outlives its entry. */
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import * as fc from 'fast-check';
import { list, sample, setAll, withoutBody } from '../../../lib/storage/contract/rule.js';
import { MemoryStorage, type MemoryStorageOptions } from '../../../lib/storage/memory/memory.js';
import type { CacheStorage, StoredEntry } from '../../../lib/api/storage.js';
import { describeStorage } from '../contract/describe-storage.js';
import { REFERENCE_ENGINE, ReferenceStorage } from '../contract/reference-storage.js';
import { storedUnder } from '../../support/entry.js';

/** Two sessions that share a storage are two instances on one engine. */
const itself = (storage: CacheStorage): CacheStorage => storage;
describeStorage('memory', () => new MemoryStorage(), { reopenFenced: itself, reopenAtomic: itself });
describeStorage('the reference, which mutants are made of', () => new ReferenceStorage(), REFERENCE_ENGINE);

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

/** What an entry of `sample` with a key of one character and this body counts. */
const bytesOf = (body: number): number =>
  body + ('k'.length + 'resource'.length + 'r'.length + '{"status":200}'.length) + (body > 1024 ? 700 : 350);
const entryOf = (key: string, body = 0, fields: Partial<StoredEntry> = {}): StoredEntry =>
  sample({ key, revision: 'r', body: new Uint8Array(body), ...fields });

async function keysOf(storage: MemoryStorage): Promise<string[]> {
  const keys: string[] = [];
  for await (const { key, variant } of storage.entries()) keys.push(key + variant);
  return keys.sort();
}

async function filled(options: MemoryStorageOptions, ...entries: StoredEntry[]) {
  const storage = new MemoryStorage(options);
  const evicted: string[] = [];
  storage.onEvicted(({ key, variant }, reason) => evicted.push(`${key}${variant} for ${reason}`));
  for (const entry of entries) await storage.set(entry);
  return { storage, evicted };
}

test('what was invalidated stops what was looked up before, also where much else was invalidated since', async () => {
  const storage = new MemoryStorage();
  await storage.delete({ key: 'key', resource: 'resource' });
  const { fence } = await storage.get('key');
  await storage.delete({ resource: 'resource' });
  // So many are remembered, by halves; those of the older half are forgotten with the next one.
  for (let count = 2; count < 10_000; count += 1) await storage.delete({ resource: `other ${count}` });
  expect(await storage.set(sample(), fence)).toBe(false);
});

describe('the limit on entries', () => {
  test('drops the least recently set', async () => {
    const { storage, evicted } = await filled({ maxEntries: 2 }, entryOf('a'), entryOf('b'), entryOf('c'));
    expect(await keysOf(storage)).toEqual(['b', 'c']);
    expect(evicted).toEqual(['a for entries']);
  });

  test('a get is a use, of every variant of the key', async () => {
    const variants = ['1', '2'].map((variant) => entryOf('a', 0, { variant }));
    const { storage, evicted } = await filled({ maxEntries: 3 }, ...variants, entryOf('b'));
    await storedUnder(storage, 'a');
    await storage.set(entryOf('c'));
    expect(await keysOf(storage)).toEqual(['a1', 'a2', 'c']);
    expect(evicted).toEqual(['b for entries']);
  });

  test('a touch is a use, a listing is none', async () => {
    const { storage } = await filled({ maxEntries: 2 }, entryOf('a'), entryOf('b'));
    await storage.touch(entryOf('a'));
    await keysOf(storage);
    await storage.set(entryOf('c'));
    expect(await keysOf(storage)).toEqual(['a', 'c']);
  });

  test('an overwrite takes no place', async () => {
    const entries = ['a', 'b', 'b', 'b'].map((key) => entryOf(key));
    const { storage, evicted } = await filled({ maxEntries: 2 }, ...entries);
    expect(await keysOf(storage)).toEqual(['a', 'b']);
    expect(evicted).toEqual([]);
  });
});

describe('the limit on bytes', () => {
  const maxBytes = bytesOf(1000) + bytesOf(2000);

  test('counts body, characters and overhead, to the byte', async () => {
    const full = await filled({ maxBytes }, entryOf('a', 1000), entryOf('b', 2000));
    expect(full.evicted).toEqual([]);
    const over = await filled({ maxBytes }, entryOf('a', 1000), entryOf('b', 2001));
    expect(over.evicted).toEqual(['a for bytes']);
    const tagged = await filled({ maxBytes }, entryOf('a', 1000, { tags: ['t'] }), entryOf('b', 2000));
    expect(tagged.evicted).toEqual(['a for bytes']);
  });

  test('drops as many as it takes', async () => {
    const small = ['a', 'b', 'c'].map((key) => entryOf(key, 300));
    const { storage, evicted } = await filled({ maxBytes }, ...small, entryOf('d', 3000));
    expect(await keysOf(storage)).toEqual(['d']);
    expect(evicted).toEqual(['a for bytes', 'b for bytes', 'c for bytes']);
  });

  test('both limits hold at once, and each eviction names the one that asked for it', async () => {
    const entries = [entryOf('a', 300), entryOf('b', 300), entryOf('c', 3000)];
    const { storage, evicted } = await filled({ maxBytes, maxEntries: 2 }, ...entries);
    expect(await keysOf(storage)).toEqual(['c']);
    expect(evicted).toEqual(['a for entries', 'b for bytes']);
  });

  test('what alone exceeds it is not kept, nor what it would have replaced', async () => {
    const { storage, evicted } = await filled({ maxBytes }, entryOf('a'), entryOf('b'), entryOf('a', maxBytes));
    expect(await keysOf(storage)).toEqual(['b']);
    expect(evicted).toEqual(['a for bytes']);
  });

  test('a touch that makes the entry too large removes it and is false', async () => {
    const { storage } = await filled({ maxBytes }, entryOf('a'));
    expect(await storage.touch(entryOf('a', 0, { head: 'x'.repeat(maxBytes) }))).toBe(false);
    expect(await keysOf(storage)).toEqual([]);
  });
});

describe('evictions are told', () => {
  test('with sizes in place of bodies, until the subscription ends', async () => {
    const { storage, evicted } = await filled({ maxEntries: 1 }, entryOf('a', 5));
    const listener = jest.fn();
    const unsubscribe = storage.onEvicted(listener);
    await storage.set(entryOf('b'));
    unsubscribe();
    await storage.set(entryOf('c'));
    const { body: _body, ...fields } = entryOf('a');
    expect(listener.mock.calls).toEqual([[{ ...fields, bodyBytes: 5 }, 'entries']]);
    expect(evicted).toEqual(['a for entries', 'b for entries']);
  });

  test('not for deletes, expiry, overwrites and clear', async () => {
    const entries = ['a', 'a', 'b', 'c'].map((key) => entryOf(key, 0, { purgeAtMs: key === 'b' ? 1 : Infinity }));
    const { storage, evicted } = await filled({}, ...entries);
    await storage.delete({ key: 'a', resource: 'resource' });
    await storage.deleteExpired(1);
    await storage.clear();
    expect(evicted).toEqual([]);
  });

  test('to the others where one listener throws, or writes to the storage', async () => {
    const { storage } = await filled({ maxEntries: 2 });
    const told: string[] = [];
    storage.onEvicted(() => {
      throw new Error('the listener fails');
    });
    storage.onEvicted(({ key }) => {
      if (key === 'a') void storage.set(entryOf('again'));
    });
    storage.onEvicted(({ key }) => told.push(key));
    for (const key of ['a', 'b', 'c']) await storage.set(entryOf(key));
    expect(told.sort()).toEqual(['a', 'b']);
    expect(await keysOf(storage)).toEqual(['again', 'c']);
  });

  test('once to a listener that ends its listening and begins it again while it is told', async () => {
    const { storage } = await filled({ maxEntries: 1 }, entryOf('a'));
    let count = 0;
    storage.onEvicted(() => undefined);
    const listener = (): void => {
      count += 1;
      // Without an end the test would never fail.
      if (count > 9) return;
      end();
      end = storage.onEvicted(listener);
    };
    let end = storage.onEvicted(listener);
    await storage.set(entryOf('b'));
    expect(count).toBe(1);
  });

  test('twice to a listener that was added twice', async () => {
    const { storage } = await filled({ maxEntries: 1 }, entryOf('a'));
    const listener = jest.fn();
    storage.onEvicted(listener)();
    storage.onEvicted(listener);
    storage.onEvicted(listener);
    await storage.set(entryOf('b'));
    expect(listener).toHaveBeenCalledTimes(2);
  });
});

describe('what get gives', () => {
  test('is the same frozen object each time, until it is renewed', async () => {
    const { storage } = await filled({}, entryOf('a', 10, { tags: ['t'] }));
    const [first] = await storedUnder(storage, 'a');
    const [again] = await storedUnder(storage, 'a');
    expect(again).toBe(first);
    expect(Object.isFrozen(first)).toBe(true);
    expect(Object.isFrozen(first?.tags)).toBe(true);
    await storage.touch(entryOf('a', 10, { head: 'renewed' }));
    const [renewed] = await storedUnder(storage, 'a');
    expect(renewed).not.toBe(first);
  });

  test.each([10, 2000])('has the bytes that it had before it was renewed, where there are %d of them', async (body) => {
    const { storage } = await filled({}, entryOf('a', body));
    const [first] = await storedUnder(storage, 'a');
    const before = first?.body;
    await storage.touch(entryOf('a', body, { head: 'renewed' }));
    const [renewed] = await storedUnder(storage, 'a');
    expect(renewed?.body).toBe(before);
  });

  test('has the very bytes that were set, unless they are few', async () => {
    const entry = entryOf('a', 2000);
    const { storage } = await filled({}, entry);
    const [stored] = await storedUnder(storage, 'a');
    expect(stored?.body).toBe(entry.body);
  });

  test('has a body of its own, no larger than it is, where a pooled Buffer was set', async () => {
    const { storage } = await filled({}, sample({ key: 'a', body: Buffer.from('pooled') }));
    const [entry] = await storedUnder(storage, 'a');
    expect(entry?.body.buffer.byteLength).toBe(6);
    expect(Buffer.from(entry?.body ?? []).toString()).toBe('pooled');
    const large = Buffer.alloc(4000, 'x').subarray(1, 2001);
    await storage.set(sample({ key: 'b', body: large }));
    const [other] = await storedUnder(storage, 'b');
    expect(other?.body.buffer.byteLength).toBe(2000);
    expect(other?.body.constructor).toBe(Uint8Array);
  });

  test('has the fields of the port, and nothing that came with the entry', async () => {
    const { storage } = await filled({}, { ...entryOf('a'), secret: 'x' } as StoredEntry);
    expect(await storedUnder(storage, 'a')).toEqual([entryOf('a')]);
  });
});

test('deleteExpired takes what a clock that was ahead has written; a step of seconds is none', async () => {
  const storage = new MemoryStorage();
  const nowMs = Date.UTC(2026, 0);
  const aheadMs = { years: 9 * 365 * 86_400_000, minute: 60_000, seconds: 2000, none: 0 };
  await setAll(storage, Object.entries(aheadMs).map(([key, ms]) => sample({ key, createdAtMs: nowMs + ms })));
  expect(await storage.deleteExpired(nowMs)).toBe(2);
  expect((await list(storage)).map(({ key }) => key).sort()).toEqual(['none', 'seconds']);
});

test('any sequence of calls leaves what it leaves in the reference', async () => {
  const few = (...texts: string[]) => fc.constantFrom(...texts);
  const times = { createdAtMs: fc.nat(), expiresAtMs: fc.nat(), purgeAtMs: fc.constantFrom(1, 2, 3, Infinity) };
  const ofBody = { variant: few('', 'en', 'de'), revision: few('1', '2') };
  const address = { key: few('a', 'b'), resource: few('r', 's'), ...ofBody };
  const tags = fc.array(few('t', 'u', 'v'), { maxLength: 3 });
  const anyEntry = fc.record({ ...address, ...times, tags, head: fc.string(), body: fc.uint8Array({ maxLength: 8 }) });
  type Call = (storage: CacheStorage) => unknown;
  const anyCall = fc.oneof(
    anyEntry.map((entry): Call => (storage) => storage.set(entry)),
    anyEntry.map((entry): Call => (storage) => storage.touch(withoutBody(entry))),
    address.key.map((key): Call => (storage) => storage.delete({ key, resource: 'resource' })),
    fc.record(address, { requiredKeys: ['key', 'resource'] }).map((one): Call => (storage) => storage.delete(one)),
    address.resource.map((resource): Call => (storage) => storage.delete({ resource })),
    few('t', 'u', 'v').map((tag): Call => (storage) => storage.delete({ tag })),
    fc.constantFrom(1, 2, 3).map((nowMs): Call => (storage) => storage.deleteExpired(nowMs)),
  );
  const contentsOf = async (storage: CacheStorage) => {
    const entries = [...(await storedUnder(storage, 'a')), ...(await storedUnder(storage, 'b'))];
    const ordered = entries.map((entry) => ({ ...entry, id: entry.key + entry.variant }));
    return ordered.sort((one, other) => (one.id < other.id ? -1 : 1));
  };
  await fc.assert(
    fc.asyncProperty(fc.array(anyCall, { maxLength: 40 }), async (calls) => {
      const [storage, reference] = [new MemoryStorage(), new ReferenceStorage()];
      for (const call of calls) expect(await call(storage)).toEqual(await call(reference));
      expect(await contentsOf(storage)).toEqual(await contentsOf(reference));
    }),
  );
});

test('nothing is left of entries that went, whichever way they went', async () => {
  const heapUsed = (): number => {
    collectGarbage();
    return process.memoryUsage().heapUsed;
  };
  const storage = new MemoryStorage({ maxEntries: 100 });
  const before = heapUsed();
  const padding = 'x'.repeat(600);
  for (let index = 0; index < 50_000; index += 1) {
    const text = `${index} ${padding}`;
    await storage.set(sample({ key: text, resource: text, tags: [text, 'shared'], purgeAtMs: index % 3 }));
    if (index % 10 === 0) await storage.delete({ key: text, resource: 'resource' });
    if (index % 10 === 1) await storage.delete({ tag: text });
    if (index % 10 === 2) await storage.set(sample({ key: text, resource: `${text} 2`, tags: [] }));
    if (index % 1000 === 3) await storage.deleteExpired(1);
    if (index % 1000 === 4) await storage.clear();
  }
  await storage.clear();
  // A single index that kept its texts would hold 30 MB and more.
  expect(heapUsed() - before).toBeLessThan(10_000_000);
  expect(await storage.delete({ tag: 'shared' })).toBe(0);
}, 60_000);

describe('the estimate of what entries take', () => {
  // Texts of their own, as they come off a wire: a concatenation would share its parts.
  const textOf = (length: number, index: number): string => Buffer.from(`${index}`.padStart(length, 'x')).toString();

  test.each([
    ['of 200 bytes', 200],
    ['of 1 kB', 1000],
    ['of 2 kB', 2000],
    ['of none', 0],
    ['of 200 bytes with heads beyond Latin-1', 200, '語'],
  ])('is what the process needs for bodies %s, within a quarter', async (_what, bytes, mark = '') => {
    const maxBytes = 8 * 2 ** 20;
    // Several times, as buffers are given back some turns later than the objects around them.
    const memoryUsed = async (): Promise<number> => {
      for (let times = 0; times < 8; times += 1) {
        collectGarbage();
        await new Promise(setImmediate);
      }
      const { heapUsed, external } = process.memoryUsage();
      return heapUsed + external;
    };
    const storage = new MemoryStorage({ maxEntries: 1_000_000, maxBytes });
    let isFull = false;
    storage.onEvicted(() => { isFull = true; });
    const before = await memoryUsed();
    for (let index = 0; !isFull; index += 1) {
      const times = { createdAtMs: 1.7e12 + index, expiresAtMs: 1.8e12 + index, purgeAtMs: 1.9e12 + index };
      const texts = { key: textOf(50, index), resource: textOf(40, index), head: textOf(150, index) + mark };
      await storage.set({ ...texts, ...times, variant: '', revision: `${index}`, tags: [], body: new Uint8Array(bytes) });
    }
    const part = ((await memoryUsed()) - before) / maxBytes;
    expect(part).toBeGreaterThan(0.75);
    expect(part).toBeLessThan(1.25);
    expect(await storedUnder(storage, '')).toEqual([]);
  });

  test('an idle storage takes a few kilobytes', () => {
    const before = process.memoryUsage().heapUsed;
    const storages = Array.from({ length: 50 }, () => new MemoryStorage());
    expect((process.memoryUsage().heapUsed - before) / storages.length).toBeLessThan(10_000);
  });
});

describe('options', () => {
  test.each([
    ['maxEntries', 0], ['maxEntries', -1], ['maxEntries', 1.5], ['maxEntries', NaN], ['maxEntries', Infinity],
    ['maxEntries', 2 ** 53], ['maxEntries', '10'], ['maxEntries', null],
    ['maxBytes', 0], ['maxBytes', -1], ['maxBytes', 0.5], ['maxBytes', NaN], ['maxBytes', Infinity],
    ['maxBytes', '1 MB'],
  ])('%s: %p is refused', (option, value) => {
    expect(() => new MemoryStorage({ [option]: value })).toThrow(
      expect.objectContaining({
        code: 'ERR_CACHE_OPTION',
        option,
        message: expect.stringContaining(`${option} is a whole number of at least 1, not ${String(value)}`),
      }),
    );
  });

  test('an unknown name is refused, with those that there are', () => {
    expect(() => new MemoryStorage({ maxSize: 1 } as MemoryStorageOptions)).toThrow(
      expect.objectContaining({
        code: 'ERR_CACHE_OPTION',
        option: 'maxSize',
        message: expect.stringMatching(/unknown option "maxSize": MemoryStorage takes .* maxEntries, maxBytes$/),
      }),
    );
  });

  test.each([[null], ['64 MB'], [1]])('%p is refused', (options) => {
    expect(() => new MemoryStorage(options as MemoryStorageOptions)).toThrow('MemoryStorage takes an object');
  });

  test('the default keeps 10,000 entries', async () => {
    const { storage, evicted } = await filled({});
    for (let index = 0; index < 10_001; index += 1) await storage.set(entryOf(`${index}`));
    expect(evicted).toEqual(['0 for entries']);
    expect(await storedUnder(storage, '1')).toHaveLength(1);
  });

  test('the default keeps 64 MiB', async () => {
    const entries = [40, 20, 10].map((mebibytes) => entryOf(`${mebibytes} MiB`, mebibytes * 2 ** 20));
    const { evicted } = await filled({}, ...entries);
    expect(evicted).toEqual(['40 MiB for bytes']);
  });
});

describe('close', () => {
  test('makes every method fail with ERR_CACHE_CLOSED', async () => {
    const { storage } = await filled({}, entryOf('a'));
    await storage.close();
    expect(() => storage.get('a')).toThrow(expect.objectContaining({ code: 'ERR_CACHE_CLOSED' }));
    await expect(keysOf(storage)).rejects.toMatchObject({ code: 'ERR_CACHE_CLOSED' });
  });

  test('ends a listing that is under way', async () => {
    const { storage } = await filled({}, entryOf('a'), entryOf('b'));
    const listing = storage.entries()[Symbol.asyncIterator]();
    await listing.next();
    await storage.close();
    await expect(listing.next()).rejects.toMatchObject({ code: 'ERR_CACHE_CLOSED' });
  });
});

test('a meta value that cannot be made is not made, and can be later', async () => {
  const { storage } = await filled({});
  const failing = (): string => {
    throw new Error('no randomness');
  };
  expect(() => storage.meta('a', failing)).toThrow('no randomness');
  expect(await storage.meta('a', () => 'made')).toBe('made');
});
