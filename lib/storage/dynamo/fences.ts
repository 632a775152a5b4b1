/** The fences of DynamoStorage: what a look-up has seen, by what it gave. */
import type { RenewedEntry } from '../../api/storage.js';
import { hasTagChanged, SeenFences, type TagTokens } from '../seen-fences.js';
import type { NamespaceState, Tokens } from './tokens.js';

/** What an entry that was given depends on. */
export interface Held {
  readonly base: string;
  /** As they stand in its item: a tag that the entry names twice has two. */
  readonly tagTokens: readonly string[];
  readonly tags: TagTokens;
  readonly lookedUpAtMs: number;
}

/** What a look-up has seen of its key. */
export interface Seen {
  readonly key: string;
  readonly resource: string;
  readonly tokens: Tokens;
  /** The revisions that were stored, valid or not, by variant. */
  readonly revisions: ReadonlyMap<string, string>;
  /** The entries that were given, by revision. */
  readonly held: ReadonlyMap<string, Held>;
  /** When it ended, in epoch milliseconds. */
  readonly atMs: number;
}

export const fences = new SeenFences<Seen>();

/**
 * Whether something that the entry depends on was, or may have been, invalidated since the look-up.
 * @param namespace as it was read after the tokens.
 */
export function isOutdated(
  seen: Seen,
  entry: RenewedEntry,
  now: Tokens,
  namespace: NamespaceState | undefined,
): boolean {
  const before = seen.tokens.namespace;
  if (namespace?.token !== before.token || namespace.listings !== before.listings) return true;
  if (seen.key !== entry.key || seen.resource !== entry.resource) return namespace.changes !== before.changes;
  if (now.base !== seen.tokens.base) return true;
  const held = seen.held.get(entry.revision)?.tags;
  const hasAnyChanged = namespace.tags !== before.tags;
  return hasTagChanged(entry.tags, { seen: seen.tokens.tags, held, now: now.tags, hasAnyChanged });
}
