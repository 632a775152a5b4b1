/** This file keeps what goes wrong within the cache itself from losing an answer that is there. */
import { CacheError } from '../../api/errors.js';
import type { Events } from '../../events.js';
import type { MaybePromise } from '../../support/maybe-promise.js';

/**
 * It returns what `work` gives, or `instead` where that throws or rejects, which one event tells: a storage that lies,
 * a header that cannot be read or a fault of the cache is no reason to fail a request that the origin has answered.
 */
export function spared<T>(events: Events, work: () => Exclude<T, Promise<unknown>>, instead: T): T;
export function spared<T>(events: Events, work: () => MaybePromise<T>, instead: T): MaybePromise<T>;
export function spared<T>(events: Events, work: () => MaybePromise<T>, instead: T): MaybePromise<T> {
  const tell = (cause: unknown): T => {
    const error = new CacheError('ERR_CACHE_STORAGE', 'the cache failed to work on an answer', { cause });
    events.emit({ type: 'storage-error', operation: 'set', error, circuitOpen: false });
    return instead;
  };
  try {
    const done = work();
    return done instanceof Promise ? done.catch(tell) : done;
  } catch (cause) {
    return tell(cause);
  }
}
