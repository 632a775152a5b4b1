/** KeyValueStorage over `localStorage` or `sessionStorage` of a browser. */
import type { KeyValueDriver } from '../driver.js';
import { checkStore, textDriver } from './bridge.js';

/** What is used of the `Storage` of the HTML standard. */
export interface WebStorageLike {
  readonly length: number;
  key(index: number): string | null;
  getItem(key: string): string | null;
  setItem(key: string, value: string): void;
  removeItem(key: string): void;
}

/** Values are texts of base64. What does not fit into the quota of the browser is not stored. */
export function fromWebStorage(storage: WebStorageLike): KeyValueDriver {
  checkStore('fromWebStorage', storage, ['key', 'getItem', 'setItem', 'removeItem']);
  return textDriver({
    get: (key) => storage.getItem(key),
    set: (key, text) => attempted(() => { storage.setItem(key, text); }),
    delete: (key) => attempted(() => { storage.removeItem(key); }),
    keys: () => attempted(() => Array.from({ length: storage.length }, (_, index) => storage.key(index) ?? '')),
  });
}

/** What the browser throws, such as for a quota that is used up, becomes a rejection. */
const attempted = <T>(work: () => T): Promise<T> => new Promise((resolve) => { resolve(work()); });
