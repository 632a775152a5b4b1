/** What SqliteStorage may be given, checked once. */
import type { Duration } from '../../api/options.js';
import { optionError, showValue } from '../../options/faults.js';
import type { RecordCodec } from '../record/codec.js';
import { type RecordOptions, resolveRecordOptions } from '../record/options.js';
import { isPlainObject } from '../../support/plain-object.js';
import { parseDuration } from '../../options/lifetimes.js';
import type { SqliteTarget } from './connection.js';
import type { SqliteDriverName } from './database.js';
import { adoptDatabase, DRIVER_NAMES, loadDriver } from './drivers.js';
import { prepareFile, resolvePath } from './file.js';

export interface SqliteStorageOptions extends RecordOptions {
  /**
   * The file; missing folders are made, `~` is the home folder, and a name without a dot gets `.sqlite` where there is
   * no such file. `':memory:'` keeps all in this storage's own memory. A file that is no SQLite database is refused,
   * and stays as it is. One of `path` and `database` must be there.
   */
  path?: string;
  /**
   * A database that you opened with sqlite3, better-sqlite3 or node:sqlite. Its settings stay as they are, and
   * `close()` leaves it open.
   */
  database?: object;
  /** How to open `path`. @default sqlite3 where it is installed, else node:sqlite */
  driver?: SqliteDriverName;
  /**
   * Bytes kept at most in this namespace: bodies, heads, and 512 an entry for rows and indexes. What was used least
   * recently goes first, approximately. The default holds about 20,000 answers of 10 kB, and is hardly noticed on any
   * disk. `Infinity`: no limit. @default 256 MiB
   */
  maxBytes?: number;
  /** How long a call waits for other processes that write. @default '5s' */
  busyTimeout?: Duration;
}

export interface ResolvedSqliteOptions {
  readonly target: SqliteTarget;
  readonly namespace: string;
  readonly codec: RecordCodec;
  readonly maxBytes: number;
  readonly busyTimeoutMs: number;
}

const NAMES: Readonly<Record<keyof SqliteStorageOptions, true>> = {
  path: true,
  database: true,
  driver: true,
  maxBytes: true,
  busyTimeout: true,
  namespace: true,
  compress: true,
  signingKeys: true,
  encryptionKeys: true,
};
const TAKES = `SqliteStorage takes a path, or an object with ${Object.keys(NAMES).join(', ')}.`;

/**
 * Loads the driver and makes the file's folder, so that what is wrong is known before the first request.
 * @throws CacheError `ERR_CACHE_OPTION`, `ERR_CACHE_DRIVER`
 */
export function resolveSqliteOptions(given: string | SqliteStorageOptions): ResolvedSqliteOptions {
  const options = readOptions(given);
  const { maxBytes = 256 * 1024 * 1024, busyTimeout = '5s' } = options;
  const { namespace, codec } = resolveRecordOptions(options, 'SqliteStorage');
  const isSize = maxBytes === Infinity || (Number.isSafeInteger(maxBytes) && maxBytes >= 1);
  if (!isSize) throw wrong('maxBytes', maxBytes, 'a whole number of at least 1, or Infinity');
  const busyTimeoutMs = parseDuration(busyTimeout, 'busyTimeout') * 1000;
  return { target: resolveTarget(options), namespace, codec, maxBytes, busyTimeoutMs };
}

function readOptions(given: unknown): SqliteStorageOptions {
  if (typeof given === 'string') return { path: given };
  if (!isPlainObject(given)) {
    throw optionError('path', `${TAKES} Got ${showValue(given)}; a database of yours goes into { database }.`);
  }
  const unknown = Object.keys(given).find((name) => !Object.hasOwn(NAMES, name));
  if (unknown !== undefined) throw optionError(unknown, `unknown option "${unknown}": ${TAKES}`);
  return given;
}

function resolveTarget({ path, database, driver }: SqliteStorageOptions): SqliteTarget {
  if (path !== undefined && database !== undefined) throw optionError('path', 'give path or database, not both.');
  if (driver !== undefined && !DRIVER_NAMES.includes(driver)) throw wrong('driver', driver, DRIVER_NAMES.join(' or '));
  if (database !== undefined) return adopt(database, driver);
  if (typeof path !== 'string' || path === '') throw wrong('path', path, 'the path of a file, or ":memory:"');
  const resolved = resolvePath(path);
  const loaded = loadDriver(driver);
  prepareFile(resolved);
  return { kind: 'file', path: resolved, driver: loaded };
}

function adopt(database: unknown, driver: string | undefined): SqliteTarget {
  if (driver !== undefined) throw optionError('driver', 'driver says how to open a path; a database is open already.');
  const adopted = typeof database === 'object' && database !== null ? adoptDatabase(database) : undefined;
  if (adopted !== undefined) return { kind: 'database', database: adopted };
  throw wrong('database', database, 'a database of sqlite3, better-sqlite3 or node:sqlite, no wrapper around one');
}

const wrong = (option: string, value: unknown, allowed: string): Error =>
  optionError(option, `SqliteStorage: ${option} must be ${allowed}; got ${showValue(value)}.`);
