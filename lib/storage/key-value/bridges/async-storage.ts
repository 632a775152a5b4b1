/** KeyValueStorage over AsyncStorage of React Native (@react-native-async-storage/async-storage). */
import type { KeyValueDriver } from '../driver.js';
import { checkStore, textDriver } from './bridge.js';

/** What is used of AsyncStorage. */
export interface AsyncStorageLike {
  getItem(key: string): Promise<string | null>;
  setItem(key: string, value: string): Promise<unknown>;
  removeItem(key: string): Promise<unknown>;
  getAllKeys(): Promise<readonly string[]>;
}

/** Values are texts of base64. */
export function fromAsyncStorage(storage: AsyncStorageLike): KeyValueDriver {
  checkStore('fromAsyncStorage', storage, ['getItem', 'setItem', 'removeItem', 'getAllKeys']);
  return textDriver({
    get: (key) => storage.getItem(key),
    set: (key, text) => storage.setItem(key, text),
    delete: (key) => storage.removeItem(key),
    keys: () => storage.getAllKeys(),
  });
}
