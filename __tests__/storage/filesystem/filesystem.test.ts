/** FilesystemStorage: the contract, and what is special to a folder. */
import {
  chmodSync, chownSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, symlinkSync, utimesSync,
  writeFileSync,
} from 'node:fs';
import { join, relative } from 'node:path';
import type { StoredEntryInfo } from '../../../lib/api/storage.js';
import { EntryFiles } from '../../../lib/storage/filesystem/entry-files.js';
import { Files } from '../../../lib/storage/filesystem/files.js';
import { Housekeeping } from '../../../lib/storage/filesystem/housekeeping.js';
import { Places } from '../../../lib/storage/filesystem/places.js';
import { Reports } from '../../../lib/storage/reports.js';
import { resolveRecordOptions } from '../../../lib/storage/record/options.js';
import {
  expectStored, list, lookUp, sample, samples, setAll, withoutBody,
} from '../../../lib/storage/contract/rule.js';
import { BODY, engineOf, filesIn, HEAD, newDirectory, openStorage, problemsOf } from '../../support/filesystem.js';
import { unless } from '../../support/unless.js';
import { describeStorage } from '../contract/describe-storage.js';

const { create, engine } = engineOf();
describeStorage('a folder', create, engine);

const HOURS_2_MS = 2 * 60 * 60 * 1000;
const withRoot = unless(
  process.getuid?.() === 0 ? undefined : 'only root gives a folder away',
  'a folder of somebody else: its test is',
);

/** As if the file were written so long ago. */
function makeOlder(path: string, ms = HOURS_2_MS): void {
  const time = (Date.now() - ms) / 1000;
  utimesSync(path, time, time);
}

const keysOf = (infos: readonly StoredEntryInfo[]): readonly string[] => infos.map(({ key }) => key).sort();

/** Ends with the test: a condition that never holds must not keep the tests from ending. */
async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
  for (const begun = performance.now(); !(await condition()); ) {
    if (performance.now() - begun > 20_000) throw new Error('what was waited for did not come');
    await new Promise((resolve) => { setTimeout(resolve, 5); });
  }
}

describe('the folder', () => {
  test('is made by the first call, with the folders above it', async () => {
    const directory = join(newDirectory(), 'deep', 'down');
    const storage = openStorage(directory);
    expect(existsSync(directory)).toBe(false);
    await lookUp(storage);
    expect(readdirSync(directory)).toEqual(['v1']);
  });

  test('is known to backups as a cache', async () => {
    const directory = newDirectory();
    await openStorage(directory).set(sample());
    const tag = readFileSync(join(directory, 'v1', 'CACHEDIR.TAG'), 'utf8');
    expect(tag).toMatch(/^Signature: 8a477f597d28d172789f06886806bc55\n/);
  });

  test('is for its owner alone, whatever the process lets others do', async () => {
    const before = process.umask(0);
    try {
      const directory = newDirectory();
      const storage = openStorage(directory);
      await storage.set(sample({ tags: ['tag'] }));
      await storage.delete({ underWay: true });
      await storage.meta('a', () => 'secret');
      const modes = filesIn(directory).map((path) => statSync(path).mode & 0o777);
      expect(new Set(modes)).toEqual(new Set([0o600]));
      const folders = readdirSync(directory, { recursive: true, withFileTypes: true })
        .filter((each) => each.isDirectory())
        .map(({ parentPath, name }) => statSync(join(parentPath, name)).mode & 0o777);
      expect(new Set(folders)).toEqual(new Set([0o700]));
    } finally {
      process.umask(before);
    }
  });

  test('that others may look into is closed to them', async () => {
    const directory = newDirectory();
    mkdirSync(join(directory, 'v1'), { recursive: true });
    chmodSync(join(directory, 'v1'), 0o777);
    await openStorage(directory).set(sample());
    expect(statSync(join(directory, 'v1')).mode & 0o777).toBe(0o700);
  });

  withRoot.test('that somebody else has made is not used', async () => {
    const directory = newDirectory();
    mkdirSync(join(directory, 'v1'), { recursive: true });
    chownSync(join(directory, 'v1'), 4711, 4711);
    await expect(openStorage(directory).set(sample())).rejects.toMatchObject({
      code: 'ERR_CACHE_STORAGE',
      message: expect.stringContaining('belongs to somebody else') as string,
    });
    expect(readdirSync(join(directory, 'v1'))).toEqual([]);
  });

  test('that is a link to another one is not used', async () => {
    const [directory, other] = [newDirectory(), newDirectory()];
    mkdirSync(directory, { recursive: true });
    mkdirSync(other, { recursive: true });
    symlinkSync(other, join(directory, 'v1'));
    await expect(openStorage(directory).set(sample())).rejects.toMatchObject({ code: 'ERR_CACHE_STORAGE' });
    expect(readdirSync(other)).toEqual([]);
  });

  test('that is no folder is an error, and one of the first call that needs it', async () => {
    const directory = newDirectory();
    const storage = openStorage(directory);
    writeFileSync(directory, 'a file');
    await expect(storage.set(sample())).rejects.toThrow();
    rmSync(directory);
    expect(await storage.set(sample())).toBe(true);
  });

  test('has digests for names, whatever keys, tags and namespaces are', async () => {
    const directory = newDirectory();
    const nasty = ['../../up', 'a/b', 'CON', 'nul.', '\u0000', 'é'.repeat(5000), '.', '-rf', 'a\nb', '💥'];
    for (const text of nasty) {
      const storage = openStorage({ directory, namespace: text });
      await storage.meta(text, () => text);
      const entry = sample({ key: text, resource: text, variant: text, revision: text, tags: [text] });
      expect(await storage.set(entry)).toBe(true);
      await expectStored(storage, text, [entry], text);
      expect(await storage.delete({ tag: text })).toBe(1);
      await storage.set(entry);
    }
    for (const path of filesIn(join(directory, 'v1'))) {
      expect(relative(directory, path)).toMatch(/^v1\/(CACHEDIR\.TAG|[0-9a-f]{32}(\/([0-9a-f]+|[a-z]+)){0,4}\/[0-9a-z.]+)$/);
    }
    expect(readdirSync(directory)).toEqual(['v1']);
  });

  test('may hold other things, which stay', async () => {
    const directory = newDirectory();
    mkdirSync(directory, { recursive: true });
    writeFileSync(join(directory, 'mine.txt'), 'mine');
    const storage = openStorage(directory);
    await storage.set(sample());
    await storage.clear();
    await storage.close();
    expect(readFileSync(join(directory, 'mine.txt'), 'utf8')).toBe('mine');
  });

  test('that is deleted in use is made anew by what is written next', async () => {
    const directory = newDirectory();
    const storage = openStorage(directory);
    const problems = problemsOf(storage);
    await storage.set(sample());
    const { fence } = await lookUp(storage);
    rmSync(directory, { recursive: true });
    expect(await storage.set(sample(), fence)).toBe(false);
    await expectStored(storage, 'key', [], 'after the folder was deleted');
    await Promise.all(samples(20).map((entry) => storage.set(entry)));
    expect(await list(openStorage(directory))).toHaveLength(20);
    expect(problems).toEqual([]);
  });

  test('is not written by reads', async () => {
    const directory = newDirectory();
    const storage = openStorage(directory);
    await setAll(storage, samples(3));
    const state = (): unknown => filesIn(directory).map((path) => [path, statSync(path, { bigint: true }).mtimeNs]);
    const before = state();
    for (let times = 0; times < 30; times += 1) await lookUp(storage, `key ${times % 3}`);
    await list(storage);
    expect(state()).toEqual(before);
  });

  test('gets no body written again by touch', async () => {
    const directory = newDirectory();
    const storage = openStorage(directory);
    await storage.set(sample());
    const [body = ''] = filesIn(directory, BODY);
    const before = statSync(body, { bigint: true });
    expect(await storage.touch(withoutBody(sample({ head: 'renewed' })))).toBe(true);
    const { ino, mtimeNs } = statSync(body, { bigint: true });
    expect([ino, mtimeNs]).toEqual([before.ino, before.mtimeNs]);
    expect(filesIn(directory, BODY)).toEqual([body]);
  });

  test('loses the body of an entry that is replaced, deleted or cleared', async () => {
    const directory = newDirectory();
    const storage = openStorage(directory);
    await storage.set(sample());
    await storage.set(sample({ body: Uint8Array.of(9) }));
    expect(filesIn(directory, BODY)).toHaveLength(1);
    await storage.delete({ key: 'key', resource: 'resource' });
    expect(filesIn(directory, BODY)).toEqual([]);
    await setAll(storage, samples(10, () => ({ tags: ['tag'] })));
    await storage.delete({ tag: 'tag' });
    expect(filesIn(directory, /\.(head|body)$/)).toEqual([]);
    await setAll(storage, samples(10));
    await storage.clear();
    await storage.close();
    expect(filesIn(directory, /\.(head|body)$/)).toEqual([]);
    expect(readdirSync(join(directory, 'v1')).length).toBe(2);
  });

  test('is written through to the disk where that is asked for', async () => {
    const storage = openStorage({ directory: newDirectory(), fsync: true });
    const entry = sample({ tags: ['tag'] });
    await storage.set(entry);
    await expectStored(storage, 'key', [entry], 'after set');
    expect(await storage.delete({ tag: 'tag' })).toBe(1);
  });

  test('keeps records compressed, signed or encrypted', async () => {
    const body = new Uint8Array(20_000);
    const key = 'a key of 16 letters or more';
    for (const options of [{ compress: true }, { signingKeys: [key] }, { encryptionKeys: [key], compress: true }]) {
      const directory = newDirectory();
      const storage = openStorage({ directory, ...options });
      const entry = sample({ head: 'a secret head', body });
      await storage.set(entry);
      await expectStored(openStorage({ directory, ...options }), 'key', [entry], JSON.stringify(options));
      const [file = ''] = filesIn(directory, BODY);
      expect(statSync(file).size < 1000).toBe(options.compress === true);
      const isHidden = !filesIn(directory).some((path) => readFileSync(path).includes('a secret head'));
      expect(isHidden).toBe(options.encryptionKeys !== undefined);
    }
  });
});

describe('what is left over', () => {
  /** A storage on a folder in which all files are old. */
  async function aged(): Promise<string> {
    const directory = newDirectory();
    const storage = openStorage(directory);
    await setAll(storage, [sample({ tags: ['tag'] }), sample({ key: 'other', resource: 'other' })]);
    await lookUp(storage, 'looked up and not stored', 'nowhere');
    await storage.delete({ key: 'other', resource: 'other' });
    await storage.close();
    for (const path of filesIn(directory)) makeOlder(path);
    return directory;
  }

  test('by a process that was killed is removed by the next one that opens the folder', async () => {
    const directory = await aged();
    const [temporary = ''] = readdirSync(join(directory, 'v1')).map((name) => join(directory, 'v1', name, 'temporary'));
    writeFileSync(join(temporary, 'old'), 'half an entr');
    mkdirSync(join(temporary, 'cleared', 'deep'), { recursive: true });
    writeFileSync(join(temporary, 'new'), 'half an entr');
    makeOlder(join(temporary, 'old'));
    makeOlder(join(temporary, 'cleared'));
    const storage = openStorage(directory);
    await lookUp(storage);
    await until(() => readdirSync(temporary).length === 1);
    expect(readdirSync(temporary)).toEqual(['new']);
  });

  test('is removed by deleteExpired: bodies without a head, heads without a body, tokens that nobody asks for', async () => {
    const directory = await aged();
    const [body = ''] = filesIn(directory, BODY);
    const orphan = body.replace(/[0-9a-f]{32}\.body$/, `${'0'.repeat(32)}.body`);
    writeFileSync(orphan, 'of nobody');
    const recent = body.replace(/[0-9a-f]{32}\.body$/, `${'1'.repeat(32)}.body`);
    writeFileSync(recent, 'of somebody who writes just now');
    makeOlder(orphan);
    const storage = openStorage(directory);
    const before = filesIn(directory, /^token$/).length;
    expect(await storage.deleteExpired(Date.now())).toBe(0);
    await storage.close();
    expect(filesIn(directory, BODY)).toEqual([recent, body].sort());
    // The namespace, the tag, and the resource and the key of the entry that is there.
    expect([before, filesIn(directory, /^token$/).length]).toEqual([8, 4]);
    await expectStored(openStorage(directory), 'key', [sample({ tags: ['tag'] })], 'after deleteExpired');
  });

  test('of a head without a body is an absent entry, which deleteExpired removes', async () => {
    const directory = await aged();
    for (const body of filesIn(directory, BODY)) rmSync(body);
    const storage = openStorage(directory);
    const problems = problemsOf(storage);
    await expectStored(storage, 'key', [], 'without a body');
    expect(await list(storage)).toEqual([]);
    expect(await storage.deleteExpired(Date.now())).toBe(0);
    expect(filesIn(directory, HEAD)).toEqual([]);
    expect(problems).toEqual([]);
  });

  test('what is looked up while its tokens go is not stored, and can be looked up anew', async () => {
    const directory = await aged();
    const storage = openStorage(directory);
    const { fence } = await lookUp(storage, 'looked up and not stored', 'nowhere');
    await storage.deleteExpired(Date.now());
    await until(() => filesIn(directory, /^token$/).length === 4);
    const entry = sample({ key: 'looked up and not stored', resource: 'nowhere' });
    expect(await storage.set(entry, fence)).toBe(false);
    const again = await lookUp(storage, entry.key, entry.resource);
    expect(await storage.set(entry, again.fence)).toBe(true);
  });
});

describe('maxBytes', () => {
  /** What an entry of `sample` counts: a block for each of its files, and four for its folders and tokens. */
  const EACH = 6 * 4096;

  function limited(entries: number) {
    const directory = newDirectory();
    const storage = openStorage({ directory, maxBytes: entries * EACH });
    const evicted: StoredEntryInfo[] = [];
    storage.onEvicted((entry) => evicted.push(entry));
    return { storage, directory, evicted };
  }

  test('is kept to: what was used least recently goes, and is told', async () => {
    const { storage, evicted } = limited(10);
    for (const entry of samples(10)) {
      await storage.set(entry);
      await new Promise((resolve) => { setTimeout(resolve, 2); });
    }
    await lookUp(storage, 'key 0');
    await storage.touch(withoutBody(sample({ key: 'key 1', head: 'renewed' })));
    await storage.set(sample({ key: 'one more' }));
    await until(() => evicted.length >= 2);
    await storage.set(sample({ key: 'another' }));
    const { body, ...fields } = sample({ key: 'key 2' });
    expect(evicted[0]).toEqual({ ...fields, bodyBytes: body.byteLength });
    expect(keysOf(evicted)).toEqual(['key 2', 'key 3']);
    expect(await list(storage)).toHaveLength(10);
  });

  test('counts what is written while it looks what there is', async () => {
    const directory = newDirectory();
    const writer = openStorage({ directory, maxBytes: Infinity });
    const write = (index: number) => writer.set(sample({ key: `key ${index}`, resource: `resource ${index}` }));
    let release = (): void => undefined;
    const held = new Promise<void>((resolve) => { release = resolve; });
    const listed: string[] = [];
    class HeldFiles extends Files {
      override async folders(folder: string): Promise<readonly string[]> {
        const found = await super.folders(folder);
        listed.push(folder);
        await held;
        return found;
      }
    }
    const places = new Places(directory, 'axios-cache');
    const files = new HeldFiles(places.temporary, false);
    const reports = new Reports('test');
    const entries = new EntryFiles(files, resolveRecordOptions({}, 'test').codec, reports);
    let evicted = 0;
    reports.onEvicted(() => { evicted += 1; });
    const housekeeping = new Housekeeping({ files, entries, places, maxBytes: 20 * EACH, reports });
    for (let index = 0; index < 19; index += 1) await write(index);
    housekeeping.written('set', EACH);
    await until(() => listed.length === 1);
    for (const index of [19, 20]) {
      await write(index);
      housekeeping.written('set', EACH);
    }
    release();
    await until(() => evicted === 3);
    await housekeeping.end();
  });

  test('takes what nothing can use before what was used longer ago', async () => {
    const { storage, evicted } = limited(10);
    await setAll(storage, samples(10, (index) => ({ purgeAtMs: index === 9 ? 1 : Infinity })));
    await storage.set(sample({ key: 'one more' }));
    await until(() => evicted.length >= 2);
    expect(keysOf(evicted)).toContain('key 9');
  });

  test('counts what other processes have written', async () => {
    const { storage, directory, evicted } = limited(10);
    await setAll(openStorage({ directory, maxBytes: Infinity }), samples(30));
    await storage.set(sample());
    await until(() => evicted.length >= 22);
    expect(await list(storage)).toHaveLength(9);
  });

  test('holds for many entries and large bodies', async () => {
    const { storage, evicted } = limited(40);
    const entries = samples(200, (index) => ({ body: new Uint8Array(index * 50) }));
    await Promise.all(entries.map((entry) => storage.set(entry)));
    const blocks = (bytes: number): number => Math.ceil(bytes / 4096);
    const isKeptTo = async (): Promise<boolean> => {
      const counts = (await list(storage)).map(({ bodyBytes }) => (5 + blocks(bodyBytes)) * 4096);
      return counts.reduce((sum, count) => sum + count, 0) <= 40 * EACH;
    };
    await until(isKeptTo);
    // What goes is told after it has gone.
    await until(async () => evicted.length + (await list(storage)).length === 200);
  });

  test('an entry that alone is too large is told, goes, and nothing goes for it', async () => {
    const { storage, evicted } = limited(3);
    await setAll(storage, [sample({ key: 'small' }), sample({ key: 'large' })]);
    expect(await storage.set(sample({ key: 'large', body: new Uint8Array(100_000) }))).toBe(false);
    expect(evicted.map(({ key, bodyBytes }) => [key, bodyBytes])).toEqual([['large', 100_000]]);
    expect(keysOf(await list(storage))).toEqual(['small']);
  });

  test('uses are written down after a thousand reads, and at the end', async () => {
    const { storage, directory } = limited(100);
    await storage.set(sample());
    const [head = ''] = filesIn(directory, HEAD);
    makeOlder(head);
    await Promise.all(Array.from({ length: 1000 }, () => lookUp(storage)));
    await until(() => statSync(head).mtimeMs > Date.now() - HOURS_2_MS / 2);
    makeOlder(head);
    await lookUp(storage);
    await storage.close();
    expect(statSync(head).mtimeMs).toBeGreaterThan(Date.now() - HOURS_2_MS / 2);
  });
});

test('many keys of one resource are deleted while other calls are answered', async () => {
  const storage = openStorage(newDirectory());
  await Promise.all(samples(300).map((entry) => storage.set(entry)));
  let isDone = false;
  const deleting = storage.delete({ resource: 'resource' }).finally(() => { isDone = true; });
  let turns = 0;
  for (; !isDone; turns += 1) await new Promise((resolve) => { setImmediate(resolve); });
  expect(turns).toBeGreaterThan(10);
  // The count is of what went within a second; the rest goes behind the call, and is found by nobody any more.
  expect(await deleting).toBeGreaterThan(0);
  expect(await list(storage)).toEqual([]);
});
