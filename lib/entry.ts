/** Between the port's StoredEntry and what the engine uses: the head written, read and checked, and its times. */
import { type BodyKind, decodeBody, isBodyKind } from './body.js';
import { remembered } from './memo.js';
import { currentAge } from './rfc9111/freshness.js';
import type { EpochMs, HeaderFields, Lifetime, Seconds, Stored, StoredHead } from './rfc9111/model.js';
import { describeStored } from './rfc9111/stored.js';
import type { StoredEntry } from './storage/storage.js';
import { type StoredResponse, toStoredResponse } from './stored-response.js';
import { shownTags } from './tags.js';

/** What an entry's head holds: the policy's StoredHead, and what an answer is rebuilt from. */
export interface EntryHead extends StoredHead {
  readonly bodyKind: BodyKind;
  /** Names as the adapter spelt them, by lower-case name, where they differ. */
  readonly headerCase: Readonly<Record<string, string>>;
  /** The URL that answered in the end, without credentials; `undefined`: the entry's own. */
  readonly finalUrl: string | undefined;
}

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

/** The record for a storage; stale windows of the response itself lengthen `keepStale`. */
export function makeEntry(head: EntryHead, body: Uint8Array, address: EntryAddress): { raw: StoredEntry; entry: Entry } {
  const { keepStale, ...rest } = address;
  const described = describeStored(head, partibleBytes(head.bodyKind, body));
  const expiresAtMs = expiryOf(described);
  const raw: StoredEntry = {
    ...rest,
    createdAtMs: head.responseTime,
    expiresAtMs,
    purgeAtMs: Math.ceil(expiresAtMs + staleWindow(described, keepStale) * 1000),
    head: encodeHead(head),
    body,
  };
  const entry: Entry = { ...head, ...described, raw };
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

const encodeHead = (head: EntryHead): string =>
  JSON.stringify({
    ...Object.fromEntries(HEAD_SHAPE.map(([name]) => [name, head[name]])),
    lifetime: writeLifetime(head.lifetime),
  });

const writeLifetime = (lifetime: Lifetime): object => ({
  ...lifetime,
  seconds: lifetime.seconds === Infinity ? 'never' : lifetime.seconds,
});

// A storage in memory hands out the same object each time, so its head is read once.
const decoded = new WeakMap<StoredEntry, Entry>();

/** `undefined`: not a head, or not a body to it, that this version wrote. */
export function parseEntry(raw: StoredEntry): Entry | undefined {
  const known = decoded.get(raw);
  if (known !== undefined) return known;
  const head = decodeHead(raw.head);
  if (head === undefined || !isBodyOf(head.bodyKind, raw.body)) return undefined;
  const entry: Entry = { ...head, bodyBytes: partibleBytes(head.bodyKind, raw.body), raw };
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

/** The URL of a listed entry; `undefined`: not a head that this version wrote. */
export const urlOfHead = (head: string): string | undefined => parseHead(head)?.url;

/** Where a listed entry was asked for, and where it came from; none of a head that this version did not write. */
export function urlsOfHead(head: string): readonly string[] {
  const { url, finalUrl } = decodeHead(head) ?? {};
  return [url, finalUrl].filter((each) => each !== undefined);
}

/** The entry as the user's hooks and `instance.cache.get` see it. */
export const describeEntry = ({ url, method, status, statusText, headers, raw }: Entry): StoredResponse =>
  toStoredResponse({ url, method, status, statusText, headers, ...raw, tags: shownTags(raw.tags) });

/** A storage that leaves memory gives a new object each time, but the same text. */
const decodeHead = remembered((text): (EntryHead & Stored) | undefined => {
  const head = parseHead(text);
  return head && { ...head, ...describeStored(head) };
});

function parseHead(text: string): EntryHead | undefined {
  let head: unknown;
  try {
    head = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (!isRecord(head) || !HEAD_SHAPE.every(([name, check]) => check(head[name]))) return undefined;
  const lifetime = head['lifetime'] as Omit<Lifetime, 'seconds'> & { readonly seconds: number | 'never' };
  return {
    ...(head as unknown as EntryHead),
    headers: Object.assign(Object.create(null), head['headers']) as HeaderFields,
    headerCase: Object.assign(Object.create(null), head['headerCase']) as EntryHead['headerCase'],
    finalUrl: head['finalUrl'] as string | undefined,
    redirectsTo: head['redirectsTo'] as string | undefined,
    lifetime: { ...lifetime, seconds: lifetime.seconds === 'never' ? Infinity : lifetime.seconds },
  };
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const isText = (value: unknown): boolean => typeof value === 'string';
const isTextList = (value: unknown): boolean => Array.isArray(value) && value.every(isText);
const isNumber = (value: unknown): boolean => typeof value === 'number' && Number.isFinite(value);
const SOURCES: ReadonlySet<unknown> = new Set(['response', 'request', 'url', 'session', 'default']);
const BASES: ReadonlySet<unknown> = new Set(['age', 'receipt']);

const isVary = (value: unknown): boolean =>
  Array.isArray(value) &&
  value.every((pair) => Array.isArray(pair) && isText(pair[0]) && (pair[1] === null || isText(pair[1])));
const isLifetime = (value: unknown): boolean =>
  isRecord(value) &&
  (value['seconds'] === 'never' || isNumber(value['seconds'])) &&
  SOURCES.has(value['source']) &&
  BASES.has(value['basis']);

/** What a head must hold to be used: a row a member. */
const HEAD_SHAPE: readonly (readonly [keyof EntryHead, (value: unknown) => boolean])[] = [
  ['url', isText],
  ['method', isText],
  ['status', isNumber],
  ['statusText', isText],
  ['headers', (value) => isRecord(value) && Object.values(value).every((each) => isText(each) || isTextList(each))],
  ['headerCase', (value) => isRecord(value) && Object.values(value).every(isText)],
  ['requestTime', isNumber],
  ['responseTime', isNumber],
  ['vary', isVary],
  ['lifetime', isLifetime],
  ['headersHonoured', (value) => typeof value === 'boolean'],
  ['bodyKind', isBodyKind],
  ['finalUrl', (value) => value === undefined || isText(value)],
  ['redirectsTo', (value) => value === undefined || isText(value)],
];
