/** Storages over one key-value store, and what a test does to that store past them. */
import type { CacheStorage } from '../../../lib/api/storage.js';
import type { StorageEngine } from '../../../lib/storage/contract/rule.js';
import type { KeyValueDriver } from '../../../lib/storage/key-value/driver.js';
import { KeyValueStorage } from '../../../lib/storage/key-value/key-value.js';
import { splitVariants } from '../../../lib/storage/key-value/variants.js';
import type { RecordOptions } from '../../../lib/storage/record/options.js';
import { VERSION_AT } from '../../../lib/storage/record/part.js';
import { unswept } from '../../support/unswept.js';

/** Gives drivers of one new store, each as another process would make it. */
export type OpenStore = () => () => KeyValueDriver;

export interface KeyValueEngine {
  readonly create: () => KeyValueStorage;
  readonly engine: StorageEngine;
}

export function engineOver(openStore: OpenStore, options: RecordOptions = {}): KeyValueEngine {
  const drivers = new WeakMap<CacheStorage, () => KeyValueDriver>();
  const open = (connect: () => KeyValueDriver, changes: RecordOptions = {}): KeyValueStorage => {
    const storage = new KeyValueStorage(connect(), { ...options, ...changes });
    drivers.set(storage, connect);
    return storage;
  };
  const storeOf = (storage: CacheStorage): (() => KeyValueDriver) => {
    const connect = drivers.get(storage);
    if (connect === undefined) throw new Error('this storage is of another engine');
    return connect;
  };
  const reopen = (storage: CacheStorage): KeyValueStorage => open(storeOf(storage));
  const reopenAfter =
    (change: (driver: KeyValueDriver) => Promise<void>) =>
    async (storage: CacheStorage): Promise<KeyValueStorage> => {
      await change(storeOf(storage)());
      return reopen(storage);
    };
  const losing = (names: RegExp) =>
    reopenAfter((driver) => each(driver, names, (name) => Promise.resolve(driver.delete(name))));
  return {
    create: () => open(openStore()),
    engine: {
      reopen,
      reopenFenced: reopen,
      reopenWithoutTokens: losing(/:[krtcs]:/),
      reopenWithoutNamespaceToken: losing(/:s:/),
      // Those of keys stand apart from those of their resources.
      reopenWithoutResourceTokens: losing(/:[kr]:/),
      reopenWithoutTagTokens: losing(/:t:/),
      reopenWithoutEntries: losing(/:e:/),
      reopenUnswept: (storage) => unswept(reopen(storage), () => keepEntries(storeOf(storage)())),
      openOtherNamespace: (storage) => open(storeOf(storage), { namespace: 'axios-cache:e' }),
      reopenInOtherFormat: reopenAfter((driver) => changeEntries(driver, (record) => { record[VERSION_AT] = 99; })),
      reopenDamaged: reopenAfter((driver) => changeEntries(driver, (record) => { damage(record, 'fields'); })),
      openOnSameClient: reopen,
    },
  };
}

/** The entries as they are now, to be put back. */
async function keepEntries(driver: KeyValueDriver): Promise<() => Promise<void>> {
  const kept = new Map<string, Uint8Array>();
  await each(driver, /:e:/, async (name) => { kept.set(name, new Uint8Array((await driver.get(name)) ?? [])); });
  return async () => {
    for (const [name, record] of kept) await driver.set(name, record, undefined);
  };
}

/** Changes the bytes of all entries. */
export const changeEntries = (driver: KeyValueDriver, change: (record: Uint8Array) => void): Promise<void> =>
  each(driver, /:e:/, async (name) => {
    const record = new Uint8Array((await driver.get(name)) ?? []);
    change(record);
    await driver.set(name, record, undefined);
  });

/** Turns one bit of a part of the first variant. */
export function damage(record: Uint8Array, part: 'fields' | 'body'): void {
  const reading = splitVariants(record);
  const [variant] = reading.kind === 'read' ? reading.value : [];
  if (variant === undefined) throw new Error('the record has no variant');
  variant[part][10] = (variant[part][10] ?? 0) ^ 1;
}

/** Does something with each key of the store that is like `pattern`. */
export async function each(
  driver: KeyValueDriver,
  pattern: RegExp,
  work: (name: string) => Promise<unknown>,
): Promise<void> {
  for await (const name of (await driver.keys?.('')) ?? []) if (pattern.test(name)) await work(name);
}
