/** What SqliteStorage does beside its calls: it keeps within `maxBytes`, least recently used out; the file shrinks. */
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { StorageOperation } from '../../api/storage.js';
import type { Reports } from '../reports.js';
import type { SqliteConnection } from './connection.js';
import type { Invalidations } from './invalidations.js';
import type { RowReader } from './rows.js';
import { CHUNK, SQL } from './statements.js';

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
  readonly invalidations: Invalidations;
  readonly reader: RowReader;
  /** As it stands in the tables. */
  readonly namespace: string;
  readonly maxBytes: number;
  readonly reports: Reports;
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

  /** Evicts from time to time: what nothing can use any more, then what was used least recently. */
  async written(operation: StorageOperation, bytes: number, nowMs: number): Promise<void> {
    this.#unchecked += bytes;
    if (this.#unchecked <= this.#uncheckedLimit) return;
    this.#unchecked = 0;
    await this.#attempt(operation, async () => {
      await this.writeUses(operation);
      if (await this.#isTooMuch(operation)) await this.#dropPurged(operation, nowMs);
      for (; await this.#isTooMuch(operation); await nextTurn()) {
        if ((await this.#evict(operation)) === 0) return;
      }
    });
  }

  /**
   * Deletes what nothing can use any more, in steps between which other calls come.
   */
  async prune(operation: StorageOperation, dueMs: number, mayGoOn: () => boolean): Promise<void> {
    const { connection, namespace } = this.#options;
    await this.#attempt(operation, async () => {
      const next = () => connection.run(operation, SQL.deletePurged, [namespace, dueMs]);
      while (mayGoOn() && (await next()) === CHUNK) await nextTurn();
    });
  }

  /** Something was invalidated. */
  async invalidated(operation: StorageOperation): Promise<void> {
    const { invalidations } = this.#options;
    if (invalidations.lookIsDue) await this.#attempt(operation, () => invalidations.forgetOld(operation));
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

  async #dropPurged(operation: StorageOperation, nowMs: number): Promise<void> {
    const { connection, namespace } = this.#options;
    while ((await connection.run(operation, SQL.deletePurged, [namespace, nowMs])) === CHUNK) await nextTurn();
  }

  async #evict(operation: StorageOperation): Promise<number> {
    const { connection, namespace, reader, reports } = this.#options;
    const rows = await connection.all(operation, SQL.evict, [namespace, namespace, this.#room]);
    for (const row of rows) {
      const reading = await reader.info(row);
      if (reading.kind === 'read') reports.evicted(reading.value);
    }
    return rows.length;
  }

  async #freePages(operation: StorageOperation): Promise<number> {
    const [row] = await this.#options.connection.all(operation, 'PRAGMA freelist_count');
    return Number(row?.['freelist_count']);
  }

  #attempt(operation: StorageOperation, work: () => Promise<unknown>): Promise<void> {
    return this.#options.reports.attempt(operation, `housekeeping after ${operation} failed`, work);
  }
}
