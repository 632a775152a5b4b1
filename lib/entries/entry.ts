/**
 * This file turns an entry of the engine into a record for a storage (`StoredEntry`), and back: it writes, reads and
 * checks the head, and computes the times.
 */
import type { RenewedEntry, StoredEntry } from '../api/storage.js';
import type { StoredResponse } from '../api/stored-response.js';
import { type BodyKind, decodeBody } from './body.js';
import { derivedFrom, keepDerived } from './derived.js';
import { decodeHead, encodeHead, type EntryHead } from './head.js';
import { newRevision } from './revision.js';
import { toStoredResponse } from './stored-response.js';
import { shownTags } from './tags.js';
import { currentAge } from '../rfc9111/freshness.js';
import type { DecisionPolicy, EpochMs, ResponseFacts, Seconds, Stored } from '../rfc9111/model.js';
import { storedFacts } from '../rfc9111/read-response-facts.js';

/**
 * It is a stored response that has been read: its head, the facts that were parsed from it once, and the record that it
 * came from.
 */
export interface Entry extends EntryHead, Stored {
  readonly raw: StoredEntry;
  /**
   * It holds the headers in the form in which they answer, so that they are made only once for as long as the entry is
   * at hand.
   */
  answerHeaders: unknown;
}

export interface EntryIdentity {
  readonly key: string;
  readonly resource: string;
  readonly variant: string;
  /** It is that of the entry whose body this is; it is left out for a body that is not stored yet. */
  readonly revision?: string;
  readonly tags: readonly string[];
  /** The entry is kept for so long after it has become stale, as long as it is good for something then. */
  readonly keepStale: Seconds;
  /** It is true where the user lets stale answers stand in, whatever the response says. */
  readonly mayBeStale: boolean;
}

/** It is true where a stale entry may answer by this policy, without a word of the response. */
export const allowsStale = ({
  staleIfError = 0,
  staleWhileRevalidate = 0,
}: Pick<DecisionPolicy, 'staleIfError' | 'staleWhileRevalidate'>): boolean =>
  staleIfError > 0 || staleWhileRevalidate > 0;

/**
 * It makes an entry and the record that a storage keeps. The times for which the response itself may be used stale
 * lengthen `keepStale`. What is good for nothing once it is stale is kept no longer than it is fresh. `received` holds
 * what the headers of `head` say, where a decision has just read them.
 */
export function makeEntry(
  head: EntryHead,
  body: Uint8Array,
  { key, resource, variant, revision, tags, keepStale, mayBeStale }: EntryIdentity,
  received?: ResponseFacts,
): { raw: StoredEntry; entry: Entry } {
  const facts = storedFacts(head, received);
  const expiresAtMs = expiryOf(head, facts);
  const raw: StoredEntry = {
    key,
    resource,
    variant,
    revision: revision ?? newRevision(),
    tags,
    createdAtMs: head.responseTime,
    expiresAtMs,
    purgeAtMs: purgeTimeOf(expiresAtMs, facts, { keepStale, mayBeStale }),
    head: encodeHead(head),
    body,
  };
  return { raw, entry: entryOf(head, facts, partibleBytes(head.bodyKind, body), raw) };
}

/** After this time an entry is good for nothing. */
function purgeTimeOf(
  expiresAtMs: EpochMs,
  { directives, etag, lastModified }: ResponseFacts,
  { keepStale, mayBeStale }: Pick<EntryIdentity, 'keepStale' | 'mayBeStale'>,
): EpochMs {
  const window = Math.max(directives.staleWhileRevalidate ?? 0, directives.staleIfError ?? 0);
  const isUseful = mayBeStale || window > 0 || etag !== undefined || lastModified !== undefined;
  return Math.ceil(expiresAtMs + (isUseful ? Math.max(keepStale, window) * 1000 : 0));
}

/** It returns the record with another lifetime, less its body, which stays. It is kept for `keepStale` in any case. */
export function withLifetime(
  { key, resource, variant, revision, tags, createdAtMs }: RenewedEntry,
  { head, facts }: { readonly head: EntryHead; readonly facts: ResponseFacts },
  lifetime: EntryHead['lifetime'],
  keepStale: Seconds,
): RenewedEntry {
  const changed = { ...head, lifetime };
  const expiresAtMs = expiryOf(changed, facts);
  const purgeAtMs = purgeTimeOf(expiresAtMs, facts, { keepStale, mayBeStale: true });
  return { key, resource, variant, revision, tags, createdAtMs, expiresAtMs, purgeAtMs, head: encodeHead(changed) };
}

/** Each member is named here, as V8 takes half a microsecond for each member that is added to an object. */
const entryOf = (head: EntryHead, facts: ResponseFacts, bodyBytes: number | undefined, raw: StoredEntry): Entry => ({
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
  heedsValidateStatus: head.heedsValidateStatus,
  request: head.request,
  directives: facts.directives,
  dateValue: facts.dateValue,
  ageValue: facts.ageValue,
  etag: facts.etag,
  lastModified: facts.lastModified,
  bodyBytes,
  raw,
  answerHeaders: undefined,
});

/** It returns the length of a body of bytes; it is undefined for other kinds, of which no parts may be served. */
const partibleBytes = (kind: BodyKind, body: Uint8Array): number | undefined =>
  kind === 'bytes' ? body.byteLength : undefined;

/**
 * It returns the instant at which the stored response stops being fresh (RFC 9111 section 4.2), and `Infinity` where it
 * never does.
 */
function expiryOf(head: EntryHead, { dateValue, ageValue }: ResponseFacts): EpochMs {
  const { lifetime, requestTime, responseTime } = head;
  const times = { requestTime, responseTime, dateValue, ageValue };
  const ageAtReceipt = lifetime.basis === 'age' ? currentAge(times, responseTime) : 0;
  return responseTime + (lifetime.seconds - ageAtReceipt) * 1000;
}

/** This is an estimate of the memory that a parsed head takes, beside its text. */
const HEAD_BYTES = 1000;

/**
 * It reads a record. It returns undefined where this version has not written the head, or where the body does not fit
 * it.
 */
export function parseEntry(raw: StoredEntry): Entry | undefined {
  // A storage in memory hands out the same object each time and remembers what was made of it (`derived`), so that the
  // head is read only once.
  const known = derivedFrom(raw, 'head');
  if (known !== undefined) return known as Entry;
  const { head, facts } = decodeHead(raw.head) ?? {};
  if (head === undefined || facts === undefined || !isBodyOf(head.bodyKind, raw)) return undefined;
  return keptWith(raw, entryOf(head, facts, partibleBytes(head.bodyKind, raw.body), raw));
}

/** It returns the entry with `raw` as its record, and remembers it for those who read `raw` later. */
export const entryHeldAs = (raw: StoredEntry, entry: Entry): Entry =>
  keptWith(raw, entryOf(entry, entry, entry.bodyBytes, raw));

function keptWith(raw: StoredEntry, entry: Entry): Entry {
  keepDerived(raw, 'head', entry, HEAD_BYTES + 2 * raw.head.length);
  return entry;
}

/** It is true where the body is of its kind. Any bytes are a body of bytes or of text, while a value has to be JSON. */
function isBodyOf(kind: BodyKind, { body }: StoredEntry): boolean {
  if (kind !== 'value') return true;
  try {
    decodeBody(kind, body);
    return true;
  } catch {
    return false;
  }
}

/** It returns the entry in the form in which the user's hooks and `instance.cache.get` see it. */
export const describeEntry = ({ url, method, status, statusText, headers, raw }: Entry): StoredResponse =>
  toStoredResponse({ url, method, status, statusText, headers, ...raw, tags: shownTags(raw.tags) });
