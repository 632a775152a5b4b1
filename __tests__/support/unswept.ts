/** Storages that change their tokens and then leave all entries in the engine, as a process that is killed then. */
import type { CacheStorage } from '../../lib/api/storage.js';

/** @param keepEntries takes down what entries the engine has, and gives what puts them back as they were. */
export function unswept<Storage extends CacheStorage>(
  storage: Storage,
  keepEntries: () => Promise<() => unknown> | (() => unknown),
): Storage {
  const leaving = <Args extends unknown[], Result>(work: (...args: Args) => Result) =>
    async (...args: Args): Promise<Awaited<Result>> => {
      const putBack = await keepEntries();
      const result = await work(...args);
      await putBack();
      return result;
    };
  const deletions = {
    delete: leaving((...args: Parameters<CacheStorage['delete']>) => storage.delete(...args)),
    clear: leaving(() => storage.clear()),
  };
  return new Proxy(storage, {
    get(target, property) {
      if (property in deletions) return deletions[property as keyof typeof deletions];
      const value: unknown = Reflect.get(target, property);
      return typeof value === 'function' ? (value.bind(target) as unknown) : value;
    },
  });
}
