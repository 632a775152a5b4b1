/** What SqliteStorage does for each selector of a deletion: what is invalidated, and which rows go. */
import type { StorageSelector } from '../../api/storage.js';
import type { SqliteStatement } from './database.js';
import { nameOf } from './fence.js';
import type { Invalidated } from './invalidations.js';
import { exact } from './rows.js';
import { SQL } from './statements.js';
import { owns } from '../../support/owns.js';

export interface Deletion {
  /** It is noted before anything is deleted. */
  readonly invalidated: Invalidated | undefined;
  /** It deletes a chunk of rows. Where something is invalidated, the number of that and the namespace follow. */
  readonly rows: SqliteStatement | undefined;
}

/** @param namespace as `exact` gives it. */
export function deletionOf(namespace: string, selector: StorageSelector): Deletion {
  if (owns(selector, 'underWay')) return { invalidated: 'under-way', rows: undefined };
  if (owns(selector, 'tag')) {
    const values = [namespace, exact(selector.tag)];
    return { invalidated: { name: nameOf.tag(selector.tag) }, rows: { sql: SQL.deleteTag, values } };
  }
  if (!owns(selector, 'key')) {
    const values = [namespace, exact(selector.resource)];
    return { invalidated: { name: nameOf.resource(selector.resource) }, rows: { sql: SQL.deleteResource, values } };
  }
  const { key, variant, revision } = selector;
  if (variant === undefined && revision === undefined) {
    return { invalidated: { name: nameOf.key(key) }, rows: { sql: SQL.deleteKey, values: [namespace, exact(key)] } };
  }
  return { invalidated: undefined, rows: deletionOfVariants(namespace, selector) };
}

/** Deletes a chunk of the variants of a key that are so. */
export const deletionOfVariants = (
  namespace: string,
  { key, variant, revision }: Extract<StorageSelector, { readonly key: string }>,
): SqliteStatement => ({
  sql: SQL.deleteVariants,
  values: [namespace, exact(key), exactOrNull(variant), exactOrNull(revision)],
});

const exactOrNull = (text: string | undefined): string | null => (text === undefined ? null : exact(text));

export const clearingOf = (namespace: string): Deletion =>
  ({ invalidated: 'everything', rows: { sql: SQL.deleteNamespace, values: [namespace] } });
