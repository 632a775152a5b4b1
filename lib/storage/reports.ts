/** What a storage tells of besides the answers of its calls: what went wrong, and what it had to evict. */
import { CacheError } from '../api/errors.js';
import type { EvictionListener, ProblemListener, StorageOperation, StoredEntryInfo } from '../api/storage.js';
import { Listeners } from '../support/listeners.js';
import { explain, type Malformed } from './record/part.js';

/** What came of something that may fail. */
export type Attempt<T> = { readonly value: T } | { readonly cause: unknown };

export class Reports {
  readonly #who: string;
  readonly #problemListeners = new Listeners<Parameters<ProblemListener>>();
  /** What was told to fail, and has not worked since. */
  readonly #failing = new Set<string>();
  readonly #evictionListeners = new Listeners<Parameters<EvictionListener>>();

  /** @param who begins the messages of failures, such as `RedisStorage`. */
  constructor(who: string) {
    this.#who = who;
  }

  onProblem(listener: ProblemListener): () => void {
    return this.#problemListeners.add(listener);
  }

  onEvicted(listener: EvictionListener): () => void {
    return this.#evictionListeners.add(listener);
  }

  /** It can be handed on alone. */
  readonly problem: ProblemListener = (operation, error) => { this.#problemListeners.tell(operation, error); };

  /** Something failed, and the call that it stands beside goes well. */
  failure(operation: StorageOperation, what: string, cause: unknown): void {
    this.problem(operation, new CacheError('ERR_CACHE_STORAGE', `${this.#who}: ${what}`, { cause }));
  }

  /** A record that cannot be read was found, and is on its way out. */
  damage(operation: StorageOperation, reading: Malformed): void {
    this.problem(operation, new CacheError('ERR_CACHE_RECORD', `${explain(reading)}; it is deleted`));
  }

  /** An entry had to go, or was not kept, as there is no room for its bytes. */
  evicted(entry: StoredEntryInfo): void {
    this.#evictionListeners.tell(entry, 'bytes');
  }

  /** Never rejects: what fails is told. */
  async attempt(operation: StorageOperation, failed: string, work: () => Promise<unknown>): Promise<void> {
    try {
      await work();
    } catch (cause) {
      this.failure(operation, failed, cause);
    }
  }

  /** Gives what `work` gives, or why it fails: that is told once, until it works again. */
  async tolerate<T>(operation: StorageOperation, failed: string, work: () => Promise<T>): Promise<Attempt<T>> {
    try {
      const value = await work();
      this.#failing.delete(failed);
      return { value };
    } catch (cause) {
      if (!this.#failing.has(failed)) this.failure(operation, failed, cause);
      this.#failing.add(failed);
      return { cause };
    }
  }

  /** Nobody is told of anything any more. */
  end(): void {
    this.#problemListeners.clear();
    this.#evictionListeners.clear();
  }
}
