/** How the options of another cache become options of this one, and how it is told what does not. */
import type { CacheOptions, UrlPattern, UrlSetting } from '../api/options.js';
import { checked, Faults, optionError, showValue } from '../options/faults.js';
import { isPlainObject } from '../support/plain-object.js';

/** What became of the options of another cache. */
export interface Translation {
  /** What `setupCache` takes. */
  readonly options: CacheOptions;
  /** A sentence for each option that is not kept, or not kept whole, which says what to write in its place. */
  readonly unsupported: readonly string[];
}

/** The options that were given, without those that are undefined or null. */
export type Given = Readonly<Record<string, unknown>>;
export type Tell = (sentence: string) => void;
/** Translates some of the options that belong together. */
type Part = (given: Given, tell: Tell) => CacheOptions;
export type UrlRule = readonly [UrlPattern, UrlSetting];

export interface FormerCache {
  /** With its version. */
  readonly name: string;
  readonly parts: readonly Part[];
  /** The names that the parts read. */
  readonly translated: readonly string[];
  /** What is to be said of each option that has no counterpart; where that is nothing, it can go. */
  readonly leftOut: Readonly<Record<string, string>>;
}

/**
 * Translates what was given to another cache.
 * @throws CacheError `ERR_CACHE_OPTION`, one for all faults, for what that cache did not take either.
 */
export function translate(theirs: unknown, { name, parts, translated, leftOut }: FormerCache): Translation {
  const given = readGiven(theirs, name);
  const unsupported: string[] = [];
  const tell: Tell = (sentence) => void unsupported.push(sentence);
  const faults = new Faults();
  const options = parts.map((part) => faults.collect('options', () => part(given, tell)) ?? {});
  faults.raise();
  for (const each of Object.keys(given)) {
    if (translated.includes(each)) continue;
    const sentence = Object.hasOwn(leftOut, each) ? leftOut[each] : unknownName(each, name);
    if (sentence !== undefined && sentence !== '') tell(sentence);
  }
  return { options: Object.assign({}, ...options) as CacheOptions, unsupported };
}

const readGiven = (theirs: unknown, name: string): Given =>
  checked('options', () => {
    if (!isPlainObject(theirs)) {
      throw optionError('options', `options must be the object that ${name} was given; got ${showValue(theirs)}.`);
    }
    return Object.fromEntries(Object.entries(theirs).filter(([, value]) => value !== undefined && value !== null));
  });

const unknownName = (option: string, name: string): string =>
  `${option} is not an option of ${name}, and is left out. Options of axios-client-cache stand beside the translated ` +
  `ones: setupCache(instance, { ...options, ${option}: … }).`;

/** Gives an error that says what `option` of the other cache must be. */
const wrong = (option: string, value: unknown, allowed: string): Error =>
  optionError(option, `${option} must be ${allowed}; got ${showValue(value)}.`);

/** Makes seconds of milliseconds. What had no length is stale at once, where a lifetime of 0 switches a cache off. */
export function secondsOf(value: unknown, option: string): number {
  if (typeof value !== 'number' || Number.isNaN(value)) throw wrong(option, value, 'a number of milliseconds');
  return Math.max(value, 1) / 1000;
}

export type AnyFunction = (...values: unknown[]) => unknown;
export const isFunction = (value: unknown): value is AnyFunction => typeof value === 'function';

export function listOf(value: unknown, option: string): readonly unknown[] {
  if (!Array.isArray(value)) throw wrong(option, value, 'a list');
  return value;
}

/**
 * Makes rules of URL patterns that were tested on `config.url`: a RegExp, or a text that the URL has somewhere in it.
 * Here a pattern is tested on the whole URL.
 */
export const urlRules = (value: unknown, option: string, setting: UrlSetting, tell: Tell): UrlRule[] =>
  listOf(value, option).map((pattern, index) => {
    if (typeof pattern === 'string') return [new RegExp(escaped(pattern)), setting];
    if (!(pattern instanceof RegExp)) throw wrong(`${option}[${index}]`, pattern, 'a RegExp or a text');
    if (/^\^(?!https?:)/.test(pattern.source)) tell(aboutAnchor(`${option}[${index}]`, pattern));
    return [pattern, setting];
  });

const escaped = (text: string): string => text.replaceAll(/[\\^$.*+?()[\]{}|/]/g, '\\$&');

const aboutAnchor = (option: string, pattern: RegExp): string =>
  `${option}: ${String(pattern)} was tested on config.url, and is tested on the whole URL here, which begins with a ` +
  'scheme. Write it without the ^, or as a glob such as "/users" in urlsExpireAfter.';
