/** KeyValueStorage over a Map: for tests, and for what is kept by other means. */
import type { KeyValueDriver } from '../driver.js';

/** The map holds bytes by text. Its size is nobody's concern: nothing goes but what is deleted. */
export const fromMap = (map: Map<string, Uint8Array>): KeyValueDriver => ({
  // As a copy, so that what a reader does with the bytes changes nothing that is kept.
  get: (key) => Promise.resolve(copyOf(map.get(key))),
  set: (key, value) => Promise.resolve(map.set(key, value)),
  delete: (key) => Promise.resolve(map.delete(key)),
  keys: (prefix) => Promise.resolve([...map.keys()].filter((key) => key.startsWith(prefix))),
});

const copyOf = (bytes: Uint8Array | undefined): Uint8Array | undefined => bytes && new Uint8Array(bytes);
