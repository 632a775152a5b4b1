/** What `instance.cache` asks of the part of the package that knows axios. */
import type { AxiosRequestConfig } from 'axios';
import type { ManagedRequest } from './find.js';
import type { CopyOptions, CopyProgress } from '../api/copy.js';
import type { CacheExplanation } from '../api/explanation.js';
import type { SeedResponse } from '../api/manager.js';
import type { CachedAxiosResponse } from '../api/response.js';
import type { CacheStorage } from '../api/storage.js';
import type { WarmOptions, WarmProgress } from '../api/warm.js';
import type { Selection } from '../engine/invalidation/invalidation.js';
import type { ParsedFilter } from '../options/filters.js';

export interface ManagedRequests {
  /** Describes the request that `axios.get(url, config)` would make, without its interceptors. */
  describe(url: string, config: AxiosRequestConfig | undefined): Promise<ManagedRequest>;
  /** Finds out which entries a filter means, and throws where its URL is none. */
  select(filter: ParsedFilter): Promise<Selection>;
  /** Stores an answer to that request as if its server had given it; false where it may not be stored. */
  seed(url: string, response: SeedResponse, config: AxiosRequestConfig | undefined): Promise<boolean>;
  /** Tells what would become of that request. */
  explain(url: string, config: AxiosRequestConfig | undefined): Promise<CacheExplanation>;
  /** Copies what is stored to another storage. */
  copyTo(storage: CacheStorage, options: CopyOptions | undefined): Promise<CopyProgress>;
  /** Makes requests of many URLs. */
  warm(urls: Iterable<string> | AsyncIterable<string>, options: WarmOptions | undefined): Promise<WarmProgress>;
  /** Makes that request, interceptors included, whatever is stored. */
  refresh(url: string, config: AxiosRequestConfig | undefined): Promise<CachedAxiosResponse>;
  uninstall(): void;
}
