/** What FilesystemStorage may be given, checked once. */
import { statSync } from 'node:fs';
import { homedir } from 'node:os';
import { resolve } from 'node:path';
import { optionError, showValue } from '../../options/faults.js';
import type { RecordCodec } from '../record/codec.js';
import { checkOptionNames, type RecordOptions, resolveRecordOptions } from '../record/options.js';

export interface FilesystemStorageOptions extends RecordOptions {
  /**
   * The folder of the cache; missing ones are made, `~` is your home folder. The cache keeps what it writes in a folder
   * `v1` in it, which nobody but you may read, and leaves everything else there as it is.
   */
  directory?: string;
  /**
   * Bytes kept at most in this namespace, as a disk counts: heads and bodies in blocks of 4 KiB, and 16 KiB an entry
   * for its folders and tokens. What was used least recently goes first, approximately. `Infinity`: no limit.
   * @default 256 MiB
   */
  maxBytes?: number;
  /**
   * Whether each write waits until it is on the disk. Without it a power failure may take the last writes and the last
   * invalidations with it, and what is half written is noticed. @default false
   */
  fsync?: boolean;
}

export interface ResolvedFilesystemOptions {
  readonly directory: string;
  readonly maxBytes: number;
  readonly fsync: boolean;
  readonly namespace: string;
  readonly codec: RecordCodec;
}

const NAME = 'FilesystemStorage';
const OWN_NAMES = ['directory', 'maxBytes', 'fsync'] as const satisfies readonly (keyof FilesystemStorageOptions)[];

/** @throws CacheError `ERR_CACHE_OPTION` */
export function resolveFilesystemOptions(given: string | FilesystemStorageOptions): ResolvedFilesystemOptions {
  const options = typeof given === 'string' ? { directory: given } : given;
  checkOptionNames(options, OWN_NAMES, NAME);
  const { directory, maxBytes = 256 * 1024 * 1024, fsync = false } = options;
  const isSize = maxBytes === Infinity || (Number.isSafeInteger(maxBytes) && maxBytes >= 1);
  if (!isSize) throw wrong('maxBytes', maxBytes, 'a whole number of at least 1, or Infinity');
  if (typeof fsync !== 'boolean') throw wrong('fsync', fsync, 'true or false');
  return { directory: resolveDirectory(directory), maxBytes, fsync, ...resolveRecordOptions(options, NAME) };
}

function resolveDirectory(directory: unknown): string {
  if (typeof directory !== 'string' || directory === '') throw wrong('directory', directory, 'the path of a folder');
  if (directory.startsWith('file:')) throw wrong('directory', directory, 'a path, not a URL (fileURLToPath makes one)');
  const path = resolve(directory.replace(/^~(?=$|[\\/])/, homedir));
  if (isNoFolder(path)) throw optionError('directory', `${NAME}: directory must be a folder; ${path} is none.`);
  return path;
}

function isNoFolder(path: string): boolean {
  try {
    return statSync(path, { throwIfNoEntry: false })?.isDirectory() === false;
  } catch {
    // The first call says what is wrong with it.
    return false;
  }
}

const wrong = (option: string, value: unknown, allowed: string): Error =>
  optionError(option, `${NAME}: ${option} must be ${allowed}; got ${showValue(value)}.`);
