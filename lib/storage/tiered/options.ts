/** What TieredStorage may be given, checked once. */
import type { InvalidationBus } from '../../api/bus.js';
import type { Duration } from '../../api/options.js';
import { type CacheStorage, STORAGE_METHODS } from '../../api/storage.js';
import { optionError, showValue } from '../../options/faults.js';
import { parseDuration } from '../../options/lifetimes.js';
import { isPlainObject } from '../../support/plain-object.js';

export interface TieredOptions {
  /**
   * How long an entry is taken from the front without a look at the back. What other processes have deleted meanwhile
   * may be used for so long, unless a `bus` tells of it. @default '1m', and without end where there is a bus that gives
   * messages back to who sent them, as `RedisBus` does: then it is known whether the bus still hears
   */
  frontTtl?: Duration;
  /** By it the instances in all processes tell each other what is deleted or replaced. @default undefined */
  bus?: InvalidationBus;
  /**
   * `'trust'` takes entries from the front as they are. `'verify'` asks the back at each use whether they still hold,
   * without moving their bodies: then it needs neither `frontTtl` nor a bus, and what one process deletes is deleted
   * for all at once. The back has to be able to tell: it has the method `revisions`.
   * @default 'trust'
   */
  front?: 'trust' | 'verify';
}

export interface ResolvedTieredOptions {
  /** `undefined`: nobody has said it. */
  readonly frontTtlMs: number | undefined;
  readonly bus: InvalidationBus | undefined;
  readonly verifies: boolean;
}

const NAMES = ['frontTtl', 'bus', 'front'] as const satisfies readonly (keyof TieredOptions)[];
/** How long the front is trusted where nothing is said, and nothing proves that changes are heard of. */
export const DEFAULT_TTL_MS = 60_000;

/** @throws CacheError `ERR_CACHE_OPTION` */
export function resolveTieredOptions(front: CacheStorage, back: CacheStorage, given: unknown): ResolvedTieredOptions {
  checkStorage('front', front);
  checkStorage('back', back);
  if (front === back) throw wrong('back', 'another storage than the front', 'the same one');
  if (!isPlainObject(given)) {
    throw optionError('options', `TieredStorage takes an object with ${NAMES.join(', ')}; got ${showValue(given)}.`);
  }
  const unknown = Object.keys(given).find((name) => !(NAMES as readonly string[]).includes(name));
  if (unknown !== undefined) {
    throw optionError(unknown, `TieredStorage: unknown option "${unknown}"; it takes ${NAMES.join(', ')}.`);
  }
  const { frontTtl, bus, front: use = 'trust' } = given as TieredOptions;
  if (use !== 'trust' && use !== 'verify') throw wrong('front', "'trust' or 'verify'", showValue(use));
  if (use === 'verify' && back.revisions === undefined) {
    throw wrong('front', `'trust', as the storage "${back.name}" cannot tell whether entries still hold`, "'verify'");
  }
  if (bus !== undefined && !isBus(bus)) throw wrong('bus', 'an object with publish() and subscribe()', showValue(bus));
  const frontTtlMs = frontTtl === undefined ? undefined : parseDuration(frontTtl, 'frontTtl') * 1000;
  return { frontTtlMs, bus, verifies: use === 'verify' };
}

function checkStorage(option: string, storage: unknown): void {
  const lacks = STORAGE_METHODS.find((name) => typeof (storage as Partial<CacheStorage> | null)?.[name] !== 'function');
  if (lacks !== undefined) throw wrong(option, `a storage with ${lacks}()`, showValue(storage));
}

const isBus = (bus: unknown): boolean =>
  typeof (bus as Partial<InvalidationBus> | null)?.publish === 'function' &&
  typeof (bus as Partial<InvalidationBus>).subscribe === 'function';

const wrong = (option: string, allowed: string, got: string): Error =>
  optionError(option, `TieredStorage: ${option} must be ${allowed}; got ${got}.`);
