/** This file serves one byte range from what is stored (RFC 9110 section 14, RFC 9111 section 3.3). */
import { matchesStrongly } from './conditions.js';
import { fieldValue } from './fields.js';
import type { HeaderFields, RequestHead, Stored } from './model.js';
import { type ByteRange, extentOf, isPart, strongDate } from './parts.js';

/** These positions in the whole representation tell what is served of a stored body. */
export interface Slice extends ByteRange {
  /** The first byte of the stored body has this position. */
  readonly from: number;
  /** The whole has so many bytes; it is `undefined` where that is not known. */
  readonly complete: number | undefined;
}

const SINGLE_RANGE = /^bytes=\s*(\d*)-(\d*)$/i;

/**
 * Reads the range that `value` asks for, of so many bytes: `Infinity` where their number is not known. The result is
 * undefined where it is not exactly one range, or cannot be satisfied.
 */
function parseRange(value: string, length: number): ByteRange | undefined {
  const [, first = '', last = ''] = SINGLE_RANGE.exec(value) ?? [];
  const start = first === '' ? Math.max(0, length - Number(last)) : Number(first);
  const end = first === '' || last === '' ? Infinity : Number(last);
  return start > end || start >= length ? undefined : { first: start, last: Math.min(end, length - 1) };
}

/** Finds the part of `stored` that a GET with Range asks for; undefined means that the origin has to answer. */
export function partOf({ method, headers }: RequestHead, stored: Stored): Slice | undefined {
  const value = fieldValue(headers, 'range');
  if (value === undefined || method !== 'GET' || !holds(headers, stored)) return undefined;
  const extent = extentOf(stored);
  if (extent === undefined) return undefined;
  const range = parseRange(value, extent.complete ?? Infinity);
  if (range === undefined || range.first < extent.first || range.last > extent.last) return undefined;
  return { ...range, from: extent.first, complete: extent.complete };
}

/** True where `stored` has all that the request asks for: a part is neither the whole nor another part. */
export const holdsEnough = (request: RequestHead, stored: Stored): boolean =>
  !isPart(stored) || partOf(request, stored) !== undefined;

/** If-Range, where it is there, holds only for the same strong validator (RFC 9110 section 13.1.5). */
function holds(headers: HeaderFields, stored: Stored): boolean {
  const condition = fieldValue(headers, 'if-range');
  if (condition === undefined) return true;
  return (stored.etag !== undefined && matchesStrongly(condition, stored.etag)) || condition === strongDate(stored);
}
