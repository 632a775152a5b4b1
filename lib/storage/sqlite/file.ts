/** The file of a SqliteStorage: where it is, whether it can be written, and how a damaged one is put aside. */
import {
  accessSync, chmodSync, closeSync, constants, mkdirSync, openSync, readSync, renameSync, type Stats, statSync,
} from 'node:fs';
import { homedir } from 'node:os';
import { basename, dirname, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { CacheError } from '../../api/errors.js';
import { optionError } from '../../options/faults.js';

/** Not a file: the database lives as long as its connection. */
const IN_MEMORY = ':memory:';

/** What SQLite writes beside the database, put aside before it: a new database must not find them. */
const SIDE_FILES = ['-wal', '-shm', '-journal'];

/** Answers may be anybody's private data: the owner reads and writes, nobody else. */
const PRIVATE_MODE = 0o600;

/** How every database begins. */
const MAGIC = Buffer.from('SQLite format 3\0', 'latin1');
/** The largest page that SQLite has: the first one names tables. */
const FIRST_PAGE_BYTES = 65_536;

/**
 * An absolute path, or `:memory:`. `~` is the home folder; `file:` URLs are paths, taken as they are.
 * @throws CacheError `ERR_CACHE_OPTION`
 */
export function resolvePath(path: string): string {
  if (path === IN_MEMORY) return path;
  if (path.startsWith('file:')) return pathOfUrl(path);
  return withExtension(resolve(path.replace(/^~(?=$|[\\/])/, homedir)));
}

/** A bare name gets `.sqlite`, as in aiohttp-client-cache, unless there is something of that name. */
const withExtension = (path: string): string =>
  basename(path).includes('.') || statSync(path, { throwIfNoEntry: false }) !== undefined ? path : `${path}.sqlite`;

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
 * Makes the folder of the file where it is missing, and sees that both can be written, and that nothing lies there that
 * is no database.
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
  const problem = foreignContent(path);
  if (problem !== undefined) throw optionError('path', `SqliteStorage: ${problem} Give the path of a file for the cache.`);
}

/** In which the file is to be. */
export function makeFolder(path: string): void {
  if (path !== IN_MEMORY) mkdirSync(dirname(path), { recursive: true });
}

/** Makes the file where it is missing, empty. SQLite would make it readable for everybody. */
export function makeFile(path: string): void {
  if (path === IN_MEMORY) return;
  try {
    closeSync(openSync(path, 'wx', PRIVATE_MODE));
  } catch {
    // It is there, or SQLite says why it cannot be.
  }
}

/** What SQLite makes beside the file from then on has the same mode. */
export function closeToOthers(path: string): void {
  if (path !== IN_MEMORY) for (const suffix of ['', ...SIDE_FILES]) makePrivate(path + suffix);
}

/** Where it belongs to somebody else, that one has to. */
function makePrivate(path: string): void {
  const stats = statSync(path, { throwIfNoEntry: false });
  if (stats?.isFile() !== true || (stats.mode & 0o777) === PRIVATE_MODE) return;
  try {
    chmodSync(path, PRIVATE_MODE);
  } catch {
    return;
  }
}

/**
 * Says what is wrong with a file that is no database and never was one: the path was meant for something else. A
 * database may be damaged, and nothing need be written into it yet.
 */
export function foreignContent(path: string): string | undefined {
  const stats = path === IN_MEMORY ? undefined : statSync(path, { throwIfNoEntry: false });
  if (stats?.isFile() !== true || stats.size === 0 || isInUse(path) || isDatabase(path, stats)) return undefined;
  return `${path} is no SQLite database. Nothing in it was changed.`;
}

/**
 * Whether a connection has the file open, or was cut off. Such a file must not be opened past SQLite: with that, the
 * process would lose all locks that it has on the file (https://www.sqlite.org/howtocorrupt.html, section 2.2).
 */
const isInUse = (path: string): boolean =>
  SIDE_FILES.some((suffix) => statSync(path + suffix, { throwIfNoEntry: false }) !== undefined);

/** SQLite takes a single byte for no content at all and writes over it, so that one is never a database. */
function isDatabase(path: string, { size }: Stats): boolean {
  const page = firstPage(path);
  const head = MAGIC.subarray(0, page.byteLength);
  const right = head.filter((byte, index) => byte === page[index]).byteLength;
  if (right === head.byteLength) return size > 1;
  // Of 16 bytes some may be damaged. Where all of them are, the tables of the cache are still named in the first page.
  // A file with a whole head of a database further in is a container of some sort.
  if (head.byteLength === MAGIC.byteLength && 2 * right >= MAGIC.byteLength) return true;
  if (page.every((byte) => byte === 0)) return size > 1;
  return page.includes('axios_cache_v') && page.includes(0) && !page.includes(MAGIC);
}

function firstPage(path: string): Buffer {
  const file = openSync(path, 'r');
  try {
    const page = Buffer.alloc(FIRST_PAGE_BYTES);
    return page.subarray(0, readSync(file, page, 0, FIRST_PAGE_BYTES, 0));
  } finally {
    closeSync(file);
  }
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
  closeToOthers(aside);
  return aside;
}
