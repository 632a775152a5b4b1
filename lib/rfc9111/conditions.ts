/** This file handles conditions of the caller and of the cache itself (RFC 9111 section 4.3, RFC 9110 section 13). */
import { fieldValue, listMembers, noFields } from './fields.js';
import { parseHttpDate } from './http-date.js';
import type { HeaderFields, RequestHead, Stored } from './model.js';

/** With one of these fields the answer depends on more than the resource. */
const CONDITIONAL_FIELDS = [
  'if-none-match',
  'if-modified-since',
  'if-match',
  'if-unmodified-since',
  'if-range',
  'range',
];

/** The cache adds conditions of its own to requests with these methods. */
const VALIDATING_METHODS: ReadonlySet<string> = new Set(['GET', 'HEAD', 'QUERY']);

/** True where the caller asks for a part, or asks on conditions. */
export const isConditional = (headers: HeaderFields): boolean =>
  CONDITIONAL_FIELDS.some((name) => headers[name] !== undefined);

/** True where the caller makes its request depend on a state that only the origin knows. */
export const needsOrigin = ({ headers }: RequestHead): boolean =>
  headers['if-match'] !== undefined ||
  headers['if-unmodified-since'] !== undefined ||
  (headers['if-range'] !== undefined && headers['range'] === undefined);

export const isValidating = (method: string): boolean => VALIDATING_METHODS.has(method);

/** Makes the fields by which a request validates a stored response (section 4.3.1): none where it has no validator. */
export function validationFields({ etag, lastModified }: Pick<Stored, 'etag' | 'lastModified'>): HeaderFields {
  const fields = noFields();
  if (etag !== undefined) fields['if-none-match'] = etag;
  if (lastModified !== undefined) fields['if-modified-since'] = lastModified;
  return fields;
}

/**
 * True where the caller's If-None-Match, or else its If-Modified-Since, finds `stored` unchanged (section 4.3.2). The
 * result is undefined where the caller asks neither or names no date, and where the stored status is no success
 * (RFC 9110 section 13.2.1).
 */
export function isNotModified({ headers }: RequestHead, stored: Stored): boolean | undefined {
  if (stored.status < 200 || stored.status > 299) return undefined;
  const entityTags = fieldValue(headers, 'if-none-match');
  if (entityTags !== undefined) return includesEntityTag(entityTags, stored.etag);
  const since = parseHttpDate(fieldValue(headers, 'if-modified-since'), stored.responseTime);
  return since === undefined ? undefined : lastChange(stored) <= since;
}

/** The comparison is weak: either entity tag may be a weak one (RFC 9110 section 8.8.3.2). */
function includesEntityTag(value: string, etag: string | undefined): boolean {
  if (value === '*') return true;
  // A backslash is an ordinary character in an entity tag, so entity tags are not parsed as quoted strings.
  const entityTags = value.match(/(?:W\/)?"[^"]*"/g) ?? listMembers(value);
  return etag !== undefined && entityTags.some((each) => opaque(each) === opaque(etag));
}

/** Last-Modified counts, or else Date, for which the time of receipt stands where it is missing too. */
const lastChange = ({ lastModified, dateValue, responseTime }: Stored): number =>
  parseHttpDate(lastModified, responseTime) ?? dateValue;

/** By these suffixes servers tell apart the codings of what is the same to them. */
const OF_THE_CODING = /(?:--?|;)(?:gzip|br|deflate|df|zstd)(?="?$)/i;

/** Compares two entity tags weakly, and without the suffix of a coding. */
export const matchesDecoded = (one: string, other: string): boolean =>
  opaque(one).replace(OF_THE_CODING, '') === opaque(other).replace(OF_THE_CODING, '');

/** Compares two entity tags strongly: neither may be a weak one (RFC 9110 section 8.8.3.2). */
export const matchesStrongly = (one: string, other: string): boolean => one === other && opaque(one) === one;

const opaque = (etag: string): string => (etag.startsWith('W/') ? etag.slice(2) : etag);
