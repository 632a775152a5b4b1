/** Entries in an SQLite file that were written by a clock that was ahead. */
import { sample, samples, setAll, withoutBody } from '../../../lib/storage/contract/rule.js';
import { DRIVERS, found, newPath, openStorage } from '../../support/sqlite.js';

describe.each(DRIVERS)('deleteExpired takes what a clock that was ahead has written, by %s', (driver) => {
  const NOW_MS = Date.UTC(2026, 0);
  const written = (key: string, aheadMs: number) => sample({ key, createdAtMs: NOW_MS + aheadMs });

  test('years, days and a minute ahead, for ever or for a while; a step of seconds is none', async () => {
    const path = newPath();
    const storage = openStorage({ path, driver });
    await setAll(storage, [
      written('years', 9 * 365 * 86_400_000), written('days', 86_400_000 * 2), written('a minute', 60_000),
      written('two seconds', 2000), written('now', 0), written('before', -86_400_000),
    ]);
    expect(await storage.deleteExpired(NOW_MS)).toBe(3);
    const left = [];
    for await (const { key } of storage.entries()) left.push(key);
    expect(left.sort()).toEqual(['before', 'now', 'two seconds']);
  });

  test('where a renewal has brought its time right, it stays; and goes where a renewal came from ahead', async () => {
    const path = newPath();
    const storage = openStorage({ path, driver });
    await setAll(storage, [written('righted', 86_400_000), written('ahead', 0)]);
    await storage.touch(withoutBody(written('righted', 0)));
    await storage.touch(withoutBody(written('ahead', 86_400_000)));
    expect(await storage.deleteExpired(NOW_MS)).toBe(1);
    expect(await found(storage, 'righted')).toHaveLength(1);
    expect(await found(storage, 'ahead')).toEqual([]);
  });

  test('of this namespace alone, and more of them than one statement deletes', async () => {
    const path = newPath();
    const [storage, other] = [
      openStorage({ path, driver }), openStorage({ path, driver, namespace: 'other' }),
    ] as const;
    await other.set(written('key', 86_400_000));
    await Promise.all(samples(1100, () => ({ createdAtMs: NOW_MS + 86_400_000 })).map((each) => storage.set(each)));
    expect(await storage.deleteExpired(NOW_MS)).toBe(1100);
    expect(await found(other, 'key')).toHaveLength(1);
  });
});
