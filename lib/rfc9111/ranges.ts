/** One byte range of a stored whole response (RFC 9110 section 14, RFC 9111 section 3.3). */
import { matchesStrongly } from './conditions.js';
import { fieldValue, parseTokenList } from './fields.js';
import { parseHttpDate } from './http-date.js';
import type { RequestHead, Stored } from './model.js';
import { varyNames } from './vary.js';

/** Positions of bytes, both included. */
export interface ByteRange {
  readonly first: number;
  readonly last: number;
}

const SINGLE_RANGE = /^bytes=\s*(\d*)-(\d*)$/i;

/** The range of `length` bytes that `value` asks for; undefined where it is not exactly one, or cannot be satisfied. */
export function parseRange(value: string, length: number): ByteRange | undefined {
  const [, first, last] = SINGLE_RANGE.exec(value) ?? [];
  if (first === undefined || last === undefined) return undefined;
  const range =
    first === ''
      ? { first: Math.max(0, length - Number(last)), last: Infinity }
      : { first: Number(first), last: last === '' ? Infinity : Number(last) };
  if (range.first > range.last || range.first >= length) return undefined;
  return { first: range.first, last: Math.min(range.last, length - 1) };
}

/** Why the stored bytes may not be the ones that the positions count: a row a reason. */
const NOT_COUNTABLE: readonly ((stored: Stored) => boolean)[] = [
  // Only a 200 is a whole representation.
  ({ status }) => status !== 200,
  // The positions count coded bytes, but the stored ones may be decoded.
  ({ headers }) => parseTokenList(fieldValue(headers, 'content-encoding') ?? '').some((name) => name !== 'identity'),
  ({ headers, bodyBytes }) => (fieldValue(headers, 'content-length') ?? String(bodyBytes)) !== String(bodyBytes),
  // Decoding may have taken Content-Encoding away with it; without Content-Length nothing disproves that.
  ({ headers }) => headers['content-length'] === undefined && varyNames(headers).includes('accept-encoding'),
];

/** The part of `stored` that a GET with Range asks for; undefined where the origin has to answer. */
export function partOf({ headers }: RequestHead, stored: Stored): ByteRange | undefined {
  const range = fieldValue(headers, 'range');
  if (range === undefined || stored.bodyBytes === undefined) return undefined;
  if (NOT_COUNTABLE.some((applies) => applies(stored))) return undefined;
  const condition = fieldValue(headers, 'if-range');
  return condition === undefined || holds(condition, stored) ? parseRange(range, stored.bodyBytes) : undefined;
}

/** If-Range: the same strong validator, or nothing (RFC 9110 section 13.1.5). */
function holds(condition: string, { etag, lastModified, dateValue, responseTime }: Stored): boolean {
  if (etag !== undefined && matchesStrongly(condition, etag)) return true;
  if (condition !== lastModified) return false;
  const modified = parseHttpDate(lastModified, responseTime);
  // A date is a strong validator only if it was over when the response was made (section 8.8.2.2).
  return modified !== undefined && dateValue - modified >= 1000;
}
