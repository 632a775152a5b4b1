/**
 * What former versions have left in a storage: this one answers with it or misses cleanly, and goes on from there.
 * The files were written by the lib/ of the commit in their names, one for each change of a format.
 */
import { cpSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import axios from 'axios';
import { FilesystemStorage } from '../../lib/filesystem.js';
import { type CacheEvent, type CacheStorage, setupCache } from '../../lib/index.js';
import { SqliteStorage } from '../../lib/sqlite.js';
import { fromMap, KeyValueStorage } from '../../lib/storage.js';
import { root } from '../support/root.js';

const fixtures = join(root, '__tests__/fixtures/upgrade');
let folder: string;

beforeEach(() => { folder = mkdtempSync(join(tmpdir(), 'upgrade-')); });
afterEach(() => { rmSync(folder, { recursive: true, force: true }); });

/** A copy, as the fixture must stay as it is. */
function copied(name: string): string {
  cpSync(join(fixtures, name), join(folder, name), { recursive: true });
  return join(folder, name);
}

function keyValueOf(name: string): KeyValueStorage {
  const written = JSON.parse(readFileSync(join(fixtures, name), 'utf8')) as Record<string, string>;
  const bytesOf = (text: string): Uint8Array => new Uint8Array(Buffer.from(text, 'base64'));
  return new KeyValueStorage(fromMap(new Map(Object.entries(written).map(([key, text]) => [key, bytesOf(text)]))));
}

const FORMER: Readonly<Record<string, unknown>> = {
  '/users': { 'written by': 'a former version' },
  '/varied': 'auf Deutsch, von früher',
  '/me': { name: 'Ada' },
};
const REQUESTS = [
  { url: '/users' },
  { url: '/varied', headers: { 'Accept-Language': 'de' } },
  { url: '/me', headers: { Authorization: 'Bearer of Ada' } },
];

/** Whether a version that wrote so is understood by this one. */
type Expected = 'hits' | 'misses';

const ROWS: readonly (readonly [name: string, expected: Expected, open: () => CacheStorage])[] = [
  ['sqlite-ec016d3.sqlite', 'misses', () => new SqliteStorage(copied('sqlite-ec016d3.sqlite'))],
  ['sqlite-56ad473.sqlite', 'misses', () => new SqliteStorage(copied('sqlite-56ad473.sqlite'))],
  ['sqlite-371da51.sqlite', 'misses', () => new SqliteStorage(copied('sqlite-371da51.sqlite'))],
  ['sqlite-ba880ad.sqlite', 'misses', () => new SqliteStorage(copied('sqlite-ba880ad.sqlite'))],
  ['sqlite-fd85737.sqlite', 'hits', () => new SqliteStorage(copied('sqlite-fd85737.sqlite'))],
  ['sqlite-a2a4995.sqlite', 'hits', () => new SqliteStorage(copied('sqlite-a2a4995.sqlite'))],
  ['files-5ee5629', 'hits', () => new FilesystemStorage(copied('files-5ee5629'))],
  ['files-a2a4995', 'hits', () => new FilesystemStorage(copied('files-a2a4995'))],
  ['key-value-6f9d4a8.json', 'hits', () => keyValueOf('key-value-6f9d4a8.json')],
  ['key-value-a2a4995.json', 'hits', () => keyValueOf('key-value-a2a4995.json')],
];

describe.each(ROWS)('%s: %s', (_name, expected, open) => {
  test('each request is answered, with what was stored or anew, and is a hit from then on', async () => {
    const events: CacheEvent[] = [];
    const asked: unknown[] = [];
    const http = setupCache(
      axios.create({
        baseURL: 'http://api.test',
        adapter: (config) => {
          asked.push(config.url);
          const headers = { 'cache-control': 'max-age=600', 'content-type': 'text/plain' };
          return Promise.resolve({ data: `new ${config.url}`, status: 200, statusText: 'OK', headers, config });
        },
      }),
      { storage: open(), onEvent: (event) => { events.push(event); } },
    );
    const isHit = expected === 'hits';
    for (const request of REQUESTS) {
      const { data, cached } = await http.get<unknown>(request.url, request);
      expect([cached, data]).toEqual([isHit, isHit ? FORMER[request.url] : `new ${request.url}`]);
    }
    expect(asked).toEqual(isHit ? [] : REQUESTS.map(({ url }) => url));
    for (const request of REQUESTS) expect((await http.get(request.url, request)).cached).toBe(true);
    const other = await http.get<unknown>('/me', { headers: { Authorization: 'Bearer of Bob' } });
    expect([other.cached, other.data]).toEqual([false, 'new /me']);
    expect(await http.cache.delete('/users')).toBe(1);
    expect((await http.get('/users')).cached).toBe(false);
    expect(events.filter(({ type }) => type === 'storage-error')).toEqual([]);
    await http.cache.close();
  });
});
