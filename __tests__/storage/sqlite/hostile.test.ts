/** Files with tables that are named as those of the cache, or nearly so, and are something else. */
import { existsSync, mkdirSync, readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import sqlite3 from 'sqlite3';
import { sample, samples, setAll } from '../../../lib/storage/contract/rule.js';
import { OBJECTS } from '../../../lib/storage/sqlite/schema.js';
import { startCached, told } from '../../support/cached-instance.js';
import { DRIVERS, filesBy, found, newPath, openStorage, problemsOf } from '../../support/sqlite.js';

/** Rows without end under the name of the view that reads go to. */
const ENDLESS_VIEW = `CREATE VIEW axios_cache_v3_whole AS
  WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c)
  SELECT x AS id, '"axios-cache"' AS namespace, x AS key, x AS variant, x AS resource, x AS tags, x AS created_at,
    x AS purge_at, x AS size, x AS body_bytes, x AS fields, randomblob(1000) AS body FROM c`;
const ALL = OBJECTS.join(';\n');
const nameOf = (sql: string): string => sql.split(' ')[2] ?? '';

/** `sql` with something after the name that changes nothing, but is not ours. */
const altered = (sql: string): string => sql.replace(nameOf(sql), '$& /* another */');

const STRANGERS: readonly (readonly [name: string, sql: string])[] = [
  ['a view without end in place of the one for reads', ENDLESS_VIEW],
  ['a view in place of the table of entries', 'CREATE VIEW axios_cache_v3_entries AS SELECT 1 AS id'],
  ['a table in place of the view', 'CREATE TABLE axios_cache_v3_whole (id, namespace, key)'],
  ['a table with other columns', 'CREATE TABLE axios_cache_v3_bodies (id INTEGER PRIMARY KEY, body BLOB, more)'],
  ['a table under our name in capitals', 'CREATE TABLE AXIOS_CACHE_V3_META (namespace, name, value)'],
  ['an index of our name on another table', 'CREATE TABLE t (x); CREATE INDEX axios_cache_v3_by_use ON t (x)'],
  ['a trigger besides ours', `${ALL}; CREATE TRIGGER more AFTER INSERT ON axios_cache_v3_entries BEGIN
    DELETE FROM axios_cache_v3_meta; END`],
  ['a trigger besides ours on the view', `${ALL}; CREATE TRIGGER more INSTEAD OF DELETE ON axios_cache_v3_whole BEGIN
    SELECT 1; END`],
  ['an index besides ours that computes', `${ALL}; CREATE INDEX more ON AXIOS_cache_v3_entries (hex(zeroblob(size)))`],
  ...OBJECTS.map((sql) => {
    const others = OBJECTS.map((each) => (each === sql ? altered(sql) : each));
    return [`another ${nameOf(sql)}`, others.join(';\n')] as const;
  }),
];

describe.each(DRIVERS)('by %s', (driver) => {
  const { execute, query } = filesBy(driver);
  const asideOf = (path: string): string[] => readdirSync(dirname(path)).filter((name) => name.includes('.corrupt-'));
  const cached = (path: string) =>
    startCached({ '/': { body: 'x' } }, { storage: openStorage({ path, driver }), expireAfter: '1h' });

  describe('something else under a name of ours is never used', () => {
    test.each(STRANGERS.filter(([, sql]) => !sql.includes('CREATE TABLE t ')))(
      '%s: a file of the cache alone is put aside, and a new one serves hits',
      async (_name, sql) => {
        const path = newPath();
        await execute(path, sql);
        const { http, events } = await cached(path);
        expect(told(await http.get('/'))).toBe('miss uri-miss');
        expect(told(await http.get('/'))).toBe('hit fresh');
        await http.cache.close();
        expect(asideOf(path)).toHaveLength(1);
        expect(events.filter(({ type }) => type === 'storage-error')).toMatchObject([
          { error: { code: 'ERR_CACHE_STORAGE', cause: { message: expect.stringMatching('is not what') as string } } },
        ]);
      },
    );

    test.each(STRANGERS)('%s: a file with tables of somebody else stays as it is', async (_name, sql) => {
      const path = newPath();
      await execute(path, `CREATE TABLE users (name); INSERT INTO users VALUES ('Ada'); ${sql}`);
      const before = await query(path, 'SELECT * FROM sqlite_master');
      const { http, events } = await cached(path);
      for (const _time of [1, 2]) {
        expect((await http.get('/')).data).toBe('x');
      }
      await http.cache.close();
      expect(await query(path, 'SELECT * FROM sqlite_master')).toEqual(before);
      expect(await query(path, 'SELECT * FROM users')).toEqual([{ name: 'Ada' }]);
      expect(asideOf(path)).toEqual([]);
      const [failure] = events.filter(({ type }) => type === 'storage-error');
      expect(failure).toMatchObject({ error: { code: 'ERR_CACHE_STORAGE' } });
    });
  });

  test('the text of a name is never run', async () => {
    const path = newPath();
    const planted = join(dirname(path), 'planted.txt');
    const attack = (version: string): string =>
      `axios_cache_${version}; DROP TABLE mine; ATTACH '${planted}' AS w; CREATE TABLE w.t AS SELECT 1 AS x; --`;
    const names = ['v0', 'v1_entries', 'v1_whole', 'v2_entries', 'v3_entries', 'v4'].map(attack);
    await execute(path, ['mine', ...names].map((name) => `CREATE TABLE "${name}" (a);`).join(''));
    const { http, events } = await cached(path);
    expect(told(await http.get('/'))).toBe('miss uri-miss');
    expect(told(await http.get('/'))).toBe('hit fresh');
    expect(existsSync(planted)).toBe(false);
    await http.cache.close();
    const tables = await query(path, "SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY rowid LIMIT 7");
    expect(tables.map(({ name }) => name)).toEqual(['mine', ...names]);
    expect(events.filter(({ type }) => type === 'storage-error')).toEqual([]);
  });

  test('tables whose names only resemble ours stay', async () => {
    const path = newPath();
    const names = [
      'axios_cache_v0 my backup', 'axios_cache_v0_entries', 'axios_cache_v1_entries_backup', 'axios_cache_v1',
      'axios_cache_v1_"meta"', 'axios_cache_v3_mine', 'axios_cache_v2 entries', 'axios_cache_v', 'axios_cache_v1_',
      "axios_cache_v1_tags'", 'axios_cache_v1_bodies; --', 'axios_cache_v00001_entries',
    ];
    const quoted = names.map((name) => `"${name.replaceAll('"', '""')}"`);
    await execute(path, quoted.map((name) => `CREATE TABLE ${name} (x); INSERT INTO ${name} VALUES (1);`).join(''));
    const storage = openStorage({ path, driver });
    const problems = problemsOf(storage);
    await storage.set(sample());
    expect(await found(storage, 'key')).toEqual([sample()]);
    await storage.close();
    for (const name of quoted) expect(await query(path, `SELECT x FROM ${name}`)).toEqual([{ x: 1 }]);
    expect(problems).toEqual([]);
  });

  test('a former table that cannot be dropped is in nobody\'s way', async () => {
    const path = newPath();
    // Under the name of a former table there is one of another kind.
    await execute(path, 'CREATE VIEW axios_cache_v1_entries AS SELECT 1 AS x; CREATE TABLE axios_cache_v1_whole (x);');
    const storage = openStorage({ path, driver });
    await storage.set(sample());
    expect(await found(storage, 'key')).toEqual([sample()]);
    expect(await query(path, 'SELECT x FROM axios_cache_v1_entries')).toEqual([{ x: 1 }]);
  });

  test("somebody else's table that refers to ours does not keep it from being emptied", async () => {
    const path = newPath();
    const first = openStorage({ path, driver });
    await first.set(sample());
    await first.close();
    await execute(path, `
      CREATE TABLE mine (id REFERENCES axios_cache_v3_entries (id) ON DELETE RESTRICT);
      INSERT INTO mine SELECT id FROM axios_cache_v3_entries;`);
    const second = openStorage({ path, driver });
    expect(await second.delete({ key: 'key', resource: 'resource' })).toBe(1);
    expect(await found(second, 'key')).toEqual([]);
  });

  test('numbers that are too large to be added up do not end the bound of maxBytes', async () => {
    const path = newPath();
    const first = openStorage({ path, driver });
    for (const key of ['a', 'b', 'c']) await first.set(sample({ key }));
    await first.close();
    await execute(path, 'UPDATE axios_cache_v3_entries SET size = 9223372036854775807, used = 9223372036854775807');
    const second = openStorage({ path, driver, maxBytes: 20_000 });
    const problems = problemsOf(second);
    await setAll(second, samples(50, () => ({ body: new Uint8Array(1000) })));
    const [row] = await query(path, 'SELECT total(size) AS bytes FROM axios_cache_v3_entries');
    expect(Number(row?.['bytes'])).toBeLessThanOrEqual(20_000);
    expect(problems).toEqual([]);
  });
});

test('in a database of the user\'s nothing under our name is used, and every call says why', async () => {
  const path = newPath();
  mkdirSync(dirname(path), { recursive: true });
  const database = new sqlite3.Database(path);
  await new Promise((resolve) => database.exec(`CREATE TABLE mine (x); ${ENDLESS_VIEW}`, resolve));
  const storage = openStorage({ database });
  const { http, events } = await startCached({ '/': { body: 'x' } }, { storage, expireAfter: '1h' });
  for (const _time of [1, 2]) expect((await http.get('/')).data).toBe('x');
  expect(events.find(({ type }) => type === 'storage-error')).toMatchObject({
    error: { message: expect.stringContaining('"axios_cache_v3_whole" is not what this version') as string },
  });
  await http.cache.close();
  await new Promise((resolve) => { database.close(resolve); });
});
