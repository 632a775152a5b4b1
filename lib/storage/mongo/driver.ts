/** What is used of the MongoDB driver and of mongoose, by its shape, so that public types need neither of them. */

/** A document as it comes from the server, of which nothing is known. */
export type Document = Readonly<Record<string, unknown>>;
export type Filter = Readonly<Record<string, unknown>>;

export interface MongoCollection {
  find(filter: Filter, options?: object): { toArray(): Promise<readonly (Document | null)[]> };
  insertOne(document: Document): Promise<unknown>;
  replaceOne(filter: Filter, document: Document, options?: object): Promise<{ readonly matchedCount: number }>;
  updateOne(filter: Filter, update: object, options?: object): Promise<{ readonly matchedCount: number }>;
  updateMany(filter: Filter, update: object): Promise<unknown>;
  findOneAndUpdate(filter: Filter, update: object, options?: object): Promise<Document | null>;
  deleteMany(filter: Filter, options?: object): Promise<{ readonly deletedCount: number }>;
  createIndexes(indexes: readonly object[]): Promise<unknown>;
}

export interface MongoDb {
  readonly databaseName: string;
  readonly client?: MongoClient;
  collection(name: string, options?: object): MongoCollection;
}

export interface MongoClient {
  db(): MongoDb;
  readonly topology?: { isConnected?(): boolean };
}

export interface MongooseConnection {
  /** 1: connected. */
  readonly readyState: number;
  /** Undefined before the first connection. */
  readonly db?: MongoDb;
  on(event: 'error', listener: () => void): unknown;
  asPromise(): Promise<unknown>;
  close(force: boolean): Promise<void>;
}

export interface Mongoose {
  createConnection(url: string, options: object): MongooseConnection;
}

/** Gives the database of a connection that the user made, and `undefined` while it is not connected. */
export type DatabaseOfUser = () => MongoDb | undefined;

const CONNECTED = 1;

/** A row a kind of connection that a user may pass; the first one whose shape fits. */
const SHAPES: readonly (readonly [fits: (given: Members) => boolean, use: (given: unknown) => DatabaseOfUser])[] = [
  [
    (given) => isFunction(given['getClient']) && typeof given['readyState'] === 'number',
    (given) => () => {
      const { readyState, db } = given as MongooseConnection;
      return readyState === CONNECTED ? db : undefined;
    },
  ],
  [
    (given) => isFunction(given['db']) && isFunction(given['connect']),
    (given) => {
      const client = given as MongoClient;
      return () => (isConnected(client) ? client.db() : undefined);
    },
  ],
  [
    (given) => isFunction(given['collection']) && typeof given['databaseName'] === 'string',
    (given) => {
      const db = given as MongoDb;
      return () => (isConnected(db.client) ? db : undefined);
    },
  ],
];

/** Gives `undefined` for what is no connection of mongoose, no MongoClient and no Db. */
export function adoptConnection(given: unknown): DatabaseOfUser | undefined {
  if (typeof given !== 'object' || given === null) return undefined;
  return SHAPES.find(([fits]) => fits(given as Members))?.[1](given);
}

type Members = Readonly<Record<string, unknown>>;

const isFunction = (value: unknown): boolean => typeof value === 'function';

/** A client has a topology from its first attempt to connect on. */
const isConnected = (client: MongoClient | undefined): boolean => client?.topology?.isConnected?.() === true;
