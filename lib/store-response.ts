/** Keeping an answer: whether and how it is stored, and how a 304 renews what is stored. */
import { encodeBody } from './body.js';
import { hashAddress } from './digest.js';
import { describeEntry, type Entry, type EntryAddress, type EntryHead, makeEntry } from './entry.js';
import type { Events } from './events.js';
import type { Answer, Asked, Hop } from './exchange.js';
import { joinParts } from './join-parts.js';
import { groupsOf } from './rfc9111/cache-groups.js';
import { decideStorage, forbidsKeeping, type StorageDecision } from './rfc9111/decide-storage.js';
import { fieldValue } from './rfc9111/fields.js';
import type { NotStoredReason, RequestHead, StoredHead } from './rfc9111/model.js';
import { isPart } from './rfc9111/parts.js';
import { searchVarianceOf } from './rfc9111/search-variance.js';
import { variantText } from './rfc9111/vary.js';
import { passesFilter } from './hooks.js';
import { pathOf } from './search-equivalents.js';
import type { GuardedStorage } from './storage/guard.js';
import type { StoredEntry } from './storage/storage.js';
import { groupTag, isSearchTag, isUserTag, searchTag, userTag } from './tags.js';

export interface StoreContext {
  readonly storage: GuardedStorage;
  readonly events: Events;
  readonly maxVariants: number;
  /** The key as it may be shown. */
  readonly displayKey: (key: string) => string;
  /** What stands for a text where it must not show. */
  readonly address: (text: string) => string;
  /** Takes back what has been written: it may not be used any more, whether or not it can be deleted. */
  readonly withdraw: (entry: StoredEntry) => Promise<void>;
}

/** Whether, since the answer was asked for, neither was the resource invalidated nor a newer answer written. */
export type IsCurrent = (variant: string) => boolean;

export type Storing =
  | { readonly kind: 'stored'; readonly entry: Entry }
  | { readonly kind: 'not-stored'; readonly reason: NotStoredReason }
  /** The caller has yet to read it. */
  | { readonly kind: 'pending' };

type StoreDecision = Extract<StorageDecision, { kind: 'store' }>;

export const notStored = (reason: NotStoredReason): Storing => ({ kind: 'not-stored', reason });

/** Stores `answer` where that is allowed, useful and possible; never rejects. `known`: what the key holds already. */
export async function storeResponse(
  exchange: Asked,
  answer: Answer,
  known: readonly Entry[],
  context: StoreContext,
  isCurrent: IsCurrent,
): Promise<Storing> {
  const result = await tryToStore(exchange, answer, known, context, isCurrent);
  const { url } = exchange.head;
  if (result.kind === 'not-stored') context.events.emit({ type: 'not-stored', url, reason: result.reason });
  return result;
}

async function tryToStore(
  exchange: Asked,
  answer: Answer,
  known: readonly Entry[],
  context: StoreContext,
  isCurrent: IsCurrent,
): Promise<Storing> {
  const decision = decideStorage(exchange.head, { ...answer, bodyBytes: countable(answer) }, exchange.policy);
  if (decision.kind === 'do-not-store') return refused(decision, exchange, context, isCurrent);
  if (answer.body === undefined) return notStored(answer.missing ?? 'incomplete');
  const body = encodeBody(answer.body);
  if (body.byteLength > exchange.policy.maxEntryBytes) return notStored('too-large');
  const alone = entryHead(exchange, answer, decision);
  const fresh = makeEntry(alone, body, addressOf(exchange, alone, []));
  const { combined, superseded } = joinParts(exchange, answer, fresh.entry, known);
  const { head, bytes } = combined ?? { head: alone, bytes: body };
  const untagged = combined === undefined ? fresh : makeEntry(head, bytes, addressOf(exchange, head, []));
  const tags = await askHooks(exchange, untagged.entry);
  if (tags === undefined) {
    if (isCurrent('')) await context.storage.delete({ key: exchange.key });
    return notStored('filtered');
  }
  const ours = [...groupTags(head, exchange, context), ...searchTags(head, exchange, answer.direct, context)];
  const all = [...tags, ...ours];
  const encoded = all.length === 0 ? untagged : makeEntry(head, bytes, addressOf(exchange, head, all));
  const storing = await write(encoded, context, isCurrent);
  if (storing.kind === 'stored') await makeRoom(encoded.raw, known, superseded, context);
  return storing;
}

/** A redirect that was followed, and what is to be done with it. */
interface Followed {
  readonly asked: Asked;
  readonly hop: Hop;
  readonly decision: StorageDecision;
}

/** Stores a redirect where `decision` says so; never rejects. The user's `filter` judges answers, not the way to them. */
export async function storeRedirect(
  { asked, hop, decision }: Followed,
  known: readonly Entry[],
  context: StoreContext,
  isCurrent: IsCurrent,
): Promise<Storing> {
  if (decision.kind === 'do-not-store') return refused(decision, asked, context, isCurrent);
  const facts = { ...hop, statusText: '', body: undefined, headerCase: {}, finalUrl: undefined };
  const head: EntryHead = { ...entryHead(asked, facts, decision), redirectsTo: hop.to };
  const made = makeEntry(head, NO_BYTES, addressOf(asked, head, []));
  const storing = await write(made, context, isCurrent);
  if (storing.kind === 'stored') await makeRoom(made.raw, known, [], context);
  return storing;
}

async function refused(
  { reason, dropExisting }: Exclude<StorageDecision, StoreDecision>,
  asked: Asked,
  context: StoreContext,
  isCurrent: IsCurrent,
): Promise<Storing> {
  if (dropExisting && isCurrent('')) await context.storage.delete({ key: asked.key });
  return notStored(reason);
}

/** The positions of a part count bytes, so a body of text or values has none. */
const countable = ({ body }: Answer): number | undefined => (body?.kind === 'bytes' ? body.bytes.byteLength : undefined);

const addressOf = (exchange: Asked, head: EntryHead, tags: readonly string[]): EntryAddress => ({
  key: exchange.key,
  resource: exchange.resource,
  variant: variantOf(head),
  tags,
  keepStale: exchange.policy.keepStale,
});

/** A part is a variant of its own. */
function variantOf({ vary, status, headers }: EntryHead): string {
  const text = variantText(vary) + (isPart({ status }) ? ` ${fieldValue(headers, 'content-range') ?? ''}` : '');
  return text === '' ? '' : hashAddress(text);
}

/**
 * The entry by which other callers under way may share an answer: what was stored, or what would have been, had its
 * status, its size or the storage allowed it. `undefined`: nobody else may have it.
 */
export function shareableEntry(
  exchange: Asked,
  fetched: { readonly answer: Answer; readonly storing: Storing; readonly request: RequestHead },
): Entry | undefined {
  const { answer, storing, request } = fetched;
  if (storing.kind === 'stored') return storing.entry;
  if (storing.kind === 'pending' || !SHAREABLE_UNSTORED.has(storing.reason)) return undefined;
  const decision = decideStorage(request, answer, { ...exchange.policy, allowsStatus: () => true });
  if (decision.kind === 'do-not-store') return undefined;
  const head = entryHead(exchange, answer, decision);
  return makeEntry(head, NO_BYTES, addressOf(exchange, head, [])).entry;
}

const NO_BYTES = new Uint8Array(0);
const SHAREABLE_UNSTORED: ReadonlySet<NotStoredReason> = new Set(['status', 'too-large', 'storage-error', 'invalidated']);

/** What an entry's head takes from an answer, or from a redirect. */
type AnswerFacts = Pick<
  Answer,
  'status' | 'statusText' | 'requestTime' | 'responseTime' | 'body' | 'headerCase' | 'finalUrl'
>;

function entryHead(exchange: Asked, answer: AnswerFacts, decision: StoreDecision): EntryHead {
  return {
    url: exchange.head.url,
    method: exchange.head.method,
    status: answer.status,
    statusText: answer.statusText,
    headers: decision.headers,
    requestTime: answer.requestTime,
    responseTime: answer.responseTime,
    vary: decision.vary,
    lifetime: decision.lifetime,
    headersHonoured: decision.headersHonoured,
    bodyKind: answer.body?.kind ?? 'none',
    headerCase: answer.headerCase,
    finalUrl: answer.finalUrl,
  };
}

/** Of the origin that answered (RFC 9875 section 2.1): it is not for another one to group what this one gave. */
function groupTags(head: EntryHead, exchange: Asked, context: StoreContext): string[] {
  const groups = groupsOf(head.headers);
  if (groups.length === 0) return [];
  const origin = exchange.originOf(head.finalUrl ?? head.url);
  return groups.map((group) => groupTag(origin, group, context.address));
}

/** By which an unsafe request finds what answers its own query too, whoever stored it for another one. */
function searchTags(head: EntryHead, { search }: Asked, direct: boolean, { address }: StoreContext): string[] {
  if (!direct || search === undefined || searchVarianceOf(head.headers) === undefined) return [];
  return [searchTag(pathOf(head.url), address)];
}

/**
 * What the user's `filter` and `tags` say: the tags as they are stored; `undefined` = not to be stored. A hook that
 * throws has not agreed.
 */
async function askHooks(exchange: Asked, entry: Entry): Promise<readonly string[] | undefined> {
  const { filter, tags } = exchange.policy;
  if (filter === undefined && typeof tags !== 'function') return tags.map(userTag);
  try {
    const response = describeEntry(entry);
    if (filter !== undefined && !(await passesFilter(filter, response))) return undefined;
    return typeof tags === 'function' ? namesIn(tags(response))?.map(userTag) : tags.map(userTag);
  } catch {
    return undefined;
  }
}

/** As far as they are what a storage can find again; else there is nothing to agree on. */
const namesIn = (tags: unknown): readonly string[] | undefined =>
  Array.isArray(tags) && tags.every((tag) => typeof tag === 'string') ? [...tags] : undefined;

async function write(
  { raw, entry }: { raw: StoredEntry; entry: Entry },
  context: StoreContext,
  isCurrent: IsCurrent,
): Promise<Storing> {
  if (!isCurrent(raw.variant)) return notStored('invalidated');
  const set = await context.storage.set(raw);
  if (!set.ok) {
    // It may have arrived all the same, or still arrive when nobody knows any more what happened to the resource.
    if (!isCurrent(raw.variant)) await context.withdraw(raw);
    void set.late?.then(() => context.withdraw(raw));
    return notStored('storage-error');
  }
  return kept('stored', entry, context, isCurrent);
}

/** What has been written stays only if the resource was not invalidated during the write. */
async function kept(
  type: 'stored' | 'refreshed',
  entry: Entry,
  context: StoreContext,
  isCurrent: IsCurrent,
): Promise<Storing> {
  if (!isCurrent(entry.raw.variant)) {
    await context.withdraw(entry.raw);
    return notStored('invalidated');
  }
  emitKept(type, entry, context);
  return { kind: 'stored', entry };
}

function emitKept(type: 'stored' | 'refreshed', entry: Entry, context: StoreContext): void {
  const { key, expiresAtMs, body } = entry.raw;
  context.events.emit({
    type,
    key: context.displayKey(key),
    url: entry.url,
    bytes: body.byteLength,
    expiresAt: expiresAtMs === Infinity ? null : new Date(expiresAtMs),
  });
}

/** Renews what is stored by the head that a 304 (or a HEAD answer) left it with (RFC 9111 sections 3.2, 4.3.4). */
export async function freshenEntry(
  entry: Entry,
  head: StoredHead,
  exchange: Asked,
  context: StoreContext,
  isCurrent: IsCurrent,
): Promise<Storing & { readonly entry: Entry }> {
  const { bodyKind, headerCase, finalUrl, raw } = entry;
  const { key, resource, variant, body } = raw;
  const { keepStale } = exchange.policy;
  const renewedHead: EntryHead = { ...head, bodyKind, headerCase, finalUrl };
  const lasting = raw.tags.filter((tag) => isUserTag(tag) || isSearchTag(tag));
  const tags = [...lasting, ...groupTags(renewedHead, exchange, context)];
  const renewed = makeEntry(renewedHead, body, { key, resource, variant, tags, keepStale });
  const fresh = renewed.entry;
  if (!isCurrent(variant)) return { kind: 'not-stored', reason: 'invalidated', entry: fresh };
  if (await isReplaced(raw, context)) return { kind: 'not-stored', reason: 'invalidated', entry: fresh };
  const prohibition = forbidsKeeping(exchange.head, fresh, exchange.policy);
  if (prohibition !== undefined) {
    if (prohibition.dropsExisting === true) await context.storage.delete({ key, variant });
    return { kind: 'not-stored', reason: prohibition.reason, entry: fresh };
  }
  const { body: _unchanged, ...withoutBody } = renewed.raw;
  const touched = await context.storage.touch(withoutBody);
  const isRenewed = touched.ok && touched.value;
  // Evicted since it was read: the body is still at hand.
  const storing = isRenewed ? kept('refreshed', fresh, context, isCurrent) : write(renewed, context, isCurrent);
  return { ...(await storing), entry: fresh };
}

/**
 * Whether another answer has been stored in its place since it was read: by a request of another method, or by another
 * user of the storage. The fields of the one must never go with the body of the other.
 */
async function isReplaced({ key, variant, head, body }: StoredEntry, { storage }: StoreContext): Promise<boolean> {
  const latest = await storage.get(key);
  const current = latest.ok ? latest.value.find((each) => each.variant === variant) : undefined;
  return current !== undefined && current.head !== head && !equalBytes(current.body, body);
}

const equalBytes = (one: Uint8Array, other: Uint8Array): boolean =>
  one === other || (one.byteLength === other.byteLength && one.every((byte, index) => byte === other[index]));

/** Deletes what the entry just stored supersedes, and the oldest of what exceeds `maxVariants`. */
async function makeRoom(
  { key, variant }: StoredEntry,
  known: readonly Entry[],
  superseded: readonly Entry[],
  context: StoreContext,
): Promise<void> {
  const others = known.filter(({ raw }) => raw.key === key && raw.variant !== variant);
  for (const { raw } of others.filter((each) => superseded.includes(each))) {
    await context.storage.delete({ key, variant: raw.variant });
  }
  const left = others.filter((each) => !superseded.includes(each)).map(({ raw }) => raw);
  const surplus = left.length + 1 - context.maxVariants;
  if (surplus <= 0) return;
  const oldestFirst = left.sort((one, other) => one.createdAtMs - other.createdAtMs);
  for (const raw of oldestFirst.slice(0, surplus)) {
    await context.storage.delete({ key, variant: raw.variant });
    context.events.emit({ type: 'evicted', key: context.displayKey(key), reason: 'variants' });
  }
}
