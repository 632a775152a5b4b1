/** This file reads which query parameters do not matter to a response (draft-ietf-httpbis-no-vary-search). */
import { fieldValue } from './fields.js';
import type { HeaderFields } from './model.js';
import { parseDictionary, type StructuredValue } from './structured-fields.js';

/** Either all parameters matter but `names`, or none but `names` do. */
export interface SearchVariance {
  readonly kind: 'all-but' | 'none-but';
  readonly names: ReadonlySet<string>;
  /** Two texts are equal only where the variances are. */
  readonly text: string;
}

/** Every parameter matters where the result is undefined: the field is missing, faulty, or only frees the order. */
export function searchVarianceOf(headers: HeaderFields): SearchVariance | undefined {
  const members = parseDictionary(fieldValue(headers, 'no-vary-search') ?? '');
  // Keys sort the parameters anyway, but a fault in this member makes the whole field one that is not understood.
  const keyOrder = members?.get('key-order');
  if (keyOrder !== undefined && typeof keyOrder !== 'boolean') return undefined;
  const params = members?.get('params');
  const except = members?.get('except');
  if (params === true) return variance('none-but', except === undefined ? [] : except);
  return except !== undefined || isEmpty(params) ? undefined : variance('all-but', params);
}

/** Removes the parameters that do not matter from a query, which has no question mark. */
export const simplifyQuery = (query: string, { kind, names }: SearchVariance): string =>
  query
    .split('&')
    .filter((parameter) => names.has(decodeName(parameter.split('=', 1)[0] ?? '')) === (kind === 'none-but'))
    .join('&');

const isNames = (list: StructuredValue | undefined): list is readonly string[] =>
  Array.isArray(list) && list.every((name) => typeof name === 'string');

const isEmpty = (list: StructuredValue | undefined): boolean => Array.isArray(list) && list.length === 0;

/** The result is undefined where `list` is no list of names. */
function variance(kind: SearchVariance['kind'], list: StructuredValue | undefined): SearchVariance | undefined {
  if (!isNames(list)) return undefined;
  const names = new Set(list.map(decodeName));
  return { kind, names, text: JSON.stringify([kind, ...[...names].sort()]) };
}

/** Decodes a name as forms are decoded (URL Standard): that never fails, and what is no UTF-8 becomes U+FFFD. */
function decodeName(name: string): string {
  try {
    return decodeURIComponent(name.replaceAll('+', ' '));
  } catch {
    return new URLSearchParams(`name=${name.replaceAll('&', '%26')}`).get('name') ?? '';
  }
}
