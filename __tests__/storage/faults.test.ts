/** Whatever goes wrong with a storage, requests are answered by the origin: each fault on each storage. */
import { MemoryStorage } from '../../lib/storage/memory/memory.js';
import { SqliteStorage } from '../../lib/storage/sqlite/sqlite.js';
import type { CacheStorage } from '../../lib/api/storage.js';
import { faultyStorage, type StorageFault } from '../support/faulty-storage.js';
import { newPath } from '../support/sqlite.js';
import { allowNoUnhandledRejection } from '../support/unhandled.js';
import { type Concerns, describeGuard, type Subject } from './describe-guard.js';

allowNoUnhandledRejection();

const FAULTS: Readonly<Record<StorageFault, Concerns>> = {
  'is refused': 'everything',
  hangs: 'everything',
  'hangs on reads only': 'everything',
  fails: 'everything',
  'is slow': 'everything',
  'is cut in the middle of a reply': 'damage',
  'gives garbage': 'everything',
  'is full': 'writes',
  'is read-only': 'writes',
  'lists by an async function that rejects': 'listings',
  'lists malformed entries without end': 'listings',
};

/** Faults of the storage itself, whatever it stores in. */
function subjectOn(storage: CacheStorage): Subject<StorageFault> {
  const faulty = faultyStorage(storage);
  return {
    storage: faulty.storage,
    begin: (fault) => { faulty.become(fault); },
    end: () => { faulty.become(undefined); },
  };
}

describeGuard('a storage in memory', FAULTS, () => subjectOn(new MemoryStorage()));
describeGuard('a storage in a file', FAULTS, () => subjectOn(new SqliteStorage(newPath())));
