/**
 * This file remembers what was invalidated while the storage could not delete it, so that it is not used, and is
 * deleted later.
 */
import type { StorageSelector } from '../../api/storage.js';
import type { Entry } from '../../entries/entry.js';
import { isUserTag } from '../../entries/tags.js';
import type { EpochMs } from '../../rfc9111/model.js';
import type { Guarded, GuardedStorage } from '../../storage/guard.js';
import { BoundedMap } from '../../support/bounded-map.js';

/** The cache remembers this many selections. */
const MAX_REMEMBERED = 10_000;

/** What an invalidation selects: all entries of one URL, or with one tag of ours. */
type Selection = Exclude<StorageSelector, { readonly key: string }>;

export class Undeleted {
  readonly #storage: GuardedStorage;
  readonly #now: () => EpochMs;
  /** It holds when each resource or tag was invalidated. No resource looks like one of the cache's own tags. */
  readonly #since = new BoundedMap<string, EpochMs>(MAX_REMEMBERED, {
    onForgotten: (forgotten) => {
      for (const since of forgotten.values()) this.#distrusted = Math.max(this.#distrusted, since);
    },
  });
  /** It holds since when each resource or tag is being deleted. */
  readonly #deleting = new Map<string, { readonly since: EpochMs }>();
  /** Entries stored before this instant are not used, as it is not known which of them were invalidated. */
  #distrusted: EpochMs = -Infinity;

  constructor(storage: GuardedStorage, now: () => EpochMs) {
    this.#storage = storage;
    this.#now = now;
  }

  /**
   * It deletes what `selection` selects. Where that fails, it sees to it that this process does not use these entries
   * any more.
   */
  async delete(selection: Selection): Promise<Guarded<number>> {
    const name = nameOf(selection);
    const deleting = { since: this.#now() };
    this.#deleting.set(name, deleting);
    const deleted = await this.#storage.delete(selection);
    if (!deleted.ok) this.remember(selection);
    // Another deletion of the same entries may have begun meanwhile.
    if (this.#deleting.get(name) === deleting) this.#deleting.delete(name);
    return deleted;
  }

  remember(selection: Selection): void {
    this.#since.set(nameOf(selection), this.#now());
  }

  /** It makes all entries unusable that were stored before now, as it is not known which of them are invalid. */
  distrustAll(): void {
    this.#distrusted = this.#now();
  }

  /** It is true where nothing is remembered, so that everything stored may be used. */
  get isEmpty(): boolean {
    return this.#since.size === 0 && this.#deleting.size === 0 && this.#distrusted === -Infinity;
  }

  /**
   * It returns those of `entries`, found for `resource`, that may be used. For the others the deletion is tried again.
   */
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

/** It returns the selections by which an invalidation could have meant the entry. */
const selectionsOf = ({ raw }: Entry): Selection[] => [
  { resource: raw.resource },
  ...raw.tags.filter((tag) => !isUserTag(tag)).map((tag) => ({ tag })),
];
