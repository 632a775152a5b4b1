/** The one answer of a storage that is closed. */
import { CacheError } from '../api/errors.js';

/** @param storage its name. */
export const closedError = (storage: string): CacheError =>
  new CacheError('ERR_CACHE_CLOSED', `the storage "${storage}" is closed`);
