/** This file waits for the parts of the package that few pages need: bundlers make chunks of them. */
import { CacheError } from '../api/errors.js';

/**
 * Gives such a part. No request needs one, so that a chunk which cannot be loaded, as the page is offline or its server
 * has another version by now, is a failure of this call alone.
 *
 * @throws CacheError `ERR_CACHE_DRIVER` where it cannot be loaded.
 */
export async function latePart<T>(call: string, loading: Promise<T>): Promise<T> {
  try {
    return await loading;
  } catch (cause) {
    throw new CacheError('ERR_CACHE_DRIVER', `the part of the package that ${call} needs cannot be loaded`, { cause });
  }
}
