/** What SqliteStorage does beside its calls: it keeps within `maxBytes`, least recently used out; the file shrinks. */
import { setImmediate as nextTurn } from 'node:timers/promises';
import { CacheError } from '../../api/errors.js';
import type { StorageOperation, StoredEntryInfo } from '../../api/storage.js';
import type { SqliteConnection } from './connection.js';
import { readInfo } from './rows.js';
import { SQL } from './schema.js';

/** Part of `maxBytes` that may be written before it is looked whether there is room. */
const UNCHECKED_PART = 1 / 32;
/** SQLite takes 10^9 bytes a row (SQLITE_MAX_LENGTH); the rest is for the other columns. */
const MAX_ENTRY_BYTES = 950_000_000;
/** After so many uses they are written down: a read must not write, and what is in use must stay. */
const USES = 1000;
/** Pages given back to the file system by one statement. */
const PAGES = 1000;

export interface HousekeepingOptions {
  readonly connection: SqliteConnection;
  /** As it stands in the tables. */
  readonly namespace: string;
  readonly maxBytes: number;
  readonly onEvicted: (entry: StoredEntryInfo) => void;
  readonly onProblem: (operation: StorageOperation, error: CacheError) => void;
}

/** No method rejects: what fails is reported, and the call that it stands beside goes well. */
export class Housekeeping {
  readonly #options: HousekeepingOptions;
  /** Bytes that may be there after a look. */
  readonly #room: number;
  readonly #uncheckedLimit: number;
  /** Bytes written since the last look; the first write looks. */
  #unchecked = Infinity;
  readonly #used = new Set<number>();
  #uses = 0;

  constructor(options: HousekeepingOptions) {
    this.#options = options;
    this.#uncheckedLimit = options.maxBytes * UNCHECKED_PART;
    this.#room = options.maxBytes * (1 - UNCHECKED_PART);
  }

  /** Whether an entry that counts so many bytes is kept at all. */
  accepts(bytes: number): boolean {
    return bytes <= Math.min(this.#room, MAX_ENTRY_BYTES);
  }

  /** Evicts what was used least recently, from time to time. */
  async written(operation: StorageOperation, bytes: number): Promise<void> {
    this.#unchecked += bytes;
    if (this.#unchecked <= this.#uncheckedLimit) return;
    this.#unchecked = 0;
    await this.#attempt(operation, async () => {
      await this.writeUses(operation);
      for (; await this.#isTooMuch(operation); await nextTurn()) {
        if ((await this.#evict(operation)) === 0) return;
      }
    });
  }

  /** The row with this id was read. */
  noteUse(id: number): void {
    if (this.#room === Infinity) return;
    this.#used.add(id);
    this.#uses += 1;
  }

  get usesAreDue(): boolean {
    return this.#uses >= USES;
  }

  async writeUses(operation: StorageOperation): Promise<void> {
    if (this.#used.size === 0) return;
    const ids = JSON.stringify([...this.#used]);
    const { connection, namespace } = this.#options;
    this.#used.clear();
    this.#uses = 0;
    await this.#attempt(operation, () => connection.run(operation, SQL.use, [namespace, ids, namespace]));
  }

  async deleteRows(operation: StorageOperation, ids: readonly number[]): Promise<void> {
    const { connection } = this.#options;
    await this.#attempt(operation, () => connection.run(operation, SQL.deleteIds, [JSON.stringify(ids)]));
  }

  /** After deletes that are not to make room: what they freed goes back to the file system. */
  async shrink(operation: StorageOperation): Promise<void> {
    if (!this.#options.connection.owned) return;
    await this.#attempt(operation, async () => {
      for (let free = await this.#freePages(operation); free > 0; ) {
        await this.#options.connection.exec(operation, `PRAGMA incremental_vacuum(${PAGES})`);
        const left = await this.#freePages(operation);
        // A file that was made otherwise does not shrink.
        if (left >= free) return;
        free = left;
        await nextTurn();
      }
    });
  }

  async #isTooMuch(operation: StorageOperation): Promise<boolean> {
    const { connection, namespace } = this.#options;
    const [row] = await connection.all(operation, SQL.total, [namespace]);
    return Number(row?.['bytes']) > this.#room;
  }

  async #evict(operation: StorageOperation): Promise<number> {
    const { connection, namespace, onEvicted } = this.#options;
    const rows = await connection.all(operation, SQL.evict, [namespace, namespace, this.#room]);
    for (const row of rows) {
      const reading = readInfo(row);
      if (reading.kind === 'read') onEvicted(reading.value);
    }
    return rows.length;
  }

  async #freePages(operation: StorageOperation): Promise<number> {
    const [row] = await this.#options.connection.all(operation, 'PRAGMA freelist_count');
    return Number(row?.['freelist_count']);
  }

  async #attempt(operation: StorageOperation, work: () => Promise<unknown>): Promise<void> {
    try {
      await work();
    } catch (cause) {
      const message = `SqliteStorage: housekeeping after ${operation} failed`;
      this.#options.onProblem(operation, new CacheError('ERR_CACHE_STORAGE', message, { cause }));
    }
  }
}
