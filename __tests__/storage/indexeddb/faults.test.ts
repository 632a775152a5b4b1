/** Whatever goes wrong with the database of a browser, requests are answered by the origin. */
import 'fake-indexeddb/auto';
import { IndexedDbStorage } from '../../../lib/indexeddb.js';
import { allowNoUnhandledRejection } from '../../support/unhandled.js';
import { type Concerns, describeGuard, newNamespace } from '../describe-guard.js';

allowNoUnhandledRejection();

type DatabaseFault = keyof typeof FAULTS;

const failing = (name: string) => (): never => { throw new DOMException('of the test', name); };
/** Requests of which nothing is heard for as long as the fault lasts. */
const waiting: { error: DOMException; onerror?: () => void }[] = [];
const silent = (): never => {
  const request = { error: new DOMException('of the test', 'AbortError') };
  waiting.push(request);
  return request as never;
};

/** What stands in place of which methods. */
const FAULTS = {
  'loses its connections and gives no other': [
    [IDBDatabase.prototype, 'transaction', failing('InvalidStateError')],
    [IDBFactory.prototype, 'open', failing('UnknownError')],
  ],
  'does not open': [
    [IDBDatabase.prototype, 'transaction', failing('InvalidStateError')],
    [IDBFactory.prototype, 'open', silent],
  ],
  'is silent': [
    [IDBObjectStore.prototype, 'get', silent],
    [IDBObjectStore.prototype, 'openCursor', silent],
    [IDBIndex.prototype, 'getAll', silent],
  ],
  'has no room': [[IDBObjectStore.prototype, 'put', failing('QuotaExceededError')]],
} as const;

const CONCERNS: Readonly<Record<DatabaseFault, Concerns>> = {
  'loses its connections and gives no other': 'everything',
  'does not open': 'everything',
  'is silent': 'everything',
  'has no room': 'writes',
};

describeGuard('IndexedDbStorage in a browser', CONCERNS, () => {
  let undo: (() => void)[] = [];
  return {
    storage: new IndexedDbStorage(newNamespace()),
    begin: (fault) => {
      undo = FAULTS[fault].map(([target, name, replacement]) => {
        const methods = target as unknown as Record<string, unknown>;
        const former = methods[name];
        methods[name] = replacement;
        return () => { methods[name] = former; };
      });
    },
    end: () => {
      for (const each of undo.splice(0)) each();
      for (const request of waiting.splice(0)) request.onerror?.();
    },
  };
});
