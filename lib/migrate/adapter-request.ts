/** What a request of axios-cache-adapter said of the cache, `cache` and `clearCacheEntry`, in our options. */
import type { CachePolicy, CacheRequestOptions } from '../api/options.js';
import { isPlainObject } from '../support/plain-object.js';
import { allowedBeside, lifetime, staleAnswers } from './adapter-options.js';
import { type FormerRequest, type Given, isFunction, listOf, type Tell } from './translation.js';

/** What its requests took as members of `cache`, also those that were dropped. */
export const REQUEST_NAMES: readonly string[] = [
  'maxAge', 'key', 'invalidate', 'exclude', 'clearOnStale', 'clearOnError', 'readOnError', 'readHeaders', 'ignoreCache',
  'excludeFromCache', 'debug', 'limit', 'store', 'adapter', 'uuid', 'acceptStale',
];

/** Translates what a request says; it was laid over what the session says, and so were the members of `exclude`. */
export function translateRequest({ said, session, config }: FormerRequest, tell: Tell): CacheRequestOptions {
  const { excludeFromCache, ignoreCache, invalidate, key, readOnError } = said;
  const all = { ...session, ...said, exclude: { ...excludeOf(session), ...excludeOf(said) } };
  if (isFunction(invalidate)) {
    tell('invalidate on a request is left out: write cache: { invalidates: ["/users"] } with what it is to delete.');
  }
  return {
    ...selection(all, said, config),
    ...ownKey(key, config, tell),
    ...(readOnError !== undefined && { staleIfError: false, ...staleAnswers(readOnError, tell) }),
    ...(excludeFromCache !== undefined && { readOnly: excludeFromCache === true }),
    ...(ignoreCache !== undefined && { mode: ignoreCache === true ? 'reload' : 'default' }),
    ...(config['clearCacheEntry'] === true && { mode: 'reload' }),
  };
}

/** A filter of the session is asked about each request, as there. */
export const asksAlways = (session: Given): boolean => isFunction(excludeOf(session)['filter']);

const excludeOf = ({ exclude }: Given): Given => (isPlainObject(exclude) ? exclude : {});

function selection(all: Given, said: Given, config: Given): CachePolicy {
  const exclude = excludeOf(all);
  const { methods = DEFAULT_METHODS } = exclude;
  if (isExcluded(exclude, config)) return { expireAfter: false };
  const { maxAge, readHeaders, exclude: excludes } = said;
  if (maxAge === undefined && readHeaders === undefined && excludes === undefined) return {};
  const { expireAfter, cacheControl = true } = lifetime(all);
  // A lifetime on a request opens its method here, which it did not there.
  return { expireAfter, cacheControl, allowedMethods: allowedBeside(listOf(methods, 'exclude.methods')) };
}

const DEFAULT_METHODS: readonly string[] = ['post', 'patch', 'put', 'delete'];

function isExcluded({ filter, paths = [], query = true }: Given, config: Given): boolean {
  const { params, url = '' } = config;
  if (isFunction(filter) && Boolean(filter(config))) return true;
  if (query === true && (String(url).includes('?') || hasMembers(params))) return true;
  return listOf(paths, 'exclude.paths').some((path) => path instanceof RegExp && String(url).search(path) >= 0);
}

const hasMembers = (params: unknown): boolean =>
  params instanceof URLSearchParams
    ? String(params) !== ''
    : typeof params === 'object' && params !== null && Object.keys(params).length > 0;

function ownKey(key: unknown, config: Given, tell: Tell): CacheRequestOptions {
  if (isFunction(key)) return { key: String(key(config)) };
  if (key !== undefined) tell('key as a text on a request was put before its key: write cache: { key: (config) => … }.');
  return {};
}
