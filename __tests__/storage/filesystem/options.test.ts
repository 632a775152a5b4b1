/** What FilesystemStorage takes. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { sample } from '../../../lib/storage/contract/rule.js';
import { patiently } from '../../../lib/storage/filesystem/files.js';
import { FilesystemStorage } from '../../../lib/storage/filesystem/filesystem.js';
import { resolveFilesystemOptions } from '../../../lib/storage/filesystem/options.js';
import { filesIn, HEAD, newDirectory, openStorage } from '../../support/filesystem.js';

test.each<[string, unknown, RegExp]>([
  ['options', undefined, /FilesystemStorage takes an object with directory, maxBytes, fsync, namespace/],
  ['directory', {}, /directory must be the path of a folder; got undefined/],
  ['directory', '', /directory must be the path of a folder; got ""/],
  ['directory', 'file:///tmp/cache', /directory must be a path, not a URL/],
  ['maxBytes', { directory: 'a', maxBytes: 0.5 }, /maxBytes must be a whole number of at least 1, or Infinity; got 0.5/],
  ['maxBytes', { directory: 'a', maxBytes: '1' }, /maxBytes must be/],
  ['fsync', { directory: 'a', fsync: 'yes' }, /fsync must be true or false; got "yes"/],
  ['maxEntries', { directory: 'a', maxEntries: 5 }, /unknown option "maxEntries": FilesystemStorage takes/],
  ['namespace', { directory: 'a', namespace: '' }, /namespace must be text that is not empty/],
])('%s that are wrong are an error of the constructor: %p', (option, given, message) => {
  const error = { code: 'ERR_CACHE_OPTION', option, message: expect.stringMatching(message) as string };
  expect(() => new FilesystemStorage(given as string)).toThrow(expect.objectContaining(error) as Error);
});

test('a directory that is a file is an error of the constructor', () => {
  const path = newDirectory();
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, '');
  expect(() => new FilesystemStorage(path)).toThrow(/directory must be a folder; .* is none/);
});

test('~ is the home folder, and a relative path is one of the folder in which the program runs', () => {
  expect(resolveFilesystemOptions('~/a').directory).toBe(join(homedir(), 'a'));
  expect(resolveFilesystemOptions('~a').directory).toBe(join(process.cwd(), '~a'));
});

test('a path and { directory } are the same', async () => {
  const directory = newDirectory();
  await openStorage(relative(process.cwd(), directory)).set(sample());
  await openStorage({ directory }).set(sample());
  expect(filesIn(directory, HEAD)).toHaveLength(1);
});

describe('a step that another process hinders for a moment', () => {
  const failing = (code: string, times: number) => {
    let calls = 0;
    return {
      calls: () => calls,
      work: async () => {
        calls += 1;
        if (calls <= times) throw Object.assign(new Error(code), { code });
        return 'done';
      },
    };
  };

  test.each(['EPERM', 'EBUSY', 'EACCES'])('is tried again: %s', async (code) => {
    expect(await patiently(failing(code, 3).work)).toBe('done');
  });

  test('is given up after some tries', async () => {
    const { work, calls } = failing('EBUSY', Infinity);
    await expect(patiently(work)).rejects.toThrow('EBUSY');
    expect(calls()).toBe(6);
  });

  test('is not tried again where that is of no use', async () => {
    const { work, calls } = failing('ENOSPC', Infinity);
    await expect(patiently(work)).rejects.toThrow('ENOSPC');
    expect(calls()).toBe(1);
  });
});
