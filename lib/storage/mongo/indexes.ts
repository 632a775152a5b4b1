/** The indexes of the collection, made after the first call that reaches the server, and never waited for. */
import { CacheError } from '../../api/errors.js';
import type { MongoConnection } from './connection.js';

/** By key; by resource and by tag, in the order of sweeps; by purge time, for the server to delete by. */
const INDEXES = [
  { key: { k: 1 } },
  { key: { r: 1, _id: 1 } },
  { key: { t: 1, _id: 1 } },
  { key: { p: 1 }, expireAfterSeconds: 0 },
] as const;

/**
 * Makes the indexes that are missing, each by a command of its own: a server may refuse one, and some fail where a part
 * of what they are asked for is there. What is refused, for want of rights or because there are other ones, is told by
 * `problem`; `deletes` says whether the server deletes what is due. It rejects where the server was not reached, as
 * nothing is known then.
 */
export async function makeIndexes(connection: MongoConnection): Promise<IndexesMade> {
  const refused: string[] = [];
  let deletes = true;
  let cause: unknown;
  for (const index of INDEXES) {
    try {
      await connection.run((collection) => collection.createIndexes([index]));
    } catch (error) {
      if (!isRefusal(error)) throw error;
      cause ??= error;
      refused.push(JSON.stringify(index.key));
      if ('expireAfterSeconds' in index) deletes = false;
    }
  }
  if (cause === undefined) return { deletes, problem: undefined };
  const remedy = deletes ? 'Calls may be slow' : 'Writes of this storage delete what has expired';
  const message = `MongoStorage: the server refused the indexes ${refused.join(', ')}. ${remedy}.`;
  return { deletes, problem: new CacheError('ERR_CACHE_STORAGE', message, { cause }) };
}

export interface IndexesMade {
  readonly deletes: boolean;
  readonly problem: CacheError | undefined;
}

/** Codes that say that the server cannot be written just now: it is no primary, shuts down, or was not reached. */
const NOT_NOW = new Set([6, 7, 89, 91, 189, 9001, 10_058, 10_107, 11_600, 11_602, 13_435, 13_436]);

const isRefusal = (error: unknown): boolean => {
  const { code } = error as { readonly code?: unknown };
  return typeof code === 'number' && !NOT_NOW.has(code);
};
