/** A storage in memory of which one read fails. */
import type { MaybePromise } from '../../lib/index.js';
import type { StorageReading } from '../../lib/api/storage.js';
import { MemoryStorage } from '../../lib/storage/memory/memory.js';

/** Counted from 1. */
export function busyAtRead(nth: number): MemoryStorage {
  let reads = 0;
  class Busy extends MemoryStorage {
    override get(...sought: Parameters<MemoryStorage['get']>): MaybePromise<StorageReading> {
      reads += 1;
      if (reads === nth) throw new Error('busy');
      return super.get(...sought);
    }
  }
  return new Busy();
}
