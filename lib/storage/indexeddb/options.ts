/** What IndexedDbStorage may be given, checked once. */
import { optionError, showValue } from '../../options/faults.js';
import { isPlainObject } from '../../support/plain-object.js';

export interface IndexedDbStorageOptions {
  /** The name of the database; caches with different names are apart. @default 'axios-client-cache' */
  database?: string;
  /**
   * Bytes kept at most: bodies, heads, and 500 an entry. What was stored first goes first, and what has expired before
   * that. `Infinity`: what the browser allows. @default 50 MiB
   */
  maxBytes?: number;
}

const DEFAULTS: Readonly<Required<IndexedDbStorageOptions>> = {
  database: 'axios-client-cache',
  maxBytes: 50 * 1024 * 1024,
};
const TAKES = `IndexedDbStorage takes a name, or an object with ${Object.keys(DEFAULTS).join(', ')}`;

/** @throws CacheError `ERR_CACHE_OPTION` */
export function resolveIndexedDbOptions(given: unknown): Readonly<Required<IndexedDbStorageOptions>> {
  const options: unknown = typeof given === 'string' ? { database: given } : given;
  if (!isPlainObject(options)) throw optionError('options', `${TAKES}; got ${showValue(given)}.`);
  const unknown = Object.keys(options).find((name) => !Object.hasOwn(DEFAULTS, name));
  if (unknown !== undefined) throw optionError(unknown, `unknown option "${unknown}": ${TAKES}.`);
  const { database = DEFAULTS.database, maxBytes = DEFAULTS.maxBytes } = options as IndexedDbStorageOptions;
  if (typeof database !== 'string' || database === '') {
    throw wrong('database', 'text that is not empty', database);
  }
  if (typeof maxBytes !== 'number' || !(maxBytes >= 1)) {
    throw wrong('maxBytes', 'a number of at least 1', maxBytes);
  }
  return { database, maxBytes };
}

const wrong = (option: string, allowed: string, got: unknown): Error =>
  optionError(option, `IndexedDbStorage: ${option} must be ${allowed}; got ${showValue(got)}.`);
