/**
 * How axios' own types grow: `cache` on requests, `cached` and `cache` on responses, and an instance with its cache.
 */
import type { AxiosInstance, AxiosRequestConfig, AxiosStatic, CreateAxiosDefaults } from 'axios';
import type { CacheManager } from './manager.js';
import type { CacheSetting } from './options.js';
import type { CachedAxiosResponse, CacheInfo } from './response.js';

declare module 'axios' {
  interface AxiosRequestConfig {
    /**
     * What axios-client-cache does with this request: `false` for off, `true` for on, a lifetime such as `'5m'` or
     * seconds, a cache mode of the Fetch standard, or an object of options. It is never sent.
     */
    cache?: CacheSetting | undefined;
  }
  interface AxiosResponse {
    /**
     * True where this caller's body cost the server no answer of its own: for a hit, a stale hit, a renewal by 304, and
     * an answer that another caller was waiting for already. It is absent only where no cache is installed.
     */
    cached?: boolean;
    /**
     * What the cache did, and why. Behind a cache it is always an object: to ask whether it was a hit, use `cached`.
     */
    cache?: CacheInfo;
  }
}

/** An object of a class that extends `Axios` has none of these. */
interface CachedCalls {
  <T = any, R = CachedAxiosResponse<T>, D = any>(config: AxiosRequestConfig<D>): Promise<R>;
  <T = any, R = CachedAxiosResponse<T>, D = any>(url: string, config?: AxiosRequestConfig<D>): Promise<R>;
  /** Makes a child that shares this cache. An `adapter` in `config` becomes the child's way to the origin. */
  create(config?: CreateAxiosDefaults): CachedAxiosInstance;
}

interface CachedMethods {
  request<T = any, R = CachedAxiosResponse<T>, D = any>(config: AxiosRequestConfig<D>): Promise<R>;
  get<T = any, R = CachedAxiosResponse<T>, D = any>(url: string, config?: AxiosRequestConfig<D>): Promise<R>;
  head<T = any, R = CachedAxiosResponse<T>, D = any>(url: string, config?: AxiosRequestConfig<D>): Promise<R>;
  delete<T = any, R = CachedAxiosResponse<T>, D = any>(url: string, config?: AxiosRequestConfig<D>): Promise<R>;
  options<T = any, R = CachedAxiosResponse<T>, D = any>(url: string, config?: AxiosRequestConfig<D>): Promise<R>;
  post<T = any, R = CachedAxiosResponse<T>, D = any>(url: string, data?: D, config?: AxiosRequestConfig<D>): Promise<R>;
  put<T = any, R = CachedAxiosResponse<T>, D = any>(url: string, data?: D, config?: AxiosRequestConfig<D>): Promise<R>;
  patch<T = any, R = CachedAxiosResponse<T>, D = any>(
    url: string,
    data?: D,
    config?: AxiosRequestConfig<D>,
  ): Promise<R>;
  /** Looks into the cache, and changes it, from outside of requests. */
  readonly cache: CacheManager;
}

/** An instance, or an object of a class that extends `Axios`, whose name is no type in axios' types for CommonJS. */
export type AxiosObject = InstanceType<AxiosStatic['Axios']>;

/**
 * An instance with its cache, on whose responses `cached` and `cache` are always there. It is an intersection, so that
 * it stays assignable to `I` whatever becomes of axios' own signatures.
 */
export type CachedAxiosInstance<I extends AxiosObject = AxiosInstance> = CachedMethods &
  (I extends AxiosInstance ? CachedCalls : unknown) &
  I;
