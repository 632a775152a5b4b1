/** SqliteStorage on each driver that this Node has: the contract, and what is special to a file. */
import {
  copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync,
} from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { sample, samples, setAll, withoutBody } from '../../../lib/storage/contract/rule.js';
import { readAll } from '../../../lib/storage/sqlite/database.js';
import { SQL } from '../../../lib/storage/sqlite/statements.js';
import type { SqliteStorage } from '../../../lib/storage/sqlite/sqlite.js';
import type { StoredEntryInfo } from '../../../lib/api/storage.js';
import { FIXTURE_ENTRIES, FIXTURE_META } from '../../fixtures/entries.js';
import { DRIVERS, engineOf, filesBy, found, newPath, openStorage, problemsOf } from '../../support/sqlite.js';
import { describeStorage } from '../contract/describe-storage.js';
import { root } from '../../support/root.js';
import { tellSkipped } from '../../support/unless.js';

if (!DRIVERS.includes('node:sqlite')) tellSkipped('node:sqlite: its tests are', `Node ${process.version} has none`);

const BODY = new Uint8Array(1000);
const bytesOf = (path: string): number => (existsSync(path) ? statSync(path).size : 0);

async function keysOf(storage: SqliteStorage): Promise<string[]> {
  const keys: string[] = [];
  for await (const { key } of storage.entries()) keys.push(key);
  return keys.sort();
}

describe.each(DRIVERS)('by %s', (driver) => {
  const { create, engine } = engineOf(driver);
  const { execute, query, withFile } = filesBy(driver);
  describeStorage(`SQLite by ${driver}`, create, engine);
  const open = (path: string, options: { maxBytes?: number; busyTimeout?: '50ms' } = {}): SqliteStorage =>
    openStorage({ path, driver, ...options });

  describe('a file', () => {
    test('is not there before the first call, and has its folders then', async () => {
      const path = newPath('deep/down/cache.sqlite');
      const storage = open(path);
      expect(existsSync(path)).toBe(false);
      await found(storage, 'key');
      expect(existsSync(path)).toBe(true);
    });

    test('is set to what makes writes fast and safe', async () => {
      const path = newPath();
      await open(path).set(sample());
      expect(await query(path, 'PRAGMA journal_mode')).toEqual([{ journal_mode: 'wal' }]);
      expect(await query(path, 'PRAGMA auto_vacuum')).toEqual([{ auto_vacuum: 2 }]);
    });

    test('is one whole file once it is closed', async () => {
      const path = newPath();
      const storage = open(path);
      await storage.set(sample());
      await storage.close();
      expect(readdirSync(dirname(path))).toEqual([basename(path)]);
    });

    test('in memory is each storage for itself', async () => {
      const [one, other] = [open(':memory:'), open(':memory:')];
      await one.set(sample());
      expect(await found(one, 'key')).toHaveLength(1);
      expect(await found(other, 'key')).toEqual([]);
    });

    test('is not written by reads', async () => {
      const path = newPath();
      const storage = open(path);
      await setAll(storage, samples(10));
      const before = bytesOf(`${path}-wal`);
      for (let times = 0; times < 50; times += 1) await found(storage, `key ${times % 10}`);
      await keysOf(storage);
      expect(bytesOf(`${path}-wal`)).toBe(before);
    });

    test('gets no body written again by touch', async () => {
      const path = newPath();
      const storage = open(path);
      const entry = sample({ body: new Uint8Array(4_000_000).fill(1) });
      await storage.set(entry);
      await execute(path, 'PRAGMA wal_checkpoint(TRUNCATE)');
      expect(await storage.touch(withoutBody({ ...entry, head: 'renewed' }))).toBe(true);
      expect(bytesOf(`${path}-wal`)).toBeGreaterThan(0);
      expect(bytesOf(`${path}-wal`)).toBeLessThan(100_000);
    });

    test('shrinks by deleteExpired and clear', async () => {
      const path = newPath();
      const storage = open(path);
      const bodies = { body: new Uint8Array(100_000) };
      await setAll(storage, [...samples(10, () => ({ ...bodies, purgeAtMs: 1 })), sample(bodies)]);
      await execute(path, 'PRAGMA wal_checkpoint(TRUNCATE)');
      expect(bytesOf(path)).toBeGreaterThan(1_000_000);
      await storage.deleteExpired(1);
      await execute(path, 'PRAGMA wal_checkpoint(TRUNCATE)');
      expect(bytesOf(path)).toBeLessThan(250_000);
      await storage.clear();
      await execute(path, 'PRAGMA wal_checkpoint(TRUNCATE)');
      expect(bytesOf(path)).toBeLessThan(100_000);
    });

    test('that shrinks leaves turns to the rest of the program', async () => {
      const storage = open(newPath());
      await setAll(storage, samples(5, () => ({ body: new Uint8Array(4_000_000) })));
      let turns = 0;
      let counting = setImmediate(function count() {
        turns += 1;
        counting = setImmediate(count);
      });
      await storage.clear();
      clearImmediate(counting);
      expect(turns).toBeGreaterThanOrEqual(5);
    });

    test('loses many entries in chunks, and every one', async () => {
      const storage = open(newPath());
      // Behind its first write the storage looks by itself for what has expired.
      await storage.set(sample());
      await storage.clear();
      await Promise.all(samples(1201, () => ({ purgeAtMs: 1 })).map((entry) => storage.set(entry)));
      expect(await storage.deleteExpired(1)).toBe(1201);
      await Promise.all(samples(1000).map((entry) => storage.set(entry)));
      expect(await storage.delete({ resource: 'resource' })).toBe(1000);
      expect(await keysOf(storage)).toEqual([]);
    });
  });

  describe('maxBytes', () => {
    /** Of `sample` with this body: the fields as a record, and 512. */
    async function limited(maxBytes: number) {
      const path = newPath();
      const storage = open(path, { maxBytes });
      const evicted: StoredEntryInfo[] = [];
      storage.onEvicted((entry) => evicted.push(entry));
      const total = async (): Promise<number> =>
        Number((await query(path, 'SELECT sum(size) AS bytes FROM axios_cache_v3_entries'))[0]?.['bytes']);
      return { storage, evicted, total, path };
    }

    test('is never exceeded', async () => {
      const { storage, total, evicted } = await limited(20_000);
      for (const entry of samples(50, () => ({ body: BODY }))) {
        await storage.set(entry);
        expect(await total()).toBeLessThanOrEqual(20_000);
      }
      expect(await total()).toBeGreaterThan(15_000);
      expect(evicted.length + (await keysOf(storage)).length).toBe(50);
    });

    test('takes those first that were used least recently, and tells', async () => {
      const { storage, evicted } = await limited(20_000);
      const entries = samples(30, (index) => ({ body: BODY, tags: [`tag ${index}`] }));
      await setAll(storage, entries.slice(0, 5));
      await found(storage, 'key 0');
      await storage.touch(withoutBody(entries[1] ?? sample()));
      await setAll(storage, entries.slice(5, 13));
      const [firstEvicted] = evicted;
      const { body, ...fields } = entries[2] ?? sample();
      expect(firstEvicted).toEqual({ ...fields, bodyBytes: body.byteLength });
      expect(await found(storage, 'key 0')).toHaveLength(1);
      expect(await found(storage, 'key 1')).toHaveLength(1);
      expect(await found(storage, 'key 2')).toEqual([]);
    });

    test('what is used is written down after a thousand reads, and at the end', async () => {
      const path = newPath();
      const storage = open(path);
      await setAll(storage, samples(3));
      const inOrder = async (): Promise<unknown[]> =>
        (await query(path, 'SELECT key FROM axios_cache_v3_entries ORDER BY used')).map(({ key }) => key);
      expect(await inOrder()).toEqual(['"key 0"', '"key 1"', '"key 2"']);
      for (let reads = 0; reads < 1000; reads += 1) await found(storage, 'key 0');
      await storage.delete({ key: 'none', resource: 'resource' });
      expect(await inOrder()).toEqual(['"key 1"', '"key 2"', '"key 0"']);
      await found(storage, 'key 1');
      await storage.close();
      expect(await inOrder()).toEqual(['"key 2"', '"key 0"', '"key 1"']);
    });

    test('sets at once take no more with them than there is too much', async () => {
      const { storage, total, evicted } = await limited(200_000);
      await Promise.all(samples(300, () => ({ body: BODY })).map((entry) => storage.set(entry)));
      expect(await total()).toBeLessThanOrEqual(200_000);
      expect(await total()).toBeGreaterThan(180_000);
      expect(evicted.length + (await keysOf(storage)).length).toBe(300);
    });

    test('an entry that alone is too large is told, and nothing goes for it', async () => {
      const { storage, evicted } = await limited(20_000);
      await setAll(storage, [sample({ key: 'small' }), sample({ key: 'large', body: new Uint8Array(20_000) })]);
      expect(evicted.map(({ key, bodyBytes }) => [key, bodyBytes])).toEqual([['large', 20_000]]);
      expect(await keysOf(storage)).toEqual(['small']);
    });

    test('what nothing can use any more goes before what was used least recently, and is no eviction', async () => {
      const { storage, evicted } = await limited(20_000);
      const past = samples(5, (index) => ({ key: `past ${index}`, body: BODY, purgeAtMs: 1000 }));
      const useful = samples(8, (index) => ({ key: `useful ${index}`, body: BODY, createdAtMs: 2000 }));
      await setAll(storage, [...useful.slice(0, 5), ...past, ...useful.slice(5)]);
      expect(await keysOf(storage)).toEqual(useful.map(({ key }) => key));
      expect(evicted).toEqual([]);
    });

    test('counts what other instances wrote', async () => {
      const { storage, path, total } = await limited(20_000);
      await setAll(open(path), samples(50, () => ({ body: BODY })));
      await storage.set(sample());
      expect(await total()).toBeLessThanOrEqual(20_000);
      expect(await found(storage, 'key')).toHaveLength(1);
    });
  });

  describe('a file that is deleted or replaced in use', () => {
    /** An open storage with one entry, and its folder. */
    async function inUse(): Promise<{ storage: SqliteStorage; path: string }> {
      const path = newPath();
      const storage = open(path);
      await storage.set(sample());
      return { storage, path };
    }
    const FILES = ['', '-wal', '-shm'];

    test.each([
      ['the file', (path: string) => { rmSync(path); }],
      ['the file and what lies beside it', (path: string) => { for (const end of FILES) rmSync(path + end); }],
      ['its folder', (path: string) => { rmSync(dirname(path), { recursive: true }); }],
    ])('%s deleted: what is written next is in the file that is there then', async (_name, remove) => {
      const { storage, path } = await inUse();
      const problems = problemsOf(storage);
      remove(path);
      const sets = samples(20).map((entry) => storage.set(entry));
      await Promise.all(sets);
      expect(await found(storage, 'key')).toEqual([]);
      await storage.close();
      expect(await keysOf(open(path))).toHaveLength(20);
      expect(problems).toEqual([]);
    });

    test('deleted, and closed then: nothing is brought back', async () => {
      const { storage, path } = await inUse();
      await found(storage, 'key');
      rmSync(dirname(path), { recursive: true });
      await storage.close();
      expect(existsSync(dirname(path))).toBe(false);
    });

    test('replaced by another: what that one has is seen, by reads alone after a while', async () => {
      const { storage, path } = await inUse();
      const other = open(`${path}.new`);
      await other.set(sample({ head: 'other' }));
      await other.close();
      for (const end of FILES) rmSync(path + end);
      renameSync(`${path}.new`, path);
      for (let reads = 0; reads < 100; reads += 1) await found(storage, 'key');
      expect(await found(storage, 'key')).toEqual([sample({ head: 'other' })]);
    });
  });

  describe('a file that is damaged', () => {
    test.each([
      ['a head without pages', Buffer.from('SQLite format 3\0 and no more of it'.padEnd(200, 'x'))],
      ['a head of which eight bytes are others', Buffer.from('SQLite f--------'.padEnd(4096, '\0'))],
      ['nothing but zeros, as a disk leaves it without power', Buffer.alloc(8192)],
      ['the rest of a cache whose head is overwritten', Buffer.from(`${'#'.repeat(3000)}\0 axios_cache_v3_tags`)],
      ['the first bytes of a head', Buffer.from('SQLi')],
    ])('%s: put aside as it is, told, and a new one begun', async (_name, content) => {
      const path = newPath();
      mkdirSync(dirname(path), { recursive: true });
      writeFileSync(path, content);
      const storage = open(path);
      const problems = problemsOf(storage);
      await storage.set(sample());
      expect(await found(storage, 'key')).toEqual([sample()]);
      const [aside = ''] = readdirSync(dirname(path)).filter((name) => name.includes('.corrupt-'));
      expect(aside).toMatch(/^cache\.sqlite\.corrupt-\d{17}$/);
      expect(readFileSync(join(dirname(path), aside))).toEqual(content);
      expect(problems).toHaveLength(1);
      const [operation, error] = problems[0] ?? [];
      expect([operation, error?.code]).toEqual(['set', 'ERR_CACHE_STORAGE']);
      expect(error?.message).toContain(aside);
    });

    /** A file with entries whose pages behind the first are overwritten. */
    async function damagedFile(): Promise<string> {
      const path = newPath();
      const writer = openStorage({ path, driver });
      await setAll(writer, samples(200, () => ({ body: BODY })));
      await writer.close();
      const bytes = readFileSync(path);
      bytes.fill(0x55, 4096 * 20);
      writeFileSync(path, bytes);
      return path;
    }

    test('found so in use: the calls under way go on with a new one, and it is told once', async () => {
      const path = await damagedFile();
      const storage = open(path);
      const problems = problemsOf(storage);
      const reads = await Promise.all(samples(200).map(async ({ key }) => found(storage, key)));
      expect(reads).toHaveLength(200);
      await storage.set(sample());
      expect(await found(storage, 'key')).toEqual([sample()]);
      expect(problems.map(([, error]) => error.code)).toEqual(['ERR_CACHE_STORAGE']);
      expect(readdirSync(dirname(path)).filter((name) => name.includes('.corrupt-'))).toHaveLength(1);
    });

    test('and replaced by another process: the new one stays', async () => {
      const path = await damagedFile();
      const [first, second] = [open(path), open(path)];
      const problems = [...[first, second].map(problemsOf)];
      await Promise.all([first.meta('a', () => '1'), second.meta('a', () => '2')]);
      for (const { key } of samples(200)) await found(first, key);
      await first.set(sample());
      for (const { key } of samples(200)) await found(second, key);
      expect(await found(second, 'key')).toEqual([sample()]);
      expect(problems.flat()).toHaveLength(1);
    });

    test('a damaged row is told and deleted', async () => {
      const path = newPath();
      const storage = open(path);
      const problems = problemsOf(storage);
      await setAll(storage, samples(4, () => ({ body: BODY })));
      await execute(path, `
        UPDATE axios_cache_v3_entries SET fields = CAST(substr(fields, 1, 40) AS BLOB) WHERE key = '"key 0"';
        UPDATE axios_cache_v3_bodies SET body = x'00' WHERE id = 2;
        UPDATE axios_cache_v3_entries SET key = '"key 9"' WHERE key = '"key 2"';`);
      for (const key of ['key 0', 'key 1', 'key 9']) expect(await found(storage, key)).toEqual([]);
      const told = problems.map(([operation, { code, message }]) => [operation, code, message.replace(/.*: /, '')]);
      expect(told).toEqual([
        ['get', 'ERR_CACHE_RECORD', 'its checksum is another; it is deleted'],
        ['get', 'ERR_CACHE_RECORD', 'it is shorter than a head; it is deleted'],
        ['get', 'ERR_CACHE_RECORD', 'its columns are of another entry; it is deleted'],
      ]);
      await storage.close();
      expect(await query(path, 'SELECT key FROM axios_cache_v3_entries')).toEqual([{ key: '"key 3"' }]);
    });
  });

  test('a damaged meta value is made anew', async () => {
    const path = newPath();
    const storage = open(path);
    await storage.meta('a', () => 'first');
    await execute(path, "UPDATE axios_cache_v3_meta SET value = '\"fir'");
    expect(await storage.meta('a', () => 'second')).toBe('second');
    expect(await storage.meta('a', () => 'third')).toBe('second');
    await execute(path, "UPDATE axios_cache_v3_meta SET value = '5'");
    expect(await storage.meta('a', () => 'fourth')).toBe('fourth');
  });

  describe('a file with other tables', () => {
    test('of an application: they stay, with their settings', async () => {
      const path = newPath();
      await execute(path, "CREATE TABLE users (name TEXT); INSERT INTO users VALUES ('Ada'); PRAGMA user_version = 7;");
      const storage = open(path);
      const problems = problemsOf(storage);
      await storage.set(sample());
      await storage.clear();
      await storage.close();
      expect(await query(path, 'SELECT name FROM users')).toEqual([{ name: 'Ada' }]);
      expect(await query(path, 'PRAGMA user_version')).toEqual([{ user_version: 7 }]);
      expect(await query(path, 'PRAGMA journal_mode')).toEqual([{ journal_mode: 'delete' }]);
      expect(problems).toEqual([]);
    });

    test('of a former version of this package: they go; of a later one: they stay', async () => {
      const path = newPath();
      await execute(path, `
        CREATE TABLE axios_cache_v1_entries (key TEXT); CREATE VIEW axios_cache_v1_whole AS SELECT 1;
        CREATE TABLE axios_cache_v10_entries (key TEXT); CREATE TABLE axios_cache_view (key TEXT);
        CREATE TABLE axios_cache_v2_tags (tag TEXT);`);
      expect(await found(open(path), 'key')).toEqual([]);
      const names = await query(path, "SELECT name FROM sqlite_master WHERE name NOT GLOB '*axios_cache_v3_*'");
      expect(names.map(({ name }) => name)).toEqual(['axios_cache_v10_entries', 'axios_cache_view']);
    });

    test('and ours dropped by somebody: they are made again', async () => {
      const path = newPath();
      const storage = open(path);
      await storage.set(sample());
      await execute(path, 'DROP VIEW axios_cache_v3_whole; DROP TABLE axios_cache_v3_entries;');
      expect(await found(storage, 'key')).toEqual([]);
      await storage.set(sample());
      expect(await found(storage, 'key')).toEqual([sample()]);
    });
  });

  describe('while another connection writes', () => {
    test('reads are answered, and writes wait', async () => {
      const path = newPath();
      const storage = open(path);
      await storage.set(sample());
      await withFile(path, async (other) => {
        await other.exec('BEGIN IMMEDIATE');
        const writes = [storage.set(sample({ head: 'second' })), storage.delete({ resource: 'other' })];
        expect(await found(storage, 'key')).toEqual([sample()]);
        await other.exec('COMMIT');
        await Promise.all(writes);
      });
      expect(await found(storage, 'key')).toEqual([sample({ head: 'second' })]);
    });

    test('for longer than busyTimeout: writes fail, and later ones do not', async () => {
      const path = newPath();
      const storage = open(path, { busyTimeout: '50ms' });
      await found(storage, 'key');
      await withFile(path, async (other) => {
        await other.exec('BEGIN IMMEDIATE');
        await expect(storage.set(sample())).rejects.toThrow('database is locked');
        await other.exec('COMMIT');
      });
      await storage.set(sample());
      expect(await found(storage, 'key')).toHaveLength(1);
    });
  });

  test('a file of this format is read, listed, searched and written', async () => {
    const path = newPath();
    mkdirSync(dirname(path), { recursive: true });
    copyFileSync(join(root, '__tests__/fixtures/sqlite-v3.sqlite'), path);
    const storage = open(path);
    const problems = problemsOf(storage);
    for (const { key } of FIXTURE_ENTRIES) {
      expect(await found(storage, key)).toEqual(FIXTURE_ENTRIES.filter((entry) => entry.key === key));
    }
    expect(await keysOf(storage)).toEqual(FIXTURE_ENTRIES.map(({ key }) => key));
    const [name, makeIfAbsent] = FIXTURE_META;
    expect(await storage.meta(name, () => 'made anew')).toBe(makeIfAbsent());
    const [first = sample()] = FIXTURE_ENTRIES;
    expect(await storage.touch(withoutBody({ ...first, head: 'renewed' }))).toBe(true);
    expect(await storage.delete({ tag: '\u0000' })).toBe(1);
    expect(await found(storage, first.key)).toEqual([{ ...first, head: 'renewed' }]);
    expect(await storage.delete({ resource: 'other' })).toBe(1);
    expect(problems).toEqual([]);
  });

  test.each(['v1', 'v2'])(
    'a file of the former format %s has nothing for this version, which takes the room for its own',
    async (version) => {
      const path = newPath();
      mkdirSync(dirname(path), { recursive: true });
      copyFileSync(join(root, `__tests__/fixtures/sqlite-${version}.sqlite`), path);
      const storage = open(path);
      const problems = problemsOf(storage);
      for (const { key } of FIXTURE_ENTRIES) expect(await found(storage, key)).toEqual([]);
      await setAll(storage, FIXTURE_ENTRIES);
      expect(await keysOf(storage)).toEqual(FIXTURE_ENTRIES.map(({ key }) => key));
      expect(await query(path, `SELECT name FROM sqlite_master WHERE name GLOB 'axios_cache_${version}*'`)).toEqual([]);
      expect(problems).toEqual([]);
    },
  );
});

describe('every look-up goes by an index', () => {
  const PUT_VALUES = Array.from({ length: 19 }, () => '');

  test.each([
    ['get', ['k', 'n'], /USING INDEX \S+ \(namespace=\? AND key=\?\)/],
    ['list', ['n', 1], /USING INTEGER PRIMARY KEY \(rowid>\?\)$/],
    ['deleteKey', ['n', 'k', 1, 'n'], /\(namespace=\? AND key=\?\)/],
    ['deleteVariants', ['n', 'k', 'v', 'r'], /\(namespace=\? AND key=\?\)/],
    ['deleteResource', ['n', 'r', 1, 'n'], /_by_resource \(namespace=\? AND resource=\?\)/],
    ['deleteTag', ['n', 't', 1, 'n'], /_tags.*\(tag=\?\)/],
    ['deletePurged', ['n', 1], /_by_purge_time \(namespace=\? AND purge_at<\?\)/],
    ['deleteAhead', ['n', 1], /_by_creation \(namespace=\? AND created_at>\?\)/],
    ['deleteNamespace', ['n', 1, 'n'], /INDEX \S+ \(namespace=\?\)/],
    ['deleteIds', ['[]'], /SEARCH axios_cache_v3_entries USING INTEGER PRIMARY KEY/],
    ['use', ['n', '[]', 'n'], /SEARCH axios_cache_v3_entries USING INTEGER PRIMARY KEY/],
    ['readMeta', ['n', 'a'], /\(namespace=\? AND name=\?\)/],
    ['total', ['n'], /COVERING INDEX \S+_by_use \(namespace=\?\)/],
    ['evict', ['n', 'n', 1], /_by_use \(namespace=\?\)/],
    ['raiseFloor', ['n', 1, 2, 'n'], /COVERING INDEX \S+_by_sequence \(namespace=\?\)/],
    ['deleteInvalidations', ['n', 'n'], /_by_sequence \(namespace=\? AND sequence<\?\)/],
    ['touch', PUT_VALUES.slice(2), /\(namespace=\? AND key=\? AND variant=\?\)/],
    ['touch', PUT_VALUES.slice(2), /later USING PRIMARY KEY \(namespace=\? AND name=\?\)/],
    ['put', PUT_VALUES, /there USING INDEX \S+ \(namespace=\? AND key=\? AND variant=\?\)/],
    ['put', PUT_VALUES, /later USING PRIMARY KEY \(namespace=\? AND name=\?\)/],
  ] as const)('%s', async (name, values, expected) => {
    const path = newPath();
    const explanation = `EXPLAIN QUERY PLAN ${SQL[name]}`;
    await found(openStorage({ path, driver: 'sqlite3' }), 'key');
    const plan = await filesBy('sqlite3').withFile(path, (database) => readAll(database, explanation, values));
    const steps = plan.map(({ detail }) => String(detail));
    expect(steps.join('\n')).toMatch(expected);
    expect(steps.filter((step) => /^SCAN axios_cache(?!.*INDEX)|TEMP B-TREE/.test(step))).toEqual([]);
  });
});
