/** Storages that are broken on purpose: with each of them the soak must end with code 1. */
import type { CacheStorage, Fence, RenewedEntry, StoredEntry } from 'axios-client-cache';

type Break = (storage: CacheStorage) => Partial<CacheStorage>;

const BROKEN: Readonly<Record<string, Break>> = {
  /** What is under way is stored, whatever was invalidated meanwhile. */
  'set-without-fence': (storage) => ({ set: (entry: StoredEntry) => storage.set(entry) }),
  /** The fence is of a look-up that is made when the answer is there. */
  'late-fence': (storage) => ({
    set: async (entry: StoredEntry) => {
      const { fence } = await storage.get(entry.key, entry);
      return storage.set(entry, fence);
    },
  }),
  /** A renewal brings back what was deleted, with the body that it has in mind. */
  'touch-revives': (storage) => {
    const bodies = new Map<string, Uint8Array>();
    return {
      set: async (entry: StoredEntry, fence?: Fence) => {
        bodies.set(entry.revision, entry.body);
        return storage.set(entry, fence);
      },
      touch: async (entry: RenewedEntry) => {
        const body = bodies.get(entry.revision);
        return body === undefined ? storage.touch(entry) : (await storage.set({ ...entry, body })) === true;
      },
    };
  },
  /** A renewal writes its head whichever body is there by now. */
  'touch-any-body': (storage) => ({
    touch: async (entry: RenewedEntry, fence?: Fence) => {
      const { entries } = await storage.get(entry.key, entry);
      const there = entries.find(({ variant }) => variant === entry.variant);
      return there !== undefined && storage.touch({ ...entry, revision: there.revision }, fence);
    },
  }),
};

/** @param name of a way to be broken; undefined: as it is. */
export function brokenAs(name: string | undefined, storage: CacheStorage): CacheStorage {
  if (name === undefined) return storage;
  const broken = BROKEN[name]?.(storage);
  if (broken === undefined) throw new Error(`--broken is one of ${Object.keys(BROKEN).join(', ')}`);
  return new Proxy(storage, {
    get: (target, property) => {
      const value: unknown = Reflect.get(broken, property) ?? Reflect.get(target, property);
      return typeof value === 'function' ? (value.bind(target) as unknown) : value;
    },
  });
}
