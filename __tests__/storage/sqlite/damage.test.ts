/** Damage inside a file that SQLite itself does not notice: what is damaged is absent, and never another answer. */
import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { sample, samples, setAll, withoutBody } from '../../../lib/storage/contract/rule.js';
import type { StoredEntry } from '../../../lib/api/storage.js';
import { startCached, told } from '../../support/cached-instance.js';
import { DRIVERS, filesBy, found, newPath, openStorage, problemsOf } from '../../support/sqlite.js';

const NEIGHBOUR = sample({
  key: 'neighbour',
  resource: 'other',
  variant: 'de',
  tags: ['tag'],
  head: '{"status":201}',
  body: Uint8Array.of(1, 2, 4),
});

/** Whether `found` is this entry and nothing else. */
function isSame(found: readonly StoredEntry[], { body, ...fields }: StoredEntry): boolean {
  const [first, ...more] = found;
  if (first === undefined || more.length > 0 || Buffer.compare(first.body, body) !== 0) return false;
  return Object.entries(fields).every(
    ([name, value]) => JSON.stringify(first[name as 'head']) === JSON.stringify(value),
  );
}

describe.each(DRIVERS)('by %s', (driver) => {
  const { execute } = filesBy(driver);
  const open = (path: string) => openStorage({ path, driver });

  test('one bit of a stored balance: the origin is asked again, an event tells, other answers stay hits', async () => {
    const path = newPath();
    const routes = { '/account': { body: { balance: 1000 } }, '/other': { body: { balance: 2000 } } };
    const first = await startCached(routes, { storage: open(path), expireAfter: '1h' });
    const urls = ['/account', '/other'].map((name) => first.origin.url + name);
    for (const url of urls) await first.http.get(url);
    await first.http.cache.close();
    const bytes = readFileSync(path);
    const at = bytes.indexOf('"balance":1000') + 12;
    bytes[at] = (bytes[at] ?? 0) ^ 1;
    writeFileSync(path, bytes);
    const second = await startCached(routes, { storage: open(path), expireAfter: '1h' });
    const answers = [];
    for (const url of [...urls, ...urls]) answers.push(await second.http.get(url));
    expect(answers.map(({ data }) => data as unknown)).toEqual([
      { balance: 1000 }, { balance: 2000 }, { balance: 1000 }, { balance: 2000 },
    ]);
    expect(answers.map(told)).toEqual(['miss uri-miss', 'hit fresh', 'hit fresh', 'hit fresh']);
    expect(second.events.filter(({ type }) => type === 'storage-error')).toMatchObject([
      { operation: 'get', error: { code: 'ERR_CACHE_RECORD' } },
    ]);
  });

  /** SQL that puts what `key` has in `columns` under the key `under`. */
  const move = (columns: string, from: string, under: string): string =>
    `UPDATE axios_cache_v3_entries SET (${columns}) =
      (SELECT ${columns} FROM axios_cache_v3_entries WHERE key = '"${from}"') WHERE key = '"${under}"'`;
  const idOf = (key: string): string => `(SELECT id FROM axios_cache_v3_entries WHERE key = '"${key}"')`;
  const moveBody = `UPDATE axios_cache_v3_bodies SET body = (SELECT body FROM axios_cache_v3_bodies
    WHERE id = ${idOf('neighbour')}) WHERE id = ${idOf('key')}`;
  const set = (assignment: string): string => `UPDATE axios_cache_v3_entries SET ${assignment} WHERE key = '"key"'`;

  test.each([
    ['another body of the same length', moveBody],
    ['no body', `DELETE FROM axios_cache_v3_bodies WHERE id = ${idOf('key')}`],
    ['the fields of another entry', move('fields', 'neighbour', 'key')],
    ['fields and body of another entry', `${move('fields, body_bytes', 'neighbour', 'key')}; ${moveBody}`],
    ['another variant', set(`variant = '"de"'`)],
    ['another resource', set(`resource = '"other"'`)],
    ['other tags', set(`tags = '["\\"tag\\""]'`)],
    ['another revision', set(`revision = '"other"'`)],
    ['fields with one byte changed', set(`fields = CAST(substr(fields, 1, 20) || x'00' || substr(fields, 22) AS BLOB)`)],
    ['fields cut off', set('fields = CAST(substr(fields, 1, 43) AS BLOB)')],
    ['another length of its body', set('body_bytes = body_bytes + 1')],
    ['fields that are text', set('fields = CAST(fields AS TEXT)')],
    ['fields that are a number', set('fields = 1')],
  ])('an entry with %s is absent and reported, and the one beside it stays', async (_name, sql) => {
    const path = newPath();
    const first = open(path);
    await setAll(first, [sample(), NEIGHBOUR]);
    await first.close();
    await execute(path, sql);
    const storage = open(path);
    const problems = problemsOf(storage);
    expect(await found(storage, 'key')).toEqual([]);
    expect(problems.map(([operation, { code }]) => [operation, code])).toEqual([['get', 'ERR_CACHE_RECORD']]);
    expect(await found(storage, 'neighbour')).toEqual([NEIGHBOUR]);
    await storage.set(sample());
    expect(await found(storage, 'key')).toEqual([sample()]);
    expect(problems).toHaveLength(1);
  });

  test('an entry of one namespace under another is absent', async () => {
    const path = newPath();
    await setAll(open(path), [sample(), NEIGHBOUR]);
    await execute(path, `UPDATE axios_cache_v3_entries SET namespace = '"other"' WHERE key = '"key"'`);
    const other = openStorage({ path, driver, namespace: 'other' });
    expect(await found(other, 'key')).toEqual([]);
    expect(await found(open(path), 'neighbour')).toEqual([NEIGHBOUR]);
  });

  describe('parts of what an entry was before', () => {
    const former = sample({ head: '{"status":200,"etag":"v1"}', body: Uint8Array.of(1, 1, 1) });
    const newer = sample({ head: '{"status":200,"etag":"v2"}', body: Uint8Array.of(2, 2, 2) });

    test.each([
      ['its former fields', 'UPDATE axios_cache_v3_entries SET fields = (SELECT fields FROM former)'],
      ['its former row in all', `UPDATE axios_cache_v3_entries SET (fields, revision, body_bytes, size) =
        (SELECT fields, revision, body_bytes, size FROM former)`],
      ['its former body', 'UPDATE axios_cache_v3_bodies SET body = (SELECT body FROM former)'],
    ])('%s: it is absent', async (_name, sql) => {
      const path = newPath();
      const storage = open(path);
      await storage.set(former);
      await execute(path, 'CREATE TABLE former AS SELECT * FROM axios_cache_v3_whole');
      await storage.set(newer);
      await execute(path, sql);
      expect(await found(storage, 'key')).toEqual([]);
    });
  });

  test('a renewal keeps what the body was written with: a damaged body stays damaged', async () => {
    const path = newPath();
    const storage = open(path);
    await setAll(storage, [sample(), NEIGHBOUR]);
    await execute(path, `UPDATE axios_cache_v3_bodies SET body = CAST(substr(body, 1, 9) || x'05' || substr(body, 11) AS BLOB) WHERE id = ${idOf('key')}`);
    for (const entry of [sample(), NEIGHBOUR]) {
      expect(await storage.touch(withoutBody({ ...entry, head: 'renewed', tags: ['more'] }))).toBe(true);
    }
    expect(await found(storage, 'key')).toEqual([]);
    expect(await found(storage, 'neighbour')).toEqual([{ ...NEIGHBOUR, head: 'renewed', tags: ['more'] }]);
  });

  test('a listing leaves out what is damaged in its fields, and tells', async () => {
    const path = newPath();
    const storage = open(path);
    const problems = problemsOf(storage);
    await setAll(storage, [sample(), NEIGHBOUR]);
    await execute(path, set(`resource = '"other"'`));
    const keys: string[] = [];
    for await (const { key } of storage.entries()) keys.push(key);
    expect(keys).toEqual(['neighbour']);
    expect(problems.map(([operation, { code }]) => [operation, code])).toEqual([['entries', 'ERR_CACHE_RECORD']]);
  });

  test('bits flipped all over a file: every entry is what was stored, or absent', async () => {
    const template = newPath();
    const entries = samples(8, (index) => ({
      resource: `resource ${index}`,
      tags: [`tag ${index}`],
      body: new TextEncoder().encode(`{"balance":${1000 + index},"text":"${'x'.repeat(100 * index)}"}`),
    }));
    const writer = open(template);
    await setAll(writer, entries);
    await writer.close();
    const { byteLength } = readFileSync(template);
    const wrong: string[] = [];
    let absent = 0;
    // A step of a prime, so that each kind of page and each bit of a byte has its turn.
    for (let bit = 0; bit < byteLength * 8; bit += 1699) {
      const path = newPath();
      mkdirSync(dirname(path));
      copyFileSync(template, path);
      const bytes = readFileSync(path);
      bytes[bit >> 3] = (bytes[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      writeFileSync(path, bytes);
      const storage = open(path);
      for (const entry of entries) {
        const entriesFound = await found(storage, entry.key);
        absent += entriesFound.length === 0 ? 1 : 0;
        if (entriesFound.length > 0 && !isSame(entriesFound, entry)) wrong.push(`bit ${bit}: ${entry.key}`);
      }
      await storage.close();
    }
    expect(wrong).toEqual([]);
    expect(absent).toBeGreaterThan(0);
  }, 60_000);
});
