/** A stored entry with everything that a storage asks of one. */
import type { StoredEntry } from '../../lib/api/storage.js';

export const entryOf = (given: Partial<StoredEntry> = {}): StoredEntry => ({
  key: 'key',
  resource: 'resource',
  variant: '',
  tags: [],
  createdAtMs: 0,
  expiresAtMs: Infinity,
  purgeAtMs: Infinity,
  head: '{}',
  body: new Uint8Array(0),
  ...given,
});
