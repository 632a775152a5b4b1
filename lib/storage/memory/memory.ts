/** The storage in memory: bounded by number and by bytes, least recently used first out. */
import { LRUCache } from 'lru-cache';
import { CacheError } from '../../api/errors.js';
import type {
  CacheStorage,
  EvictionListener,
  Fence,
  MaybePromise,
  RenewedEntry,
  StorageReading,
  StorageSelector,
  StoredEntry,
  StoredEntryInfo,
} from '../../api/storage.js';
import { ClosableStorage, closedError } from '../closed.js';
import { Derivations } from './derivations.js';
import { EntryIndex } from './entry-index.js';
import { Invalidations } from './invalidations.js';
import { MemoryEntry } from './memory-entry.js';
import { CLOCK_STEP_MS } from '../../rfc9111/freshness.js';
import { Listeners } from '../../support/listeners.js';
import { nextTurn } from '../../support/timers.js';
import { owns } from '../../support/owns.js';

export interface MemoryStorageOptions {
  /** Entries kept at most; a variant counts as an entry. The default bounds many small answers. @default 10_000 */
  maxEntries?: number;
  /**
   * Bytes kept at most, by an estimate of the memory that entries take: their bodies, their other texts, and 350 bytes
   * an entry (700 with a body of more than 1 kB) for what holds them. What is derived from entries to answer faster may
   * take what they leave free, and a quarter more. The default bounds few large answers by what a small server process
   * can spare. @default 64 MiB
   */
  maxBytes?: number;
}

export const MEMORY_DEFAULTS: Readonly<Required<MemoryStorageOptions>> = {
  maxEntries: 10_000,
  maxBytes: 64 * 1024 * 1024,
};
/** A look through all entries is shared by as many writes as make this part of them new. */
const LOOKED_THROUGH_EACH = 32;
/** How many entries a listing gives before it lets others have a turn. */
const LISTED_AT_ONCE = 1000;

/**
 * Keeps entries in this process, within both `maxEntries` and `maxBytes`. A `get` counts as a use of every variant of
 * its key. An entry that alone exceeds `maxBytes` is not kept, nor what it would have replaced.
 *
 * `get` gives frozen entries, the same ones each time, with the very bytes that are kept: read them, and copy them to
 * change them.
 *
 * @throws CacheError `ERR_CACHE_OPTION` from the constructor: an unknown option, or not a whole number in its range.
 */
export class MemoryStorage extends ClosableStorage implements CacheStorage {
  readonly name = 'memory';
  readonly inProcess = true;
  /** The variants of each key, the newest first, in the order of use. */
  #byKey = orderOfUse();
  readonly #byResource = new EntryIndex();
  readonly #byTag = new EntryIndex();
  readonly #derivations: Derivations;
  readonly #invalidations = new Invalidations();
  readonly #meta = new Map<string, string>();
  readonly #listeners = new Listeners<Parameters<EvictionListener>>();
  readonly #maxEntries: number;
  readonly #maxBytes: number;
  #count = 0;
  /** No entry that is held can be dropped as useless before this instant. */
  #firstPurgeMs = Infinity;
  /** So many entries that need room come before all are looked through again. */
  #untilNextLook = 0;
  #bytes = 0;
  #closed = false;

  constructor(options: MemoryStorageOptions = {}) {
    super();
    const { maxEntries, maxBytes } = resolveOptions(options);
    this.#maxEntries = maxEntries;
    this.#maxBytes = maxBytes;
    this.#derivations = new Derivations(maxBytes);
  }

  get(key: string): MaybePromise<StorageReading> {
    this.#assertOpen();
    const entries = listOf(this.#byKey.get(key));
    for (const entry of entries) entry.markUsed();
    return { entries, fence: fenceOf(this.#invalidations.next()) };
  }

  set(entry: StoredEntry, fence?: Fence): MaybePromise<boolean | 'too-large'> {
    this.#assertOpen();
    const former = this.#find(entry.key, entry.variant);
    const lookedUpAt = this.#lookedUpAt(fence);
    if (!this.#invalidations.admit(entry, lookedUpAt) || former?.isLaterThan(lookedUpAt) === true) return false;
    return this.#put(former, MemoryEntry.of(entry, lookedUpAt, this.#derivations)) || 'too-large';
  }

  delete(selector: StorageSelector): MaybePromise<number> {
    this.#assertOpen();
    this.#invalidations.note(selector);
    return this.#remove(this.#select(selector));
  }

  async *entries(): AsyncIterable<StoredEntryInfo> {
    this.#assertOpen();
    let count = 0;
    for (const { key, variant } of this.#all()) {
      this.#assertOpen();
      // An entry that was renewed meanwhile is another object, and one that was deleted is none.
      const entry = this.#find(key, variant);
      if (entry !== undefined) yield entry.describe();
      count += 1;
      if (count % LISTED_AT_ONCE === 0) await nextTurn();
    }
  }

  deleteExpired(nowMs: number): MaybePromise<number> {
    this.#assertOpen();
    // What was stored while a clock was ahead would be kept for as long as the clock was wrong.
    const latestMs = nowMs + CLOCK_STEP_MS;
    return this.#remove(this.#all().filter((entry) => entry.purgeAtMs <= nowMs || entry.createdAtMs > latestMs));
  }

  clear(): MaybePromise<void> {
    this.#assertOpen();
    this.#invalidations.noteAll();
    this.#clear();
  }

  touch(entry: RenewedEntry, fence?: Fence): MaybePromise<boolean> {
    this.#assertOpen();
    const former = this.#find(entry.key, entry.variant);
    const lookedUpAt = this.#lookedUpAt(fence);
    if (former?.revision !== entry.revision || !this.#invalidations.admit(entry, lookedUpAt)) return false;
    return this.#put(former, former.renewed(entry, lookedUpAt, this.#derivations));
  }

  #lookedUpAt(fence: Fence | undefined): number {
    if (fence === undefined) return this.#invalidations.next();
    return typeof fence === 'number' ? fence : OF_ANOTHER_STORAGE;
  }

  meta(name: string, makeIfAbsent: () => string): MaybePromise<string> {
    this.#assertOpen();
    const value = this.#meta.get(name) ?? makeIfAbsent();
    this.#meta.set(name, value);
    return value;
  }

  onEvicted(listener: EvictionListener): () => void {
    return this.#listeners.add(listener);
  }

  close(): MaybePromise<void> {
    this.#closed = true;
    this.#clear();
    this.#meta.clear();
    this.#listeners.clear();
  }

  #assertOpen(): void {
    if (this.#closed) throw closedError(this.name);
  }

  #find(key: string, variant: string): MemoryEntry | undefined {
    const found = this.#byKey.peek(key);
    return found instanceof MemoryEntry && found.variant === variant
      ? found
      : listOf(found).find((entry) => entry.variant === variant);
  }

  #select(selector: StorageSelector): readonly MemoryEntry[] {
    if (owns(selector, 'underWay')) return NOTHING;
    if (owns(selector, 'tag')) return this.#byTag.of(selector.tag);
    if (!owns(selector, 'key')) return this.#byResource.of(selector.resource);
    const { key, variant, revision } = selector;
    return listOf(this.#byKey.peek(key)).filter(
      (entry) => entry.variant === (variant ?? entry.variant) && entry.revision === (revision ?? entry.revision),
    );
  }

  #all(): readonly MemoryEntry[] {
    return [...this.#byKey.values()].flatMap(listOf);
  }

  /** Puts `entry` in the place of `former`. Whether it is kept. */
  #put(former: MemoryEntry | undefined, entry: MemoryEntry): boolean {
    if (former !== undefined) this.#forget(former);
    if (entry.size > this.#maxBytes) {
      entry.release();
      this.#listeners.tell(entry.describe(), 'bytes');
      return false;
    }
    const others = listOf(this.#byKey.peek(entry.key));
    this.#byKey.set(entry.key, others.length === 0 ? entry : [entry, ...others]);
    this.#byResource.add(entry.resource, entry);
    for (const tag of entry.tags) this.#byTag.add(tag, entry);
    this.#count += 1;
    this.#bytes += entry.size;
    this.#firstPurgeMs = Math.min(this.#firstPurgeMs, entry.purgeAtMs);
    this.#makeRoom(entry.createdAtMs);
    return true;
  }

  /**
   * Evicts what can no longer be used, then what was used least recently. The listeners are told at the end, as they
   * may write to the storage.
   */
  #makeRoom(nowMs: number): void {
    this.#derivations.leaveRoomFor(this.#bytes);
    if (this.#count <= this.#maxEntries && this.#bytes <= this.#maxBytes) return;
    this.#dropUseless(nowMs);
    const evicted: (readonly [MemoryEntry, 'entries' | 'bytes'])[] = [];
    for (;;) {
      const reason = this.#count > this.#maxEntries ? 'entries' : 'bytes';
      if (reason === 'bytes' && this.#bytes <= this.#maxBytes) break;
      const entry = this.#leastRecentlyUsed();
      if (entry === undefined) break;
      this.#forget(entry);
      evicted.push([entry, reason]);
    }
    for (const [entry, reason] of evicted) this.#listeners.tell(entry.describe(), reason);
  }

  /** Looks through all entries, which takes its time: not again before many have been written. */
  #dropUseless(nowMs: number): void {
    this.#untilNextLook -= 1;
    if (nowMs < this.#firstPurgeMs || this.#untilNextLook > 0) return;
    this.#remove(this.#all().filter(({ purgeAtMs }) => purgeAtMs <= nowMs));
    this.#firstPurgeMs = this.#all().reduce((first, { purgeAtMs }) => Math.min(first, purgeAtMs), Infinity);
    this.#untilNextLook = this.#count / LOOKED_THROUGH_EACH;
  }

  /** The oldest variant of the key that was used least recently. */
  #leastRecentlyUsed(): MemoryEntry | undefined {
    const [variants] = this.#byKey.rvalues();
    return listOf(variants).at(-1);
  }

  #remove(entries: readonly MemoryEntry[]): number {
    for (const entry of entries) this.#forget(entry);
    return entries.length;
  }

  #forget(entry: MemoryEntry): void {
    const { key } = entry;
    const variants = this.#byKey.peek(key);
    if (variants instanceof Array && variants.length > 1) variants.splice(variants.indexOf(entry), 1);
    else this.#byKey.delete(key);
    this.#byResource.remove(entry.resource, entry);
    for (const tag of entry.tags) this.#byTag.remove(tag, entry);
    this.#count -= 1;
    this.#bytes -= entry.size;
    entry.release();
  }

  #clear(): void {
    for (const entry of this.#all()) entry.release();
    this.#byKey = orderOfUse();
    this.#byResource.clear();
    this.#byTag.clear();
    [this.#count, this.#bytes] = [0, 0];
    this.#derivations.leaveRoomFor(0);
  }
}

function resolveOptions(options: MemoryStorageOptions): Required<MemoryStorageOptions> {
  const takes = `MemoryStorage takes an object with ${Object.keys(MEMORY_DEFAULTS).join(', ')}`;
  if (typeof options !== 'object' || (options as unknown) === null) throw new CacheError('ERR_CACHE_OPTION', takes);
  const resolved: Record<string, number> = { ...MEMORY_DEFAULTS };
  for (const [option, value = resolved[option]] of Object.entries(options) as [string, unknown][]) {
    if (!Object.hasOwn(MEMORY_DEFAULTS, option)) throw invalid(option, `unknown option "${option}": ${takes}`);
    if (!Number.isSafeInteger(value) || (value as number) < 1) {
      throw invalid(option, `MemoryStorage: ${option} is a whole number of at least 1, not ${String(value)}`);
    }
    resolved[option] = value as number;
  }
  return resolved as unknown as Required<MemoryStorageOptions>;
}

const invalid = (option: string, message: string): CacheError =>
  new CacheError('ERR_CACHE_OPTION', message, { option });

const NOTHING: readonly MemoryEntry[] = [];

/** What another storage has given holds for nothing here. */
const OF_ANOTHER_STORAGE = -1;

/** A fence of this storage is the place of its look-up in the sequence of all look-ups and invalidations. */
const fenceOf = (lookedUpAt: number): Fence => lookedUpAt as unknown as Fence;

/** Most keys have one variant, which stands for itself: a list of its own would take more room. */
type Variants = MemoryEntry | MemoryEntry[];

/**
 * Keys in the order of their use. The storage holds both limits itself, as they are about variants, and gives the cache
 * none that counts: by a number of keys it would take room for all of them at once.
 */
const orderOfUse = (): LRUCache<string, Variants> =>
  new LRUCache({ maxSize: Number.MAX_SAFE_INTEGER, sizeCalculation: () => 1 });

/** A list of its own for whoever asks. */
const listOf = (variants: Variants | undefined): readonly MemoryEntry[] =>
  variants === undefined ? [] : variants instanceof Array ? variants.slice() : [variants];
