/** This package, over each of its storages. */
import { join } from 'node:path';
import type { CacheOptions, CacheStorage } from 'axios-client-cache';
import type { SqliteDriverName } from 'axios-client-cache/sqlite';
import { Absent, type Candidate, type Setting } from './candidate.js';
import { clientOf, createInstance } from './on-axios.js';

const common = { reaches: 'once', needsServer: false, package: undefined } as const;

/** `expireAfter` plays no part where the origin names a lifetime, as it does here. */
const OPTIONS: CacheOptions = { expireAfter: '1h' };

async function memoryStorage({ maxEntries }: Setting): Promise<CacheStorage> {
  const { MemoryStorage } = await import('axios-client-cache');
  return new MemoryStorage(maxEntries === undefined ? {} : { maxEntries, maxBytes: Number.MAX_SAFE_INTEGER });
}

async function sqliteStorage({ folder }: Setting, driver: SqliteDriverName): Promise<CacheStorage> {
  const { SqliteStorage } = await import('axios-client-cache/sqlite');
  try {
    return new SqliteStorage({ path: join(folder, 'cache.sqlite'), driver, maxBytes: Infinity });
  } catch (error) {
    throw new Absent(`${driver} cannot be had here`, { cause: error });
  }
}

type MakeStorage = (setting: Setting) => Promise<CacheStorage>;

/** An option that this version does not know makes the candidate absent. */
const opening =
  (makeStorage: MakeStorage, options: CacheOptions = OPTIONS): Candidate['open'] =>
  async (setting) => {
    const { isCacheError, setupCache } = await import('axios-client-cache');
    const storage = await makeStorage(setting);
    try {
      const instance = setupCache(createInstance(setting), { ...options, storage });
      return clientOf(instance, { clear: () => instance.cache.clear(), close: () => instance.cache.close() });
    } catch (error) {
      if (!isCacheError(error) || error.code !== 'ERR_CACHE_OPTION') throw error;
      throw new Absent('setupCache does not take its options', { cause: error });
    }
  };

export const ours: Candidate = {
  ...common,
  title: 'axios-client-cache',
  about: 'This package with its storage in memory. Each caller gets data of its own, made from the stored answer.',
  data: 'own',
  open: opening(memoryStorage),
};

export const oursFrozen: Candidate = {
  ...common,
  title: 'axios-client-cache, frozenData',
  about: 'The same with `frozenData: true`: all callers hold one object, which nobody can change.',
  data: 'frozen',
  open: opening(memoryStorage, { ...OPTIONS, frozenData: true }),
};

export const oursHeard: Candidate = {
  ...common,
  title: 'axios-client-cache, onEvent',
  about: 'This package with a function as `onEvent`, which is told of each request and does nothing.',
  data: 'own',
  open: opening(memoryStorage, { ...OPTIONS, onEvent: () => undefined }),
};

export const oursTraced: Candidate = {
  ...common,
  title: 'axios-client-cache, tracing channel',
  about: 'This package with a subscriber of the tracing channel `axios-client-cache:request` that does nothing.',
  data: 'own',
  async open(setting) {
    const { tracingChannel } = await import('node:diagnostics_channel');
    const ignore = (): void => undefined;
    const subscribers = { start: ignore, end: ignore, asyncStart: ignore, asyncEnd: ignore, error: ignore };
    // Each candidate has a process of its own, so that nobody else is traced.
    tracingChannel('axios-client-cache:request').subscribe(subscribers);
    return ours.open(setting);
  },
};

export const oursSqlite3: Candidate = {
  ...common,
  title: 'axios-client-cache, sqlite3',
  about: 'This package over a file of SQLite by the driver `sqlite3`, which works in other threads.',
  data: 'own',
  open: opening((setting) => sqliteStorage(setting, 'sqlite3')),
};

export const oursNodeSqlite: Candidate = {
  ...common,
  title: 'axios-client-cache, node:sqlite',
  about: 'This package over a file of SQLite by `node:sqlite`, which works in the thread of the program.',
  data: 'own',
  open: opening((setting) => sqliteStorage(setting, 'node:sqlite')),
};
