/**
 * This file renews (freshens) a stored answer when the origin says, by a 304 or an answer to HEAD, that it still holds.
 */
import type { StoredEntry } from '../../api/storage.js';
import type { FreshenedResult } from '../exchange/outcome.js';
import type { CacheRequest } from '../exchange/request.js';
import { notStored, type Storing, type WritePermit } from '../exchange/storing.js';
import { bodyOf } from '../../storage/entry-shape.js';
import { groupTags } from './tags-of.js';
import { confirmed, type StoreContext, whenWritten } from './write.js';
import { allowsStale, describeEntry, type Entry, entryHeldAs, makeEntry } from '../../entries/entry.js';
import type { EntryHead } from '../../entries/head.js';
import { isSearchTag, isUserTag } from '../../entries/tags.js';
import type { RequestPolicy } from '../../options/policy.js';
import { forbidsKeeping } from '../../rfc9111/decide-storage.js';
import { type Freshening, freshening } from '../../rfc9111/decide-validation.js';
import type { DecisionPolicy, RequestHead, StoredHead, TimedResponse } from '../../rfc9111/model.js';
import { type MaybePromise, whenThere } from '../../support/maybe-promise.js';

/** It is the renewed entry, whether or not it could be stored. */
type Freshened = Pick<FreshenedResult, 'entry' | 'storing'>;

/**
 * It stores the entry with a new head: the old one, updated by a 304 or an answer to HEAD (RFC 9111 sections 3.2 and
 * 4.3.4). The new head is what `verdict` says.
 */
export function freshenEntry(
  entry: Entry,
  verdict: Freshening,
  request: CacheRequest,
  context: StoreContext,
  permit: WritePermit,
  answer: TimedResponse,
): MaybePromise<Freshened> {
  const { raw } = entry;
  const { policy, ...freshened } = renewedEntry(entry, verdict, request, context, answer);
  const ended = (storing: Storing): Freshened => ({
    entry: storing.kind === 'stored' ? storing.entry : freshened.entry,
    storing,
  });
  if (!permit.isCurrent(raw.variant)) return ended(notStored('invalidated'));
  return whenThere(keepFreshened(freshened, raw, { head: request.head, policy }, context, permit), ended);
}

/** It returns the entry with its new head, which is not stored yet. */
export function renewedEntry(
  entry: Entry,
  verdict: Freshening,
  request: CacheRequest,
  context: StoreContext,
  answer: TimedResponse,
): { readonly raw: StoredEntry; readonly entry: Entry; readonly policy: RequestPolicy } {
  const { key, resource, variant, revision, body, tags: former } = entry.raw;
  const policy = settledPolicy(entry, verdict, request);
  const { head, facts } =
    policy === request.policy ? verdict : freshening({ request: request.head, stored: entry, answer, policy });
  const renewed = withFreshenedHead(head, entry);
  const tags = freshenedTags(former, renewed, request, context);
  const { keepStale } = request.policy;
  const identity = { key, resource, variant, revision, tags, keepStale, mayBeStale: allowsStale(request.policy) };
  const made = makeEntry(renewed, body, identity, facts);
  return { raw: made.raw, entry: made.entry, policy };
}

/** Where the user's function gives the lifetime, it is asked about the renewed answer. */
function settledPolicy(entry: Entry, verdict: Freshening, { policy }: CacheRequest): RequestPolicy {
  const { settle, keepStale } = policy;
  if (settle === undefined) return policy;
  const head = withFreshenedHead(verdict.head, entry);
  return settle(describeEntry(makeEntry(head, entry.raw.body, { ...entry.raw, keepStale, mayBeStale: true }).entry));
}

/** It keeps what a renewal does not mention. Each member is named, as V8 is slow to add members to a spread. */
export const withFreshenedHead = (head: StoredHead, former: EntryHead): EntryHead => ({
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
  bodyKind: former.bodyKind,
  headerCase: former.headerCase,
  finalUrl: former.finalUrl,
  heedsValidateStatus: former.heedsValidateStatus,
  request: former.request,
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
  { head: request, policy }: { readonly head: RequestHead; readonly policy: DecisionPolicy },
  context: StoreContext,
  permit: WritePermit,
): MaybePromise<Storing> {
  const { raw, entry } = freshened;
  const prohibition = forbidsKeeping(request, entry, policy);
  if (prohibition !== undefined) {
    const refused = notStored(prohibition.reason);
    return prohibition.dropsExisting === true || policy.off
      ? whenThere(context.distrust.delete(bodyOf(raw)), () => refused)
      : refused;
  }
  const { key, resource, variant, revision, tags, createdAtMs, expiresAtMs, purgeAtMs, head } = raw;
  const fields = { key, resource, variant, revision, tags, createdAtMs, expiresAtMs, purgeAtMs, head };
  const touching = context.storage.touch(fields, permit.fence);
  return whenThere(whenWritten(touching, fields, context.distrust, permit.isCurrent), (touched) => {
    if (touched === 'withdrawn') return notStored('invalidated');
    if (!touched.ok) return notStored('storage-error');
    // The body is still at hand. But nobody knows whether the storage has dropped the entry for want of room, or
    // another process because the origin has answered something else.
    if (!touched.value) return notStored('invalidated');
    return confirmed('freshened', heldEntry(freshened, former, context), context);
  });
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
  const read = former.derived === undefined || !storage.inProcess ? undefined : storage.get(raw.key, raw);
  if (read === undefined || read instanceof Promise || !read.ok) return entry;
  const held = read.value.entries.find(({ variant, head }) => variant === raw.variant && head === raw.head);
  return held === undefined ? entry : entryHeldAs(held, entry);
}
