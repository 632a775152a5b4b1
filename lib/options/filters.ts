/** Which entries are meant by a URL, a pattern or a tag, as the option `invalidates` has them. */
import type { CacheFilter, InvalidationRule } from '../api/options.js';
import { type Faults, optionError } from './faults.js';
import { compileUrlPattern } from './url-patterns.js';
import { type Check, text, wrong } from './values.js';
import { isPlainObject } from '../support/plain-object.js';

export interface ParsedFilter {
  readonly url: string | undefined;
  /** `undefined` means that entries of any URL fit. */
  readonly matches: ((url: string) => boolean) | undefined;
  readonly tag: string | undefined;
}

/** It is a function of the change where it depends on that. */
export type ParsedRule = ParsedFilter | Extract<InvalidationRule, (...args: never) => unknown>;

const FILTER_CHECKS = { url: text, pattern: compileUrlPattern, tag: text } satisfies Record<
  keyof CacheFilter,
  Check<unknown>
>;

/** Reads one rule, or a list of them, whose faults it adds to `faults`. */
export function rules(value: unknown, option: string, faults: Faults): readonly ParsedRule[] {
  if (!Array.isArray(value)) return [rule(value, option)];
  const given: readonly unknown[] = value;
  return given.flatMap((each, index) => faults.collect(() => rule(each, `${option}[${index}]`)) ?? []);
}

const rule = (value: unknown, option: string): ParsedRule =>
  typeof value === 'function' ? (value as Extract<ParsedRule, (...args: never) => unknown>) : filter(value, option);

/** Reads one URL or filter. */
export function filter(value: unknown, option: string): ParsedFilter {
  if (typeof value === 'string') return { url: text(value, option), matches: undefined, tag: undefined };
  if (!isPlainObject(value)) throw wrong(option, value, 'a URL, { url }, { pattern }, { tag } or a function');
  const unknown = Object.keys(value).find((name) => !Object.hasOwn(FILTER_CHECKS, name));
  if (unknown !== undefined) {
    const conditions = Object.keys(FILTER_CHECKS).join(', ');
    throw optionError(option, `${option}.${unknown} is no condition. There are ${conditions}.`);
  }
  const given = <T>(name: keyof CacheFilter, check: Check<T>): T | undefined => {
    const condition: unknown = Object.hasOwn(value, name) ? value[name] : undefined;
    return condition === undefined || condition === null ? undefined : check(condition, `${option}.${name}`);
  };
  const parsed = {
    url: given('url', FILTER_CHECKS.url),
    matches: given('pattern', FILTER_CHECKS.pattern),
    tag: given('tag', FILTER_CHECKS.tag),
  };
  if (Object.values(parsed).every((condition) => condition === undefined)) {
    const problem = 'has no condition, and would mean everything: for that there is cache.clear().';
    throw optionError(option, `${option} ${problem}`);
  }
  return parsed;
}
