/** One byte range, served from what is stored (RFC 9110 section 14, RFC 9111 section 3.3). */
import { matchesStrongly } from './conditions.js';
import { fieldValue } from './fields.js';
import type { RequestHead, Stored } from './model.js';
import { type ByteRange, extentOf, isPart, strongDate } from './parts.js';

/** What of a stored body is served: positions in the whole representation. */
export interface Slice extends ByteRange {
  /** The position of the first byte of the stored body. */
  readonly from: number;
  /** How many bytes the whole has; `undefined` = not known. */
  readonly complete: number | undefined;
}

const SINGLE_RANGE = /^bytes=\s*(\d*)-(\d*)$/i;

/**
 * The range of `length` bytes that `value` asks for; undefined where it is not exactly one, or cannot be satisfied.
 * `Infinity`: their number is not known.
 */
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

/** The part of `stored` that a GET with Range asks for; undefined where the origin has to answer. */
export function partOf({ method, headers }: RequestHead, stored: Stored): Slice | undefined {
  const value = method === 'GET' ? fieldValue(headers, 'range') : undefined;
  const extent = value === undefined ? undefined : extentOf(stored);
  if (value === undefined || extent === undefined) return undefined;
  const condition = fieldValue(headers, 'if-range');
  if (condition !== undefined && !holds(condition, stored)) return undefined;
  const range = parseRange(value, extent.complete ?? Infinity);
  const isHeld = range !== undefined && range.first >= extent.first && range.last <= extent.last;
  return isHeld ? { ...range, from: extent.first, complete: extent.complete } : undefined;
}

/** Whether `stored` has all that the request asks for: a part is no whole, and no other part. */
export const holdsEnough = (request: RequestHead, stored: Stored): boolean =>
  !isPart(stored) || partOf(request, stored) !== undefined;

/** If-Range: the same strong validator, or nothing (RFC 9110 section 13.1.5). */
const holds = (condition: string, stored: Stored): boolean =>
  (stored.etag !== undefined && matchesStrongly(condition, stored.etag)) || condition === strongDate(stored);
