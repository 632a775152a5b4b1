/**
 * This file brings a query or form body into its canonical form (RFC 3986 section 6.2.2,
 * application/x-www-form-urlencoded).
 */
import type { Digest } from '../../support/digest.js';
import { normaliseEncoding } from '../../support/urls.js';

export interface QueryRules {
  /** The values of these parameters make no difference to the key. */
  readonly ignoredParams: ReadonlySet<string>;
  /** The values of these parameters are secret. The names are in lower case, and compared in any. */
  readonly redactedParams: ReadonlySet<string>;
  readonly digest: Digest;
}

/** No parameter is secret. */
export const NO_SECRETS: ReadonlySet<string> = new Set();

interface CanonicalQuery {
  /** Sorted by name, equal names in their order. Replaced values stand in `<>`, which no other value can hold. */
  readonly key: string;
  /** This is the same text with `***` in place of the values that were replaced. */
  readonly shown: string;
}

const EMPTY: CanonicalQuery = { key: '', shown: '' };

export function canonicalQuery(query: string, rules: QueryRules): CanonicalQuery {
  if (query === '') return EMPTY;
  const items = query
    .split('&')
    .filter((item) => item !== '')
    .map((item) => describeItem(normaliseEncoding(item), rules))
    .sort((one, other) => (one.name < other.name ? -1 : one.name > other.name ? 1 : 0));
  return { key: items.map(({ key }) => key).join('&'), shown: items.map(({ shown }) => shown).join('&') };
}

interface Item {
  readonly name: string;
  readonly key: string;
  readonly shown: string;
}

function describeItem(item: string, rules: QueryRules): Item {
  const equals = item.indexOf('=');
  const name = equals === -1 ? item : item.slice(0, equals);
  const names = namesOf(name);
  if (names.some((each) => rules.ignoredParams.has(each))) {
    return { name, key: `${name}=<>`, shown: `${name}=***` };
  }
  if (equals !== -1 && [...names, ...partsOf(name)].some((each) => rules.redactedParams.has(each.toLowerCase()))) {
    return { name, key: `${name}=<${rules.digest.text(item.slice(equals + 1))}>`, shown: `${name}=***` };
  }
  return { name, key: item, shown: item };
}

/**
 * Returns the names that options may use for a parameter: its decoded name, and that without the brackets of lists and
 * members (`id[]`).
 */
function namesOf(name: string): readonly string[] {
  const decoded = decodeName(name);
  const bracket = decoded.indexOf('[');
  return bracket > 0 ? [decoded, decoded.slice(0, bracket)] : [decoded];
}

/** Returns the parts of a nested name, each of which may name a secret: `auth[token]`, `auth.token`, `token{}`. */
function partsOf(name: string): readonly string[] {
  const members = decodeName(name).split(/[[\]{}]+/);
  return [...members, ...members.flatMap((member) => member.split('.'))];
}

const decodeName = (name: string): string => decode(name.replaceAll('+', ' '));

/** Decodes percent-escapes; a text where that is not possible is returned as it is. */
export function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
