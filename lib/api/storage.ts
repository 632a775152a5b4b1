/**
 * The storage port: what a storage must do, by numbered rules. `STORAGE_RULES` of `axios-client-cache/storage-contract`
 * tests them.
 */
import type { CacheError } from './errors.js';
import type { MaybePromise } from '../support/maybe-promise.js';

export type { MaybePromise } from '../support/maybe-promise.js';

declare const fence: unique symbol;

/**
 * What a look-up has seen of the invalidations of its key, before the origin is asked. It is handed back with what the
 * origin answers, and means something only to the storage that gave it.
 */
export type Fence = { readonly [fence]: true };

/** What else than its key an entry that is looked up may be invalidated by. */
export interface StorageScope {
  /** The resource of the key. */
  readonly resource: string;
  /** The tags that are known before the answer is; an answer may bring others. */
  readonly tags: readonly string[];
}

/** What a look-up brings. */
export interface StorageReading {
  /** Every variant of the key, in any order; entries past `purgeAtMs` may be among them. */
  readonly entries: readonly StoredEntry[];
  /** It is left out by a storage that knows nothing of fences: what it promises holds within one process only. */
  readonly fence?: Fence | undefined;
}

/** What a look-up without bodies brings. */
export interface StorageRevisions {
  readonly entries: readonly StoredEntryInfo[];
  readonly fence?: Fence | undefined;
}

/** One stored variant of one key. Bytes and text only: a storage never looks inside. */
export interface StoredEntry {
  /** Opaque: method, URL, body and partition. */
  readonly key: string;
  /** Opaque: the URL alone, shared by all users, methods and bodies. All entries of one key have the same resource. */
  readonly resource: string;
  /** Which of the answers under this key: opaque, `''` where the response has no Vary. */
  readonly variant: string;
  /** Names this body: whoever makes an entry with a body of its own gives it a revision that no other has. Opaque. */
  readonly revision: string;
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

/** What `touch` writes: an entry without its body, which stays. */
export type RenewedEntry = Omit<StoredEntry, 'body' | 'derived' | 'keepDerived'>;

/**
 * What to delete:
 *
 * - `key` alone: every variant of it. What was looked up before under this key is not stored any more.
 * - `key` with `variant`, `revision` or both: the variants that are so. This says nothing of what is under way.
 * - `resource`: everything of one URL, and what was looked up before for this URL is not stored any more.
 * - `tag`: everything with this tag, and what was looked up before is not stored any more where it has this tag.
 * - `underWay`: nothing is deleted, but nothing that was looked up before, whatever it is, is stored any more. It comes
 *   before a deletion that goes through a listing. Where the caller knows which entries are meant, `concerns` tells
 *   them: an `inProcess` storage may ask it, so that others are stored.
 */
export type StorageSelector =
  | {
      readonly key: string;
      readonly resource: string;
      readonly variant?: string | undefined;
      readonly revision?: string | undefined;
    }
  | { readonly resource: string }
  | { readonly tag: string }
  | { readonly underWay: true; readonly concerns?: ((entry: RenewedEntry) => boolean) | undefined };

/**
 * Told that an entry had to go, or was too large to be kept, because of a limit: on entries, on bytes, or on the
 * variants of one key.
 */
export type EvictionListener = (entry: StoredEntryInfo, reason: 'entries' | 'bytes' | 'variants') => void;

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
 *    stored. The bytes of an `inProcess` storage, and of an entry with `keepDerived`, may be those that are kept, and a
 *    caller who would change them copies them first.
 * 4. A reader sees an entry whole or not at all.
 * 5. After `delete`, `clear` and `deleteExpired` resolve, no later `get` returns what they removed. Nor does it return
 *    what is stored by a fence that was given before `delete` (of a key, a resource, a tag or what is under way) or
 *    `clear` was called, in this process or another.
 * 6. `clear`, `delete` and listings see this storage's namespace only.
 * 7. A storage may drop any entry at any time (limits, expiry by `purgeAtMs`), never return a wrong one.
 * 8. Methods reject with an Error when the engine fails; the caller turns that into the origin's answer.
 * 9. Keys, variants, resources and tags are exact texts of any length and language: no patterns, no folding of case.
 * 10. A method may return its answer itself in place of a promise, and throw in place of rejecting. A storage in memory
 *     does so, and its callers go on without waiting; every other storage returns promises. Both are trusted alike.
 * 11. Of two answers that were asked for at once the older does not win: by a fence, `set` replaces the revision that
 *     its look-up has seen, or none; where another one is there by now, what was looked up later stays. A fence serves
 *     for other keys than its own too, as redirects lead to keys that are known only afterwards: there it holds as long
 *     as nothing at all was invalidated since, or, where the storage can tell, nothing that concerns the key.
 * 12. `touch` writes only where the revision of the variant is still the one that it names. It never makes an entry.
 */
export interface CacheStorage {
  /** For messages and events, e.g. `'memory'`. */
  readonly name: string;
  /**
   * True where entries never leave this process: keys need no digest, unless entries were copied from a storage where
   * they have, and `get` may give the very bytes that are kept (rule 3). @default false
   */
  readonly inProcess?: boolean;
  /**
   * Every variant of `key`, and a fence that was taken before any of them was read. Where a fence cannot be made, the
   * storage gives one by which nothing is stored.
   */
  get(key: string, scope: StorageScope): MaybePromise<StorageReading>;
  /**
   * False where something that the entry depends on was invalidated since the fence was taken, or where an answer that
   * was looked up later is stored: then nothing is written. Without a fence, for entries that were not asked for at an
   * origin, it writes over whatever is there. `'too-large'` where the storage keeps no entry of this size: then nothing
   * is left under its key and variant.
   */
  set(entry: StoredEntry, fence?: Fence): MaybePromise<boolean | 'too-large'>;
  /** How many entries went, as far as the storage knows: 0 does not mean that nothing was invalidated. */
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
  /**
   * Waits for the calls that are under way, then ends what the storage opened itself. Twice is once. Once it was called
   * every other method rejects with an Error whose `code` is `ERR_CACHE_CLOSED`, such as a CacheError.
   */
  close(): MaybePromise<void>;
  /**
   * Replaces head, tags and times of one variant without rewriting its body. False where it is gone, where its revision
   * is another by now (the head of one answer must never stand with the body of another), and as for `set` where
   * something was invalidated. Looking and writing are one step, also among processes.
   */
  touch(entry: RenewedEntry, fence?: Fence): MaybePromise<boolean>;
  /** A small value kept beside the entries, made once if absent (also among processes); survives `clear()`. */
  meta(name: string, makeIfAbsent: () => string): MaybePromise<string>;
  /**
   * As `get`, but without the bodies: who has the entries already learns by their revisions whether the bodies still
   * hold, and what was renewed since, without the bodies being moved.
   */
  revisions?(key: string, scope: StorageScope): MaybePromise<StorageRevisions>;
  /** Calls `listener` at each eviction until the returned function is called; a listener that throws is ignored. */
  onEvicted?(listener: EvictionListener): () => void;
  /** Calls `listener` at each problem until the returned function is called; a listener that throws is ignored. */
  onProblem?(listener: ProblemListener): () => void;
  /**
   * How long a lease is held at most, in milliseconds. Where it is left out the cache takes none.
   * @default undefined
   */
  readonly leaseMs?: number | undefined;
  /**
   * For one process of a fleet to ask the origin: undefined where another one holds the lease of this key. It ends by
   * itself after `ttlMs` milliseconds, so that it spares requests but guarantees nothing.
   */
  lease?(key: string, ttlMs: number): MaybePromise<StorageLease | undefined>;
  /**
   * Given by `setupCache` the session's own way from a request to its key, for storages that hold requests. It can be
   * called once `meta` has given the session its secret, which such a storage does without a promise.
   */
  bind?(locate: Locate): void;
  /** Set by `recordReplay`: the session then records or replays, whatever single requests say of caching. */
  readonly recording?: Recording | undefined;
}

/** What a process holds that asks the origin for others too. */
export interface StorageLease {
  /**
   * Gives the lease back, unless somebody else has it by now. With `'unstorable'`, as the answer is of no use to
   * others, nobody need wait for another one: until the time of the lease is over, whoever asks for a lease of this key
   * is given one, all at once.
   */
  release(answer?: 'unstorable'): Promise<void>;
}

/** A request as a file of recordings has it. */
export interface RecordedRequest {
  readonly method: string;
  /** Absolute. */
  readonly url: string;
  readonly headers?: Readonly<Record<string, string>> | undefined;
  readonly body?: string | Uint8Array | undefined;
}

/** An answer as a file of recordings has it. */
export interface RecordedResponse {
  readonly status: number;
  readonly statusText: string;
  /** Names are in lower case. */
  readonly headers: Readonly<Record<string, string | readonly string[]>>;
  /** Without any content coding. */
  readonly body: Uint8Array;
  /** When the request was sent and the answer received, in epoch milliseconds. */
  readonly requestTimeMs: number;
  readonly responseTimeMs: number;
  /** The absolute URL that a redirect leads to. */
  readonly redirectsTo: string | undefined;
}

/** Where a session looks for the answer to a request. */
export interface LocatedRequest {
  readonly key: string;
  readonly resource: string;
  /** What the session would keep of an answer of the server; `undefined` where it may not be kept. */
  entryOf(response: RecordedResponse): StoredEntry | undefined;
}

/** A session's own way from a request to its key; `undefined` for a request that its cache leaves alone. */
export type Locate = (request: RecordedRequest) => LocatedRequest | undefined;

/** What `recordReplay` asks of the session that it is for. */
export interface Recording {
  /** Names of parameters and members whose values are neither shown nor compared. */
  readonly redact: readonly string[];
  /** Asked before a request goes to its server: why it must not; `undefined` where it may. */
  refusal(request: { readonly method: string; readonly url: string; readonly body: string | undefined }):
    Promise<CacheError | undefined>;
}

/** The methods without which a storage cannot serve; `setupCache` checks for them. */
export const STORAGE_METHODS = [
  'get', 'set', 'delete', 'entries', 'deleteExpired', 'clear', 'close', 'touch', 'meta',
] as const satisfies readonly (keyof CacheStorage)[];

export type StorageOperation = (typeof STORAGE_METHODS)[number] | 'lease';
