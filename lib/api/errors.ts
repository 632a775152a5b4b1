/** The one error class, its closed set of codes, and a guard that survives two copies of the package. */

export type CacheErrorCode =
  | 'ERR_CACHE_OPTION'
  | 'ERR_CACHE_INSTANCE'
  | 'ERR_CACHE_INSTALLED'
  | 'ERR_CACHE_DRIVER'
  | 'ERR_CACHE_STORAGE'
  | 'ERR_CACHE_TIMEOUT'
  | 'ERR_CACHE_RECORD'
  | 'ERR_CACHE_CLOSED'
  | 'ERR_CACHE_NOT_RECORDED';

const CODES: ReadonlySet<unknown> = new Set<CacheErrorCode>([
  'ERR_CACHE_OPTION',
  'ERR_CACHE_INSTANCE',
  'ERR_CACHE_INSTALLED',
  'ERR_CACHE_DRIVER',
  'ERR_CACHE_STORAGE',
  'ERR_CACHE_TIMEOUT',
  'ERR_CACHE_RECORD',
  'ERR_CACHE_CLOSED',
  'ERR_CACHE_NOT_RECORDED',
]);

/** What `setupCache`, `instance.cache` and storages throw. A request itself only rejects with an AxiosError. */
export class CacheError extends Error {
  override readonly name = 'CacheError';
  readonly code: CacheErrorCode;
  /** Path of the option at fault, e.g. `urlsExpireAfter['api.test/**']`. */
  readonly option: string | undefined;

  constructor(code: CacheErrorCode, message: string, details: { option?: string | undefined; cause?: unknown } = {}) {
    super(`axios-client-cache: ${message}`, 'cause' in details ? { cause: details.cause } : undefined);
    this.code = code;
    this.option = details.option;
  }
}

/** True for a CacheError, and for an AxiosError that one caused. Looks at shape, so it works across duplicate installs. */
export function isCacheError(error: unknown): error is Error & { readonly code: CacheErrorCode } {
  if (!(error instanceof Error) || !('code' in error) || !CODES.has(error.code)) return false;
  return error.name === 'CacheError' || (error.cause instanceof Error && error.cause.name === 'CacheError');
}
