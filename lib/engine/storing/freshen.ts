/**
 * This file renews (freshens) a stored answer when the origin says, by a 304 or an answer to HEAD, that it still holds.
 */
import type { StoredEntry } from '../../api/storage.js';
import type { FreshenedResult } from '../exchange/outcome.js';
import type { CacheRequest } from '../exchange/request.js';
import { type IsCurrent, notStored, type Storing } from '../exchange/storing.js';
import { groupTags } from './tags-of.js';
import { confirmWrite, type StoreContext, writeEntry } from './write.js';
import { allowsStale, type Entry, entryHeldAs, makeEntry } from '../../entries/entry.js';
import type { EntryHead } from '../../entries/head.js';
import { isSearchTag, isUserTag } from '../../entries/tags.js';
import { forbidsKeeping } from '../../rfc9111/decide-storage.js';
import type { Freshening } from '../../rfc9111/decide-validation.js';
import type { StoredHead } from '../../rfc9111/model.js';
import type { Guarded } from '../../storage/guard.js';
import { type MaybePromise, whenThere } from '../../support/maybe-promise.js';

/** It is the renewed entry, whether or not it could be stored. */
type Freshened = Pick<FreshenedResult, 'entry' | 'storing'>;

/**
 * It stores the entry with a new head: the old one, updated by a 304 or an answer to HEAD (RFC 9111 sections 3.2 and
 * 4.3.4).
 */
export function freshenEntry(
  entry: Entry,
  freshening: Freshening,
  request: CacheRequest,
  context: StoreContext,
  isCurrent: IsCurrent,
): MaybePromise<Freshened> {
  const { raw } = entry;
  const { key, variant } = raw;
  const freshened = renewedEntry(entry, freshening, request, context);
  const ended = (storing: Storing): Freshened => ({
    entry: storing.kind === 'stored' ? storing.entry : freshened.entry,
    storing,
  });
  if (!isCurrent(variant)) return ended(notStored('invalidated'));
  return whenThere(context.storage.get(key), (latest) => {
    if (isReplaced(raw, latest)) return ended(notStored('invalidated'));
    return whenThere(keepFreshened(freshened, raw, request, context, isCurrent), ended);
  });
}

/** It returns the entry with its new head, which is not stored yet. */
export function renewedEntry(
  entry: Entry,
  { head, facts }: Freshening,
  request: CacheRequest,
  context: StoreContext,
): { readonly raw: StoredEntry; readonly entry: Entry } {
  const { key, resource, variant, body, tags: former } = entry.raw;
  const renewed = withFreshenedHead(head, entry);
  const tags = freshenedTags(former, renewed, request, context);
  const { policy } = request;
  const { keepStale } = policy;
  const identity = { key, resource, variant, tags, keepStale, mayBeStale: allowsStale(policy) };
  return makeEntry(renewed, body, identity, facts);
}

/** It keeps what a renewal does not mention. Each member is named, as V8 is slow to add members to a spread. */
const withFreshenedHead = (head: StoredHead, { bodyKind, headerCase, finalUrl }: EntryHead): EntryHead => ({
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
  bodyKind,
  headerCase,
  finalUrl,
});

/**
 * It returns the tags after a renewal: the user's stay, and so does that of No-Vary-Search; those of cache groups are
 * taken from the latest answer.
 */
function freshenedTags(
  former: readonly string[],
  head: EntryHead,
  request: CacheRequest,
  { address }: StoreContext,
): readonly string[] {
  const groups = groupTags(head, request, address);
  if (former.length === 0) return groups;
  return [...former.filter((tag) => isUserTag(tag) || isSearchTag(tag)), ...groups];
}

function keepFreshened(
  freshened: { readonly raw: StoredEntry; readonly entry: Entry },
  former: StoredEntry,
  request: CacheRequest,
  context: StoreContext,
  isCurrent: IsCurrent,
): MaybePromise<Storing> {
  const { raw, entry } = freshened;
  const { key, variant } = raw;
  const prohibition = forbidsKeeping(request.head, entry, request.policy);
  if (prohibition !== undefined) {
    const refused = notStored(prohibition.reason);
    return prohibition.dropsExisting === true
      ? whenThere(context.storage.delete({ key, variant }), () => refused)
      : refused;
  }
  const { resource, tags, createdAtMs, expiresAtMs, purgeAtMs, head } = raw;
  const fields = { key, resource, variant, tags, createdAtMs, expiresAtMs, purgeAtMs, head };
  return whenThere(context.storage.touch(fields), (touched) =>
    // Where the storage has evicted the entry since it was read, the body is still at hand.
    touched.ok && touched.value
      ? confirmWrite('freshened', heldEntry(freshened, former, context), context, isCurrent)
      : writeEntry(freshened, context, isCurrent),
  );
}

/**
 * It returns the renewed entry as a storage in memory holds it, so that what was computed from its body (`derived`) is
 * kept. Other storages would have to read the whole entry again.
 */
function heldEntry(
  { raw, entry }: { readonly raw: StoredEntry; readonly entry: Entry },
  former: StoredEntry,
  { storage }: StoreContext,
): Entry {
  const read = former.derived === undefined ? undefined : storage.get(raw.key);
  if (read === undefined || read instanceof Promise || !read.ok) return entry;
  const held = read.value.find(({ variant, head }) => variant === raw.variant && head === raw.head);
  return held === undefined ? entry : entryHeldAs(held, entry);
}

/**
 * It is true where another answer has replaced the entry since it was read: by a request of another method, or by
 * another user of the storage. The header fields of one answer must never be stored with the body of another.
 */
function isReplaced({ variant, head, body }: StoredEntry, latest: Guarded<readonly StoredEntry[]>): boolean {
  const current = latest.ok ? latest.value.find((each) => each.variant === variant) : undefined;
  return current !== undefined && current.head !== head && !equalBytes(current.body, body);
}

const equalBytes = (one: Uint8Array, other: Uint8Array): boolean =>
  one === other || (one.byteLength === other.byteLength && one.every((byte, index) => byte === other[index]));
