/** What a call of `setupCache` was given: options that say the same are the same, and are made complete once. */
import type { ResolvedOptions } from './policy.js';
import { resolveOptions } from './resolve.js';
import { identityOf } from '../support/identity.js';
import { isPlainObject } from '../support/plain-object.js';

export interface GivenOptions {
  /** This text is equal for options that are: by their values, and by identity for functions, storages and the like. */
  readonly said: string;
  readonly options: ResolvedOptions;
}

/** This is what options say in which there are none. */
export const SAYS_NOTHING = '{}';

/**
 * Many programs make an instance for each tenant or request, with the same options: these share what was made of them,
 * such as URL patterns, for as long as one of them is used.
 */
const known = new Map<string, WeakRef<ResolvedOptions>>();
const canForget = typeof WeakRef === 'function' && typeof FinalizationRegistry === 'function';
const forgotten = canForget ? new FinalizationRegistry<string>(forget) : undefined;

function forget(said: string): void {
  if (known.get(said)?.deref() === undefined) known.delete(said);
}

/**
 * Checks the options and makes them complete. The user's object is neither changed nor kept.
 * @throws CacheError `ERR_CACHE_OPTION` as `resolveOptions` does.
 */
export function givenOptions(options: unknown): GivenOptions {
  const said = textOfReadable(options);
  const same = known.get(said)?.deref();
  if (same !== undefined) return { said, options: same };
  const resolved = resolveOptions(options);
  if (forgotten !== undefined) {
    known.set(said, new WeakRef(resolved));
    forgotten.register(resolved, said);
  }
  return { said, options: resolved };
}

/** What cannot be read says the same as nothing else: which option it is, is told where the options are checked. */
function textOfReadable(options: unknown): string {
  try {
    return textOf(options ?? {}, 0);
  } catch {
    return `unreadable ${identityOf({})}`;
  }
}

/** Options nest less deeply; what lies deeper counts by identity, which also ends circles. */
const MAX_DEPTH = 6;

/** `name` is the option's. The order of members matters in `urlsExpireAfter` alone, where the first match wins. */
function textOf(value: unknown, depth: number, name?: string): string {
  if (typeof value === 'string') return JSON.stringify(value);
  if (typeof value !== 'object' || value === null) {
    return typeof value === 'function' ? `function ${identityOf(value)}` : `${typeof value} ${String(value)}`;
  }
  if (value instanceof Date) return `date ${value.getTime()}`;
  if (value instanceof RegExp) return `pattern ${String(value)}`;
  if (depth < MAX_DEPTH && Array.isArray(value)) return `[${value.map((item) => textOf(item, depth + 1)).join()}]`;
  if (depth >= MAX_DEPTH || !isPlainObject(value)) return `object ${identityOf(value)}`;
  const names = Object.keys(value).filter((each) => value[each] !== undefined);
  if (name !== 'urlsExpireAfter') names.sort();
  return `{${names.map((each) => `${JSON.stringify(each)}:${textOf(value[each], depth + 1, each)}`).join()}}`;
}
