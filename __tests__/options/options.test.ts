/** What `setupCache` and `cache:` take: values and defaults, faults and their remedies, and which place wins. */
import { type CacheErrorCode, isCacheError } from '../../lib/api/errors.js';
import type { CacheOptions } from '../../lib/api/options.js';
import { DEFAULTS, resolveOptions, rfc9111 } from '../../lib/options/resolve.js';
import { secretParams } from '../../lib/options/secrets.js';
import { type RequestPolicy, type ResolvedOptions, policyFor } from '../../lib/options/policy.js';
import type { StoredResponse } from '../../lib/api/stored-response.js';
import { type CacheStorage, STORAGE_METHODS } from '../../lib/api/storage.js';

const URL_OF_USERS = 'https://api.test/users';

const sessionPolicy = (options: CacheOptions, url = URL_OF_USERS): RequestPolicy =>
  policyFor(resolveOptions(options), url, undefined);
const requestPolicy = (setting: unknown, options: CacheOptions = {}, url = URL_OF_USERS): RequestPolicy =>
  policyFor(resolveOptions(options), url, setting);

interface Failure {
  readonly code: CacheErrorCode;
  readonly option: unknown;
  readonly message: string;
  readonly cause: unknown;
}

function failure(act: () => unknown): Failure {
  try {
    act();
  } catch (error) {
    if (!isCacheError(error)) throw error;
    const message = error.message.replace('axios-client-cache: ', '');
    return { code: error.code, option: Reflect.get(error, 'option'), message, cause: error.cause };
  }
  throw new Error('nothing was thrown');
}

const allowed = (allows: (value: never) => boolean, values: readonly unknown[]): unknown[] =>
  values.filter((value) => allows(value as never));
const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'QUERY'];

class FakeStorage {
  readonly name: unknown = 'fake';
}
for (const method of STORAGE_METHODS) Object.assign(FakeStorage.prototype, { [method]: () => undefined });
const storage = new FakeStorage() as CacheStorage;

describe('without options', () => {
  test.each([undefined, null, {}])('%p: the documented defaults', (options) => {
    const resolved = resolveOptions(options);
    expect(resolved).toMatchObject({
      scopeOf: undefined,
      storage: undefined,
      shared: false,
      partition: 'credentials',
      redactedParams: secretParams([]),
      storageTimeoutMs: 2000,
      inherit: false,
      deleteExpiredEveryMs: undefined,
      maxVariants: 20,
      cacheStatusHeader: false,
      clearSiteData: false,
      background: undefined,
      onEvent: undefined,
      debug: false,
    });
    expect(policyFor(resolved, URL_OF_USERS, undefined)).toMatchObject({
      off: false,
      mode: 'default',
      cacheControl: true,
      conditionalRequests: true,
      shared: false,
      local: { kind: 'seconds', seconds: Infinity, source: 'default' },
      staleIfError: undefined,
      staleWhileRevalidate: undefined,
      ignoredParams: new Set(),
      includeHeaders: ['accept', 'accept-language'],
      filter: undefined,
      tags: [],
      maxEntryBytes: 5_242_880,
      keepStale: 30 * 86_400,
      collapse: true,
      frozenData: false,
      key: undefined,
      partition: undefined,
    });
  });

  test('GET and HEAD, status 200', () => {
    const { allowsMethod, allowsStatus } = sessionPolicy({});
    expect(allowed(allowsMethod, METHODS)).toEqual(['GET', 'HEAD']);
    expect(allowed(allowsStatus, [200, 201, 206, 301, 404, 500])).toEqual([200]);
  });

  test('the clock is the one that Date has when it is asked', () => {
    const { now } = resolveOptions({});
    jest.useFakeTimers({ now: 5000 });
    const told = now();
    jest.useRealTimers();
    expect(told).toBe(5000);
  });

  test('to write the defaults down changes nothing but the source of the lifetime', () => {
    const written = sessionPolicy(DEFAULTS);
    const { allowsMethod: _m, allowsStatus: _s, ...unsaid } = sessionPolicy({});
    expect(written).toMatchObject({ ...unsaid, local: { ...unsaid.local, source: 'session' } });
  });
});

describe('values', () => {
  test.each<readonly [string, CacheOptions, Partial<RequestPolicy>]>([
    ['a lifetime', { expireAfter: '1h' }, { local: { kind: 'seconds', seconds: 3600, source: 'session' } }],
    ['never', { expireAfter: 'never' }, { local: { kind: 'seconds', seconds: Infinity, source: 'session' } }],
    ['heuristic', { expireAfter: 'heuristic' }, { local: { kind: 'heuristic', source: 'session' } }],
    ['a date', { expireAfter: new Date(9) }, { local: { kind: 'until', at: 9, source: 'session' } }],
    ['false', { expireAfter: false }, { off: true }],
    ['zero', { expireAfter: 0 }, { off: true }],
    ['mode no-store is off, and stays what it is', { mode: 'no-store' }, { off: true, mode: 'no-store' }],
    ['another mode is on', { mode: 'force-cache' }, { off: false, mode: 'force-cache' }],
    ['headers ignored', { cacheControl: false }, { cacheControl: false }],
    ['shared', { shared: true }, { shared: true }],
    ['stale-if-error as long as kept', { staleIfError: true }, { staleIfError: Infinity }],
    ['stale-if-error for a while', { staleIfError: '5m' }, { staleIfError: 300 }],
    ['stale-if-error for no time', { staleIfError: 0 }, { staleIfError: 0 }],
    ['stale-while-revalidate as long as kept', { staleWhileRevalidate: true }, { staleWhileRevalidate: Infinity }],
    ['stale-while-revalidate not at all', { staleWhileRevalidate: false }, { staleWhileRevalidate: undefined }],
    ['keepStale', { keepStale: '2 days' }, { keepStale: 172_800 }],
    ['keepStale for no time', { keepStale: 0 }, { keepStale: 0 }],
    ['ignored parameters', { ignoredParams: ['utm', 'Sig'] }, { ignoredParams: new Set(['utm', 'Sig']) }],
    ['header names in lower case', { includeHeaders: ['Accept-Language'] }, { includeHeaders: ['accept-language'] }],
    ['all headers', { includeHeaders: true }, { includeHeaders: true }],
    ['tags', { tags: ['users'] }, { tags: ['users'] }],
    ['a size', { maxEntryBytes: 0 }, { maxEntryBytes: 0 }],
    ['no size limit', { maxEntryBytes: Infinity }, { maxEntryBytes: Infinity }],
    ['no longer than', { maxLifetime: '1h' }, { maxLifetime: 3600 }],
    ['as long as it says', { maxLifetime: Infinity }, { maxLifetime: Infinity }],
    ['fields of Vary', { ignoreVary: ['User-Agent'] }, { ignoreVary: ['user-agent'] }],
    ['all of Vary', { ignoreVary: true }, { ignoreVary: true }],
    ['read only', { readOnly: true }, { readOnly: true }],
    ['errors', { staleIfErrorCodes: [429] }, { staleIfErrorCodes: new Set([429]) }],
    ['no errors', { staleIfErrorCodes: [] }, { staleIfErrorCodes: new Set() }],
    ['no collapsing', { collapse: false }, { collapse: false }],
    ['frozen data', { frozenData: true }, { frozenData: true }],
  ])('%s', (_name, options, policy) => {
    expect(sessionPolicy(options)).toMatchObject(policy);
  });

  test.each<readonly [string, CacheOptions, Partial<ResolvedOptions>]>([
    ['a storage is the object itself', { storage }, { storage }],
    ['a time limit', { storageTimeout: '1.5s' }, { storageTimeoutMs: 1500 }],
    ['a time limit of part of a millisecond is one', { storageTimeout: 0.0001 }, { storageTimeoutMs: 1 }],
    ['a time limit that no timer takes', { storageTimeout: '52w' }, { storageTimeoutMs: 2_147_483_647 }],
    ['cleaning at intervals', { deleteExpiredEvery: '1h' }, { deleteExpiredEveryMs: 3_600_000 }],
    ['an interval that no timer takes', { deleteExpiredEvery: '52w' }, { deleteExpiredEveryMs: 2_147_483_647 }],
    ['no interval at all', { deleteExpiredEvery: 0 }, { deleteExpiredEveryMs: undefined }],
    ['no cleaning', { deleteExpiredEvery: false }, { deleteExpiredEveryMs: undefined }],
    [
      'redacted parameters add to the defaults',
      { redactedParams: ['Pin', 'token'] },
      { redactedParams: new Set([...secretParams([]), 'pin']) },
    ],
    ['one answer for all users', { partition: false }, { partition: false }],
    ['children inherit', { inherit: true }, { inherit: true }],
    ['variants', { maxVariants: 1 }, { maxVariants: 1 }],
    ['the Cache-Status field', { cacheStatusHeader: true }, { cacheStatusHeader: true }],
    ['Clear-Site-Data', { clearSiteData: true }, { clearSiteData: true }],
    ['debug', { debug: true }, { debug: true }],
  ])('%s', (_name, options, resolved) => {
    expect(resolveOptions(options)).toMatchObject(resolved);
  });

  test('functions are kept as they are', () => {
    const functions = {
      filter: () => true,
      tags: () => [],
      partition: () => 'me',
      background: () => undefined,
      onEvent: () => undefined,
      debug: () => undefined,
      now: () => 7,
    } satisfies CacheOptions;
    const resolved = resolveOptions(functions);
    const { filter, tags } = policyFor(resolved, URL_OF_USERS, undefined);
    const { partition, background, onEvent, debug, now } = resolved;
    const kept = { filter, tags, partition, background, onEvent, debug, now };
    for (const name of Object.keys(functions) as (keyof typeof functions)[]) expect(kept[name]).toBe(functions[name]);
  });

  test('methods are taken in any case', () => {
    const { allowsMethod } = sessionPolicy({ allowedMethods: ['get', 'POST'] });
    expect(allowed(allowsMethod, METHODS)).toEqual(['GET', 'POST']);
  });

  test('status codes as a list', () => {
    expect(allowed(sessionPolicy({ allowedCodes: [200, 404] }).allowsStatus, [200, 301, 404])).toEqual([200, 404]);
  });

  test('status codes as a function, which does not allow what it throws on', () => {
    const allowedCodes = (status: number): boolean => {
      if (status === 500) throw new Error('not this one');
      return status >= 400;
    };
    expect(allowed(sessionPolicy({ allowedCodes }).allowsStatus, [200, 404, 500, 503])).toEqual([404, 503]);
  });

  test.each(Object.keys(DEFAULTS))('%s: undefined is not given, nor is null but for a lifetime', (name) => {
    const { now: _n, ...unsaid } = resolveOptions({});
    for (const absent of name === 'expireAfter' ? [undefined] : [undefined, null]) {
      expect(JSON.stringify(resolveOptions({ [name]: absent }))).toBe(JSON.stringify(unsaid));
    }
  });

  test('what was given is neither changed nor kept', () => {
    const codes = [200];
    const tags = ['a'];
    const urlsExpireAfter = Object.freeze({ 'a.test': '1h' as const });
    const options = Object.freeze({ allowedCodes: codes, tags, urlsExpireAfter });
    const policy = sessionPolicy(options);
    codes.push(404);
    tags.push('b');
    expect(policy.allowsStatus(404)).toBe(false);
    expect(policy.tags).toEqual(['a']);
  });
});

describe('the rfc9111 preset', () => {
  const policy = sessionPolicy({ ...rfc9111 });

  test('asks for heuristic lifetimes', () => {
    expect(policy.local).toEqual({ kind: 'heuristic', source: 'session' });
  });

  test('serves what is stale while the origin cannot be reached', () => {
    expect(policy.staleIfError).toBe(Infinity);
  });

  test('stores every final status but those that speak of another response', () => {
    const statuses = [100, 101, 200, 203, 204, 206, 299, 301, 304, 308, 404, 410, 414, 500, 501, 599];
    expect(allowed(policy.allowsStatus, statuses)).toEqual([
      200, 203, 204, 206, 299, 301, 308, 404, 410, 414, 500, 501, 599,
    ]);
  });
});

describe('faults of one option', () => {
  const WITH_A_HOLE = Object.assign([200], { 2: 404 });
  const rows: readonly (readonly [name: string, value: unknown, option: string, remedy: RegExp])[] = [
    ['expireAfter', '5 parsecs', 'expireAfter', /"5 parsecs" is not a duration\. Use seconds \(300\), "90s"/],
    ['expireAfter', NaN, 'expireAfter', /NaN is not a duration\. Use seconds/],
    ['expireAfter', true, 'expireAfter', /true is not a duration\. Use seconds/],
    ['expireAfter', 'no-cache', 'expireAfter', /It is a cache mode: write \{ mode: "no-cache" \}\./],
    ['mode', 'relod', 'mode', /must be one of default, .*did you mean "reload"\?\); got "relod"/],
    ['mode', 7, 'mode', /must be one of default, no-store, reload, .*only-if-cached; got 7/],
    ['cacheControl', 'yes', 'cacheControl', /must be true or false; got "yes"/],
    ['conditionalRequests', 'no', 'conditionalRequests', /must be true or false; got "no"/],
    ['allowedMethods', 'POST', 'allowedMethods', /must be a list of methods, even for a single one; got "POST"/],
    ['allowedMethods', ['GET', 'FETCH'], 'allowedMethods[1]', /must be one of GET, HEAD, .*; got "FETCH"/],
    ['allowedMethods', [null], 'allowedMethods[0]', /must be one of GET, .*; got null/],
    ['allowedMethods', new Set(['GET']), 'allowedMethods', /must be a list of methods.*; got an object of class Set/],
    ['allowedCodes', 200, 'allowedCodes', /must be a list of status codes \(or a function\)/],
    ['allowedCodes', [200, '404'], 'allowedCodes[1]', /must be a status code from 200 to 599; got "404"/],
    ['allowedCodes', [100], 'allowedCodes[0]', /from 200 to 599; got 100/],
    ['allowedCodes', [600], 'allowedCodes[0]', /from 200 to 599; got 600/],
    ['allowedCodes', [200.5], 'allowedCodes[0]', /from 200 to 599; got 200\.5/],
    ['allowedCodes', WITH_A_HOLE, 'allowedCodes[1]', /from 200 to 599; got undefined/],
    ['ignoredParams', 'utm', 'ignoredParams', /must be a list of parameter names/],
    ['ignoredParams', [''], 'ignoredParams[0]', /must be a string that is not empty; got ""/],
    ['includeHeaders', false, 'includeHeaders', /must be a list of header names \(or true\).*; got false/],
    ['includeHeaders', ['Accept: x'], 'includeHeaders[0]', /must be the name of a header field; got "Accept: x"/],
    ['includeHeaders', [5], 'includeHeaders[0]', /must be the name of a header field; got 5/],
    ['filter', true, 'filter', /must be a function; got true/],
    ['staleIfError', 'long', 'staleIfError', /"long" is not a duration\. Use seconds/],
    ['staleIfError', -1, 'staleIfError', /-1 is not a duration\. Use seconds/],
    ['staleWhileRevalidate', 'long', 'staleWhileRevalidate', /is not a duration\. Use seconds/],
    ['keepStale', 'never', 'keepStale', /"never" is not a duration\. Use seconds/],
    ['tags', 'users', 'tags', /must be a list of tags \(or a function\), even for a single one; got "users"/],
    ['tags', ['a', 7], 'tags[1]', /must be a string that is not empty; got 7/],
    ['maxEntryBytes', -1, 'maxEntryBytes', /must be a whole number of at least 0, or Infinity; got -1/],
    ['maxEntryBytes', '5mb', 'maxEntryBytes', /must be a whole number/],
    ['maxEntryBytes', 0.5, 'maxEntryBytes', /must be a whole number/],
    ['collapse', 1, 'collapse', /must be true or false; got 1/],
    ['frozenData', 'deep', 'frozenData', /must be true or false; got "deep"/],
    ['storage', 'redis', 'storage', /must be a storage object such as new MemoryStorage\(\); got "redis"/],
    [
      'storage',
      FakeStorage,
      'storage',
      /must be a storage object; got a function with the name FakeStorage\. Write new FakeStorage\(…\)\./,
    ],
    ['storage', () => storage, 'storage', /got a function\. Write new …Storage\(…\)\./],
    ['storage', {}, 'storage', /storage\.get is not a function\. A storage has get, set, .*, meta\./],
    ['storage', Object.assign(new FakeStorage(), { touch: 1 }), 'storage', /storage\.touch is not a function/],
    ['storage', Object.assign(new FakeStorage(), { name: 1 }), 'storage.name', /must be a string; got 1/],
    ['urlsExpireAfter', 'a.test', 'urlsExpireAfter', /must be an object of patterns, or a list of \[pattern, value\]/],
    ['urlsExpireAfter', new Map([['a.test', '1h']]), 'urlsExpireAfter', /a list .* an object of class Map/],
    ['urlsExpireAfter', ['a.test'], 'urlsExpireAfter[0]', /must be a pair, \[pattern, value\]; got "a\.test"/],
    ['urlsExpireAfter', [['a.test']], 'urlsExpireAfter[0]', /must be a pair, \[pattern, value\]; got a list/],
    ['urlsExpireAfter', [[5, '1h']], 'urlsExpireAfter[5]', /a URL pattern is a glob or a RegExp; got 5/],
    ['urlsExpireAfter', { '': '1h' }, "urlsExpireAfter['']", /"" is not a URL pattern\. Write host and path/],
    ['expireAfter', null, 'expireAfter', /null is not a duration\. Use seconds .* or false for no caching/],
    ['maxLifetime', 'never', 'maxLifetime', /"never" is not a duration\. Use seconds/],
    ['ignoreVary', 'User-Agent', 'ignoreVary', /must be a list of header names \(or true\)/],
    ['ignoreVary', ['x y'], 'ignoreVary[0]', /must be the name of a header field; got "x y"/],
    ['readOnly', 1, 'readOnly', /must be true or false; got 1/],
    ['staleIfErrorCodes', 503, 'staleIfErrorCodes', /must be a list of status codes, even for a single one; got 503/],
    ['staleIfErrorCodes', [302], 'staleIfErrorCodes[0]', /must be a status code from 400 to 599; got 302/],
    ['urlsExpireAfter', { live: false }, "urlsExpireAfter['live']", /Write "\/live" for any host/],
    ['urlsExpireAfter', { 'users/**': '5m' }, "urlsExpireAfter['users/**']", /Write "\/users\/\*\*" for any host/],
    ['urlsExpireAfter', { '*.png': 'never' }, "urlsExpireAfter['*.png']", /Write "\*\*\/\*\.png" for files/],
    ['urlsExpireAfter', { 'a.test': null }, "urlsExpireAfter['a.test']", /null is not a duration/],
    ['urlsExpireAfter', { 'a.test': { expireAfter: null } }, "urlsExpireAfter['a.test'].expireAfter", /null is not/],
    ['urlsExpireAfter', { 'a.test': { key: 'x' } }, "urlsExpireAfter['a.test'].key", /must be a function; a text names/],
    [
      'urlsExpireAfter',
      { 'api.test/users': '1h', 'api.test/users/*/sessions': false },
      "urlsExpireAfter['api.test/users/*/sessions']",
      /is never reached, as 'api\.test\/users' covers it\. Write 'api\.test\/users\/\*\/sessions' before that one\./,
    ],
    [
      'urlsExpireAfter',
      [[/a/i, '1h'], ['**', '1m'], [/a/i, false]],
      'urlsExpireAfter[/a/i]',
      /is never reached, as \/a\/i covers it/,
    ],
    ['urlsExpireAfter', { 'a.test/**': '5 parsecs' }, "urlsExpireAfter['a.test/**']", /"5 parsecs" is not a duration/],
    ['urlsExpireAfter', { 'a.test': true }, "urlsExpireAfter['a.test']", /true is not a duration/],
    ['urlsExpireAfter', { 'a.test': 'no-cache' }, "urlsExpireAfter['a.test']", /write \{ mode: "no-cache" \}/],
    ['urlsExpireAfter', { "a.test/it's": NaN }, "urlsExpireAfter['a.test/it\\'s']", /NaN is not a duration/],
    ['urlsExpireAfter', [[/x/, NaN]], 'urlsExpireAfter[/x/]', /NaN is not a duration/],
    ['urlsExpireAfter', { 'a.test': { mode: 'x' } }, "urlsExpireAfter['a.test'].mode", /must be one of default/],
    ['urlsExpireAfter', { 'a.test': { tags: [1] } }, "urlsExpireAfter['a.test'].tags[0]", /must be a string/],
    [
      'urlsExpireAfter',
      { 'a.test': { storage } },
      "urlsExpireAfter['a.test'].storage",
      /is not an option here: give storage to setupCache, as a session option\./,
    ],
    [
      'urlsExpireAfter',
      { 'a.test': { partition: false } },
      "urlsExpireAfter['a.test'].partition",
      /give partition to setupCache, as a session option, or to a request, in its cache object\./,
    ],
    ['shared', 'yes', 'shared', /must be true or false/],
    ['partition', 'user', 'partition', /must be "credentials", false, or a function that names the user; got "user"/],
    ['partition', true, 'partition', /must be "credentials", false, or a function/],
    ['credentialHeaders', 'x-id', 'credentialHeaders', /must be a list of header names/],
    ['credentialHeaders', ['x id'], 'credentialHeaders[0]', /must be the name of a header field/],
    ['redactedParams', 'sig', 'redactedParams', /must be a list of parameter names/],
    ['storageTimeout', 0, 'storageTimeout', /must be a duration above zero, such as "2s"; got 0/],
    ['storageTimeout', '2 s', 'storageTimeout', /"2 s" is not a duration\. Use seconds/],
    ['inherit', 'yes', 'inherit', /must be true or false/],
    ['deleteExpiredEvery', true, 'deleteExpiredEvery', /true is not a duration\. Use seconds/],
    ['maxVariants', 0, 'maxVariants', /must be a whole number of at least 1; got 0/],
    ['maxVariants', Infinity, 'maxVariants', /must be a whole number of at least 1; got Infinity/],
    ['cacheStatusHeader', 1, 'cacheStatusHeader', /must be true or false/],
    ['clearSiteData', '"cache"', 'clearSiteData', /must be true or false/],
    ['background', true, 'background', /must be a function that is given a promise; got true/],
    ['onEvent', {}, 'onEvent', /must be a function; got an object/],
    ['debug', 'yes', 'debug', /must be true, false or a function; got "yes"/],
    ['now', 1000, 'now', /must be a function that returns epoch milliseconds; got 1000/],
    ['key', 'mine', 'key', /key must be a function; a text names the answer of a single request; got "mine"/],
    ['invalidates', 7, 'invalidates', /^invalidates must be a URL, \{ url \}, \{ pattern \}, \{ tag \} or a function/],
  ];

  test.each(rows)('%s: %p', (name, value, option, remedy) => {
    const caught = failure(() => resolveOptions({ [name]: value }));
    expect(caught).toMatchObject({ code: 'ERR_CACHE_OPTION', option });
    expect(caught.message.startsWith(option)).toBe(true);
    expect(caught.message).toMatch(remedy);
  });

  test('every option is among them', () => {
    const tested = new Set(rows.map(([name]) => name));
    const names = [...Object.keys(DEFAULTS), 'storage', 'urlsExpireAfter', 'filter', 'background', 'onEvent'];
    expect(names.filter((name) => !tested.has(name))).toEqual([]);
  });

  test.each([
    ['a storage', new FakeStorage(), /got an object of class FakeStorage/],
    ['a duration', '1h', /got "1h"/],
    ['a list', [], /got a list/],
    ['a function', () => ({}), /got a function/],
    ['a Map', new Map(), /got an object of class Map/],
  ])('%s in the place of the options', (_name, options, got) => {
    const { option, message } = failure(() => resolveOptions(options));
    expect(option).toBe('options');
    expect(message).toMatch(/^options must be an object such as \{ expireAfter: "1h" \}/);
    expect(message).toMatch(got);
  });

  test('values are shown short', () => {
    const { message } = failure(() => resolveOptions({ expireAfter: 'x'.repeat(10_000) }));
    expect(message.length).toBeLessThan(300);
  });

  test.each([
    [Object.create(null), 'an object'],
    [Object.create({}), 'an object'],
    [Symbol('s'), 'Symbol(s)'],
    [5n, '5n'],
    [new Date(NaN), 'an invalid Date'],
    [class {}, 'a function'],
  ])('%p is shown as %p', (value, shown) => {
    expect(failure(() => resolveOptions({ cacheControl: value })).message).toContain(`got ${shown}.`);
  });
});

describe('names that are no option', () => {
  test.each([
    ['ttl', "Did you mean expireAfter? It counts seconds: axios-cache-interceptor's ttl 60000 is expireAfter 60."],
    ['maxAge', "Did you mean expireAfter? It counts seconds: axios-cache-adapter's maxAge 60000 is expireAfter 60."],
    ['expire_after', 'Did you mean expireAfter?'],
    ['urls_expire_after', 'Did you mean urlsExpireAfter?'],
    ['allowed_methods', 'Did you mean allowedMethods?'],
    ['ignored_params', 'Did you mean ignoredParams?'],
    ['include_headers', 'Did you mean includeHeaders?'],
    ['cache_control', 'Did you mean cacheControl?'],
    ['stale_if_error', 'Did you mean staleIfError?'],
    ['ignoreParams', 'Did you mean ignoredParams?'],
    ['methods', 'Did you mean allowedMethods?'],
    ['allowable_codes', 'Did you mean allowedCodes?'],
    ['interpretHeader', 'Did you mean cacheControl?'],
    ['cachePredicate', 'Did you mean filter?'],
    ['filter_fn', 'Did you mean filter?'],
    ['override', 'Did you mean mode: "reload"?'],
    ['force_refresh', 'Did you mean mode: "reload"?'],
    ['always_revalidate', 'Did you mean mode: "no-cache"?'],
    ['ignored_parameters', 'Did you mean ignoredParams?'],
    ['key_fn', 'Did you mean key? A function of the request gives it.'],
    ['keyFn', 'Did you mean key? A function of the request gives it.'],
    ['generateKey', 'Did you mean key? A function of the request gives it.'],
    ['id', 'Did you mean key? It is given with a request: { cache: { key } }.'],
    ['vary', 'Did you mean ignoreVary? The response\'s Vary is honoured but for the fields that it names.'],
    ['cache_name', 'Did you mean storage? Its path or namespace is given to it: new SqliteStorage('],
    ['cacheName', 'Did you mean storage?'],
    ['autoclose', 'Did you mean http.cache.close()? It closes the storage'],
    ['autoClose', 'Did you mean http.cache.close()?'],
    ['secret_key', 'Did you mean storage? Entries are not signed'],
    ['secretKey', 'Did you mean storage?'],
    ['read_only', 'Did you mean readOnly?'],
    ['readonly', 'Did you mean readOnly?'],
    ['ignoredParameters', 'Did you mean ignoredParams?'],
    ['ignoredHeaders', 'The options are expireAfter, mode, '],
    ['backend', 'Did you mean storage?'],
    ['match_headers', 'Did you mean includeHeaders?'],
    ['etag', 'Did you mean conditionalRequests? Validators are used unless it is false.'],
    ['modifiedSince', 'Did you mean conditionalRequests?'],
    ['expireAftr', 'Did you mean expireAfter?'],
    ['ExpireAfter', 'Did you mean expireAfter?'],
    ['storag', 'Did you mean storage?'],
    ['tag', 'Did you mean tags?'],
    ['deleteExpiredEvry', 'Did you mean deleteExpiredEvery?'],
    ['frozen_data', 'Did you mean frozenData?'],
    ['dataFrozen', 'The options are expireAfter, mode, '],
    ['baseURL', 'The options are expireAfter, mode, '],
    ['constructor', 'The options are expireAfter, mode, '],
    ['toString', 'The options are expireAfter, mode, '],
    ['x'.repeat(5000), 'The options are expireAfter, mode, '],
  ])('%s', (name, remedy) => {
    const caught = failure(() => resolveOptions({ [name]: undefined }));
    expect(caught).toMatchObject({ code: 'ERR_CACHE_OPTION', option: name });
    expect(caught.message.startsWith(`${name} is not an option. ${remedy}`)).toBe(true);
  });

  test.each([
    ['stdTTL', 'expireAfter'],
    ['expiresIn', 'expireAfter'],
    ['urls', 'urlsExpireAfter'],
    ['statuses', 'allowedCodes'],
    ['readHeaders', 'cacheControl'],
    ['dedupe', 'collapse'],
    ['maxEntrySize', 'maxEntryBytes'],
    ['user', 'partition'],
  ])('%s is spelt like no option: the list has %s', (name, option) => {
    const { message } = failure(() => resolveOptions({ [name]: undefined }));
    expect(message).toMatch(new RegExp(`The options are (.*, )?${option}[,.]`));
  });

  test('an own __proto__, as JSON can have it', () => {
    const options: unknown = JSON.parse('{ "__proto__": { "expireAfter": "1h" } }');
    expect(failure(() => resolveOptions(options)).option).toBe('__proto__');
  });
});

describe('several faults', () => {
  const options = {
    expireAfter: '5 parsecs',
    ttl: 60_000,
    allowedCodes: [200],
    urlsExpireAfter: { 'a.test': NaN, '': '1h', 'b.test': { mode: 'x', tags: 'y' } },
    maxVariants: 0,
  };
  const paths = [
    'expireAfter',
    'ttl',
    "urlsExpireAfter['a.test']",
    "urlsExpireAfter['']",
    "urlsExpireAfter['b.test'].mode",
    "urlsExpireAfter['b.test'].tags",
    'maxVariants',
  ];

  test('are told in one error, a line each, with the first as its option', () => {
    const { message, option } = failure(() => resolveOptions(options));
    const [head, ...lines] = message.split('\n');
    expect(option).toBe('expireAfter');
    expect(head).toBe('7 options are wrong:');
    expect(lines.map((line) => paths.find((path) => line.startsWith(`- ${path}`)))).toEqual(paths);
    expect(message).not.toContain('axios-client-cache: ');
  });

  test('are its cause, each with its own option', () => {
    const { cause } = failure(() => resolveOptions(options));
    expect((cause as AggregateError).errors.map((error: Failure) => error.option)).toEqual(paths);
  });
});

describe('a request', () => {
  test.each<readonly [string, unknown, Partial<RequestPolicy>]>([
    ['a duration', '5m', { off: false, local: { kind: 'seconds', seconds: 300, source: 'request' } }],
    ['seconds', 60, { local: { kind: 'seconds', seconds: 60, source: 'request' } }],
    ['a date', new Date(9), { local: { kind: 'until', at: 9, source: 'request' } }],
    ['heuristic', 'heuristic', { local: { kind: 'heuristic', source: 'request' } }],
    ['Infinity', Infinity, { local: { kind: 'seconds', seconds: Infinity, source: 'request' } }],
    ['false', false, { off: true }],
    ['zero', 0, { off: true }],
    ['true', true, { off: false, local: { kind: 'seconds', seconds: 3600, source: 'session' } }],
    ['undefined', undefined, { off: false, local: { kind: 'seconds', seconds: 3600, source: 'session' } }],
    ['null', null, { off: false, local: { kind: 'seconds', seconds: 3600, source: 'session' } }],
    ['a mode', 'reload', { mode: 'reload', local: { kind: 'seconds', seconds: 3600, source: 'session' } }],
    ['mode no-store', 'no-store', { mode: 'no-store', off: true }],
    ['nothing in an object', {}, { local: { kind: 'seconds', seconds: 3600, source: 'session' } }],
    [
      'never in an object',
      { expireAfter: 'never' },
      { local: { kind: 'seconds', seconds: Infinity, source: 'request' } },
    ],
    ['a key', { key: 'mine' }, { key: 'mine' }],
    ['a user', { partition: 'u1' }, { partition: 'u1' }],
    ["everybody's", { partition: false }, { partition: false }],
  ])('%s', (_name, setting, policy) => {
    expect(requestPolicy(setting, { expireAfter: '1h' })).toMatchObject(policy);
  });

  describe('its own lifetime opens its method', () => {
    const opens = (setting: unknown, byDefault?: unknown, options: CacheOptions = {}): boolean =>
      policyFor(resolveOptions(options), URL_OF_USERS, setting, byDefault).allowsMethod('POST');
    const until = new Date(9);
    const asked = (): '5m' => '5m';

    test.each<readonly [string, unknown]>([
      ['a duration', '5m'],
      ['seconds', 60],
      ['true', true],
      ['a date', until],
      ['heuristic', 'heuristic'],
      ['never, in an object', { expireAfter: 'never' }],
      ['a function', { expireAfter: asked }],
      ['with a mode', { expireAfter: '5m', mode: 'reload' }],
      ['methods of its own', { allowedMethods: ['post'] }],
    ])('%s', (_name, setting) => {
      expect(opens(setting)).toBe(true);
    });

    test.each<readonly [string, unknown]>([
      ['nothing', undefined],
      ['false', false],
      ['zero', 0],
      ['a mode', 'no-cache'],
      ['an object without a lifetime', { tags: ['a'] }],
      ['no lifetime in an object', { expireAfter: false }],
      ['methods of its own without it', { expireAfter: '5m', allowedMethods: ['GET'] }],
    ])('%s does not', (_name, setting) => {
      expect(opens(setting)).toBe(false);
    });

    test.each<readonly [string, unknown, unknown]>([
      ['a duration', '5m', '5m'],
      ['true', true, true],
      ['a date', until, until],
      ['an object, copied', { expireAfter: '5m' }, { expireAfter: '5m' }],
      ['merged with more', { expireAfter: '5m', tags: ['a'] }, { expireAfter: '5m' }],
      ['a function', { expireAfter: asked }, { expireAfter: asked }],
    ])('the same in the defaults of the instance does not: %s', (_name, setting, byDefault) => {
      expect(opens(setting, byDefault)).toBe(false);
      expect(opens(setting, '1h')).toBe(true);
      expect(opens(setting, byDefault)).toBe(false);
    });

    test('nor does a lifetime of the session or of a pattern', () => {
      expect(opens(undefined, undefined, { expireAfter: '1h' })).toBe(false);
      expect(opens(undefined, undefined, { urlsExpireAfter: { 'api.test': { expireAfter: '1h' } } })).toBe(false);
    });
  });

  describe('a lifetime that is a function of the answer', () => {
    const answer = { status: 404 } as StoredResponse;
    const settled = (setting: unknown, options: CacheOptions = {}): Partial<RequestPolicy> | undefined => {
      const policy = requestPolicy(setting, options).settle?.(answer);
      return policy && { off: policy.off, local: policy.local };
    };
    const lasting = (seconds: number, source: string): object => ({
      off: false,
      local: { kind: 'seconds', seconds, source },
    });

    test('is asked about the answer, and says which place it stands in', () => {
      const byStatus = ({ status }: StoredResponse): number => (status === 404 ? 5 : 50);
      expect(settled({ expireAfter: byStatus })).toEqual(lasting(5, 'request'));
      expect(settled(undefined, { expireAfter: byStatus })).toEqual(lasting(5, 'session'));
      expect(settled(undefined, { urlsExpireAfter: { 'api.test': { expireAfter: byStatus } } })).toEqual(
        lasting(5, 'url'),
      );
    });

    test('undefined leaves it to the next place, which may be a function too', () => {
      expect(settled({ expireAfter: () => undefined }, { expireAfter: '1h' })).toEqual(lasting(3600, 'session'));
      expect(settled({ expireAfter: () => undefined }, { expireAfter: () => '1m' })).toEqual(lasting(60, 'session'));
      expect(settled({ expireAfter: () => undefined })).toEqual(lasting(Infinity, 'default'));
      expect(settled({ expireAfter: () => undefined }, { expireAfter: false })).toMatchObject({ off: true });
    });

    test('a nearer lifetime is enough: it is not asked', () => {
      const ask = jest.fn();
      expect(requestPolicy('5m', { expireAfter: ask }).settle).toBeUndefined();
      expect(requestPolicy(false, { expireAfter: ask }).off).toBe(true);
      expect(settled(true, { expireAfter: () => 7 })).toEqual(lasting(7, 'session'));
      expect(ask).not.toHaveBeenCalled();
    });

    test('it undoes an off that is farther away', () => {
      expect(requestPolicy({ expireAfter: () => '5m' }, { expireAfter: false }).off).toBe(false);
    });

    test.each<readonly [string, () => unknown]>([
      ['false', () => false],
      ['zero', () => 0],
      ['what is no lifetime', () => 'soon'],
      ['null', () => null],
      ['a promise', () => Promise.reject(new Error('late'))],
      ['an error', () => { throw new Error('broken'); }],
    ])('%s is off', (_name, ask) => {
      expect(settled({ expireAfter: ask })).toMatchObject({ off: true });
    });
  });

  test.each<readonly [string, unknown, string, RegExp]>([
    [
      'never',
      'never',
      'cache',
      /^cache: "never" is ambiguous\. false does not cache this request; \{ expireAfter: "never" \} keeps it/,
    ],
    ['a misspelt mode', 'relod', 'cache', /^cache: "relod" is not a duration\. Did you mean "reload"\? Use seconds/],
    ['a duration that is none', '5 m', 'cache', /^cache: "5 m" is not a duration\. Use seconds .*a cache mode \(/],
    ['NaN', NaN, 'cache', /^cache: NaN is not a duration\. Use seconds/],
    ['a negative number', -5, 'cache', /^cache: -5 is not a duration\. Use seconds/],
    ['a function', () => 5, 'cache', /is not a duration\. Use seconds/],
    ['a list', ['5m'], 'cache', /^cache: a list is not a duration\. Use seconds/],
    ['an invalid date', new Date(NaN), 'cache', /^cache: an invalid Date is not a duration\. Use seconds/],
    ['a Map', new Map(), 'cache', /^cache: an object of class Map is not a duration\. Use seconds/],
    ['a bad lifetime', { expireAfter: NaN }, 'cache.expireAfter', /^cache\.expireAfter: NaN is not a duration\. Use/],
    ['a bad mode', { mode: 'relod' }, 'cache.mode', /did you mean "reload"\?/],
    ['an empty key', { key: '' }, 'cache.key', /must be a string that is not empty/],
    ['a key that is no text', { key: 7 }, 'cache.key', /must be a string that is not empty; got 7/],
    ['null as a lifetime', { expireAfter: null }, 'cache.expireAfter', /null is not a duration/],
    ['an empty user', { partition: '' }, 'cache.partition', /must be a string that is not empty/],
    ['a function for the user', { partition: () => 'me' }, 'cache.partition', /must be a string/],
    [
      'an unknown name',
      { ttl: 60_000 },
      'cache.ttl',
      /^cache\.ttl is not an option\. Did you mean expireAfter\? It counts seconds: .* ttl 60000 is expireAfter 60\.$/,
    ],
    [
      'a session option',
      { storage },
      'cache.storage',
      /^cache\.storage is not an option here: give storage to setupCache, as a session option\.$/,
    ],
    [
      'faults within a list, and beside it',
      { invalidates: ['/a', {}, { tag: '' }, 7], key: '' },
      'cache.invalidates[1]',
      /^4 options .*\n- cache\.invalidates\[1\] has no .*\n- cache\.invalidates\[2\]\.tag .*\n- .*\[3\] .*\n- cache\.key /,
    ],
    ['two faults', { key: '', mode: 'x' }, 'cache.key', /^2 options are wrong:\n- cache\.key .*\n- cache\.mode /],
  ])('refuses %s', (_name, setting, option, remedy) => {
    const options = resolveOptions({});
    const refuse = (): unknown => policyFor(options, URL_OF_USERS, setting);
    const caught = failure(refuse);
    expect(caught).toMatchObject({ code: 'ERR_CACHE_OPTION', option });
    expect(caught.message).toMatch(remedy);
    expect(failure(refuse).message).toBe(caught.message);
  });
});

describe('URL rules', () => {
  const options: CacheOptions = {
    expireAfter: '1h',
    urlsExpireAfter: {
      'api.test/live/**': false,
      'api.test/static/**': 'never',
      'api.test/**/a.js': '1m',
      'api.test/search': { allowedMethods: ['POST'], expireAfter: '10m', tags: ['search'] },
      'api.test/plain': { tags: ['plain'] },
      'api.test/unsaid/**': undefined as never,
      'api.test/**': 60,
    },
  };
  const local = (path: string, setting?: unknown): unknown =>
    requestPolicy(setting, options, `https://api.test${path}`).local;

  test('the first that matches says the lifetime', () => {
    expect(local('/static/late/a.js')).toEqual({ kind: 'seconds', seconds: Infinity, source: 'url' });
    expect(local('/users')).toEqual({ kind: 'seconds', seconds: 60, source: 'url' });
  });

  test('false is off, and the request may undo it', () => {
    expect(requestPolicy(undefined, options, 'https://api.test/live/1').off).toBe(true);
    expect(requestPolicy(true, options, 'https://api.test/live/1').off).toBe(false);
    expect(local('/live/1', true)).toEqual({ kind: 'seconds', seconds: 3600, source: 'session' });
  });

  test('where none matches the session says it', () => {
    expect(requestPolicy(undefined, options, 'https://other.test/').local).toEqual({
      kind: 'seconds',
      seconds: 3600,
      source: 'session',
    });
  });

  test('a pattern without a value is not there', () => {
    expect(local('/unsaid/1')).toEqual({ kind: 'seconds', seconds: 60, source: 'url' });
  });

  test('a policy under a pattern', () => {
    const policy = requestPolicy(undefined, options, 'https://api.test/search');
    expect(policy).toMatchObject({ tags: ['search'], local: { seconds: 600, source: 'url' } });
    expect(allowed(policy.allowsMethod, METHODS)).toEqual(['POST']);
  });

  test('a policy without a lifetime leaves it to the session', () => {
    expect(local('/plain')).toEqual({ kind: 'seconds', seconds: 3600, source: 'session' });
  });

  test('a list of pairs, with regular expressions, in its order', () => {
    const pairs: CacheOptions = {
      urlsExpireAfter: [
        [/\/v\d+\//g, '5m'],
        ['**', false],
      ],
    };
    const offs = ['/v1/a', '/v2/a', '/a'].map((path) => requestPolicy(undefined, pairs, `https://api.test${path}`).off);
    expect(offs).toEqual([false, false, true]);
  });
});

describe('the nearest place wins', () => {
  const first = (): boolean => true;
  const second = (): boolean => false;
  const rows: readonly (readonly [keyof CacheOptions & keyof RequestPolicy, unknown, unknown])[] = [
    ['mode', 'force-cache', 'reload'],
    ['cacheControl', false, true],
    ['ignoredParams', ['a'], ['b']],
    ['includeHeaders', ['a'], ['b']],
    ['includeHeaders', true, []],
    ['filter', first, second],
    ['staleIfError', 60, 30],
    ['staleIfError', true, false],
    ['staleWhileRevalidate', 60, 30],
    ['staleWhileRevalidate', true, false],
    ['keepStale', 60, 0],
    ['tags', ['a'], ['b']],
    ['tags', ['a'], []],
    ['maxEntryBytes', 10, 0],
    ['maxLifetime', 10, Infinity],
    ['maxLifetime', '1h', 0],
    ['ignoreVary', true, []],
    ['ignoreVary', ['a'], ['b']],
    ['readOnly', true, false],
    ['staleIfErrorCodes', [503], []],
    ['key', () => 'a', () => 'b'],
    ['collapse', false, true],
    ['frozenData', true, false],
  ];
  const under = (value: object): CacheOptions['urlsExpireAfter'] => ({ 'api.test': value });

  test.each(rows)('%s: %p far, %p near', (name, far, near) => {
    const alone = sessionPolicy({ [name]: near })[name];
    const farther = sessionPolicy({ [name]: far });
    expect(farther[name]).not.toEqual(alone);
    expect(requestPolicy({ [name]: near }, { [name]: far })[name]).toEqual(alone);
    expect(sessionPolicy({ [name]: far, urlsExpireAfter: under({ [name]: near }) })[name]).toEqual(alone);
    expect(requestPolicy({ [name]: near }, { urlsExpireAfter: under({ [name]: far }) })[name]).toEqual(alone);
  });

  test('methods and codes replace', () => {
    const policy = requestPolicy(
      { allowedMethods: ['POST'], allowedCodes: [404] },
      { allowedMethods: ['GET', 'HEAD'], allowedCodes: [200] },
    );
    expect(allowed(policy.allowsMethod, METHODS)).toEqual(['POST']);
    expect(allowed(policy.allowsStatus, [200, 404])).toEqual([404]);
  });

  test('a lifetime does not undo mode no-store, a nearer mode does', () => {
    expect(requestPolicy('5m', { mode: 'no-store' }).off).toBe(true);
    expect(requestPolicy('default', { mode: 'no-store' }).off).toBe(false);
  });

  test('a mode does not undo off', () => {
    expect(requestPolicy('reload', { expireAfter: false }).off).toBe(true);
  });
});

describe('what is asked often is made once', () => {
  const options = resolveOptions({ urlsExpireAfter: { 'api.test/a': '1m' } });

  test.each([undefined, '5m', 60, 'no-cache', true, false])('%p', (setting) => {
    const policy = policyFor(options, URL_OF_USERS, setting);
    expect(policyFor(options, 'https://other.test/', setting)).toBe(policy);
  });

  test('for each URL rule apart', () => {
    const [ruled, other] = ['a', 'b'].map((path) => policyFor(options, `https://api.test/${path}`, 'no-cache'));
    expect(ruled?.local).toEqual({ kind: 'seconds', seconds: 60, source: 'url' });
    expect(other?.local).toEqual({ kind: 'seconds', seconds: Infinity, source: 'default' });
  });

  test('for each of many URLs, in any order', () => {
    const urls = Array.from({ length: 5000 }, (_, index) => `https://api.test/${index % 2 === 0 ? 'a' : 'b'}?${index}`);
    for (const url of [...urls, ...urls.reverse()]) {
      expect(policyFor(options, url, undefined).local.source).toBe(url.includes('/a?') ? 'url' : 'default');
    }
  });

  test('an object is read each time, since it may change', () => {
    const setting = { tags: ['a'] };
    const before = policyFor(options, URL_OF_USERS, setting);
    setting.tags.push('b');
    expect(before.tags).toEqual(['a']);
    expect(policyFor(options, URL_OF_USERS, setting).tags).toEqual(['a', 'b']);
  });

  test('many different values do not pile up', () => {
    for (let seconds = 1; seconds <= 1000; seconds += 1) policyFor(options, URL_OF_USERS, seconds);
    expect(options.session.bySetting?.size).toBeLessThanOrEqual(100);
  });
});
