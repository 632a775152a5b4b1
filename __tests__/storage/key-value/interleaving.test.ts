/**
 * Several processes look up, store, renew and invalidate through one store, whose calls take effect in an order that is
 * drawn by lot. Nothing comes back that was looked up before an invalidation which has ended, and no head lies on
 * another body. INTERLEAVINGS=2000 in the environment plays more rounds.
 */
import { ScheduledStore } from './scheduled-store.js';
import type { CacheStorage, StorageSelector, StoredEntry } from '../../../lib/api/storage.js';
import { sample, withoutBody } from '../../../lib/storage/contract/rule.js';
import type { KeyValueDriver } from '../../../lib/storage/key-value/driver.js';
import { KeyValueStorage } from '../../../lib/storage/key-value/key-value.js';

const KEYS = ['one', 'two', 'three'].map((key, index) => ({ key, resource: index < 2 ? 'shared' : 'alone' }));
const TAGS = ['red', 'blue'];
const PROCESSES = 3;
const STEPS_OF_EACH = 30;

interface Invalidation {
  readonly covers: (entry: Pick<StoredEntry, 'key' | 'resource' | 'tags'>) => boolean;
  readonly calledAt: number;
  endedAt: number;
}

/** What happened, told by a clock that no process has. */
class Judge {
  readonly #invalidations: Invalidation[] = [];
  /** When the look-up ended whose fence stored, or renewed, what has this head. */
  readonly #lookedUpAt = new Map<string, number>();
  #now = 0;
  hits = 0;
  stored = 0;
  refused = 0;
  resurrected = 0;
  mixed = 0;

  tick(): number {
    this.#now += 1;
    return this.#now;
  }

  head(lookedUpAt: number, revision: string): string {
    const head = JSON.stringify({ number: this.tick(), revision });
    this.#lookedUpAt.set(head, lookedUpAt);
    return head;
  }

  note(wasStored: boolean): void {
    if (wasStored) this.stored += 1;
    else this.refused += 1;
  }

  async invalidate(covers: Invalidation['covers'], work: () => unknown): Promise<void> {
    const invalidation: Invalidation = { covers, calledAt: this.tick(), endedAt: Infinity };
    this.#invalidations.push(invalidation);
    await work();
    invalidation.endedAt = this.tick();
  }

  async lookUp(storage: CacheStorage, { key, resource }: (typeof KEYS)[number], tags: readonly string[]) {
    const beganAt = this.tick();
    const { entries, fence } = await storage.get(key, { resource, tags });
    for (const entry of entries) {
      this.hits += 1;
      const revision = new TextDecoder().decode(entry.body);
      const isMixed = revision !== entry.revision || !entry.head.includes(`"${revision}"`);
      if (isMixed) this.mixed += 1;
      const lookedUpAt = this.#lookedUpAt.get(entry.head) ?? 0;
      const isOver = ({ covers, calledAt, endedAt }: Invalidation): boolean =>
        endedAt < beganAt && lookedUpAt < calledAt && covers(entry);
      if (this.#invalidations.some(isOver)) this.resurrected += 1;
    }
    return { entries, fence, endedAt: this.tick() };
  }
}

type Meddle = (driver: KeyValueDriver) => KeyValueDriver;

async function play(seed: number, judge: Judge, meddle: Meddle = (driver) => driver): Promise<void> {
  const store = new ScheduledStore(seed);
  const drawn = <T>(list: readonly T[]): T => list[store.draw(list.length)] as T;
  const storages = Array.from({ length: PROCESSES }, () => new KeyValueStorage(meddle(store.connect())));

  const useCache = async (storage: CacheStorage): Promise<void> => {
    const place = drawn(KEYS);
    const tags = TAGS.filter(() => store.draw(2) === 0);
    // Some of the tags only the answer names.
    const found = await judge.lookUp(storage, place, tags.slice(0, 1));
    await store.pause();
    const [former] = found.entries;
    if (former !== undefined && store.draw(2) === 0) {
      const renewed = { ...withoutBody(former), head: judge.head(found.endedAt, former.revision) };
      judge.note(await storage.touch(renewed, found.fence));
      return;
    }
    // A redirect leads to another key than the one that was looked up.
    const target = store.draw(8) === 0 ? drawn(KEYS) : place;
    const revision = `r${judge.tick()}`;
    const head = judge.head(found.endedAt, revision);
    const entry = sample({ ...target, tags, revision, head, body: new TextEncoder().encode(revision) });
    judge.note((await storage.set(entry, found.fence)) === true);
  };
  const invalidate = async (storage: CacheStorage): Promise<void> => {
    const place = drawn(KEYS);
    const tag = drawn(TAGS);
    const selectors: readonly (readonly [StorageSelector | 'all', Invalidation['covers']])[] = [
      [{ resource: place.resource }, ({ resource }) => resource === place.resource],
      [{ ...place }, ({ key }) => key === place.key],
      [{ tag }, ({ tags }) => tags.includes(tag)],
      ['all', () => true],
    ];
    const [selector, covers] = drawn(selectors);
    await judge.invalidate(covers, () => (selector === 'all' ? storage.clear() : storage.delete(selector)));
  };
  const evict = (): void => {
    const name = drawn([...store.values.keys()]) as string | undefined;
    if (name !== undefined) store.values.delete(name);
  };
  const work = async (storage: CacheStorage): Promise<void> => {
    for (let step = 0; step < STEPS_OF_EACH; step += 1) {
      const drawnStep = store.draw(20);
      if (drawnStep < 3) await invalidate(storage);
      else if (drawnStep === 3) evict();
      else await useCache(storage);
    }
  };
  await store.run(storages.map(work));
}

async function judged(rounds: number, meddle?: Meddle): Promise<Judge> {
  const judge = new Judge();
  for (let seed = 1; seed <= rounds; seed += 1) await play(seed, judge, meddle);
  return judge;
}

/** A store that says to have done what it has not. */
const ignoring =
  (call: 'set' | 'delete', names: RegExp): Meddle =>
  (driver) => ({
    ...driver,
    [call]: async (key: string, value: Uint8Array, ttlMs: number | undefined) => {
      const isKept = names.test(key) && (call === 'delete' || (await driver.get(key)) !== undefined);
      if (!isKept) await driver[call](key, value, ttlMs);
    },
  });

test('nothing comes back, and no head lies on another body', async () => {
  const judge = await judged(Number(process.env['INTERLEAVINGS'] ?? 40));
  expect(judge).toMatchObject({ resurrected: 0, mixed: 0 });
  // A cache that never hits brings nothing back either.
  expect(judge.hits).toBeGreaterThan(200);
  expect(judge.refused).toBeGreaterThan(20);
  expect(judge.stored).toBeGreaterThan(judge.refused);
});

test.each([
  ['tokens of resources stay', ignoring('delete', /:r:/)],
  ['tokens of keys stay', ignoring('delete', /:k:/)],
  ['tokens of tags stay', ignoring('delete', /:t:/)],
  ['the token of the namespace stays', ignoring('set', /:s:namespace/)],
  ['the clock of all stays', ignoring('set', /:s:all/)],
  ['the clocks of keys and resources stay', ignoring('set', /:c:/)],
])('where %s, something comes back, and this test sees it', async (_name, meddle) => {
  const judge = new Judge();
  for (let seed = 1; seed <= 300 && judge.resurrected === 0; seed += 1) await play(seed, judge, meddle);
  expect(judge.resurrected).toBeGreaterThan(0);
});
