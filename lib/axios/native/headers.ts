/** Between axios' headers and plain header fields. */
import { AxiosHeaders, type RawAxiosHeaders } from 'axios';
import type { HeaderFields } from '../../rfc9111/model.js';
import { remembered } from '../../support/memo.js';

interface NamedFields {
  readonly fields: HeaderFields;
  /** Names as they were spelt, by lower-case name, where they differ. */
  readonly headerCase: Readonly<Record<string, string>>;
}

export type MutableFields = Record<string, string | readonly string[]>;

const NO_CASES: NamedFields['headerCase'] = Object.freeze(Object.create(null) as Record<string, string>);

/** What an adapter gave as headers: an AxiosHeaders, or a plain object of a mock adapter. */
export function headerFields(headers: unknown): NamedFields {
  const fields = Object.create(null) as MutableFields;
  let headerCase = NO_CASES as Record<string, string>;
  if (typeof headers !== 'object' || headers === null) return { fields, headerCase };
  for (const name of Object.keys(headers)) {
    const value = (headers as Record<string, unknown>)[name];
    if (!isPresent(value)) continue;
    const lower = lowerCase(name);
    const isSpelt = lower === name || fields[lower] !== undefined;
    fields[lower] = Array.isArray(value) ? value.map(String) : `${value as string}`;
    if (isSpelt) continue;
    if (headerCase === NO_CASES) headerCase = Object.create(null) as Record<string, string>;
    headerCase[lower] = name;
  }
  return { fields, headerCase };
}

/** The fields alone, on an object of their own. */
export function fieldsOf(headers: unknown): MutableFields {
  const fields = Object.create(null) as MutableFields;
  if (typeof headers !== 'object' || headers === null) return fields;
  for (const name of Object.keys(headers)) {
    const value = (headers as Record<string, unknown>)[name];
    if (isPresent(value)) fields[lowerCase(name)] = Array.isArray(value) ? value.map(String) : `${value as string}`;
  }
  return fields;
}

/** Memoised: V8 sets a property ten times faster by an interned name. */
const lowerCase = remembered((name) => name.toLowerCase());

/** What is a field of an AxiosHeaders or a plain object, and not a method or a field taken away. */
const isPresent = (value: unknown): boolean =>
  value !== undefined && value !== null && value !== false && typeof value !== 'function';

/**
 * An own copy. By its members, as an AxiosHeaders of another copy of axios (a dependency's, or the CommonJS one beside
 * the ES module) is unknown to this one, which would take it for empty.
 */
export const copyHeaders = (headers: unknown): AxiosHeaders =>
  headers instanceof AxiosHeaders
    ? Object.assign(new AxiosHeaders(), headers)
    : new AxiosHeaders(plainHeaders(headers));

/** For an answer: axios makes of a plain object what its own copy understands. */
export const plainHeaders = (headers: unknown): RawAxiosHeaders => ({ ...(headers as RawAxiosHeaders | undefined) });

/** Headers for one caller's answer, lists its own. */
export function answerHeaders({ fields, headerCase }: NamedFields): RawAxiosHeaders {
  const headers: RawAxiosHeaders = {};
  for (const name of Object.keys(fields)) {
    const value = fields[name] ?? '';
    // Defined rather than set, since a field may be named `__proto__`.
    const spelt = headerCase[name] ?? name;
    const own = typeof value === 'string' ? value : [...value];
    if (spelt === '__proto__')
      Object.defineProperty(headers, spelt, { value: own, enumerable: true, writable: true, configurable: true });
    else headers[spelt] = own;
  }
  return headers;
}

/**
 * Headers that are normal already. axios normalises an answer's headers three times on their way to the caller, which
 * takes a fifth of all its time; of these it finds nothing to do. To everybody else they are an AxiosHeaders.
 */
const NormalHeaders = function NormalHeaders() {} as unknown as new () => AxiosHeaders;
NormalHeaders.prototype = Object.create(AxiosHeaders.prototype, { normalize: normalizeMember() }) as AxiosHeaders;

/** As axios has it: a field of that name is set under another spelling, so that it does not hide the method. */
function normalizeMember(): PropertyDescriptor {
  const descriptor = Object.getOwnPropertyDescriptor(AxiosHeaders.prototype, 'normalize');
  function normalizeUnlessNormal(this: AxiosHeaders, format: boolean): AxiosHeaders {
    return format ? AxiosHeaders.prototype.normalize.call(this, format) : this;
  }
  return descriptor === undefined || !('set' in descriptor)
    ? { value: normalizeUnlessNormal, writable: true, configurable: true }
    : { ...descriptor, get: () => normalizeUnlessNormal };
}

/** Whether this axios hands an AxiosHeaders of an adapter on as it is. */
const KEEPS_HEADERS = ((headers) => AxiosHeaders.from(headers) === headers)(new NormalHeaders());

/** How headers are handed out: as axios' own, which need no more normalising, or as a plain object. */
export type HeaderForm = 'axios' | 'plain';

/** By the request's headers: another copy of axios than ours would find ours empty. */
export const headerForm = (headers: unknown): HeaderForm =>
  KEEPS_HEADERS && headers instanceof AxiosHeaders ? 'axios' : 'plain';

/** As `answerHeaders`, normal already. */
export function normalHeaders(named: NamedFields): RawAxiosHeaders {
  const { fields, headerCase } = named;
  const headers = new NormalHeaders() as unknown as RawAxiosHeaders;
  for (const name of Object.keys(fields)) {
    const value = fields[name] ?? '';
    const spelt = headerCase[name] ?? name;
    if (!isNormalName(spelt) || !(typeof value === 'string' ? isNormalValue(value) : value.every(isNormalValue))) {
      return normalised(named);
    }
    headers[spelt] = typeof value === 'string' ? value : [...value];
  }
  return headers;
}

/** What axios itself makes of them. */
function normalised(named: NamedFields): RawAxiosHeaders {
  const normal = plainHeaders(new AxiosHeaders(answerHeaders(named)).normalize(false));
  return Object.assign(new NormalHeaders(), normal);
}

/** A name that axios leaves as it is: those of its own members are set under another spelling. */
const isNormalName = remembered((name) => /^[\w!#$%&'*+.^`|~-]+$/.test(name) && !(name in AxiosHeaders.prototype));

/** Every version of axios leaves a value as it is that neither begins nor ends with a space, on one line. */
const isNormalValue = (value: string): boolean =>
  /^(?:[\x21-\x7e\x80-\uffff](?:[\x20-\x7e\x80-\uffff]*[\x21-\x7e\x80-\uffff])?)?$/.test(value);

/** What is copied for each caller. */
export interface HeaderPattern {
  /** Normal, with a place for `Age`: to add a member to a copy takes twenty times as long as the copy. */
  readonly headers: RawAxiosHeaders;
  readonly ageName: string;
  readonly lists: readonly (readonly [name: string, values: readonly string[]])[];
}

/** Of stored fields, which are answered again and again. */
export function headerPattern(stored: NamedFields): HeaderPattern {
  const headers = normalHeaders(stored);
  const ageName = stored.headerCase['age'] ?? 'age';
  headers[ageName] = '';
  const lists: [string, string[]][] = [];
  for (const name of Object.keys(headers)) {
    const value = headers[name];
    if (Array.isArray(value)) lists.push([name, value]);
  }
  return { headers, ageName, lists };
}

/** Headers for one caller of what is stored, with its `Age` (RFC 9111 section 5.1) in seconds. */
export function storedHeaders(pattern: HeaderPattern, age: number, form: HeaderForm): RawAxiosHeaders {
  const copy: RawAxiosHeaders =
    form === 'axios'
      ? Object.assign(new NormalHeaders() as unknown as RawAxiosHeaders, pattern.headers)
      : { ...pattern.headers };
  copy[pattern.ageName] = String(Math.floor(age));
  for (const [name, values] of pattern.lists) copy[name] = [...values];
  return copy;
}
