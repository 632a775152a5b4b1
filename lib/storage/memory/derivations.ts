/** What readers derive from entries in memory, such as a parsed head: it is kept beside them while there is room. */
import type { DerivationSource } from '../../api/storage.js';

/** The bytes made of the text that an entry's body is kept as are derived, too. */
export type Derivation = DerivationSource | 'bytes';

/** So large a part of `maxBytes` derived things may take even where entries fill the storage. */
const PART_OF_THEIR_OWN = 1 / 4;
/** Where there is no room left one in so many entries gets some, so that a scan over many leaves those in use alone. */
const ADMITTED_OF_MANY = 8;
/** What holds an entry's derived things takes this itself. */
const DERIVED_OVERHEAD_BYTES = 200;

/** An entry, as far as it concerns what was derived from it. */
export interface Derivable {
  /** Takes what was derived from it, or where it would be kept while there is nothing. */
  attach(derived: Derived | Derivations): void;
}

/** Everything that was derived from one entry: it is forgotten as a whole. */
export class Derived {
  head: unknown = undefined;
  body: unknown = undefined;
  bytes: unknown = undefined;
  headSize = 0;
  bodySize = 0;
  bytesSize = 0;
  /** Whether its entry was read since it last came up to be forgotten. */
  used = false;

  constructor(
    readonly derivations: Derivations,
    public entry: Derivable,
  ) {}

  get size(): number {
    return DERIVED_OVERHEAD_BYTES + this.headSize + this.bodySize + this.bytesSize;
  }

  set(kind: Derivation, value: unknown, size: number): void {
    this[kind] = value;
    this[`${kind}Size`] = size;
  }
}

/**
 * The derived things of one storage. Together they may take what the entries leave free, and a quarter of `maxBytes`
 * besides; those of the entries that were not read for long go first.
 */
export class Derivations {
  readonly #maxBytes: number;
  #room: number;
  #size = 0;
  #refused = 0;
  /** The one at the front is looked at first where room is needed. */
  readonly #queue = new Set<Derived>();

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
    this.#room = maxBytes * (1 + PART_OF_THEIR_OWN);
  }

  /** Entries take so many bytes now, and derived things get out of their way. */
  leaveRoomFor(entryBytes: number): void {
    this.#room = this.#maxBytes * (1 + PART_OF_THEIR_OWN) - entryBytes;
    if (this.#size > this.#room) this.#makeRoom();
  }

  /** Keeps a value if there is room for it; then a value that was kept in its place is forgotten either way. */
  keep(entry: Derivable, known: Derived | undefined, kind: Derivation, value: unknown, size: number): void {
    if (known !== undefined) this.#put(known, kind, undefined, 0);
    const needed = size + (known === undefined ? DERIVED_OVERHEAD_BYTES : 0);
    const isRefused = needed > this.#room || (known === undefined && !this.#admits(needed));
    if (isRefused) return;
    const derived = known ?? this.#begin(entry);
    this.#put(derived, kind, value, size);
    if (this.#size > this.#room) this.#makeRoom(derived);
  }

  /** What was derived from the body alone belongs to `renewed` now, which has the same body. */
  move(derived: Derived, renewed: Derivable): void {
    this.#put(derived, 'head', undefined, 0);
    derived.entry.attach(this);
    derived.entry = renewed;
    renewed.attach(derived);
  }

  forget(derived: Derived): void {
    if (this.#queue.delete(derived)) this.#size -= derived.size;
    derived.entry.attach(this);
  }

  #admits(needed: number): boolean {
    if (this.#size + needed <= this.#room) return true;
    this.#refused += 1;
    return this.#refused % ADMITTED_OF_MANY === 0;
  }

  #begin(entry: Derivable): Derived {
    const derived = new Derived(this, entry);
    entry.attach(derived);
    this.#queue.add(derived);
    this.#size += derived.size;
    return derived;
  }

  #put(derived: Derived, kind: Derivation, value: unknown, size: number): void {
    this.#size -= derived.size;
    derived.set(kind, value, size);
    this.#size += derived.size;
  }

  /** What was used since it last came up goes to the end of the queue, as does `latest` while others are left. */
  #makeRoom(latest?: Derived): void {
    for (const derived of this.#queue) {
      if (this.#size <= this.#room) return;
      const stays = derived.used || (derived === latest && this.#queue.size > 1);
      if (stays) {
        derived.used = false;
        this.#queue.delete(derived);
        this.#queue.add(derived);
      } else this.forget(derived);
    }
  }
}
