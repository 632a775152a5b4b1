/** Every option there is, one row for each, and how a whole set of them is read. */
import type { CacheEvent } from '../api/events.js';
import type { CacheOptions, CachePolicy, CacheRequestOptions } from '../api/options.js';
import { type CacheStorage, STORAGE_METHODS } from '../api/storage.js';
import { checked, Faults, optionError, showValue } from './faults.js';
import { rules } from './filters.js';
import { parseDuration, parseLifetime } from './lifetimes.js';
import { suggestName } from './suggest.js';
import { compileUrlPattern, covers, type UrlMatcher } from './url-patterns.js';
import {
  allowedCodes,
  allowedMethods,
  callback,
  count,
  errorCodes,
  fieldName,
  flag,
  headersOrTrue,
  interval,
  lifetime,
  limit,
  list,
  meantMode,
  mode,
  MODES,
  setOf,
  staleWindow,
  text,
  timeLimit,
  wrong,
} from './values.js';
import { isPlainObject, ownOf } from '../support/plain-object.js';

/** A check that may find several faults adds them to `faults`; one that finds a single fault throws it. */
type OptionCheck<T> = (value: unknown, option: string, faults: Faults) => T;
type Checks<Options> = { readonly [Name in keyof Options]-?: OptionCheck<unknown> };
type Checked<Table> = { readonly [Name in keyof Table]: Table[Name] extends OptionCheck<infer T> ? T : never };

export type ParsedPolicy = Checked<typeof POLICY_CHECKS>;
export type ParsedRequest = Checked<typeof REQUEST_CHECKS>;
export type ParsedOptions = Checked<typeof SESSION_CHECKS>;

/** What one pattern of `urlsExpireAfter` says. */
interface UrlRule {
  /** The pattern as messages show it. */
  readonly shown: string;
  readonly matches: UrlMatcher;
  readonly policy: Partial<ParsedPolicy>;
}

type Functions<Value> = Extract<Value, (...args: never) => unknown>;
type TagsFunction = Functions<CachePolicy['tags']>;
type PartitionFunction = Functions<CacheOptions['partition']>;

const paramNames = 'parameter names';
const tagList = list(text, 'tags (or a function)');
const keyFunction = callback<Functions<CachePolicy['key']>>('a function; a text names the answer of a single request');

/** The options that may be given for the session, for a URL pattern and for a request. */
const POLICY_CHECKS = {
  expireAfter: lifetime,
  mode,
  cacheControl: flag,
  conditionalRequests: flag,
  maxLifetime: limit,
  allowedMethods,
  allowedCodes,
  ignoredParams: setOf(text, paramNames),
  includeHeaders: headersOrTrue,
  ignoreVary: headersOrTrue,
  readOnly: flag,
  softTimeout: timeLimit,
  filter: callback<NonNullable<CachePolicy['filter']>>('a function'),
  staleIfError: staleWindow,
  staleIfErrorCodes: errorCodes,
  staleWhileRevalidate: staleWindow,
  keepStale: parseDuration,
  tags: (value, option): TagsFunction | readonly string[] =>
    typeof value === 'function' ? (value as TagsFunction) : tagList(value, option),
  maxEntryBytes: count(0, { unlimited: true }),
  invalidates: rules,
  key: keyFunction,
  collapse: flag,
  frozenData: flag,
} satisfies Checks<CachePolicy>;

const REQUEST_CHECKS = {
  ...POLICY_CHECKS,
  key: (value, option) => (typeof value === 'function' ? keyFunction(value, option) : text(value, option)),
  partition: (value, option) => (value === false ? value : text(value, option)),
  onRefreshed: callback<NonNullable<CacheRequestOptions['onRefreshed']>>('a function'),
} satisfies Checks<CacheRequestOptions>;

const partitionFunction = callback<PartitionFunction>('"credentials", false, or a function that names the user');
const debugFunction = callback<(line: string) => void>('true, false or a function');

const SESSION_CHECKS = {
  ...POLICY_CHECKS,
  storage: checkStorage,
  urlsExpireAfter: parseUrlRules,
  shared: flag,
  partition: (value, option): NonNullable<CacheOptions['partition']> => {
    if (value === 'credentials' || value === false) return value;
    return partitionFunction(value, option);
  },
  credentialHeaders: list(fieldName, 'header names'),
  redactedParams: list(text, paramNames),
  storageTimeout: timeLimit,
  inherit: flag,
  deleteExpiredEvery: interval,
  maxVariants: count(1, { unlimited: false }),
  cacheStatusHeader: flag,
  clearSiteData: flag,
  background: callback<NonNullable<CacheOptions['background']>>('a function that is given a promise'),
  onEvent: callback<(event: CacheEvent) => void>('a function'),
  debug: (value, option) => (typeof value === 'boolean' ? value : debugFunction(value, option)),
  now: callback<() => number>('a function that returns epoch milliseconds'),
} satisfies Checks<CacheOptions>;

/**
 * Reads every option given in `options` and adds all faults to `faults`. Options that are left out, `undefined` and
 * `null` are absent from the result. As a lifetime `null` is refused: to some it means for ever, to others not at all.
 */
function readOptions<Table extends Checks<unknown>>(
  table: Table,
  options: Readonly<Record<string, unknown>>,
  path: string,
  faults: Faults,
): Partial<Checked<Table>> {
  const parsed = ownOf<Record<string, unknown>>();
  for (const name of Object.keys(options)) {
    const option = path === '' ? name : `${path}.${name}`;
    faults.collect(option, () => {
      const check = checkOf(table, name, option);
      const value = options[name];
      if (value === undefined || (value === null && name !== 'expireAfter')) return;
      parsed[name] = check(value, option, faults);
    });
  }
  return parsed as Partial<Checked<Table>>;
}

/** Reads `options` as `readOptions` does, and throws one error for all faults. */
function readAll<Table extends Checks<unknown>>(
  table: Table,
  options: Readonly<Record<string, unknown>>,
  path: string,
): Partial<Checked<Table>> {
  const faults = new Faults();
  const parsed = readOptions(table, options, path, faults);
  faults.raise();
  return parsed;
}

type AnyCheck = OptionCheck<unknown>;

function checkOf(table: Readonly<Record<string, AnyCheck>>, name: string, option: string): AnyCheck {
  const check = Object.hasOwn(table, name) ? table[name] : undefined;
  if (check !== undefined) return check;
  const elsewhere = PLACES.filter(([place]) => Object.hasOwn(place, name)).map(([, description]) => description);
  if (elsewhere.length > 0) {
    throw optionError(option, `${option} is not an option here: give ${name} to ${elsewhere.join(', or to ')}.`);
  }
  throw optionError(option, `${option} is not an option.${suggestName(name, Object.keys(table))}`);
}

/** Where an option that stands in the wrong place belongs. */
const PLACES: readonly (readonly [object, string])[] = [
  [SESSION_CHECKS, 'setupCache, as a session option'],
  [REQUEST_CHECKS, 'a request, in its cache object'],
];

/**
 * Reads what `setupCache` takes.
 * @throws CacheError `ERR_CACHE_OPTION`, one for all faults.
 */
export const parseOptions = (options: unknown): Partial<ParsedOptions> =>
  checked('options', () => {
    if (options === undefined || options === null) return ownOf();
    if (isPlainObject(options)) return readAll(SESSION_CHECKS, options, '');
    const allowed = 'options must be an object such as { expireAfter: "1h" }';
    throw optionError('options', `${allowed}; got ${showValue(options)}.`);
  });

const SETTING_FORMS =
  'Use seconds (300), "90s", "5m", "2 days", a Date, "heuristic", true, false for no caching, ' +
  `a cache mode (${MODES.join(', ')}), or an object of options.`;

/**
 * Reads what a request's `cache` takes.
 * @throws CacheError `ERR_CACHE_OPTION`, one for all faults.
 */
export function parseSetting(setting: unknown): Partial<ParsedRequest> {
  if (setting === true) return ownOf({ expireAfter: { kind: 'on' } });
  if (isPlainObject(setting)) return readAll(REQUEST_CHECKS, setting, 'cache');
  const known = MODES.find((each) => each === setting);
  if (known !== undefined) return ownOf({ mode: known });
  if (setting === 'never') {
    const remedy = 'false does not cache this request; { expireAfter: "never" } keeps it for ever.';
    throw optionError('cache', `cache: "never" is ambiguous. ${remedy}`);
  }
  const meant = meantMode(setting);
  const forms = meant === undefined ? SETTING_FORMS : `Did you mean "${meant}"? ${SETTING_FORMS}`;
  return ownOf({ expireAfter: parseLifetime(setting, 'cache', forms) });
}

/** Reads an object of globs or a list of pairs, in its order; a pattern without a value is left out. */
function parseUrlRules(value: unknown, option: string, faults: Faults): readonly UrlRule[] {
  if (!Array.isArray(value) && !isPlainObject(value)) {
    throw wrong(option, value, 'an object of patterns, or a list of [pattern, value] pairs');
  }
  const pairs: readonly unknown[] = Array.isArray(value) ? value : Object.entries(value);
  const rules: UrlRule[] = [];
  for (const [index, pair] of pairs.entries()) {
    const rule = faults.collect(`${option}[${index}]`, () => parseUrlRule(pair, option, index, rules, faults));
    if (rule !== undefined) rules.push(rule);
  }
  return rules;
}

function parseUrlRule(
  pair: unknown,
  option: string,
  index: number,
  before: readonly UrlRule[],
  faults: Faults,
): UrlRule | undefined {
  if (!Array.isArray(pair) || pair.length !== 2) throw wrong(`${option}[${index}]`, pair, 'a pair, [pattern, value]');
  const [pattern, setting] = pair as [unknown, unknown];
  const shown = quote(pattern);
  const path = `${option}[${shown}]`;
  const matches = compileUrlPattern(pattern, path);
  if (setting === undefined) return undefined;
  const covering = before.find((rule) => covers(rule.matches, matches));
  if (covering !== undefined) {
    throw optionError(path, `${path} is never reached, as ${covering.shown} covers it. Write ${shown} before that one.`);
  }
  const policy = isPlainObject(setting)
    ? readOptions(POLICY_CHECKS, setting, path, faults)
    : { expireAfter: lifetime(setting, path) };
  return { shown, matches, policy };
}

function quote(pattern: unknown): string {
  if (typeof pattern === 'string') return `'${pattern.replaceAll(/[\\']/g, '\\$&')}'`;
  return pattern instanceof RegExp ? String(pattern) : showValue(pattern);
}

/** Takes what has the methods of a storage. */
export function checkStorage(value: unknown, option: string): CacheStorage {
  if (typeof value === 'function') {
    const remedy = value.name === '' ? 'Write new …Storage(…)' : `Write new ${value.name}(…)`;
    throw optionError(option, `${option} must be a storage object; got ${showValue(value)}. ${remedy}.`);
  }
  if (typeof value !== 'object' || value === null) {
    throw wrong(option, value, 'a storage object such as new MemoryStorage()');
  }
  const storage = value as Readonly<Record<string, unknown>>;
  const missing = STORAGE_METHODS.find((name) => typeof storage[name] !== 'function');
  if (missing !== undefined) {
    throw optionError(option, `${option}.${missing} is not a function. A storage has ${STORAGE_METHODS.join(', ')}.`);
  }
  if (typeof storage['name'] !== 'string') throw wrong(`${option}.name`, storage['name'], 'a string');
  return value as CacheStorage;
}
