/** The file of a SqliteStorage: where it is, whether it can be written, and how a damaged one is put aside. */
import { accessSync, constants, mkdirSync, renameSync, statSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { CacheError } from '../../api/errors.js';
import { optionError } from '../../options/faults.js';

/** Not a file: the database lives as long as its connection. */
const IN_MEMORY = ':memory:';

/** What SQLite writes beside the database, put aside before it: a new database must not find them. */
const SIDE_FILES = ['-wal', '-shm'];

/**
 * An absolute path, or `:memory:`. `~` is the home folder; `file:` URLs are paths.
 * @throws CacheError `ERR_CACHE_OPTION`
 */
export function resolvePath(path: string): string {
  if (path === IN_MEMORY) return path;
  if (path.startsWith('file:')) return pathOfUrl(path);
  return resolve(path.replace(/^~(?=$|[\\/])/, homedir));
}

/** SQLite's own query parameters would mean another way to open the file. */
function pathOfUrl(url: string): string {
  try {
    const { search, hash } = new URL(url);
    // Without slashes it would be below the root, though it looks as if it were relative.
    if (search === '' && hash === '' && url.startsWith('file://')) return fileURLToPath(url);
  } catch {
    // Said below, as for a URL with parameters.
  }
  const remedy = 'To open it otherwise, do so and pass { database }.';
  throw optionError('path', `path: a file: URL must begin with file:// and have no parameters. ${remedy}`);
}

/**
 * Makes the folder of the file where it is missing, and sees that both can be written.
 * @throws CacheError `ERR_CACHE_OPTION` with the system's error as its cause.
 */
export function prepareFile(path: string): void {
  if (path === IN_MEMORY) return;
  try {
    makeFolder(path);
    // SQLite keeps files of its own beside the database.
    accessSync(dirname(path), constants.W_OK);
    const stats = statSync(path, { throwIfNoEntry: false });
    if (stats?.isDirectory() === true) throw new Error('it is a folder');
    if (stats?.isFile() === false) throw new Error('it is no file');
    if (stats !== undefined) accessSync(path, constants.R_OK | constants.W_OK);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    const remedy = 'Give a path in a folder that this process may write to, or ":memory:".';
    throw new CacheError('ERR_CACHE_OPTION', `SqliteStorage cannot write ${path}: ${reason}. ${remedy}`, {
      option: 'path',
      cause,
    });
  }
}

/** In which the file is to be. */
export function makeFolder(path: string): void {
  if (path !== IN_MEMORY) mkdirSync(dirname(path), { recursive: true });
}

/** Which file a path leads to, to tell whether it is still the same; `undefined`: none. */
export function identify(path: string): bigint | undefined {
  return path === IN_MEMORY ? undefined : statSync(path, { bigint: true, throwIfNoEntry: false })?.ino;
}

/**
 * Renames the database and what lies beside it; its new path, or `undefined` where it is not the file meant: another
 * process was faster, and what is there now is new.
 */
export function putAside(path: string, identity: bigint | undefined, nowMs: number): string | undefined {
  if (identity === undefined || identify(path) !== identity) return undefined;
  const aside = `${path}.corrupt-${new Date(nowMs).toISOString().replaceAll(/\D/g, '')}`;
  for (const suffix of [...SIDE_FILES, '']) {
    if (statSync(path + suffix, { throwIfNoEntry: false }) !== undefined) renameSync(path + suffix, aside + suffix);
  }
  return aside;
}
