/** Between axios' headers and plain header fields. */
import { AxiosHeaders } from 'axios';
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

/** An AxiosHeaders of its own for one caller. */
export function axiosHeaders({ fields, headerCase }: NamedFields): AxiosHeaders {
  const headers = new AxiosHeaders();
  for (const [name, value] of Object.entries(fields)) {
    headers.set(headerCase[name] ?? name, typeof value === 'string' ? value : [...value]);
  }
  return headers;
}
