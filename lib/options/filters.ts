/** Which entries are meant where no single request is named: by the option `invalidates`, and by `http.cache`. */
import type { CacheFilter, InvalidationRule } from '../api/options.js';
import { type Faults, optionError } from './faults.js';
import { parseDuration } from './lifetimes.js';
import { compileUrlPattern } from './url-patterns.js';
import { type Check, flag, method, text, wrong } from './values.js';
import { isPlainObject, ownOf } from '../support/plain-object.js';

type Checked<Table> = { readonly [Name in keyof Table]: Table[Name] extends Check<infer T> ? T | undefined : never };

/** What each condition must be. One that is `undefined` leaves open how entries are in that respect. */
export type ParsedFilter = Checked<typeof FILTER_CHECKS>;

/** It is a function of the change where it depends on that. */
export type ParsedRule = ParsedFilter | Extract<InvalidationRule, (...args: never) => unknown>;

/** Gives the instant before which an entry was received that is older, by the time of now. */
const olderThan: Check<(now: number) => number> = (value, option) => {
  if (value instanceof Date && !Number.isNaN(value.getTime())) {
    const at = value.getTime();
    return () => at;
  }
  const seconds = parseDuration(value, option);
  return (now) => now - seconds * 1000;
};

const FILTER_CHECKS = {
  url: text,
  pattern: compileUrlPattern,
  tag: text,
  key: text,
  method,
  partition: text,
  stale: flag,
  olderThan,
  unreadable: flag,
} satisfies Record<keyof CacheFilter, Check<unknown>>;

const CONDITIONS = Object.keys(FILTER_CHECKS) as readonly (keyof CacheFilter)[];

/** Reads one rule, or a list of them, whose faults it adds to `faults`. */
export function rules(value: unknown, option: string, faults: Faults): readonly ParsedRule[] {
  if (!Array.isArray(value)) return [rule(value, option)];
  const given: readonly unknown[] = value;
  return given.flatMap((each, index) => {
    const path = `${option}[${index}]`;
    return faults.collect(path, () => rule(each, path)) ?? [];
  });
}

const rule = (value: unknown, option: string): ParsedRule =>
  typeof value === 'function' ? (value as Extract<ParsedRule, (...args: never) => unknown>) : filter(value, option);

/** Reads one URL or filter. It must have a condition, as it selects what is to be changed. */
export function filter(value: unknown, option: string): ParsedFilter {
  if (typeof value === 'string') return conditions({ url: text(value, option) }, option);
  if (!isPlainObject(value)) throw wrong(option, value, 'a URL, { url }, { pattern }, { tag } or a function');
  const parsed = anyFilter(value, option);
  if (CONDITIONS.every((name) => parsed[name] === undefined)) {
    const problem = 'has no condition, and would mean everything: for that there is cache.clear().';
    throw optionError(option, `${option} ${problem}`);
  }
  return parsed;
}

/** Reads a filter that may be without a condition, as it only selects what is shown. */
export function anyFilter(value: unknown, option: string): ParsedFilter {
  if (value === undefined) return conditions({}, option);
  if (!isPlainObject(value)) throw wrong(option, value, 'a filter such as { url: "/users" } or { tag: "users" }');
  const unknown = Object.keys(value).find((name) => !Object.hasOwn(FILTER_CHECKS, name));
  if (unknown !== undefined) {
    throw optionError(option, `${option}.${unknown} is no condition. There are ${CONDITIONS.join(', ')}.`);
  }
  return conditions(value, option);
}

function conditions(given: Readonly<Record<string, unknown>>, option: string): ParsedFilter {
  const parsed = ownOf<Record<string, unknown>>();
  for (const name of CONDITIONS) {
    const value = Object.hasOwn(given, name) ? given[name] : undefined;
    parsed[name] = value === undefined || value === null ? undefined : FILTER_CHECKS[name](value, `${option}.${name}`);
  }
  return parsed as unknown as ParsedFilter;
}
