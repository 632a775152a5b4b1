/** Between the port's StoredEntry and what the engine uses: the head written, read and checked, and its times. */
import type { StoredEntry } from '../api/storage.js';
import type { StoredResponse } from '../api/stored-response.js';
import { type BodyKind, decodeBody } from './body.js';
import { derivedFrom, keepDerived } from './derived.js';
import { decodeHead, encodeHead, type EntryHead } from './head.js';
import { toStoredResponse } from './stored-response.js';
import { shownTags } from './tags.js';
import { describeStored } from '../rfc9111/describe-stored.js';
import { currentAge } from '../rfc9111/freshness.js';
import type { EpochMs, ResponseFacts, Seconds, Stored } from '../rfc9111/model.js';

/** A stored response, readable: its head with the facts parsed once, and the record it came from. */
export interface Entry extends EntryHead, Stored {
  readonly raw: StoredEntry;
  /** What has been made of the headers to answer with: it is made once for as long as the entry is at hand. */
  answerHeaders: unknown;
}

export interface EntryAddress {
  readonly key: string;
  readonly resource: string;
  readonly variant: string;
  readonly tags: readonly string[];
  /** How long the entry may be kept once it is stale. */
  readonly keepStale: Seconds;
}

/**
 * The record for a storage; stale windows of the response itself lengthen `keepStale`. `facts` says what the headers of
 * `head` say, where a decision has just read them.
 */
export function makeEntry(
  head: EntryHead,
  body: Uint8Array,
  address: EntryAddress,
  facts?: ResponseFacts,
): { raw: StoredEntry; entry: Entry } {
  const { key, resource, variant, tags, keepStale } = address;
  const described = describeStored(head, { bodyBytes: partibleBytes(head.bodyKind, body), facts });
  const expiresAtMs = expiryOf(described);
  const raw: StoredEntry = {
    key,
    resource,
    variant,
    tags,
    createdAtMs: head.responseTime,
    expiresAtMs,
    purgeAtMs: Math.ceil(expiresAtMs + staleWindow(described, keepStale) * 1000),
    head: encodeHead(head),
    body,
  };
  return { raw, entry: entryOf(head, described, described.bodyBytes, raw) };
}

/** Every member has its name here: V8 takes half a microsecond for each that is added to an object. */
const entryOf = (head: EntryHead, stored: Stored, bodyBytes: number | undefined, raw: StoredEntry): Entry => ({
  url: head.url,
  method: head.method,
  status: head.status,
  statusText: head.statusText,
  headers: head.headers,
  requestTime: head.requestTime,
  responseTime: head.responseTime,
  vary: head.vary,
  lifetime: head.lifetime,
  headersHonoured: head.headersHonoured,
  redirectsTo: head.redirectsTo,
  bodyKind: head.bodyKind,
  headerCase: head.headerCase,
  finalUrl: head.finalUrl,
  directives: stored.directives,
  dateValue: stored.dateValue,
  ageValue: stored.ageValue,
  etag: stored.etag,
  lastModified: stored.lastModified,
  bodyBytes,
  raw,
  answerHeaders: undefined,
});

/** How long a body is of which parts may be served. */
const partibleBytes = (kind: BodyKind, body: Uint8Array): number | undefined =>
  kind === 'bytes' ? body.byteLength : undefined;

/** The instant at which the stored response stops being fresh; `Infinity` = never (RFC 9111 section 4.2). */
function expiryOf(stored: Stored): EpochMs {
  const { lifetime, responseTime } = stored;
  const ageAtReceipt = lifetime.basis === 'age' ? currentAge(stored, responseTime) : 0;
  return responseTime + (lifetime.seconds - ageAtReceipt) * 1000;
}

function staleWindow(stored: Stored, keepStale: Seconds): Seconds {
  const { staleWhileRevalidate = 0, staleIfError = 0 } = stored.directives;
  return Math.max(keepStale, staleWhileRevalidate, staleIfError);
}

/** An estimate of what a parsed head takes in memory, beside what its text takes. */
const HEAD_BYTES = 1000;

/** `undefined`: not a head, or not a body to it, that this version wrote. */
export function parseEntry(raw: StoredEntry): Entry | undefined {
  // A storage in memory hands out the same object each time, so its head is read once.
  const known = derivedFrom(raw, 'head');
  if (known !== undefined) return known as Entry;
  const head = decodeHead(raw.head);
  if (head === undefined || !isBodyOf(head.bodyKind, raw)) return undefined;
  const { bodyKind } = head;
  const bodyBytes = bodyKind === 'bytes' ? raw.body.byteLength : undefined;
  const entry = entryOf(head, head, bodyBytes, raw);
  keepDerived(raw, 'head', entry, HEAD_BYTES + 2 * raw.head.length);
  return entry;
}

/** Bytes are what they are, and so is text; a value has to be one. */
function isBodyOf(kind: BodyKind, { body }: StoredEntry): boolean {
  if (kind !== 'value') return true;
  try {
    decodeBody(kind, body);
    return true;
  } catch {
    return false;
  }
}

/** The entry as the user's hooks and `instance.cache.get` see it. */
export const describeEntry = ({ url, method, status, statusText, headers, raw }: Entry): StoredResponse =>
  toStoredResponse({ url, method, status, statusText, headers, ...raw, tags: shownTags(raw.tags) });
