/** This file copies entries from one storage to another, one after the other, so that they are found there. */
import type { CopyProgress, CopySkipReason } from '../api/copy.js';
import type { RenewedEntry, StoredEntry, StoredEntryInfo } from '../api/storage.js';
import { type AddressForm, FORM_NAME, isDigest } from '../entries/addresses.js';
import { decodeHead } from '../entries/head.js';
import { digested, isForAnybody, isOfThisProcess, undigested } from '../entries/moved.js';
import type { EpochMs } from '../rfc9111/model.js';
import { fieldsOf } from '../storage/entry-shape.js';
import { type Guarded, type GuardedStorage, valueOf } from '../storage/guard.js';
import { type MaybePromise, whenThere } from '../support/maybe-promise.js';

/** It says by what the entries of a storage are found. */
export interface Addressing {
  readonly form: AddressForm;
  /** Keys of users, and of secret parameters, are made with it. */
  readonly secret: string;
}

/** It asks a storage; one that knows nothing of it yet is from now on like `other`. It throws where that fails. */
export async function addressingOf(
  storage: GuardedStorage,
  other: { readonly form: AddressForm; readonly secret: () => string },
): Promise<Addressing> {
  const secret = valueOf(await storage.meta('secret', other.secret));
  if (!storage.inProcess) return { form: 'digests', secret };
  return { secret, form: valueOf(await storage.meta(FORM_NAME, () => other.form)) as AddressForm };
}

/** It is a storage that entries are copied to. */
export interface CopyTarget {
  readonly storage: GuardedStorage;
  readonly addressing: Addressing;
  /** It is true for a file of requests, whose keys are made anew of the requests, among which there are no users. */
  readonly holdsRequests: boolean;
}

/** It returns an entry as it is found in the target; undefined where nobody could find it there. */
export function findableIn<E extends RenewedEntry>(
  { addressing: to, holdsRequests }: Omit<CopyTarget, 'storage'>,
  entry: E,
  from: Addressing,
): E | undefined {
  const head = decodeHead(entry.head)?.head;
  const isAnybodys = head !== undefined && isForAnybody(entry.key, head);
  const isFound = isAnybodys || (holdsRequests ? head?.request !== undefined : from.secret === to.secret);
  if (!isFound) return undefined;
  if (isDigest(entry.key)) return to.form === 'digests' ? entry : head && undigested(entry, head);
  if (to.form === 'texts') return entry;
  return isOfThisProcess(entry.key) ? undefined : digested(entry);
}

/**
 * It stores what `read` brings for that place in the target, unless the target has the same answer or a newer one. What
 * is invalidated there while it is being read is not stored. The result is the size of the body, or why it was not
 * stored.
 */
export async function copyEntry(
  { key, resource, variant, tags, createdAtMs }: RenewedEntry,
  { storage }: Pick<CopyTarget, 'storage'>,
  read: () => MaybePromise<Guarded<StoredEntry | undefined>>,
): Promise<Guarded<number | CopySkipReason>> {
  const there = await storage.get(key, { resource, tags });
  if (!there.ok) return there;
  const { entries, fence } = there.value;
  const isKnown = entries.some((each) => each.variant === variant && each.createdAtMs >= createdAtMs);
  if (isKnown) return { ok: true, value: 'newer' };
  const source = await read();
  if (!source.ok) return source;
  if (source.value === undefined) return { ok: true, value: 'gone' };
  const written = await storage.set(source.value, fence);
  if (!written.ok) return written;
  const refusal = written.value === false ? 'newer' : 'too-large';
  return { ok: true, value: written.value === true ? source.value.body.byteLength : refusal };
}

interface CopyPorts {
  readonly from: { readonly storage: GuardedStorage; readonly addressing: Addressing };
  readonly to: CopyTarget;
  /** It may throw to end the copying. */
  readonly isMeant: (entry: StoredEntryInfo) => boolean;
  readonly now: () => EpochMs;
  /** It is called after each entry that is meant. */
  readonly onProgress: (progress: CopyProgress) => void;
}

/** It copies what is meant, and holds one body at a time. It throws a CacheError where the listing fails. */
export async function copyEntries({ from, to, isMeant, now, onProgress }: CopyPorts): Promise<CopyProgress> {
  let progress = NOTHING_COPIED;
  for await (const info of from.storage.entries()) {
    if (!isMeant(info)) continue;
    progress = counted(progress, await copied(info, from, to, now()));
    onProgress(progress);
  }
  return progress;
}

async function copied(
  info: StoredEntryInfo,
  { storage, addressing }: CopyPorts['from'],
  to: CopyTarget,
  now: EpochMs,
): Promise<Guarded<number | CopySkipReason>> {
  if (info.purgeAtMs <= now) return { ok: true, value: 'expired' };
  const found = findableIn(to, info, addressing);
  if (found === undefined) return { ok: true, value: 'not-findable' };
  const { key, resource, tags, revision } = info;
  return copyEntry(found, to, () =>
    whenThere(storage.get(key, { resource, tags }), (reading): Guarded<StoredEntry | undefined> => {
      if (!reading.ok) return reading;
      const entry = reading.value.entries.find((each) => each.revision === revision);
      return { ok: true, value: entry && findableIn(to, { ...fieldsOf(entry), body: entry.body }, addressing) };
    }),
  );
}

export const NOTHING_COPIED: CopyProgress = {
  copied: 0,
  skipped: { 'not-findable': 0, 'expired': 0, 'gone': 0, 'newer': 0, 'too-large': 0 },
  failed: 0,
  bytes: 0,
};

/** It counts one entry more. A storage that is closed ends the copying: it throws. */
export function counted(progress: CopyProgress, result: Guarded<number | CopySkipReason>): CopyProgress {
  const { copied, skipped, failed, bytes } = progress;
  if (!result.ok) {
    if (result.error.code === 'ERR_CACHE_CLOSED') throw result.error;
    return { ...progress, failed: failed + 1 };
  }
  const { value } = result;
  if (typeof value === 'number') return { ...progress, copied: copied + 1, bytes: bytes + value };
  return { ...progress, skipped: { ...skipped, [value]: skipped[value] + 1 } };
}
