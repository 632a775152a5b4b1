/** Keeping an answer: whether and how it is stored. */
import type { Answer, Hop } from '../exchange/answer.js';
import type { Asked } from '../exchange/request.js';
import { type IsCurrent, notStored, type Storing } from '../exchange/storing.js';
import { passesFilter } from '../reading/filter.js';
import { joinParts } from './join-parts.js';
import { groupTags, searchTags } from './tags-of.js';
import { makeRoom, type StoreContext, writeEntry } from './write.js';
import { encodeBody } from '../../entries/body.js';
import { describeEntry, type Entry, type EntryAddress, makeEntry } from '../../entries/entry.js';
import type { EntryHead } from '../../entries/head.js';
import { userTag } from '../../entries/tags.js';
import { decideStorage, type StorageDecision } from '../../rfc9111/decide-storage.js';
import { fieldValue } from '../../rfc9111/fields.js';
import type { NotStoredReason, RequestHead } from '../../rfc9111/model.js';
import { isPart } from '../../rfc9111/parts.js';
import { variantText } from '../../rfc9111/vary.js';
import { hashAddress } from '../../support/digest.js';

type StoreDecision = Extract<StorageDecision, { kind: 'store' }>;

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
  const fresh = makeEntry(alone, body, addressOf(exchange, alone, []), decision.facts);
  const { combined, superseded } = joinParts(exchange, answer, fresh.entry, known);
  const { head, bytes } = combined ?? { head: alone, bytes: body };
  const untagged = combined === undefined ? fresh : makeEntry(head, bytes, addressOf(exchange, head, []));
  const tags = await askHooks(exchange, untagged.entry);
  if (tags === undefined) {
    if (isCurrent('')) await context.storage.delete({ key: exchange.key });
    return notStored('filtered');
  }
  const ours = [...groupTags(head, exchange, context.address), ...searchTags(head, exchange, answer.direct, context.address)];
  const all = [...tags, ...ours];
  const facts = combined === undefined ? decision.facts : undefined;
  const encoded = all.length === 0 ? untagged : makeEntry(head, bytes, addressOf(exchange, head, all), facts);
  const storing = await writeEntry(encoded, context, isCurrent);
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
  const made = makeEntry(head, NO_BYTES, addressOf(asked, head, []), decision.facts);
  const storing = await writeEntry(made, context, isCurrent);
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
  return makeEntry(head, NO_BYTES, addressOf(exchange, head, []), decision.facts).entry;
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
