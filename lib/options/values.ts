/** Checks of single values. Each gives back what is used from then on, or throws an error that says what to write. */
import type { CacheMethod } from '../api/options.js';
import type { StoredResponse } from '../api/stored-response.js';
import { optionError, showValue } from './faults.js';
import { parseDuration, parseLifetime, type Rung } from './lifetimes.js';
import { meantWord } from './suggest.js';
import type { CacheMode, Seconds } from '../rfc9111/model.js';
import { LONGEST_DELAY_MS } from '../support/timers.js';
import { isUnawaited } from '../support/user-promise.js';

/**
 * Reads a value that the user gave.
 * @throws CacheError `ERR_CACHE_OPTION`, which names `option`, the path of the value.
 */
export type Check<T> = (value: unknown, option: string) => T;

export const MODES: readonly CacheMode[] = [
  'default',
  'no-store',
  'reload',
  'no-cache',
  'force-cache',
  'only-if-cached',
];
const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'QUERY'] as const satisfies CacheMethod[];

/** Makes an error that says what `option` must be. */
export const wrong = (option: string, value: unknown, allowed: string): Error =>
  optionError(option, `${option} must be ${allowed}; got ${showValue(value)}.`);

export const flag: Check<boolean> = (value, option) => {
  if (typeof value !== 'boolean') throw wrong(option, value, 'true or false');
  return value;
};

/** Takes any function, since what a function takes and gives cannot be checked. */
export const callback =
  <F>(allowed: string): Check<F> =>
  (value, option) => {
    if (typeof value !== 'function') throw wrong(option, value, allowed);
    return value as F;
  };

/** Takes a whole number of at least `least`. */
export const count =
  (least: number, { unlimited }: { unlimited: boolean }): Check<number> =>
  (value, option) => {
    const whole = Number.isInteger(value) || (unlimited && value === Infinity);
    if (typeof value !== 'number' || !whole || value < least) {
      throw wrong(option, value, `a whole number of at least ${least}${unlimited ? ', or Infinity' : ''}`);
    }
    return value;
  };

export const list =
  <T>(item: Check<T>, allowed: string): Check<readonly T[]> =>
  (value, option) => {
    if (!Array.isArray(value)) throw wrong(option, value, `a list of ${allowed}, even for a single one`);
    const given: readonly unknown[] = value;
    const items: T[] = [];
    // Other loops leave out the holes in a list, and a hole is a fault.
    for (let index = 0; index < given.length; index += 1) items.push(item(given[index], `${option}[${index}]`));
    return items;
  };

/** Takes a name that is not empty, so that what belongs to a user whose id was never set is not everybody's. */
export const text: Check<string> = (value, option) => {
  if (typeof value !== 'string' || value === '') throw wrong(option, value, 'a string that is not empty');
  return value;
};

const FIELD_NAME = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;
export const fieldName: Check<string> = (value, option) => {
  if (typeof value !== 'string' || !FIELD_NAME.test(value)) throw wrong(option, value, 'the name of a header field');
  return value.toLowerCase();
};

export const method: Check<string> = (value, option) => {
  const name = typeof value === 'string' ? value.toUpperCase() : value;
  if (!METHODS.some((each) => each === name)) throw wrong(option, value, `one of ${METHODS.join(', ')}`);
  return String(name);
};

/** Takes a status of at least `least`, and a final one, as no request ends with another. */
const statusFrom =
  (least: number): Check<number> =>
  (value, option) => {
    const fits = Number.isInteger(value) && Number(value) >= least && Number(value) <= 599;
    if (!fits) throw wrong(option, value, `a status code from ${least} to 599`);
    return Number(value);
  };

export const mode: Check<CacheMode> = (value, option) => {
  const known = MODES.find((each) => each === value);
  if (known === undefined) throw wrong(option, value, `one of ${MODES.join(', ')}${suggestMode(value)}`);
  return known;
};

/** Finds the cache mode that a misspelt one is likely to be. */
export const meantMode = (value: unknown): string | undefined =>
  typeof value === 'string' ? meantWord(value, MODES) : undefined;

function suggestMode(value: unknown): string {
  const meant = meantMode(value);
  return meant === undefined ? '' : ` (did you mean "${meant}"?)`;
}

/** Takes a list as a set. */
export const setOf = <T>(item: Check<T>, allowed: string): Check<ReadonlySet<T>> => {
  const items = list(item, allowed);
  return (value, option) => new Set(items(value, option));
};

/** Takes a list of header names, or true for all of them. */
export const headersOrTrue: Check<readonly string[] | true> = (value, option) =>
  value === true || list(fieldName, 'header names (or true)')(value, option);

const methods = setOf(method, 'methods');

export const allowedMethods: Check<(method: string) => boolean> = (value, option) => {
  const allowed = methods(value, option);
  return (name) => allowed.has(name);
};

const codes = setOf(statusFrom(200), 'status codes (or a function)');

export const allowedCodes: Check<(status: number) => boolean> = (value, option) => {
  if (typeof value === 'function') return forgiving(value as (status: number) => boolean);
  const allowed = codes(value, option);
  return (code) => allowed.has(code);
};

export const errorCodes = setOf(statusFrom(400), 'status codes');

/** Takes a predicate that throws for one that does not agree, so that the request does not fail. */
const forgiving =
  (predicate: (status: number) => boolean) =>
  (code: number): boolean => {
    try {
      const agrees: unknown = predicate(code);
      return !isUnawaited(agrees) && Boolean(agrees);
    } catch {
      return false;
    }
  };

/** Takes a window for stale answers; `true` means as long as the entry is kept. */
export const staleWindow: Check<Seconds | false> = (value, option) => {
  if (typeof value === 'boolean') return value ? Infinity : false;
  return parseDuration(value, option);
};

/** Takes a duration, or Infinity for no limit. */
export const limit: Check<Seconds> = (value, option) =>
  value === Infinity ? value : parseDuration(value, option);

const timerMs: Check<number> = (value, option) =>
  Math.min(Math.ceil(parseDuration(value, option) * 1000), LONGEST_DELAY_MS);

export const timeLimit: Check<number> = (value, option) => {
  const delay = timerMs(value, option);
  if (delay === 0) throw wrong(option, value, 'a duration above zero, such as "2s"');
  return delay;
};

export const interval: Check<number | undefined> = (value, option) => {
  const delay = value === false ? 0 : timerMs(value, option);
  return delay === 0 ? undefined : delay;
};

/**
 * Takes a lifetime, or a function that gives one. A cache mode in its place is a likely mistake, for which the message
 * has a remedy of its own.
 */
export const lifetime: Check<Rung> = (value, option) => {
  if (typeof value === 'function') return { kind: 'asked', ask: value as (response: StoredResponse) => unknown };
  const isMode = MODES.some((each) => each === value);
  return parseLifetime(value, option, isMode ? `It is a cache mode: write { mode: ${showValue(value)} }.` : undefined);
};
