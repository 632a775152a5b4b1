/** This file decides whether an answer is stored, and stores it. */
import type { RecordedResponse, StoredEntry } from '../../api/storage.js';
import type { Answer, Redirect } from '../exchange/answer.js';
import { variantOf } from '../exchange/body-version.js';
import type { CacheRequest } from '../exchange/request.js';
import { notStored, type Storing, type WritePermit } from '../exchange/storing.js';
import { passesFilter } from '../reading/filter.js';
import { ALONE, joinParts } from './join-parts.js';
import { tagsOf } from './tags-of.js';
import { deleteSuperseded, type StoreContext, trimVariants, writeEntry } from './write.js';
import { copyOf, encodeBody } from '../../entries/body.js';
import { allowsStale, describeEntry, type Entry, type EntryIdentity, makeEntry } from '../../entries/entry.js';
import type { EntryHead } from '../../entries/head.js';
import { userTag } from '../../entries/tags.js';
import type { RequestPolicy } from '../../options/policy.js';
import { decideStorage, type StorageDecision } from '../../rfc9111/decide-storage.js';
import type { NotStoredReason, RequestHead, TimedResponse } from '../../rfc9111/model.js';
import { isPart } from '../../rfc9111/parts.js';
import { type MaybePromise, whenThere } from '../../support/maybe-promise.js';
import { isUnawaited } from '../../support/user-promise.js';

type StoreDecision = Extract<StorageDecision, { kind: 'store' }>;

/**
 * It stores `answer` where that is allowed, useful and possible, and never rejects. `known` is what the key already
 * holds.
 */
export function storeResponse(
  request: CacheRequest,
  answer: Answer,
  known: readonly Entry[],
  context: StoreContext,
  permit: WritePermit,
): MaybePromise<Storing> {
  return whenThere(tryToStore(request, answer, known, context, permit), (result) => {
    // Asked at the end only, as a listener may have come meanwhile.
    if (result.kind === 'not-stored' && context.events.hears('not-stored')) {
      context.events.emit({ type: 'not-stored', url: request.head.url, reason: result.reason });
    }
    return result;
  });
}

function tryToStore(
  request: CacheRequest,
  answer: Answer,
  known: readonly Entry[],
  context: StoreContext,
  permit: WritePermit,
): MaybePromise<Storing> {
  let { policy } = request;
  let decision = decideStorage(request.head, answer, policy);
  if (decision.kind === 'do-not-store') return refused(decision, request, context, permit);
  if (answer.body === undefined) return notStored(answer.missing ?? 'incomplete');
  const encoded = encodeBody(answer.body);
  if (encoded.byteLength > policy.maxEntryBytes) return notStored('too-large');
  // The adapter's bytes are its caller's, who may change them; those that were copied from a stream are nobody's.
  const body = answer.body.kind === 'bytes' && answer.adapterResponse !== undefined ? copyOf(encoded) : encoded;
  let alone = entryHead(request, answer, decision);
  if (policy.settle !== undefined) {
    policy = policy.settle(describeEntry(makeEntry(alone, body, identityIn(request, alone, [])).entry));
    decision = decideStorage(request.head, answer, policy);
    if (decision.kind === 'do-not-store') return refused(decision, request, context, permit);
    alone = entryHead(request, answer, decision);
  }
  const { filter, tags } = request.policy;
  const isPlain = filter === undefined && typeof tags !== 'function' && !isPart(answer) && known.length === 0;
  if (!isPlain) return storeJoined(request, answer, { head: alone, body, policy }, known, context, permit);
  const all = [...tags.map(userTag), ...tagsOf(alone, request, answer.fromAskedUrl, context.address)];
  const made = makeEntry(alone, body, identityIn(request, alone, all), decision.facts);
  return writeEntry(made, context, permitFor(permit, made));
}

/** It is what may be stored, with the policy that gave its lifetime. */
interface Settled {
  readonly head: EntryHead;
  readonly body: Uint8Array;
  readonly policy: RequestPolicy;
}

/**
 * It stores an answer in the less simple cases: it may complete or replace other entries of the key, and the user's
 * hooks are asked.
 */
async function storeJoined(
  request: CacheRequest,
  answer: Answer,
  { head: alone, body, policy }: Settled,
  known: readonly Entry[],
  context: StoreContext,
  permit: WritePermit,
): Promise<Storing> {
  const untagged = (head: EntryHead, bytes: Uint8Array): Entry =>
    makeEntry(head, bytes, identityIn(request, head, [])).entry;
  const { combined, superseded } =
    isPart(answer) || known.some(isPart) ? joinParts(request, answer, untagged(alone, body), known, policy) : ALONE;
  const { head, bytes } = combined ?? { head: alone, bytes: body };
  const tags = await askHooks(request, () => untagged(head, bytes));
  if (tags === undefined) {
    return notStored('filtered');
  }
  const all = [...tags, ...tagsOf(head, request, answer.fromAskedUrl, context.address)];
  const made = makeEntry(head, bytes, identityIn(request, head, all));
  const storing = await writeEntry(made, context, permitFor(permit, made));
  if (storing.kind === 'stored') await deleteSuperseded(made.raw, superseded, context);
  return storing;
}

/**
 * It stores a redirect where `decision` says so, and never rejects. The user's `filter` is not asked: it judges
 * answers, and a redirect is only the way to one.
 */
export async function storeRedirect(
  request: CacheRequest,
  redirect: Redirect,
  decision: StorageDecision,
  known: readonly Entry[],
  context: StoreContext,
  permit: WritePermit,
): Promise<Storing> {
  if (decision.kind === 'do-not-store') return refused(decision, request, context, permit);
  const head: EntryHead = { ...entryHead(request, redirect, decision), redirectsTo: redirect.to };
  const made = makeEntry(head, NO_BYTES, identityIn(request, head, []), decision.facts);
  const storing = await writeEntry(made, context, permit);
  if (storing.kind === 'stored' && known.length >= context.maxVariants) await trimVariants(made.raw, context);
  return storing;
}

function refused(
  { reason, dropExisting }: Exclude<StorageDecision, StoreDecision>,
  { key, resource }: CacheRequest,
  context: StoreContext,
  permit: WritePermit,
): MaybePromise<Storing> {
  if (!dropExisting || !permit.isCurrent('')) return notStored(reason);
  return whenThere(context.distrust.delete({ key, resource }), () => notStored(reason));
}

const identityIn = (request: CacheRequest, head: EntryHead, tags: readonly string[]): EntryIdentity => ({
  key: request.key,
  resource: request.resource,
  variant: variantOf(head, request.head),
  tags,
  keepStale: request.policy.keepStale,
  mayBeStale: allowsStale(request.policy),
});

/** It is the permit for what was made: a newer version of the body may have come in parts meanwhile, or as a whole. */
const permitFor = (permit: WritePermit, { entry }: { readonly entry: Entry }) => ({
  isCurrent: permit.currentFor(entry),
  fence: permit.fence,
});

/**
 * It returns the entry by which other callers under way may share an answer: the one that was stored, or the one that
 * would have been stored but for the answer's status, its size, a failure of the storage or an invalidation. It returns
 * undefined where nobody else may have the answer.
 */
export function shareableEntry(
  request: CacheRequest,
  fetched: { readonly answer: Answer; readonly storing: Storing; readonly request: RequestHead },
): Entry | undefined {
  const { answer, storing, request: asked } = fetched;
  if (storing.kind === 'stored') return storing.entry;
  // A body that cannot be kept is its own caller's, and what is still arriving has none yet.
  if (answer.body === undefined) return undefined;
  // What is being stored may still be refused by the user's filter.
  const isPrivate =
    storing.kind === 'pending' ? request.policy.filter !== undefined : !SHAREABLE_UNSTORED.has(storing.reason);
  if (isPrivate) return undefined;
  const decision = decideStorage(asked, answer, { ...request.policy, allowsStatus: () => true, readOnly: false });
  if (decision.kind === 'do-not-store') return undefined;
  const head = entryHead(request, answer, decision);
  return makeEntry(head, NO_BYTES, identityIn(request, head, []), decision.facts).entry;
}

/**
 * It makes the entry that an answer from a file of recordings comes to, as if the origin had just sent it; it is
 * undefined where the answer may not be stored.
 */
export function entryOfRecorded(request: CacheRequest, recorded: RecordedResponse): StoredEntry | undefined {
  const { status, statusText, headers, body, redirectsTo } = recorded;
  const times = { requestTime: recorded.requestTimeMs, responseTime: recorded.responseTimeMs };
  const answer = { status, headers, bodyBytes: body.byteLength, ...times };
  const policy = { ...request.policy, readOnly: false };
  const decision = decideStorage(request.head, answer, policy);
  if (decision.kind === 'do-not-store') return undefined;
  const head = entryHead(request, { ...answer, statusText, body: { kind: 'bytes', bytes: body } }, decision);
  return makeEntry({ ...head, redirectsTo }, body, identityIn(request, head, []), decision.facts).raw;
}

const NO_BYTES = new Uint8Array(0);
const NO_SPELLINGS = Object.freeze(Object.create(null) as Record<string, string>);
const SHAREABLE_UNSTORED: ReadonlySet<NotStoredReason> = new Set([
  'read-only',
  'status',
  'too-large',
  'storage-error',
  'invalidated',
]);

/** It is what an entry's head takes from an answer, or from a redirect, of which less is known. */
type HeadSource = TimedResponse &
  Partial<Pick<Answer, 'statusText' | 'body' | 'headerCase' | 'finalUrl' | 'heedsValidateStatus'>>;

function entryHead(request: CacheRequest, answer: HeadSource, decision: StoreDecision): EntryHead {
  return {
    url: request.head.url,
    method: request.head.method,
    status: answer.status,
    statusText: answer.statusText ?? '',
    headers: decision.headers,
    requestTime: answer.requestTime,
    responseTime: answer.responseTime,
    vary: decision.vary,
    lifetime: decision.lifetime,
    headersHonoured: decision.headersHonoured,
    redirectsTo: undefined,
    bodyKind: answer.body?.kind ?? 'none',
    headerCase: answer.headerCase ?? NO_SPELLINGS,
    finalUrl: answer.finalUrl,
    heedsValidateStatus: answer.heedsValidateStatus ?? true,
    request: request.recorded,
  };
}

/**
 * It asks the user's `filter` and `tags`, and returns the tags in the form in which they are stored, or undefined where
 * the answer must not be stored. A hook that throws has not agreed.
 */
async function askHooks(request: CacheRequest, entry: () => Entry): Promise<readonly string[] | undefined> {
  const { filter, tags } = request.policy;
  if (filter === undefined && typeof tags !== 'function') return tags.map(userTag);
  try {
    const response = describeEntry(entry());
    if (filter !== undefined && !(await passesFilter(filter, response))) return undefined;
    return typeof tags === 'function' ? namesIn(tags(response))?.map(userTag) : tags.map(userTag);
  } catch {
    return undefined;
  }
}

/** It returns the tags where all are texts, as a storage can find only these; otherwise it returns undefined. */
function namesIn(tags: unknown): readonly string[] | undefined {
  if (isUnawaited(tags) || !Array.isArray(tags)) return undefined;
  const names = [...(tags as readonly unknown[])];
  return names.every((tag) => typeof tag === 'string') ? names : undefined;
}
