/**
 * How entries and tokens look as documents. Names are short, as each document repeats them.
 *
 * An entry, one document for each variant of a key:
 *
 * | field        | what                                                                                      |
 * | ------------ | ----------------------------------------------------------------------------------------- |
 * | `_id`, `k`   | the name of the variant, and that of its key                                              |
 * | `r`, `t`     | the names of its resource and of its tags                                                 |
 * | `gn`, `gr`   | the tokens of the namespace and of the resource, under which it was stored                |
 * | `gk`, `gt`   | the mark of the key, `''` where it had none, and `<name>=<token>` of each tag             |
 * | `rev`, `at`  | its revision, as JSON, and when it was looked up                                          |
 * | `c`, `u`     | when it was created, and when it is purged: no `u` is never                               |
 * | `p`          | `u` as a date, rounded up, for the TTL index                                              |
 * | `f`, `b`     | the two parts of the record: fields and body                                              |
 * | `q`, `m`     | in place of `b`: the body stands in pieces of this name, and in so many                   |
 * | `n`          | how many bytes the body has                                                               |
 *
 * Pieces have `k` (the name that they have in common), `b` and `p`. Tokens have `k` (their own `_id`), `g` (the token)
 * and `p`; that of a resource has `m` (the marks of its keys), that of a tag `o` and `c` (under which token of the
 * namespace and at which number it was made), that of the namespace `n`, `l`, `a` (see `tokens.ts`) and `v` (the values
 * of `meta`).
 */
import { isRecord } from '../entry-shape.js';
import type { Document } from './driver.js';

/** An entry as it stands in the collection; what is wrong in it is left out, and then it fits nothing. */
export interface EntryDocument {
  readonly id: string;
  readonly key: string;
  readonly resource: unknown;
  /** Under which tokens it was stored. */
  readonly namespaceToken: unknown;
  readonly resourceToken: unknown;
  readonly mark: unknown;
  /** By the names of its tags. Undefined: it is damaged. */
  readonly tagTokens: ReadonlyMap<string, string> | undefined;
  /** As it stands there, to be compared. */
  readonly rev: unknown;
  readonly at: unknown;
  readonly purgeAtMs: number;
  readonly fields: unknown;
  readonly body: unknown;
  readonly pieces: Pieces | undefined;
  readonly bodyBytes: unknown;
}

/** A body that is kept in documents of its own. */
export interface Pieces {
  readonly name: string;
  readonly count: number;
}

export function readEntry(document: Document): EntryDocument {
  const { _id, k, r, gn, gr, gk, gt, rev, at, u, f, b, q, m, n } = document;
  return {
    id: String(_id),
    key: String(k),
    resource: r,
    namespaceToken: gn,
    resourceToken: gr,
    mark: gk,
    tagTokens: readTagTokens(gt),
    rev,
    at,
    purgeAtMs: typeof u === 'number' ? u : Infinity,
    fields: f,
    body: b,
    pieces: typeof q === 'string' ? { name: q, count: Number(m) } : undefined,
    bodyBytes: n,
  };
}

/** Each is `<name>=<token>`, and neither of the two has a `=`. */
function readTagTokens(given: unknown): ReadonlyMap<string, string> | undefined {
  if (!Array.isArray(given)) return undefined;
  const tokens = new Map<string, string>();
  for (const each of given as readonly unknown[]) {
    if (typeof each !== 'string') return undefined;
    const at = each.indexOf('=');
    tokens.set(each.slice(0, at), each.slice(at + 1));
  }
  return tokens;
}

export const writeTagToken = (name: string, token: string): string => `${name}=${token}`;

/** A text as the server keeps it exactly, whatever it is. */
export const exact = (text: string): string => JSON.stringify(text);

export function parseExact(stored: unknown): string | undefined {
  if (typeof stored !== 'string') return undefined;
  try {
    const text: unknown = JSON.parse(stored);
    return typeof text === 'string' ? text : undefined;
  } catch {
    return undefined;
  }
}

const LATEST_DATE_MS = 8.64e15;

/** `p`, for the TTL index: never early. What no date can say is left out, which is never. */
export function purgeDate(purgeAtMs: number): { readonly p?: Date } {
  const roundedMs = Math.ceil(purgeAtMs);
  return roundedMs <= LATEST_DATE_MS && roundedMs >= -LATEST_DATE_MS ? { p: new Date(roundedMs) } : {};
}

/** The token of a resource or a tag. */
export interface TokenDocument {
  readonly token: string;
  /** When the server drops it; `Infinity` for never. */
  readonly untilMs: number;
  /** Of a resource: by the digest of the key. */
  readonly marks: Document;
}

/** The document of the namespace. */
export interface State {
  readonly token: string;
  /** How many changes by tag there were, or by what may have any tag. */
  readonly changes: number;
  /** How many deletions by listing there were. */
  readonly listings: number;
  /** How many invalidations there were of any kind. */
  readonly all: number;
  /** The values of `meta`, as JSON, by the digests of their names. */
  readonly values: Document;
}

/** Undefined: there is none, or what stands there has another shape, on which no count and no value can be changed. */
export function readState(document: Document | undefined): State | undefined {
  const { g, n, l, a, v } = document ?? {};
  if (!isNamed(document) || typeof g !== 'string' || !isFields(v) || ![n, l, a].every(isNumber)) return undefined;
  return { token: g, changes: Number(n), listings: Number(l), all: Number(a), values: v };
}

/** As for `readState`. */
export function readToken(document: Document | undefined): TokenDocument | undefined {
  const { g, m = {}, c = 0, p } = document ?? {};
  if (!isNamed(document) || typeof g !== 'string' || !isFields(m) || !isNumber(c)) return undefined;
  return { token: g, untilMs: p instanceof Date ? p.getTime() : Infinity, marks: m };
}

/** Found by the one name as by the other. */
const isNamed = (document: Document | undefined): boolean => document?.['k'] === document?.['_id'];

const isFields = (value: unknown): value is Document => isRecord(value) && !Array.isArray(value);

/** Drivers that are set so give numbers as objects of their own. */
const isNumber = (value: unknown): boolean =>
  value !== null && typeof value !== 'string' && Number.isFinite(Number(value));

/** Bytes as the driver gives them: a Buffer, or a Binary of any version of its classes. */
export function readBytes(value: unknown): Uint8Array | undefined {
  if (ArrayBuffer.isView(value)) return new Uint8Array(value.buffer, value.byteOffset, value.byteLength);
  if (!isRecord(value) || !ArrayBuffer.isView(value['buffer'])) return undefined;
  const { buffer, position } = value as { readonly buffer: Uint8Array; readonly position: number };
  return new Uint8Array(buffer.buffer, buffer.byteOffset, position);
}
