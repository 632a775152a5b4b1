/**
 * Invalidations that the server did not take. Until it has taken them, this process must not answer with what they
 * concern: it was told to forget that.
 */
import type { StoredEntry } from '../../api/storage.js';
import { elapsedMs } from '../../support/timers.js';
import type { Invalidation } from './tokens.js';
import { owns } from '../../support/owns.js';

/** More than so many are remembered as one of everything. */
const MOST_OWED = 1000;
/** So often they are tried again, by the look-ups that come. */
const TRIED_EACH_MS = 1000;

export class Owed {
  readonly #invalidate: (what: Invalidation) => Promise<unknown>;
  readonly #owed = new Map<string, Invalidation>();
  #isTrying = false;
  #triedAtMs = -Infinity;

  /** @param invalidate does one of them again. */
  constructor(invalidate: (what: Invalidation) => Promise<unknown>) {
    this.#invalidate = invalidate;
  }

  note(what: Invalidation): void {
    if (this.#owed.size < MOST_OWED) {
      this.#owed.set(JSON.stringify(what), what);
      return;
    }
    this.#owed.clear();
    this.note({ everything: true });
  }

  /** Tries again what is owed, where it is time. Nobody who looks up waits for that. */
  async pay(): Promise<void> {
    if (this.#owed.size === 0 || this.#isTrying || elapsedMs() - this.#triedAtMs < TRIED_EACH_MS) return;
    this.#isTrying = true;
    await this.#pay();
    this.#isTrying = false;
  }

  async #pay(): Promise<void> {
    this.#triedAtMs = elapsedMs();
    for (const [name, what] of [...this.#owed]) {
      try {
        await this.#invalidate(what);
        this.#owed.delete(name);
      } catch {
        // The call that failed first has told of it, and who looks up now is kept from what is owed.
        return;
      }
    }
  }

  /** Tells which entries something concerns that is owed now, also once it is not any more. */
  now(): (entry: Pick<StoredEntry, 'key' | 'resource' | 'tags'>) => boolean {
    if (this.#owed.size === 0) return noneIsOwed;
    const owed = [...this.#owed.values()];
    return ({ key, resource, tags }) => owed.some((what) => {
      if (owns(what, 'everything') || owns(what, 'underWay')) return true;
      return owns(what, 'tag') ? tags.includes(what.tag) : isOf(what, key, resource);
    });
  }
}

const noneIsOwed = (): boolean => false;

const isOf = (what: { readonly key?: string; readonly resource: string }, key: string, resource: string): boolean =>
  what.resource === resource && (what.key === undefined || what.key === key);
