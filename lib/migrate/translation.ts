/** How the options of another cache become options of this one, and how it is told what does not. */
import type { CacheOptions, CacheRequestOptions, CacheSetting, UrlPattern, UrlSetting } from '../api/options.js';
import { checked, Faults, optionError, showValue } from '../options/faults.js';
import { BoundedMap } from '../support/bounded-map.js';
import { isPlainObject } from '../support/plain-object.js';

/** What became of the options of another cache. */
export interface Translation {
  /** What `setupCache` takes. */
  readonly options: CacheOptions;
  /** A sentence for each option that is not kept, or not kept whole, which says what to write in its place. */
  readonly unsupported: readonly string[];
  /**
   * Translates what a request says of the cache, as the other cache laid it over these options. It gives a copy of the
   * config with our `cache`, or the same config where there is nothing to translate: no word about the cache, or one
   * with an option of this package. As a request interceptor it lets calls stay as they are. `tell` is given a sentence
   * for each option that is not kept, or not kept whole; each sentence is told once.
   *
   * @throws CacheError `ERR_CACHE_OPTION` for a value that the other cache did not take. As an interceptor it rejects
   * the request with it.
   * @example
   * const { options, translateRequest } = fromAxiosCacheInterceptor({ ttl: 60_000 });
   * const http = setupCache(axios.create({ baseURL: 'https://api.example.com' }), options);
   * http.interceptors.request.use((config) => translateRequest(config, console.warn));
   * await http.get('/users', translateRequest({ id: 'users', cache: { ttl: 1000 } }));
   */
  readonly translateRequest: <C extends object>(config: C, tell?: (sentence: string) => void) => TranslatedRequest<C>;
}

/** The config of a request, whose `cache` is one of this package. */
export type TranslatedRequest<C> = Omit<C, 'cache'> & { cache?: CacheSetting | undefined };

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
  readonly requests: FormerRequests;
}

interface FormerRequests {
  /** The members of `cache` on a request. */
  readonly names: readonly string[];
  /** The members of the request itself, beside `cache`. */
  readonly beside: readonly string[];
  /** True where what the session says has to be asked about requests that say nothing themselves. */
  readonly asksAlways?: (session: Given) => boolean;
  readonly translate: (request: FormerRequest, tell: Tell) => CacheRequestOptions;
}

export interface FormerRequest {
  /** What the request gives as its `cache`, and what the other cache was set up with. */
  readonly said: Given;
  readonly session: Given;
  readonly config: Given;
}

/**
 * Translates what was given to another cache.
 * @throws CacheError `ERR_CACHE_OPTION`, one for all faults, for what that cache did not take either.
 */
export function translate(theirs: unknown, { name, parts, translated, leftOut, requests }: FormerCache): Translation {
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
  const translateRequest = translatingRequests(given, unsupported, requests);
  return { options: Object.assign({}, ...options) as CacheOptions, unsupported, translateRequest };
}

const readGiven = (theirs: unknown, name: string): Given =>
  checked('options', () => {
    if (!isPlainObject(theirs)) {
      throw optionError('options', `options must be the object that ${name} was given; got ${showValue(theirs)}.`);
    }
    return givenIn(theirs);
  });

const givenIn = (theirs: Given): Given =>
  Object.fromEntries(Object.entries(theirs).filter(([, value]) => value !== undefined && value !== null));

/** What was told of the session is not told again. */
function translatingRequests(
  session: Given,
  unsupported: readonly string[],
  { names, beside, asksAlways, translate: translateIt }: FormerRequests,
): Translation['translateRequest'] {
  const isAlways = asksAlways?.(session) === true;
  const told = new BoundedMap<string, true>(MAX_TOLD);
  for (const sentence of unsupported) told.set(sentence, true);
  return (config, tell = () => undefined) => {
    const { cache, ...others } = config as Given;
    const said = cache ?? {};
    if (!isPlainObject(said) || !Object.keys(said).every((name) => names.includes(name))) return config;
    const isSilent = Object.keys(said).length === 0 && beside.every((name) => others[name] === undefined);
    if (isSilent && !isAlways) return config;
    const once: Tell = (sentence) => {
      if (told.has(sentence)) return;
      told.set(sentence, true);
      tell(sentence);
    };
    const request = { said: givenIn(said), session, config: others };
    return { ...config, cache: checked('cache', () => translateIt(request, once)) };
  };
}

/** A sentence may have a value in it that is another one in each request. */
const MAX_TOLD = 1000;

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
