/** Between axios' headers and plain header fields. */
import { AxiosHeaders, type RawAxiosHeaders } from 'axios';
import type { HeaderFields } from '../../rfc9111/model.js';
import { remembered } from '../../support/memo.js';

export interface NamedFields {
  readonly fields: HeaderFields;
  /** Names as they were spelt, by lower-case name, where they differ. */
  readonly headerCase: Readonly<Record<string, string>>;
}

/** What an adapter gave as headers: an AxiosHeaders, or a plain object of a mock adapter. */
export function headerFields(headers: unknown): NamedFields {
  const headerCase = Object.create(null) as Record<string, string>;
  for (const [name] of present(headers)) if (lowerCase(name) !== name) headerCase[lowerCase(name)] = name;
  return { fields: fieldsOf(headers), headerCase };
}

/** The fields alone, on an object of their own. */
export function fieldsOf(headers: unknown): Record<string, string | readonly string[]> {
  const fields = Object.create(null) as Record<string, string | readonly string[]>;
  for (const [name, value] of present(headers)) {
    fields[lowerCase(name)] = Array.isArray(value) ? value.map(String) : `${value as string}`;
  }
  return fields;
}

/** One field, as it stands there. */
export const fieldOf = (headers: unknown, name: string): unknown =>
  present(headers).find(([each]) => lowerCase(each) === name)?.[1];

/** Remembered, as a member is set ten times as fast by a name that was one before. */
const lowerCase = remembered((name) => name.toLowerCase());

/** What is a field of an AxiosHeaders or a plain object, and not a method or a field taken away. */
const present = (headers: unknown): readonly (readonly [name: string, value: unknown])[] =>
  typeof headers === 'object' && headers !== null ? Object.entries(headers).filter(isPresent) : [];

const isPresent = ([, value]: readonly [string, unknown]): boolean =>
  value !== undefined && value !== null && value !== false && typeof value !== 'function';

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

interface Pattern {
  /** With a place for `Age`: to add a member to a copy takes twenty times as long as the copy. */
  readonly headers: RawAxiosHeaders;
  readonly ageName: string;
  readonly lists: readonly (readonly [name: string, values: readonly string[]])[];
}

/** Of stored fields, which are answered again and again. */
const patterns = new WeakMap<HeaderFields, Pattern>();

/** `answerHeaders` of what is stored, with its `Age` (RFC 9111 section 5.1) in seconds. */
export function storedHeaders(stored: NamedFields, age: number): RawAxiosHeaders {
  const { headers, ageName, lists } = patterns.get(stored.fields) ?? patternOf(stored);
  const copy = { ...headers };
  copy[ageName] = String(Math.floor(age));
  for (const [name, values] of lists) copy[name] = [...values];
  return copy;
}

function patternOf({ fields, headerCase }: NamedFields): Pattern {
  const headers = answerHeaders({ fields: { ...fields, age: '' }, headerCase });
  const lists = Object.entries(headers).filter((header): header is [string, string[]] => Array.isArray(header[1]));
  const pattern = { headers, ageName: headerCase['age'] ?? 'age', lists };
  patterns.set(fields, pattern);
  return pattern;
}
