/**
 * This file remembers which entries are not to be used although the storage may still give them: those that it is to
 * delete, and those that are being written although they are outdated by now. What happens is put in order by a
 * sequence, as a clock may be set back. All instances of axios that share a storage in this process share what is
 * remembered: what one of them could not delete, none of them uses.
 */
import type { StorageSelector, StoredEntry } from '../../api/storage.js';
import type { IsCurrent } from '../exchange/storing.js';
import type { Entry } from '../../entries/entry.js';
import type { Guarded, GuardedStorage } from '../../storage/guard.js';
import { BoundedMap } from '../../support/bounded-map.js';
import { type MaybePromise, whenThere } from '../../support/maybe-promise.js';
import { owns } from '../../support/owns.js';

/** The cache remembers this many selections, and as many writes. Where that is too few, all entries are distrusted. */
const MAX_REMEMBERED = 10_000;
/** It remembers this many deletions of entries that only a look at each entry tells. */
const MAX_SWEEPS = 50;

type Sequence = number;
type Attempt<T> = () => MaybePromise<Guarded<T>>;

interface Deletion {
  /** Entries that were written before are not used. */
  readonly since: Sequence;
  /** It tries to delete again what the storage has failed to delete; it is undefined where that has not happened. */
  due: Attempt<unknown> | undefined;
  readonly forget: () => void;
}

interface Sweep extends Deletion {
  readonly concerns: (entry: Entry) => boolean;
}

/** It tells by names which entries are meant. */
export type NamedSelector = Exclude<StorageSelector, { readonly underWay: true }>;

type Written = Pick<StoredEntry, 'key' | 'variant' | 'head'>;

/** It is a write that is under way. */
interface Writing {
  readonly entry: Written;
  readonly isCurrent: IsCurrent;
  /** It is true where nobody waits for the write any more, so that it will be undone when it ends. */
  isGivenUp: boolean;
}

/** It is what is remembered of one storage. */
class Memory {
  sequence: Sequence = 0;
  readonly deletions = new BoundedMap<string, Deletion>(MAX_REMEMBERED, {
    onForgotten: () => { this.beginSweep(() => true); },
  });

  readonly sweeps = new Set<Sweep>();
  /** It holds them by key, as each look-up asks for those of one. */
  readonly writings = new Map<string, Set<Writing>>();
  /** It holds what was written last under a name, as long as anything is to be deleted. */
  written = new BoundedMap<string, { readonly head: string; readonly at: Sequence }>(MAX_REMEMBERED);
  /** It holds when each look-up that is under way began, the oldest first. */
  readonly readings = new Set<{ readonly since: Sequence }>();
  /** It holds what can be forgotten once the look-ups that began before are over. */
  readonly forgettable: { readonly at: Sequence; readonly forget: () => void }[] = [];

  next(): Sequence {
    this.sequence += 1;
    return this.sequence;
  }

  beginSweep(concerns: Sweep['concerns']): Sweep {
    const sweep: Sweep = {
      concerns,
      since: this.next(),
      due: undefined,
      forget: () => { this.sweeps.delete(sweep); },
    };
    if (this.sweeps.size === MAX_SWEEPS) {
      this.sweeps.clear();
      this.beginSweep(() => true);
    }
    this.sweeps.add(sweep);
    return sweep;
  }
}

const memories = new WeakMap<object, Memory>();

function memoryOf({ shared }: GuardedStorage): Memory {
  const memory = memories.get(shared) ?? new Memory();
  memories.set(shared, memory);
  return memory;
}

export class Distrust {
  readonly #storage: GuardedStorage;
  readonly #memory: Memory;

  constructor(storage: GuardedStorage) {
    this.#storage = storage;
    this.#memory = memoryOf(storage);
  }

  /** It deletes what is selected. From now on this process does not use it, whether or not the storage can delete. */
  delete(selector: NamedSelector): MaybePromise<Guarded<number>> {
    const name = nameOf(selector);
    const { deletions } = this.#memory;
    const deletion: Deletion = {
      since: this.#memory.next(),
      due: undefined,
      forget: () => { if (deletions.get(name) === deletion) deletions.delete(name); },
    };
    deletions.set(name, deletion);
    return this.#watch(deletion, () => this.#storage.delete(selector));
  }

  /** It deletes everything, as `delete` does. */
  clear(): MaybePromise<Guarded<void>> {
    return this.sweep(() => true, () => this.#storage.clear());
  }

  /** It deletes by `attempt` what `concerns` is true for, as `delete` does. */
  sweep<T>(concerns: Sweep['concerns'], attempt: Attempt<T>): MaybePromise<Guarded<T>> {
    return this.#watch(this.#memory.beginSweep(concerns), attempt);
  }

  /** It makes all entries unusable that were written before now, as it is not known which of them are invalid. */
  distrustAll(): void {
    this.#memory.beginSweep(() => true);
  }

  #watch<T>(deletion: Deletion, attempt: Attempt<T>): MaybePromise<Guarded<T>> {
    deletion.due = undefined;
    return whenThere(attempt(), (deleted) => {
      if (deleted.ok) this.#whenRead(() => { this.#forget(deletion); });
      else deletion.due = attempt;
      return deleted;
    });
  }

  #forget({ forget }: Deletion): void {
    forget();
    if (!this.#hasDeletions) this.#memory.written = new BoundedMap(MAX_REMEMBERED);
  }

  get #hasDeletions(): boolean {
    return this.#memory.deletions.size > 0 || this.#memory.sweeps.size > 0;
  }

  /** It learns of a write that takes time. What it writes is not used from the moment at which it is outdated. */
  writing(entry: Written, isCurrent: IsCurrent): Writing {
    const writing: Writing = { entry, isCurrent, isGivenUp: false };
    const { writings } = this.#memory;
    const others = writings.get(entry.key);
    if (others === undefined) writings.set(entry.key, new Set([writing]));
    else others.add(writing);
    if (writings.size > MAX_REMEMBERED) {
      // Where a storage never ends its writes, they are too many to be remembered each.
      writings.clear();
      this.distrustAll();
    }
    return writing;
  }

  /** It learns that a write has ended, and that it was undone where that was necessary. */
  ended(writing: Writing): void {
    this.#whenRead(() => {
      const { key } = writing.entry;
      const others = this.#memory.writings.get(key);
      if (others?.delete(writing) === true && others.size === 0) this.#memory.writings.delete(key);
    });
  }

  /** It learns what the storage has under a name now: it is newer than all that is to be deleted. */
  noteWritten(entry: Written): void {
    if (this.#hasDeletions) this.#memory.written.set(placeOf(entry), { head: entry.head, at: this.#memory.next() });
  }

  /** It is called when a look-up has begun, and gives what is to be called when the look-up is over. */
  reading(): () => void {
    const { readings, forgettable } = this.#memory;
    const reading = { since: this.#memory.next() };
    readings.add(reading);
    return () => {
      readings.delete(reading);
      const [oldest] = readings;
      while ((forgettable[0]?.at ?? Infinity) < (oldest?.since ?? Infinity)) forgettable.shift()?.forget();
    };
  }

  /** A look-up that has begun may still bring what was there then. */
  #whenRead(forget: () => void): void {
    if (this.#memory.readings.size === 0) forget();
    else this.#memory.forgettable.push({ at: this.#memory.next(), forget });
  }

  /** It returns those of `entries` that may be used. For the others the deletion is tried again. */
  usable(entries: readonly Entry[]): readonly Entry[] {
    const isTrusted = !this.#hasDeletions && this.#memory.writings.size === 0;
    if (isTrusted || entries.length === 0) return entries;
    const meant = new Set<Deletion>();
    const usable = entries.filter((entry) => !this.#isOutdated(entry.raw) && !this.#isDeleted(entry, meant));
    // This comes last: what succeeds at once is forgotten at once, and means all of the entries. Nobody waits for it,
    // as what is to be deleted is not used anyway.
    for (const deletion of meant) if (deletion.due !== undefined) void this.#watch(deletion, deletion.due);
    return usable;
  }

  #isOutdated({ key, variant, head }: StoredEntry): boolean {
    for (const { entry, isCurrent, isGivenUp } of this.#memory.writings.get(key) ?? []) {
      if (entry.head === head && (isGivenUp || !isCurrent(variant))) return true;
    }
    return false;
  }

  /** It adds the deletions that mean the entry to `all`. */
  #isDeleted(entry: Entry, all: Set<Deletion>): boolean {
    const { raw } = entry;
    const written = this.#memory.written.get(placeOf(raw));
    const at = written?.head === raw.head ? written.at : 0;
    const { deletions, sweeps } = this.#memory;
    const selected = namesOf(raw).map((name) => deletions.get(name));
    const swept = [...sweeps].filter(({ concerns }) => concerns(entry));
    const meant = [...selected, ...swept].filter((each): each is Deletion => each !== undefined && each.since > at);
    for (const deletion of meant) all.add(deletion);
    return meant.length > 0;
  }
}

/** It names a selection, so that no two selections of different kinds have the same name. */
function nameOf(selector: NamedSelector): string {
  if (owns(selector, 'tag')) return `tag ${selector.tag}`;
  if (!owns(selector, 'key')) return `resource ${selector.resource}`;
  const { key, variant } = selector;
  return variant === undefined ? `key ${key}` : placeOf({ key, variant });
}

/** It names the place of an entry, which one entry after the other may take. */
const placeOf = ({ key, variant }: Pick<StoredEntry, 'key' | 'variant'>): string => `variant ${variant} ${key}`;

/** It names the selections that an entry belongs to. */
const namesOf = ({ key, resource, variant, tags }: StoredEntry): readonly string[] => [
  placeOf({ key, variant }),
  nameOf({ key, resource }),
  nameOf({ resource }),
  ...tags.map((tag) => nameOf({ tag })),
];
