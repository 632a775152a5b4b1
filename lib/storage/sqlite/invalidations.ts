/** The count of a namespace's invalidations in SqliteStorage: how it is made, moved on, and kept small. */
import { CacheError } from '../../api/errors.js';
import type { StorageOperation } from '../../api/storage.js';
import type { SqliteConnection } from './connection.js';
import type { SqliteValue } from './database.js';
import { keptTimes, nowUs } from './fence.js';
import { CHUNK, SQL } from './statements.js';

/** What is invalidated: what has a name, all that is under way, or that and all that is stored. */
export type Invalidated = { readonly name: string } | 'under-way' | 'everything';

/** So many invalidations come before it is looked again which of them are old. */
const BETWEEN_LOOKS = 200;

export class Invalidations {
  readonly #connection: SqliteConnection;
  /** As it stands in the tables. */
  readonly #namespace: string;
  /** The first one looks. */
  #sinceLook = BETWEEN_LOOKS;

  constructor(connection: SqliteConnection, namespace: string) {
    this.#connection = connection;
    this.#namespace = namespace;
  }

  /** Makes the namespace a count where it has none, or one that is damaged. */
  async begin(operation: StorageOperation, found: 'none' | 'damaged'): Promise<void> {
    await this.#connection.run(operation, found === 'none' ? SQL.makeState : SQL.remakeState, [this.#namespace]);
  }

  /** Gives the number of the invalidation: what was looked up before it has a lower one. */
  async note(operation: StorageOperation, invalidated: Invalidated): Promise<number> {
    this.#sinceLook += 1;
    const sequence = await this.#next(operation, invalidated);
    if (sequence !== undefined) return sequence;
    await this.begin(operation, 'damaged');
    const first = await this.#next(operation, invalidated);
    if (first !== undefined) return first;
    throw new CacheError('ERR_CACHE_STORAGE', 'SqliteStorage: the count of invalidations is damaged');
  }

  async #next(operation: StorageOperation, invalidated: Invalidated): Promise<number | undefined> {
    const values = [this.#namespace, ...valuesOf(invalidated)];
    const [row] = await this.#connection.change(operation, () => ({ sql: SQL.invalidate, values }));
    const sequence = Number(row?.['sequence']);
    return Number.isSafeInteger(sequence) && sequence > 0 ? sequence : undefined;
  }

  get lookIsDue(): boolean {
    return this.#sinceLook > BETWEEN_LOOKS;
  }

  /** Old ones go once the floor is above them: by that, whoever looked up before them is refused as by them. */
  async forgetOld(operation: StorageOperation): Promise<void> {
    this.#sinceLook = 0;
    const namespace = this.#namespace;
    for (let deleted = CHUNK; deleted === CHUNK; ) {
      await this.#connection.run(operation, SQL.raiseFloor, [namespace, ...keptTimes(), namespace]);
      deleted = await this.#connection.run(operation, SQL.deleteInvalidations, [namespace, namespace]);
    }
  }
}

/** In the order of the statement. */
function valuesOf(invalidated: Invalidated): readonly SqliteValue[] {
  if (invalidated === 'under-way') return [1, 0, null, nowUs()];
  if (invalidated === 'everything') return [1, 1, null, nowUs()];
  return [0, 0, invalidated.name, nowUs()];
}
