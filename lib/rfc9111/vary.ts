/** Vary: what selected a response, and which stored responses a request selects (RFC 9111 section 4.1). */
import { fieldValue, listMembers, parseTokenList, splitList } from './fields.js';
import type { HeaderFields, RequestHead, Stored, VaryValues } from './model.js';

/** The names that Vary nominates, sorted, each once; `'*'` where it has that member. */
export function varyNames(headers: HeaderFields): readonly string[] | '*' {
  const value = fieldValue(headers, 'vary');
  if (value === undefined) return [];
  const names = parseTokenList(value);
  return names.includes('*') ? '*' : [...new Set(names)].sort();
}

/** Stands for `Vary: *`: a field that no request has, so that it is found, to be validated. */
const ON_EVERYTHING: VaryValues = [['*', null]];

/** The nominated fields of the request, normalised, so that equal values mean the same selection. */
export const nominatedValues = (names: readonly string[] | '*', request: RequestHead): VaryValues =>
  names === '*' ? ON_EVERYTHING : names.map((name) => [name, normalisedValue(name, request.headers)] as const);

/** True for `Vary: *`: usable only after validation. */
export const variesOnEverything = ({ vary }: Pick<Stored, 'vary'>): boolean => vary[0]?.[0] === '*';

/** Lists of alternatives, weighed by `q` and not by their order, in which case has no meaning. */
const ORDERLESS: ReadonlySet<string> = new Set(['accept-encoding', 'accept-language']);

function normalisedValue(name: string, headers: HeaderFields): string | null {
  const value = fieldValue(headers, name);
  if (value === undefined) return null;
  if (!ORDERLESS.has(name)) return splitList(value).join(',');
  const alternatives = listMembers(value).map((member) => member.toLowerCase().replace(/\s+/g, ''));
  return alternatives.sort().join(',');
}

/** The stored responses that may be chosen for `request`, best first: newest by Date, `Vary: *` after all others. */
export const selectMatching = <S extends Stored>(request: RequestHead, stored: readonly S[]): readonly S[] =>
  stored.filter((each) => matches(request, each)).sort(byPreference);

const matches = (request: RequestHead, { vary }: Stored): boolean =>
  vary.every(([name, value]) => normalisedValue(name, request.headers) === value);

const byPreference = (one: Stored, other: Stored): number =>
  Number(variesOnEverything(one)) - Number(variesOnEverything(other)) ||
  other.dateValue - one.dateValue ||
  other.responseTime - one.responseTime;

/** Names the variant: equal texts, equal values. */
export const variantText = (vary: VaryValues): string => (vary.length === 0 ? '' : JSON.stringify(vary));
