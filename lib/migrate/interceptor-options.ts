/** The options of axios-cache-interceptor in ours, part by part. */
import type { CacheMethod, CacheOptions, CachePolicy } from '../api/options.js';
import { type CacheStorage, STORAGE_METHODS } from '../api/storage.js';
import type { StoredResponse } from '../api/stored-response.js';
import { isPlainObject } from '../support/plain-object.js';
import { aboutResponse, formerResponse } from './former-response.js';
import {
  type AnyFunction,
  type Given,
  isFunction,
  listOf,
  secondsOf,
  type Tell,
  type UrlRule,
  urlRules,
} from './translation.js';

/** What is said of `hydrate`, of the session or of a request. */
export const NO_HYDRATE =
  'hydrate is left out: write staleWhileRevalidate: "10m" with onRefreshed: (response) => … on the request.';

const DEFAULT_TTL = 5 * 60 * 1000;
/** Its list had others as well, but axios rejects 404 and its like, and follows redirects. */
const DEFAULT_CODES: readonly number[] = [200, 203];
const isSuccess = (status: number): boolean => status >= 200 && status < 300;

/** The lifetime, and whether the server's word about it counts. */
export function lifetime(given: Given, tell: Tell): CachePolicy {
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
export function selection(given: Given, tell: Tell): CacheOptions {
  const { methods, cachePredicate } = given;
  const rules = isPlainObject(cachePredicate) ? rulesOf(cachePredicate, tell) : [];
  return {
    ...(methods !== undefined && { allowedMethods: methodsOf(methods, tell) }),
    ...(cachePredicate === undefined ? { allowedCodes: DEFAULT_CODES } : answersOf(cachePredicate, tell)),
    ...(rules.length > 0 && { urlsExpireAfter: rules }),
  };
}

/** Which answers are kept, by their status, their headers and their data. */
export function answersOf(cachePredicate: unknown, tell: Tell): CachePolicy {
  if (isFunction(cachePredicate)) {
    tell(aboutResponse('cachePredicate', 'filter: (response) => boolean'));
    return { allowedCodes: isSuccess, filter: agreeing([(answer) => cachePredicate(answer)]) };
  }
  return isPlainObject(cachePredicate) ? predicates(cachePredicate, tell) : {};
}

const KNOWN_METHODS: readonly string[] = [
  'GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'QUERY',
] satisfies CacheMethod[];

export function methodsOf(methods: unknown, tell: Tell): CacheMethod[] {
  const names = listOf(methods, 'methods').map((each) => String(each).toUpperCase());
  const unknown = names.filter((name) => !KNOWN_METHODS.includes(name));
  if (unknown.length > 0) tell(`methods: answers to ${unknown.join(', ')} are not cached. Leave the name out.`);
  return names.filter((name): name is CacheMethod => KNOWN_METHODS.includes(name));
}

function predicates({ statusCheck, containsHeaders, responseMatch }: Given, tell: Tell): CachePolicy {
  const checks = isPlainObject(containsHeaders) ? [headersAgree(containsHeaders)] : [];
  if (isFunction(responseMatch)) {
    tell(aboutResponse('cachePredicate.responseMatch', 'filter: (response) => boolean'));
    checks.push((answer) => responseMatch(answer));
  }
  if (isFunction(statusCheck) && statusCheck.constructor.name === 'AsyncFunction') {
    tell('cachePredicate.statusCheck gives a promise, and so no status is cached: write allowedCodes: [200].');
  }
  return {
    allowedCodes: isFunction(statusCheck) ? (status) => statusCheck(status) as boolean : isSuccess,
    ...(checks.length > 0 && { filter: agreeing(checks) }),
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
export function renewal(given: Given, tell: Tell): CacheOptions {
  const { etag, modifiedSince, staleIfError = true, override } = given;
  tellOfValidators(given, tell);
  return {
    ...(etag === false && modifiedSince === false && { conditionalRequests: false }),
    ...staleAnswers(staleIfError, tell),
    ...(override === true && { mode: 'reload' as const }),
  };
}

export function tellOfValidators({ etag, modifiedSince }: Given, tell: Tell): void {
  if (typeof etag === 'string') {
    tell(`etag: give the header to the request: headers: { "If-None-Match": ${JSON.stringify(etag)} }.`);
  }
  if (modifiedSince instanceof Date) {
    tell('modifiedSince: give the header to the request: headers: { "If-Modified-Since": date.toUTCString() }.');
  }
}

export function staleAnswers(staleIfError: unknown, tell: Tell): CachePolicy {
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
export function surroundings({ vary, generateKey, storage, debug }: Given, tell: Tell): CacheOptions {
  if (isFunction(generateKey)) {
    tell('generateKey is given the request as it is sent: data is the text of the body. Most need no key of their own.');
  }
  return {
    ...variants(vary),
    ...(isFunction(generateKey) && { key: (config) => String(generateKey(config)) }),
    ...(isFunction(debug) && { debug: (msg: string) => void debug({ msg }) }),
    ...storageOf(storage, tell),
  };
}

/** Where names are given, they tell answers apart in place of `Vary`. */
export const variants = (vary: unknown): CachePolicy => ({
  ...(Array.isArray(vary) && { includeHeaders: vary as string[] }),
  ...((vary === false || Array.isArray(vary)) && { ignoreVary: true as const }),
});

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
