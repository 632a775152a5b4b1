/** The options of a session that records what servers answer, or replays it. */
import { CacheError } from '../api/errors.js';
import type { CacheMethod, CacheOptions, Duration } from '../api/options.js';
import type { CacheStorage } from '../api/storage.js';
import { parseDuration } from '../options/lifetimes.js';
import { ageWarning } from './age.js';
import { MODES, type RecordMode, RecordingStorage } from './recording-storage.js';

export interface RecordReplayOptions {
  /**
   * Records the same request each time it is made, and replays the answers in this order; the last one is repeated.
   * Requests do not wait for each other then.
   * @default false
   */
  sequence?: boolean | undefined;
  /**
   * Where a recording that is replayed is older than this, one warning of the process tells so, since the server may
   * answer otherwise by now. `false` is for recordings that may be old.
   * @default '365 days'
   */
  warnAfter?: Duration | false | undefined;
}

const METHODS: readonly CacheMethod[] = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'QUERY'];

/**
 * Makes the options by which a session records or replays requests. A recording is found by method, URL and body,
 * whoever asks and with whichever headers, and does not expire. What a request says of caching makes no difference, and
 * neither do the values of secrets such as `access_token`, which are not recorded.
 *
 * @param mode `'replay'` where the environment variable `CI` is set, else `'missing'`, unless it is given.
 * @throws CacheError `ERR_CACHE_OPTION` for another mode, and for a `warnAfter` that is no duration. A request that may
 * not reach its server rejects with an AxiosError of the code `ERR_CACHE_NOT_RECORDED`, or `ERR_CACHE_RECORD` where the
 * file is broken.
 * @example
 * const http = setupCache(axios.create(), recordReplay(new HarStorage('./recordings/users.har')));
 */
export function recordReplay(
  storage: CacheStorage,
  mode: RecordMode = defaultMode(),
  { sequence = false, warnAfter = '365 days' }: RecordReplayOptions = {},
): CacheOptions {
  if (!MODES.includes(mode)) {
    throw new CacheError('ERR_CACHE_OPTION', `mode must be one of ${MODES.join(', ')}.`, { option: 'mode' });
  }
  const warn = ageWarning(storage, warnAfter === false ? undefined : parseDuration(warnAfter, 'warnAfter'));
  return {
    storage: new RecordingStorage(storage, mode, sequence, warn),
    mode: mode === 'refresh' ? 'reload' : 'force-cache',
    readOnly: mode === 'replay',
    partition: false,
    includeHeaders: [],
    ignoreVary: true,
    cacheControl: false,
    conditionalRequests: false,
    expireAfter: 'never',
    allowedMethods: METHODS,
    allowedCodes: (status) => status >= 200 && status !== 304,
    maxEntryBytes: Infinity,
    maxVariants: Number.MAX_SAFE_INTEGER,
    collapse: !sequence,
  };
}

function defaultMode(): RecordMode {
  const { CI = '' } = process.env;
  return ['', 'false', '0'].includes(CI) ? 'missing' : 'replay';
}
