/** The one error class, its closed set of codes, and a guard that survives two copies of the package. */

const CODES = [
  /** An option, or an argument of `instance.cache`, is wrong. */
  'ERR_CACHE_OPTION',
  /** `setupCache` was given something else than an axios instance. */
  'ERR_CACHE_INSTANCE',
  /** The instance has a cache already. */
  'ERR_CACHE_INSTALLED',
  /** The driver of a storage, or a part of the package that is loaded when it is called, cannot be loaded. */
  'ERR_CACHE_DRIVER',
  /** The storage failed. */
  'ERR_CACHE_STORAGE',
  /** The storage took longer than `storageTimeout`. */
  'ERR_CACHE_TIMEOUT',
  /** What is stored is damaged. */
  'ERR_CACHE_RECORD',
  /** The cache, or its storage, is closed. */
  'ERR_CACHE_CLOSED',
  /** There is no recording of the request. */
  'ERR_CACHE_NOT_RECORDED',
] as const;

export type CacheErrorCode = (typeof CODES)[number];

/**
 * What `setupCache`, `instance.cache` and storages throw. A request rejects with an AxiosError, which has this one as
 * its `cause`.
 *
 * @example
 * try {
 *   setupCache(axios.create(), { expireAfter: 'soon' as '1h' });
 * } catch (error) {
 *   if (isCacheError(error)) console.log(error.code, error.message);
 * }
 */
export class CacheError extends Error {
  override readonly name = 'CacheError';
  readonly code: CacheErrorCode;
  /** The path of the option at fault, such as `urlsExpireAfter['api.test/**']`. */
  readonly option: string | undefined;

  constructor(code: CacheErrorCode, message: string, details: { option?: string | undefined; cause?: unknown } = {}) {
    super(`axios-client-cache: ${message}`, 'cause' in details ? { cause: details.cause } : undefined);
    this.code = code;
    this.option = details.option;
  }
}

/**
 * True for a CacheError, and for an AxiosError that one caused. It looks at the shape of the error, so that it works
 * where the package is installed twice.
 */
export function isCacheError(error: unknown): error is Error & { readonly code: CacheErrorCode } {
  if (!(error instanceof Error) || !('code' in error) || !CODES.some((code) => code === error.code)) return false;
  return error.name === 'CacheError' || (error.cause instanceof Error && error.cause.name === 'CacheError');
}
