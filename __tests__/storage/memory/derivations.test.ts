/** What readers derive from entries in memory: kept beside them while there is room, and never in their way. */
import type { StoredEntry } from '../../../lib/api/storage.js';
import { sample } from '../../../lib/storage/contract/rule.js';
import { MemoryStorage, type MemoryStorageOptions } from '../../../lib/storage/memory/memory.js';
import { storedUnder } from '../../support/entry.js';

const KB = 1000;
/** Large enough to be kept as they are: nothing is derived from it that no reader has asked for. */
const BODY = new Uint8Array(2 * KB);

async function filled(options: MemoryStorageOptions, ...keys: string[]): Promise<MemoryStorage> {
  const storage = new MemoryStorage(options);
  for (const key of keys) await storage.set(sample({ key, body: BODY }));
  return storage;
}

async function read(storage: MemoryStorage, key: string): Promise<StoredEntry> {
  const [entry] = await storedUnder(storage, key);
  if (entry === undefined) throw new Error(`nothing is stored under ${key}`);
  return entry;
}

/** One read as the cache makes it: what is not there is derived and offered. Whether it was there. */
async function use(storage: MemoryStorage, key: string, bytes: number): Promise<boolean> {
  const entry = await read(storage, key);
  if (entry.derived?.('body') === key) return true;
  entry.keepDerived?.('body', key, bytes);
  return false;
}

const numbered = (count: number): string[] => Array.from({ length: count }, (_, index) => `key ${index}`);

describe('what was derived from an entry', () => {
  test('is there at the next read, from head and body apart', async () => {
    const storage = await filled({}, 'a', 'b');
    const entry = await read(storage, 'a');
    expect([entry.derived?.('head'), entry.derived?.('body')]).toEqual([undefined, undefined]);
    entry.keepDerived?.('head', 'of the head', 10);
    entry.keepDerived?.('body', 'of the body', 10);
    const again = await read(storage, 'a');
    expect([again.derived?.('head'), again.derived?.('body')]).toEqual(['of the head', 'of the body']);
    expect((await read(storage, 'b')).derived?.('head')).toBeUndefined();
  });

  test('is replaced by what is derived later', async () => {
    const storage = await filled({}, 'a');
    const entry = await read(storage, 'a');
    entry.keepDerived?.('head', 'first', 10);
    entry.keepDerived?.('head', 'second', 10);
    expect(entry.derived?.('head')).toBe('second');
  });

  test('is no member of the entry: copies and comparisons see the fields of the port alone', async () => {
    const storage = await filled({}, 'a');
    const entry = await read(storage, 'a');
    entry.keepDerived?.('head', 'of the head', 10);
    expect({ ...entry }).toEqual(sample({ key: 'a', body: BODY }));
    expect(Object.keys(entry).sort()).toEqual(Object.keys(sample()).sort());
  });

  test('outlives a touch, as far as it was derived from the body', async () => {
    const storage = await filled({}, 'a');
    const before = await read(storage, 'a');
    before.keepDerived?.('head', 'of the head', 10);
    before.keepDerived?.('body', 'of the body', 10);
    await storage.touch(sample({ key: 'a', head: 'renewed', body: BODY }));
    const renewed = await read(storage, 'a');
    expect([renewed.derived?.('head'), renewed.derived?.('body')]).toEqual([undefined, 'of the body']);
  });

  test.each<[string, (storage: MemoryStorage) => unknown]>([
    ['overwritten', (storage) => storage.set(sample({ key: 'a', body: BODY }))],
    ['deleted', (storage) => storage.delete({ key: 'a', resource: 'resource' })],
    ['expired', (storage) => storage.deleteExpired(Infinity)],
    ['cleared', (storage) => storage.clear()],
    ['touched', (storage) => storage.touch(sample({ key: 'a', body: BODY }))],
  ])('goes with the entry that is %s, and nothing more is kept for it', async (_how, end) => {
    const storage = await filled({}, 'a');
    const entry = await read(storage, 'a');
    entry.keepDerived?.('head', 'of the head', 10);
    await end(storage);
    entry.keepDerived?.('head', 'late', 10);
    expect(entry.derived?.('head')).toBeUndefined();
    const [current] = await storedUnder(storage, 'a');
    expect(current?.derived?.('head')).toBeUndefined();
  });
});

describe('the room for it', () => {
  // An entry counts about 2,730 bytes, and what was derived from it 200 besides its own.
  const ENTRY = 2_800;

  test('is what entries leave free, and a quarter of maxBytes', async () => {
    const storage = await filled({ maxBytes: 100 * KB }, 'a');
    expect(await use(storage, 'a', 125 * KB)).toBe(false);
    expect(await use(storage, 'a', 121 * KB)).toBe(false);
    expect(await use(storage, 'a', 121 * KB)).toBe(true);
  });

  test('shrinks as entries come, which are not dropped for it', async () => {
    const keys = numbered(30);
    const evicted = jest.fn();
    const storage = new MemoryStorage({ maxBytes: 30 * ENTRY });
    storage.onEvicted(evicted);
    await storage.set(sample({ key: 'first', body: BODY }));
    await use(storage, 'first', 25 * ENTRY);
    expect(await use(storage, 'first', 25 * ENTRY)).toBe(true);
    for (const key of keys.slice(0, 11)) await storage.set(sample({ key, body: BODY }));
    expect(await use(storage, 'first', 25 * ENTRY)).toBe(true);
    for (const key of keys.slice(11, 20)) await storage.set(sample({ key, body: BODY }));
    expect(await use(storage, 'first', 25 * ENTRY)).toBe(false);
    expect(evicted).not.toHaveBeenCalled();
  });

  test('goes to what was read last', async () => {
    const storage = await filled({ maxBytes: 100 * KB }, 'a', 'b', 'c');
    for (const key of ['a', 'b']) await use(storage, key, 50 * KB);
    await use(storage, 'a', 50 * KB);
    for (let times = 0; times < 8; times += 1) await use(storage, 'c', 50 * KB);
    expect((await read(storage, 'a')).derived?.('body')).toBe('a');
    expect((await read(storage, 'b')).derived?.('body')).toBeUndefined();
    expect((await read(storage, 'c')).derived?.('body')).toBe('c');
  });

  test.each([20, 100])('is worth something to scans over %d entries of which it holds ten', async (count) => {
    const keys = numbered(count);
    const bytes = 10 * KB;
    const storage = await filled({ maxBytes: 10 * bytes + count * ENTRY }, ...keys);
    let hits = 0;
    const rounds = 50;
    for (let round = 0; round < rounds; round += 1)
      for (const key of keys) hits += Number(await use(storage, key, bytes));
    // The best that any order could do is ten a round; the order of use alone would do none.
    expect(hits / rounds).toBeGreaterThan(count === 20 ? 6 : 2);
  });

  test('is found again by entries that come into use later', async () => {
    const keys = numbered(20);
    const storage = await filled({ maxBytes: 100 * KB }, ...keys);
    const [former, latter] = [keys.slice(0, 8), keys.slice(10, 18)];
    for (const group of [former, latter]) {
      for (let round = 0; round < 40; round += 1) for (const key of group) await use(storage, key, 8 * KB);
      for (const key of group) expect(await use(storage, key, 8 * KB)).toBe(true);
    }
  });
});

test('a small body is made of its text once, as long as there is room', async () => {
  const storage = new MemoryStorage();
  await storage.set(sample({ body: Uint8Array.of(0, 127, 128, 255) }));
  const entry = await read(storage, 'key');
  expect(entry.body).toBe(entry.body);
  await storage.delete({ key: 'key', resource: 'resource' });
  expect(entry.body).toEqual(Uint8Array.of(0, 127, 128, 255));
  expect(entry.body).not.toBe(entry.body);
});
