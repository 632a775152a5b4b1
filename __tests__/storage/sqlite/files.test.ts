/** What lies at the path of a SqliteStorage: who may read it, and what is no database. */
import {
  chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, renameSync, statSync, symlinkSync, writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { sample, samples, setAll } from '../../../lib/storage/contract/rule.js';
import type { SqliteStorage } from '../../../lib/storage/sqlite/sqlite.js';
import { startCached, told } from '../../support/cached-instance.js';
import { DRIVERS, filesBy, found, newPath, openStorage } from '../../support/sqlite.js';

const modeOf = (path: string): string => (statSync(path).mode & 0o777).toString(8);
/** The mode of each file in the folder of `path`. */
const modesBeside = (path: string): Record<string, string> =>
  Object.fromEntries(readdirSync(dirname(path)).sort().map((name) => [name, modeOf(join(dirname(path), name))]));

/** A path in a folder that is there. */
function pathInFolder(): string {
  const path = newPath();
  mkdirSync(dirname(path), { recursive: true });
  return path;
}

describe.each(DRIVERS)('by %s', (driver) => {
  const { execute, query, withFile } = filesBy(driver);
  const open = (path: string): SqliteStorage => openStorage({ path, driver });

  describe('nobody but the owner may read', () => {
    const [CACHE, WAL, SHM] = ['cache.sqlite', 'cache.sqlite-wal', 'cache.sqlite-shm'];

    test('a new file, nor what lies beside it', async () => {
      const path = newPath();
      const former = process.umask(0);
      try {
        const storage = open(path);
        await storage.set(sample());
        expect(modesBeside(path)).toEqual({ [CACHE]: '600', [WAL]: '600', [SHM]: '600' });
        await storage.close();
        expect(modesBeside(path)).toEqual({ [CACHE]: '600' });
      } finally {
        process.umask(former);
      }
    });

    test('an empty file, and a cache that everybody could read until now, with what lies beside it', async () => {
      const path = pathInFolder();
      writeFileSync(path, '', { mode: 0o644 });
      chmodSync(path, 0o666);
      const first = open(path);
      await first.set(sample());
      expect(modesBeside(path)).toEqual({ [CACHE]: '600', [WAL]: '600', [SHM]: '600' });
      for (const end of ['', '-wal', '-shm']) chmodSync(path + end, 0o644);
      const second = open(path);
      await found(second, 'key');
      expect(modesBeside(path)).toEqual({ [CACHE]: '600', [WAL]: '600', [SHM]: '600' });
    });

    test('a file that a link leads to, and that was not there yet', async () => {
      const path = pathInFolder();
      symlinkSync(`${path}.target`, path);
      await open(path).set(sample());
      expect(modeOf(`${path}.target`)).toBe('600');
    });

    test('a file that was made anew in use', async () => {
      const path = newPath();
      const storage = open(path);
      await storage.set(sample());
      for (const end of ['', '-wal', '-shm']) renameSync(path + end, `${path}.away${end}`);
      await storage.set(sample());
      expect([modeOf(path), modeOf(`${path}-wal`)]).toEqual(['600', '600']);
    });

    test('a damaged file that was put aside, nor the new one', async () => {
      const path = pathInFolder();
      writeFileSync(path, 'SQLite format 3\0'.padEnd(9000, 'x'), { mode: 0o644 });
      await open(path).set(sample());
      const modes = modesBeside(path);
      expect(Object.keys(modes).map((name) => name.replace(/\d{17}/, 'TIME'))).toEqual([
        CACHE, WAL, SHM, `${CACHE}.corrupt-TIME`,
      ].sort());
      expect(new Set(Object.values(modes))).toEqual(new Set(['600']));
    });

    test('but a database with tables of an application is as readable as it was', async () => {
      const path = pathInFolder();
      await execute(path, 'CREATE TABLE users (name)');
      chmodSync(path, 0o640);
      const storage = open(path);
      await storage.set(sample());
      expect(await found(storage, 'key')).toEqual([sample()]);
      expect(modeOf(path)).toBe('640');
    });
  });

  describe('a file that is no database', () => {
    const SOMETHING = 'SQLite format 3\0'.padEnd(4096, '.');
    test.each<[name: string, content: string | Buffer]>([
      ['notes', '{"notes":["buy milk"]}\n'],
      ['a page of notes', JSON.stringify({ notes: 'milk '.repeat(2000) })],
      ['one byte', 'x'],
      ['one byte, as a database begins', 'S'],
      ['one byte of nothing', '\0'],
      ['a line break', '\n'],
      ['sixteen bytes', '0123456789abcdef'],
      ['a program', Buffer.from([0x7f, 0x45, 0x4c, 0x46, 2, 1, 1, 0, 0, 0, 0, 0])],
      ['a picture with zeros', Buffer.concat([Buffer.from('\x89PNG\r\n', 'latin1'), Buffer.alloc(10_000)])],
      ['an encrypted database', Buffer.from(samples(500).map((_, index) => (index * 7919 + 13) % 251))],
      ['a dump of a cache', 'CREATE TABLE axios_cache_v3_entries (id INTEGER PRIMARY KEY);\n'.repeat(100)],
      ['an archive with a cache in it', `cache.sqlite${'\0'.repeat(500)}${SOMETHING}CREATE TABLE axios_cache_v3_tags`],
      ['zeros, and something after them', Buffer.concat([Buffer.alloc(2000), Buffer.from('photo')])],
    ])('%s: an error of the constructor, and not a byte changes', (_name, content) => {
      const path = pathInFolder();
      writeFileSync(path, content, { mode: 0o640 });
      const before = statSync(path);
      expect(() => open(path)).toThrow(expect.objectContaining({
        name: 'CacheError',
        code: 'ERR_CACHE_OPTION',
        option: 'path',
        message: expect.stringContaining(`${path} is no SQLite database. Nothing in it was changed.`) as string,
      }));
      expect(readFileSync(path)).toEqual(Buffer.from(content));
      expect(readdirSync(dirname(path))).toEqual(['cache.sqlite']);
      const { mode, mtimeMs, ino } = statSync(path);
      expect({ mode, mtimeMs, ino }).toEqual({ mode: before.mode, mtimeMs: before.mtimeMs, ino: before.ino });
    });

    test('behind a link: the same', () => {
      const path = pathInFolder();
      writeFileSync(`${path}.target`, 'notes');
      symlinkSync(`${path}.target`, path);
      expect(() => open(path)).toThrow('is no SQLite database');
      expect(readFileSync(path, 'utf8')).toBe('notes');
    });

    test.each(['x', 'notes that somebody has just written'])(
      'written after the constructor (%s): requests are answered without the cache, and it stays',
      async (content) => {
        const path = pathInFolder();
        const { http, events } = await startCached({ '/': { body: 'x' } }, { storage: open(path), expireAfter: '1h' });
        writeFileSync(path, content);
        for (const _time of [1, 2]) expect((await http.get('/')).data).toBe('x');
        await http.cache.close();
        expect(readFileSync(path, 'utf8')).toBe(content);
        expect(readdirSync(dirname(path))).toEqual(['cache.sqlite']);
        expect(events.find(({ type }) => type === 'storage-error')).toMatchObject({
          error: { code: 'ERR_CACHE_STORAGE', message: expect.stringContaining('is no SQLite database') as string },
        });
      },
    );

    test('an empty file is one that nothing was written into yet', async () => {
      const path = pathInFolder();
      writeFileSync(path, '');
      const { http } = await startCached({ '/': { body: 'x' } }, { storage: open(path), expireAfter: '1h' });
      await http.get('/');
      expect(told(await http.get('/'))).toBe('hit fresh');
    });
  });

  test('a journal that is left beside a damaged file does not damage the new one', async () => {
    const path = pathInFolder();
    // A journal of a database that is gone, which SQLite would roll back into what it finds.
    await execute(path, "PRAGMA journal_mode = DELETE; CREATE TABLE t (x); INSERT INTO t VALUES ('old')");
    await withFile(path, async (other) => {
      await other.exec("PRAGMA cache_size = 1; BEGIN; UPDATE t SET x = 'new'; CREATE TABLE u (x)");
      if (existsSync(`${path}-journal`)) writeFileSync(`${path}.saved`, readFileSync(`${path}-journal`));
      await other.exec('ROLLBACK');
    });
    writeFileSync(path, 'SQLite format 3\0'.padEnd(8192, 'x'));
    renameSync(`${path}.saved`, `${path}-journal`);
    const storage = open(path);
    await setAll(storage, samples(3));
    await storage.close();
    expect(await found(open(path), 'key 1')).toHaveLength(1);
    expect(await query(path, 'PRAGMA integrity_check')).toEqual([{ integrity_check: 'ok' }]);
  });

  test('a second storage on an open file takes no lock away from the first', async () => {
    const path = newPath();
    const first = open(path);
    await first.set(sample());
    await found(first, 'key');
    const second = open(path);
    await found(second, 'key');
    await second.close();
    // Had the locks been lost, the second would have been the last to close, and the log of the first would be gone.
    expect(existsSync(`${path}-wal`)).toBe(true);
    await first.set(sample({ key: 'other' }));
    await first.close();
    expect(await found(open(path), 'other')).toHaveLength(1);
  });
});
