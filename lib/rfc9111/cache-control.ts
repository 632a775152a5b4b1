/** This file reads Cache-Control of both sides (RFC 9111 section 5.2, RFC 5861) and Pragma (section 5.4). */
import { fieldValue, listMembers, parseTokenList, splitList } from './fields.js';
import type { DecisionPolicy, HeaderFields, RequestDirectives, ResponseDirectives, Seconds, Stored } from './model.js';

/** Each occurrence of a directive has one argument here: `undefined` is none, `null` is one that cannot be read. */
type Arguments = Map<string, (string | null | undefined)[]>;

/** This number stands for all that are larger (section 1.2.2). */
const MAX_DELTA_SECONDS: Seconds = 2 ** 31;

const DIRECTIVE = /^([!#$%&'*+\-.^\w`|~]+)(\s*=.*)?$/s;
const ARGUMENT = /^=(?:([^\s",;=]+)|"((?:[^"\\]|\\.)*)")$/s;

/**
 * What cannot be read is no silence: it may have been a lifetime, and counts as an unreadable one where there is none.
 */
export function parseResponseCacheControl(headers: HeaderFields): ResponseDirectives {
  const value = fieldValue(headers, 'cache-control');
  if (value === undefined) return NO_DIRECTIVES;
  if (value !== latest?.value) latest = { value, directives: responseDirectives(value) };
  return latest.directives;
}

/** Most answers of an origin say the same as the one before. What was made of that is shared, and never changed. */
let latest: { readonly value: string; readonly directives: ResponseDirectives } | undefined;

function responseDirectives(value: string): ResponseDirectives {
  const found = parseDirectives(value);
  if (found.has(UNREADABLE) && !found.has('max-age')) found.set('max-age', [null]);
  return {
    maxAge: secondsOf(found, 'max-age', 'invalid'),
    sMaxage: secondsOf(found, 's-maxage', 'invalid'),
    // What permits something permits nothing where it cannot be read.
    staleWhileRevalidate: secondsOf(found, 'stale-while-revalidate', undefined),
    staleIfError: secondsOf(found, 'stale-if-error', undefined),
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
  if (value === undefined) {
    const pragma = fieldValue(headers, 'pragma');
    return pragma !== undefined && parseDirectives(pragma).has('no-cache') ? NO_CACHE : NO_DIRECTIVES;
  }
  const found = parseDirectives(value);
  return {
    maxAge: secondsOf(found, 'max-age', 0),
    maxStale: isBare(found, 'max-stale') ? Infinity : secondsOf(found, 'max-stale', 0),
    minFresh: secondsOf(found, 'min-fresh', Infinity),
    staleIfError: secondsOf(found, 'stale-if-error', 0),
    noCache: flagOf(found, 'no-cache'),
    noStore: flagOf(found, 'no-store'),
    onlyIfCached: flagOf(found, 'only-if-cached'),
  };
}

/** All messages without Cache-Control share this object, and all whose headers are not honoured. */
export const NO_DIRECTIVES: ResponseDirectives & RequestDirectives = Object.freeze(Object.create(null) as object);

const NO_CACHE: RequestDirectives = Object.freeze({ __proto__: null, noCache: true });

/** Gives the directives that bind a reader with this policy: none where the reader does not honour headers. */
export const storedDirectives = (
  stored: Pick<Stored, 'directives'>,
  { cacheControl }: Pick<DecisionPolicy, 'cacheControl'>,
): ResponseDirectives => (cacheControl ? stored.directives : NO_DIRECTIVES);

/** This cache meets the caching requirements of these status codes (RFC 9110 section 15, RFC 9111 section 3.4). */
const UNDERSTOOD = /^(?:20[0-6]|30[0-3578]|40\d|41[0-7]|42[126]|50[0-5])$/;

export const understands = (status: number): boolean => UNDERSTOOD.test(String(status));

/** `no-store` forbids it, unless `must-understand` lifts that for a status that is understood (section 5.2.2.3). */
export const forbidsStoring = ({ noStore, mustUnderstand }: ResponseDirectives, status: number): boolean =>
  noStore === true && !(mustUnderstand === true && understands(status));

/** True where a stale response must be validated before use (sections 5.2.2.2, 5.2.2.4, 5.2.2.8, 5.2.2.10). */
export const forbidsStale = (directives: ResponseDirectives, shared: boolean): boolean =>
  directives.mustRevalidate === true ||
  directives.noCache === true ||
  (shared && (directives.proxyRevalidate === true || directives.sMaxage !== undefined));

/** No directive has this name: it stands for members that cannot be read. */
const UNREADABLE = '';

/** These are heeded wherever they can be read in a member that is written wrongly. */
const RESTRICTION = /(?<![\w-])(no-store|no-cache|private|must-revalidate|max-age(?=\W+0+(?![\w.])))(?![\w-])/g;

/** Lists are written with semicolons too, which separate as commas do. */
function parseDirectives(value: string): Arguments {
  const found: Arguments = new Map();
  const note = (name: string, argument: string | null | undefined): void => {
    const known = found.get(name);
    if (known === undefined) found.set(name, [argument]);
    else known.push(argument);
  };
  for (const listed of listMembers(value)) {
    const members = (listed.includes(';') ? splitList(listed, ';') : [listed]).filter((member) => member !== '');
    // A list may have empty members, but none that is a semicolon.
    if (members.length === 0 && listed !== '') note(UNREADABLE, null);
    for (const member of members) {
      const [, given, text] = DIRECTIVE.exec(member) ?? [];
      const argument = given === undefined ? null : readArgument(text);
      note(given === undefined ? UNREADABLE : nameOf(given), argument);
      if (argument !== null) continue;
      note(UNREADABLE, null);
      for (const [name] of (text ?? member).toLowerCase().matchAll(RESTRICTION)) {
        note(name, name === 'max-age' ? '0' : undefined);
      }
    }
  }
  return found;
}

/** These are written for names that have a hyphen there, or an underscore for it. */
const WITHOUT_HYPHEN: ReadonlyMap<string, string> = new Map(
  ['no-store', 'no-cache', 'must-revalidate', 'max-age'].map((name) => [name.replace('-', ''), name]),
);

/** Any other name that is not known is one that this cache must ignore (section 5.2.3). */
function nameOf(given: string): string {
  const name = given.toLowerCase();
  return WITHOUT_HYPHEN.get(name.replace('_', '')) ?? name;
}

function readArgument(text: string | undefined): string | null | undefined {
  if (text === undefined) return undefined;
  const [, token, quoted] = ARGUMENT.exec(text) ?? [];
  return token ?? quoted?.replace(/\\(.)/gs, '$1') ?? null;
}

const flagOf = (found: Arguments, name: string): true | undefined => found.has(name) || undefined;

const isBare = (found: Arguments, name: string): boolean =>
  found.get(name)?.every((argument) => argument === undefined) ?? false;

/** Gives the seconds that a directive names, or `unreadable` where an argument is unreadable, missing or different. */
function secondsOf<U>(found: Arguments, name: string, unreadable: U): Seconds | U | undefined {
  const given = found.get(name)?.map((argument) => parseDeltaSeconds(argument ?? ''));
  if (given === undefined) return undefined;
  const [seconds = unreadable] = given;
  return given.every((each) => each === seconds) ? seconds : unreadable;
}

/** Reads delta-seconds (section 1.2.2); the result is undefined where the text has another form. */
export const parseDeltaSeconds = (text: string): Seconds | undefined =>
  /^\d+$/.test(text) ? Math.min(Number(text), MAX_DELTA_SECONDS) : undefined;

/** Gives the field names that a directive lists, or `true` where it once stands alone or lists nothing readable. */
function fieldNamesOf(found: Arguments, name: string): true | readonly string[] | undefined {
  const lists = found.get(name)?.map((argument) => parseTokenList(argument ?? ''));
  return lists && (lists.some((names) => names.length === 0) || [...new Set(lists.flat())]);
}
