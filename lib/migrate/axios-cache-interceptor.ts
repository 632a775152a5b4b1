/** From axios-cache-interceptor: what its `setupCache` took, and what its responses had. */
import type { CacheMethod, CacheOptions } from '../api/options.js';
import { type CacheStorage, STORAGE_METHODS } from '../api/storage.js';
import type { StoredResponse } from '../api/stored-response.js';
import { isPlainObject } from '../support/plain-object.js';
import { aboutResponse, type Answered, formerResponse } from './former-response.js';
import {
  type AnyFunction,
  type Given,
  isFunction,
  listOf,
  secondsOf,
  type Tell,
  translate,
  type Translation,
  type UrlRule,
  urlRules,
} from './translation.js';

/**
 * Translates the options of axios-cache-interceptor 1.12, those that its `setupCache` took as its second argument.
 * What it did by default, this cache does too: answers about which the server says nothing are kept for five minutes,
 * and stale ones stand in for errors.
 *
 * @throws CacheError `ERR_CACHE_OPTION` for what is no object of options, and for a value that axios-cache-interceptor
 * did not take.
 * @see docs/migrate/axios-cache-interceptor.md
 * @example
 * const { options, unsupported } = fromAxiosCacheInterceptor({ ttl: 60_000, interpretHeader: false });
 * const http = setupCache(axios.create(), options);
 * for (const sentence of unsupported) console.warn(sentence);
 */
export const fromAxiosCacheInterceptor = (options: object): Translation => translate(options, FORMER);

/**
 * Adds to a response what axios-cache-interceptor had there, for code that reads it: `id`, which is the key, and
 * `stale`. It is given to `http.interceptors.response.use`.
 *
 * @example
 * http.interceptors.response.use(withAxiosCacheInterceptorFields);
 */
export const withAxiosCacheInterceptorFields = <R extends Answered>(
  response: R,
): R & { id: string | undefined; stale: boolean } =>
  Object.assign(response, { id: response.cache?.key, stale: response.cache?.status === 'stale' });

const DEFAULT_TTL = 5 * 60 * 1000;
const isSuccess = (status: number): boolean => status >= 200 && status < 300;

/** The lifetime, and whether the server's word about it counts. */
function lifetime(given: Given, tell: Tell): CacheOptions {
  const { enabled, ttl = DEFAULT_TTL, interpretHeader, headerInterpreter } = given;
  const ownWord = interpretHeader === false ? { cacheControl: false } : {};
  if (enabled === false) {
    tell('enabled: false is expireAfter: false. A request that opts in says how long: cache: "5m" instead of true.');
    return { ...ownWord, expireAfter: false };
  }
  if (isFunction(ttl)) tell(aboutResponse('ttl', 'expireAfter: (response) => seconds, which gives them at once'));
  const local = isFunction(ttl) ? asked(ttl) : secondsOf(ttl, 'ttl');
  if (!isFunction(headerInterpreter) || interpretHeader === false) return { ...ownWord, expireAfter: local };
  tell('headerInterpreter is asked for the lifetime alone: what it says of stale is staleWhileRevalidate: seconds.');
  return { cacheControl: false, expireAfter: interpreted(headerInterpreter, local) };
}

type LifetimeFunction = (stored: StoredResponse) => number | false;

/** A promise is no lifetime: it is given on as it is, and then nothing is stored. */
const asked =
  (ttl: AnyFunction): LifetimeFunction =>
  (stored) => {
    const given = ttl(formerResponse(stored));
    return typeof given === 'number' ? secondsOf(given, 'ttl') : (given as false);
  };

const interpreted =
  (interpreter: AnyFunction, local: number | LifetimeFunction): LifetimeFunction =>
  (stored) => {
    const said = interpreter(stored.headers, 'client');
    if (said === 'dont cache') return false;
    if (said === 'not enough headers') return typeof local === 'number' ? local : local(stored);
    return secondsOf(isPlainObject(said) ? said['cache'] : said, 'headerInterpreter');
  };

/** Which requests and answers are cached. */
function selection(given: Given, tell: Tell): CacheOptions {
  const { methods, cachePredicate } = given;
  const options: CacheOptions = methods === undefined ? {} : { allowedMethods: methodsOf(methods, tell) };
  if (isFunction(cachePredicate)) {
    tell(aboutResponse('cachePredicate', 'filter: (response) => boolean'));
    return { ...options, allowedCodes: isSuccess, filter: agreeing([(answer) => cachePredicate(answer)]) };
  }
  return isPlainObject(cachePredicate) ? { ...options, ...predicates(cachePredicate, tell) } : options;
}

const KNOWN_METHODS: readonly string[] = [
  'GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'QUERY',
] satisfies CacheMethod[];

function methodsOf(methods: unknown, tell: Tell): CacheMethod[] {
  const names = listOf(methods, 'methods').map((each) => String(each).toUpperCase());
  const unknown = names.filter((name) => !KNOWN_METHODS.includes(name));
  if (unknown.length > 0) tell(`methods: answers to ${unknown.join(', ')} are not cached. Leave the name out.`);
  return names.filter((name): name is CacheMethod => KNOWN_METHODS.includes(name));
}

function predicates({ statusCheck, containsHeaders, responseMatch, ...urls }: Given, tell: Tell): CacheOptions {
  const checks = isPlainObject(containsHeaders) ? [headersAgree(containsHeaders)] : [];
  if (isFunction(responseMatch)) {
    tell(aboutResponse('cachePredicate.responseMatch', 'filter: (response) => boolean'));
    checks.push((answer) => responseMatch(answer));
  }
  if (isFunction(statusCheck) && statusCheck.constructor.name === 'AsyncFunction') {
    tell('cachePredicate.statusCheck gives a promise, and so no status is cached: write allowedCodes: [200].');
  }
  const rules = rulesOf(urls, tell);
  return {
    allowedCodes: isFunction(statusCheck) ? (status) => statusCheck(status) as boolean : isSuccess,
    ...(checks.length > 0 && { filter: agreeing(checks) }),
    ...(rules.length > 0 && { urlsExpireAfter: rules }),
  };
}

/** Where there are allowed URLs, all others are not cached; the ignored ones come first. */
function rulesOf({ ignoreUrls = [], allowUrls }: Given, tell: Tell): UrlRule[] {
  const ignored = urlRules(ignoreUrls, 'cachePredicate.ignoreUrls', false, tell);
  if (allowUrls === undefined) return ignored;
  return [...ignored, ...urlRules(allowUrls, 'cachePredicate.allowUrls', {}, tell), ['**', false]];
}

type AnswerCheck = (answer: ReturnType<typeof formerResponse>) => unknown;

const headersAgree =
  (wanted: Given): AnswerCheck =>
  async ({ headers }) => {
    for (const [name, check] of Object.entries(wanted)) {
      if (isFunction(check) && !(await check(headers[name.toLowerCase()]))) return false;
    }
    return true;
  };

const agreeing =
  (checks: readonly AnswerCheck[]): NonNullable<CacheOptions['filter']> =>
  async (stored) => {
    for (const check of checks) if (!(await check(formerResponse(stored)))) return false;
    return true;
  };

/** Renewal by validators, and what is stale. */
function renewal(given: Given, tell: Tell): CacheOptions {
  const { etag, modifiedSince, staleIfError = true, override } = given;
  if (typeof etag === 'string') {
    tell(`etag: give the header to the request: headers: { "If-None-Match": ${JSON.stringify(etag)} }.`);
  }
  if (modifiedSince instanceof Date) {
    tell('modifiedSince: give the header to the request: headers: { "If-Modified-Since": date.toUTCString() }.');
  }
  return {
    ...(etag === false && modifiedSince === false && { conditionalRequests: false }),
    ...staleAnswers(staleIfError, tell),
    ...(override === true && { mode: 'reload' as const }),
  };
}

function staleAnswers(staleIfError: unknown, tell: Tell): CacheOptions {
  if (staleIfError === false) return {};
  if (isFunction(staleIfError)) {
    tell('staleIfError as a function is not kept: write staleIfError: "1 day", and staleIfErrorCodes: [500, 502, 503].');
    return {};
  }
  if (staleIfError === true) return { staleIfError };
  const seconds = secondsOf(staleIfError, 'staleIfError');
  tell(
    `staleIfError: ${String(staleIfError)} counted milliseconds since the answer was stored, whatever its ` +
      `documentation says, and is ${seconds} seconds after the end of the lifetime here. Where seconds were meant, ` +
      `write staleIfError: ${String(staleIfError)}.`,
  );
  return { staleIfError: seconds };
}

/** What tells answers apart, where they are kept, and what is written about it. */
function surroundings({ vary, generateKey, storage, debug }: Given, tell: Tell): CacheOptions {
  const names = Array.isArray(vary) ? { includeHeaders: vary as string[] } : {};
  if (isFunction(generateKey)) {
    tell('generateKey is given the request as it is sent: data is the text of the body. Most need no key of their own.');
  }
  return {
    ...names,
    ...((vary === false || Array.isArray(vary)) && { ignoreVary: true as const }),
    ...(isFunction(generateKey) && { key: (config) => String(generateKey(config)) }),
    ...(isFunction(debug) && { debug: (msg: string) => void debug({ msg }) }),
    ...storageOf(storage, tell),
  };
}

function storageOf(storage: unknown, tell: Tell): CacheOptions {
  if (typeof storage !== 'object' || storage === null) return {};
  const members = storage as Given;
  if (STORAGE_METHODS.every((name) => isFunction(members[name]))) return { storage: storage as CacheStorage };
  const inMemory = members['data'] instanceof Map;
  tell(
    inMemory
      ? 'storage: what buildMemoryStorage made becomes new MemoryStorage({ maxEntries: 1024 }).'
      : 'storage: what buildStorage or buildWebStorage made becomes new RedisStorage(url), new IndexedDbStorage(), or ' +
        'new KeyValueStorage({ get, set, delete, keys }); until then answers are kept in memory.',
  );
  return {};
}

const noInterceptor = (option: string): string =>
  `${option} is left out: the cache is an adapter, so that the order of interceptors does not matter.`;

const FORMER = {
  name: 'axios-cache-interceptor 1.12',
  parts: [lifetime, selection, renewal, surroundings],
  translated: [
    'enabled', 'ttl', 'interpretHeader', 'headerInterpreter', 'methods', 'cachePredicate', 'etag', 'modifiedSince',
    'staleIfError', 'override', 'vary', 'generateKey', 'storage', 'debug',
  ],
  leftOut: {
    cacheTakeover: '',
    waiting: 'waiting is left out: response.cache.collapsed tells who has waited for the request of another.',
    requestInterceptor: noInterceptor('requestInterceptor'),
    responseInterceptor: noInterceptor('responseInterceptor'),
    register: noInterceptor('register'),
    location: 'location had no effect as an option. Where many users share what is stored, write shared: true.',
    update:
      'update is left out: a change deletes what is stored for its URL. What else it makes old is named by URL or tag, ' +
      'invalidates: ["/users", { tag: "people" }], and http.cache.update(url, change) writes what is known already.',
    hydrate: 'hydrate is left out: write staleWhileRevalidate: "10m" with onRefreshed: (response) => … on the request.',
  },
};
