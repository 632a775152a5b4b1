/**
 * This file holds the guard around a storage: it turns failures into data, limits the time of each call, and checks
 * answers.
 */
import { CacheError, isCacheError } from '../api/errors.js';
import type {
  CacheStorage,
  EvictionListener,
  Fence,
  MaybePromise,
  ProblemListener,
  StorageOperation,
  RenewedEntry,
  StorageLease,
  StorageReading,
  StorageScope,
  StorageSelector,
  StoredEntry,
  StoredEntryInfo,
} from '../api/storage.js';
import { type Admission, FAILURES_TO_OPEN, StorageCircuits } from './circuit.js';
import { isRepeated } from './repeated.js';
import { isCount, isEntry, isEntryInfo, isRecord } from './entry-shape.js';
import { isThenable } from '../support/maybe-promise.js';
import { LONGEST_DELAY_MS, nextTurn, within } from '../support/timers.js';
import { type Ended, type TracedCall, tracingChannel } from '../support/tracing.js';
import { weakly } from '../support/weakly.js';
import { owns } from '../support/owns.js';

interface GuardOptions {
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

interface StorageFailure {
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

/** It is what became of a write: false where something newer is known, and `too-large` where there is no room. */
export type Written = boolean | 'too-large';

/** It returns the value, or throws the CacheError of a failure. */
export function valueOf<T>(result: Guarded<T>): T {
  if (!result.ok) throw result.error;
  return result.value;
}

/** It is what the subscribers of `axios-client-cache:storage` are given: no key and no argument stands in it. */
interface TracedOperation extends TracedCall {
  /** The `name` of the storage. */
  readonly storage: string;
  readonly operation: StorageOperation;
}

const channel = tracingChannel<TracedOperation>('axios-client-cache:storage');

/** It is thrown for an answer that is not what the storage interface (the port) promises. */
const UNFIT = new Error('resolved with something other than the port promises');
/** What `get` gave before there were fences. */
const UNFENCED = new Error('resolved with a list in place of { entries, fence }, of which the fence may be left out');

/** A listing lets the rest of the program run after so many steps, and ends after so many malformed ones in a row. */
const STEPS_AT_ONCE = 1000;

/** It takes a value out of what a storage answered to a call with this first argument, or throws. */
type Accept<T> = (answer: unknown, argument: unknown) => T;

/** It is a storage, or the iterator of a listing, of which a method is called by its name. */
type Callable = Readonly<Record<StorageOperation | 'next' | 'return', (first?: unknown, second?: unknown) => unknown>>;

/**
 * It says how the circuit, which stops calls after many failures, admitted a call, or by which circuit of its own a
 * listing goes until its first step shows how the storage is. It is undefined where no circuit is asked.
 */
type Admitted = Exclude<Admission, 'refused'> | Listing | undefined;

interface Listing {
  settle(succeeded: boolean): void;
}

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
  get(key: string, scope: StorageScope): MaybePromise<Guarded<StorageReading>> {
    return this.#call('get', this.#acceptReading, key, scope);
  }

  /** A storage that says nothing of it has written. */
  set(entry: StoredEntry, fence: Fence | undefined): MaybePromise<Guarded<Written>> {
    return this.#call('set', acceptWritten, entry, fence);
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

  touch(entry: RenewedEntry, fence: Fence | undefined): MaybePromise<Guarded<boolean>> {
    return this.#call('touch', acceptBoolean, entry, fence);
  }

  meta(name: string, makeIfAbsent: () => string): MaybePromise<Guarded<string>> {
    return this.#call('meta', acceptText, name, makeIfAbsent);
  }

  /** It is the storage itself, by which it is known that several guards are around one. */
  get shared(): object {
    return this.#storage;
  }

  get inProcess(): boolean {
    return this.#storage.inProcess === true;
  }

  /** It is how long a lease is held at most; it is undefined where the storage has no leases. */
  get leaseMs(): number | undefined {
    try {
      const { leaseMs, lease } = this.#storage as { readonly leaseMs?: unknown; readonly lease?: unknown };
      // One without end would be waited for without end.
      const isTime = typeof leaseMs === 'number' && leaseMs > 0 && leaseMs < Infinity;
      return isTime && typeof lease === 'function' ? leaseMs : undefined;
    } catch {
      return undefined;
    }
  }

  /** It gives undefined where another process holds the lease of this key. */
  lease(key: string): MaybePromise<Guarded<StorageLease | undefined>> {
    return this.#call('lease', acceptLease, key, this.leaseMs);
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
    const listing: Listing = { settle: (succeeded) => { circuit.settle(admission, succeeded); } };
    const iterator = valueOf(await this.#attempt('entries', listing, acceptIterator, this.#storage, 'entries'));
    for (let steps = 1; ; steps += 1) {
      // Steps that are there at once would let nothing else run, not even timers.
      if (steps % STEPS_AT_ONCE === 0) await nextTurn();
      // The first step says how the storage is: a listing may be left for good after any of them.
      const next = await this.#next(iterator, steps === 1 ? listing : undefined);
      if (steps === 1 && next.ok) listing.settle(true);
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
  async #next(iterator: object, listing: Listing | undefined): Promise<Guarded<StoredEntryInfo | undefined>> {
    for (let malformed = 0; malformed < STEPS_AT_ONCE; malformed += 1) {
      const step = await this.#attempt('entries', listing, acceptStep, iterator, 'next');
      if (!step.ok) return step;
      const { done, info } = step.value;
      if (done || info !== undefined) {
        if (malformed > 0) await nextTurn();
        return { ok: true, value: info };
      }
      this.#reportUnusable('entries');
    }
    const error = this.#error('ERR_CACHE_STORAGE', 'entries', `gave ${STEPS_AT_ONCE} malformed entries in a row`);
    return this.#failed('entries', listing, error);
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
    if (channel?.isHeard !== true) {
      return this.#attempt(operation, admission, accept, this.#storage, operation, first, second);
    }
    const make = (): MaybePromise<Guarded<T>> =>
      this.#attempt(operation, admission, accept, this.#storage, operation, first, second);
    return channel.trace<Guarded<T>>({ storage: this.#storage.name, operation }, make, noteFailure);
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
    if (typeof admission === 'string') this.#circuits.settle(operation, admission, true);
    return { ok: true, value };
  }

  #failed(operation: StorageOperation, admission: Admitted, cause: unknown, late?: Promise<void>): StorageFailure {
    const error = this.#errorBy(operation, cause);
    const isClosing = error.code === 'ERR_CACHE_CLOSED';
    const wasOpen = this.#circuits.isOpen(operation);
    // It comes first, so that the failure which opens a circuit says so.
    if (typeof admission === 'string') this.#circuits.settle(operation, admission, isClosing);
    else admission?.settle(isClosing);
    this.#lastError = error;
    const isOpen = this.#circuits.isOpen(operation);
    // An outage that lasts is told when it begins, and when the storage is left alone for it.
    if (!isRepeated(cause) || (isOpen && !wasOpen)) this.#options.onFailure(operation, error, isOpen);
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
  readonly #acceptReading = (answer: unknown, key: unknown): StorageReading => {
    const { entries: given, fence } = acceptRecord(answer, undefined);
    hush(fence);
    if (!Array.isArray(given) || isThenable(fence)) throw Array.isArray(answer) ? UNFENCED : UNFIT;
    const entries: StoredEntry[] = [];
    const { length } = given;
    for (let index = 0; index < length; index += 1) {
      const each: unknown = given[index];
      if (isEntry(each) && each.key === key) entries.push(each);
      else hush(each);
    }
    if (entries.length < length) this.#reportUnusable('get');
    return { entries, fence: fence as Fence | undefined };
  };

  #reportUnusable(operation: StorageOperation): void {
    const error = this.#error('ERR_CACHE_RECORD', operation, 'gave malformed entries, which were left out');
    this.#options.onFailure(operation, error, this.#circuits.isOpen(operation));
  }

  #errorBy(operation: StorageOperation, cause: unknown): CacheError {
    if (cause instanceof CacheError) return cause;
    const unfit = [UNFIT, UNFENCED].find((each) => each === cause);
    if (unfit !== undefined) return this.#error('ERR_CACHE_STORAGE', operation, unfit.message);
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

/** It notes the failure of a traced call, which a guarded storage gives as its value. */
function noteFailure<T>(call: TracedOperation, ended: Ended<Guarded<T>>): void {
  if (owns(ended, 'value') && !ended.value.ok) call.error = ended.value.error;
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

const fitting =
  <T>(fits: (answer: unknown) => answer is T): Accept<T> =>
  (answer) => {
    if (!fits(answer)) throw UNFIT;
    return answer;
  };

const acceptAnything = (): undefined => undefined;
const acceptWritten = (answer: unknown): Written => (answer === 'too-large' ? answer : answer !== false);
const acceptBoolean = fitting((answer) => typeof answer === 'boolean');
const acceptText = fitting((answer) => typeof answer === 'string');
const acceptCount = fitting(isCount);
const acceptRecord = fitting(isRecord);

const acceptLease = (answer: unknown): StorageLease | undefined => {
  if (answer === undefined) return undefined;
  const lease = acceptRecord(answer, undefined) as unknown as StorageLease;
  if (typeof lease.release !== 'function') throw UNFIT;
  return { release: async (answer) => lease.release(answer) };
};

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
