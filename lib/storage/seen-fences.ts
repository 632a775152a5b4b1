/** Fences that say nothing by themselves: what their look-ups have seen is remembered here. */
import type { Fence } from '../api/storage.js';

export class SeenFences<Seen> {
  readonly #seenBy = new WeakMap<Fence, Seen>();
  readonly #failures = new WeakMap<Fence, unknown>();

  /** A fence of what was seen; without that, one by which nothing is stored. */
  make(seen: Seen | undefined): Fence {
    const fence = Object.freeze({}) as Fence;
    if (seen !== undefined) this.#seenBy.set(fence, seen);
    return fence;
  }

  /** A fence that could not be completed: what is stored by it fails by the same cause, so that it is told. */
  failed(cause: unknown): Fence {
    const fence = Object.freeze({}) as Fence;
    this.#failures.set(fence, cause);
    return fence;
  }

  /**
   * `undefined` where nothing was looked up for what is written, `'nothing'` where the fence says nothing here.
   * @throws what the fence failed by.
   */
  seenBy(fence: Fence | undefined): Seen | 'nothing' | undefined {
    if (fence === undefined) return undefined;
    if (this.#failures.has(fence)) throw this.#failures.get(fence) as Error;
    return this.#seenBy.get(fence) ?? 'nothing';
  }
}

/** The tokens of tags, by tag. */
export type TagTokens = ReadonlyMap<string, string>;

/** What tells whether tags were invalidated since a look-up. */
interface SeenTags {
  readonly seen: TagTokens;
  /** Those by which the entry was accepted, where the look-up gave it. */
  readonly held: TagTokens | undefined;
  readonly now: TagTokens;
  /** Counts for a tag that the look-up did not name. */
  readonly hasAnyChanged: boolean;
}

/** Whether a tag of an entry was, or may have been, invalidated since the look-up. */
export function hasTagChanged(
  tags: readonly string[],
  { seen, held = NO_TOKENS, now, hasAnyChanged }: SeenTags,
): boolean {
  const known = new Map([...seen, ...held]);
  const all = new Set([...tags, ...held.keys()]);
  return [...all].some((tag) => (known.has(tag) ? known.get(tag) !== now.get(tag) : hasAnyChanged));
}

const NO_TOKENS: TagTokens = new Map();

/** Epoch milliseconds with fractions, so that look-ups in one process are told apart; it does not go back. */
export const preciseNow = (): number => performance.timeOrigin + performance.now();

/** When what is written was looked up: without a look-up, now. */
export const atOf = (seen: { readonly atMs: number } | undefined): number => seen?.atMs ?? preciseNow();
