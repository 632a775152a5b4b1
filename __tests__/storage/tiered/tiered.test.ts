/** TieredStorage: the contract over several pairs of storages, what the front may answer, and what ends that. */
import axios from 'axios';
import { type CacheStorage, MemoryStorage, setupCache } from '../../../lib/index.js';
import { type InvalidationBus, type TieredOptions, TieredStorage } from '../../../lib/tiered.js';
import { infoOf, sample, withoutBody } from '../../../lib/storage/contract/rule.js';
import { startCached } from '../../support/cached-instance.js';
import { SCOPE, storedUnder } from '../../support/entry.js';
import { newPath, openStorage } from '../../support/sqlite.js';
import { describeStorage } from '../contract/describe-storage.js';
import { REFERENCE_ENGINE, ReferenceStorage } from '../contract/reference-storage.js';

/** A bus within this process. Messages arrive in a later turn, as from another process. */
class LocalBus implements InvalidationBus {
  readonly listeners = new Map<(message: string) => void, () => void>();
  failing = false;
  published: string[] = [];

  async publish(message: string): Promise<void> {
    if (this.failing) throw new Error('the bus is away');
    this.published.push(message);
    await turn();
    for (const listener of this.listeners.keys()) listener(message);
  }

  async subscribe(onMessage: (message: string) => void, onLost: () => void): Promise<() => void> {
    if (this.failing) throw new Error('the bus is away');
    this.listeners.set(onMessage, onLost);
    return () => this.listeners.delete(onMessage);
  }

  lose(): void {
    for (const onLost of this.listeners.values()) onLost();
  }
}

const turn = (): Promise<void> => new Promise((resolve) => { setImmediate(resolve); });
const tiered = (back: CacheStorage, options?: TieredOptions, front: CacheStorage = new MemoryStorage()) =>
  new TieredStorage(front, back, options);

/** A reference that can tell revisions, and counts how often bodies are read. */
class Back extends ReferenceStorage {
  reads = 0;
  override async get(key: string) {
    this.reads += 1;
    return super.get(key);
  }
  override async revisions(key: string) {
    const { entries, fence } = await super.get(key);
    return { entries: entries.map(infoOf), fence };
  }
}

const opened = new WeakMap<CacheStorage, Back>();
function over(back: Back, options?: TieredOptions): TieredStorage {
  const storage = tiered(back, options);
  opened.set(storage, back);
  return storage;
}
const engineOf = (options?: TieredOptions) =>
  Object.fromEntries(
    Object.entries(REFERENCE_ENGINE).map(([name, open]) => [
      name,
      async (storage: CacheStorage) => over((await open(opened.get(storage) as CacheStorage)) as Back, options),
    ]),
  );

const verifying = { front: 'verify' } as const;
describeStorage('tiered, verifying', () => over(new Back(), verifying), engineOf(verifying));
// Two instances that trust their fronts see each other's changes only with time.
describeStorage('tiered, trusting', () => over(new Back()));
describeStorage('tiered over SQLite', () => tiered(openStorage(newPath())));

describe('what the front answers', () => {
  test('is what was read once, without the back', async () => {
    const back = new Back();
    const storage = tiered(back);
    await storage.set(sample());
    expect(await storedUnder(storage, 'key')).toEqual([sample()]);
    const before = back.reads;
    expect(await storedUnder(storage, 'key')).toMatchObject([{ head: sample().head }]);
    expect(back.reads).toBe(before);
  });

  test('is used for frontTtl at most', async () => {
    const back = new Back();
    const [one, other] = [tiered(back, { frontTtl: '50ms' }), tiered(back, { frontTtl: '50ms' })];
    await one.set(sample());
    await storedUnder(one, 'key');
    await other.delete({ resource: 'resource' });
    const began = performance.now();
    while ((await storedUnder(one, 'key')).length > 0) await turn();
    expect(performance.now() - began).toBeLessThan(1000);
  });

  test('is not what has become stale: that needs the back', async () => {
    const back = new Back();
    const storage = tiered(back);
    await storage.set(sample({ expiresAtMs: 1 }));
    await storedUnder(storage, 'key');
    const before = back.reads;
    await storedUnder(storage, 'key');
    expect(back.reads).toBe(before + 1);
  });

  test('with verify: nothing that another instance has ended, and no body is read twice', async () => {
    const back = new Back();
    const [one, other] = [tiered(back, verifying), tiered(back, verifying)];
    await one.set(sample());
    await storedUnder(one, 'key');
    const before = back.reads;
    expect(await storedUnder(one, 'key')).toHaveLength(1);
    expect(back.reads).toBe(before);
    const newer = sample({ body: Uint8Array.of(9) });
    await other.set(newer);
    expect(await storedUnder(one, 'key')).toEqual([newer]);
    await other.delete({ tag: 'none' });
    await other.delete({ resource: 'resource' });
    expect(await storedUnder(one, 'key')).toEqual([]);
  });

  test('a renewal by a fence of the front alone reaches the back', async () => {
    const storage = tiered(new Back());
    await storage.set(sample());
    await storedUnder(storage, 'key');
    const { fence } = await storage.get('key', SCOPE);
    const renewed = sample({ head: 'renewed' });
    expect(await storage.touch(withoutBody(renewed), fence)).toBe(true);
    expect(await storedUnder(storage, 'key')).toEqual([renewed]);
  });

  test('a new answer to what the front alone has answered is stored, unless the back has changed since', async () => {
    const back = new Back();
    const [storage, other] = [tiered(back), tiered(back)];
    await storage.set(sample());
    for (const [index, isStored] of [true, false].entries()) {
      await storedUnder(storage, 'key');
      const before = back.reads;
      const { fence } = await storage.get('key', SCOPE);
      expect(back.reads).toBe(before);
      if (!isStored) await other.delete({ resource: 'resource' });
      expect(await storage.set(sample({ body: Uint8Array.of(9, index) }), fence)).toBe(isStored);
    }
    expect(await storedUnder(storage, 'key')).toEqual([]);
  });
});

describe('a front that fails', () => {
  const faults: readonly (readonly [string, object])[] = [
    ['rejects', { get: () => Promise.reject(new Error('no')), set: () => Promise.reject(new Error('no')) }],
    ['throws', { get: () => { throw new Error('no'); }, delete: () => { throw new Error('no'); } }],
    ['hangs', { get: () => new Promise(() => undefined), set: () => new Promise(() => undefined) }],
    ['cannot be closed', { close: () => Promise.reject(new Error('no')) }],
  ];

  test.each(faults)('%s: the back answers, and a problem tells', async (_what, methods) => {
    const front = Object.assign(new MemoryStorage(), methods);
    const storage = tiered(new Back(), {}, front);
    const problems: string[] = [];
    storage.onProblem((_operation, error) => problems.push(error.message));
    expect(await storage.set(sample())).toBe(true);
    expect(await storedUnder(storage, 'key')).toEqual([sample()]);
    expect(await storage.delete({ resource: 'resource' })).toBe(1);
    expect(await storedUnder(storage, 'key')).toEqual([]);
    if (!('close' in methods)) expect(problems.join()).toContain('the front ("memory") failed');
    await storage.close();
  });

  test('what it does not drop is not used', async () => {
    const front = Object.assign(new MemoryStorage(), { delete: () => Promise.reject(new Error('no')) });
    const storage = tiered(new Back(), {}, front);
    await storage.set(sample());
    await storedUnder(storage, 'key');
    await storage.delete({ resource: 'resource' });
    expect(await storedUnder(storage, 'key')).toEqual([]);
  });

  test('what comes from the back while something is invalidated is not put in front', async () => {
    const back = new Back();
    const storage = tiered(back);
    await storage.set(sample());
    let isHeld = true;
    const get = back.get.bind(back);
    back.get = async (key) => {
      const reading = await get(key);
      if (isHeld) {
        isHeld = false;
        await storage.delete({ resource: 'resource' });
      }
      return reading;
    };
    await storedUnder(storage, 'key');
    expect(await storedUnder(storage, 'key')).toEqual([]);
  });
});

describe('a bus', () => {
  async function two(bus: LocalBus) {
    const back = new Back();
    const pair = [tiered(back, { bus }), tiered(back, { bus })] as const;
    for (let turns = 0; turns < 5; turns += 1) await turn();
    return { back, one: pair[0], other: pair[1] };
  }
  const gone = async (storage: CacheStorage, head = sample().head): Promise<void> => {
    const isThere = async () => (await storedUnder(storage, 'key')).some((entry) => entry.head === head);
    for (let turns = 0; (await isThere()) && turns < 100; turns += 1) await turn();
    expect(await isThere()).toBe(false);
  };

  test.each<[string, (storage: TieredStorage) => Promise<unknown>]>([
    ['delete by resource', (storage) => storage.delete({ resource: 'resource' })],
    ['delete by key', (storage) => storage.delete({ key: 'key', resource: 'resource' })],
    ['delete by tag', (storage) => storage.delete({ tag: 'tag' })],
    ['clear', (storage) => storage.clear()],
    ['a renewal', (storage) => storage.touch(withoutBody(sample({ head: 'newer', tags: ['other'] })))],
    ['another answer', (storage) => storage.set(sample({ head: 'newer', body: Uint8Array.of(9) }))],
  ])('tells of %s', async (_change, work) => {
    const { one, other } = await two(new LocalBus());
    await one.set(sample({ tags: ['tag'] }));
    await storedUnder(other, 'key');
    await storedUnder(other, 'key');
    await work(one);
    await gone(other);
  });

  test('that has lost messages empties the front', async () => {
    const bus = new LocalBus();
    const { back, one, other } = await two(bus);
    await one.set(sample());
    await storedUnder(other, 'key');
    back.engine.rows = [];
    bus.lose();
    expect(await storedUnder(other, 'key')).toEqual([]);
  });

  test('that is away: the front is not used, what could not be told is told later', async () => {
    const bus = new LocalBus();
    const { one, other } = await two(bus);
    await one.set(sample());
    await storedUnder(other, 'key');
    bus.failing = true;
    await one.delete({ resource: 'resource' });
    bus.failing = false;
    const began = performance.now();
    while ((await storedUnder(other, 'key')).length > 0 && performance.now() - began < 3000)
      await new Promise((resolve) => { setTimeout(resolve, 10); });
    expect(await storedUnder(other, 'key')).toEqual([]);
    const never = new LocalBus();
    never.failing = true;
    const back = new Back();
    const alone = tiered(back, { bus: never });
    await alone.set(sample());
    await storedUnder(alone, 'key');
    const before = back.reads;
    await storedUnder(alone, 'key');
    expect(back.reads).toBe(before + 1);
    await alone.close();
  });

  test('with messages of somebody else is none the worse', async () => {
    const bus = new LocalBus();
    const { one } = await two(bus);
    await one.set(sample());
    for (const message of ['', '{', 'null', '[]', '{"sender":"x"}', '{"sender":"x","change":{"key":7}}', '"text"'])
      for (const listener of bus.listeners.keys()) listener(message);
    expect(await storedUnder(one, 'key')).toHaveLength(1);
  });

  test('carries no answers', async () => {
    const bus = new LocalBus();
    const { one } = await two(bus);
    await one.set(sample({ head: 'secret', body: new TextEncoder().encode('secret') }));
    await one.clear();
    for (let turns = 0; turns < 5; turns += 1) await turn();
    expect(bus.published.length).toBeGreaterThan(0);
    expect(bus.published.join()).not.toContain('secret');
  });
});

test('two instances of axios with fronts of their own and one back', async () => {
  let text = 'old';
  const path = newPath();
  const { http, origin } = await startCached(() => ({ headers: { 'Cache-Control': 'max-age=60' }, body: { text } }), {
    storage: tiered(openStorage(path), { frontTtl: 0 }),
    now: Date.now,
  });
  const other = setupCache(axios.create({ baseURL: origin.url, proxy: false }), {
    storage: tiered(openStorage(path), { frontTtl: 0 }),
  });
  await http.get('/thing');
  expect((await other.get('/thing')).cached).toBe(true);
  text = 'new';
  await other.put('/thing');
  expect((await http.get('/thing')).data).toEqual({ text: 'new' });
  await other.cache.close();
});

test.each<[string, unknown[], string]>([
  ['no storage in front', [{}, new MemoryStorage()], 'front'],
  ['no storage at the back', [new MemoryStorage(), undefined], 'back'],
  ['an unknown option', [new MemoryStorage(), new MemoryStorage(), { ttl: 1 }], 'ttl'],
  ['a bus that is none', [new MemoryStorage(), new MemoryStorage(), { bus: {} }], 'bus'],
  ['a way that is none', [new MemoryStorage(), new MemoryStorage(), { front: 'maybe' }], 'front'],
  ['a back that cannot tell', [new MemoryStorage(), new MemoryStorage(), { front: 'verify' }], 'front'],
  ['a lifetime that is none', [new MemoryStorage(), new MemoryStorage(), { frontTtl: 'soon' }], 'frontTtl'],
])('%s is refused, with the name of the option', (_what, given, option) => {
  const make = () => new TieredStorage(...(given as ConstructorParameters<typeof TieredStorage>));
  expect(make).toThrow(expect.objectContaining({ code: 'ERR_CACHE_OPTION', option }) as Error);
});

test('the same storage twice is refused', () => {
  const storage = new MemoryStorage();
  expect(() => new TieredStorage(storage, storage)).toThrow('back must be another storage than the front');
});
