/** Renewing what is stored by the answer that says that it still holds. */
import type { StoredEntry } from '../../api/storage.js';
import type { Asked } from '../exchange/request.js';
import type { IsCurrent, Storing } from '../exchange/storing.js';
import { groupTags } from './tags-of.js';
import { kept, type StoreContext, writeEntry } from './write.js';
import { type Entry, makeEntry } from '../../entries/entry.js';
import type { EntryHead } from '../../entries/head.js';
import { isSearchTag, isUserTag } from '../../entries/tags.js';
import { forbidsKeeping } from '../../rfc9111/decide-storage.js';
import type { Freshening } from '../../rfc9111/decide-validation.js';

/** Renews what is stored by the head that a 304 (or a HEAD answer) left it with (RFC 9111 sections 3.2, 4.3.4). */
export async function freshenEntry(
  entry: Entry,
  { head, facts }: Freshening,
  exchange: Asked,
  context: StoreContext,
  isCurrent: IsCurrent,
): Promise<Storing & { readonly entry: Entry }> {
  const { bodyKind, headerCase, finalUrl, raw } = entry;
  const { key, resource, variant, body } = raw;
  const { keepStale } = exchange.policy;
  const renewedHead: EntryHead = { ...head, bodyKind, headerCase, finalUrl };
  const lasting = raw.tags.filter((tag) => isUserTag(tag) || isSearchTag(tag));
  const tags = [...lasting, ...groupTags(renewedHead, exchange, context.address)];
  const renewed = makeEntry(renewedHead, body, { key, resource, variant, tags, keepStale }, facts);
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
  const storing = isRenewed ? kept('refreshed', fresh, context, isCurrent) : writeEntry(renewed, context, isCurrent);
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
