/** What the bridges share: a check of what they are given, and bytes as texts for stores that hold texts. */
import type { KeyValueDriver } from '../driver.js';
import { optionError, showValue } from '../../../options/faults.js';
import { base64OfMany, bytesOfBase64 } from '../../../support/base64.js';

/** @throws CacheError `ERR_CACHE_OPTION`: a function is missing, so that it is another kind of store. */
export function checkStore(bridge: string, store: unknown, functions: readonly string[]): void {
  const has = (name: string): boolean =>
    typeof (store as Readonly<Record<string, unknown>> | null | undefined)?.[name] === 'function';
  const missing = functions.find((name) => !has(name));
  if (missing === undefined) return;
  const takes = `${bridge} takes an object with ${functions.join(', ')}`;
  throw optionError('driver', `${takes}; ${showValue(store)} has no function "${missing}".`);
}

/** A store that holds texts. An empty text is none. */
export interface TextStore extends Omit<KeyValueDriver, 'get' | 'set'> {
  get(key: string): unknown;
  set(key: string, text: string, ttlMs: number | undefined): Promise<unknown>;
}

export const textDriver = (store: TextStore): KeyValueDriver => ({
  ...store,
  get: async (key) => {
    const text = await store.get(key);
    // What is no text is told of as what no bytes can be made of.
    return typeof text === 'string' && text !== '' ? bytesOfBase64(text) : (text as undefined);
  },
  set: (key, value, ttlMs) => store.set(key, base64OfMany(value), ttlMs),
});
