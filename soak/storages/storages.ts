/** The storages that several processes can be soaked on, by name. A new one is a row here. */
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { FilesystemStorage } from 'axios-client-cache/filesystem';
import { SqliteStorage, type SqliteDriverName } from 'axios-client-cache/sqlite';
import { mongo, redis, redisCluster, redisEvicting } from './network.js';
import type { SoakStorage } from './soak-storage.js';

const sqliteBy = (driver: SqliteDriverName): SoakStorage => ({
  prepare: async () => {
    const folder = mkdtempSync(join(tmpdir(), 'soak-sqlite-'));
    return {
      address: join(folder, 'cache.sqlite'),
      damage: async () => readdirSync(folder).filter((name) => name.includes('.corrupt-')),
      remove: async () => { rmSync(folder, { recursive: true, force: true }); },
    };
  },
  open: (path) => new SqliteStorage({ path, driver, busyTimeout: '20s' }),
});

const filesystem: SoakStorage = {
  prepare: async () => {
    const folder = mkdtempSync(join(tmpdir(), 'soak-filesystem-'));
    return {
      address: join(folder, 'cache'),
      damage: async () => [],
      remove: async () => { rmSync(folder, { recursive: true, force: true }); },
    };
  },
  open: (directory) => new FilesystemStorage({ directory }),
  loseTokens: async (directory) => {
    try {
      const names = readdirSync(directory, { recursive: true, encoding: 'utf8' });
      const tokens = names.filter((name) => basename(name) === 'token');
      const token = tokens[Math.floor(Math.random() * tokens.length)];
      if (token !== undefined) rmSync(join(directory, token), { force: true });
    } catch {
      // A folder went while it was looked into.
    }
  },
};

const STORAGES: Readonly<Record<string, SoakStorage>> = {
  filesystem,
  redis,
  'redis-cluster': redisCluster,
  'redis-evicting': redisEvicting,
  mongo,
  sqlite: sqliteBy('sqlite3'),
  'node:sqlite': sqliteBy('node:sqlite'),
};

export function soakStorage(name: string | undefined): SoakStorage {
  const storage = STORAGES[name ?? ''];
  if (storage === undefined) throw new Error(`--storage is one of ${Object.keys(STORAGES).join(', ')}`);
  return storage;
}
