/** The storage in a MongoDB collection. */
import { CacheError } from '../../api/errors.js';
import type {
  CacheStorage,
  EvictionListener,
  Fence,
  ProblemListener,
  RenewedEntry,
  StorageOperation,
  StorageReading,
  StorageRevisions,
  StorageScope,
  StorageSelector,
  StoredEntry,
  StoredEntryInfo,
} from '../../api/storage.js';
import { Calls } from '../calls.js';
import { ClosableStorage } from '../closed.js';
import { infoOf } from '../entry-shape.js';
import type { Reading, Malformed } from '../record/part.js';
import { Reports } from '../reports.js';
import { Upkeep } from '../sweep.js';
import { CLOCK_STEP_MS } from '../../rfc9111/freshness.js';
import { MongoConnection } from './connection.js';
import { Contents, MOST_OF_BODY } from './contents.js';
import { type EntryDocument, exact, readEntry } from './documents.js';
import type { Filter } from './driver.js';
import { makeIndexes } from './indexes.js';
import { LookUp, LookUps, type Looked, UnfinishedLookUp } from './look-up.js';
import { Names } from './names.js';
import { type MongoStorageOptions, resolveMongoOptions } from './options.js';
import { Owed } from './owed.js';
import { type Invalidation, Tokens } from './tokens.js';
import { Writer } from './writer.js';
import { owns } from '../../support/owns.js';

/** So many documents are listed, or deleted, by one command, so that none takes long. */
const CHUNK = 500;
/** So often a write deletes what has expired where the server does not do it itself, once a minute. */
const UPKEEP_EACH_MS = 60_000;

interface Found<T> {
  readonly entries: readonly T[];
  readonly fence: Fence;
}

/** Gives nothing and lets nothing be stored. */
const NOTHING: Found<never> = { entries: [], fence: Object.freeze({}) as Fence };

/**
 * Keeps entries in a collection of MongoDB, for any number of processes on any number of machines. The connection is
 * opened by the first call, or it is yours. Expired entries are deleted by the server where it has TTL indexes.
 *
 * An entry that is damaged counts as absent, is deleted and reported by `onProblem`, as is an index that the server
 * refuses. A body of more than 8 MiB takes several documents; one of more than 512 MiB is not stored, which `onEvicted`
 * tells.
 *
 * @throws CacheError `ERR_CACHE_OPTION` from the constructor: an option that is unknown or wrong. From the first call
 * on `ERR_CACHE_DRIVER` where mongoose is needed and not installed.
 */
export class MongoStorage extends ClosableStorage implements CacheStorage {
  readonly name = 'mongo';
  readonly #connection: MongoConnection;
  readonly #names: Names;
  readonly #tokens: Tokens;
  readonly #lookUps: LookUps;
  readonly #contents: Contents;
  readonly #writer: Writer;
  readonly #owed: Owed;
  readonly #reports = new Reports('MongoStorage');
  readonly #calls = new Calls(this.name, this.#reports);
  #indexes: 'unknown' | 'under way' | 'made' | 'made, but nothing expires' = 'unknown';
  readonly #upkeep = new Upkeep(UPKEEP_EACH_MS);

  /** @param target a URL such as `'mongodb://localhost/app'`, or options. */
  constructor(target: string | MongoStorageOptions) {
    super();
    const { target: resolved, collection, namespace, codec } = resolveMongoOptions(target);
    this.#connection = new MongoConnection(resolved, collection);
    this.#names = new Names(namespace);
    this.#tokens = new Tokens(this.#connection, this.#names, codec, this.#reports);
    this.#lookUps = new LookUps(this.#connection, this.#names, this.#tokens);
    this.#contents = new Contents(this.#connection, this.#names, codec);
    this.#writer = new Writer({
      connection: this.#connection,
      names: this.#names,
      tokens: this.#tokens,
      lookUps: this.#lookUps,
      contents: this.#contents,
      reports: this.#reports,
    });
    this.#owed = new Owed((what) => this.#tokens.invalidate(what));
  }

  get(key: string, scope: StorageScope): Promise<StorageReading> {
    return this.#lookUp(key, scope, 'with bodies', (document) => this.#contents.readEntry(document, key));
  }

  /** As `get`, but the server sends no bodies. */
  revisions(key: string, scope: StorageScope): Promise<StorageRevisions> {
    return this.#lookUp(key, scope, 'without bodies', (document) => this.#contents.readInfo(document));
  }

  #lookUp<T extends RenewedEntry>(
    key: string,
    scope: StorageScope,
    bodies: 'with bodies' | 'without bodies',
    read: (document: EntryDocument) => Promise<Reading<T>>,
  ): Promise<Found<T>> {
    return this.#call(async () => {
      // What is owed when a look begins is kept from its answers, whatever the server has taken by its end.
      const isOwed = this.#owed.now();
      void this.#calls.track(this.#owed.pay());
      const looked = await this.#lookUps.look(key, scope, bodies);
      const { values: entries, readable } = await this.#readCounting('get', looked, read);
      // It is made last: what is stored by it was asked for after all of this was read.
      const fence = await this.#fenceOf(readable);
      if (fence === undefined) return NOTHING;
      return { entries: entries.filter((entry) => !isOwed(entry)), fence: fence as unknown as Fence };
    });
  }
  set(entry: StoredEntry, fence?: Fence): Promise<boolean> {
    return this.#call(async () => {
      this.#deletePurgedInTime(entry.createdAtMs);
      const fields = entry.body.byteLength > MOST_OF_BODY ? undefined : await this.#contents.writeFields(entry);
      if (fields === undefined) return this.#leaveOut(entry);
      const lookUp = await this.#lookUpBy(fence, entry);
      const how = fence === undefined ? 'whatever is there' : 'by its fence';
      return lookUp && this.#writer.write(entry, fields, lookUp, how);
    });
  }

  touch(entry: RenewedEntry, fence?: Fence): Promise<boolean> {
    return this.#call(async () => {
      const fields = await this.#contents.writeFields(entry);
      if (fields === undefined) return false;
      const lookUp = await this.#lookUpBy(fence, entry);
      return lookUp && this.#writer.renew(entry, fields, lookUp);
    });
  }

  delete(selector: StorageSelector): Promise<number> {
    return this.#call(async () => {
      if (!owns(selector, 'key')) return this.#invalidate(selector);
      const { key, resource, variant, revision } = selector;
      if (variant === undefined && revision === undefined) return this.#invalidate({ key, resource });
      return this.#sweep({
        k: this.#names.key(key),
        ...(variant === undefined ? {} : { _id: this.#names.entry(key, variant) }),
        ...(revision === undefined ? {} : { rev: exact(revision) }),
      });
    });
  }

  clear(): Promise<void> {
    return this.#call(async () => {
      await this.#invalidate({ everything: true });
    });
  }

  deleteExpired(nowMs: number): Promise<number> {
    return this.#call(() => this.#deleteExpired(nowMs));
  }

  async #deleteExpired(nowMs: number): Promise<number> {
    const purged = await this.#deletePurged(nowMs);
    return purged + await this.#sweep({ _id: this.#names.entriesAfter(), c: { $gt: nowMs + CLOCK_STEP_MS } });
  }

  async #deletePurged(nowMs: number): Promise<number> {
    const purged = await this.#sweep({ _id: this.#names.entriesAfter(), u: { $lte: nowMs } });
    // Tokens and pieces go by the clock of now: what is under way needs them, whatever `nowMs` is.
    const due = { p: { $lte: new Date() }, u: { $exists: false }, k: this.#names.everything() };
    await this.#connection.run((collection) => collection.deleteMany(due));
    return purged;
  }

  /** In pages by `_id`: no cursor is held open between two of them. */
  entries(): AsyncIterable<StoredEntryInfo> {
    let after: string | undefined;
    let isEnd = false;
    return this.#calls.pages(async () => {
      if (isEnd) return undefined;
      const options = { projection: { b: 0 }, sort: { _id: 1 }, limit: CHUNK };
      const found = (await this.#connection.find({ _id: this.#names.entriesAfter(after) }, options)).map(readEntry);
      isEnd = found.length < CHUNK;
      after = found.at(-1)?.id;
      const counting = await this.#lookUps.counting(found);
      const read = await this.#readEach('entries', counting, (document) => this.#contents.readInfo(document));
      return [...read.values()];
    });
  }

  meta(name: string, makeIfAbsent: () => string): Promise<string> {
    return this.#call(() => this.#tokens.meta(name, makeIfAbsent));
  }

  onEvicted(listener: EvictionListener): () => void {
    return this.#reports.onEvicted(listener);
  }

  onProblem(listener: ProblemListener): () => void {
    return this.#reports.onProblem(listener);
  }

  /** Waits for calls under way, which have a time limit each. A `connection` of the user's stays open. */
  close(): Promise<void> {
    return this.#calls.end(() => this.#connection.close());
  }

  #call<T>(work: () => Promise<T>): Promise<T> {
    const answer = this.#calls.run(work);
    if (this.#indexes === 'unknown' && !this.#calls.isEnding) void this.#calls.track(this.#makeIndexesAfter(answer));
    return answer;
  }

  /** The first call makes the collection where it is missing, and not every server can make both at once. */
  async #makeIndexesAfter(call: Promise<unknown>): Promise<void> {
    this.#indexes = 'under way';
    try {
      await call;
    } catch {
      // The server may not have been reached. The next call tries again.
      this.#indexes = 'unknown';
      return;
    }
    await this.#makeIndexes();
  }

  async #makeIndexes(): Promise<void> {
    try {
      const { deletes, problem } = await makeIndexes(this.#connection);
      this.#indexes = deletes ? 'made' : 'made, but nothing expires';
      if (problem !== undefined) this.#reports.problem('deleteExpired', problem);
    } catch {
      // Calls fail now for the same reason, and say so. The next one tries again.
      this.#indexes = 'unknown';
    }
  }

  /** Where the server does not delete what is due, writes do: nobody waits for that. */
  #deletePurgedInTime(nowMs: number): void {
    if (this.#indexes !== 'made, but nothing expires') return;
    const dueMs = this.#upkeep.dueAt(nowMs);
    if (dueMs === undefined) return;
    this.#calls.goOn('deleteExpired', 'expired documents could not be deleted', () => this.#deletePurged(dueMs));
  }

  /** What is too large is not stored, nor what it would have replaced. */
  async #leaveOut(entry: StoredEntry): Promise<false> {
    await this.#sweep({ _id: this.#names.entry(entry.key, entry.variant), k: this.#names.key(entry.key) });
    this.#reports.evicted(infoOf(entry));
    return false;
  }

  /** What an answer that was made here is stored by: the tokens of now. */
  async #lookUpNow({ key, resource, tags, purgeAtMs }: RenewedEntry): Promise<LookUp | undefined> {
    const looked = await this.#lookUps.look(key, { resource, tags }, 'without bodies');
    const { readable } = await this.#readCounting('set', looked, (document) => this.#contents.readInfo(document));
    return this.#lookUps.complete(readable, purgeAtMs);
  }

  /** Entries are read also where tokens cannot be made. Undefined: the namespace has other values of `meta`. */
  async #fenceOf(looked: Looked): Promise<LookUp | UnfinishedLookUp | undefined> {
    try {
      return await this.#lookUps.complete(looked);
    } catch (cause) {
      return new UnfinishedLookUp(cause);
    }
  }

  /** False for a fence by which nothing is stored. */
  async #lookUpBy(fence: Fence | undefined, entry: RenewedEntry): Promise<LookUp | false> {
    const lookUp: unknown = fence ?? await this.#lookUpNow(entry);
    if (lookUp instanceof UnfinishedLookUp) throw problemOf('the server took no write at the look-up', lookUp.cause);
    return lookUp instanceof LookUp && !this.#owed.now()(entry) && lookUp;
  }

  async #invalidate(what: Invalidation): Promise<number> {
    let swept: Filter | undefined;
    try {
      swept = await this.#tokens.invalidate(what);
    } catch (error) {
      this.#owed.note(what);
      throw error;
    }
    return swept === undefined ? 0 : this.#sweep(swept);
  }

  /** Deletes entries, their pieces after them, chunk by chunk in the order of the indexes. */
  async #sweep(filter: Filter): Promise<number> {
    const options = { projection: { _id: 1, k: 1, q: 1, m: 1 }, sort: { _id: 1 }, limit: CHUNK };
    for (let count = 0; ;) {
      const found = (await this.#connection.find(filter, options)).map(readEntry);
      const last = found.at(-1);
      if (last === undefined) return count;
      // The condition stands beside the name: what was found may have been replaced by what is valid.
      const among = { $and: [filter, { _id: { $lte: last.id } }] };
      const { deletedCount } = await this.#connection.run((collection) => collection.deleteMany(among));
      count += deletedCount;
      await this.#contents.deletePieces(...found.map(({ pieces }) => pieces));
      if (found.length < CHUNK) return count;
    }
  }

  /** What counts by its tokens and cannot be read does not count: nothing may renew it. */
  async #readCounting<T>(
    operation: StorageOperation,
    looked: Looked,
    read: (document: EntryDocument) => Promise<Reading<T>>,
  ): Promise<{ readonly values: readonly T[]; readonly readable: Looked }> {
    const counting = looked.entries.flatMap(({ document, keptBy }) => (keptBy === undefined ? [] : document));
    const values = await this.#readEach(operation, counting, read);
    const entries = looked.entries.map(({ document, keptBy }) =>
      ({ document, keptBy: values.has(document) ? keptBy : undefined }));
    return { values: [...values.values()], readable: { ...looked, entries } };
  }

  async #readEach<T>(
    operation: StorageOperation,
    documents: readonly EntryDocument[],
    read: (document: EntryDocument) => Promise<Reading<T>>,
  ): Promise<ReadonlyMap<EntryDocument, T>> {
    const values = new Map<EntryDocument, T>();
    for (const document of documents) {
      const reading = await read(document);
      if (reading.kind === 'read') values.set(document, reading.value);
      else if (reading.kind === 'malformed') await this.#drop(operation, document, reading);
    }
    return values;
  }

  /** A document that another one has replaced since is none of what is reported. */
  async #drop(operation: StorageOperation, document: EntryDocument, reading: Malformed): Promise<void> {
    const { id, key, rev, at, pieces } = document;
    let isThere = true;
    try {
      const filter = { _id: id, k: key, rev, at };
      const { deletedCount } = await this.#connection.run((collection) => collection.deleteMany(filter));
      isThere = deletedCount > 0;
      await this.#contents.deletePieces(pieces);
    } catch {
      // It counts as absent all the same, and the next one who finds it tries again.
    }
    if (isThere) this.#reports.damage(operation, reading);
  }
}

const problemOf = (what: string, cause: unknown): CacheError =>
  new CacheError('ERR_CACHE_STORAGE', `MongoStorage: ${what}`, { cause });
