/** Writing an entry: only while it is the latest word on its resource, and within the bounds of its key. */
import type { StoredEntry } from '../../api/storage.js';
import { type IsCurrent, notStored, type Storing } from '../exchange/storing.js';
import type { Entry } from '../../entries/entry.js';
import type { Events } from '../../events.js';
import type { Guarded, GuardedStorage } from '../../storage/guard.js';
import type { MaybePromise } from '../../support/maybe-promise.js';

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

/** Writes an entry unless it is outdated by now; never rejects. */
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

/** What has been written stays only if the resource was not invalidated during the write. */
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

/** Deletes what the entry just stored supersedes, and the oldest of what exceeds `maxVariants`. */
export async function makeRoom(
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
    if (context.events.hears('evicted'))
      context.events.emit({ type: 'evicted', key: context.displayKey(key), reason: 'variants' });
  }
}
