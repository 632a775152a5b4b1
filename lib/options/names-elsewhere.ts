/** What other caches call the options, for the messages about names that no option has. */

const inSeconds = (theirs: string): string => `It counts seconds: ${theirs} 60000 is expireAfter 60.`;

/**
 * What users of requests-cache, aiohttp-client-cache, axios-cache-interceptor and axios-cache-adapter mean by names
 * that no option is spelt like: the names, in lower case and without separators, and what stands for them here.
 */
export const NAMES_ELSEWHERE: readonly (readonly [names: string, meant: string, explanation?: string])[] = [
  ['ttl', 'expireAfter', inSeconds("axios-cache-interceptor's ttl")],
  ['maxage', 'expireAfter', inSeconds("axios-cache-adapter's maxAge")],
  ['enabled', 'expireAfter', 'expireAfter: false switches the cache off.'],
  ['methods allowablemethods', 'allowedMethods'],
  ['allowablecodes', 'allowedCodes'],
  ['ignoredparameters', 'ignoredParams'],
  ['matchheaders', 'includeHeaders'],
  ['vary', 'ignoreVary', "The response's Vary is honoured but for the fields that it names."],
  ['interpretheader', 'cacheControl'],
  ['cachepredicate filterfn', 'filter'],
  ['override forcerefresh', 'mode: "reload"'],
  ['refresh alwaysrevalidate', 'mode: "no-cache"'],
  ['onlyifcached', 'mode: "only-if-cached"'],
  ['generatekey keyfn createkey', 'key', 'A function of the request gives it.'],
  ['id', 'key', 'It is given with a request: { cache: { key } }.'],
  ['backend cachename', 'storage', 'Its path or namespace is given to it: new SqliteStorage("./http-cache.sqlite").'],
  ['secretkey', 'storage', 'Entries are not signed; who may write to the storage is up to its owner.'],
  ['autoclose', 'http.cache.close()', 'It closes the storage with the last instance that uses it.'],
  ['etag modifiedsince', 'conditionalRequests', 'Validators are used unless it is false.'],
];
