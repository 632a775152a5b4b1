/** Between axios' headers and plain header fields. */
import { AxiosHeaders, type RawAxiosHeaders } from 'axios';
import type { HeaderFields } from '../rfc9111/model.js';

export interface NamedFields {
  readonly fields: HeaderFields;
  /** Names as they were spelt, by lower-case name, where they differ. */
  readonly headerCase: Readonly<Record<string, string>>;
}

/** What an adapter gave as headers: an AxiosHeaders, or a plain object of a mock adapter. */
export function headerFields(headers: unknown): NamedFields {
  const fields = Object.create(null) as Record<string, string | readonly string[]>;
  const headerCase = Object.create(null) as Record<string, string>;
  if (typeof headers !== 'object' || headers === null) return { fields, headerCase };
  for (const [name, value] of Object.entries(headers as Record<string, unknown>)) {
    if (value === undefined || value === null || value === false || typeof value === 'function') continue;
    const lower = name.toLowerCase();
    fields[lower] = Array.isArray(value) ? value.map(String) : `${value as string}`;
    if (lower !== name) headerCase[lower] = name;
  }
  return { fields, headerCase };
}

/**
 * An own copy. By its members, as an AxiosHeaders of another copy of axios (a dependency's, or the CommonJS one beside
 * the ES module) is unknown to this one, which would take it for empty.
 */
export const copyHeaders = (headers: unknown): AxiosHeaders => new AxiosHeaders(plainHeaders(headers));

/** For an answer: axios makes of a plain object what its own copy understands. */
export const plainHeaders = (headers: unknown): RawAxiosHeaders => ({ ...(headers as RawAxiosHeaders | undefined) });

/** Headers for one caller's answer, lists its own. */
export function answerHeaders({ fields, headerCase }: NamedFields): RawAxiosHeaders {
  const named = Object.entries(fields).map(([name, value]): [string, string | string[]] => [
    headerCase[name] ?? name,
    typeof value === 'string' ? value : [...value],
  ]);
  return Object.fromEntries(named);
}
