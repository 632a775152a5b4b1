/** KeyValueStorage over Keyv (https://keyv.org), version 5 or newer, and so over each store that Keyv has. */
import { CacheError } from '../../../api/errors.js';
import type { KeyValueDriver } from '../driver.js';
import { checkStore, textDriver } from './bridge.js';

/** What is used of a Keyv. */
export interface KeyvLike {
  get(key: string): Promise<unknown>;
  set(key: string, value: unknown, ttl?: number): Promise<unknown>;
  delete(key: string): Promise<unknown>;
  /** Version 5 has it for some stores, and wants the namespace. */
  readonly iterator?: unknown;
  readonly namespace?: unknown;
}

type Iterate = (namespace: unknown) => AsyncIterable<readonly [key: string, value: unknown]>;

/**
 * Values are texts, as not every store of Keyv keeps bytes. Keyv does not throw where its store fails, and answers a
 * deletion that failed as one of nothing. So what is deleted is overwritten first, whose failure it tells.
 */
export function fromKeyv(keyv: KeyvLike): KeyValueDriver {
  checkStore('fromKeyv', keyv, ['get', 'set', 'delete']);
  const set = async (key: string, text: string, ttlMs: number | undefined): Promise<void> => {
    if ((await keyv.set(key, text, ttlMs)) !== false) return;
    throw new CacheError('ERR_CACHE_STORAGE', 'Keyv could not write; its "error" event tells why.');
  };
  const iterator = keyv.iterator as Iterate | undefined;
  return textDriver({
    get: (key) => keyv.get(key),
    set,
    delete: async (key) => {
      await set(key, '', ERASED_TTL_MS);
      await keyv.delete(key);
    },
    ...(typeof iterator === 'function' && { keys: () => keysOf(iterator.call(keyv, keyv.namespace)) }),
  });
}

/** What was overwritten and could not be deleted then goes by itself. */
const ERASED_TTL_MS = 60_000;

async function* keysOf(pairs: AsyncIterable<readonly [key: string, value: unknown]>): AsyncIterable<string> {
  for await (const [key] of pairs) yield key;
}
