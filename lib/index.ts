/** This file is the main entry of the package: it lists by name all that users may import. */

export { setupCache, getCache } from './setup-cache.js';
export { rfc9111 } from './options/resolve.js';
export { MemoryStorage } from './storage/memory/memory.js';
export { CacheError, isCacheError } from './api/errors.js';

export type { CachedAxiosInstance } from './api/instance.js';
export type { CachedAxiosResponse } from './api/response.js';
export type { CacheInfo, UpstreamInfo } from './api/response.js';
export type { CacheReason, CacheStatus, ExpirySource, NotStoredReason } from './rfc9111/model.js';
export type { CacheMode } from './rfc9111/model.js';
export type { CacheErrorCode } from './api/errors.js';
export type { CacheEvent, CacheEventOf } from './api/events.js';
export type { CacheChange, CacheFilter, InvalidationRule } from './api/options.js';
export type { EntryInfo } from './api/entry-info.js';
export type { CacheExplanation } from './api/explanation.js';
export type { CacheManager, SeedResponse } from './api/manager.js';
export type {
  CacheMethod,
  CacheOptions,
  CachePolicy,
  CacheRequestOptions,
  CacheSetting,
  Duration,
  Lifetime,
  UrlPattern,
  UrlSetting,
} from './api/options.js';
export type { MemoryStorageOptions } from './storage/memory/memory.js';
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
  StorageOperation,
  RenewedEntry,
  StorageLease,
  StorageReading,
  StorageRevisions,
  StorageScope,
  StorageSelector,
  StoredEntry,
  StoredEntryInfo,
} from './api/storage.js';
export type { CopyOptions, CopyProgress, CopySkipReason } from './api/copy.js';
export type { CacheStats } from './api/stats.js';
export type { WarmOptions, WarmProgress } from './api/warm.js';
export type { StoredResponse } from './api/stored-response.js';
