/** The storage in memory: bounded by number and by bytes, least recently used first out. */
import { LRUCache } from 'lru-cache';
import { CacheError } from '../../api/errors.js';
import type { CacheStorage, EvictionListener, MaybePromise, StorageSelector, StoredEntry, StoredEntryInfo } from '../../api/storage.js';
import { EntryIndex } from './entry-index.js';
import { Listeners } from '../../support/listeners.js';

export interface MemoryStorageOptions {
  /**
   * Entries kept at most, from 1 to 1,000,000; a variant counts as an entry. Room for the list of all of them is
   * taken at once, about 30 bytes each. The default bounds many small answers. @default 10_000
   */
  maxEntries?: number;
  /**
   * Bytes kept at most: bodies, two for each character of the other fields, and 512 an entry for what holds them. The
   * default bounds few large answers by what a small server process can spare. @default 64 MiB
   */
  maxBytes?: number;
}

const DEFAULTS: Readonly<Required<MemoryStorageOptions>> = { maxEntries: 10_000, maxBytes: 64 * 1024 * 1024 };
const LIMITS: Readonly<Required<MemoryStorageOptions>> = { maxEntries: 1_000_000, maxBytes: Number.MAX_SAFE_INTEGER };
/** An estimate of the objects around one entry and of its places in the indexes. */
const ENTRY_OVERHEAD_BYTES = 512;
const BYTES_PER_CHARACTER = 2;
/** How many entries a listing gives before it lets others have a turn. */
const LISTED_AT_ONCE = 1000;

/**
 * Keeps entries in this process, within both `maxEntries` and `maxBytes`. A `get` counts as a use of every variant of
 * its key. An entry that alone exceeds `maxBytes` is not kept, nor what it would have replaced.
 *
 * `get` gives frozen entries with the very bytes that are kept: read them, and copy them to change them.
 *
 * @throws CacheError `ERR_CACHE_OPTION` from the constructor: an unknown option, or not a whole number in its range.
 */
export class MemoryStorage implements CacheStorage {
  readonly name = 'memory';
  readonly inProcess = true;
  /** Each entry, by its identity, with the bytes that it takes. */
  readonly #lru: LRUCache<StoredEntry, number>;
  readonly #byKey = new EntryIndex();
  readonly #byResource = new EntryIndex();
  readonly #byTag = new EntryIndex();
  readonly #meta = new Map<string, string>();
  readonly #listeners = new Listeners<Parameters<EvictionListener>>();
  readonly #maxBytes: number;
  /** What went to make room, until the listeners may be told. */
  #evicted: StoredEntry[] = [];
  #closed = false;

  constructor(options: MemoryStorageOptions = {}) {
    const { maxEntries, maxBytes } = resolveOptions(options);
    this.#maxBytes = maxBytes;
    this.#lru = new LRUCache({
      max: maxEntries,
      maxSize: maxBytes,
      sizeCalculation: (bytes) => bytes,
      dispose: (_bytes, entry, reason) => {
        this.#unindex(entry);
        if (reason === 'evict') this.#evicted.push(entry);
      },
    });
  }

  get(key: string): MaybePromise<readonly StoredEntry[]> {
    this.#assertOpen();
    const entries = [...this.#byKey.of(key)];
    for (const entry of entries) this.#lru.get(entry);
    return entries;
  }

  set(entry: StoredEntry): MaybePromise<void> {
    this.#assertOpen();
    this.#replace(this.#find(entry.key, entry.variant), entry, bytesOfItsOwn(entry.body));
  }

  delete(selector: StorageSelector): MaybePromise<number> {
    this.#assertOpen();
    return this.#remove(this.#select(selector));
  }

  async *entries(): AsyncIterable<StoredEntryInfo> {
    this.#assertOpen();
    let count = 0;
    for (const { key, variant } of [...this.#lru.keys()]) {
      this.#assertOpen();
      // An entry that was renewed meanwhile is another object, and one that was deleted is none.
      const entry = this.#find(key, variant);
      if (entry !== undefined) yield describe(entry);
      count += 1;
      if (count % LISTED_AT_ONCE === 0) await nextTurn();
    }
  }

  deleteExpired(nowMs: number): MaybePromise<number> {
    this.#assertOpen();
    return this.#remove([...this.#lru.keys()].filter(({ purgeAtMs }) => purgeAtMs <= nowMs));
  }

  clear(): MaybePromise<void> {
    this.#assertOpen();
    this.#lru.clear();
  }

  touch(entry: Omit<StoredEntry, 'body'>): MaybePromise<boolean> {
    this.#assertOpen();
    const former = this.#find(entry.key, entry.variant);
    return former !== undefined && this.#replace(former, entry, former.body);
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
    this.#lru.clear();
    this.#meta.clear();
    this.#listeners.clear();
  }

  #assertOpen(): void {
    if (this.#closed) throw new CacheError('ERR_CACHE_CLOSED', `the storage "${this.name}" is closed`);
  }

  #find(key: string, variant: string): StoredEntry | undefined {
    for (const entry of this.#byKey.of(key)) if (entry.variant === variant) return entry;
    return undefined;
  }

  #select(selector: StorageSelector): readonly StoredEntry[] {
    if ('resource' in selector) return [...this.#byResource.of(selector.resource)];
    if ('tag' in selector) return [...this.#byTag.of(selector.tag)];
    const { key, variant } = selector;
    return [...this.#byKey.of(key)].filter((entry) => variant === undefined || entry.variant === variant);
  }

  #remove(entries: readonly StoredEntry[]): number {
    for (const entry of entries) this.#lru.delete(entry);
    return entries.length;
  }

  /** Whether the new entry is kept. */
  #replace(former: StoredEntry | undefined, fields: Omit<StoredEntry, 'body'>, body: Uint8Array): boolean {
    if (former !== undefined) this.#lru.delete(former);
    const entry = freeze(fields, body);
    const bytes = sizeOf(entry);
    if (bytes > this.#maxBytes) {
      this.#tell(entry, 'bytes');
      return false;
    }
    const full = this.#lru.size === this.#lru.max;
    this.#index(entry);
    this.#lru.set(entry, bytes);
    // The number is looked at first and costs one entry; what goes besides goes for its bytes.
    const evicted = this.#evicted;
    this.#evicted = [];
    evicted.forEach((each, position) => { this.#tell(each, full && position === 0 ? 'entries' : 'bytes'); });
    return true;
  }

  #tell(entry: StoredEntry, reason: 'entries' | 'bytes'): void {
    this.#listeners.tell(describe(entry), reason);
  }

  #index(entry: StoredEntry): void {
    this.#byKey.add(entry.key, entry);
    this.#byResource.add(entry.resource, entry);
    for (const tag of entry.tags) this.#byTag.add(tag, entry);
  }

  #unindex(entry: StoredEntry): void {
    this.#byKey.remove(entry.key, entry);
    this.#byResource.remove(entry.resource, entry);
    for (const tag of entry.tags) this.#byTag.remove(tag, entry);
  }
}

function resolveOptions(options: MemoryStorageOptions): Required<MemoryStorageOptions> {
  const names = Object.keys(DEFAULTS);
  const takes = `MemoryStorage takes an object with ${names.join(', ')}`;
  if (typeof options !== 'object' || (options as unknown) === null) throw new CacheError('ERR_CACHE_OPTION', takes);
  const unknown = Object.keys(options).find((name) => !names.includes(name));
  if (unknown !== undefined) {
    throw new CacheError('ERR_CACHE_OPTION', `unknown option "${unknown}": ${takes}`, { option: unknown });
  }
  return { maxEntries: wholeNumber(options, 'maxEntries'), maxBytes: wholeNumber(options, 'maxBytes') };
}

function wholeNumber(options: MemoryStorageOptions, option: keyof MemoryStorageOptions): number {
  const { [option]: value = DEFAULTS[option] } = options;
  const limit = LIMITS[option];
  if (Number.isSafeInteger(value) && value >= 1 && value <= limit) return value;
  const message = `MemoryStorage: ${option} is a whole number from 1 to ${limit}, not ${String(value)}`;
  throw new CacheError('ERR_CACHE_OPTION', message, { option });
}

const nextTurn = (): Promise<void> => new Promise((resolve) => { setTimeout(resolve); });

/** The bytes that were handed over, unless they are a part of a larger buffer, which would be kept with them. */
const bytesOfItsOwn = (body: Uint8Array): Uint8Array =>
  body.byteLength === body.buffer.byteLength && body.constructor === Uint8Array ? body : new Uint8Array(body);

const freeze = (fields: Omit<StoredEntry, 'body'>, body: Uint8Array): StoredEntry =>
  Object.freeze({
    key: fields.key,
    resource: fields.resource,
    variant: fields.variant,
    tags: Object.freeze([...fields.tags]),
    createdAtMs: fields.createdAtMs,
    expiresAtMs: fields.expiresAtMs,
    purgeAtMs: fields.purgeAtMs,
    head: fields.head,
    body,
  });

const describe = ({ body, ...fields }: StoredEntry): StoredEntryInfo => ({ ...fields, bodyBytes: body.byteLength });

function sizeOf({ key, resource, variant, head, tags, body }: StoredEntry): number {
  const characters = [key, resource, variant, head, ...tags].reduce((sum, text) => sum + text.length, 0);
  return body.byteLength + BYTES_PER_CHARACTER * characters + ENTRY_OVERHEAD_BYTES;
}
