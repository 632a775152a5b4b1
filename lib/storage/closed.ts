/** The one answer of a storage that is closed, and what closes a storage at the end of a block. */
import { CacheError } from '../api/errors.js';
import { asyncDispose } from '../support/async-dispose.js';
import type { MaybePromise } from '../support/maybe-promise.js';

/** @param storage its name. */
export const closedError = (storage: string): CacheError =>
  new CacheError('ERR_CACHE_CLOSED', `the storage "${storage}" is closed`);

/**
 * What every storage of this package is: `await using` closes it. A storage of your own may extend it, too.
 *
 * @example
 * class LoggingStorage extends ClosableStorage {
 *   close(): void {
 *     console.log('closed');
 *   }
 * }
 */
export abstract class ClosableStorage {
  abstract close(): MaybePromise<void>;

  /** Closes the storage: `await using storage = new MemoryStorage()` calls it at the end of its block. */
  async [asyncDispose](): Promise<void> {
    await this.close();
  }
}
