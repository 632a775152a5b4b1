/** What KeyValueStorage stands on: the four functions that any key-value store has. */
import { CacheError } from '../../api/errors.js';
import { optionError, showValue } from '../../options/faults.js';
import { bytesOf } from '../../support/exact-bytes.js';
import { within } from '../../support/timers.js';

/**
 * A key-value store. Keys are ASCII texts without spaces: letters, digits, `:`, `%`, `-` and `_`. What is there is
 * overwritten. A function rejects where the store could not do it: a deletion that fails and does not say so lets
 * invalidated answers live.
 */
export interface KeyValueDriver {
  /**
   * Gives the bytes, which nobody changes afterwards; `null`, `undefined` or an empty text where there are none. What
   * is none of these counts as none too, and is told by an event.
   */
  get(key: string): Promise<Uint8Array | null | undefined>;
  /** @param ttlMs for how long to keep it; `undefined` for ever. A store that cannot forget by itself ignores it. */
  set(key: string, value: Uint8Array, ttlMs: number | undefined): Promise<unknown>;
  /** It is no error where nothing is there. */
  delete(key: string): Promise<unknown>;
  /** Every key that begins with `prefix`. Where it is missing, nothing can be listed, and deletions count 0. */
  keys?(prefix: string): AsyncIterable<string> | Promise<Iterable<string>>;
  /** Called once, when the storage is closed. */
  close?(): Promise<unknown>;
}

/** A driver of which each call ends. */
export interface BoundedDriver {
  get(key: string): Promise<Uint8Array | undefined>;
  set(key: string, value: Uint8Array, ttlMs: number | undefined): Promise<void>;
  delete(key: string): Promise<void>;
  /** Nothing where the driver cannot list. */
  keys(prefix: string): Promise<readonly string[]>;
  close(): Promise<void>;
}

/** A call that takes longer has failed, so that others who wait for their turn get it. */
const LONGEST_CALL_MS = 5000;
const LONGEST_LISTING_MS = 60_000;

const REQUIRED = ['get', 'set', 'delete'] as const satisfies (keyof KeyValueDriver)[];

/**
 * @param onUnfit is told, once, that the driver gives a value that is neither bytes nor nothing: it counts as nothing.
 * @throws CacheError `ERR_CACHE_OPTION`: it is no driver.
 */
export function boundedDriver(driver: KeyValueDriver, onUnfit: (error: CacheError) => void): BoundedDriver {
  checkDriver(driver);
  let isUnfitTold = false;
  const bytesIn = (value: unknown): Uint8Array | undefined => {
    const bytes = bytesOf(value);
    if (bytes !== undefined || value === undefined || value === null || value === '') return bytes;
    if (!isUnfitTold) onUnfit(unfit(value));
    isUnfitTold = true;
    return undefined;
  };
  const call = <T>(work: () => PromiseLike<T>, longestMs = LONGEST_CALL_MS): Promise<T> =>
    within(longestMs, work(), 'process-may-end');
  return {
    get: async (key) => bytesIn(await call(() => driver.get(key))),
    set: async (key, value, ttlMs) => void (await call(() => driver.set(key, value, ttlMs))),
    delete: async (key) => void (await call(() => driver.delete(key))),
    keys: (prefix) => call(() => listed(driver, prefix), LONGEST_LISTING_MS),
    close: async () => void (await call(() => driver.close?.() ?? Promise.resolve())),
  };
}

/** It does not show the value, which may be an answer. */
const unfit = (value: unknown): CacheError =>
  new CacheError(
    'ERR_CACHE_STORAGE',
    `KeyValueStorage: get of the driver gave a value of the type ${typeof value} where it gives a Uint8Array, ` +
      'or null where there is none: it counts as none',
  );

/** Other keys than those that were asked for are left out: some stores give all that they have. */
async function listed(driver: KeyValueDriver, prefix: string): Promise<readonly string[]> {
  const found: string[] = [];
  for await (const key of (await driver.keys?.(prefix)) ?? []) if (key.startsWith(prefix)) found.push(key);
  return found;
}

function checkDriver(driver: unknown): void {
  const has = (name: string): boolean =>
    typeof (driver as Readonly<Record<string, unknown>> | null | undefined)?.[name] === 'function';
  const missing = REQUIRED.find((name) => !has(name));
  if (missing === undefined) return;
  const remedy = 'Give a driver with get, set and delete, such as fromMap(new Map()) or fromKeyv(keyv).';
  throw optionError('driver', `KeyValueStorage: ${showValue(driver)} has no function "${missing}". ${remedy}`);
}
