/** TieredStorage: what happens in front while something is read from the back, and what a front may answer for. */
import { MemoryStorage, type StoredEntry } from '../../../lib/index.js';
import { type InvalidationBus, TieredStorage } from '../../../lib/tiered.js';
import { sample } from '../../../lib/storage/contract/rule.js';
import { startCached } from '../../support/cached-instance.js';
import { SCOPE, storedUnder } from '../../support/entry.js';
import { gate } from '../../support/exchange.js';

const turn = (): Promise<void> => new Promise((resolve) => { setImmediate(resolve); });
const older = sample({ head: 'older', tags: ['tag'], body: Uint8Array.of(1) });
const newer = sample({ head: 'newer', body: Uint8Array.of(2) });

/** A back of which one look-up can be held up between its reading and its answer. */
class HeldBack extends MemoryStorage {
  #held: { readonly read: ReturnType<typeof gate>; readonly go: ReturnType<typeof gate> } | undefined;

  /** The next look-up opens `read` once it has read, and answers when `go` is opened. */
  hold() {
    this.#held = { read: gate(), go: gate() };
    return this.#held;
  }

  override async get(key: string) {
    const reading = await super.get(key);
    const held = this.#held;
    this.#held = undefined;
    held?.read.open();
    await held?.go.passed;
    return reading;
  }
}

/** A front of a user's that knows nothing of fences. */
class UnfencedFront extends MemoryStorage {
  override get(key: string) {
    return { entries: (super.get(key) as { entries: readonly StoredEntry[] }).entries };
  }

  override set(entry: StoredEntry) {
    return super.set(entry);
  }
}

/** A bus within this process, of which each message arrives at once. */
class InstantBus implements InvalidationBus {
  readonly #listeners = new Set<(message: string) => void>();

  async publish(message: string): Promise<void> {
    for (const listener of this.#listeners) listener(message);
  }

  async subscribe(onMessage: (message: string) => void): Promise<() => void> {
    this.#listeners.add(onMessage);
    return () => this.#listeners.delete(onMessage);
  }
}

describe.each([
  ['a front', MemoryStorage],
  ['a front without fences', UnfencedFront],
])('what is read from the back while it changes there is not put in %s', (_front, Front) => {
  test('an answer that another one replaces meanwhile', async () => {
    const back = new HeldBack();
    const storage = new TieredStorage(new Front(), back);
    await storage.set(older);
    const { fence } = await storage.get('key', SCOPE);
    await storage.delete({ key: 'key', resource: 'resource', variant: 'none' });
    const { read, go } = back.hold();
    const slow = storage.get('key', SCOPE);
    await read.passed;
    expect(await storage.set(newer, fence)).toBe(true);
    go.open();
    await slow;
    expect(await storedUnder(storage, 'key')).toMatchObject([{ head: 'newer' }]);
  });

  test.each<[string, (storage: TieredStorage) => Promise<unknown>, string[]]>([
    ['an answer that another instance replaces', (storage) => storage.set(newer), ['newer']],
    ['one revision, as a deletion by a pattern ends', (storage) => storage.delete({ ...older }), []],
    ['a resource', (storage) => storage.delete({ resource: 'resource' }), []],
    ['a tag', (storage) => storage.delete({ tag: 'tag' }), []],
    ['everything', (storage) => storage.clear(), []],
    ['one variant', (storage) => storage.delete({ key: 'key', resource: 'resource', variant: '' }), []],
  ])('%s, told by a bus', async (_what, change, heads) => {
    const [back, bus] = [new HeldBack(), new InstantBus()];
    const [one, other] = [1, 2].map(() => new TieredStorage(new Front(), back, { bus })) as [
      TieredStorage,
      TieredStorage,
    ];
    for (let turns = 0; turns < 5; turns += 1) await turn();
    await one.set(older);
    const { read, go } = back.hold();
    const slow = other.get('key', SCOPE);
    await read.passed;
    await change(one);
    for (let turns = 0; turns < 5; turns += 1) await turn();
    go.open();
    await slow;
    expect((await storedUnder(other, 'key')).map(({ head }) => head)).toEqual(heads);
  });
});

test('a variant that the front does not have is stored, whichever the front has', async () => {
  const storage = new TieredStorage(new MemoryStorage(), new MemoryStorage());
  const { http, origin } = await startCached(
    ({ headers }) => ({
      headers: { 'Cache-Control': 'max-age=60', Vary: 'Accept-Language' },
      body: { text: headers['accept-language'] },
    }),
    { storage },
  );
  const get = (language: string) => http.get('/thing', { headers: { 'Accept-Language': language } });
  for (let round = 0; round < 3; round += 1) {
    await get('en');
    await get('en');
    await get('de');
    await get('fr');
  }
  expect(origin.count()).toBe(3);
});

test('a front that has lost a variant to its limits does not answer for the key', async () => {
  const back = new MemoryStorage();
  const storage = new TieredStorage(new MemoryStorage({ maxEntries: 1 }), back);
  for (const variant of ['en', 'de']) await storage.set(sample({ variant }));
  await storedUnder(storage, 'key');
  expect((await storedUnder(storage, 'key')).map(({ variant }) => variant).sort()).toEqual(['de', 'en']);
});

test('who demands a new answer of what the front has gets it, and so does who comes next', async () => {
  let text = 'old';
  const storage = new TieredStorage(new MemoryStorage(), new MemoryStorage());
  const { http, origin } = await startCached(
    () => ({ headers: { 'Cache-Control': 'max-age=60' }, body: { text } }),
    { storage },
  );
  await http.get('/thing');
  await http.get('/thing');
  text = 'new';
  expect((await http.get('/thing', { cache: 'reload' })).data).toEqual({ text: 'new' });
  const next = await http.get('/thing');
  expect([next.data, next.cached, origin.count()]).toEqual([{ text: 'new' }, true, 2]);
});

test('a bus whose publish never ends is tried again', async () => {
  let published = 0;
  const bus: InvalidationBus = {
    publish: () => {
      published += 1;
      return published === 1 ? new Promise(() => undefined) : Promise.resolve();
    },
    subscribe: async () => () => undefined,
  };
  const storage = new TieredStorage(new MemoryStorage(), new MemoryStorage(), { bus });
  const problems: string[] = [];
  storage.onProblem((_operation, error) => problems.push(error.message));
  await storage.delete({ resource: 'resource' });
  while (published < 2) await new Promise((resolve) => { setTimeout(resolve, 50); });
  expect(problems).toEqual([expect.stringContaining('TieredStorage: the bus failed')]);
  await storage.close();
}, 15_000);
