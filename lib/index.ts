/** The public surface: a written list. */
export { setupCache, getCache } from './setup-cache.js';
export { rfc9111 } from './options.js';
export { MemoryStorage } from './storage/memory.js';
export { CacheError, isCacheError } from './errors.js';

export type { CachedAxiosInstance, CachedAxiosResponse } from './axios/types.js';
export type { CacheInfo, CacheReason, CacheStatus, ExpirySource, NotStoredReason } from './cache-info.js';
export type { CacheMode } from './rfc9111/model.js';
export type { CacheErrorCode } from './errors.js';
export type { CacheEvent, CacheEventOf } from './events.js';
export type { CacheFilter } from './filters.js';
export type { CacheManager } from './manager.js';
export type {
  CacheMethod, CacheOptions, CachePolicy, CacheRequestOptions, CacheSetting, Duration, Lifetime, UrlPattern,
  UrlSetting,
} from './option-types.js';
export type { MemoryStorageOptions } from './storage/memory.js';
export type {
  CacheStorage, EvictionListener, ProblemListener, StorageOperation, StorageSelector, StoredEntry, StoredEntryInfo,
} from './storage/storage.js';
export type { StoredResponse } from './stored-response.js';
