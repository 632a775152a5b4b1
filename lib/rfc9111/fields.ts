/** This file reads field values and lists (RFC 9110 section 5), and stores and updates fields (RFC 9111 3.1, 3.2). */
import type { ExpirySource, HeaderFields, ResponseDirectives } from './model.js';

/** Gives a field's value, with several lines joined (RFC 9110 section 5.3), or undefined where it is absent. */
export function fieldValue(headers: HeaderFields, name: string): string | undefined {
  const lines = headers[name];
  if (lines === undefined) return undefined;
  return (typeof lines === 'string' ? lines : lines.join(', ')).trim();
}

/**
 * Gives the value of a field that is no list. Equal lines count once; different values stay joined, so that no parser
 * accepts them.
 */
export function singleValue(headers: HeaderFields, name: string): string | undefined {
  const lines = headers[name];
  if (lines === undefined || typeof lines === 'string') return lines?.trim();
  return [...new Set(lines.map((line) => line.trim()))].join(', ');
}

/** Gives the members of a list, less the empty ones (RFC 9110 section 5.6.1). */
export const listMembers = (value: string): string[] => splitList(value).filter((member) => member !== '');

/** A quoted string; the group is empty where it never ends. */
const QUOTED = /"(?:[^"\\]|\\.)*("?)/gs;
/** No field value has this character (RFC 9110 section 5.5). */
const QUOTED_SEPARATOR = '\u0000';

/**
 * Splits at the separators outside quoted strings; these are commas unless something else is given. A quote that never
 * ends is an ordinary character.
 */
export function splitList(value: string, separator = ','): string[] {
  if (!value.includes(separator)) return [value.trim()];
  if (!value.includes('"')) return value.split(separator).map((member) => member.trim());
  const hidden = value.replace(QUOTED, (text, end) =>
    end === '' ? text : text.replaceAll(separator, QUOTED_SEPARATOR),
  );
  return hidden.split(separator).map((member) => member.replaceAll(QUOTED_SEPARATOR, separator).trim());
}

/** Gives the members of a list of names in lower case. */
export const parseTokenList = (value: string): string[] => listMembers(value.toLowerCase());

/** Gives the names that a field lists, in lower case; a field that is absent lists none. */
export function listedNames(headers: HeaderFields, name: string): readonly string[] {
  const value = fieldValue(headers, name);
  return value === undefined ? NO_NAMES : parseTokenList(value);
}

const NO_NAMES: readonly string[] = Object.freeze([]);

/** These fields are meant for one connection or one proxy (RFC 9111 section 3.1). */
const NEVER_STORED: ReadonlySet<string> = new Set([
  'connection',
  'keep-alive',
  'proxy-authenticate',
  'proxy-authentication-info',
  'proxy-authorization',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
]);

/** Decisions on the stored response read these: neither `Connection` nor `no-cache="…"` may take them away. */
const DECISIVE: ReadonlySet<string> = new Set([
  'age', 'cache-control', 'cache-groups', 'date', 'expires', 'no-vary-search', 'vary',
]);

const COOKIES: ReadonlySet<string> = new Set(['set-cookie', 'set-cookie2']);

/** Where neither server nor request gave the lifetime, no session cookie is replayed to the next caller. */
const REPLAYS_COOKIES: ReadonlySet<ExpirySource> = new Set(['response', 'request']);

/** V8 makes and reads these in half the time that it takes for objects without a prototype, and in half the room. */
const FieldRecord = function FieldRecord() {} as unknown as new () => Record<string, string | readonly string[]>;
FieldRecord.prototype = Object.freeze(Object.create(null) as object);

/** Makes an empty record whose prototype has no members, so that no field name means anything else. */
export const noFields = (): Record<string, string | readonly string[]> => new FieldRecord();

/** Gives the fields of a response with a lifetime from `source` that may be stored (3.1, 5.2.2.4, 5.2.2.7). */
export function storableFields(
  headers: HeaderFields,
  directives: ResponseDirectives,
  source: ExpirySource,
  { shared }: { readonly shared: boolean },
): HeaderFields {
  // In a shared cache the next caller is somebody else.
  const replaysCookies = !shared && REPLAYS_COOKIES.has(source);
  const excluded = listedNames(headers, 'connection').concat(listed(directives.noCache), listed(directives.private));
  const kept = noFields();
  for (const name of Object.keys(headers)) {
    const value = headers[name];
    const isKept = isStorable(name, excluded) && (replaysCookies || !COOKIES.has(name));
    if (value !== undefined && isKept) kept[name] = value;
  }
  return kept;
}

const listed = (names: true | readonly string[] | undefined): readonly string[] =>
  typeof names === 'object' ? names : NO_NAMES;

/** The message itself may exclude names from being stored. */
const isStorable = (name: string, excluded: readonly string[]): boolean =>
  !NEVER_STORED.has(name) && (!excluded.includes(name) || DECISIVE.has(name));

/** These describe the body as it was stored: its length, its coding and which part it is (RFC 9111 section 3.2). */
const OF_THE_BODY: ReadonlySet<string> = new Set(['content-encoding', 'content-length', 'content-range']);
/** These describe one message only: where the newer message has none, those of the older one no longer hold. */
const OF_THE_MESSAGE: ReadonlySet<string> = new Set(['age', 'date']);

/** Gives the stored fields as those of `fresh` update them (RFC 9111 section 3.2). */
export function mergeFields(stored: HeaderFields, fresh: HeaderFields): HeaderFields {
  const merged = noFields();
  for (const name of Object.keys(stored)) {
    const value = stored[name];
    if (value !== undefined && !OF_THE_MESSAGE.has(name)) merged[name] = value;
  }
  const excluded = listedNames(fresh, 'connection');
  for (const name of Object.keys(fresh)) {
    const value = fresh[name];
    // Where both have an ETag the two match, perhaps weakly, and a weak one does not become strong by that.
    const isKept = OF_THE_BODY.has(name) || (name === 'etag' && stored['etag'] !== undefined);
    if (value !== undefined && !isKept && isStorable(name, excluded)) merged[name] = value;
  }
  // What the stored response was selected by still tells it from others, so that Vary may grow and not shrink.
  const vary = fieldValue(stored, 'vary');
  if (vary !== undefined && fresh['vary'] !== undefined) merged['vary'] = grown(vary, listedNames(fresh, 'vary'));
  return merged;
}

const grown = (list: string, names: readonly string[]): string => {
  const known = new Set(parseTokenList(list));
  return [list, ...new Set(names.filter((name) => !known.has(name)))].join(', ');
};
