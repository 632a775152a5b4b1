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
  const field = fieldValue(headers, 'no-vary-search');
  const members = field === undefined ? undefined : parseDictionary(field);
  if (members === undefined) return undefined;
  // Keys sort the parameters anyway, but a fault in this member makes the whole field one that is not understood.
  const keyOrder = members.get('key-order');
  if (keyOrder !== undefined && keyOrder.kind !== 'boolean') return undefined;
  const params = members.get('params');
  const except = members.get('except');
  if (params?.kind === 'boolean' && params.value) {
    return variance('none-but', except === undefined ? [] : namesIn(except));
  }
  if (except !== undefined || params?.kind !== 'inner-list') return undefined;
  const names = namesIn(params);
  return names?.length === 0 ? undefined : variance('all-but', names);
}

/** Removes the parameters that do not matter from a query, which has no question mark. */
export const simplifyQuery = (query: string, { kind, names }: SearchVariance): string =>
  query
    .split('&')
    .filter((parameter) => names.has(decodeName(parameter.split('=', 1)[0] ?? '')) === (kind === 'none-but'))
    .join('&');

function variance(kind: SearchVariance['kind'], list: readonly string[] | undefined): SearchVariance | undefined {
  if (list === undefined) return undefined;
  const names = new Set(list);
  return { kind, names, text: JSON.stringify([kind, ...[...names].sort()]) };
}

function namesIn(value: StructuredValue): readonly string[] | undefined {
  if (value.kind !== 'inner-list') return undefined;
  const names: string[] = [];
  for (const member of value.members) {
    if (member.kind !== 'string') return undefined;
    names.push(decodeName(member.text));
  }
  return names;
}

/** Decodes a name as forms are decoded (URL Standard): that never fails, and what is no UTF-8 becomes U+FFFD. */
function decodeName(name: string): string {
  try {
    return decodeURIComponent(name.replaceAll('+', ' '));
  } catch {
    return new URLSearchParams(`name=${name.replaceAll('&', '%26')}`).get('name') ?? '';
  }
}
