/** This file reads field values and lists (RFC 9110 section 5), and stores and updates fields (RFC 9111 3.1, 3.2). */
import type { HeaderFields, ResponseDirectives } from './model.js';

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

/** Splits at the commas outside quoted strings. A quote that never ends is an ordinary character. */
export function splitList(value: string): string[] {
  if (!value.includes('"')) return value.split(',').map(trimmed);
  const members: string[] = [];
  let start = 0;
  let at = 0;
  while (at < value.length) {
    const character = value[at];
    if (character === '"') {
      const end = endOfQuoted(value, at);
      if (end === undefined) return [...members, ...value.slice(start).split(',').map(trimmed)];
      at = end;
    } else if (character === ',') {
      members.push(value.slice(start, at).trim());
      start = at + 1;
    }
    at += 1;
  }
  return [...members, value.slice(start).trim()];
}

/** Finds the quote that ends the quoted string which opens at `open`. */
function endOfQuoted(value: string, open: number): number | undefined {
  for (let at = open + 1; at < value.length; at += 1) {
    if (value[at] === '"') return at;
    if (value[at] === '\\') at += 1;
  }
  return undefined;
}

const trimmed = (text: string): string => text.trim();

/** Gives the members of a list of names in lower case. */
export const parseTokenList = (value: string): string[] => listMembers(value).map((member) => member.toLowerCase());

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
const NO_NAMES: readonly string[] = [];

/** Makes an empty record without a prototype, so that no field name means anything else. */
export const noFields = (): Record<string, string | readonly string[]> =>
  Object.create(null) as Record<string, string | readonly string[]>;

/** Gives the fields of a response that may be stored (RFC 9111 sections 3.1, 5.2.2.4, 5.2.2.7). */
export function storableFields(
  headers: HeaderFields,
  directives: ResponseDirectives,
  { stripSetCookie }: { readonly stripSetCookie: boolean },
): HeaderFields {
  const excluded = [...connectionOptions(headers), ...qualified(directives.noCache), ...qualified(directives.private)];
  const kept = noFields();
  for (const name of Object.keys(headers)) {
    const value = headers[name];
    if (value === undefined || !isStorable(name, excluded) || (stripSetCookie && COOKIES.has(name))) continue;
    kept[name] = value;
  }
  return kept;
}

/** The message itself may exclude names from being stored. */
const isStorable = (name: string, excluded: readonly string[]): boolean =>
  !NEVER_STORED.has(name) && (!excluded.includes(name) || DECISIVE.has(name));

/** Gives the names that Connection lists: such fields are meant for one connection, as it is itself. */
function connectionOptions(headers: HeaderFields): readonly string[] {
  const value = fieldValue(headers, 'connection');
  return value === undefined ? NO_NAMES : parseTokenList(value);
}

const qualified = (names: true | readonly string[] | undefined): readonly string[] =>
  names === undefined || names === true ? NO_NAMES : names;

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
  const excluded = connectionOptions(fresh);
  for (const name of Object.keys(fresh)) {
    const value = fresh[name];
    // Where both have an ETag the two match, perhaps weakly, and a weak one does not become strong by that.
    const isKept = OF_THE_BODY.has(name) || (name === 'etag' && stored['etag'] !== undefined);
    if (value !== undefined && !isKept && isStorable(name, excluded)) merged[name] = value;
  }
  return merged;
}
