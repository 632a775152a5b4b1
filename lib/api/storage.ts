/**
 * The storage port: what a storage must do, by numbered rules. `STORAGE_RULES` of `axios-client-cache/storage-contract`
 * tests them.
 */
import type { CacheError } from './errors.js';
import type { MaybePromise } from '../support/maybe-promise.js';

export type { MaybePromise } from '../support/maybe-promise.js';

/** One stored variant of one key. Bytes and text only: a storage never looks inside. */
export interface StoredEntry {
  /** Opaque: method, URL, body and partition. */
  readonly key: string;
  /** Opaque: the URL alone, shared by all users, methods and bodies. */
  readonly resource: string;
  /** Which of the answers under this key: opaque, `''` where the response has no Vary. */
  readonly variant: string;
  readonly tags: readonly string[];
  /** Epoch milliseconds. */
  readonly createdAtMs: number;
  /** Epoch milliseconds; `Infinity` = never. For listings: whether an entry is used is decided elsewhere. */
  readonly expiresAtMs: number;
  /** Epoch milliseconds after which nothing can use it; `Infinity` = keep. Round up, never down. */
  readonly purgeAtMs: number;
  /** JSON without credentials: url, method, status, headers, times. */
  readonly head: string;
  readonly body: Uint8Array;
  /**
   * What a reader has derived from the head or the body of this entry and kept with it, `undefined` where there is
   * nothing. Only a storage that gives the same object at each `get` offers this.
   */
  derived?(source: DerivationSource): unknown;
  /**
   * Keeps what was derived, for as long as there is room: the storage may forget it at any time, and does so before it
   * drops an entry. What was derived from the body outlives a `touch`.
   * @param bytes an estimate of the memory that `value` takes, which counts towards the bound of the storage.
   */
  keepDerived?(source: DerivationSource, value: unknown, bytes: number): void;
}

/** The part of an entry that something was derived from. */
export type DerivationSource = 'head' | 'body';

/** An entry as listings show it: its size in place of its bytes. */
export type StoredEntryInfo = Omit<StoredEntry, 'body' | 'derived' | 'keepDerived'> & { readonly bodyBytes: number };

/** What `touch` writes. */
export type RenewedEntry = Omit<StoredEntry, 'body'> & {
  /** The head that was read and is to be replaced; where it is `undefined` any head is. */
  readonly formerHead?: string | undefined;
};

/** What to delete: a key (or one variant of it), everything of one URL, or everything with one tag. */
export type StorageSelector =
  | { readonly key: string; readonly variant?: string | undefined }
  | { readonly resource: string }
  | { readonly tag: string };

/** Told that an entry had to go, or was too large to be kept, because of a limit on entries or bytes. */
export type EvictionListener = (entry: StoredEntryInfo, reason: 'entries' | 'bytes') => void;

/** Told of what went wrong while a call went well: a damaged record that was dropped, a damaged file put aside. */
export type ProblemListener = (operation: StorageOperation, error: CacheError) => void;

/**
 * A place for stored responses.
 *
 * 1. An absent key reads as `[]`; absence never rejects, in no method.
 * 2. `set` replaces the entry of the same key and variant, whole; other variants stay.
 * 3. What `get` returns equals what `set` was given, byte for byte, and a later write changes nothing returned. An
 *    entry and its body are handed over with `set`: neither the caller nor the storage writes into them afterwards, so
 *    a storage in memory keeps the very bytes. What a caller does with an entry that `get` returned changes nothing
 *    stored. The bytes of an `inProcess` storage alone may be those that are kept, and a caller who would change them
 *    copies them first.
 * 4. A reader sees an entry whole or not at all.
 * 5. After `delete`, `clear` and `deleteExpired` resolve, no later `get` returns what they removed.
 * 6. `clear`, `delete` and listings see this storage's namespace only.
 * 7. A storage may drop any entry at any time (limits, expiry by `purgeAtMs`), never return a wrong one.
 * 8. Methods reject with an Error when the engine fails; the caller turns that into the origin's answer.
 * 9. Keys, variants, resources and tags are exact texts of any length and language: no patterns, no folding of case.
 * 10. A method may return its answer itself in place of a promise, and throw in place of rejecting. A storage in memory
 *     does so, and its callers go on without waiting; every other storage returns promises. Both are trusted alike.
 */
export interface CacheStorage {
  /** For messages and events, e.g. `'memory'`. */
  readonly name: string;
  /**
   * True where entries never leave this process: keys need no digest, and `get` may give the very bytes that are kept
   * (rule 3). @default false
   */
  readonly inProcess?: boolean;
  /** Every variant of `key`, in any order; entries past `purgeAtMs` may be among them. */
  get(key: string): MaybePromise<readonly StoredEntry[]>;
  set(entry: StoredEntry): MaybePromise<void>;
  /** How many entries went. */
  delete(selector: StorageSelector): MaybePromise<number>;
  /** Every entry, without loading bodies. Entries written or deleted meanwhile may or may not be seen. */
  entries(): AsyncIterable<StoredEntryInfo>;
  /**
   * Deletes what has `purgeAtMs <= nowMs` and, where it can tell, what a clock that was ahead has created more than 5 s
   * after `nowMs`; how many went.
   */
  deleteExpired(nowMs: number): MaybePromise<number>;
  /** Deletes every entry; `meta` values stay. */
  clear(): MaybePromise<void>;
  /** Ends what the storage opened itself. Twice is once; every other method rejects afterwards. */
  close(): MaybePromise<void>;
  /**
   * Replaces head, tags and times of one variant without rewriting its body. False where it is gone, and where its head
   * is not `formerHead` any more: the head of one answer must never stand with the body of another. Looking and writing
   * are one step, also among processes.
   */
  touch(entry: RenewedEntry): MaybePromise<boolean>;
  /** A small value kept beside the entries, made once if absent (also among processes); survives `clear()`. */
  meta(name: string, makeIfAbsent: () => string): MaybePromise<string>;
  /** Calls `listener` at each eviction until the returned function is called; a listener that throws is ignored. */
  onEvicted?(listener: EvictionListener): () => void;
  /** Calls `listener` at each problem until the returned function is called; a listener that throws is ignored. */
  onProblem?(listener: ProblemListener): () => void;
  /** For one process of a fleet to refresh: undefined where another holds it. */
  lease?(key: string, ttlMs: number): Promise<{ release(): Promise<void> } | undefined>;
}

/** The methods without which a storage cannot serve; `setupCache` checks for them. */
export const STORAGE_METHODS = [
  'get', 'set', 'delete', 'entries', 'deleteExpired', 'clear', 'close', 'touch', 'meta',
] as const satisfies readonly (keyof CacheStorage)[];

export type StorageOperation = (typeof STORAGE_METHODS)[number];
