/** The connection of a MongoStorage: opened when first needed, or the user's, with a time limit on every command. */
import { CacheError } from '../../api/errors.js';
import { within } from '../../support/timers.js';
import type { Document, Filter, Mongoose, MongoCollection, MongoDb, MongooseConnection } from './driver.js';
import type { MongoTarget } from './options.js';

/**
 * What an own connection is made with. A server that is away or stopped then costs one call 2.5 s at most, where the
 * defaults of the driver cost 30 s and more. Nothing is queued while there is no connection, and nothing is sent twice:
 * the cache has its own way of trying again. With fewer sockets a crowd of requests waits here for its turn, where the
 * time limit of a socket does not run yet.
 */
const SETTINGS = {
  bufferCommands: false,
  autoIndex: false,
  autoCreate: false,
  serverSelectionTimeoutMS: 2000,
  connectTimeoutMS: 2000,
  socketTimeoutMS: 2500,
  heartbeatFrequencyMS: 1000,
  retryReads: false,
  retryWrites: false,
  maxPoolSize: 20,
} as const;

/** How values are read, and from where, whatever the client was configured with. A secondary may not know yet. */
const OF_COLLECTION = {
  readPreference: 'primary',
  promoteValues: true,
  promoteBuffers: true,
  promoteLongs: true,
  useBigInt64: false,
} as const;

/** The last resort, for clients that were configured to wait longer. */
const COMMAND_MS = 5000;
/** So often a command is sent again that another one was in the way of. */
const MOST_ATTEMPTS = 4;

const DUPLICATE_KEY = 11000;

export class MongoConnection {
  readonly #target: MongoTarget;
  readonly #name: string;
  #own: Promise<MongooseConnection> | undefined;
  /** The collection of the database that was used last. */
  #known: { readonly db: MongoDb; readonly collection: MongoCollection } | undefined;

  constructor(target: MongoTarget, collection: string) {
    this.#target = target;
    this.#name = collection;
  }

  /** @throws CacheError `ERR_CACHE_DRIVER` without mongoose, `ERR_CACHE_STORAGE` without a connection. */
  async run<T>(command: (collection: MongoCollection) => Promise<T>): Promise<T> {
    const collection = this.#collectionOf(await this.#database());
    return within(COMMAND_MS, command(collection), 'process-may-end');
  }

  /** What matches; some servers give `null` for a document that was deleted meanwhile. */
  async find(filter: Filter, options: object = {}): Promise<readonly Document[]> {
    const documents = await this.run((collection) => collection.find(filter, options).toArray());
    return documents.filter((document) => document !== null);
  }

  /** False where there is one already under this `_id`. */
  async insert(document: Document): Promise<boolean> {
    try {
      await this.run((collection) => collection.insertOne(document));
      return true;
    } catch (error) {
      if (isDuplicate(error)) return false;
      throw error;
    }
  }

  /**
   * The document as it is after the update, and undefined where none matches. Some servers answer nothing although one
   * was made, so who knows that there must be one says so, and it is asked for again.
   */
  async findOneAndUpdate(filter: Filter, update: object, options: UpdateOptions): Promise<Document | undefined> {
    const all = { ...options, returnDocument: 'after', includeResultMetadata: false };
    for (let attempt = 1; ; attempt += 1) {
      try {
        const answer = await this.run((collection) => collection.findOneAndUpdate(filter, update, all));
        const document = withoutMetadata(answer);
        if (document !== undefined || options.upsert !== true) return document;
        if (attempt === MOST_ATTEMPTS) throw new CacheError('ERR_CACHE_STORAGE', 'MongoStorage: nothing was made');
      } catch (error) {
        // Two upserts of one document at once: the other one has made it by now.
        if (!isDuplicate(error) || attempt === MOST_ATTEMPTS) throw error;
      }
    }
  }

  /** Ends an own connection, and lets the user's be. */
  async close(): Promise<void> {
    const opening = this.#own;
    this.#own = undefined;
    this.#known = undefined;
    const connection = await opening?.catch(ignore);
    if (connection !== undefined) await within(COMMAND_MS, connection.close(true), 'process-may-end');
  }

  #collectionOf(db: MongoDb): MongoCollection {
    if (this.#known?.db !== db) this.#known = { db, collection: db.collection(this.#name, OF_COLLECTION) };
    return this.#known.collection;
  }

  async #database(): Promise<MongoDb> {
    const target = this.#target;
    const db = target.kind === 'connection' ? target.database() : (await this.#open(target.url)).db;
    if (db === undefined) throw new CacheError('ERR_CACHE_STORAGE', 'MongoStorage: the connection is not connected');
    return db;
  }

  /** mongoose never tries a first connection again, so that after a failure the next call makes another one. */
  #open(url: string): Promise<MongooseConnection> {
    if (this.#own !== undefined) return this.#own;
    const opening = connect(url);
    this.#own = opening;
    opening.catch(() => {
      if (this.#own === opening) this.#own = undefined;
    });
    return opening;
  }
}

export interface UpdateOptions {
  readonly upsert?: true;
  readonly writeConcern?: object;
}

export const isDuplicate = (error: unknown): boolean => (error as { code?: unknown } | null)?.code === DUPLICATE_KEY;

async function connect(url: string): Promise<MongooseConnection> {
  const mongoose = await loadMongoose();
  try {
    const connection = mongoose.createConnection(url, SETTINGS);
    // Each attempt that fails is also an 'error' event, which would end the process if nobody listened.
    connection.on('error', ignore);
    try {
      await within(COMMAND_MS, connection.asPromise(), 'process-may-end');
    } catch (error) {
      connection.close(true).catch(ignore);
      throw error;
    }
    return connection;
  } catch (error) {
    throw withoutSecrets(error, url);
  }
}

async function loadMongoose(): Promise<Mongoose> {
  try {
    const loaded = (await import('mongoose')) as unknown as Mongoose & { readonly default?: Mongoose };
    return loaded.default ?? loaded;
  } catch (cause) {
    const message = 'MongoStorage needs mongoose, which is not installed or does not load. Run "npm install mongoose".';
    throw new CacheError('ERR_CACHE_DRIVER', message, { cause });
  }
}

/** What the driver says of a URL may have the URL in it, and that a password. */
function withoutSecrets(error: unknown, url: string): unknown {
  const [, userInfo = ''] = /^[^/]*\/\/([^/]*)@/.exec(url) ?? [];
  const password = userInfo.slice(userInfo.indexOf(':') + 1);
  const secrets = [userInfo, password, decoded(password)].filter((text) => text !== '');
  const { message = '', stack = '' } = error as Partial<Error>;
  if (!secrets.some((secret) => message.includes(secret) || stack.includes(secret))) return error;
  const shown = secrets.reduce((text, secret) => text.replaceAll(secret, '***'), message);
  return new CacheError('ERR_CACHE_STORAGE', `MongoStorage cannot connect: ${shown}`);
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** Drivers of former times wrap the document, whatever they are asked for. */
function withoutMetadata(answer: Document | null): Document | undefined {
  const document = answer !== null && 'lastErrorObject' in answer ? answer['value'] : answer;
  return (document as Document | null | undefined) ?? undefined;
}

const ignore = (): undefined => undefined;
