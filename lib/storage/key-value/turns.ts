/** Turns: who reads a record to write it again does so alone, as far as this process goes. */

export class Turns {
  /** Settles with the last piece of work for each name. */
  readonly #last = new Map<string, Promise<unknown>>();

  take<T>(name: string, work: () => Promise<T>): Promise<T> {
    const before = this.#last.get(name);
    const taken = before === undefined ? work() : before.then(work, work);
    const ended = taken.catch(ignore).then(() => {
      if (this.#last.get(name) === ended) this.#last.delete(name);
    });
    this.#last.set(name, ended);
    return taken;
  }
}

const ignore = (): void => undefined;
