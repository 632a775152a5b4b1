/** A key-value store whose calls take effect one at a time, in an order that a seed draws. */
import type { KeyValueDriver } from '../../../lib/storage/key-value/driver.js';

export class ScheduledStore {
  readonly values = new Map<string, Uint8Array>();
  readonly #pending: (() => void)[] = [];
  readonly #random: () => number;

  constructor(seed: number) {
    this.#random = randomFrom(seed);
  }

  /** A number from 0 to below `limit`. */
  draw(limit: number): number {
    return Math.floor(this.#random() * limit);
  }

  /** A driver as a process has it. */
  connect(): KeyValueDriver {
    return {
      get: (key) => this.#later(() => this.#copy(key)),
      set: (key, value) => this.#later(() => this.values.set(key, value)),
      delete: (key) => this.#later(() => this.values.delete(key)),
      keys: (prefix) => this.#later(() => [...this.values.keys()].filter((key) => key.startsWith(prefix))),
    };
  }

  /** Waits for as long as a few other calls take. */
  async pause(): Promise<void> {
    for (let times = this.draw(12); times > 0; times -= 1) await this.#later(() => undefined);
  }

  /** Lets calls take effect until all of `work` has ended. */
  async run(work: readonly Promise<unknown>[]): Promise<void> {
    let isOver = false;
    const all = Promise.all(work).finally(() => { isOver = true; });
    while (!isOver) {
      const [next] = this.#pending.splice(this.draw(this.#pending.length), 1);
      next?.();
      await new Promise<void>((resolve) => { setImmediate(resolve); });
    }
    await all;
  }

  #copy(key: string): Uint8Array | undefined {
    const value = this.values.get(key);
    return value && new Uint8Array(value);
  }

  #later<T>(work: () => T): Promise<T> {
    return new Promise((resolve) => {
      this.#pending.push(() => { resolve(work()); });
    });
  }
}

/** Mulberry32. */
function randomFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
