/** Cache-Control of both sides as typed directives (RFC 9111 section 5.2, RFC 5861, RFC 8246); Pragma (section 5.4). */
import { fieldValue, listMembers, parseTokenList } from './fields.js';
import type { DecisionPolicy, HeaderFields, RequestDirectives, ResponseDirectives, Seconds, Stored } from './model.js';

/** What a directive was given each time it occurred: `undefined` = nothing, `null` = something unreadable. */
type Arguments = ReadonlyMap<string, readonly (string | null | undefined)[]>;

type HeaderPolicy = Pick<DecisionPolicy, 'cacheControl'>;

/** What stands for larger numbers (section 1.2.2). */
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
  };
}

/** `Pragma: no-cache` counts where there is no Cache-Control. What cannot be read counts as the strictest demand. */
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

/** Shared by all who give none, or for whom headers mean nothing. */
export const NO_DIRECTIVES: ResponseDirectives & RequestDirectives = Object.freeze({});

/** What a stored response demands of a reader with `policy`; nothing where headers mean nothing to that reader. */
export const storedDirectives = (stored: Pick<Stored, 'directives'>, { cacheControl }: HeaderPolicy): ResponseDirectives =>
  cacheControl ? stored.directives : NO_DIRECTIVES;

/** Status codes whose caching requirements are met here (RFC 9110 section 15, RFC 9111 section 3.4). */
const UNDERSTOOD: ReadonlySet<number> = new Set([
  200, 201, 202, 203, 204, 205, 206, 300, 301, 302, 303, 305, 307, 308, 400, 401, 402, 403, 404, 405, 406, 407, 408,
  409, 410, 411, 412, 413, 414, 415, 416, 417, 421, 422, 426, 500, 501, 502, 503, 504, 505,
]);

export const understands = (status: number): boolean => UNDERSTOOD.has(status);

/** `no-store`, unless `must-understand` lifts it for a status that is understood (section 5.2.2.3). */
export const forbidsStoring = ({ noStore, mustUnderstand }: ResponseDirectives, status: number): boolean =>
  noStore === true && !(mustUnderstand === true && understands(status));

/** Whether a stale response may not be used without validation (sections 5.2.2.2, 5.2.2.4, 5.2.2.8, 5.2.2.10). */
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

/** Delta-seconds; unreadable, missing or different ones are invalid together. */
function secondsOf(found: Arguments, name: string): Seconds | 'invalid' | undefined {
  const given = found.get(name);
  if (given === undefined) return undefined;
  const seconds = parseDeltaSeconds(given[0] ?? '');
  const isOne = given.every((argument) => parseDeltaSeconds(argument ?? '') === seconds);
  return isOne && seconds !== undefined ? seconds : 'invalid';
}

/** Section 1.2.2; undefined where it is not a number of that form. */
export const parseDeltaSeconds = (text: string): Seconds | undefined =>
  /^\d+$/.test(text) ? Math.min(Number(text), MAX_DELTA_SECONDS) : undefined;

function strictSecondsOf(found: Arguments, name: string, strictest: Seconds): Seconds | undefined {
  const seconds = secondsOf(found, name);
  return seconds === 'invalid' ? strictest : seconds;
}

/** For what is a permission: unreadable, it permits nothing. */
function readableSecondsOf(found: Arguments, name: string): Seconds | undefined {
  const seconds = secondsOf(found, name);
  return seconds === 'invalid' ? undefined : seconds;
}

/** The field names it lists; `true` where it once stands alone, or lists nothing that can be read. */
function fieldNamesOf(found: Arguments, name: string): true | readonly string[] | undefined {
  const given = found.get(name);
  if (given === undefined) return undefined;
  const lists = given.map((argument) => parseTokenList(argument ?? ''));
  return lists.some((names) => names.length === 0) ? true : [...new Set(lists.flat())];
}
