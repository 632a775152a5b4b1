/** What one call of `setupCache` sets up: a storage, an engine and events, and whether they still serve. */
import { CacheError } from './api/errors.js';
import type { CacheStorage } from './api/storage.js';
import { Engine } from './engine/engine.js';
import type { NamedResource } from './engine/invalidation/invalidation.js';
import { createEvents, type Events } from './events.js';
import type { ResolvedOptions } from './options/policy.js';
import { GuardedStorage } from './storage/guard.js';
import { MemoryStorage } from './storage/memory/memory.js';
import { createDigest, type Digest, hashAddress } from './support/digest.js';
import { type MaybePromise, whenThere } from './support/maybe-promise.js';
import { unref } from './support/timers.js';

/** Requests only pass through once a session is `uninstalled` or `closed`. */
type SessionState = 'active' | 'uninstalled' | 'closed';

/** Counts the sessions that use a storage, which is closed with the last of them. */
const users = new WeakMap<CacheStorage, number>();

export class CacheSession {
  readonly options: ResolvedOptions;
  readonly storage: CacheStorage;
  readonly guarded: GuardedStorage;
  readonly events: Events;
  readonly engine: Engine;
  #state: SessionState = 'active';
  #digest: Digest | undefined;
  /** The look-up of the secret while it is under way, for all who wait for it. */
  #reading: Promise<Digest | undefined> | undefined;
  #closing: Promise<void> | undefined;
  #usesStorage = true;
  readonly #timer: ReturnType<typeof setInterval> | undefined;
  readonly #endEvictions: (() => void) | undefined;
  readonly #endProblems: (() => void) | undefined;

  constructor(
    options: ResolvedOptions,
    resourceOf: (
      session: CacheSession,
      at: { url: string; socketPath?: string | undefined },
      digest: Digest,
    ) => NamedResource | undefined,
  ) {
    this.options = options;
    this.storage = options.storage ?? new MemoryStorage();
    this.events = createEvents(options);
    this.guarded = new GuardedStorage(this.storage, {
      timeoutMs: options.storageTimeoutMs,
      now: options.now,
      onFailure: (operation, error, circuitOpen) => {
        if (error.code === 'ERR_CACHE_CLOSED') this.#end('closed');
        this.events.emit({ type: 'storage-error', operation, error, circuitOpen });
      },
    });
    this.engine = new Engine({
      storage: this.guarded,
      events: this.events,
      maxVariants: options.maxVariants,
      now: options.now,
      clearSiteData: options.clearSiteData,
      displayKey: (key) => this.displayKey(key),
      address: (text) => this.address(text),
      resourceOf: async (url, socketPath) => {
        const digest = await this.digest();
        return digest === undefined ? undefined : resourceOf(this, { url, socketPath }, digest);
      },
    });
    this.#timer = this.#startCleaning();
    users.set(this.storage, (users.get(this.storage) ?? 0) + 1);
    this.#endEvictions = this.guarded.listenToEvictions((entry, reason) => {
      if (this.events.hears('evicted')) this.events.emit({ type: 'evicted', key: this.displayKey(entry.key), reason });
    });
    this.#endProblems = this.guarded.listen();
  }

  get state(): SessionState {
    return this.#state;
  }

  /** Gives the text under which a storage keeps a key or resource: a digest of it where it leaves the process. */
  address(text: string): string {
    return this.storage.inProcess === true ? text : hashAddress(text);
  }

  /** Gives an opaque digest of a key as the storage has it, which may be shown and logged. */
  displayKey(key: string): string {
    return this.storage.inProcess === true ? hashAddress(key) : key;
  }

  /**
   * Gives the keyed digest for credentials, whose secret is kept in the storage; `undefined` where the storage cannot
   * be reached.
   */
  digest(): MaybePromise<Digest | undefined> {
    return this.#digest ?? this.#reading ?? this.#readDigest();
  }

  #readDigest(): MaybePromise<Digest | undefined> {
    const reading = whenThere(this.guarded.meta('secret', randomSecret), (secret) => {
      this.#reading = undefined;
      if (secret.ok) this.#digest = createDigest(secret.value);
      return this.#digest;
    });
    if (reading instanceof Promise) this.#reading = reading;
    return reading;
  }

  uninstall(): void {
    this.#releaseStorage();
    this.#end('uninstalled');
  }

  /** Waits for background work, then closes the storage unless another session still uses it. */
  async close(): Promise<void> {
    this.#closing ??= this.#close();
    await this.#closing;
  }

  async #close(): Promise<void> {
    await this.engine.idle();
    this.#releaseStorage();
    this.#end('closed');
    if ((users.get(this.storage) ?? 0) > 0) return;
    const closed = await this.guarded.close();
    if (!closed.ok && closed.error.code !== 'ERR_CACHE_CLOSED') throw closed.error;
  }

  /**
   * Stops counting this session among the users of its storage, which may then be closed; a second call does nothing.
   */
  #releaseStorage(): void {
    if (this.#usesStorage) users.set(this.storage, (users.get(this.storage) ?? 1) - 1);
    this.#usesStorage = false;
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
    clearInterval(this.#timer);
    this.#endEvictions?.();
    this.#endProblems?.();
  }

  #startCleaning(): ReturnType<typeof setInterval> | undefined {
    const every = this.options.deleteExpiredEveryMs;
    if (every === undefined) return undefined;
    const timer = setInterval(() => void this.guarded.deleteExpired(this.options.now()), every);
    // A process need not stay alive only to delete what has expired.
    unref(timer);
    return timer;
  }
}

const randomSecret = (): string => {
  const bytes = crypto.getRandomValues(new Uint8Array(32));
  return [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join('');
};
