/** Parts of a representation: which bytes a body holds, and what parts make together (RFC 9110 14.4, 15.3.7.3). */
import { matchesStrongly } from './conditions.js';
import { fieldValue, parseTokenList } from './fields.js';
import { parseHttpDate } from './http-date.js';
import type { Stored, TimedResponse } from './model.js';
import { varyNames } from './vary.js';

/** Positions of bytes, both included. */
export interface ByteRange {
  readonly first: number;
  readonly last: number;
}

/** The bytes of a representation that a body holds. */
export interface Extent extends ByteRange {
  /** How many bytes the whole has; `undefined` = not known. */
  readonly complete: number | undefined;
}

/** What tells which bytes a response holds. */
type Held = Pick<TimedResponse, 'status' | 'headers' | 'bodyBytes'>;

/** A part answers requests for bytes that it holds, never one for the whole (RFC 9111 section 3.3). */
export const isPart = ({ status }: Pick<Held, 'status'>): boolean => status === 206;

const CONTENT_RANGE = /^bytes (\d{1,15})-(\d{1,15})\/(?:(\d{1,15})|\*)$/i;

/** Undefined where it is no range of bytes, or contradicts itself. */
export function parseContentRange(value: string): Extent | undefined {
  const [, first, last, length] = CONTENT_RANGE.exec(value) ?? [];
  if (first === undefined || last === undefined) return undefined;
  const complete = length === undefined ? undefined : Number(length);
  const extent: Extent = { first: Number(first), last: Number(last), complete };
  return extent.first > extent.last || extent.last >= (complete ?? Infinity) ? undefined : extent;
}

/** Why the bytes of a body may not be the ones that positions count: a row a reason. */
const NOT_COUNTABLE: readonly ((held: Held) => boolean)[] = [
  // The positions count coded bytes, but those at hand may be decoded.
  ({ headers }) => parseTokenList(fieldValue(headers, 'content-encoding') ?? '').some((name) => name !== 'identity'),
  // Its body is several parts and what parts them (RFC 9110 section 14.6).
  ({ status, headers }) => status === 206 && /^multipart\/byteranges/i.test(fieldValue(headers, 'content-type') ?? ''),
  ({ headers, bodyBytes }) => (fieldValue(headers, 'content-length') ?? String(bodyBytes)) !== String(bodyBytes),
  // Decoding may have taken Content-Encoding away with it; neither Content-Length nor Content-Range disproves that.
  ({ status, headers }) =>
    status === 200 && headers['content-length'] === undefined && varyNames(headers).includes('accept-encoding'),
];

/** What a 200 or 206 holds; undefined where that cannot be told, or its Content-Range does not fit its body. */
export function extentOf(held: Held): Extent | undefined {
  const { status, headers, bodyBytes } = held;
  if (bodyBytes === undefined || NOT_COUNTABLE.some((applies) => applies(held))) return undefined;
  if (status === 200) return bodyBytes === 0 ? undefined : { first: 0, last: bodyBytes - 1, complete: bodyBytes };
  const extent = isPart(held) ? parseContentRange(fieldValue(headers, 'content-range') ?? '') : undefined;
  return extent !== undefined && lengthOf(extent) === bodyBytes ? extent : undefined;
}

/** Last-Modified, if it was over by a second when the response was made (RFC 9110 section 8.8.2.2). */
export function strongDate({ lastModified, dateValue, responseTime }: Stored): string | undefined {
  const modified = lastModified === undefined ? undefined : parseHttpDate(lastModified, responseTime);
  return modified !== undefined && dateValue - modified >= 1000 ? lastModified : undefined;
}

/** What equal bytes are known by: a strong ETag, or without any ETag a strong date. */
const strongValidator = (stored: Stored): string | undefined =>
  stored.etag === undefined ? strongDate(stored) : matchesStrongly(stored.etag, stored.etag) ? stored.etag : undefined;

/** A stored response that goes into a combination, and the bytes that it brings. */
interface Piece<S extends Stored> {
  readonly stored: S;
  readonly extent: Extent;
}

/** A newer part put together with what is stored. */
export interface Combination<S extends Stored> {
  readonly extent: Extent;
  /** Newest first; the first of them is the newer part itself. */
  readonly pieces: readonly [Piece<S>, ...Piece<S>[]];
  /** The stored response whose fields the newer part updates (RFC 9110 section 15.3.7.3). */
  readonly base: S;
}

/** What becomes of what is stored when a newer response of the same variant is. */
interface PartsDecision<S extends Stored> {
  /** `undefined`: the newer one stands alone. */
  readonly combination: Combination<S> | undefined;
  /** Of no use beside it. */
  readonly superseded: readonly S[];
}

/** `stored`: of the variant of `fresh`, newest first (RFC 9111 section 3.4); `maxBytes`: what is larger stays apart. */
export function decideParts<S extends Stored>(fresh: S, stored: readonly S[], maxBytes: number): PartsDecision<S> {
  // An answer that was long on its way ends nothing that was made after it.
  const older = stored.filter(({ dateValue }) => dateValue <= fresh.dateValue);
  if (!isPart(fresh)) return { combination: undefined, superseded: older.filter(isPart) };
  const validator = strongValidator(fresh);
  const [piece] = toPiece(fresh);
  if (piece === undefined || validator === undefined) return { combination: undefined, superseded: [] };
  const outdated = older.filter((each) => (strongValidator(each) ?? validator) !== validator);
  const same = stored.filter((each) => strongValidator(each) === validator);
  const combination = combine(piece, same.flatMap(toPiece), maxBytes);
  const [, ...joined] = combination?.pieces ?? [piece];
  return { combination, superseded: [...outdated, ...joined.map((each) => each.stored)] };
}

function toPiece<S extends Stored>(stored: S): readonly Piece<S>[] {
  const extent = extentOf(stored);
  return extent === undefined ? [] : [{ stored, extent }];
}

/** Takes in, one after the other, what overlaps or adjoins. */
function combine<S extends Stored>(
  fresh: Piece<S>,
  others: readonly Piece<S>[],
  maxBytes: number,
): Combination<S> | undefined {
  let { extent } = fresh;
  let joined: readonly Piece<S>[] = [];
  for (;;) {
    const fits = (other: Extent): boolean => adjoins(extent, other) && lengthOf(union(extent, other)) <= maxBytes;
    const next = others.find((piece) => !joined.includes(piece) && fits(piece.extent));
    if (next === undefined) break;
    joined = others.filter((piece) => piece === next || joined.includes(piece));
    extent = union(extent, next.extent);
  }
  const base = joined.find((piece) => !isPart(piece.stored)) ?? joined[0];
  return base === undefined ? undefined : { extent, pieces: [fresh, ...joined], base: base.stored };
}

/** How many bytes it has. */
export const lengthOf = ({ first, last }: Extent): number => last - first + 1;

const union = (one: Extent, other: Extent): Extent => ({
  first: Math.min(one.first, other.first),
  last: Math.max(one.last, other.last),
  complete: one.complete ?? other.complete,
});

/** Nothing between them is missing, and they do not contradict each other. */
function adjoins(one: Extent, other: Extent): boolean {
  const { last, complete } = union(one, other);
  const agree = (other.complete ?? complete) === complete && last < (complete ?? Infinity);
  return agree && other.first <= one.last + 1 && one.first <= other.last + 1;
}

/** Whether nothing is missing. */
export const isWhole = ({ first, last, complete }: Extent): boolean => first === 0 && last + 1 === complete;

/** Content-Range for the bytes `first` to `last` of a representation. */
export const contentRange = ({ first, last, complete }: Extent): string => `bytes ${first}-${last}/${complete ?? '*'}`;
