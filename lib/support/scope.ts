/** Tells what a function does, and what follows from it, from all that happens beside it. */
import { nodeAsyncHooks } from './platform.js';

/**
 * Where the platform follows what is asynchronous, as Node does with AsyncLocalStorage, a scope has inside what its
 * function has begun. Elsewhere everything is inside until the function has settled.
 */
export class Scope {
  /** It is made when it is first needed, as most programs never need it. */
  #tasks: ReturnType<typeof taskStorage>;
  #running = 0;

  get isInside(): boolean {
    return this.#tasks === undefined ? this.#running > 0 : this.#tasks.getStore() === true;
  }

  async run<T>(fn: () => T | Promise<T>): Promise<T> {
    this.#tasks ??= taskStorage();
    if (this.#tasks !== undefined) return this.#tasks.run(true, fn);
    this.#running += 1;
    try {
      return await fn();
    } finally {
      this.#running -= 1;
    }
  }
}

function taskStorage() {
  const hooks = nodeAsyncHooks();
  return hooks === undefined ? undefined : new hooks.AsyncLocalStorage<true>();
}
