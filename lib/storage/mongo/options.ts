/** What MongoStorage may be given, checked once. */
import { optionError, showValue } from '../../options/faults.js';
import { isPlainObject } from '../../support/plain-object.js';
import type { RecordCodec } from '../record/codec.js';
import { checkOptionNames, type RecordOptions, resolveRecordOptions } from '../record/options.js';
import { adoptConnection, type DatabaseOfUser } from './driver.js';

export interface MongoStorageOptions extends RecordOptions {
  /**
   * Where the server is, `'mongodb://…'` or `'mongodb+srv://…'`, with the name of the database in its path. mongoose
   * connects to it when the first call needs it. One of `url` and `connection` must be there.
   */
  url?: string;
  /**
   * In place of `url`: a connection of mongoose, a MongoClient or a Db that you opened. Its settings stay as they are,
   * and `close()` leaves it open. While it is not connected, calls fail at once.
   */
  connection?: object;
  /** The collection, which may hold several namespaces, and should hold nothing else. @default 'axios_cache' */
  collection?: string;
}

export type MongoTarget =
  | { readonly kind: 'url'; readonly url: string }
  /** The user's: neither connected, configured nor closed. */
  | { readonly kind: 'connection'; readonly database: DatabaseOfUser };

export interface ResolvedMongoOptions {
  readonly target: MongoTarget;
  readonly collection: string;
  readonly namespace: string;
  readonly codec: RecordCodec;
}

const NAMES = ['url', 'connection', 'collection'] as const satisfies (keyof MongoStorageOptions)[];
const DEFAULT_COLLECTION = 'axios_cache';
/** What the server refuses as the name of a collection, and what it keeps for itself. */
const NO_COLLECTION = /^$|\$|\0|^system\.|^\.|\.$|\.\./;

/** @throws CacheError `ERR_CACHE_OPTION` */
export function resolveMongoOptions(given: string | MongoStorageOptions): ResolvedMongoOptions {
  const options = readOptions(given);
  const { collection = DEFAULT_COLLECTION } = options;
  if (typeof collection !== 'string' || NO_COLLECTION.test(collection)) {
    throw wrong('collection', 'a name that MongoDB takes for a collection', showValue(collection));
  }
  return { target: resolveTarget(options), collection, ...resolveRecordOptions(options, 'MongoStorage') };
}

function readOptions(given: unknown): MongoStorageOptions {
  if (typeof given === 'string') return { url: given };
  if (isPlainObject(given) || typeof given !== 'object') {
    checkOptionNames(given, NAMES, 'MongoStorage');
    return given as MongoStorageOptions;
  }
  throw optionError('url', `MongoStorage takes a URL or options; got ${showValue(given)}. ${REMEDY}`);
}

function resolveTarget({ url, connection }: MongoStorageOptions): MongoTarget {
  if (url !== undefined && connection !== undefined) {
    throw optionError('url', 'MongoStorage: give url or connection, not both.');
  }
  if (connection !== undefined) return { kind: 'connection', database: adopt(connection) };
  // The value is not shown, as it may have a password.
  const isUrl = typeof url === 'string' && /^mongodb(\+srv)?:\/\/./i.test(url);
  if (!isUrl) throw wrong('url', 'a text that begins with mongodb:// or mongodb+srv://', `one that does not (${typeof url})`);
  return { kind: 'url', url };
}

function adopt(connection: unknown): DatabaseOfUser {
  const database = adoptConnection(connection);
  if (database !== undefined) return database;
  const isMongoose = typeof (connection as { createConnection?: unknown } | null)?.createConnection === 'function';
  const got = isMongoose ? 'mongoose itself: give mongoose.connection' : showValue(connection);
  throw wrong('connection', 'a connection of mongoose, a MongoClient or a Db', got);
}

const REMEDY = 'A connection of yours goes into { connection }.';

const wrong = (option: string, allowed: string, got: string): Error =>
  optionError(option, `MongoStorage: ${option} must be ${allowed}; got ${got}.`);
