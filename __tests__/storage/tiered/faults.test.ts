/** Whatever goes wrong with one of two tiers, requests are answered, by the other tier or by the origin. */
import { MemoryStorage } from '../../../lib/index.js';
import { TieredStorage } from '../../../lib/tiered.js';
import { sample } from '../../../lib/storage/contract/rule.js';
import { storedUnder } from '../../support/entry.js';
import { faultyStorage, type StorageFault } from '../../support/faulty-storage.js';
import { allowNoUnhandledRejection } from '../../support/unhandled.js';
import { type Concerns, describeGuard } from '../describe-guard.js';
import { ReferenceStorage } from '../contract/reference-storage.js';

allowNoUnhandledRejection();

const OF_BACK: Readonly<Partial<Record<StorageFault, Concerns>>> = {
  'is refused': 'everything',
  hangs: 'everything',
  'hangs on reads only': 'everything',
  'is slow': 'everything',
  'gives garbage': 'everything',
  'is full': 'writes',
  'is read-only': 'writes',
};

/** The front answers what was asked for before, and goes on doing so. */
const BEHIND_FRONT = { 'is refused': 'everything', hangs: 'everything' } as Readonly<Record<StorageFault, Concerns>>;

describeGuard('two tiers, of which the front is trusted, with a back', BEHIND_FRONT, () => {
  const back = faultyStorage(new ReferenceStorage());
  return {
    storage: new TieredStorage(new MemoryStorage(), back.storage),
    begin: (fault) => { back.become(fault); },
    end: () => { back.become(undefined); },
  };
});

test('a back that fails is left alone, though the front answers in between', async () => {
  const back = faultyStorage(new ReferenceStorage());
  const storage = new TieredStorage(new MemoryStorage(), back.storage);
  await storage.set(sample());
  for (let times = 0; times < 2; times += 1) expect(await storedUnder(storage, 'key')).toHaveLength(1);
  back.become('is refused');
  const before = back.calls();
  for (let times = 0; times < 20; times += 1) {
    expect(await storedUnder(storage, 'key')).toHaveLength(1);
    await expect(storedUnder(storage, 'another')).rejects.toThrow(times < 5 ? 'no connection' : 'was not tried');
  }
  expect(back.calls() - before).toBe(5);
  back.become(undefined);
  await storage.close();
});

describeGuard('two tiers with a back', OF_BACK as Readonly<Record<StorageFault, Concerns>>, () => {
  const back = faultyStorage(new ReferenceStorage());
  return {
    storage: new TieredStorage(new MemoryStorage(), back.storage, { frontTtl: 0 }),
    begin: (fault) => { back.become(fault); },
    end: () => { back.become(undefined); },
  };
});

test('a back that lists by a promise is listed, and its failure is heard', async () => {
  const back = new ReferenceStorage();
  const listing = back.entries.bind(back);
  let isDown = false;
  Object.assign(back, {
    entries: async () => {
      if (isDown) throw new Error('no connection');
      return listing();
    },
  });
  const storage = new TieredStorage(new MemoryStorage(), back);
  await storage.set(sample());
  const keys = async (): Promise<readonly string[]> => {
    const found: string[] = [];
    for await (const { key } of storage.entries()) found.push(key);
    return found;
  };
  expect(await keys()).toEqual(['key']);
  isDown = true;
  await expect(keys()).rejects.toThrow('no connection');
  await storage.close();
});
