/**
 * This file describes a request body as part of a key: equal for equal content, whatever the order of JSON members,
 * form fields or parameters.
 */
import { canonicalQuery, NO_SECRETS } from './query.js';
import type { Digest } from '../../support/digest.js';
import { bytesOf, exactBytes } from '../../support/exact-bytes.js';
import { tagOf } from '../../support/plain-object.js';

export type BodyDescription =
  | { readonly kind: 'none' }
  | { readonly kind: 'text'; readonly text: string }
  /** The body is a stream, or something else that cannot be read without using it up: it is not to be cached. */
  | { readonly kind: 'opaque' };

interface BodyRules {
  /**
   * Form fields and JSON members whose values mean nothing. Dots lead from the top level of a body into its objects,
   * but not into lists.
   */
  readonly ignoredParams: ReadonlySet<string>;
  readonly digest: Digest;
}

const NONE: BodyDescription = { kind: 'none' };
const OPAQUE: BodyDescription = { kind: 'opaque' };

/**
 * Describes the body as an adapter receives it, that is after `transformRequest`. It returns a promise only where a
 * Blob has to be read. Bodies may hold passwords, so the text shows a digest.
 */
export function describeBody(
  data: unknown,
  contentType: string | undefined,
  rules: BodyRules,
): BodyDescription | Promise<BodyDescription> {
  if (data === undefined || data === null) return NONE;
  const type = normaliseContentType(contentType ?? '');
  const describe = (form: string, content: Uint8Array): BodyDescription => ({
    kind: 'text',
    text: `${form} ${rules.digest.bytes(content)} ${type}`,
  });
  const text = textOf(data, type, rules);
  if (text !== undefined) return describe(text.form, exactBytes(text.content));
  const bytes = bytesOf(data);
  if (bytes !== undefined) return describe('bytes', bytes);
  const parts = partsOf(data, rules.digest);
  if (parts === undefined) return OPAQUE;
  return parts.then(
    (list) => describe('parts', exactBytes(JSON.stringify(list))),
    () => OPAQUE,
  );
}

/**
 * Writes type and charset in lower case and without white space. The boundary of a multipart body is left out, since
 * each body has a new one.
 */
function normaliseContentType(value: string): string {
  const [type = '', ...parameters] = value.split(';').map((part) => part.trim());
  const kept = parameters
    .filter((parameter) => parameter !== '' && !/^boundary=/i.test(parameter))
    .map((parameter) => (/^charset=/i.test(parameter) ? parameter.toLowerCase() : parameter));
  return [type.toLowerCase(), ...kept].join(';');
}

interface Text {
  readonly form: 'json' | 'form' | 'text';
  readonly content: string;
}

const JSON_TYPE = /^[^;]*[/+]json(?:;|$)/;
const FORM_TYPE = /^application\/x-www-form-urlencoded(?:;|$)/;

function textOf(data: unknown, type: string, rules: BodyRules): Text | undefined {
  if (tagOf(data) === 'URLSearchParams') return { form: 'form', content: canonicalForm(String(data), rules) };
  if (typeof data !== 'string') return undefined;
  if (FORM_TYPE.test(type)) return { form: 'form', content: canonicalForm(data, rules) };
  const json = JSON_TYPE.test(type) ? canonicalJson(data, rules.ignoredParams) : undefined;
  return json === undefined ? { form: 'text', content: data } : { form: 'json', content: json };
}

const canonicalForm = (text: string, { ignoredParams, digest }: BodyRules): string =>
  canonicalQuery(text, { ignoredParams, redactedParams: NO_SECRETS, digest }).key;

/**
 * Sorts the members at every depth. It returns `undefined` where parsing loses something (large numbers, duplicate
 * names, -0, white space), since two different bodies must not become one.
 */
function canonicalJson(raw: string, ignoredParams: ReadonlySet<string>): string | undefined {
  try {
    const value: unknown = JSON.parse(raw);
    return JSON.stringify(value) === raw ? sortedJson(value, ignoredParams) : undefined;
  } catch {
    return undefined;
  }
}

const NOTHING_IGNORED: ReadonlySet<string> = new Set();

function sortedJson(value: unknown, ignored: ReadonlySet<string>, path = ''): string {
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  if (Array.isArray(value)) return `[${value.map((item) => sortedJson(item, NOTHING_IGNORED)).join(',')}]`;
  const members = Object.entries(value)
    .sort(([one], [other]) => (one < other ? -1 : 1))
    .map(([name, member]) => {
      const at = path + name;
      const isInside = ignored.size > 0 && [...ignored].some((each) => each.startsWith(`${at}.`));
      const text = ignored.has(at) ? '*' : sortedJson(member, isInside ? ignored : NOTHING_IGNORED, `${at}.`);
      return `${JSON.stringify(name)}:${text}`;
    });
  return `{${members.join(',')}}`;
}

const isBlob = (data: unknown): data is Blob =>
  (tagOf(data) === 'Blob' || tagOf(data) === 'File') && typeof (data as Partial<Blob>).arrayBuffer === 'function';

/** Accepts the standard's FormData only: that of the package `form-data` is a stream. */
const isFormData = (data: unknown): data is FormData =>
  tagOf(data) === 'FormData' &&
  typeof (data as Partial<FormData>).entries === 'function' &&
  !('getHeaders' in (data as object));

type Part = readonly string[];

function partsOf(data: unknown, digest: Digest): Promise<Part | readonly Part[]> | undefined {
  if (isBlob(data)) return blobPart('', data, digest);
  if (!isFormData(data)) return undefined;
  const parts = Array.from(data.entries(), ([name, value]): Promise<Part> =>
    typeof value === 'string' ? Promise.resolve([name, value]) : blobPart(name, value, digest),
  );
  return Promise.all(parts);
}

async function blobPart(name: string, blob: Blob, digest: Digest): Promise<Part> {
  const fileName = 'name' in blob && typeof blob.name === 'string' ? blob.name : '';
  return [name, fileName, blob.type, digest.bytes(new Uint8Array(await blob.arrayBuffer()))];
}
