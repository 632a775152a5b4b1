/** This file reads Cache-Control of both sides (RFC 9111 section 5.2, RFC 5861) and Pragma (section 5.4). */
import { fieldValue, listMembers, parseTokenList } from './fields.js';
import type { DecisionPolicy, HeaderFields, RequestDirectives, ResponseDirectives, Seconds, Stored } from './model.js';

/** Each occurrence of a directive has one argument here: `undefined` is none, `null` is one that cannot be read. */
type Arguments = ReadonlyMap<string, readonly (string | null | undefined)[]>;

type HeaderPolicy = Pick<DecisionPolicy, 'cacheControl'>;

/** This number stands for all that are larger (section 1.2.2). */
const MAX_DELTA_SECONDS: Seconds = 2 ** 31;

const DIRECTIVE = /^([^\s="]+)(\s*=.*)?$/s;
const ARGUMENT = /^=(?:([^\s",;=]+)|"((?:[^"\\]|\\.)*)")$/s;

export function parseResponseCacheControl(headers: HeaderFields): ResponseDirectives {
  const value = fieldValue(headers, 'cache-control');
  if (value === undefined) return NO_DIRECTIVES;
  const found = parseDirectives(value);
  return {
    maxAge: secondsOf(found, 'max-age'),
    sMaxage: secondsOf(found, 's-maxage'),
    staleWhileRevalidate: readableSecondsOf(found, 'stale-while-revalidate'),
    staleIfError: readableSecondsOf(found, 'stale-if-error'),
    noCache: fieldNamesOf(found, 'no-cache'),
    private: fieldNamesOf(found, 'private'),
    noStore: flagOf(found, 'no-store'),
    mustRevalidate: flagOf(found, 'must-revalidate'),
    proxyRevalidate: flagOf(found, 'proxy-revalidate'),
    mustUnderstand: flagOf(found, 'must-understand'),
    public: flagOf(found, 'public'),
    immutable: flagOf(found, 'immutable'),
  };
}

/** `Pragma: no-cache` counts where there is no Cache-Control. An unreadable argument counts as the strictest demand. */
export function parseRequestCacheControl(headers: HeaderFields): RequestDirectives {
  const value = fieldValue(headers, 'cache-control');
  if (value === undefined) return saysNoCache(headers) ? { noCache: true } : NO_DIRECTIVES;
  const found = parseDirectives(value);
  return {
    maxAge: strictSecondsOf(found, 'max-age', 0),
    maxStale: isBare(found, 'max-stale') ? Infinity : strictSecondsOf(found, 'max-stale', 0),
    minFresh: strictSecondsOf(found, 'min-fresh', Infinity),
    staleIfError: strictSecondsOf(found, 'stale-if-error', 0),
    noCache: flagOf(found, 'no-cache'),
    noStore: flagOf(found, 'no-store'),
    onlyIfCached: flagOf(found, 'only-if-cached'),
  };
}

/** All messages without Cache-Control share this object, and all whose headers are not honoured. */
export const NO_DIRECTIVES: ResponseDirectives & RequestDirectives = Object.freeze({});

/** Gives the directives that bind a reader with this policy: none where the reader does not honour headers. */
export const storedDirectives = (
  stored: Pick<Stored, 'directives'>,
  { cacheControl }: HeaderPolicy,
): ResponseDirectives => (cacheControl ? stored.directives : NO_DIRECTIVES);

/** This cache meets the caching requirements of these status codes (RFC 9110 section 15, RFC 9111 section 3.4). */
const UNDERSTOOD: ReadonlySet<number> = new Set([
  200, 201, 202, 203, 204, 205, 206, 300, 301, 302, 303, 305, 307, 308, 400, 401, 402, 403, 404, 405, 406, 407, 408,
  409, 410, 411, 412, 413, 414, 415, 416, 417, 421, 422, 426, 500, 501, 502, 503, 504, 505,
]);

export const understands = (status: number): boolean => UNDERSTOOD.has(status);

/** `no-store` forbids it, unless `must-understand` lifts that for a status that is understood (section 5.2.2.3). */
export const forbidsStoring = ({ noStore, mustUnderstand }: ResponseDirectives, status: number): boolean =>
  noStore === true && !(mustUnderstand === true && understands(status));

/** True where a stale response must be validated before use (sections 5.2.2.2, 5.2.2.4, 5.2.2.8, 5.2.2.10). */
export const forbidsStale = (directives: ResponseDirectives, shared: boolean): boolean =>
  directives.mustRevalidate === true ||
  directives.noCache === true ||
  (shared && (directives.proxyRevalidate === true || directives.sMaxage !== undefined));

function saysNoCache(headers: HeaderFields): boolean {
  const value = fieldValue(headers, 'pragma');
  return value !== undefined && parseTokenList(value).includes('no-cache');
}

function parseDirectives(value: string): Arguments {
  const found = new Map<string, (string | null | undefined)[]>();
  for (const member of listMembers(value)) {
    const [, given, text] = DIRECTIVE.exec(member) ?? [];
    if (given === undefined) continue;
    const name = given.toLowerCase();
    const argument = readArgument(text);
    const known = found.get(name);
    if (known === undefined) found.set(name, [argument]);
    else known.push(argument);
  }
  return found;
}

function readArgument(text: string | undefined): string | null | undefined {
  if (text === undefined) return undefined;
  const [, token, quoted] = ARGUMENT.exec(text) ?? [];
  return token ?? quoted?.replace(/\\(.)/gs, '$1') ?? null;
}

const flagOf = (found: Arguments, name: string): true | undefined => (found.has(name) ? true : undefined);

const isBare = (found: Arguments, name: string): boolean =>
  found.get(name)?.every((argument) => argument === undefined) ?? false;

/** Gives the seconds that a directive names. Where one argument is unreadable, missing or different, none counts. */
function secondsOf(found: Arguments, name: string): Seconds | 'invalid' | undefined {
  const given = found.get(name);
  if (given === undefined) return undefined;
  const seconds = parseDeltaSeconds(given[0] ?? '');
  const isOne = given.every((argument) => parseDeltaSeconds(argument ?? '') === seconds);
  return isOne && seconds !== undefined ? seconds : 'invalid';
}

/** Reads delta-seconds (section 1.2.2); the result is undefined where the text has another form. */
export const parseDeltaSeconds = (text: string): Seconds | undefined =>
  /^\d+$/.test(text) ? Math.min(Number(text), MAX_DELTA_SECONDS) : undefined;

function strictSecondsOf(found: Arguments, name: string, strictest: Seconds): Seconds | undefined {
  const seconds = secondsOf(found, name);
  return seconds === 'invalid' ? strictest : seconds;
}

/** Reads a directive that permits something: where it cannot be read, it permits nothing. */
function readableSecondsOf(found: Arguments, name: string): Seconds | undefined {
  const seconds = secondsOf(found, name);
  return seconds === 'invalid' ? undefined : seconds;
}

/** Gives the field names that a directive lists, or `true` where it once stands alone or lists nothing readable. */
function fieldNamesOf(found: Arguments, name: string): true | readonly string[] | undefined {
  const given = found.get(name);
  if (given === undefined) return undefined;
  const lists = given.map((argument) => parseTokenList(argument ?? ''));
  return lists.some((names) => names.length === 0) ? true : [...new Set(lists.flat())];
}
