/** How axios' own types grow: `cache` on requests, `cached` and `cache` on responses, and the instance with its cache. */
import type { AxiosInstance, AxiosRequestConfig, CreateAxiosDefaults } from 'axios';
import type { CacheManager } from './manager.js';
import type { CacheSetting } from './options.js';
import type { CachedAxiosResponse, CacheInfo } from './response.js';

declare module 'axios' {
  interface AxiosRequestConfig {
    /** Read by axios-client-cache, never sent. `false` off, `true` on, `'5m'` or seconds, a Fetch cache mode, or an object. */
    cache?: CacheSetting | undefined;
  }
  interface AxiosResponse {
    /**
     * This caller's body cost no origin answer of its own: hit, stale hit, 304 renewal, or follower of a collapsed
     * miss. Absent only where no cache is installed.
     */
    cached?: boolean;
    /** What the cache did and why. Always an object behind a cache: to ask "was it a hit", use `cached`. */
    cache?: CacheInfo;
  }
}

interface CachedMethods {
  <T = any, R = CachedAxiosResponse<T>, D = any>(config: AxiosRequestConfig<D>): Promise<R>;
  <T = any, R = CachedAxiosResponse<T>, D = any>(url: string, config?: AxiosRequestConfig<D>): Promise<R>;
  request<T = any, R = CachedAxiosResponse<T>, D = any>(config: AxiosRequestConfig<D>): Promise<R>;
  get<T = any, R = CachedAxiosResponse<T>, D = any>(url: string, config?: AxiosRequestConfig<D>): Promise<R>;
  head<T = any, R = CachedAxiosResponse<T>, D = any>(url: string, config?: AxiosRequestConfig<D>): Promise<R>;
  delete<T = any, R = CachedAxiosResponse<T>, D = any>(url: string, config?: AxiosRequestConfig<D>): Promise<R>;
  options<T = any, R = CachedAxiosResponse<T>, D = any>(url: string, config?: AxiosRequestConfig<D>): Promise<R>;
  post<T = any, R = CachedAxiosResponse<T>, D = any>(url: string, data?: D, config?: AxiosRequestConfig<D>): Promise<R>;
  put<T = any, R = CachedAxiosResponse<T>, D = any>(url: string, data?: D, config?: AxiosRequestConfig<D>): Promise<R>;
  patch<T = any, R = CachedAxiosResponse<T>, D = any>(url: string, data?: D, config?: AxiosRequestConfig<D>): Promise<R>;
  /** A child that shares this cache; an `adapter` in `config` becomes the child's way to the origin. */
  create(config?: CreateAxiosDefaults): CachedAxiosInstance;
  readonly cache: CacheManager;
}

/**
 * An instance with its cache: `cached` and `cache` are there on each response. An intersection, not `extends`: whatever
 * axios' own signatures become, this stays assignable to `I`.
 */
export type CachedAxiosInstance<I extends AxiosInstance = AxiosInstance> = CachedMethods & I;
