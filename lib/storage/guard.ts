/** The guard around a storage: its failures become data, within a time limit, and its answers are checked. */
import { CacheError, isCacheError } from '../api/errors.js';
import type { CacheStorage, ProblemListener, StorageOperation, StorageSelector, StoredEntry, StoredEntryInfo } from '../api/storage.js';
import { Circuit, FAILURES_TO_OPEN } from './circuit.js';

export interface GuardOptions {
  /** Milliseconds that one call, or one step of a listing, may take. */
  readonly timeoutMs: number;
  /** Epoch milliseconds. */
  readonly now: () => number;
  /**
   * Told of each call that reached the storage and failed, of answers unusable in part, and of what the storage says
   * went wrong in a call that did not fail. Must not throw.
   */
  readonly onFailure: (operation: StorageOperation, error: CacheError, circuitOpen: boolean) => void;
}

export type { StorageOperation } from '../api/storage.js';

export interface StorageFailure {
  readonly ok: false;
  /** `ERR_CACHE_TIMEOUT`, `ERR_CACHE_STORAGE`, or the storage's own CacheError such as `ERR_CACHE_CLOSED`. */
  readonly error: CacheError;
  /** Where time ran out: resolves, never rejects, when the call ends after all. What it wrote is then written. */
  readonly late: Promise<void> | undefined;
}

export type Guarded<T> = { readonly ok: true; readonly value: T } | StorageFailure;

/** @throws CacheError as in `StorageFailure`. */
export function valueOf<T>(result: Guarded<T>): T {
  if (!result.ok) throw result.error;
  return result.value;
}

/** A storage whose calls never reject and never take longer than the time limit. */
export interface GuardedStorage {
  /** Well-formed entries of this key only. */
  get(key: string): Promise<Guarded<readonly StoredEntry[]>>;
  set(entry: StoredEntry): Promise<Guarded<void>>;
  delete(selector: StorageSelector): Promise<Guarded<number>>;
  deleteExpired(nowMs: number): Promise<Guarded<number>>;
  clear(): Promise<Guarded<void>>;
  /** Reaches the storage with an open circuit too. */
  close(): Promise<Guarded<void>>;
  touch(entry: Omit<StoredEntry, 'body'>): Promise<Guarded<boolean>>;
  meta(name: string, makeIfAbsent: () => string): Promise<Guarded<string>>;
  /**
   * Well-formed entries, asked for with an open circuit too.
   * @throws CacheError as in `StorageFailure`.
   */
  entries(): AsyncIterable<StoredEntryInfo>;
  /** Passes what the storage says went wrong on to `onFailure`, until the returned function is called. */
  listen(): () => void;
}

/** Whether what a storage answered is what the port promises; the type is then taken on trust. */
type Check = (value: unknown) => boolean;

/** What a call gives: of the type that is promised, as far as its check admits it. */
type Work<T> = T | undefined | PromiseLike<T | undefined>;

/** The longest time that a timer takes; a longer one would fire at once. */
const MAX_TIMER_MS = 2 ** 31 - 1;

/**
 * Guards `storage`. After 5 failures in a row its circuit opens: for 5 s calls fail at once without reaching it, then
 * one call tries it. Failing because the storage is closed counts as no failure: it will not get better.
 */
export function guardStorage(storage: CacheStorage, options: GuardOptions): GuardedStorage {
  const guard = new Guard(storage, options);
  return {
    get: (key) => guard.get(key),
    set: (entry) => guard.call('set', () => storage.set(entry), anything),
    delete: (selector) => guard.call('delete', () => storage.delete(selector), isCount),
    deleteExpired: (nowMs) => guard.call('deleteExpired', () => storage.deleteExpired(nowMs), isCount),
    clear: () => guard.call('clear', () => storage.clear(), anything),
    close: () => guard.attempt('close', () => storage.close(), anything),
    touch: (entry) => guard.call('touch', () => storage.touch(entry), isBoolean),
    meta: (name, makeIfAbsent) => guard.call('meta', () => storage.meta(name, makeIfAbsent), isText),
    entries: () => guard.entries(),
    listen: () => guard.listen(),
  };
}

interface WellFormed {
  readonly entries: readonly StoredEntry[];
  /** False where some had to be left out. */
  readonly complete: boolean;
}

/** The entries of `key` in what `get` answered, holes read as `undefined`; `undefined` where that is no list. */
function wellFormed(answer: unknown, key: string): WellFormed | undefined {
  if (!Array.isArray(answer)) return undefined;
  const all: readonly unknown[] = Array.from(answer);
  const entries = all.filter((entry): entry is StoredEntry => isEntry(entry) && entry.key === key);
  return { entries, complete: entries.length === all.length };
}

interface Listed {
  readonly done: boolean;
  /** `undefined`: malformed, or nothing as the listing is done. */
  readonly info?: StoredEntryInfo | undefined;
}

/** One step of a listing; `undefined` where it is no step. */
function listed(step: unknown): Listed | undefined {
  if (!isRecord(step)) return undefined;
  if (step['done'] === true) return { done: true };
  const { value } = step;
  return { done: false, info: isEntryInfo(value) ? value : undefined };
}

class Guard {
  readonly #storage: CacheStorage;
  readonly #options: GuardOptions;
  readonly #circuit: Circuit;
  #lastError: CacheError | undefined;

  constructor(storage: CacheStorage, options: GuardOptions) {
    this.#storage = storage;
    this.#options = options;
    this.#circuit = new Circuit(options.now);
  }

  listen(): () => void {
    const report: ProblemListener = (operation, error) => {
      this.#options.onFailure(operation, error, this.#circuit.open);
    };
    return this.#storage.onProblem?.(report) ?? ignore;
  }

  /** One call, as far as the circuit admits it. */
  async call<T>(operation: StorageOperation, work: () => Promise<T | undefined>, check: Check): Promise<Guarded<T>> {
    const admission = this.#circuit.admit();
    if (admission === 'refused') return this.#refused(operation);
    const result = await this.#limited(operation, work, check);
    this.#circuit.settle(admission, result.ok || result.error.code === 'ERR_CACHE_CLOSED');
    return this.#reported(operation, result);
  }

  /** One call that the circuit has no say in. */
  async attempt<T>(operation: StorageOperation, work: () => Promise<T | undefined>, check: Check): Promise<Guarded<T>> {
    return this.#reported(operation, await this.#limited(operation, work, check));
  }

  /** Entries are looked at within the call: one whose getter throws is a failure of the storage too. */
  async get(key: string): Promise<Guarded<readonly StoredEntry[]>> {
    const result = await this.call('get', async () => wellFormed(await this.#storage.get(key), key), isRecord);
    if (!result.ok) return result;
    if (!result.value.complete) this.#reportUnusable('get');
    return { ok: true, value: result.value.entries };
  }

  async *entries(): AsyncIterable<StoredEntryInfo> {
    const iterator = await this.#step(() => this.#storage.entries()[Symbol.asyncIterator](), isRecord);
    let state: 'asking' | 'paused' | 'ended' = 'asking';
    try {
      for (;;) {
        const step = await this.#step(async () => listed(await iterator.next()), isRecord);
        if (step.done) {
          state = 'ended';
          return;
        }
        if (step.info !== undefined) {
          state = 'paused';
          yield step.info;
          state = 'asking';
        } else this.#reportUnusable('entries');
      }
    } finally {
      // A listing that is left early frees its cursor. Where a step failed nobody waits for that: it may hang too.
      const leave = (): unknown => iterator.return?.();
      if (state === 'paused') await this.#limited('entries', leave, anything);
      if (state === 'asking') void this.#limited('entries', leave, anything);
    }
  }

  async #step<T>(work: () => Work<T>, check: Check): Promise<T> {
    const result = await this.attempt('entries', () => Promise.resolve(work()), check);
    if (!result.ok) throw result.error;
    return result.value;
  }

  /**
   * Whatever `work` does: throw, give no promise, reject with anything, never settle. The timer keeps the process
   * alive: it stands for a caller who waits, and it ends with the call.
   */
  #limited<T>(operation: StorageOperation, work: () => Work<T>, check: Check): Promise<Guarded<T>> {
    return new Promise((resolve) => {
      const running = new Promise<T | undefined>((settle) => {
        settle(work());
      });
      const { timeoutMs } = this.#options;
      const timer = setTimeout(
        () => {
          const error = this.#error('ERR_CACHE_TIMEOUT', operation, `took longer than ${timeoutMs} ms`);
          resolve({ ok: false, error, late: running.then(ignore, ignore) });
        },
        Math.min(timeoutMs, MAX_TIMER_MS),
      );
      const finish = (result: Guarded<T>): void => {
        clearTimeout(timer);
        resolve(result);
      };
      running.then(
        (value) => {
          finish(check(value) ? { ok: true, value: value as T } : this.#misbehaved(operation));
        },
        (cause: unknown) => {
          finish({ ok: false, error: this.#errorBy(operation, cause), late: undefined });
        },
      );
    });
  }

  #refused(operation: StorageOperation): StorageFailure {
    const message = `was not tried: ${FAILURES_TO_OPEN} calls in a row have failed, the next try is within seconds`;
    return { ok: false, error: this.#error('ERR_CACHE_STORAGE', operation, message, this.#lastError), late: undefined };
  }

  #misbehaved(operation: StorageOperation): StorageFailure {
    const error = this.#error('ERR_CACHE_STORAGE', operation, 'resolved with something other than the port promises');
    return { ok: false, error, late: undefined };
  }

  #errorBy(operation: StorageOperation, cause: unknown): CacheError {
    if (cause instanceof CacheError) return cause;
    return this.#error(isCacheError(cause) ? cause.code : 'ERR_CACHE_STORAGE', operation, 'failed', cause);
  }

  /** Names the operation and the storage: arguments and the engine's own message, which may repeat them, stay out. */
  #error(code: CacheError['code'], operation: StorageOperation, message: string, cause?: unknown): CacheError {
    const details = cause === undefined ? {} : { cause };
    return new CacheError(code, `storage "${this.#storage.name}": ${operation} ${message}`, details);
  }

  #reported<T>(operation: StorageOperation, result: Guarded<T>): Guarded<T> {
    if (!result.ok) {
      this.#lastError = result.error;
      this.#options.onFailure(operation, result.error, this.#circuit.open);
    }
    return result;
  }

  #reportUnusable(operation: StorageOperation): void {
    const error = this.#error('ERR_CACHE_RECORD', operation, 'gave malformed entries, which were left out');
    this.#options.onFailure(operation, error, this.#circuit.open);
  }
}

const ignore = (): void => undefined;
const anything: Check = () => true;
const isText = (value: unknown): value is string => typeof value === 'string';
const isBoolean = (value: unknown): value is boolean => typeof value === 'boolean';
const isCount = (value: unknown): boolean => Number.isSafeInteger(value) && (value as number) >= 0;
/** `Infinity` is a time: never. */
const isTime = (value: unknown): boolean => typeof value === 'number' && !Number.isNaN(value);
const isRecord = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null;
/** By its tag, so that bytes of another realm (a worker, a test runner's sandbox) are bytes too. */
const isBytes = (value: unknown): boolean => Object.prototype.toString.call(value) === '[object Uint8Array]';

/** What every entry has, listed or read: a row a member. */
const ENTRY_SHAPE: readonly (readonly [keyof StoredEntry & keyof StoredEntryInfo, Check])[] = [
  ['key', isText],
  ['resource', isText],
  ['variant', isText],
  ['tags', (value) => Array.isArray(value) && value.every(isText)],
  ['createdAtMs', Number.isFinite],
  ['expiresAtMs', isTime],
  ['purgeAtMs', isTime],
  ['head', isText],
];

const hasEntryShape = (value: unknown): value is Record<string, unknown> =>
  isRecord(value) && ENTRY_SHAPE.every(([name, check]) => check(value[name]));
const isEntry = (value: unknown): value is StoredEntry => hasEntryShape(value) && isBytes(value['body']);
const isEntryInfo = (value: unknown): value is StoredEntryInfo => hasEntryShape(value) && isCount(value['bodyBytes']);
