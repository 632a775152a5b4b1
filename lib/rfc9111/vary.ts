/** This file reads Vary, and selects stored responses by it (RFC 9111 section 4.1). */
import { fieldValue, listMembers, splitList } from './fields.js';
import type { HeaderFields, RequestHead, ResponseHead, Stored, VaryValues } from './model.js';

const NO_NAMES: readonly string[] = Object.freeze([]);

/** Gives the names that Vary nominates, sorted and each once, or `'*'` where it has that member. */
export function varyNames(headers: HeaderFields): readonly string[] | '*' {
  const value = fieldValue(headers, 'vary');
  if (value === undefined) return NO_NAMES;
  // Nothing else can stand in a name. A list that is written wrongly still says that there are several answers.
  const names: readonly string[] = value.toLowerCase().match(/[^\s,;"]+/g) ?? NO_NAMES;
  return names.includes('*') ? '*' : [...new Set(names)].sort();
}

/** By this name all fields of a request select together, since nobody knows which ones Vary names. No field has it. */
const ALL_FIELDS = '**';
const UNKNOWN: readonly string[] = Object.freeze([ALL_FIELDS]);

/** Gives the names that select a response, which are all fields where its Vary would not be seen. */
export function selectingNames(response: Pick<ResponseHead, 'headers' | 'hidesVary'>): readonly string[] | '*' {
  const { headers, hidesVary } = response;
  return hidesVary === true && fieldValue(headers, 'vary') === undefined ? UNKNOWN : varyNames(headers);
}

/** Tells of a stored response whether its Vary could not be seen. */
export const wasSelectedByAll = (vary: VaryValues): boolean => vary[0]?.[0] === ALL_FIELDS;

/** `Vary: *` is stored as this field, which no request has: the response is found, to be validated. */
const ON_EVERYTHING: VaryValues = [['*', null]];

/** Gives the nominated fields of the request, normalised so that equal values select the same response. */
export function nominatedValues(names: readonly string[] | '*', request: RequestHead): VaryValues {
  if (names === '*') return ON_EVERYTHING;
  const { isAnswered } = request.selection;
  return names.filter((name) => !isAnswered(name)).map((name) => [name, nominatedValue(name, request)] as const);
}

function nominatedValue(name: string, request: Selecting): string | null {
  const { headers, selection } = request;
  const value = name === ALL_FIELDS ? textOfAll(request) : comparableValue(name, headers);
  return value === null ? null : selection.digest(value);
}

function textOfAll(request: Selecting): string {
  const { headers, selection } = request;
  const telling = Object.keys(headers).filter((name) => !selection.isAnswered(name) && !ignoresField(request, name));
  return JSON.stringify(telling.sort().map((name) => [name, comparableValue(name, headers)]));
}

/** This part of a request selects stored responses. */
type Selecting = Pick<RequestHead, 'headers' | 'selection' | 'ignoreVary'>;

/** True for `Vary: *`, after which a response is usable only once it is validated, unless the caller ignores that. */
export const variesOnEverything = (request: Pick<RequestHead, 'ignoreVary'>, { vary }: Pick<Stored, 'vary'>): boolean =>
  isOnEverything(vary) && !ignoresField(request, '*');

const isOnEverything = (vary: VaryValues): boolean => vary[0]?.[0] === '*';

/** True where the caller takes responses that differ by this field for the same. */
export const ignoresField = ({ ignoreVary }: Pick<RequestHead, 'ignoreVary'>, name: string): boolean =>
  ignoreVary === true || ignoreVary.includes(name);

/**
 * Neither case nor whitespace has a meaning in these lists of alternatives, but their order may. Codings are weighed by
 * `q` alone (RFC 9110 section 12.5.3), while some servers read the order of languages as priority (section 12.5.4).
 */
const ALTERNATIVES: ReadonlyMap<string, { readonly ordered: boolean }> = new Map([
  ['accept-encoding', { ordered: false }],
  ['accept-language', { ordered: true }],
]);

/** Gives a field's value in the form in which equal values are equal texts; `null` stands for an absent field. */
export function comparableValue(name: string, headers: HeaderFields): string | null {
  const value = fieldValue(headers, name);
  if (value === undefined) return null;
  if (name === 'accept') return comparableAccept(value);
  const rule = ALTERNATIVES.get(name);
  if (rule === undefined) return splitList(value).join(',');
  const members = listMembers(value).map((member) => member.toLowerCase().replace(/\s+/g, ''));
  return (rule.ordered ? members : members.sort()).join(',');
}

/** The value of Accept that was read last, as a key and each stored response ask for it. */
let latestAccept = { value: '', comparable: '' };

function comparableAccept(value: string): string {
  if (value !== latestAccept.value) {
    latestAccept = { value, comparable: listMembers(value).map(comparableRange).join(',') };
  }
  return latestAccept.comparable;
}

/** The case of a media type has no meaning, nor has whitespace beside its parameters, of which quoted ones stay. */
function comparableRange(range: string): string {
  if (range.includes('"')) return range;
  const [type = '', ...parameters] = range.split(';').map((part) => part.trim());
  return [type.toLowerCase(), ...parameters].join(';');
}

/**
 * True where the fields that selected a stored response are the same in `request`. A response in the very language that
 * the request prefers above all others is selected too, whatever languages led to it.
 */
export function isSelectedBy(
  request: Selecting,
  { vary, headers }: Pick<Stored, 'vary' | 'headers'>,
): boolean {
  for (const [name, value] of vary) {
    if (nominatedValue(name, request) === value || ignoresField(request, name)) continue;
    if (name !== 'accept-language' || !isPreferredLanguage(request.headers, headers)) return false;
  }
  return true;
}

/** One language alone has the highest weight in Accept-Language, and the response is in that one and in no other. */
function isPreferredLanguage(asked: HeaderFields, answered: HeaderFields): boolean {
  const language = fieldValue(answered, 'content-language')?.trim().toLowerCase();
  if (language === undefined || language === '' || language.includes(',')) return false;
  const wanted = listMembers(fieldValue(asked, 'accept-language') ?? '').map(weightedLanguage);
  const best = wanted.reduce((most, { weight }) => Math.max(most, weight), 0);
  const first = wanted.filter(({ weight }) => weight === best);
  return best > 0 && first.length === 1 && first[0]?.language === language;
}

/** A language without a readable weight is taken for the most wanted one (RFC 9110 section 12.4.2). */
function weightedLanguage(member: string): { readonly language: string; readonly weight: number } {
  const [language = '', ...parameters] = member.toLowerCase().split(';');
  const weight = /^\s*q\s*=\s*([01](?:\.\d{0,3})?)\s*$/.exec(parameters[0] ?? 'q=1')?.[1];
  return { language: language.trim(), weight: Number(weight ?? 1) };
}

/** Orders responses that may be chosen: the newest by Date comes first, and `Vary: *` after all others. */
export const byPreference = (one: Stored, other: Stored): number =>
  Number(isOnEverything(one.vary)) - Number(isOnEverything(other.vary)) ||
  other.dateValue - one.dateValue ||
  other.responseTime - one.responseTime;

/** Gives the stored responses that may be chosen for `request`, the best first. */
export const selectMatching = <S extends Stored>(request: RequestHead, stored: readonly S[]): readonly S[] =>
  stored.filter((each) => isSelectedBy(request, each)).sort(byPreference);

/** Names a variant: texts are equal only where the values are that tell responses apart for `request`. */
export function variantText(vary: VaryValues, request: Pick<RequestHead, 'ignoreVary'>): string {
  const telling = vary.filter(([name]) => !ignoresField(request, name));
  return telling.length === 0 ? '' : JSON.stringify(telling);
}
