/** SqliteStorage in files of its own, and the same files reached past it: to look into them, and to damage them. */
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { lookUp, type StorageEngine } from '../../lib/storage/contract/rule.js';
import type { CacheError } from '../../lib/api/errors.js';
import {
  readAll,
  type SqliteDatabase,
  type SqliteDriverName,
  type SqliteRow,
} from '../../lib/storage/sqlite/database.js';
import { loadDriver } from '../../lib/storage/sqlite/drivers.js';
import { SqliteStorage } from '../../lib/storage/sqlite/sqlite.js';
import type { SqliteStorageOptions } from '../../lib/storage/sqlite/options.js';
import type { CacheStorage, StoredEntry } from '../../lib/api/storage.js';

const hasNodeSqlite = process.getBuiltinModule('node:sqlite' as 'node:fs') !== undefined;

/** The drivers that the running Node has. */
export const DRIVERS: readonly SqliteDriverName[] = hasNodeSqlite ? ['sqlite3', 'node:sqlite'] : ['sqlite3'];

let folder: string | undefined;
let count = 0;
let opened: CacheStorage[] = [];

afterEach(async () => {
  const closing = opened;
  opened = [];
  await Promise.all(closing.map(async (storage) => storage.close()));
});
afterAll(() => {
  if (folder !== undefined) rmSync(folder, { recursive: true, force: true });
});

/** Where no file is yet; the folder goes after the tests. */
export function newPath(name = 'cache.sqlite'): string {
  folder ??= mkdtempSync(join(tmpdir(), 'sqlite-storage-'));
  count += 1;
  return join(folder, String(count), name);
}

/** A storage that is closed after the test. */
export function openStorage(options: string | SqliteStorageOptions): SqliteStorage {
  const storage = new SqliteStorage(options);
  opened.push(storage);
  return storage;
}

/** What is stored under `key`. */
export const found = async (storage: CacheStorage, key: string): Promise<readonly StoredEntry[]> =>
  (await lookUp(storage, key)).entries;

/** What `storage` reports from now on. */
export function problemsOf(storage: SqliteStorage): readonly (readonly [operation: string, error: CacheError])[] {
  const problems: [string, CacheError][] = [];
  storage.onProblem((operation, error) => problems.push([operation, error]));
  return problems;
}

/**
 * Works on files past their storage, by the same driver: two copies of SQLite in one process do not see each other's
 * locks.
 */
export function filesBy(driver: SqliteDriverName) {
  const withFile = async <T>(path: string, work: (database: SqliteDatabase) => Promise<T>): Promise<T> => {
    mkdirSync(dirname(path), { recursive: true });
    const database = await loadDriver(driver).open(path);
    try {
      return await work(database);
    } finally {
      await database.close();
    }
  };
  const query = (path: string, sql: string): Promise<readonly SqliteRow[]> =>
    withFile(path, async (database) => (await readAll(database, sql)).map((row) => ({ ...row })));
  const execute = (path: string, sql: string): Promise<void> => withFile(path, (database) => database.exec(sql));
  return { withFile, query, execute };
}

/** What the storage contract needs of a driver: each storage in a file of its own. */
export function engineOf(
  driver: SqliteDriverName,
  shared: SqliteStorageOptions = {},
): { create: () => CacheStorage; engine: StorageEngine } {
  const { execute } = filesBy(driver);
  const paths = new WeakMap<CacheStorage, string>();
  const open = (path: string, options: SqliteStorageOptions = {}): CacheStorage => {
    const storage = new SqliteStorage({ path, driver, ...shared, ...options });
    paths.set(storage, path);
    return storage;
  };
  const pathOf = (storage: CacheStorage): string => paths.get(storage) ?? '';
  const reopen = (storage: CacheStorage): CacheStorage => open(pathOf(storage));
  const reopenAfter = (sql: string) => async (storage: CacheStorage) => {
    await execute(pathOf(storage), sql);
    return reopen(storage);
  };
  return {
    create: () => open(newPath()),
    engine: {
      reopen,
      reopenFenced: reopen,
      reopenAtomic: reopen,
      reopenWithRevisions: reopen,
      reopenWithoutTokens: reopenAfter('DELETE FROM axios_cache_v3_state; DELETE FROM axios_cache_v3_invalidations'),
      openOtherNamespace: (storage) => open(pathOf(storage), { namespace: 'other' }),
      reopenInOtherFormat: reopenAfter(
        "UPDATE axios_cache_v3_entries SET fields = CAST(x'ACCAFF' || substr(fields, 4) AS BLOB)",
      ),
      reopenDamaged: reopenAfter(`UPDATE axios_cache_v3_entries SET fields = CASE id % 3
        WHEN 0 THEN substr(fields, 1, 40) WHEN 1 THEN CAST(fields AS TEXT) ELSE x'' END`),
      reopenLimited: (storage) => open(pathOf(storage), { maxBytes: 50_000 }),
    },
  };
}
