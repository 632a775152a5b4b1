/** The client under test: an axios instance with the cache as configured, or without one as a baseline. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import axios, { type AxiosInstance } from 'axios';

export const STORAGES = ['memory', 'sqlite'] as const;
export const ADAPTERS = ['http', 'fetch'] as const;
export const OPTIONS = ['rfc9111', 'default', 'none'] as const;

export interface Configuration {
  readonly storage: (typeof STORAGES)[number];
  readonly adapter: (typeof ADAPTERS)[number];
  /** `none`: axios alone. */
  readonly options: (typeof OPTIONS)[number];
  readonly shared: boolean;
}

export interface Subject {
  readonly http: AxiosInstance;
  close(): Promise<void>;
}

export async function createSubject(configuration: Configuration): Promise<Subject> {
  const http = axios.create({ adapter: configuration.adapter, proxy: false });
  return configuration.options === 'none'
    ? { http, close: () => Promise.resolve() }
    : installCache(http, configuration);
}

/**
 * Imported late, so that the baseline runs without the library. `partition: false`: the suite thinks of one cache for
 * everybody, in which a Cookie on the second request changes nothing.
 */
async function installCache(
  instance: AxiosInstance,
  { storage: kind, options, shared }: Configuration,
): Promise<Subject> {
  const { setupCache, rfc9111, MemoryStorage } = await import('../lib/index.js');
  const directory = kind === 'sqlite' ? await mkdtemp(join(tmpdir(), 'conformance-')) : undefined;
  const storage = directory === undefined ? new MemoryStorage() : await openSqlite(join(directory, 'cache.sqlite'));
  const preset = options === 'rfc9111' ? rfc9111 : {};
  const http = setupCache(instance, { ...preset, storage, shared, partition: false });
  const close = async (): Promise<void> => {
    await http.cache.close();
    if (directory !== undefined) await rm(directory, { recursive: true, force: true });
  };
  return { http, close };
}

async function openSqlite(path: string) {
  const { SqliteStorage } = await import('../lib/sqlite.js');
  return new SqliteStorage(path);
}
