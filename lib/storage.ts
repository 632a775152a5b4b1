/** What storages are made of, for authors and for any key-value store: `axios-client-cache/storage`. */
export type {
  CacheStorage,
  EvictionListener,
  Fence,
  Locate,
  LocatedRequest,
  MaybePromise,
  ProblemListener,
  RecordedRequest,
  RecordedResponse,
  Recording,
  RenewedEntry,
  StorageOperation,
  StorageReading,
  StorageRevisions,
  StorageScope,
  StorageSelector,
  StoredEntry,
  StoredEntryInfo,
} from './api/storage.js';
export { ClosableStorage } from './storage/closed.js';
export { type AsyncStorageLike, fromAsyncStorage } from './storage/key-value/bridges/async-storage.js';
export { fromKeyv, type KeyvLike } from './storage/key-value/bridges/keyv.js';
export { fromMap } from './storage/key-value/bridges/map.js';
export { fromUnstorage, type UnstorageLike } from './storage/key-value/bridges/unstorage.js';
export { fromWebStorage, type WebStorageLike } from './storage/key-value/bridges/web-storage.js';
export type { KeyValueDriver } from './storage/key-value/driver.js';
export { KeyValueStorage } from './storage/key-value/key-value.js';
export { decodeEntry, encodeEntry } from './storage/record/entry.js';
export type { RecordOptions } from './storage/record/options.js';
