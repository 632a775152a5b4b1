/** This file tells which bytes a body holds, and puts parts together (RFC 9110 14.4, 15.3.7.3, RFC 9111 3.4). */
import { matchesStrongly } from './conditions.js';
import { fieldValue, listedNames, noFields } from './fields.js';
import { parseHttpDate } from './http-date.js';
import type { HeaderFields, Stored, TimedResponse } from './model.js';
import { varyNames } from './vary.js';

/** The bytes at both positions are included. */
export interface ByteRange {
  readonly first: number;
  readonly last: number;
}

/** A body holds these bytes of a representation. */
export interface Extent extends ByteRange {
  /** The whole has so many bytes; it is `undefined` where that is not known. */
  readonly complete: number | undefined;
}

/** These members tell which bytes a response holds. */
type Held = Pick<TimedResponse, 'status' | 'headers' | 'bodyBytes'>;

/** A part answers requests for bytes that it holds, and never one for the whole (RFC 9111 section 3.3). */
export const isPart = ({ status }: Pick<Held, 'status'>): boolean => status === 206;

const CONTENT_RANGE = /^bytes (\d{1,15})-(\d{1,15})\/(?:(\d{1,15})|\*)$/i;

/** Reads Content-Range; the result is undefined where it is no range of bytes, or contradicts itself. */
function parseContentRange(value: string): Extent | undefined {
  const [, first, last, length] = CONTENT_RANGE.exec(value) ?? [];
  const complete = length === undefined ? undefined : Number(length);
  const extent: Extent = { first: Number(first), last: Number(last), complete };
  return extent.first <= extent.last && extent.last < (complete ?? Infinity) ? extent : undefined;
}

/** Each row is one reason why the bytes of a body may not be those that positions count. */
const NOT_COUNTABLE: readonly ((held: Held) => boolean)[] = [
  // The positions count coded bytes, but the bytes at hand may be decoded.
  // https://www.rfc-editor.org/rfc/rfc9110#section-8.4
  ({ headers }) => listedNames(headers, 'content-encoding').some((name) => name !== 'identity'),
  // The body holds several parts with delimiters between them.
  // https://www.rfc-editor.org/rfc/rfc9110#section-14.6
  (held) => isPart(held) && /^multipart\/byteranges/i.test(fieldValue(held.headers, 'content-type') ?? ''),
  // The body is not as long as its header says.
  // https://www.rfc-editor.org/rfc/rfc9110#section-8.6
  ({ headers, bodyBytes }) => (fieldValue(headers, 'content-length') ?? String(bodyBytes)) !== String(bodyBytes),
  // The adapter may have decoded the body and removed Content-Encoding; nothing else in the headers disproves that.
  // https://www.rfc-editor.org/rfc/rfc9110#section-12.5.3
  ({ status, headers }) =>
    status === 200 && headers['content-length'] === undefined && varyNames(headers).includes('accept-encoding'),
];

/** Tells what a 200 or 206 holds; the result is undefined where that is not clear, or its body contradicts it. */
export function extentOf(held: Held): Extent | undefined {
  const { status, headers, bodyBytes } = held;
  if (bodyBytes === undefined || NOT_COUNTABLE.some((applies) => applies(held))) return undefined;
  if (status === 200) return bodyBytes === 0 ? undefined : { first: 0, last: bodyBytes - 1, complete: bodyBytes };
  const extent = isPart(held) ? parseContentRange(fieldValue(headers, 'content-range') ?? '') : undefined;
  return extent !== undefined && lengthOf(extent) === bodyBytes ? extent : undefined;
}

/** Last-Modified is strong if it was over by a second when the response was made (RFC 9110 section 8.8.2.2). */
export function strongDate({ lastModified, dateValue, responseTime }: Stored): string | undefined {
  const modified = parseHttpDate(lastModified, responseTime) ?? Infinity;
  return dateValue - modified >= 1000 ? lastModified : undefined;
}

/** Gives what equal bytes are known by: a strong ETag, or where there is no ETag a strong date. */
export function strongValidator(stored: Stored): string | undefined {
  const { etag } = stored;
  if (etag === undefined) return strongDate(stored);
  return matchesStrongly(etag, etag) ? etag : undefined;
}

/**
 * Makes the fields of a request for the bytes that a stored part lacks, where these are in one piece, and the whole is
 * not larger than `maxBytes`. An origin that has another representation by now answers such a request with the whole.
 * https://www.rfc-editor.org/rfc/rfc9110#section-13.1.5
 */
export function fieldsForRest(stored: Stored, maxBytes: number): HeaderFields | undefined {
  const validator = isPart(stored) ? strongValidator(stored) : undefined;
  const extent = validator === undefined ? undefined : extentOf(stored);
  if (validator === undefined || extent === undefined || (extent.complete ?? Infinity) > maxBytes) return undefined;
  const { first, last, complete } = extent;
  const range = first === 0 ? `${last + 1}-` : last + 1 === complete ? `0-${first - 1}` : undefined;
  if (range === undefined) return undefined;
  return Object.assign(noFields(), { range: `bytes=${range}`, 'if-range': validator });
}

/** This stored response goes into a combination with the bytes that it brings. */
interface Piece<S extends Stored> {
  readonly stored: S;
  readonly extent: Extent;
}

/** A newer part is put together with what is stored. */
export interface Combination<S extends Stored> {
  readonly extent: Extent;
  /** The newest comes first: it is the newer part itself. */
  readonly pieces: readonly [Piece<S>, ...Piece<S>[]];
  /** The newer part updates the fields of this stored response (RFC 9110 section 15.3.7.3). */
  readonly base: S;
}

/** When a newer response of a variant is stored, this becomes of the older ones. */
interface PartsDecision<S extends Stored> {
  /** It is `undefined` where the newer response stands alone. */
  readonly combination: Combination<S> | undefined;
  /** These are of no use beside the newer response. */
  readonly superseded: readonly S[];
}

/**
 * Decides what `fresh` makes of what is `stored` of its variant, newest first (RFC 9111 section 3.4). Parts that would
 * be larger than `maxBytes` together stay apart.
 */
export function decideParts<S extends Stored>(fresh: S, stored: readonly S[], maxBytes: number): PartsDecision<S> {
  // An answer that was long on its way ends nothing that was made after it.
  const older = stored.filter(({ dateValue }) => dateValue <= fresh.dateValue);
  if (!isPart(fresh)) return { combination: undefined, superseded: older.filter(isPart) };
  const validator = strongValidator(fresh);
  const own = extentOf(fresh);
  if (own === undefined || validator === undefined) return { combination: undefined, superseded: [] };
  const outdated = older.filter((each) => (strongValidator(each) ?? validator) !== validator);
  const same = stored.filter((each) => strongValidator(each) === validator).flatMap(toPiece);
  const { extent, joined } = joinedTo(own, same, maxBytes);
  const kept = joined.map((piece) => piece.stored);
  const base = kept.find((each) => !isPart(each)) ?? kept[0];
  const pieces = [{ stored: fresh, extent: own }, ...joined] as const;
  return { combination: base && { extent, pieces, base }, superseded: [...outdated, ...kept] };
}

function toPiece<S extends Stored>(stored: S): readonly Piece<S>[] {
  const extent = extentOf(stored);
  return extent === undefined ? [] : [{ stored, extent }];
}

/** Takes in what overlaps or adjoins, one after the other. */
function joinedTo<P extends { readonly extent: Extent }>(
  own: Extent,
  pieces: readonly P[],
  maxBytes: number,
): { readonly extent: Extent; readonly joined: readonly P[] } {
  let extent = own;
  let open = pieces;
  for (;;) {
    const fits = (other: Extent): boolean => adjoins(extent, other) && lengthOf(union(extent, other)) <= maxBytes;
    const next = open.find((piece) => fits(piece.extent));
    if (next === undefined) return { extent, joined: pieces.filter((piece) => !open.includes(piece)) };
    open = open.filter((piece) => piece !== next);
    extent = union(extent, next.extent);
  }
}

/** Calculates how many bytes an extent has. */
export const lengthOf = ({ first, last }: Extent): number => last - first + 1;

const union = (one: Extent, other: Extent): Extent => ({
  first: Math.min(one.first, other.first),
  last: Math.max(one.last, other.last),
  complete: one.complete ?? other.complete,
});

/** True where nothing between the two is missing, and they do not contradict each other. */
function adjoins(one: Extent, other: Extent): boolean {
  const { last, complete } = union(one, other);
  const agree = (other.complete ?? complete) === complete && last < (complete ?? Infinity);
  return agree && other.first <= one.last + 1 && one.first <= other.last + 1;
}

/** True where nothing of the representation is missing. */
export const isWhole = ({ first, last, complete }: Extent): boolean => first === 0 && last + 1 === complete;

/** Makes a Content-Range for the bytes `first` to `last` of a representation. */
export const contentRange = ({ first, last, complete }: Extent): string => `bytes ${first}-${last}/${complete ?? '*'}`;
