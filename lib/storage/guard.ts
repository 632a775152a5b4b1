/**
 * This file holds the guard around a storage: it turns failures into data, limits the time of each call, and checks
 * answers.
 */
import { CacheError, isCacheError } from '../api/errors.js';
import type {
  CacheStorage,
  EvictionListener,
  MaybePromise,
  ProblemListener,
  StorageOperation,
  RenewedEntry,
  StorageSelector,
  StoredEntry,
  StoredEntryInfo,
} from '../api/storage.js';
import { type Admission, FAILURES_TO_OPEN, StorageCircuits } from './circuit.js';
import { isCount, isEntry, isEntryInfo, isRecord } from './entry-shape.js';
import { isThenable } from '../support/maybe-promise.js';
import { LONGEST_DELAY_MS, nextTurn, within } from '../support/timers.js';
import { weakly } from '../support/weakly.js';

export interface GuardOptions {
  /** One call, or one step of a listing, may take this many milliseconds. */
  readonly timeoutMs: number;
  /** It returns the time in milliseconds since 1970. */
  readonly now: () => number;
  /**
   * It is told of each call that reached the storage and failed, of answers that are unusable in part, and of what the
   * storage says went wrong in a call that did not fail. It must not throw.
   */
  readonly onFailure: (operation: StorageOperation, error: CacheError, circuitOpen: boolean) => void;
}

export interface StorageFailure {
  readonly ok: false;
  /**
   * Its code is `ERR_CACHE_TIMEOUT` or `ERR_CACHE_STORAGE`, or it is the storage's own CacheError, such as
   * `ERR_CACHE_CLOSED`.
   */
  readonly error: CacheError;
  /**
   * Where the time ran out, it resolves (and never rejects) when the call has ended after all: what the call wrote is
   * written by then.
   */
  readonly late: Promise<void> | undefined;
}

export type Guarded<T> = { readonly ok: true; readonly value: T } | StorageFailure;

/** It returns the value, or throws the CacheError of a failure. */
export function valueOf<T>(result: Guarded<T>): T {
  if (!result.ok) throw result.error;
  return result.value;
}

/** It is thrown for an answer that is not what the storage interface (the port) promises. */
const UNFIT = new Error('resolved with something other than the port promises');

/** A listing lets the rest of the program run after so many steps, and ends after so many malformed ones in a row. */
const STEPS_AT_ONCE = 1000;

/** It takes a value out of what a storage answered to a call with this first argument, or throws. */
type Accept<T> = (answer: unknown, argument: unknown) => T;

/** It is a storage, or the iterator of a listing, of which a method is called by its name. */
type Callable = Readonly<Record<StorageOperation | 'next' | 'return', (first?: unknown, second?: unknown) => unknown>>;

/**
 * It says how the circuit, which stops calls after many failures, admitted a call. It is undefined where the circuit is
 * not asked.
 */
type Admitted = Exclude<Admission, 'refused'> | undefined;

/**
 * It is a storage whose calls never throw, never reject and never take longer than the time limit. An answer that is
 * there at once is given at once: the caller waits only where the storage gives a promise. Answers are checked even
 * though the storage has a type.
 *
 * After 5 failures in a row its circuit opens: for 5 s calls fail at once without reaching the storage, then one call
 * tries it. So does the circuit of one method after 5 failures of that method, whatever else works. A failure because
 * the storage is closed does not count, as it will not get better.
 */
export class GuardedStorage {
  readonly #storage: CacheStorage;
  readonly #options: GuardOptions;
  readonly #circuits: StorageCircuits;
  #lastError: CacheError | undefined;

  constructor(storage: CacheStorage, options: GuardOptions) {
    this.#storage = storage;
    this.#options = options;
    this.#circuits = new StorageCircuits(options.now);
  }

  /** One call may take this many milliseconds. */
  get timeoutMs(): number {
    return this.#options.timeoutMs;
  }

  /** It gives well-formed entries of this key only. */
  get(key: string): MaybePromise<Guarded<readonly StoredEntry[]>> {
    return this.#call('get', this.#acceptEntries, key);
  }

  set(entry: StoredEntry): MaybePromise<Guarded<void>> {
    return this.#call('set', acceptAnything, entry);
  }

  delete(selector: StorageSelector): MaybePromise<Guarded<number>> {
    return this.#call('delete', acceptCount, selector);
  }

  deleteExpired(nowMs: number): MaybePromise<Guarded<number>> {
    return this.#call('deleteExpired', acceptCount, nowMs);
  }

  clear(): MaybePromise<Guarded<void>> {
    return this.#call('clear', acceptAnything);
  }

  touch(entry: RenewedEntry): MaybePromise<Guarded<boolean>> {
    return this.#call('touch', acceptBoolean, entry);
  }

  meta(name: string, makeIfAbsent: () => string): MaybePromise<Guarded<string>> {
    return this.#call('meta', acceptText, name, makeIfAbsent);
  }

  /** It reaches the storage even while the circuit is open. */
  close(): MaybePromise<Guarded<void>> {
    return this.#attempt('close', undefined, acceptAnything, this.#storage, 'close');
  }

  /**
   * It gives well-formed entries. Listings have a circuit of their own, and are made while that of the rest is open.
   * @throws CacheError with a code as in `StorageFailure`.
   */
  async *entries(): AsyncIterable<StoredEntryInfo> {
    const circuit = this.#circuits.method('entries');
    const admission = circuit.admit();
    if (admission === 'refused') throw this.#refused('entries').error;
    const begun = await this.#attempt('entries', undefined, acceptIterator, this.#storage, 'entries');
    if (!begun.ok) circuit.settle(admission, isClosing(begun));
    const iterator = valueOf(begun);
    for (let steps = 1; ; steps += 1) {
      // Steps that are there at once would let nothing else run, not even timers.
      if (steps % STEPS_AT_ONCE === 0) await nextTurn();
      const next = await this.#next(iterator);
      // The first step says how the storage is: a listing may be left for good after any of them.
      if (steps === 1) circuit.settle(admission, next.ok || isClosing(next));
      // A listing that is left early frees its cursor. After a step that failed nobody waits, as it may hang too.
      if (!next.ok) void this.#leave(iterator);
      const info = valueOf(next);
      if (info === undefined) return;
      let isLeft = true;
      try {
        yield info;
        isLeft = false;
      } finally {
        if (isLeft) await this.#leave(iterator);
      }
    }
  }

  /** It gives the next well-formed entry of a listing, and undefined at its end. */
  async #next(iterator: object): Promise<Guarded<StoredEntryInfo | undefined>> {
    for (let malformed = 0; malformed < STEPS_AT_ONCE; malformed += 1) {
      const step = await this.#attempt('entries', undefined, acceptStep, iterator, 'next');
      if (!step.ok) return step;
      const { done, info } = step.value;
      if (done || info !== undefined) {
        if (malformed > 0) await nextTurn();
        return { ok: true, value: info };
      }
      this.#reportUnusable('entries');
    }
    const error = this.#error('ERR_CACHE_STORAGE', 'entries', `gave ${STEPS_AT_ONCE} malformed entries in a row`);
    return this.#failed('entries', undefined, error);
  }

  /** It passes what the storage says went wrong on to `onFailure`, until the returned function is called. */
  listen(): () => void {
    // The storage may outlive this guard by far, and must not keep it.
    const report = weakly(this, (guard, ...[operation, error]: Parameters<ProblemListener>) => {
      guard.#options.onFailure(operation, error, guard.#circuits.isOpen(operation));
    });
    return subscribed(() => this.#storage.onProblem?.(report));
  }

  /** It tells of evictions until the returned function is called. */
  listenToEvictions(listener: EvictionListener): () => void {
    return subscribed(() => this.#storage.onEvicted?.(listener));
  }

  /** It makes one call, unless the circuit refuses it. */
  #call<T>(
    operation: StorageOperation,
    accept: Accept<T>,
    first?: unknown,
    second?: unknown,
  ): MaybePromise<Guarded<T>> {
    const admission = this.#circuits.admit(operation);
    if (admission === 'refused') return this.#refused(operation);
    return this.#attempt(operation, admission, accept, this.#storage, operation, first, second);
  }

  /**
   * It makes one call and copes with whatever that does: it may throw, give no promise, reject with anything, or never
   * settle. An entry whose getter throws is a failure of the storage too, so the check of an answer is guarded as well.
   */
  #attempt<T>(
    operation: StorageOperation,
    admission: Admitted,
    accept: Accept<T>,
    target: object,
    method: StorageOperation | 'next',
    first?: unknown,
    second?: unknown,
  ): MaybePromise<Guarded<T>> {
    try {
      const answer = (target as Callable)[method](first, second);
      if (isThenable(answer)) return this.#later(operation, admission, accept, answer, first);
      return this.#taken(operation, admission, accept(answer, first));
    } catch (cause) {
      return this.#failed(operation, admission, cause);
    }
  }

  /** It waits for an answer. The timer keeps the process alive, as a caller waits for it. */
  #later<T>(
    operation: StorageOperation,
    admission: Admitted,
    accept: Accept<T>,
    answer: unknown,
    argument: unknown,
  ): Promise<Guarded<T>> {
    return new Promise((resolve) => {
      let isLate = false;
      let ended: Promise<void> | undefined;
      const { timeoutMs } = this.#options;
      const timer = setTimeout(() => {
        isLate = true;
        const error = this.#error('ERR_CACHE_TIMEOUT', operation, `took longer than ${timeoutMs} ms`);
        resolve(this.#failed(operation, admission, error, ended));
      }, Math.min(timeoutMs, LONGEST_DELAY_MS));
      const settle = (accepted: () => T): void => {
        clearTimeout(timer);
        if (isLate) return;
        try {
          resolve(this.#taken(operation, admission, accepted()));
        } catch (cause) {
          resolve(this.#failed(operation, admission, cause));
        }
      };
      const take = (value: unknown): void => settle(() => accept(value, argument));
      const fail = (cause: unknown): void => settle(() => { throw cause; });
      try {
        ended = Promise.resolve(answer).then(take, fail);
      } catch (cause) {
        // A promise may have a `then` of its own that throws.
        fail(cause);
      }
    });
  }

  #taken<T>(operation: StorageOperation, admission: Admitted, value: T): Guarded<T> {
    if (admission !== undefined) this.#circuits.settle(operation, admission, true);
    return { ok: true, value };
  }

  #failed(operation: StorageOperation, admission: Admitted, cause: unknown, late?: Promise<void>): StorageFailure {
    const error = this.#errorBy(operation, cause);
    if (admission !== undefined) this.#circuits.settle(operation, admission, error.code === 'ERR_CACHE_CLOSED');
    this.#lastError = error;
    this.#options.onFailure(operation, error, this.#circuits.isOpen(operation));
    return { ok: false, error, late };
  }

  #refused(operation: StorageOperation): StorageFailure {
    const message = `was not tried: ${FAILURES_TO_OPEN} calls in a row have failed, the next try is within seconds`;
    return { ok: false, error: this.#error('ERR_CACHE_STORAGE', operation, message, this.#lastError), late: undefined };
  }

  async #leave(iterator: Partial<Callable>): Promise<void> {
    try {
      await within(this.#options.timeoutMs, iterator.return?.());
    } catch {
      // Nobody hears of a listing that cannot be ended, or not in time.
    }
  }

  /** It takes the entries of `key` out of what `get` answered; holes in the list are read as `undefined`. */
  readonly #acceptEntries = (answer: unknown, key: unknown): readonly StoredEntry[] => {
    if (!Array.isArray(answer)) throw UNFIT;
    const entries: StoredEntry[] = [];
    const { length } = answer;
    for (let index = 0; index < length; index += 1) {
      const each: unknown = answer[index];
      if (isEntry(each) && each.key === key) entries.push(each);
      else hush(each);
    }
    if (entries.length < length) this.#reportUnusable('get');
    return entries;
  };

  #reportUnusable(operation: StorageOperation): void {
    const error = this.#error('ERR_CACHE_RECORD', operation, 'gave malformed entries, which were left out');
    this.#options.onFailure(operation, error, this.#circuits.isOpen(operation));
  }

  #errorBy(operation: StorageOperation, cause: unknown): CacheError {
    if (cause instanceof CacheError) return cause;
    if (cause === UNFIT) return this.#error('ERR_CACHE_STORAGE', operation, UNFIT.message);
    return this.#error(isCacheError(cause) ? cause.code : 'ERR_CACHE_STORAGE', operation, 'failed', cause);
  }

  /**
   * It makes an error that names the operation and the storage. The arguments stay out, and so does the message of the
   * storage's engine, which may repeat them.
   */
  #error(code: CacheError['code'], operation: StorageOperation, message: string, cause?: unknown): CacheError {
    const details = cause === undefined ? {} : { cause };
    return new CacheError(code, `storage "${this.#storage.name}": ${operation} ${message}`, details);
  }
}

const ignore = (): void => undefined;

/** A promise that stands where the port has none is dropped, and its rejection must not end the process. */
function hush(value: unknown): void {
  if (isThenable(value)) Promise.resolve(value).then(ignore, ignore);
}

/** It subscribes, and gives what unsubscribes: a storage that fails in one or the other tells nothing, and no more. */
function subscribed(subscribe: () => unknown): () => void {
  try {
    const unsubscribe = subscribe();
    hush(unsubscribe);
    return () => {
      try {
        hush((unsubscribe as (() => unknown) | undefined)?.());
      } catch {
        // What it still tells is not wrong.
      }
    };
  } catch {
    return ignore;
  }
}

const isClosing = ({ error }: StorageFailure): boolean => error.code === 'ERR_CACHE_CLOSED';

const fitting =
  <T>(fits: (answer: unknown) => answer is T): Accept<T> =>
  (answer) => {
    if (!fits(answer)) throw UNFIT;
    return answer;
  };

const acceptAnything = (): undefined => undefined;
const acceptBoolean = fitting((answer) => typeof answer === 'boolean');
const acceptText = fitting((answer) => typeof answer === 'string');
const acceptCount = fitting(isCount);
const acceptRecord = fitting(isRecord);

const acceptIterator = (answer: unknown): object => {
  const iterator = (answer as AsyncIterable<unknown>)[Symbol.asyncIterator]() as unknown;
  hush(iterator);
  return acceptRecord(isThenable(iterator) ? undefined : iterator, undefined);
};

/** `info` is undefined where the entry is malformed, and where there is none because the listing is done. */
const acceptStep = (answer: unknown): { readonly done: boolean; readonly info: StoredEntryInfo | undefined } => {
  const { done = false, value } = acceptRecord(answer, undefined);
  hush(done);
  if (typeof done !== 'boolean') throw UNFIT;
  if (!done && isEntryInfo(value)) return { done, info: value };
  hush(value);
  return { done, info: undefined };
};
