/** FilesystemStorage in folders of its own, and the same folders reached past it, to look into them or damage them. */
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import type { CacheError } from '../../lib/api/errors.js';
import type { CacheStorage } from '../../lib/api/storage.js';
import type { StorageEngine } from '../../lib/storage/contract/rule.js';
import { FilesystemStorage } from '../../lib/storage/filesystem/filesystem.js';
import type { FilesystemStorageOptions } from '../../lib/storage/filesystem/options.js';
import { tellSkipped } from './unless.js';
import { unswept } from './unswept.js';

let folder: string | undefined;
let count = 0;
let opened: FilesystemStorage[] = [];

afterEach(async () => {
  const closing = opened;
  opened = [];
  await Promise.all(closing.map((storage) => storage.close()));
});
afterAll(() => {
  if (folder !== undefined) rmSync(folder, { recursive: true, force: true });
});

/** Where nothing is yet; it goes after the tests. */
export function newDirectory(): string {
  folder ??= mkdtempSync(join(tmpdir(), 'filesystem-storage-'));
  count += 1;
  return join(folder, String(count));
}

/** A storage that is closed after the test. */
export function openStorage(options: string | FilesystemStorageOptions): FilesystemStorage {
  const storage = new FilesystemStorage(options);
  opened.push(storage);
  return storage;
}

/** What `storage` reports from now on. */
export function problemsOf(storage: FilesystemStorage): readonly (readonly [operation: string, error: CacheError])[] {
  const problems: [string, CacheError][] = [];
  storage.onProblem((operation, error) => problems.push([operation, error]));
  return problems;
}

/** Every file below `directory` whose name fits. */
export const filesIn = (directory: string, name: RegExp = /^/): readonly string[] =>
  readdirSync(directory, { recursive: true, withFileTypes: true })
    .filter((each) => each.isFile() && name.test(each.name))
    .map((each) => join(each.parentPath, each.name))
    .sort();

export const HEAD = /\.head$/;
export const BODY = /\.body$/;
const ENTRY = /\.(head|body)$/;
/** Everything that fences and entries depend on. */
export const TOKENS = /^(token|changes|listings)$/;

/** Where a file is, without the folder of the cache. */
export const namesOf = (paths: readonly string[]): readonly string[] => paths.map((path) => basename(path));

/** Writes `change` of its bytes into each file. */
export function rewrite(paths: readonly string[], change: (bytes: Buffer, index: number) => Uint8Array): void {
  for (const [index, path] of paths.entries()) writeFileSync(path, change(readFileSync(path), index));
}

const withByte = (bytes: Buffer, at: number, value: number): Buffer => {
  bytes[at] = value;
  return bytes;
};

/** Ways in which files are damaged. */
const DAMAGES: readonly ((bytes: Buffer) => Uint8Array)[] = [
  (bytes) => bytes.subarray(0, 40),
  (bytes) => Buffer.alloc(bytes.byteLength),
  (bytes) => withByte(bytes, bytes.byteLength - 3, (bytes.at(-3) ?? 0) ^ 1),
];

/** The entries as they are now, to be put back. */
function keepEntries(directory: string): () => void {
  const kept = filesIn(directory, ENTRY).map((path) => [path, readFileSync(path)] as const);
  return () => {
    for (const [path, bytes] of kept) {
      mkdirSync(dirname(path), { recursive: true });
      writeFileSync(path, bytes);
    }
  };
}

/** What the storage contract needs: each storage in a folder of its own. */
export function engineOf(options: FilesystemStorageOptions = {}): {
  create: () => CacheStorage;
  engine: StorageEngine;
} {
  const directories = new WeakMap<CacheStorage, string>();
  const open = (directory: string, others: FilesystemStorageOptions = {}): CacheStorage => {
    const storage = new FilesystemStorage({ directory, ...options, ...others });
    directories.set(storage, directory);
    return storage;
  };
  const directoryOf = (storage: CacheStorage): string => directories.get(storage) ?? '';
  const reopen = (storage: CacheStorage): CacheStorage => open(directoryOf(storage));
  const reopenAfter = (change: (directory: string) => void) => (storage: CacheStorage) => {
    change(directoryOf(storage));
    return reopen(storage);
  };
  const losing = (isLost: (path: string) => boolean) => reopenAfter((directory) => {
    for (const path of filesIn(directory).filter(isLost)) rmSync(path);
  });
  return {
    create: () => open(newDirectory()),
    engine: {
      reopen,
      reopenFenced: reopen,
      // Two instances of one process, which take turns; those of two processes leave a window, as the docs say.
      reopenAtomic: reopen,
      reopenWithoutTokens: losing((path) => TOKENS.test(basename(path))),
      reopenWithoutNamespaceToken: losing((path) => TOKENS.test(basename(path)) && !path.includes('/entries/') &&
        !path.includes('/tags/')),
      // Those of keys stand below those of their resources.
      reopenWithoutResourceTokens: losing((path) => path.includes('/entries/') && TOKENS.test(basename(path))),
      reopenWithoutTagTokens: losing((path) => path.includes('/tags/') && TOKENS.test(basename(path))),
      reopenWithoutEntries: losing((path) => ENTRY.test(basename(path))),
      reopenUnswept: (storage) => unswept(reopen(storage), () => keepEntries(directoryOf(storage))),
      openOtherNamespace: (storage) => open(directoryOf(storage), { namespace: 'other' }),
      reopenInOtherFormat: reopenAfter((directory) => {
        rewrite(filesIn(directory, HEAD), (bytes) => withByte(bytes, 2, 99));
      }),
      reopenDamaged: reopenAfter((directory) => {
        rewrite(filesIn(directory, HEAD), (bytes, index) => (DAMAGES[index % 3] ?? DAMAGES[0])?.(bytes) ?? bytes);
      }),
      reopenLimited: (storage) => open(directoryOf(storage), { maxBytes: 100_000 }),
    },
  };
}

/** A disk of its own; `undefined` where this process may not mount one. */
export interface SmallDisk {
  readonly path: string;
  readonly makeReadOnly: () => void;
  readonly makeWritable: () => void;
  readonly unmount: () => void;
}

/** Linux lets root mount a disk in memory. It is to be unmounted before its folder goes. */
export function mountDisk(sizeBytes: number): SmallDisk | undefined {
  const path = newDirectory();
  const mount = (...args: readonly string[]): void => void execFileSync('mount', [...args, path], { stdio: 'ignore' });
  mkdirSync(path, { recursive: true });
  try {
    mount('-t', 'tmpfs', '-o', `size=${sizeBytes},mode=700`, 'filesystem-storage');
  } catch {
    tellSkipped('filesystem: tests of a full and of a read-only disk are', 'no disk can be mounted here');
    return undefined;
  }
  return {
    path,
    makeReadOnly: () => { mount('-o', 'remount,ro'); },
    makeWritable: () => { mount('-o', 'remount,rw'); },
    unmount: () => { execFileSync('umount', [path]); },
  };
}

/** Takes all the room that is left on a disk of so many bytes, and gives what gives it back. */
export function fillDisk(path: string, diskBytes: number): () => void {
  const junk = join(path, 'junk');
  for (let bytes = diskBytes; bytes >= 1; bytes = Math.floor(bytes / 2)) {
    try {
      writeFileSync(junk, new Uint8Array(bytes), { flag: 'a' });
    } catch {
      continue;
    }
  }
  return () => { rmSync(junk); };
}
