/** Answers under way while an SQLite file is written by others: what the contract cannot play by calls alone. */
import { rmSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { lookUp, sample, samples, setAll, withoutBody } from '../../../lib/storage/contract/rule.js';
import type { CacheStorage, Fence } from '../../../lib/api/storage.js';
import { nameOf } from '../../../lib/storage/sqlite/fence.js';
import { SQL } from '../../../lib/storage/sqlite/statements.js';
import { DRIVERS, filesBy, found, newPath, openStorage, problemsOf } from '../../support/sqlite.js';

/** As a text in SQL. */
const quoted = (text: string): string => `'${text.replaceAll("'", "''")}'`;
const HOUR_US = 3_600_000_000;

async function fenceOf(storage: CacheStorage, key = 'key'): Promise<Fence> {
  const { fence } = await lookUp(storage, key);
  if (fence === undefined) throw new Error('get gave no fence');
  return fence;
}

describe.each(DRIVERS)('by %s', (driver) => {
  const { execute, query, withFile } = filesBy(driver);
  const open = (path: string) => openStorage({ path, driver });

  describe('while another process deletes, once it has said so and before the rows go', () => {
    const STATE = 'axios_cache_v3_state';

    /** Does what stands before the first chunk of a deletion; its number. */
    async function begin(path: string, change: string): Promise<number> {
      await execute(path, `UPDATE ${STATE} SET sequence = sequence + 1, ${change}`);
      return Number((await query(path, `SELECT sequence FROM ${STATE}`))[0]?.['sequence']);
    }
    const DELETIONS: readonly (readonly [name: string, change: string, sql: string, values: readonly string[]])[] = [
      ['a tag', `name = ${quoted(nameOf.tag('tag'))}`, SQL.deleteTag, ['"tag"']],
      ['a resource', `name = ${quoted(nameOf.resource('resource'))}`, SQL.deleteResource, ['"resource"']],
      ['a key', `name = ${quoted(nameOf.key('key'))}`, SQL.deleteKey, ['"key"']],
      ['everything', 'name = NULL, floor = sequence + 1, cleared = sequence + 1', SQL.deleteNamespace, []],
    ];

    /** An entry that is looked up once another process has begun to delete it; `end` is the rest of that. */
    async function whileDeleting(change: string, sql: string, values: readonly string[]) {
      const path = newPath();
      const storage = open(path);
      const entry = sample({ tags: ['tag'] });
      await setAll(storage, [entry]);
      const number = await begin(path, change);
      const { entries, fence } = await lookUp(storage);
      expect(entries).toEqual([entry]);
      const end = () => withFile(path, (file) => file.run(sql, ['"axios-cache"', ...values, number, '"axios-cache"']));
      return { storage, entry, fence, end };
    }

    test.each(DELETIONS)('%s: a renewal that would hide an entry from it is false', async (
      _name, change, sql, values,
    ) => {
      const { storage, entry, fence, end } = await whileDeleting(change, sql, values);
      const hidden = withoutBody({ ...entry, tags: [], resource: 'another' });
      expect(await storage.touch(hidden, fence)).toBe(false);
      expect(await storage.touch(hidden)).toBe(false);
      await end();
      expect(await found(storage, 'key')).toEqual([]);
    });

    test.each(DELETIONS)('%s: an entry that is found meanwhile is not written back once it is gone', async (
      _name, change, sql, values,
    ) => {
      const { storage, entry, fence, end } = await whileDeleting(change, sql, values);
      await end();
      expect(await storage.set({ ...entry, head: 'renewed' }, fence)).toBe(false);
      expect(await found(storage, 'key')).toEqual([]);
    });

    test.each(DELETIONS)('%s: what was asked for since then stays', async (_name, change, sql, values) => {
      const path = newPath();
      const storage = open(path);
      await setAll(storage, [sample({ tags: ['tag'] }), sample({ variant: 'former', tags: ['tag'] })]);
      const number = await begin(path, change);
      const newer = sample({ tags: ['tag'], body: Uint8Array.of(9) });
      expect(await storage.set(newer, await fenceOf(storage))).toBe(true);
      await withFile(path, (file) => file.run(sql, ['"axios-cache"', ...values, number, '"axios-cache"']));
      expect(await found(storage, 'key')).toEqual([newer]);
    });
  });

  test('a renewal may bring a tag that was deleted before, and be renewed again', async () => {
    const storage = open(newPath());
    await storage.set(sample());
    await storage.delete({ tag: 'tag' });
    for (const head of ['first', 'second']) {
      const renewed = withoutBody(sample({ head, tags: ['tag'] }));
      expect(await storage.touch(renewed, await fenceOf(storage))).toBe(true);
    }
    expect(await storage.delete({ tag: 'tag' })).toBe(1);
  });

  test('a renewal does not bring a tag that was deleted since its look-up', async () => {
    const storage = open(newPath());
    await storage.set(sample());
    const fence = await fenceOf(storage);
    await storage.delete({ tag: 'tag' });
    expect(await storage.touch(withoutBody(sample({ head: 'late', tags: ['tag'] })), fence)).toBe(false);
    expect(await found(storage, 'key')).toEqual([sample()]);
  });

  test('an answer replaces the one that its look-up has seen, though that one was renewed since', async () => {
    const path = newPath();
    const [first, second] = [open(path), open(path)] as const;
    await first.set(sample());
    const fence = await fenceOf(first);
    await sleep(5);
    expect(await second.touch(withoutBody(sample({ head: 'renewed' })), await fenceOf(second))).toBe(true);
    const answer = sample({ body: Uint8Array.of(9) });
    expect(await first.set(answer, fence)).toBe(true);
    expect(await found(second, 'key')).toEqual([answer]);
  });

  test('an answer that was looked up before a renewal by another process does not win over what was renewed', async () => {
    const path = newPath();
    const [first, second] = [open(path), open(path)] as const;
    const ofRenewed = await fenceOf(second);
    await sleep(5);
    const older = await fenceOf(first);
    await sleep(5);
    await second.set(sample(), ofRenewed);
    expect(await second.touch(withoutBody(sample({ head: 'renewed' })), await fenceOf(second))).toBe(true);
    expect(await first.set(sample({ body: Uint8Array.of(9) }), older)).toBe(false);
    expect(await found(first, 'key')).toEqual([sample({ head: 'renewed' })]);
  });

  describe('invalidations are kept by name for an hour', () => {
    const INVALIDATIONS = 'axios_cache_v3_invalidations';
    const namesIn = async (path: string): Promise<unknown[]> =>
      (await query(path, `SELECT name FROM ${INVALIDATIONS}`)).map(({ name }) => name);

    test.each([
      ['older ones', -HOUR_US - 1],
      ['those of another run of the machine', 1000 * HOUR_US],
    ])('%s go, and what was looked up before them is not stored after that either', async (_name, shiftUs) => {
      const path = newPath();
      const storage = open(path);
      const before = await fenceOf(storage);
      await setAll(storage, samples(3));
      for (const resource of ['resource', 'a', 'b']) await storage.delete({ resource });
      const between = await fenceOf(storage);
      await execute(path, `UPDATE ${INVALIDATIONS} SET at = at + ${shiftUs}`);
      // The first deletion of an instance looks after them.
      await open(path).delete({ resource: 'c' });
      expect(await namesIn(path)).toEqual([nameOf.resource('c')]);
      expect(await storage.set(sample(), before)).toBe(false);
      expect(await storage.set(sample({ resource: 'c' }), between)).toBe(false);
      expect(await storage.set(sample(), between)).toBe(true);
    });

    test('younger ones stay, however many; clear needs none of them any more', async () => {
      const path = newPath();
      const storage = open(path);
      for (let index = 0; index < 450; index += 1) await storage.delete({ resource: `${index % 300}` });
      expect(await namesIn(path)).toHaveLength(300);
      await storage.clear();
      await open(path).delete({ tag: 'tag' });
      expect(await namesIn(path)).toEqual([nameOf.tag('tag')]);
    });
  });

  test('an entry of another run of the machine, whose clock was far ahead, gives way to a redirect that ends there', async () => {
    const path = newPath();
    const storage = open(path);
    await storage.set(sample({ key: 'target' }));
    await execute(path, `UPDATE axios_cache_v3_entries SET asked = asked + ${100 * HOUR_US}`);
    const newer = sample({ key: 'target', body: Uint8Array.of(9) });
    expect(await storage.set(newer, await fenceOf(storage, 'from'))).toBe(true);
    expect(await found(storage, 'target')).toEqual([newer]);
  });

  test('a fence is of its file: in a new one under the same path nothing is stored by it', async () => {
    const path = newPath();
    const storage = open(path);
    const fence = await fenceOf(storage);
    for (const end of ['', '-wal', '-shm']) rmSync(path + end);
    expect(await storage.set(sample(), fence)).toBe(false);
    expect(await storage.set(sample(), await fenceOf(storage))).toBe(true);
  });

  test('a fence of another storage is one by which nothing is stored', async () => {
    const storage = open(newPath());
    for (const fence of [5, {}, 'text']) expect(await storage.set(sample(), fence as unknown as Fence)).toBe(false);
    expect(await found(storage, 'key')).toEqual([]);
  });

  test.each(["'text'", '9223372036854775807', '-1', '1.5'])(
    'a count that is damaged (%s) is made anew: nothing comes back by that, and it serves again',
    async (damage) => {
      const path = newPath();
      const [storage, other] = [open(path), open(path)];
      await setAll(storage, [sample(), sample({ key: 'other' })]);
      const fence = await fenceOf(storage);
      await execute(path, `UPDATE axios_cache_v3_state SET sequence = ${damage}, name = NULL`);
      expect(await found(other, 'key')).toHaveLength(1);
      expect(await storage.set(sample({ head: 'late' }), fence)).toBe(false);
      await execute(path, `UPDATE axios_cache_v3_state SET sequence = ${damage}, name = NULL`);
      expect(await other.delete({ resource: 'resource' })).toBe(2);
      expect(await storage.set(sample(), await fenceOf(storage))).toBe(true);
      expect(await storage.delete({ tag: 'none' })).toBe(0);
    },
  );

  test('a set that has yet to compress its body is not overtaken by the delete behind it', async () => {
    const storage = openStorage({ path: newPath(), driver, compress: true });
    const large = sample({ body: new Uint8Array(500_000) });
    const [stored] = await Promise.all([storage.set(large), storage.delete({ resource: 'resource' })]);
    expect(stored).toBe(true);
    expect(await found(storage, 'key')).toEqual([]);
    await storage.set(large);
    expect(await found(storage, 'key')).toEqual([large]);
  });

  test('an entry that cannot be written rejects, and what is set behind it is stored', async () => {
    const storage = open(newPath());
    const problems = problemsOf(storage);
    const wrong = storage.set(sample({ createdAtMs: NaN }));
    const right = storage.set(sample());
    await expect(wrong).rejects.toMatchObject({ code: 'ERR_CACHE_RECORD' });
    expect(await right).toBe(true);
    expect(problems).toEqual([]);
  });
});
