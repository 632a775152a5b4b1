/**
 * This file watches how long a caller waits: its own `signal`, `cancelToken` and `timeout` count, even while it waits
 * for a request that another caller made.
 */
import type { GenericAbortSignal, InternalAxiosRequestConfig } from 'axios';
import { AxiosError, CanceledError } from '../native/library.js';
import type { Dialect } from '../native/dialect.js';
import { Interruption } from '../../support/interruption.js';
import { elapsedMs, LONGEST_DELAY_MS, within } from '../../support/timers.js';

/** Why a caller waits no longer. */
type WatchFailure = 'cancelled' | 'timeout';

/**
 * Starts the caller's clock. It returns `undefined` where nothing can end the waiting: the caller has no `signal`,
 * `cancelToken` or `timeout`.
 */
export function watchCaller(config: InternalAxiosRequestConfig, dialect: Dialect | undefined): CallerWatch | undefined {
  const { signal, cancelToken, timeout } = config;
  return signal || cancelToken || timeout ? new CallerWatch(config, dialect) : undefined;
}

export class CallerWatch {
  readonly #config: InternalAxiosRequestConfig;
  readonly #dialect: Dialect | undefined;
  readonly #interruption = new Interruption();
  /** These functions remove all listeners that this watch has added. */
  readonly #release: (() => void)[] = [];
  readonly #startedMs = elapsedMs();
  #givenBackMs = 0;
  /** It is true once a look-up has taken its part of the caller's time, after which no other gets one. */
  #isLate = false;
  #failure: WatchFailure | undefined;
  #isDisposed = false;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(config: InternalAxiosRequestConfig, dialect: Dialect | undefined) {
    this.#config = config;
    this.#dialect = dialect;
    this.#startTimer();
    this.#watchToken();
    this.#watchSignal();
  }

  get failure(): WatchFailure | undefined {
    return this.#failure;
  }

  /** Settles as `promise` does, unless the caller gives up before: then it rejects at once with the caller's error. */
  race<T>(promise: Promise<T>): Promise<T> {
    return this.#interruption.race(promise);
  }

  /**
   * Waits for what the cache looks up, for half of the caller's time at most: then the caller goes on with `instead`.
   * The server has all of the time that it would have without a cache, so that what was spent is given back.
   */
  raceLookUp<T>(looking: Promise<T>, instead: T): Promise<T> {
    const limit = this.#limitMs;
    if (limit === undefined) return this.race(looking);
    const ms = this.#isLate ? 1 : Math.max(1, limit / 2 - this.#spentMs);
    const givingWay = (): T => {
      this.#isLate = true;
      this.#givenBackMs = this.#spentMs;
      this.resumeTimer();
      return instead;
    };
    return this.race(within(ms, looking).catch(givingWay));
  }

  /** Stops the caller's clock: its own request is about to be sent, and the adapter's timeout counts from there on. */
  stopTimer(): void {
    clearTimeout(this.#timer);
  }

  /** Starts the caller's clock again: its own request has ended, and now it waits for the cache or for another one. */
  resumeTimer(): void {
    this.stopTimer();
    // A refresh in the background may be answered long after its caller.
    if (!this.#isDisposed) this.#startTimer();
  }

  /** The server has answered the caller's own request: from now on its time is what it said, and no more. */
  answered(): void {
    this.#givenBackMs = 0;
    this.resumeTimer();
  }

  get #spentMs(): number {
    return elapsedMs() - this.#startedMs;
  }

  /** This much of the caller's time is left; it is `undefined` where the caller would wait without end. */
  get leftMs(): number | undefined {
    const limit = this.#limitMs;
    return limit === undefined ? undefined : Math.max(1, limit - this.#spentMs + this.#givenBackMs);
  }

  /** Removes all listeners and the timer. */
  dispose(): void {
    this.#isDisposed = true;
    this.stopTimer();
    for (const release of this.#release.splice(0)) release();
  }

  #fail(failure: WatchFailure, error: unknown): void {
    this.#failure = failure;
    this.#interruption.interrupt(error);
    this.dispose();
  }

  /** Reads the timeout in milliseconds as the http adapter reads it; the adapter reports a wrong one. */
  get #limitMs(): number | undefined {
    const limit = Number.parseInt(String(this.#config.timeout), 10);
    return limit > 0 && limit <= LONGEST_DELAY_MS ? limit : undefined;
  }

  #startTimer(): void {
    const { leftMs } = this;
    if (leftMs === undefined) return;
    this.#timer = setTimeout(() => this.#fail('timeout', timeoutError(this.#config, this.#dialect)), leftMs);
  }

  #watchToken(): void {
    const { cancelToken } = this.#config;
    if (!cancelToken) return;
    const cancelled = (reason: unknown): void =>
      this.#fail('cancelled', this.#dialect === 'fetch' ? named(reason, this.#config, {}) : reason);
    cancelToken.subscribe(cancelled);
    this.#release.push(() => cancelToken.unsubscribe(cancelled));
  }

  #watchSignal(): void {
    const { signal } = this.#config;
    if (!signal) return;
    const aborted = (request?: object): void =>
      this.#fail('cancelled', abortError(signal, this.#config, this.#dialect, request));
    if (signal.aborted) aborted();
    else this.#release.push(onAbort(signal, () => aborted({})));
  }
}

/**
 * Makes the error of an aborted request: the fetch adapter tells the signal's own reason, the others do not. By the
 * `request` of an error callers tell that it was sent; the very one may be another caller's, and have its credentials.
 */
function abortError(
  signal: GenericAbortSignal & { readonly reason?: unknown },
  config: InternalAxiosRequestConfig,
  dialect: Dialect | undefined,
  request: object | undefined,
): AxiosError {
  if (dialect !== 'fetch') return new CanceledError(undefined, config, request);
  const { reason } = signal;
  if (reason instanceof AxiosError) return named(reason, config, request);
  return new CanceledError(reason instanceof Error ? reason.message : (reason as string | undefined), config, request);
}

/** Puts into an error of the caller's own what the fetch adapter puts there; it may be frozen. */
function named<E>(error: E, config: InternalAxiosRequestConfig, request: object | undefined): E {
  if (error instanceof AxiosError) {
    Reflect.set(error, 'config', config);
    if (request !== undefined) Reflect.set(error, 'request', request);
  }
  return error;
}

/** Makes the error of a timeout: the fetch adapter knows neither `timeoutErrorMessage` nor `transitional`. */
function timeoutError(config: InternalAxiosRequestConfig, dialect: Dialect | undefined): AxiosError {
  const { timeout, timeoutErrorMessage, transitional } = config;
  const message = `timeout of ${timeout}ms exceeded`;
  if (dialect === 'fetch') return new AxiosError(message, AxiosError.ETIMEDOUT, config, {});
  const code = transitional?.clarifyTimeoutError ? AxiosError.ETIMEDOUT : AxiosError.ECONNABORTED;
  return new AxiosError(timeoutErrorMessage || message, code, config, {});
}

const listening = new WeakMap<GenericAbortSignal, { readonly told: Set<() => void>; readonly tell: () => void }>();

/**
 * Calls `listener` when `signal` aborts, until the returned function is called. All listeners of a signal share one
 * that is added to it: Node warns of a leak at the eleventh, and many requests of a page may have one signal in common.
 */
function onAbort(signal: GenericAbortSignal, listener: () => void): () => void {
  const { told, tell } = listening.get(signal) ?? listenTo(signal);
  told.add(listener);
  return () => {
    if (!told.delete(listener) || told.size > 0) return;
    listening.delete(signal);
    signal.removeEventListener?.('abort', tell);
  };
}

function listenTo(signal: GenericAbortSignal): { readonly told: Set<() => void>; readonly tell: () => void } {
  const told = new Set<() => void>();
  const tell = (): void => {
    for (const listener of [...told]) listener();
  };
  const entry = { told, tell };
  listening.set(signal, entry);
  signal.addEventListener?.('abort', tell);
  return entry;
}
