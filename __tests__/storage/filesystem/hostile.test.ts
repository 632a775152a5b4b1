/** FilesystemStorage where its folder holds what it has not written: links, pipes, folders, damage. */
import { execFileSync } from 'node:child_process';
import {
  copyFileSync, existsSync, lstatSync, mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync, truncateSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import {
  expectStored, list, lookUp, sample, samples, setAll, withoutBody,
} from '../../../lib/storage/contract/rule.js';
import type { FilesystemStorage } from '../../../lib/storage/filesystem/filesystem.js';
import {
  BODY, filesIn, HEAD, newDirectory, openStorage, problemsOf, rewrite, TOKENS,
} from '../../support/filesystem.js';
import { unless } from '../../support/unless.js';

const withPipes = unless(process.platform === 'win32' ? 'Windows has none' : undefined, 'pipes: their tests are');

const ENTRY = sample({ tags: ['tag'] });

/** A folder with one entry and a value of `meta`, which nobody has open. */
async function written(): Promise<string> {
  const directory = newDirectory();
  const storage = openStorage(directory);
  await storage.set(ENTRY);
  await storage.delete({ underWay: true });
  await storage.meta('name', () => 'value');
  await storage.close();
  return directory;
}

/** Everything that a storage can do, one after the other. Whatever lies in the folder, nothing rejects. */
async function doEverything(storage: FilesystemStorage): Promise<void> {
  const { fence } = await lookUp(storage);
  await storage.touch(withoutBody(sample({ head: 'renewed' })), fence);
  await storage.set(ENTRY, fence);
  await storage.meta('name', () => 'another');
  await list(storage);
  await storage.delete({ key: 'key', resource: 'resource', variant: '' });
  await storage.set(ENTRY);
  await storage.delete({ tag: 'tag' });
  await storage.delete({ underWay: true });
  await storage.set(ENTRY);
  await storage.delete({ resource: 'resource' });
  await storage.deleteExpired(Date.now());
  await storage.set(ENTRY);
  await expectStored(storage, 'key', [ENTRY], 'after everything');
  await storage.clear();
  await storage.set(ENTRY);
  await expectStored(storage, 'key', [ENTRY], 'after clear');
}

const NAMES: readonly RegExp[] = [HEAD, BODY, TOKENS, /^[0-9a-f]{32}(\.[0-9a-f]{32}){0,2}$/];

describe.each(NAMES)('in the place of the files %s', (name) => {
  test('links lead to nothing: what they point to is neither read nor written', async () => {
    const directory = await written();
    const victim = join(newDirectory(), 'victim');
    mkdirSync(dirname(victim), { recursive: true });
    writeFileSync(victim, 'precious');
    for (const path of filesIn(directory, name)) {
      rmSync(path);
      symlinkSync(victim, path);
    }
    await doEverything(openStorage(directory));
    expect(readFileSync(victim, 'utf8')).toBe('precious');
    expect(readdirSync(dirname(victim))).toEqual(['victim']);
  });

  test('links to files of the cache itself are no files of the cache', async () => {
    const directory = await written();
    for (const path of filesIn(directory, name)) {
      const aside = join(newDirectory(), 'aside');
      mkdirSync(dirname(aside), { recursive: true });
      copyFileSync(path, aside);
      rmSync(path);
      symlinkSync(aside, path);
    }
    if (name === HEAD || name === BODY) await expectStored(openStorage(directory), 'key', [], 'by links');
    await doEverything(openStorage(directory));
  });

  test('folders, empty files, files of zeros and very large files are done with', async () => {
    const changes: readonly ((path: string) => void)[] = [
      (path) => { mkdirSync(join(path, 'deep'), { recursive: true }); },
      (path) => { writeFileSync(path, ''); },
      (path) => { writeFileSync(path, new Uint8Array(500)); },
      (path) => {
        writeFileSync(path, '');
        truncateSync(path, 2 ** 40);
      },
    ];
    for (const change of changes) {
      const directory = await written();
      for (const path of filesIn(directory, name)) {
        rmSync(path);
        change(path);
      }
      await doEverything(openStorage(directory));
    }
  });

  withPipes.test('pipes hold nothing up', async () => {
    const directory = await written();
    for (const path of filesIn(directory, name)) {
      rmSync(path);
      execFileSync('mkfifo', [path]);
    }
    await doEverything(openStorage(directory));
  });
});

test('files and folders with other names stay, and are in nobody\'s way', async () => {
  const directory = await written();
  const [head = ''] = filesIn(directory, HEAD);
  const strange = ['a.head', '.head', `${'0'.repeat(32)}.head.bak`, 'x'.repeat(200), '.nfs0001', 'token.tmp'];
  for (const name of strange) writeFileSync(join(dirname(head), name), 'strange');
  writeFileSync(join(dirname(dirname(dirname(dirname(head)))), 'zz'), 'strange');
  const storage = openStorage(directory);
  await expectStored(storage, 'key', [ENTRY], 'beside others');
  expect(await list(storage)).toHaveLength(1);
  await storage.deleteExpired(Date.now());
  expect(strange.every((name) => existsSync(join(dirname(head), name)))).toBe(true);
  await doEverything(storage);
});

test('a link in the place of a folder is not followed by a listing or a sweep', async () => {
  const directory = await written();
  const other = await written();
  const [head = ''] = filesIn(directory, HEAD);
  const shard = dirname(dirname(dirname(head)));
  const [otherHead = ''] = filesIn(other, HEAD);
  rmSync(shard, { recursive: true });
  symlinkSync(dirname(dirname(dirname(otherHead))), shard);
  const storage = openStorage(directory);
  expect(await list(storage)).toEqual([]);
  await storage.deleteExpired(Number.MAX_SAFE_INTEGER);
  await storage.clear();
  await storage.close();
  expect(lstatSync(otherHead).isFile()).toBe(true);
  await expectStored(openStorage(other), 'key', [ENTRY], 'in the folder that the link led to');
});

describe('damage', () => {
  const flip = (bytes: Buffer, at: number): Buffer => {
    bytes[at] = (bytes[at] ?? 0) ^ 1;
    return bytes;
  };

  test('is a miss, is told once, and is removed', async () => {
    const directory = await written();
    rewrite(filesIn(directory, BODY), (bytes) => flip(bytes, bytes.byteLength - 5));
    const storage = openStorage(directory);
    const problems = problemsOf(storage);
    await expectStored(storage, 'key', [], 'damaged');
    await expectStored(storage, 'key', [], 'damaged, once more');
    expect(problems.map(([operation, { code }]) => [operation, code])).toEqual([['get', 'ERR_CACHE_RECORD']]);
    expect(problems[0]?.[1].message).toMatch(/a record is damaged: .*; it is deleted$/);
    expect(filesIn(directory, HEAD)).toEqual([]);
  });

  test('of any one bit is noticed: an entry is read as it was, or not at all', async () => {
    const directory = await written();
    const files = [...filesIn(directory, HEAD), ...filesIn(directory, BODY)];
    const contents = files.map((path) => readFileSync(path));
    for (const [index, path] of files.entries()) {
      const content = contents[index] ?? Buffer.alloc(0);
      for (let at = 0; at < content.byteLength; at += 3) {
        for (const [other, each] of files.entries()) writeFileSync(each, contents[other] ?? '');
        writeFileSync(path, flip(Buffer.from(content), at));
        const { entries } = await lookUp(openStorage(directory));
        expect(entries).toEqual([]);
      }
    }
  });

  test('of files that were cut is noticed, wherever they were', async () => {
    const directory = await written();
    const storage = openStorage(directory);
    for (const path of [...filesIn(directory, HEAD), ...filesIn(directory, BODY)]) {
      for (const length of [0, 1, 7, 11, 12, 40, Infinity]) {
        await storage.set(ENTRY);
        // A head has a time in it, so that it is not always as long.
        truncateSync(path, Math.min(length, readFileSync(path).byteLength - 1));
        await expectStored(storage, 'key', [], `cut to ${length} bytes`);
      }
    }
  });

  test('by which a head or a body stands in the place of another is noticed', async () => {
    const directory = newDirectory();
    const storage = openStorage(directory);
    const entries = samples(3, (index) => ({ resource: `${index}`, body: Uint8Array.of(index, index, index) }));
    await setAll(storage, entries);
    for (const name of [HEAD, BODY]) {
      const paths = filesIn(directory, name);
      const [first = Buffer.alloc(0)] = paths.map((path) => readFileSync(path));
      for (const path of paths.slice(1)) writeFileSync(path, first);
      let found = 0;
      for (const { key, resource, body } of entries) {
        const { entries: stored } = await lookUp(storage, key, resource);
        found += stored.length;
        for (const each of stored) expect([each.key, each.body]).toEqual([key, body]);
      }
      expect(found).toBe(1);
      await setAll(storage, entries);
    }
  });

  test('of a token makes what depended on it invalid, and it is made anew', async () => {
    for (const path of filesIn(await written(), TOKENS).keys()) {
      const directory = await written();
      const file = filesIn(directory, TOKENS)[path] ?? '';
      writeFileSync(file, new Uint8Array(16));
      const storage = openStorage(directory);
      const { entries } = await lookUp(storage);
      expect(entries).toHaveLength(/token$/.test(file) ? 0 : 1);
      const { fence } = await lookUp(storage);
      expect(await storage.set(ENTRY, fence)).toBe(true);
      await expectStored(openStorage(directory), 'key', [ENTRY], file);
    }
  });

  test('of a value of meta leads to a new one, on which all agree', async () => {
    const directory = await written();
    const [path = ''] = filesIn(directory, /^[0-9a-f]{32}$/);
    for (const content of ['"val', '5', '', '\u0000\u0000']) {
      writeFileSync(path, content);
      const value = await openStorage(directory).meta('name', () => `after ${content}`);
      expect(value).toBe(`after ${content}`);
      expect(await openStorage(directory).meta('name', () => 'later')).toBe(value);
    }
  });
});
