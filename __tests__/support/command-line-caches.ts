/** Caches for the tests of the command line: what they hold, and where they are. */
import axios from 'axios';
import { FilesystemStorage } from '../../lib/filesystem.js';
import { type CacheStorage, setupCache } from '../../lib/index.js';
import { SqliteStorage } from '../../lib/sqlite.js';
import { HarStorage } from '../../lib/testing.js';
import type { Origin } from './origin.js';
import { until } from '../../services/until.js';

export const SECRET = 'secret-of-a-cookie';
export const PAGES = {
  '/users': {
    headers: { 'Cache-Control': 'max-age=3600', ETag: '"1"', 'Set-Cookie': `sid=${SECRET}` },
    body: [{ name: 'Ada' }],
  },
  '/old': { headers: { 'Cache-Control': 'max-age=0', ETag: '"2"', 'Content-Type': 'text/plain' }, body: 'old news' },
  '/large': { headers: { 'Content-Type': 'text/plain' }, body: 'x'.repeat(20_000) },
};

/** Asks an origin for pages as a program does, so that they are in a storage, and closes that. */
export async function fillFrom(
  origin: Origin,
  storage: CacheStorage,
  paths: readonly string[] = Object.keys(PAGES),
): Promise<void> {
  const http = setupCache(axios.create({ baseURL: origin.url }), { storage, expireAfter: '1 day', tags: ['pages'] });
  // Until it is connected to a server, which takes its time on a busy machine, a storage keeps nothing.
  await until(() => http.cache.count(), { limitMs: 30_000 });
  for (const path of paths) await http.get(path);
  if (storage instanceof HarStorage) await storage.finish();
  await http.cache.close();
}

/** Storages that are files, by the names of these. */
export const PLACES: Readonly<Record<string, (path: string) => CacheStorage>> = {
  'cache.sqlite': (path) => new SqliteStorage(path),
  'cache-folder': (path) => new FilesystemStorage(path),
  'cache.har': (path) => new HarStorage(path),
};
