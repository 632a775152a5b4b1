/** Stored entries with everything that a storage asks of them, and what a storage has. */
import type { CacheStorage, StorageScope, StoredEntry } from '../../lib/api/storage.js';

export const entryOf = (given: Partial<StoredEntry> = {}): StoredEntry => ({
  key: 'key',
  resource: 'resource',
  variant: '',
  revision: 'revision',
  tags: [],
  createdAtMs: 0,
  expiresAtMs: Infinity,
  purgeAtMs: Infinity,
  head: '{}',
  body: new Uint8Array(0),
  ...given,
});

/** The scope of entries whose resource is that of `entryOf`, or does not matter to the storage. */
export const SCOPE: StorageScope = { resource: 'resource', tags: [] };

export const storedUnder = async (storage: CacheStorage, key: string): Promise<readonly StoredEntry[]> =>
  (await storage.get(key, SCOPE)).entries;
