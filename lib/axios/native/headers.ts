/** This file converts between axios' headers and plain header fields, which are the values by lower-case name. */
import type { RawAxiosHeaders } from 'axios';
import { AxiosHeaders } from './library.js';
import { noFields } from '../../rfc9111/fields.js';
import type { HeaderFields } from '../../rfc9111/model.js';
import { once, remembered } from '../../support/memo.js';
import { owns } from '../../support/owns.js';

interface NamedFields {
  readonly headers: HeaderFields;
  /** This has a name as it was spelt, by its lower-case form, where the two differ. */
  readonly headerCase: Readonly<Record<string, string>>;
}

export type MutableFields = Record<string, string | readonly string[]>;

const NO_CASES: NamedFields['headerCase'] = Object.freeze(Object.create(null) as Record<string, string>);

/** Reads the headers that an adapter gave, in whatever form axios takes them; see `membersOf`. */
export function headerFields(given: unknown): NamedFields {
  let headerCase = NO_CASES as Record<string, string>;
  const headers = fieldsOf(given, (lower, name) => {
    if (headerCase === NO_CASES) headerCase = Object.create(null) as Record<string, string>;
    headerCase[lower] = name;
  });
  return { headers, headerCase };
}

/**
 * Reads the fields alone, into an object that belongs to the caller of this function. `onSpelt` is told of a name that
 * is not in lower case, unless the field was there already.
 */
export function fieldsOf(headers: unknown, onSpelt?: (lower: string, name: string) => void): MutableFields {
  const fields: MutableFields = noFields();
  const members = membersOf(headers);
  for (const name of Object.keys(members)) {
    const value = members[name];
    if (!isPresent(value)) continue;
    const lower = lowerCase(name);
    if (lower !== name && fields[lower] === undefined) onSpelt?.(lower, name);
    fields[lower] = Array.isArray(value) ? value.map(String) : String(value);
  }
  return fields;
}

/**
 * Returns headers as members by their names. Besides its own class and plain objects axios takes what lists names with
 * values (the Headers of fetch, a Map, pairs) and raw text, which an adapter of somebody's own may well give.
 */
function membersOf(headers: unknown): RawAxiosHeaders {
  const given = Object(headers) as RawAxiosHeaders;
  const isList = classOf(given) === undefined && Symbol.iterator in given;
  return isList ? AxiosHeaders.from(headers as RawAxiosHeaders) : given;
}

/** Names are memoised, since V8 sets a property ten times faster by an interned name. */
const lowerCase = remembered((name) => name.toLowerCase());

/** Tells a field from a method of AxiosHeaders and from a field that was taken away. */
const isPresent = (value: unknown): boolean =>
  value !== undefined && value !== null && value !== false && typeof value !== 'function';

/**
 * Returns the class that made `headers`, which may be that of another copy of axios (a dependency's, or the CommonJS
 * one beside the ES module); it is `undefined` for a plain object. A copy of axios finds headers of another class
 * empty.
 */
function classOf(headers: unknown): typeof AxiosHeaders | undefined {
  if (headers instanceof AxiosHeaders) return AxiosHeaders;
  if (Object.prototype.toString.call(headers) !== '[object AxiosHeaders]') return undefined;
  // A field of the name `constructor` would be a member of the object itself.
  return (Object.getPrototypeOf(headers) as { constructor: typeof AxiosHeaders }).constructor;
}

/** Makes a copy: by default of the same class, and an AxiosHeaders of a plain object. */
export const copyHeaders = (headers: unknown, Class = classOf(headers) ?? AxiosHeaders): AxiosHeaders =>
  headers instanceof Class ? Object.assign(new Class(), headers) : new Class(plainHeaders(headers));

/**
 * Returns the headers of an answer in the class of the headers of the request, `asked`. axios itself converts them only
 * after `transformResponse`, so that what that throws would carry others.
 */
export function headersFor(asked: unknown, headers: unknown): AxiosHeaders {
  const Class = classOf(asked) ?? AxiosHeaders;
  return headers instanceof Class ? headers : new Class(plainHeaders(headers));
}

const plainHeaders = (headers: unknown): RawAxiosHeaders => ({ ...membersOf(headers) });

/** Makes the headers of one caller's answer, in which lists too belong to that caller. */
export const answerHeaders = ({ headers, headerCase }: NamedFields): RawAxiosHeaders =>
  // A field may be named `__proto__`, which an assignment would not make a member.
  Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [
      headerCase[name] ?? name,
      typeof value === 'string' ? value : [...value],
    ]),
  );

/**
 * These headers are in the form to which axios normalises them. axios normalises an answer's headers three times on
 * their way to the caller, which takes a fifth of all its time; here it has nothing to do. They behave as any
 * AxiosHeaders otherwise.
 */
const normalHeadersClass = once(() => {
  const NormalHeaders = function NormalHeaders() {} as unknown as new () => AxiosHeaders;
  NormalHeaders.prototype = Object.create(AxiosHeaders.prototype, { normalize: normalizeMember() }) as AxiosHeaders;
  return NormalHeaders;
});

const newNormalHeaders = (): RawAxiosHeaders => new (normalHeadersClass())();

/**
 * Describes the method `normalize` that does nothing. It keeps the setter by which axios writes a field of that name
 * under another spelling, so that it does not hide the method.
 */
function normalizeMember(): PropertyDescriptor {
  const descriptor = Object.getOwnPropertyDescriptor(AxiosHeaders.prototype, 'normalize');
  function normalizeUnlessNormal(this: AxiosHeaders, format: boolean): AxiosHeaders {
    return format ? AxiosHeaders.prototype.normalize.call(this, format) : this;
  }
  return descriptor === undefined || !owns(descriptor, 'set')
    ? { value: normalizeUnlessNormal, writable: true, configurable: true }
    : { ...descriptor, get: () => normalizeUnlessNormal };
}

/** This tells whether the installed axios hands on an AxiosHeaders from an adapter without making a new one. */
const keepsHeaders = once(() => {
  const headers = newNormalHeaders();
  return (AxiosHeaders.from(headers) as unknown) === headers;
});

/**
 * Headers are handed out as an AxiosHeaders that needs no more normalising ("axios"), or as a plain object ("plain").
 */
export type HeaderForm = 'axios' | 'plain';

/**
 * Decides by the request's headers: if another copy of axios made them, it would find an AxiosHeaders of this one
 * empty.
 */
export const headerForm = (headers: unknown): HeaderForm =>
  headers instanceof AxiosHeaders && keepsHeaders() ? 'axios' : 'plain';

/** Makes the same as `answerHeaders`, in normal form. */
export function normalHeaders(named: NamedFields): RawAxiosHeaders {
  const { headers: fields, headerCase } = named;
  const headers = newNormalHeaders();
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

/** Makes the headers by axios' own normalising, for names or values that are unusual. */
function normalised(named: NamedFields): RawAxiosHeaders {
  const normal = plainHeaders(new AxiosHeaders(answerHeaders(named)).normalize(false));
  return Object.assign(newNormalHeaders(), normal);
}

/** Tells a name that axios leaves as it is. A name that AxiosHeaders has as a member is set under another spelling. */
const isNormalName = remembered((name) => /^[\w!#$%&'*+.^`|~-]+$/.test(name) && !(name in AxiosHeaders.prototype));

/**
 * Tells a value that every version of axios leaves as it is: on one line, without a space at the beginning or the end.
 */
const isNormalValue = (value: string): boolean =>
  /^(?:[\x21-\x7e\x80-\uffff](?:[\x20-\x7e\x80-\uffff]*[\x21-\x7e\x80-\uffff])?)?$/.test(value);

/** The headers of a stored response are prepared once in this form, and copied for each caller. */
export interface HeaderPattern {
  /**
   * They are in normal form and have a place for `Age`: adding a member to a copy takes twenty times as long as the
   * copy.
   */
  readonly headers: RawAxiosHeaders;
  readonly ageName: string;
  readonly lists: readonly (readonly [name: string, values: readonly string[]])[];
}

/** Prepares the headers of a stored response, which are given to callers again and again. */
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

/** Makes one caller's headers from a pattern, with the `Age` (RFC 9111 section 5.1) in seconds. */
export function storedHeaders(pattern: HeaderPattern, age: number, form: HeaderForm): RawAxiosHeaders {
  const copy: RawAxiosHeaders =
    form === 'axios'
      ? Object.assign(newNormalHeaders(), pattern.headers)
      : { ...pattern.headers };
  copy[pattern.ageName] = String(Math.floor(age));
  for (const [name, values] of pattern.lists) copy[name] = [...values];
  return copy;
}
