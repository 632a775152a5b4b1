/** KeyValueStorage over the stores that there are bridges for, each the real package where it runs in Node. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { JSDOM } from 'jsdom';
import Keyv from 'keyv';
import { createStorage } from 'unstorage';
import fsDriver from 'unstorage/drivers/fs';
import { engineOver } from './engine.js';
import { describeStorage } from '../contract/describe-storage.js';
import { lookUp, sample } from '../../../lib/storage/contract/rule.js';
import {
  type AsyncStorageLike, fromAsyncStorage, fromKeyv, fromUnstorage, fromWebStorage, KeyValueStorage,
} from '../../../lib/storage.js';

/** AsyncStorage in memory, as its own mock for jest is: the package itself runs in React Native and browsers only. */
class AsyncStorageDouble implements AsyncStorageLike {
  readonly #values = new Map<string, string>();
  getItem = async (key: string): Promise<string | null> => Promise.resolve(this.#values.get(key) ?? null);
  setItem = async (key: string, value: string): Promise<void> => Promise.resolve(void this.#values.set(key, value));
  removeItem = async (key: string): Promise<void> => Promise.resolve(void this.#values.delete(key));
  getAllKeys = async (): Promise<readonly string[]> => Promise.resolve([...this.#values.keys()]);
}

const BRIDGES = [
  ['Keyv over its own Map', () => {
    const store = new Map<string, unknown>();
    return () => fromKeyv(new Keyv({ store, namespace: 'ours' }));
  }],
  ['unstorage in memory', () => {
    const storage = createStorage();
    return () => fromUnstorage(storage);
  }],
  ['localStorage', () => {
    const { localStorage } = new JSDOM('', { url: 'http://localhost/', storageQuota: 50_000_000 }).window;
    return () => fromWebStorage(localStorage);
  }],
  ['AsyncStorage', () => {
    const storage = new AsyncStorageDouble();
    return () => fromAsyncStorage(storage);
  }],
] as const;

describe.each(BRIDGES)('%s', (name, openStore) => {
  const { create, engine } = engineOver(openStore);
  describeStorage(`KeyValueStorage over ${name}`, create, engine);
});

test('what one process keeps in a folder by unstorage, the next one finds', async () => {
  const base = mkdtempSync(join(tmpdir(), 'key-value-'));
  const open = (): KeyValueStorage => new KeyValueStorage(fromUnstorage(createStorage({ driver: fsDriver({ base }) })));
  try {
    const [first, second] = [open(), open()];
    const entry = sample({ body: Uint8Array.from({ length: 256 }, (_, index) => index), tags: ['tag'] });
    await first.set(entry);
    expect((await lookUp(second)).entries).toEqual([entry]);
    expect(await second.delete({ tag: 'tag' })).toBe(1);
    expect((await lookUp(first)).entries).toEqual([]);
  } finally {
    rmSync(base, { recursive: true, force: true });
  }
});

test('a store that only looks like another one is refused at once, and the message says what is missing', () => {
  const wrong = (attempt: () => unknown, message: string): void => {
    expect(attempt).toThrow(expect.objectContaining({
      code: 'ERR_CACHE_OPTION', option: 'driver', message: expect.stringContaining(message) as string,
    }) as Error);
  };
  wrong(() => fromUnstorage(new Map() as never), 'an object of class Map has no function "getItemRaw"');
  wrong(() => fromKeyv(undefined as never), 'undefined has no function "get"');
  wrong(() => fromWebStorage({ getItem: () => null } as never), 'has no function "key"');
  wrong(() => fromAsyncStorage({} as never), 'has no function "getItem"');
  wrong(() => new KeyValueStorage({ get: () => undefined } as never), 'has no function "set"');
});

describe('Keyv, which does not throw where its store fails', () => {
  /** A store that a test can break. */
  class BreakableMap extends Map<string, unknown> {
    isBroken = false;
    override set(key: string, value: unknown): this {
      if (this.isBroken) throw new Error('the store is broken');
      return super.set(key, value);
    }
    override delete(key: string): boolean {
      if (this.isBroken) throw new Error('the store is broken');
      return super.delete(key);
    }
  }
  const open = () => {
    const store = new BreakableMap();
    return { store, storage: new KeyValueStorage(fromKeyv(new Keyv({ store }))) };
  };

  test('a write that failed rejects', async () => {
    const { store, storage } = open();
    store.isBroken = true;
    await expect(storage.set(sample())).rejects.toThrow('Keyv could not write');
  });

  test('an invalidation that failed rejects, and one that did not is done', async () => {
    const { store, storage } = open();
    await storage.set(sample());
    store.isBroken = true;
    await expect(storage.delete({ resource: 'resource' })).rejects.toThrow('Keyv could not write');
    store.isBroken = false;
    expect(await storage.delete({ resource: 'resource' })).toBe(1);
  });
});
