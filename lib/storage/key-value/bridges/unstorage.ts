/** KeyValueStorage over unstorage (https://unstorage.unjs.io), and so over each driver that it has. */
import type { KeyValueDriver } from '../driver.js';
import { checkStore } from './bridge.js';
import { bytesOf } from '../../../support/exact-bytes.js';

/** What is used of a storage of unstorage. */
export interface UnstorageLike {
  getItemRaw(key: string): Promise<unknown>;
  setItemRaw(key: string, value: unknown, options?: { ttl?: number }): Promise<unknown>;
  removeItem(key: string): Promise<unknown>;
  getKeys(base?: string): Promise<string[]>;
}

/** Some drivers keep values for ever; entries say themselves when they end, and `deleteExpired` takes them away. */
export function fromUnstorage(storage: UnstorageLike): KeyValueDriver {
  checkStore('fromUnstorage', storage, ['getItemRaw', 'setItemRaw', 'removeItem', 'getKeys']);
  return {
    // As a copy: the driver in memory gives what it keeps.
    get: async (key) => {
      const value = await storage.getItemRaw(key);
      const bytes = bytesOf(value);
      return bytes === undefined ? (value as undefined) : new Uint8Array(bytes);
    },
    set: (key, value, ttlMs) =>
      storage.setItemRaw(key, value, ttlMs === undefined ? {} : { ttl: Math.ceil(ttlMs / 1000) }),
    delete: (key) => storage.removeItem(key),
    keys: (prefix) => storage.getKeys(prefix),
  };
}
