/** Calls that wait for another connection which writes: they take effect in the order in which they were made. */
import { sample, samples, setAll, withoutBody } from '../../../lib/storage/contract/rule.js';
import type { SqliteStorage } from '../../../lib/storage/sqlite/sqlite.js';
import { DRIVERS, filesBy, found, newPath, openStorage } from '../../support/sqlite.js';

const FORMER = sample({ head: 'former', tags: ['tag'], createdAtMs: Date.UTC(2024, 0), purgeAtMs: Date.UTC(2025, 0) });

describe.each(DRIVERS)('by %s', (driver) => {
  const { execute, withFile } = filesBy(driver);

  /** Makes `calls` while another connection writes, which ends after `heldMs`. */
  async function whileLocked(
    path: string,
    calls: () => readonly Promise<unknown>[],
    heldMs = 80,
  ): Promise<readonly PromiseSettledResult<unknown>[]> {
    return withFile(path, async (other) => {
      await other.exec('BEGIN IMMEDIATE');
      const made = Promise.allSettled(calls());
      await new Promise((resolve) => setTimeout(resolve, heldMs));
      await other.exec('COMMIT');
      return made;
    });
  }

  test.each<[name: string, end: (storage: SqliteStorage) => Promise<unknown>]>([
    ['a delete of its key', (storage) => storage.delete({ key: 'key', resource: 'resource' })],
    ['a delete of its variant', (storage) => storage.delete({ key: 'key', resource: 'resource', variant: '' })],
    ['a delete of its resource', (storage) => storage.delete({ resource: 'resource' })],
    ['a delete of its tag', (storage) => storage.delete({ tag: 'tag' })],
    ['clear', (storage) => storage.clear()],
    ['deleteExpired', (storage) => storage.deleteExpired(Date.UTC(2026, 0))],
  ])('%s ends what was set before it', async (_name, end) => {
    const path = newPath();
    const storage = openStorage({ path, driver });
    await found(storage, 'key');
    // Which of two calls that wait is the first to try again is a matter of chance.
    for (let times = 0; times < 5; times += 1) {
      await whileLocked(path, () => [storage.set(FORMER), storage.touch(withoutBody(FORMER)), end(storage)]);
      expect(await found(storage, 'key')).toEqual([]);
    }
  });

  test('the last of several sets is the one that stays, and a delete before it takes nothing of it', async () => {
    const path = newPath();
    const storage = openStorage({ path, driver });
    await found(storage, 'key');
    for (let times = 0; times < 5; times += 1) {
      await whileLocked(path, () => [
        ...samples(5, (index) => ({ key: 'key', head: `${index}` })).map((entry) => storage.set(entry)),
        storage.delete({ key: 'key', resource: 'resource' }),
        storage.set(sample({ head: 'last' })),
      ]);
      expect(await found(storage, 'key')).toEqual([sample({ head: 'last' })]);
    }
  });

  test('the first calls of all, which open the file, keep their order too', async () => {
    for (let times = 0; times < 5; times += 1) {
      const path = newPath();
      const writer = openStorage({ path, driver });
      await writer.set(FORMER);
      const storage = openStorage({ path, driver });
      await whileLocked(path, () => [storage.set(FORMER), storage.delete({ key: 'key', resource: 'resource' })]);
      expect(await found(storage, 'key')).toEqual([]);
    }
  });

  test('a call that gives up holds nobody up: those behind it are made, and have given up by their own time', async () => {
    const path = newPath();
    const storage = openStorage({ path, driver, busyTimeout: '50ms' });
    await setAll(storage, samples(3));
    const startMs = performance.now();
    const outcomes = await whileLocked(
      path,
      () => Array.from({ length: 10 }, (_, index) => storage.set(sample({ key: `late ${index}` }))),
      1000,
    );
    expect(outcomes.map(({ status }) => status)).toEqual(Array.from({ length: 10 }, () => 'rejected'));
    expect(performance.now() - startMs).toBeLessThan(3000);
    await storage.set(sample());
    expect(await found(storage, 'key')).toEqual([sample()]);
  });

  test('a damaged entry is found absent at once, and goes before what is set in its place', async () => {
    const path = newPath();
    const storage = openStorage({ path, driver });
    await storage.set(FORMER);
    await execute(path, "UPDATE axios_cache_v3_entries SET fields = x'00'");
    let read: unknown;
    await whileLocked(path, () => [
      (async () => {
        read = await found(storage, 'key');
        await storage.set(sample());
      })(),
      new Promise((resolve) => setTimeout(resolve, 40)).then(() => { expect(read).toEqual([]); }),
    ]);
    expect(await found(storage, 'key')).toEqual([sample()]);
  });

  test('reads go on, and see what is there', async () => {
    const path = newPath();
    const storage = openStorage({ path, driver });
    await storage.set(FORMER);
    let isRead = false;
    await whileLocked(path, () => [
      storage.delete({ key: 'key', resource: 'resource' }),
      storage.set(sample({ key: 'other' })),
      (async () => {
        expect(await found(storage, 'key')).toEqual([FORMER]);
        isRead = true;
      })(),
    ]);
    expect(isRead).toBe(true);
    expect(await found(storage, 'key')).toEqual([]);
  });
});
