/** The canonical form of a query or form body (RFC 3986 section 6.2.2, application/x-www-form-urlencoded). */
import type { Digest } from '../../support/digest.js';

export interface QueryRules {
  /** Parameters whose values mean nothing. */
  readonly ignoredParams: ReadonlySet<string>;
  /** Parameters whose values are secret; any case. */
  readonly redactedParams: readonly string[];
  readonly digest: Digest;
}

interface CanonicalQuery {
  /** Sorted by name, equal names in their order. Replaced values stand in `<>`, which no other value can hold. */
  readonly key: string;
  /** The same with `***` for what was replaced. */
  readonly shown: string;
}

const EMPTY: CanonicalQuery = { key: '', shown: '' };

export function canonicalQuery(query: string, rules: QueryRules): CanonicalQuery {
  if (query === '') return EMPTY;
  const redacted = new Set(rules.redactedParams.map((name) => name.toLowerCase()));
  const items = query
    .split('&')
    .filter((item) => item !== '')
    .map((item) => describeItem(normaliseEncoding(item), rules, redacted))
    .sort((one, other) => (one.name < other.name ? -1 : one.name > other.name ? 1 : 0));
  return { key: items.map(({ key }) => key).join('&'), shown: items.map(({ shown }) => shown).join('&') };
}

interface Item {
  readonly name: string;
  readonly key: string;
  readonly shown: string;
}

function describeItem(item: string, rules: QueryRules, redacted: ReadonlySet<string>): Item {
  const equals = item.indexOf('=');
  const name = equals === -1 ? item : item.slice(0, equals);
  const names = namesOf(name);
  if (names.some((each) => rules.ignoredParams.has(each))) {
    return { name, key: `${name}=<>`, shown: `${name}=***` };
  }
  if (equals !== -1 && [...names, ...partsOf(name)].some((each) => redacted.has(each.toLowerCase()))) {
    return { name, key: `${name}=<${rules.digest.text(item.slice(equals + 1))}>`, shown: `${name}=***` };
  }
  return { name, key: item, shown: item };
}

/** What options may call a parameter: its decoded name, and that less the brackets of lists and members (`id[]`). */
function namesOf(name: string): readonly string[] {
  const decoded = decodeName(name);
  const bracket = decoded.indexOf('[');
  return bracket > 0 ? [decoded, decoded.slice(0, bracket)] : [decoded];
}

/** The parts of a nested name, each of which may name a secret: `auth[token]`, `auth.token`, `token{}`. */
function partsOf(name: string): readonly string[] {
  const members = decodeName(name).split(/[[\]{}]+/);
  return [...members, ...members.flatMap((member) => member.split('.'))];
}

const decodeName = (name: string): string => decode(name.replaceAll('+', ' '));

/** Percent-decoded; as it is where that is not possible. */
export function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

const UNRESERVED = /[\w.~-]/;

/** Escapes in upper case, none where the character needs none, and one where RFC 3986 asks for it. */
export const normaliseEncoding = (text: string): string =>
  text.replace(/%[\da-fA-F]{2}|[^!#-;=?-Z_a-z~\u0080-\uffff]/g, (match) => {
    if (match.length === 1) return escapeByte(match.charCodeAt(0));
    const character = String.fromCharCode(Number.parseInt(match.slice(1), 16));
    return UNRESERVED.test(character) ? character : match.toUpperCase();
  });

const escapeByte = (byte: number): string => `%${byte.toString(16).toUpperCase().padStart(2, '0')}`;
