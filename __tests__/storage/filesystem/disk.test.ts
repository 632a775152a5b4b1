/** FilesystemStorage on a disk that is full, and on one that cannot be written. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expectStored, list, lookUp, sample, samples, withoutBody } from '../../../lib/storage/contract/rule.js';
import {
  BODY, fillDisk, filesIn, HEAD, mountDisk, openStorage, problemsOf, type SmallDisk,
} from '../../support/filesystem.js';

const DISK_BYTES = 1024 * 1024;

/** A storage on a disk of its own; both go after the test. */
async function onDisk(check: (disk: SmallDisk) => Promise<void>): Promise<void> {
  const disk = mountDisk(DISK_BYTES);
  if (disk === undefined) return;
  try {
    await check(disk);
  } finally {
    disk.unmount();
  }
}

test('a set on a full disk rejects, and leaves what was there', () =>
  onDisk(async ({ path }) => {
    const storage = openStorage(path);
    const former = sample({ body: new Uint8Array(1000) });
    await storage.set(former);
    fillDisk(path, DISK_BYTES);
    await expect(storage.set(sample({ body: new Uint8Array(500_000) }))).rejects.toThrow(/ENOSPC/);
    await expectStored(storage, 'key', [former], 'after a set on a full disk');
    expect([filesIn(path, HEAD).length, filesIn(path, BODY).length]).toEqual([1, 1]);
    await storage.close();
  }));

test.each([
  ['key', { key: 'key', resource: 'resource' }],
  ['resource', { resource: 'resource' }],
  ['tag', { tag: 'tag' }],
] as const)('a delete by %s on a full disk deletes, and stops what is under way', (_name, selector) =>
  onDisk(async ({ path }) => {
    const storage = openStorage(path);
    const entry = sample({ tags: ['tag'] });
    await storage.set(entry);
    const { fence } = await lookUp(storage);
    const free = fillDisk(path, DISK_BYTES);
    await storage.delete(selector);
    await expectStored(storage, 'key', [], 'after delete on a full disk');
    free();
    expect(await storage.set(entry, fence)).toBe(false);
    await expectStored(storage, 'key', [], 'after a late answer');
    const { fence: later } = await lookUp(storage);
    expect(await storage.set(entry, later)).toBe(true);
    await storage.close();
  }));

test('clear on a full disk clears', () =>
  onDisk(async ({ path }) => {
    const storage = openStorage(path);
    await storage.set(sample());
    const { fence } = await lookUp(storage);
    const free = fillDisk(path, DISK_BYTES);
    await storage.clear();
    expect(await list(storage)).toEqual([]);
    free();
    expect(await storage.set(sample(), fence)).toBe(false);
    await storage.close();
  }));

test('a look-up on a full disk gives what is there, and a fence by which nothing is stored, which is told once', () =>
  onDisk(async ({ path }) => {
    const storage = openStorage(path);
    const problems = problemsOf(storage);
    await storage.set(sample());
    const free = fillDisk(path, DISK_BYTES);
    await expectStored(storage, 'key', [sample()], 'on a full disk');
    expect(problems).toEqual([]);
    const [first, second] = [await lookUp(storage, 'a', 'a'), await lookUp(storage, 'b', 'b')];
    expect([first.entries, second.entries]).toEqual([[], []]);
    expect(problems.map(([operation, { code }]) => [operation, code])).toEqual([['get', 'ERR_CACHE_STORAGE']]);
    free();
    await expect(storage.set(sample({ key: 'a', resource: 'a' }), first.fence)).rejects.toThrow(/ENOSPC/);
    const again = await lookUp(storage, 'a', 'a');
    expect(await storage.set(sample({ key: 'a', resource: 'a' }), again.fence)).toBe(true);
    await storage.close();
  }));

test('a disk that fills up while many write keeps every entry whole', () =>
  onDisk(async ({ path }) => {
    const storage = openStorage(path);
    const entries = samples(100, (index) => ({ body: new Uint8Array(20_000).fill(index) }));
    const results = await Promise.allSettled(entries.map((entry) => storage.set(entry)));
    expect(results.some(({ status }) => status === 'rejected')).toBe(true);
    let found = 0;
    for (const [index, { key }] of entries.entries()) {
      const { entries: stored } = await lookUp(storage, key);
      for (const { body } of stored) expect(body).toEqual(new Uint8Array(20_000).fill(index));
      found += stored.length;
    }
    expect(found).toBe(results.filter(({ status }) => status === 'fulfilled').length);
    await storage.close();
  }));

test('a folder that cannot be written is read, and invalidations of it reject', () =>
  onDisk(async (disk) => {
    const writer = openStorage(disk.path);
    await writer.set(sample());
    await writer.close();
    disk.makeReadOnly();
    const storage = openStorage(disk.path);
    const problems = problemsOf(storage);
    await expectStored(storage, 'key', [sample()], 'read-only');
    expect(await list(storage)).toHaveLength(1);
    expect(problems).toEqual([]);
    const { fence } = await lookUp(storage, 'other', 'other');
    await expect(storage.set(sample({ key: 'other', resource: 'other' }), fence)).rejects.toThrow(/EROFS/);
    expect(problems).toHaveLength(1);
    await expect(storage.set(sample())).rejects.toThrow(/EROFS/);
    await expect(storage.touch(withoutBody(sample({ head: 'renewed' })))).rejects.toThrow(/EROFS/);
    await expect(storage.delete({ resource: 'resource' })).rejects.toThrow(/EROFS/);
    await expect(storage.clear()).rejects.toThrow(/EROFS/);
    await storage.close();
    disk.makeWritable();
    const again = openStorage(disk.path);
    expect(await again.delete({ resource: 'resource' })).toBe(1);
    await again.close();
    expect(readFileSync(join(disk.path, 'v1', 'CACHEDIR.TAG')).byteLength).toBeGreaterThan(0);
  }));
