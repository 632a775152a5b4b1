/** The calls of one storage: its end waits for those that are under way, and refuses those that come later. */
import type { MaybePromise, StorageOperation } from '../api/storage.js';
import { closedError } from './closed.js';
import type { Reports } from './reports.js';

export class Calls {
  readonly #storage: string;
  readonly #reports: Reports;
  #running = 0;
  #whenIdle: (() => void) | undefined;
  #ending: Promise<void> | undefined;

  /** @param storage its name. */
  constructor(storage: string, reports: Reports) {
    this.#storage = storage;
    this.#reports = reports;
  }

  /** True once `end` was called. */
  get isEnding(): boolean {
    return this.#ending !== undefined;
  }

  /** @throws CacheError `ERR_CACHE_CLOSED` once the end has begun. */
  assertOpen(): void {
    if (this.isEnding) throw closedError(this.#storage);
  }

  /** Rejects with `ERR_CACHE_CLOSED` once the end has begun. An answer that is there at once is given at once. */
  run<T>(work: () => Promise<T>): Promise<T>;
  run<T>(work: () => MaybePromise<T>): MaybePromise<T>;
  run<T>(work: () => MaybePromise<T>): MaybePromise<T> {
    if (this.isEnding) return Promise.reject(closedError(this.#storage));
    const answer = work();
    return answer instanceof Promise ? this.track(answer) : answer;
  }

  /** What the calls give, item by item, until one gives `undefined`: between two of them nothing is under way. */
  async *pages<T>(next: () => Promise<readonly T[] | undefined>): AsyncGenerator<T, void> {
    for (let page = await this.run(next); page !== undefined; page = await this.run(next)) yield* page;
  }

  /** The end waits for this as well. */
  track<T>(work: Promise<T>): Promise<T> {
    this.#running += 1;
    work.then(this.#settled, this.#settled);
    return work;
  }

  /** Nobody waits for it but the end, and what fails is told. */
  goOn(operation: StorageOperation, failed: string, work: () => Promise<unknown>): void {
    void this.track(this.#reports.attempt(operation, failed, work));
  }

  /** Waits for all that is under way, then does the last thing. The second time it waits for the first. */
  end(last: () => Promise<void> | void): Promise<void> {
    this.#ending ??= this.#end(last);
    return this.#ending;
  }

  async #end(last: () => Promise<void> | void): Promise<void> {
    while (this.#running > 0) await new Promise<void>((resolve) => { this.#whenIdle = resolve; });
    await last();
    this.#reports.end();
  }

  readonly #settled = (): void => {
    this.#running -= 1;
    if (this.#running === 0) this.#whenIdle?.();
  };
}
