/** The fences of FilesystemStorage: what a look-up has seen, by what it gave. */
import type { RenewedEntry } from '../../api/storage.js';
import { hasTagChanged, SeenFences, type TagTokens } from '../seen-fences.js';
import type { Head } from './heads.js';
import type { Clocks, Tokens } from './tokens.js';

/** What a look-up has seen of its key. */
export interface Seen {
  readonly key: string;
  readonly resource: string;
  readonly clocks: Clocks;
  readonly tokens: Tokens;
  /** The revisions that were stored, valid or not, by variant. */
  readonly revisions: ReadonlyMap<string, string>;
  /** The tokens by tag of each entry that was given, by its revision. */
  readonly heldTags: ReadonlyMap<string, TagTokens>;
  /** When it ended, as `lookedUpAtMs` of entries. */
  readonly atMs: number;
}

export const fences = new SeenFences<Seen>();

export const revisionsOf = (heads: readonly Head[]): ReadonlyMap<string, string> =>
  new Map(heads.map(({ fields }) => [fields.variant, fields.revision]));

export const heldTagsOf = (heads: readonly Head[]): ReadonlyMap<string, TagTokens> =>
  new Map(heads.map((head) => [head.fields.revision, tagTokensOf(head)]));

const tagTokensOf = ({ fields, tokens }: Head): TagTokens =>
  new Map(fields.tags.map((tag, index) => [tag, tokens.tags[index] ?? '']));

/** Whether something that the entry depends on was, or may have been, invalidated since the look-up. */
export function isOutdated(seen: Seen, entry: RenewedEntry, now: Tokens, clocks: Clocks): boolean {
  if (now.namespace !== seen.tokens.namespace || clocks.listings !== seen.clocks.listings) return true;
  const hasAnyChanged = clocks.changes !== seen.clocks.changes;
  // Of a key or a tag that the look-up did not name only the clock of the whole namespace can tell.
  if (seen.key !== entry.key || seen.resource !== entry.resource) return hasAnyChanged;
  if (now.resource !== seen.tokens.resource || now.key !== seen.tokens.key) return true;
  const held = seen.heldTags.get(entry.revision);
  return hasTagChanged(entry.tags, { seen: seen.tokens.tags, held, now: now.tags, hasAnyChanged });
}
