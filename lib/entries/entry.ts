/** Between the port's StoredEntry and what the engine uses: the head written, read and checked, and its times. */
import type { StoredEntry } from '../api/storage.js';
import type { StoredResponse } from '../api/stored-response.js';
import { type BodyKind, decodeBody } from './body.js';
import { decodeHead, describeEntryHead, encodeHead, type EntryHead } from './head.js';
import { toStoredResponse } from './stored-response.js';
import { shownTags } from './tags.js';
import { currentAge } from '../rfc9111/freshness.js';
import type { EpochMs, ResponseFacts, Seconds, Stored } from '../rfc9111/model.js';

/** A stored response, readable: its head with the facts parsed once, and the record it came from. */
export interface Entry extends EntryHead, Stored {
  readonly raw: StoredEntry;
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
  const described = describeEntryHead(head, { bodyBytes: partibleBytes(head.bodyKind, body), facts });
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
  const entry: Entry = Object.assign({ raw }, described);
  return { raw, entry };
}

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

// A storage in memory hands out the same object each time, so its head is read once.
const decoded = new WeakMap<StoredEntry, Entry>();

/** `undefined`: not a head, or not a body to it, that this version wrote. */
export function parseEntry(raw: StoredEntry): Entry | undefined {
  const known = decoded.get(raw);
  if (known !== undefined) return known;
  const head = decodeHead(raw.head);
  if (head === undefined || !isBodyOf(head.bodyKind, raw.body)) return undefined;
  const entry: Entry = Object.assign({ raw }, head, { bodyBytes: partibleBytes(head.bodyKind, raw.body) });
  decoded.set(raw, entry);
  return entry;
}

/** Bytes are what they are, and so is text; a value has to be one. */
function isBodyOf(kind: BodyKind, body: Uint8Array): boolean {
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
