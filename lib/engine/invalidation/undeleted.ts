/**
 * What was invalidated while the storage could not delete it: remembered, so that it is not used, and deleted later.
 */
import type { StorageSelector } from '../../api/storage.js';
import type { Entry } from '../../entries/entry.js';
import { isUserTag } from '../../entries/tags.js';
import type { EpochMs } from '../../rfc9111/model.js';
import type { Guarded, GuardedStorage } from '../../storage/guard.js';
import { BoundedMap } from '../../support/bounded-map.js';

/** How many selections are remembered. */
const MAX_REMEMBERED = 10_000;

/** What an invalidation selects: all entries of one URL, or with one tag of ours. */
type Selection = Exclude<StorageSelector, { readonly key: string }>;

export class Undeleted {
  readonly #storage: GuardedStorage;
  readonly #now: () => EpochMs;
  /** When each was invalidated, by resource or tag: no resource looks like a tag of ours. */
  readonly #since = new BoundedMap<string, EpochMs>(MAX_REMEMBERED, {
    onForgotten: (forgotten) => {
      for (const since of forgotten.values()) this.#distrusted = Math.max(this.#distrusted, since);
    },
  });
  /** Since when each is being deleted. */
  readonly #deleting = new Map<string, { readonly since: EpochMs }>();
  /** Entries stored before this instant are not used: something unknown was invalidated. */
  #distrusted: EpochMs = -Infinity;

  constructor(storage: GuardedStorage, now: () => EpochMs) {
    this.#storage = storage;
    this.#now = now;
  }

  /** Deletes what `selection` means, or sees to it that this process does not use it any more. */
  async delete(selection: Selection): Promise<Guarded<number>> {
    const name = nameOf(selection);
    const deleting = { since: this.#now() };
    this.#deleting.set(name, deleting);
    const deleted = await this.#storage.delete(selection);
    if (!deleted.ok) this.remember(selection);
    // Another delete may have begun meanwhile.
    if (this.#deleting.get(name) === deleting) this.#deleting.delete(name);
    return deleted;
  }

  remember(selection: Selection): void {
    this.#since.set(nameOf(selection), this.#now());
  }

  /** Nothing stored before now is used any more, as nobody knows what of it is invalid. */
  distrustAll(): void {
    this.#distrusted = this.#now();
  }

  /** Nothing is remembered, so that everything stored may be used. */
  get isEmpty(): boolean {
    return this.#since.size === 0 && this.#deleting.size === 0 && this.#distrusted === -Infinity;
  }

  /** Those of `entries`, found for `resource`, that may be used; the others are tried again to be deleted. */
  async without(resource: string, entries: readonly Entry[]): Promise<readonly Entry[]> {
    if (this.isEmpty) return entries;
    const kept = entries.filter((entry) =>
      [{ resource }, ...selectionsOf(entry)].every((selection) => entry.raw.createdAtMs > this.#sinceOf(selection)),
    );
    for (const selection of [{ resource }, ...entries.flatMap(selectionsOf)]) {
      const isDue = this.#since.has(nameOf(selection));
      if (isDue && (await this.#storage.delete(selection)).ok) this.#since.delete(nameOf(selection));
    }
    return kept;
  }

  #sinceOf(selection: Selection): EpochMs {
    const name = nameOf(selection);
    const since = Math.max(this.#since.get(name) ?? -Infinity, this.#deleting.get(name)?.since ?? -Infinity);
    return Math.max(since, this.#distrusted);
  }
}

const nameOf = (selection: Selection): string => ('tag' in selection ? selection.tag : selection.resource);

/** What an invalidation could have meant it by. */
const selectionsOf = ({ raw }: Entry): Selection[] => [
  { resource: raw.resource },
  ...raw.tags.filter((tag) => !isUserTag(tag)).map((tag) => ({ tag })),
];
