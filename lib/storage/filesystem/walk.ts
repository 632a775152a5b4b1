/**
 * The way through all entries of a namespace. What others write or remove meanwhile may be seen or not: whether an
 * entry is valid is never decided by a listing of a folder.
 */
import { join } from 'node:path';
import type { Files } from './files.js';
import { type KeyPlace, keyPlace, type VariantPlace, variantsIn } from './places.js';

/** So many folders of keys are looked into at once. */
const AT_ONCE = 32;

/** The folder of a key, and what is in it. */
export interface Visited {
  readonly place: KeyPlace;
  readonly names: readonly string[];
  readonly variants: readonly VariantPlace[];
}

/** The folders of resources in a shard of the entries. */
export const resourceFolders = async (files: Files, shard: string): Promise<readonly string[]> =>
  (await files.folders(shard)).map((name) => join(shard, name));

/** The keys of a resource, some at a time. */
export async function* visitResource(files: Files, folder: string): AsyncGenerator<readonly Visited[]> {
  const keys = await files.folders(folder);
  for (let from = 0; from < keys.length; from += AT_ONCE) {
    yield await Promise.all(keys.slice(from, from + AT_ONCE).map((key) => visitKey(files, keyPlace(folder, key))));
  }
}

/** The keys of a shard, some at a time. */
export async function* visitShard(files: Files, shard: string): AsyncGenerator<readonly Visited[]> {
  let some: Visited[] = [];
  for (const folder of await resourceFolders(files, shard)) {
    for await (const visited of visitResource(files, folder)) some.push(...visited);
    if (some.length < AT_ONCE) continue;
    yield some;
    some = [];
  }
  yield some;
}

/** The keys of all shards in the folder of entries. */
export async function* visitAll(files: Files, entries: string): AsyncGenerator<readonly Visited[]> {
  for (const shard of await shardsOf(files, entries)) yield* visitShard(files, shard);
}

export const shardsOf = async (files: Files, entries: string): Promise<readonly string[]> =>
  (await files.folders(entries)).map((name) => join(entries, name));

export async function visitKey(files: Files, place: KeyPlace): Promise<Visited> {
  const names = await files.names(place.folder);
  return { place, names, variants: variantsIn(place, names) };
}

export const variantsOf = (visited: readonly Visited[]): readonly VariantPlace[] =>
  visited.flatMap(({ variants }) => variants);
