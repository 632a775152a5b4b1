/** What `http.cache.warm` takes and tells. */
import type { AxiosRequestConfig } from 'axios';

/** How far it has come. */
export interface WarmProgress {
  /** How many URLs are done, those that failed included. */
  readonly done: number;
  /** How many there are; `undefined` as long as that is not known. */
  readonly total: number | undefined;
  /** How many of the answers are in the cache now, whether they were there already or not. */
  readonly cached: number;
  /** How many requests were rejected. */
  readonly failed: number;
  /** The size of the bodies of those answers in the cache, in bytes. */
  readonly bytes: number;
}

/**
 * @example
 * await http.cache.warm(['/users', '/teams'], { concurrency: 8, onProgress: ({ done }) => { console.log(done); } });
 */
export interface WarmOptions {
  /** How many requests are under way at once. @default 4 */
  readonly concurrency?: number | undefined;
  /** How often a request is made again whose server failed or could not be reached. @default 0 */
  readonly retries?: number | undefined;
  /** Ends it: what is under way is aborted, and `warm` rejects as axios does. */
  readonly signal?: AbortSignal | undefined;
  /** Is called after each URL. What it throws is ignored. */
  readonly onProgress?: ((progress: WarmProgress) => void) | undefined;
  /** The config of each request. */
  readonly config?: AxiosRequestConfig | undefined;
}
