/** A storage whose calls wait until a schedule lets them take effect, and then until it lets them answer. */
import type { CacheStorage, StorageOperation } from 'axios-client-cache';
import type { Ending, Task, Tasks } from './tasks.js';

export type StorageState =
  /** Each call does at once what the storage does. */
  | 'at once'
  | 'waits'
  | 'rejects'
  | 'throws';

/** One call, as others could see it. */
export interface StorageCallNote {
  /** In the order of all that happened. */
  readonly at: number;
  readonly sinceMs: number;
  /** `undefined` while it is under way. */
  untilMs: number | undefined;
  hasFailed: boolean;
}

export interface GatedStorage {
  readonly storage: CacheStorage;
  readonly calls: readonly StorageCallNote[];
  become(state: StorageState): void;
  /** How many calls the engine itself works on, whatever the schedule does. */
  readonly working: () => number;
  /** How many calls that delete something have not taken effect, or failed. */
  readonly undeleted: () => number;
}

const DELETING: ReadonlySet<StorageOperation> = new Set(['delete', 'clear']);
const GATED = ['get', 'set', 'delete', 'touch', 'clear', 'deleteExpired', 'meta'] as const;
type Gated = (typeof GATED)[number];

interface Surroundings {
  readonly tasks: Tasks;
  readonly tick: () => number;
  readonly elapsedMs: () => number;
}

/** The same storage, as one that knows nothing of fences. */
export const withoutFences = (storage: CacheStorage): CacheStorage => ({
  ...storage,
  get: async (...given) => ({ entries: (await storage.get(...given)).entries }),
  set: (entry) => storage.set(entry),
  touch: (entry) => storage.touch(entry),
});

export function gatedStorage(sound: CacheStorage, { tasks, tick, elapsedMs }: Surroundings): GatedStorage {
  const calls: StorageCallNote[] = [];
  let state: StorageState = 'at once';
  let undeleted = 0;
  let working = 0;
  const tracked = (result: unknown): unknown => {
    if (!(result instanceof Promise)) return result;
    working += 1;
    return result.finally(() => { working -= 1; });
  };
  const made: Record<string, unknown> = {};
  for (const method of GATED) {
    const work = sound[method].bind(sound) as (...given: readonly unknown[]) => unknown;
    const isDeleting = DELETING.has(method);
    made[method] = (...given: readonly unknown[]): unknown => {
      const note: StorageCallNote = { at: tick(), sinceMs: elapsedMs(), untilMs: undefined, hasFailed: false };
      calls.push(note);
      const ended = (outcome: 'fails' | 'works'): void => {
        note.hasFailed = outcome === 'fails';
        note.untilMs = elapsedMs();
      };
      const call = (): unknown => {
        tick();
        const result = tracked(work(...given));
        if (!isDeleting) return result;
        const done = (value: unknown): unknown => {
          undeleted -= 1;
          return value;
        };
        return result instanceof Promise ? result.then(done) : done(result);
      };
      if (isDeleting) undeleted += 1;
      if (state === 'waits') {
        return new Promise((resolve, reject) => { tasks.add(new StorageCall(method, call, ended, resolve, reject)); });
      }
      if (state === 'at once') return atOnce(call, ended);
      ended('fails');
      const error = new Error(`${method}: the storage is out of order`);
      if (state === 'throws') throw error;
      return Promise.reject(error);
    };
  }
  return {
    calls,
    storage: {
      ...(made as Pick<CacheStorage, Gated>),
      name: sound.name,
      inProcess: sound.inProcess ?? false,
      entries: () => {
        if (state === 'rejects' || state === 'throws') throw new Error('entries: the storage is out of order');
        return listed(sound.entries(), tracked);
      },
      close: () => tracked(sound.close()) as Promise<void>,
      onEvicted: (listener) => sound.onEvicted?.(listener) ?? (() => undefined),
      onProblem: (listener) => sound.onProblem?.(listener) ?? (() => undefined),
    },
    become: (given) => { state = given; },
    working: () => working,
    undeleted: () => undeleted,
  };
}

function atOnce(call: () => unknown, ended: (outcome: 'fails' | 'works') => void): unknown {
  ended('fails');
  const result = call();
  if (result instanceof Promise) void result.then(() => { ended('works'); }, () => undefined);
  else ended('works');
  return result;
}

function listed<T>(entries: AsyncIterable<T>, tracked: (result: unknown) => unknown): AsyncIterable<T> {
  return {
    [Symbol.asyncIterator]: () => {
      const iterator = entries[Symbol.asyncIterator]();
      return {
        next: () => tracked(iterator.next()) as Promise<IteratorResult<T>>,
        return: () => tracked(iterator.return?.() ?? Promise.resolve()) as Promise<IteratorResult<T>>,
      };
    },
  };
}

class StorageCall implements Task {
  readonly what: string;
  readonly #call: () => unknown;
  readonly #ended: (outcome: 'fails' | 'works') => void;
  readonly #resolve: (value: unknown) => void;
  readonly #reject: (error: unknown) => void;
  #result: { readonly value: unknown } | { readonly error: unknown } | undefined;

  constructor(
    what: string,
    call: () => unknown,
    ended: (outcome: 'fails' | 'works') => void,
    resolve: (value: unknown) => void,
    reject: (error: unknown) => void,
  ) {
    this.what = what;
    this.#call = call;
    this.#ended = ended;
    this.#resolve = resolve;
    this.#reject = reject;
  }

  async advance(ending: Ending): Promise<boolean> {
    if (ending === 'fails') return this.#fail();
    if (this.#result === undefined) {
      try {
        this.#result = { value: await this.#call() };
      } catch (error) {
        this.#result = { error };
      }
    }
    if (ending === 'half') return false;
    if (ending === 'fails late') return this.#fail();
    if ('error' in this.#result) return this.#fail(this.#result.error);
    this.#ended('works');
    this.#resolve(this.#result.value);
    return true;
  }

  #fail(error: unknown = new Error(`${this.what}: the storage has failed`)): true {
    this.#ended('fails');
    this.#reject(error);
    return true;
  }
}
