/** Whether a tier still hears what others change: by a bus that says nothing of its lost connection too. */
import { randomUUID } from 'node:crypto';
import { command } from '../../../services/redis.js';
import { until } from '../../../services/until.js';
import { type CacheStorage, MemoryStorage } from '../../../lib/index.js';
import { RedisBus } from '../../../lib/redis.js';
import { type InvalidationBus, TieredStorage } from '../../../lib/tiered.js';
import { sample } from '../../../lib/storage/contract/rule.js';
import { openLine } from '../../../lib/storage/tiered/bus.js';
import { storedUnder } from '../../support/entry.js';
import { describeOwnService } from '../../support/services.js';
import { newPath, openStorage } from '../../support/sqlite.js';

const turn = (): Promise<void> => new Promise((resolve) => { setImmediate(resolve); });

/** A bus that can lose its connection without a word. */
class QuietBus implements InvalidationBus {
  readonly #listeners = new Set<(message: string) => void>();
  readonly #echoes: boolean;
  isCut = false;
  published = 0;

  constructor(echoes = true) {
    this.#echoes = echoes;
  }

  async publish(message: string): Promise<void> {
    this.published += 1;
    if (this.#echoes && !this.isCut) for (const listener of this.#listeners) listener(message);
  }

  async subscribe(onMessage: (message: string) => void): Promise<() => void> {
    this.#listeners.add(onMessage);
    return () => this.#listeners.delete(onMessage);
  }
}

async function open(bus: QuietBus) {
  const clock = { nowMs: 5000 };
  const line = openLine({ bus, onChange: () => undefined, onFailure: () => undefined, now: () => clock.nowMs });
  expect(line.hearing()).toEqual({ kind: 'deaf' });
  await turn();
  const at = async (nowMs: number) => {
    clock.nowMs = nowMs;
    line.hearing();
    await turn();
    return line.hearing();
  };
  return { line, clock, at };
}

describe('a line', () => {
  test('that hears its own messages is proven, for as long as it goes on hearing', async () => {
    const bus = new QuietBus();
    const { at, line } = await open(bus);
    for (const nowMs of [5000, 7500, 12_500, 20_000]) {
      expect(await at(nowMs)).toEqual({ kind: 'proven', sinceMs: 5000 });
    }
    bus.isCut = true;
    expect(await at(29_999)).toEqual({ kind: 'proven', sinceMs: 5000 });
    expect(await at(30_001)).toEqual({ kind: 'deaf' });
    bus.isCut = false;
    // What was told meanwhile is not known, whoever says that nothing was lost.
    expect(await at(33_000)).toEqual({ kind: 'proven', sinceMs: 33_000 });
    await line.close();
    expect(line.hearing()).toEqual({ kind: 'deaf' });
  });

  test('that nobody has used for a while counts from its next message', async () => {
    const { at } = await open(new QuietBus());
    await at(5000);
    expect(await at(60_000)).toEqual({ kind: 'proven', sinceMs: 60_000 });
  });

  test('that hears nothing of its own is not proven, and not deaf either', async () => {
    const { at } = await open(new QuietBus(false));
    for (const nowMs of [5000, 60_000]) expect(await at(nowMs)).toEqual({ kind: 'unproven' });
  });

  test('says something each two and a half seconds of use, and nothing without use', async () => {
    const bus = new QuietBus();
    const { at } = await open(bus);
    for (let nowMs = 5000; nowMs <= 15_000; nowMs += 100) await at(nowMs);
    expect(bus.published).toBe(5);
  });
});

describe('at its end a line', () => {
  /** Takes one message at a time, and each when it is let. */
  class SlowBus extends QuietBus {
    readonly arrived: string[] = [];
    readonly #waiting: (() => void)[] = [];

    override async publish(message: string): Promise<void> {
      await new Promise<void>((resolve) => { this.#waiting.push(resolve); });
      this.arrived.push(message);
    }

    async takeAll(): Promise<void> {
      for (await turn(); this.#waiting.length > 0; await turn()) this.#waiting.shift()?.();
    }
  }

  const tags = ['one', 'two', 'three'];

  test('tells what is still to be told', async () => {
    const bus = new SlowBus();
    const storage = new TieredStorage(new MemoryStorage(), new MemoryStorage(), { bus });
    for (const tag of tags) await storage.delete({ tag });
    const closing = storage.close();
    await bus.takeAll();
    await closing;
    expect(bus.arrived.map((message) => (JSON.parse(message) as { change: unknown }).change))
      .toEqual(tags.map((tag) => ({ tag })));
  });

  test('does not wait for long for a bus that takes nothing, and says so', async () => {
    const storage = new TieredStorage(new MemoryStorage(), new MemoryStorage(), { bus: new SlowBus() });
    const problems: string[] = [];
    storage.onProblem((_operation, { cause }) => { problems.push((cause as Error).message); });
    for (const tag of tags) await storage.delete({ tag });
    await storage.close();
    expect(problems).toEqual(['3 messages were not published before the end']);
  });
});

describeOwnService('redis', (service) => {
  const closing: (() => unknown)[] = [];
  afterEach(async () => {
    for (const close of closing.splice(0)) await close();
  });

  /** Two processes over one file, which tell each other by Redis what changes. */
  async function startTwo(): Promise<readonly [CacheStorage, CacheStorage]> {
    const [path, namespace] = [newPath(), randomUUID()];
    const openTier = (): TieredStorage => {
      const bus = new RedisBus({ url: service().url, namespace });
      const storage = new TieredStorage(new MemoryStorage(), openStorage(path), { bus });
      closing.push(() => storage.close(), () => bus.close());
      return storage;
    };
    const [one, other] = [openTier(), openTier()];
    await one.set(sample());
    // Each has it in front, and goes on until its bus has proved itself.
    await until(async () => {
      for (const each of [one, other]) expect(await storedUnder(each, 'key')).toHaveLength(1);
    }, { limitMs: 5000 });
    return [one, other];
  }

  const gone = (storage: CacheStorage): Promise<void> =>
    until(async () => { expect(await storedUnder(storage, 'key')).toEqual([]); }, { limitMs: 20_000 });

  test('a frozen Redis: what another process deletes is not served without bound', async () => {
    const [one, other] = await startTwo();
    await service().pause();
    try {
      await other.delete({ resource: 'resource' });
      await gone(one);
    } finally {
      service().resume();
    }
  });

  test('subscribers whose connection is ended: what another process deletes is not served', async () => {
    const [one, other] = await startTwo();
    await command(service().url, 'CLIENT', 'KILL', 'TYPE', 'pubsub');
    await other.delete({ resource: 'resource' });
    await gone(one);
  });
});
