/** What a request of axios-cache-interceptor said of the cache, `cache` and `id`, in our options for one request. */
import type { CacheFilter, CachePolicy, CacheRequestOptions } from '../api/options.js';
import { isPlainObject } from '../support/plain-object.js';
import {
  answersOf,
  lifetime,
  methodsOf,
  NO_HYDRATE,
  staleAnswers,
  tellOfValidators,
  variants,
} from './interceptor-options.js';
import { type FormerRequest, type Given, isFunction, type Tell } from './translation.js';

/** What its requests took as members of `cache`. */
export const REQUEST_NAMES: readonly string[] = [
  'enabled', 'ttl', 'interpretHeader', 'cacheTakeover', 'methods', 'cachePredicate', 'update', 'etag', 'modifiedSince',
  'staleIfError', 'override', 'hydrate', 'vary',
];

/** Translates what a request says; axios laid it over what the session says, as it merges its own defaults. */
export const translateRequest = ({ said, session, config }: FormerRequest, tell: Tell): CacheRequestOptions => ({
  ...named(config['id']),
  ...invalidation(said, tell),
  ...(isOff(laidOver(session, said), config) ? { expireAfter: false } : whereItIsOn(said, session, config, tell)),
});

/** A list replaces a list, and an object is merged with an object. */
const laidOver = (session: Given, said: Given): Given =>
  Object.fromEntries([
    ...Object.entries(session),
    ...Object.entries(said).map(([name, value]): [string, unknown] => {
      const former = session[name];
      return [name, isPlainObject(former) && isPlainObject(value) ? laidOver(former, value) : value];
    }),
  ]);

function isOff({ enabled, cachePredicate }: Given, { url }: Given): boolean {
  if (enabled === false) return true;
  if (!isPlainObject(cachePredicate) || typeof url !== 'string') return false;
  const { ignoreUrls, allowUrls } = cachePredicate;
  return isListed(ignoreUrls, url) || (allowUrls !== undefined && !isListed(allowUrls, url));
}

const isListed = (patterns: unknown, url: string): boolean =>
  Array.isArray(patterns) &&
  patterns.some((each: unknown) => (each instanceof RegExp ? url.search(each) >= 0 : url.includes(String(each))));

function whereItIsOn(said: Given, session: Given, config: Given, tell: Tell): CacheRequestOptions {
  const all = laidOver(session, said);
  const { cachePredicate, hydrate, methods, override, staleIfError, vary } = said;
  if (hydrate !== undefined) tell(NO_HYDRATE);
  return {
    ...(saysLifetime(said) || isOff(session, config) ? ownLifetime(all, tell) : {}),
    ...(methods !== undefined && { allowedMethods: methodsOf(methods, tell) }),
    ...(cachePredicate !== undefined && answersOf(all['cachePredicate'], tell)),
    ...validators(said, session, tell),
    ...(staleIfError !== undefined && { staleIfError: false, ...staleAnswers(staleIfError, tell) }),
    ...(override !== undefined && { mode: override === true ? 'reload' : 'default' }),
    ...(vary === true ? { ignoreVary: [] } : variants(vary)),
  };
}

const saysLifetime = ({ ttl, interpretHeader }: Given): boolean => ttl !== undefined || interpretHeader !== undefined;

/** A lifetime on a request opens its method here, which it did not there. */
const ownLifetime = (all: Given, tell: Tell): CachePolicy => ({
  cacheControl: true,
  ...lifetime(all, tell),
  allowedMethods: methodsOf(all['methods'] ?? ['get', 'head'], tell),
});

/** There `modifiedSince` was on where the session had `etag: false`. */
function validators(said: Given, session: Given, tell: Tell): CachePolicy {
  tellOfValidators(said, tell);
  if (said['etag'] === undefined && said['modifiedSince'] === undefined) return {};
  const modifiedSince = session['modifiedSince'] ?? session['etag'] === false;
  const all = { etag: true, ...session, modifiedSince, ...said };
  return { conditionalRequests: all.etag !== false || all.modifiedSince !== false };
}

/** The id is the key, and a tag as well, so that `update` finds by it what is to be deleted. */
const named = (id: unknown): CacheRequestOptions => (typeof id === 'string' ? { key: id, tags: [id] } : {});

function invalidation({ update }: Given, tell: Tell): CacheRequestOptions {
  if (isFunction(update)) {
    tell('update as a function is left out: call it with the response, after the request.');
  }
  if (!isPlainObject(update)) return {};
  const deleted: CacheFilter[] = [];
  for (const [id, change] of Object.entries(update)) {
    if (change === 'delete') deleted.push({ tag: id }, { key: id });
    else tell(`update: the function for ${id} is left out: write http.cache.update(url, change) after the request.`);
  }
  return deleted.length > 0 ? { invalidates: deleted } : {};
}
