/** Opens a storage by what stands on the command line: a path, a URL, or a module that exports an instance. */
import { existsSync, openSync, closeSync, readSync, statSync } from 'node:fs';
import { extname, join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { CacheManager, CacheStorage } from 'axios-client-cache';
import { inTime, lineOf, UsageError, withoutPassword } from './faults.js';

export interface Opened {
  readonly storage: CacheStorage;
  /** As it may be shown. */
  readonly place: string;
  /** The manager of the instance that a module exports. */
  readonly manager?: CacheManager | undefined;
  /** Writes what is still to be written, where the storage has such a thing, and closes it. */
  close(options?: { readonly finish?: boolean }): Promise<void>;
}

export interface OpenOptions {
  readonly namespace?: string | undefined;
  /** Where the storage need not be there yet, as it is written to. */
  readonly create?: boolean | undefined;
}

/** @throws UsageError where there is no such storage, or no driver for it. */
export async function openStorage(given: string, options: OpenOptions = {}): Promise<Opened> {
  const place = withoutPassword(given);
  try {
    return await (isUrl(given) ? openUrl(given, place, options) : openPath(given, place, options));
  } catch (error) {
    if (error instanceof UsageError) throw error;
    throw new UsageError(`${place}: ${lineOf(error)}`);
  }
}

const isUrl = (text: string): boolean => /^[a-z][a-z0-9+.-]+:\/\//i.test(text);

async function openUrl(url: string, place: string, { namespace }: OpenOptions): Promise<Opened> {
  const named = namespace === undefined ? {} : { namespace };
  if (/^rediss?:/i.test(url)) {
    const { RedisStorage } = await import('axios-client-cache/redis');
    return opened(new RedisStorage({ url, ...named }), place);
  }
  if (/^mongodb(\+srv)?:/i.test(url)) {
    const { MongoStorage } = await import('axios-client-cache/mongo');
    return opened(new MongoStorage({ url, ...named }), place);
  }
  throw new UsageError(`${place} is no storage: give a path, redis:// or mongodb://, or a module.`);
}

async function openPath(path: string, place: string, { namespace, create = false }: OpenOptions): Promise<Opened> {
  const named = namespace === undefined ? {} : { namespace };
  const extension = extname(path).toLowerCase();
  const isThere = existsSync(path);
  if (!isThere && !create) throw new UsageError(`there is no ${place}.`);
  if (/^\.[cm]?[jt]s$/.test(extension)) return openModule(path, place);
  if (extension === '.har') {
    const { HarStorage } = await import('axios-client-cache/testing');
    const storage = new HarStorage({ file: path });
    return opened(storage, place, () => storage.finish());
  }
  const isFolder = isThere ? statSync(path).isDirectory() : !/^\.(sqlite3?|db)$/.test(extension);
  if (isFolder) {
    // A folder of other files is not to become a cache by a look into it.
    if (isThere && !create && !existsSync(join(path, 'v1'))) throw new UsageError(`${place} holds no cache.`);
    const { FilesystemStorage } = await import('axios-client-cache/filesystem');
    return opened(new FilesystemStorage({ directory: path, ...named }), place);
  }
  // The storage puts a damaged file aside, which must not happen to a file that is none of a cache.
  if (isThere && !isSqlite(path)) throw new UsageError(`${place} is no SQLite file.`);
  const { SqliteStorage } = await import('axios-client-cache/sqlite');
  return opened(new SqliteStorage({ path, ...named }), place);
}

function isSqlite(path: string): boolean {
  const magic = Buffer.alloc(15);
  const file = openSync(path, 'r');
  try {
    const { size } = statSync(path);
    return size === 0 || (readSync(file, magic, 0, magic.length, 0) > 0 && magic.toString() === 'SQLite format 3');
  } finally {
    closeSync(file);
  }
}

function opened(storage: CacheStorage, place: string, finish?: () => Promise<void>): Opened {
  return {
    storage,
    place,
    async close(options) {
      if (options?.finish === true) await finish?.();
      await inTime(storage.close());
    },
  };
}

async function openModule(path: string, place: string): Promise<Opened> {
  let exported: Readonly<Record<string, unknown>>;
  try {
    exported = (await import(pathToFileURL(resolve(path)).href)) as Readonly<Record<string, unknown>>;
  } catch (error) {
    const isTypeScript = /\.[cm]?ts$/.test(path) && (error as NodeJS.ErrnoException).code === 'ERR_UNKNOWN_FILE_EXTENSION';
    throw new UsageError(
      isTypeScript ? `${place}: this Node cannot load TypeScript; 22.18 and later do.` : `${place}: ${lineOf(error)}`,
    );
  }
  const inner = exported['default'] as Readonly<Record<string, unknown>> | undefined;
  // CommonJS modules have their exports in the default one.
  const candidates = [inner, ...Object.values(exported), ...Object.values(inner ?? {})];
  const manager = candidates.map((each) => (each as { cache?: CacheManager } | undefined)?.cache).find(isManager);
  if (manager === undefined) throw new UsageError(`${place} exports no axios instance with a cache.`);
  return { storage: manager.storage, place, manager, close: () => manager.close() };
}

const isManager = (value: CacheManager | undefined): value is CacheManager =>
  typeof value === 'object' && typeof (value as Partial<CacheManager>).storage?.entries === 'function';

/** Where caches usually are, seen from the working directory. */
const USUAL_PLACES = [
  'http-cache.sqlite', 'http-cache', 'cache.sqlite', '.cache/http-cache.sqlite', '.cache/http-cache', '.http-cache',
];

/** Gives the storages that are found in the usual places, as one would name them. */
export function findStorages(): string[] {
  const isCache = (path: string): boolean => {
    if (!existsSync(path)) return false;
    return statSync(path).isDirectory() ? existsSync(join(path, 'v1')) : isSqlite(path);
  };
  const servers = ['REDIS_URL', 'MONGO_URL'].map((name) => withoutPassword(process.env[name] ?? ''));
  return [...USUAL_PLACES.filter(isCache), ...servers.filter((url) => url !== '')];
}
