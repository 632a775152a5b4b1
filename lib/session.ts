/** What one call of `setupCache` sets up: a storage, an engine and events, and whether they still serve. */
import { CacheError } from './api/errors.js';
import type { CacheStorage, EvictionListener } from './api/storage.js';
import { Engine } from './engine/engine.js';
import type { NamedResource } from './engine/invalidation/invalidation.js';
import { createEvents, type Events } from './events.js';
import type { ResolvedOptions } from './options/policy.js';
import { DEFAULTS } from './options/resolve.js';
import { GuardedStorage } from './storage/guard.js';
import { MemoryStorage } from './storage/memory/memory.js';
import { createDigest, type Digest, hashAddress } from './support/digest.js';
import { type MaybePromise, whenThere } from './support/maybe-promise.js';
import { nodeCrypto } from './support/platform.js';
import { unref, within } from './support/timers.js';
import { isUnawaited } from './support/user-promise.js';
import { onceCollected, weakly } from './support/weakly.js';

/** Requests only pass through once a session is `uninstalled` or `closed`. */
type SessionState = 'active' | 'uninstalled' | 'closed';

/** Counts the sessions that use a storage, which is closed with the last of them. */
const users = new WeakMap<CacheStorage, number>();

/** Counts one more user of a storage. The returned function counts it no more; a second call of it does nothing. */
function useStorage(storage: CacheStorage): () => void {
  users.set(storage, (users.get(storage) ?? 0) + 1);
  let isUsed = true;
  return () => {
    if (isUsed) users.set(storage, (users.get(storage) ?? 1) - 1);
    isUsed = false;
  };
}

const clearing = (timer: ReturnType<typeof setInterval> | undefined) => (): void => {
  clearInterval(timer);
};

const inTurn =
  (...calls: readonly ((() => void) | undefined)[]): (() => void) =>
  () => {
    for (const call of calls) call?.();
  };

function tellEvicted(session: CacheSession, ...[entry, reason]: Parameters<EvictionListener>): void {
  const { events } = session;
  if (events.hears('evicted')) events.emit({ type: 'evicted', key: session.displayKey(entry.key), reason });
}

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
  /** Stops counting this session among the users of its storage, which may then be closed. */
  readonly #leaveStorage: () => void;
  readonly #endListening: () => void;

  constructor(
    given: ResolvedOptions,
    resourceOf: (
      session: CacheSession,
      at: { url: string; socketPath?: string | undefined },
      digest: Digest,
    ) => NamedResource | undefined,
  ) {
    const options = given.now === DEFAULTS.now ? given : { ...given, now: steady(given.now) };
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
    // Many programs make an instance for each request or tenant, with one storage for all. Neither that storage nor a
    // timer may keep a session which nobody else has any more.
    this.#leaveStorage = useStorage(this.storage);
    this.#endListening = inTurn(
      clearing(this.#startCleaning()),
      this.guarded.listenToEvictions(weakly(this, tellEvicted)),
      this.guarded.listen(),
    );
    onceCollected(this, inTurn(this.#endListening, this.#leaveStorage));
  }

  get state(): SessionState {
    return this.#state;
  }

  /** Gives the text under which a storage keeps a resource: a digest of it where it leaves the process. */
  address(text: string): string {
    return this.storage.inProcess === true ? text : hashAddress(text);
  }

  /** Gives that text for a key, in which the start and each line of the rest are still told apart. */
  addressOfKey(start: string, rest: string): string {
    if (this.storage.inProcess === true) return start + rest;
    return [start, ...rest.slice(1).split('\n')].map(hashAddress).join('.');
  }

  /** Tells whether a key, as the storage has it, begins with one of `starts` and has each of `lines`. */
  hasParts(key: string, starts: readonly string[], lines: readonly string[]): boolean {
    const separator = this.storage.inProcess === true ? '\n' : '.';
    const has = (part: string): boolean => `${key}${separator}`.includes(separator + this.address(part) + separator);
    return starts.some((start) => key.startsWith(this.address(start) + separator)) && lines.every(has);
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
    const reading = whenThere(this.guarded.meta('secret', () => this.#makeSecret()), (secret) => {
      this.#reading = undefined;
      if (secret.ok) this.#digest = createDigest(secret.value);
      return this.#digest;
    });
    if (reading instanceof Promise) this.#reading = reading;
    return reading;
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
    this.#leaveStorage();
    this.#end('uninstalled');
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
    const sinceMs = Date.now();
    // What still hangs after half of the time goes on without the storage, which needs the rest to close.
    await within(storageTimeoutMs / 2, background.settled()).catch(() => undefined);
    this.#leaveStorage();
    if ((users.get(this.storage) ?? 0) > 0) return;
    const leftMs = Math.max(1, storageTimeoutMs - (Date.now() - sinceMs));
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
    this.#endListening();
  }

  #startCleaning(): ReturnType<typeof setInterval> | undefined {
    const every = this.options.deleteExpiredEveryMs;
    if (every === undefined) return undefined;
    const clean = weakly(this, ({ guarded, options }) => void guarded.deleteExpired(options.now()));
    const timer = setInterval(clean, every);
    // A process need not stay alive only to delete what has expired.
    unref(timer);
    return timer;
  }
}

/** Gives 32 bytes that nobody can guess; `undefined` where the platform has no way to make them. */
function randomBytes(): Uint8Array | undefined {
  const source = (globalThis.crypto as Crypto | undefined) ?? (nodeCrypto()?.webcrypto as Crypto | undefined);
  return source?.getRandomValues(new Uint8Array(32));
}

const guessableBytes = (): number[] => Array.from({ length: 32 }, () => Math.floor(Math.random() * 256));

const hexOf = (bytes: Iterable<number>): string =>
  Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');

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
