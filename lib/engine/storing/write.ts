/** This file writes entries: only as long as nothing newer is known of the resource, and only so many under one key. */
import type { StoredEntry } from '../../api/storage.js';
import { type IsCurrent, notStored, type Storing } from '../exchange/storing.js';
import type { Entry } from '../../entries/entry.js';
import type { Events } from '../../events.js';
import type { Guarded, GuardedStorage } from '../../storage/guard.js';
import { type MaybePromise, whenThere } from '../../support/maybe-promise.js';

export interface StoreContext {
  readonly storage: GuardedStorage;
  readonly events: Events;
  readonly maxVariants: number;
  /** It returns the key in the form that may be shown. */
  readonly displayKey: (key: string) => string;
  /** It returns what is stored in place of a text that must not show, such as a digest. */
  readonly address: (text: string) => string;
  /**
   * It withdraws an entry that was written: the entry is not used any more, whether or not the storage can delete it.
   */
  readonly withdraw: (entry: StoredEntry) => Promise<void>;
}

/** It writes an entry unless that is outdated by now, and never rejects. */
export function writeEntry(
  { raw, entry }: { raw: StoredEntry; entry: Entry },
  context: StoreContext,
  isCurrent: IsCurrent,
): MaybePromise<Storing> {
  if (!isCurrent(raw.variant)) return notStored('invalidated');
  const set = context.storage.set(raw);
  return set instanceof Promise
    ? set.then((result) => afterWrite(result, { raw, entry }, context, isCurrent))
    : afterWrite(set, { raw, entry }, context, isCurrent);
}

function afterWrite(
  set: Guarded<void>,
  { raw, entry }: { raw: StoredEntry; entry: Entry },
  context: StoreContext,
  isCurrent: IsCurrent,
): MaybePromise<Storing> {
  if (set.ok) return confirmWrite('stored', entry, context, isCurrent);
  // A failed write may still have happened, or happen later, after an invalidation that did not know of it.
  void set.late?.then(() => context.withdraw(raw));
  const failed = notStored('storage-error');
  return isCurrent(raw.variant) ? failed : context.withdraw(raw).then(() => failed);
}

/** It withdraws what has been written if the resource was invalidated during the write; otherwise the entry stays. */
export function confirmWrite(
  type: 'stored' | 'freshened',
  entry: Entry,
  context: StoreContext,
  isCurrent: IsCurrent,
): MaybePromise<Storing> {
  if (!isCurrent(entry.raw.variant)) return context.withdraw(entry.raw).then(() => notStored('invalidated'));
  if (context.events.hears(type)) emitWritten(type, entry, context);
  return { kind: 'stored', entry };
}

function emitWritten(type: 'stored' | 'freshened', entry: Entry, context: StoreContext): void {
  const { key, expiresAtMs, body } = entry.raw;
  context.events.emit({
    type,
    key: context.displayKey(key),
    url: entry.url,
    bytes: body.byteLength,
    expiresAt: expiresAtMs === Infinity ? null : new Date(expiresAtMs),
  });
}

/** It deletes the entries that the one just stored replaces. */
export async function deleteSuperseded(
  { key, variant }: StoredEntry,
  superseded: readonly Entry[],
  { storage }: StoreContext,
): Promise<void> {
  for (const { raw } of superseded) {
    if (raw.key === key && raw.variant !== variant) await storage.delete({ key, variant: raw.variant });
  }
}

/**
 * It deletes the oldest variants (answers of one key that differ by what Vary names) beyond `maxVariants`, but never
 * `written`. It looks at what is stored now, as other answers may have been written since the request was sent.
 */
export function trimVariants(written: StoredEntry, context: StoreContext): MaybePromise<void> {
  return whenThere(context.storage.get(written.key), (stored) => {
    if (!stored.ok || stored.value.length <= context.maxVariants) return undefined;
    const others = stored.value.filter(({ variant }) => variant !== written.variant);
    // What can no longer be used goes before anything else.
    const age = ({ purgeAtMs, createdAtMs }: StoredEntry): number =>
      purgeAtMs <= written.createdAtMs ? -Infinity : createdAtMs;
    others.sort((one, other) => (age(one) < age(other) ? -1 : 1));
    return deleteVariants(others.slice(0, stored.value.length - context.maxVariants), context);
  });
}

async function deleteVariants(entries: readonly StoredEntry[], context: StoreContext): Promise<void> {
  for (const { key, variant } of entries) {
    await context.storage.delete({ key, variant });
    if (context.events.hears('evicted'))
      context.events.emit({ type: 'evicted', key: context.displayKey(key), reason: 'variants' });
  }
}
