/** Storages on disk get rid of what nothing can use any more, behind a write, without being told to. */
import { FilesystemStorage } from '../../lib/filesystem.js';
import type { CacheStorage } from '../../lib/index.js';
import { SqliteStorage } from '../../lib/sqlite.js';
import { sample } from '../../lib/storage/contract/rule.js';
import { newDirectory } from '../support/filesystem.js';
import { all } from '../support/listing.js';
import { newPath } from '../support/sqlite.js';

const STORAGES: readonly (readonly [string, () => () => CacheStorage])[] = [
  ['SQLite', () => { const path = newPath(); return () => new SqliteStorage(path); }],
  ['files', () => { const directory = newDirectory(); return () => new FilesystemStorage(directory); }],
];

describe.each(STORAGES)('on %s', (_name, start) => {
  const PAST = Date.UTC(2020, 0);
  const keysIn = async (storage: CacheStorage) => (await all(storage.entries())).map(({ key }) => key).sort();
  const entry = (key: string, purgeAtMs: number, createdAtMs = PAST) => sample({ key, createdAtMs, purgeAtMs });

  test('the first write removes what is past its time, and nothing else, at most once an hour', async () => {
    const open = start();
    const before = open();
    await before.set(entry('first', Infinity));
    for (let index = 0; index < 600; index += 1) await before.set(entry(`old ${index}`, PAST + 1000));
    await before.set(entry('kept', Date.UTC(2100, 0)));
    await before.close();
    const storage = open();
    await storage.set(entry('new', Infinity, Date.now()));
    while ((await keysIn(storage)).length > 3) await new Promise(setImmediate);
    await storage.set(entry('due later', PAST + 1000));
    expect(await keysIn(storage)).toEqual(['due later', 'first', 'kept', 'new']);
    await storage.close();
  });

  test('a clock that is ahead removes nothing before its time, and closing ends the search', async () => {
    const open = start();
    const before = open();
    await before.set(entry('tomorrow', Date.now() + 86_400_000));
    await before.close();
    const storage = open();
    await storage.set(entry('ahead', Infinity, Date.UTC(2100, 0)));
    await storage.close();
    const after = open();
    expect(await keysIn(after)).toEqual(['ahead', 'tomorrow']);
    await after.close();
  });
});
