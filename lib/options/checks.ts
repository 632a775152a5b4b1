/** The options there are, one row an option, and how a whole set of them is read. */
import type { CacheEvent } from '../api/events.js';
import type { CacheOptions, CachePolicy, CacheRequestOptions } from '../api/options.js';
import { type CacheStorage, STORAGE_METHODS } from '../api/storage.js';
import { Faults, optionError, showValue } from './faults.js';
import { filters } from './filters.js';
import { parseDuration, parseLifetime } from './lifetimes.js';
import { suggestName } from './suggest.js';
import { compileUrlPattern } from './url-patterns.js';
import { allowedCodes, allowedMethods, callback, type Check, count, fieldName, flag, interval, lifetime, list, meantMode, mode, MODES, staleWindow, text, timeLimit, wrong } from './values.js';
import { isPlainObject } from '../support/plain-object.js';

type Checks<Options> = { readonly [Name in keyof Options]-?: Check<unknown> };
type Checked<Table> = { readonly [Name in keyof Table]: Table[Name] extends Check<infer T> ? T : never };

export type ParsedPolicy = Checked<typeof POLICY_CHECKS>;
export type ParsedRequest = Checked<typeof REQUEST_CHECKS>;
export type ParsedOptions = Checked<typeof SESSION_CHECKS>;

interface UrlRule {
  readonly matches: (url: string) => boolean;
  readonly policy: Partial<ParsedPolicy>;
}

type Functions<Value> = Extract<Value, (...args: never) => unknown>;
type TagsFunction = Functions<CachePolicy['tags']>;
type PartitionFunction = Functions<CacheOptions['partition']>;

/** All that may be said for the session, for a URL pattern and for a request. */
const POLICY_CHECKS = {
  expireAfter: lifetime,
  mode,
  cacheControl: flag,
  allowedMethods,
  allowedCodes,
  ignoredParams: (value, option): ReadonlySet<string> => new Set(list(text, 'parameter names')(value, option)),
  includeHeaders: (value, option) =>
    value === true ? value : list(fieldName, 'header names (or true)')(value, option),
  filter: callback<NonNullable<CachePolicy['filter']>>('a function'),
  staleIfError: staleWindow,
  staleWhileRevalidate: staleWindow,
  keepStale: parseDuration,
  tags: (value, option) =>
    typeof value === 'function'
      ? callback<TagsFunction>('a function')(value, option)
      : list(text, 'tags (or a function)')(value, option),
  maxEntryBytes: count(0, { unlimited: true }),
  collapse: flag,
} satisfies Checks<CachePolicy>;

const REQUEST_CHECKS = {
  ...POLICY_CHECKS,
  key: text,
  partition: (value, option) => (value === false ? value : text(value, option)),
  invalidates: filters,
  onRefreshed: callback<NonNullable<CacheRequestOptions['onRefreshed']>>('a function'),
} satisfies Checks<CacheRequestOptions>;

const SESSION_CHECKS = {
  ...POLICY_CHECKS,
  storage: checkStorage,
  urlsExpireAfter: parseUrlRules,
  shared: flag,
  partition: (value, option): NonNullable<CacheOptions['partition']> => {
    if (value === 'credentials' || value === false) return value;
    return callback<PartitionFunction>('"credentials", false, or a function that names the user')(value, option);
  },
  credentialHeaders: list(fieldName, 'header names'),
  redactedParams: list(text, 'parameter names'),
  storageTimeout: timeLimit,
  inherit: flag,
  deleteExpiredEvery: interval,
  maxVariants: count(1, { unlimited: false }),
  cacheStatusHeader: flag,
  clearSiteData: flag,
  onEvent: callback<(event: CacheEvent) => void>('a function'),
  debug: (value, option) =>
    typeof value === 'boolean' ? value : callback<(line: string) => void>('true, false or a function')(value, option),
  now: callback<() => number>('a function that returns epoch milliseconds'),
} satisfies Checks<CacheOptions>;

/** Every option given in `options`, checked; those left out, `undefined` and `null` are absent from the result. */
function readOptions<Table extends Checks<unknown>>(
  table: Table,
  options: object,
  path: string,
): Partial<Checked<Table>> {
  const faults = new Faults();
  const parsed: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(options)) {
    const option = path === '' ? name : `${path}.${name}`;
    faults.collect(() => {
      const check = checkOf(table, name, option);
      if (value !== undefined && value !== null) parsed[name] = check(value, option);
    });
  }
  faults.raise();
  return parsed as Partial<Checked<Table>>;
}

function checkOf(table: Readonly<Record<string, Check<unknown>>>, name: string, option: string): Check<unknown> {
  const check = Object.hasOwn(table, name) ? table[name] : undefined;
  if (check !== undefined) return check;
  const elsewhere = PLACES.filter(([place]) => Object.hasOwn(place, name)).map(([, description]) => description);
  if (elsewhere.length > 0) {
    throw optionError(option, `${option} is not an option here: give ${name} to ${elsewhere.join(', or to ')}.`);
  }
  throw optionError(option, `${option} is not an option.${suggestName(name, Object.keys(table))}`);
}

const PLACES: readonly (readonly [object, string])[] = [
  [SESSION_CHECKS, 'setupCache, as a session option'],
  [REQUEST_CHECKS, 'a request, in its cache object'],
];

/** All that `setupCache` takes. Throws one error for all faults. */
export function parseOptions(options: unknown): Partial<ParsedOptions> {
  if (options === undefined || options === null) return {};
  if (!isPlainObject(options)) {
    throw optionError('options', `options must be an object such as { expireAfter: "1h" }; got ${showValue(options)}.`);
  }
  return readOptions(SESSION_CHECKS, options, '');
}

const SETTING_FORMS =
  'Use seconds (300), "90s", "5m", "2 days", a Date, "heuristic", true, false for no caching, ' +
  `a cache mode (${MODES.join(', ')}), or an object of options.`;

/** What a request's `cache` takes. */
export function parseSetting(setting: unknown): Partial<ParsedRequest> {
  if (setting === true) return { expireAfter: { kind: 'on' } };
  if (isPlainObject(setting)) return readOptions(REQUEST_CHECKS, setting, 'cache');
  const known = MODES.find((each) => each === setting);
  if (known !== undefined) return { mode: known };
  if (setting === 'never') {
    const remedy = 'false does not cache this request; { expireAfter: "never" } keeps it for ever.';
    throw optionError('cache', `cache: "never" is ambiguous. ${remedy}`);
  }
  const meant = meantMode(setting);
  const forms = meant === undefined ? SETTING_FORMS : `Did you mean "${meant}"? ${SETTING_FORMS}`;
  const expireAfter = parseLifetime(setting, 'cache', forms);
  return expireAfter === undefined ? {} : { expireAfter };
}

/** An object of globs or a list of pairs, in its order; a pattern without a value is left out. */
function parseUrlRules(value: unknown, option: string): readonly UrlRule[] {
  if (!Array.isArray(value) && !isPlainObject(value)) {
    throw wrong(option, value, 'an object of patterns, or a list of [pattern, value] pairs');
  }
  const faults = new Faults();
  const pairs: readonly unknown[] = Array.isArray(value) ? value : Object.entries(value);
  const rules = pairs.map((pair, index) => faults.collect(() => parseUrlRule(pair, option, index)));
  faults.raise();
  return rules.filter((rule) => rule !== undefined);
}

function parseUrlRule(pair: unknown, option: string, index: number): UrlRule | undefined {
  if (!Array.isArray(pair) || pair.length !== 2) throw wrong(`${option}[${index}]`, pair, 'a pair, [pattern, value]');
  const [pattern, setting] = pair as [unknown, unknown];
  const path = `${option}[${pattern instanceof RegExp ? String(pattern) : quote(pattern)}]`;
  const matches = compileUrlPattern(pattern, path);
  if (setting === undefined || setting === null) return undefined;
  if (isPlainObject(setting)) return { matches, policy: readOptions(POLICY_CHECKS, setting, path) };
  return { matches, policy: { expireAfter: lifetime(setting, path) } };
}

const quote = (pattern: unknown): string =>
  typeof pattern === 'string' ? `'${pattern.replaceAll(/[\\']/g, '\\$&')}'` : showValue(pattern);

function checkStorage(value: unknown, option: string): CacheStorage {
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
