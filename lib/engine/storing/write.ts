/** This file writes entries: only as long as nothing newer is known of the resource, and only so many under one key. */
import type { StoredEntry } from '../../api/storage.js';
import { type IsCurrent, notStored, type Storing, type WritePermit } from '../exchange/storing.js';
import type { Distrust } from '../invalidation/distrust.js';
import { bodyOf } from '../../storage/entry-shape.js';
import type { Entry } from '../../entries/entry.js';
import type { Events } from '../../events.js';
import type { Guarded, GuardedStorage, Written } from '../../storage/guard.js';
import { type MaybePromise, whenThere } from '../../support/maybe-promise.js';

export interface StoreContext {
  readonly storage: GuardedStorage;
  readonly events: Events;
  readonly maxVariants: number;
  /** It returns the key in the form that may be shown. */
  readonly displayKey: (key: string) => string;
  /** It returns what is stored in place of a text that must not show, such as a digest. */
  readonly address: (text: string) => string;
  /** By it entries are deleted: what it deletes is not used any more, whether or not the storage can delete. */
  readonly distrust: Distrust;
}

/** It writes an entry unless that is outdated by now, and never rejects. */
export function writeEntry(
  { raw, entry }: { raw: StoredEntry; entry: Entry },
  context: StoreContext,
  { isCurrent, fence }: Pick<WritePermit, 'isCurrent' | 'fence'>,
): MaybePromise<Storing> {
  if (!isCurrent(raw.variant)) return notStored('invalidated');
  const written = whenWritten(context.storage.set(raw, fence), raw, context.distrust, isCurrent);
  return whenThere(written, (set) => {
    if (set === 'withdrawn') return notStored('invalidated');
    if (!set.ok) return notStored('storage-error');
    if (set.value === 'too-large') return notStored('too-large');
    return set.value ? confirmed('stored', entry, context) : notStored('invalidated');
  });
}

/**
 * It returns what the write of `entry` came to. What has been written is withdrawn where something newer was learnt of
 * the resource during the write, and where the write took too long.
 */
export function whenWritten(
  writing: MaybePromise<Guarded<Written>>,
  entry: Omit<StoredEntry, 'body'>,
  distrust: Distrust,
  isCurrent: IsCurrent,
): MaybePromise<Guarded<Written> | 'withdrawn'> {
  const watched = writing instanceof Promise ? distrust.writing(entry, isCurrent) : undefined;
  const end = (): void => { if (watched !== undefined) distrust.ended(watched); };
  return whenThere(writing, (written) => {
    if (written.ok && isCurrent(entry.variant)) {
      if (written.value === true) distrust.noteWritten(entry);
      end();
      return written;
    }
    const late = written.ok ? undefined : written.late;
    if (watched !== undefined && late !== undefined) {
      watched.isGivenUp = true;
      void late.then(() => withdraw(entry, distrust)).then(end);
    }
    // A write that failed may have happened all the same.
    const undone = isCurrent(entry.variant) ? undefined : withdraw(entry, distrust);
    return whenThere(undone, () => {
      if (late === undefined) end();
      return written.ok ? 'withdrawn' : written;
    });
  });
}

const withdraw = (entry: Omit<StoredEntry, 'body'>, distrust: Distrust): MaybePromise<Guarded<number>> =>
  distrust.delete(bodyOf(entry));

/** The entry is stored, and nothing newer is known. */
export function confirmed(type: 'stored' | 'freshened', entry: Entry, context: StoreContext): Storing {
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

/** It deletes the entries of its key that the one just stored replaces. */
export async function deleteSuperseded(
  { variant }: StoredEntry,
  superseded: readonly Entry[],
  { distrust }: StoreContext,
): Promise<void> {
  for (const { raw } of superseded) {
    if (raw.variant !== variant) await distrust.delete(bodyOf(raw));
  }
}

/**
 * It deletes the oldest variants (answers of one key that differ by what Vary names) beyond `maxVariants`, but never
 * `written`. It looks at what is stored now, as other answers may have been written since the request was sent.
 */
export function trimVariants(written: StoredEntry, context: StoreContext): MaybePromise<void> {
  const { key, resource, tags } = written;
  return whenThere(context.storage.get(key, { resource, tags }), (stored) => {
    if (!stored.ok || stored.value.entries.length <= context.maxVariants) return undefined;
    const { entries } = stored.value;
    const others = entries.filter(({ variant }) => variant !== written.variant);
    // What can no longer be used goes before anything else.
    const age = ({ purgeAtMs, createdAtMs }: StoredEntry): number =>
      purgeAtMs <= written.createdAtMs ? -Infinity : createdAtMs;
    others.sort((one, other) => (age(one) < age(other) ? -1 : 1));
    return deleteVariants(others.slice(0, entries.length - context.maxVariants), context);
  });
}

async function deleteVariants(entries: readonly StoredEntry[], context: StoreContext): Promise<void> {
  for (const each of entries) {
    await context.distrust.delete(bodyOf(each));
    if (context.events.hears('evicted'))
      context.events.emit({ type: 'evicted', key: context.displayKey(each.key), reason: 'variants' });
  }
}
