/** What one call of `setupCache` sets up: a storage, an engine and events, and whether they still serve. */
import { CacheError } from './api/errors.js';
import type { CacheOptions } from './api/options.js';
import type { CacheInfo } from './api/response.js';
import type { CacheStorage, EvictionListener } from './api/storage.js';
import { Engine } from './engine/engine.js';
import type { NamedResource } from './engine/invalidation/invalidation.js';
import { digestOfKey, FORM_NAME, isDigest } from './entries/addresses.js';
import { createEvents, type Events } from './events.js';
import type { ResolvedOptions } from './options/policy.js';
import { DEFAULTS, resolveOptions } from './options/resolve.js';
import type { EpochMs } from './rfc9111/model.js';
import { Statistics } from './session/statistics.js';
import { GuardedStorage } from './storage/guard.js';
import { MemoryStorage } from './storage/memory/memory.js';
import { createDigest, type Digest, hashAddress } from './support/digest.js';
import { Interval } from './support/interval.js';
import { type MaybePromise, whenThere } from './support/maybe-promise.js';
import { nodeCrypto } from './support/platform.js';
import { Scope } from './support/scope.js';
import { elapsedMs, within } from './support/timers.js';
import type { TracedCall } from './support/tracing.js';
import { isUnawaited } from './support/user-promise.js';
import { onceCollected, weakly } from './support/weakly.js';

/** What is told of a request to those who trace it. */
export interface TracedRequest extends TracedCall {
  /** In upper case. */
  readonly method: string;
  /** The absolute URL without user-info, query and fragment; `''` where it is none of http or https. */
  readonly url: string;
  /** The same as `response.cache`; `undefined` until the request has ended. */
  info: CacheInfo | undefined;
  /** How many bytes of a body came from the cache, as `bytesSaved` of `http.cache.stats()` counts them. */
  savedBytes: number;
}

/** Makes a request between what it does before and after; it calls `make` once and gives what that gives. */
export type Tracer = <T>(request: TracedRequest, make: () => MaybePromise<T>) => MaybePromise<T>;

/** Requests only pass through once a session is `uninstalled` or `closed`. */
type SessionState = 'active' | 'uninstalled' | 'closed';

/** So often a storage that other processes share is asked whether the secret is still the same. */
const ASKS_AGAIN_MS = 30_000;

/** A session as one of the users of its storage. */
interface StorageUse {
  readonly all: Set<StorageUse>;
  readonly endListening: () => void;
}

/**
 * The sessions that use a storage, which is closed with the last of them. The storage alone keeps what it gave to end
 * the listening, since that may well know the storage, and the storage may know the session.
 */
const users = new WeakMap<CacheStorage, Set<StorageUse>>();

function useStorage(storage: CacheStorage, endListening: () => void): StorageUse {
  const all = users.get(storage) ?? new Set();
  users.set(storage, all);
  const use = { all, endListening };
  all.add(use);
  return use;
}

function leaveStorage(use: StorageUse): void {
  use.endListening();
  use.all.delete(use);
}

/** It is made here, as a function of the session's own would keep the session. */
const stopping = (interval: Interval) => (): void => { interval.stop(); };

/** Makes each call once, whatever is called again. */
const inTurn =
  (...calls: (() => void)[]): (() => void) =>
  () => {
    for (const call of calls.splice(0)) call();
  };

function tellEvicted(session: CacheSession, ...[entry, reason]: Parameters<EvictionListener>): void {
  const { events } = session;
  if (events.hears('evicted')) events.emit({ type: 'evicted', key: session.displayKey(entry.key), reason });
}

/** A session is known by these in its storage and in its instance, so that they cannot change. */
const FIXED = ['storage', 'shared', 'partition', 'inherit'] as const satisfies readonly (keyof CacheOptions)[];

export class CacheSession {
  #options: ResolvedOptions;
  readonly storage: CacheStorage;
  readonly guarded: GuardedStorage;
  readonly events: Events;
  readonly engine: Engine;
  /** Those who trace the requests of this session, the innermost first; `undefined` where there are none. */
  tracers: readonly Tracer[] | undefined;
  #state: SessionState = 'active';
  #digest: Digest | undefined;
  #secret: string | undefined;
  /** True where the storage has keys as texts, and not as digests. It is known once the secret is. */
  #hasTexts: boolean;
  /** When the storage was last asked for the secret. */
  #askedAtMs = -Infinity;
  /** The look-up of the secret while it is under way, for all who wait for it. */
  #reading: Promise<Digest | undefined> | undefined;
  #closing: Promise<void> | undefined;
  readonly #cleaning = new Interval();
  /** What runs in it makes no use of the cache. */
  readonly withoutCache = new Scope();
  readonly statistics = new Statistics();
  readonly #use: StorageUse;

  constructor(
    given: ResolvedOptions,
    resourceOf: (
      session: CacheSession,
      at: { url: string; socketPath?: string | undefined },
      digest: Digest,
    ) => NamedResource | undefined,
  ) {
    this.#options = steadied(given);
    this.storage = given.storage ?? new MemoryStorage();
    this.#hasTexts = this.storage.inProcess === true;
    this.events = createEvents(given);
    const options = (): ResolvedOptions => this.#options;
    const now = (): EpochMs => this.#options.now();
    this.guarded = this.guard(this.storage);
    this.engine = new Engine({
      storage: this.guarded,
      events: this.events,
      get maxVariants() { return options().maxVariants; },
      now,
      get clearSiteData() { return options().clearSiteData; },
      background: (work) => this.#options.background?.(work),
      displayKey: (key) => this.displayKey(key),
      address: (text) => this.address(text),
      resourceOf: async (url, socketPath) => {
        const digest = await this.digest();
        return digest === undefined ? undefined : resourceOf(this, { url, socketPath }, digest);
      },
    });
    // Many programs make an instance for each request or tenant, with one storage for all. Neither that storage nor a
    // timer may keep a session which nobody else has any more.
    this.#startCleaning();
    const endListening = inTurn(this.guarded.listenToEvictions(weakly(this, tellEvicted)), this.guarded.listen());
    this.#use = useStorage(this.storage, endListening);
    onceCollected(this, inTurn(stopping(this.#cleaning), weakly(this.#use, leaveStorage)));
  }

  get options(): ResolvedOptions {
    return this.#options;
  }

  /** Puts a guard with the session's time limit around a storage. It tells of failures by the session's events. */
  guard(storage: CacheStorage): GuardedStorage {
    const options = (): ResolvedOptions => this.#options;
    return new GuardedStorage(storage, {
      get timeoutMs() { return options().storageTimeoutMs; },
      now: () => options().now(),
      onFailure: (operation, error, circuitOpen) => {
        if (error.code === 'ERR_CACHE_CLOSED' && storage === this.storage) this.#end('closed');
        this.statistics.noteStorageError();
        this.events.emit({ type: 'storage-error', operation, error, circuitOpen });
      },
    });
  }

  get state(): SessionState {
    return this.#state;
  }

  /**
   * Lays options over those that were given before, for all requests from now on.
   * @throws CacheError `ERR_CACHE_OPTION` for options that are wrong, and for those that cannot change.
   */
  configure(options: unknown): void {
    const fixed = FIXED.find((name) => (options as Partial<Record<string, unknown>> | undefined)?.[name] !== undefined);
    if (fixed !== undefined) {
      const remedy = 'Give it to setupCache, after uninstall().';
      throw new CacheError('ERR_CACHE_OPTION', `configure() cannot change ${fixed}. ${remedy}`, { option: fixed });
    }
    const resolved = resolveOptions(options, this.#options.given);
    this.#options = steadied(resolved);
    this.events.configure(resolved);
    if (this.#state === 'active') this.#startCleaning();
  }

  /** Gives the text under which the storage keeps a resource: a digest of it, unless it has texts. */
  address(text: string): string {
    return this.#hasTexts ? text : hashAddress(text);
  }

  /** Gives that text for a key, in which the start and each line of the rest are still told apart. */
  addressOfKey(start: string, rest: string): string {
    return this.#hasTexts ? start + rest : digestOfKey(start, rest.slice(1).split('\n'));
  }

  /** Tells whether a key, as the storage has it, begins with one of `starts` and has each of `lines`. */
  hasParts(key: string, starts: readonly string[], lines: readonly string[]): boolean {
    const separator = this.#hasTexts ? '\n' : '.';
    const has = (part: string): boolean => `${key}${separator}`.includes(separator + this.address(part) + separator);
    return starts.some((start) => key.startsWith(this.address(start) + separator)) && lines.every(has);
  }

  /** Tells whether a key, as the storage has it, is one of the user whom `partition` stands for in keys. */
  isOfUser(key: string, partition: string): boolean {
    // Method and URL, which come before it in each key, are two lines of text and one digest.
    return this.#hasTexts
      ? key.split('\n', 3)[2] === partition
      : key.split('.', 2)[1] === hashAddress(partition);
  }

  /** Gives an opaque digest of a key as the storage has it, which may be shown and logged. */
  displayKey(key: string): string {
    return this.storage.inProcess === true && !isDigest(key) ? hashAddress(key) : key;
  }

  /**
   * Gives the keyed digest for credentials, whose secret is kept in the storage; `undefined` where the storage cannot
   * be reached.
   */
  digest(): MaybePromise<Digest | undefined> {
    if (this.#digest === undefined) return this.#reading ?? this.#readDigest();
    if (this.storage.inProcess !== true) this.#confirmSecret();
    return this.#digest;
  }

  #readDigest(): MaybePromise<Digest | undefined> {
    const reading = whenThere(this.#askForSecret(() => this.#makeSecret()), () => {
      this.#reading = undefined;
      return this.#digest;
    });
    if (reading instanceof Promise) this.#reading = reading;
    return reading;
  }

  /**
   * An engine may lose what it has, and another process that begins then makes another secret: by the former one this
   * process and the others would not find each other's answers, nor end them. Nobody waits for it.
   */
  #confirmSecret(): void {
    // A clock that is set back must not end it.
    if (Math.abs(this.options.now() - this.#askedAtMs) < ASKS_AGAIN_MS || this.#state !== 'active') return;
    // Where it was lost, and nobody has made another one, it is put back.
    const asking = this.#askForSecret(() => this.#secret ?? this.#makeSecret());
    if (asking instanceof Promise) this.engine.background.add(asking);
  }

  /** Where the storage cannot be reached, all stays as it is. */
  #askForSecret(makeIfAbsent: () => string): MaybePromise<void> {
    this.#askedAtMs = this.options.now();
    return whenThere(this.guarded.meta('secret', makeIfAbsent), (secret) => {
      if (!secret.ok || secret.value === this.#secret) return undefined;
      const use = (): void => {
        this.#secret = secret.value;
        this.#digest = createDigest(secret.value);
      };
      return this.guarded.inProcess ? whenThere(this.#askForForm(), use) : use();
    });
  }

  /** Entries that were copied from a storage with digests have no texts, and all others there do without them too. */
  #askForForm(): MaybePromise<void> {
    return whenThere(this.guarded.meta(FORM_NAME, () => 'texts'), (form) => {
      this.#hasTexts = !form.ok || form.value !== 'digests';
    });
  }

  /**
   * In a storage that does not leave the process, so that nobody gets to see what the secret protects, numbers that can
   * be guessed do where the platform has no others.
   */
  #makeSecret(): string {
    const bytes = randomBytes();
    if (bytes !== undefined) return hexOf(bytes);
    if (this.storage.inProcess === true) return hexOf(guessableBytes());
    throw new CacheError('ERR_CACHE_STORAGE', 'there is no crypto.getRandomValues, without which no secret can be made.');
  }

  uninstall(): void {
    this.#end('uninstalled');
    leaveStorage(this.#use);
  }

  /**
   * Stops taking work, waits for what is under way, then closes the storage unless another session still uses it. All
   * together it takes no longer than the time limit of one storage call, whatever hangs.
   */
  async close(): Promise<void> {
    this.#closing ??= this.#close();
    await this.#closing;
  }

  async #close(): Promise<void> {
    this.#end('closed');
    const { background } = this.engine;
    background.stop();
    const { storageTimeoutMs } = this.options;
    const sinceMs = elapsedMs();
    // What still hangs after half of the time goes on without the storage, which needs the rest to close.
    await within(storageTimeoutMs / 2, background.settled()).catch(() => undefined);
    leaveStorage(this.#use);
    if (this.#use.all.size > 0) return;
    const leftMs = Math.max(1, storageTimeoutMs - (elapsedMs() - sinceMs));
    const closed = await within(leftMs, this.guarded.close()).catch(() => {
      throw new CacheError('ERR_CACHE_TIMEOUT', `the storage was not closed within ${storageTimeoutMs} ms`);
    });
    if (!closed.ok && closed.error.code !== 'ERR_CACHE_CLOSED') throw closed.error;
  }

  /** Throws where the session is closed, and the manager has no storage to work on. */
  assertOpen(call: string): void {
    if (this.#state !== 'closed') return;
    throw new CacheError(
      'ERR_CACHE_CLOSED',
      `the cache of this instance is closed; ${call} has no storage to work on. Requests still go to the origin.`,
    );
  }

  #end(state: SessionState): void {
    if (this.#state !== 'closed') this.#state = state;
    this.#cleaning.stop();
    this.#use.endListening();
  }

  #startCleaning(): void {
    const clean = weakly(this, ({ guarded, options }) => void guarded.deleteExpired(options.now()));
    this.#cleaning.start(this.#options.deleteExpiredEveryMs, clean);
  }
}

/**
 * Gives 32 bytes that nobody can guess; `undefined` where the platform has no way to make them. In Node its own module
 * is asked, as the first look at `globalThis.crypto` takes milliseconds there.
 */
const randomBytes = (): Uint8Array | undefined =>
  nodeCrypto()?.randomBytes(32) ?? (globalThis.crypto as Crypto | undefined)?.getRandomValues(new Uint8Array(32));

const guessableBytes = (): number[] => Array.from({ length: 32 }, () => Math.floor(Math.random() * 256));

const hexOf = (bytes: Iterable<number>): string =>
  Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');

const steadied = (given: ResolvedOptions): ResolvedOptions =>
  given.now === DEFAULTS.now ? given : { ...given, now: steady(given.now) };

/** Takes the platform's time where the user's clock fails or tells none, so that no request fails for it. */
const steady =
  (clock: () => unknown): (() => number) =>
  () => {
    try {
      const now = clock();
      if (typeof now === 'number' && Number.isFinite(now)) return now;
      isUnawaited(now);
    } catch {
      // It is as if it had told nothing.
    }
    return Date.now();
  };
