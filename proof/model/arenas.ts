/** Where schedules are played: storages in memory on a time of their own, and others on their real engines. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CacheError, type CacheStorage, MemoryStorage } from 'axios-client-cache';
import { FilesystemStorage } from 'axios-client-cache/filesystem';
import { RedisStorage } from 'axios-client-cache/redis';
import { SqliteStorage } from 'axios-client-cache/sqlite';
import { createClient } from 'redis';
import { SOURCES } from '../../services/services.js';
import type { VirtualTime } from '../time/virtual-time.js';
import { withoutFences } from '../world/gated-storage.js';
import type { Arena } from './played.js';

export type ArenaName = 'memory' | 'sqlite' | 'filesystem' | 'redis';

/** What schedules are played on one after the other; `close` takes away what was made for it. */
export interface OpenArena {
  arenaOf(time: VirtualTime): Arena;
  close(): Promise<void>;
}

/** What another process has of a storage: who closes it closes it for himself. */
function viewOf(storage: CacheStorage): CacheStorage {
  let isClosed = false;
  const methods = (['get', 'set', 'delete', 'deleteExpired', 'clear', 'touch', 'meta', 'entries'] as const).map((name) => {
    const work = storage[name].bind(storage) as (...given: unknown[]) => unknown;
    return [name, (...given: unknown[]) => {
      if (isClosed) throw new CacheError('ERR_CACHE_CLOSED', 'the storage is closed');
      return work(...given);
    }];
  });
  const view = Object.fromEntries(methods) as Omit<CacheStorage, 'name' | 'close'>;
  return { ...view, name: storage.name, inProcess: storage.inProcess ?? false, close: () => { isClosed = true; } };
}

/** What stands in for a storage, to plant a defect. */
type Wrap = (sound: CacheStorage) => CacheStorage;

const sound: Wrap = (storage) => storage;

/** A storage whose fences are taken out: what was under way while it was deleted is stored all the same. */
export const fenceless: Wrap = (sound) => withoutFences({ ...viewOf(sound), close: () => sound.close() });

/** Both instances have the same memory, as two processes have the same engine. */
export const memoryArena =
  (options?: Readonly<Record<string, unknown>>, wrap = (sound: MemoryStorage): CacheStorage => sound) =>
  (time: VirtualTime): Arena => ({
    time,
    isVirtual: true,
    options,
    open: async (maxEntries) => {
      const storage = wrap(new MemoryStorage({ maxEntries }));
      return [viewOf(storage), viewOf(storage)];
    },
  });

/** Each schedule has a namespace of its own, which two storages have open. */
function engineArena(
  open: (namespace: string) => CacheStorage,
  close: () => Promise<void>,
  empty: () => Promise<unknown> = () => Promise.resolve(),
): OpenArena {
  let count = 0;
  return {
    arenaOf: (time) => ({
      time,
      isVirtual: false,
      open: async () => {
        count += 1;
        await empty();
        return [open(`schedule-${count}`), open(`schedule-${count}`)];
      },
    }),
    close,
  };
}

const newFolder = (): string => mkdtempSync(join(tmpdir(), 'proof-model-'));
const removing = (path: string) => async (): Promise<void> => { rmSync(path, { recursive: true, force: true }); };

async function redisArena(wrap: Wrap): Promise<OpenArena> {
  const engine = await SOURCES.redis.start();
  const client = createClient({ url: engine.url });
  await client.connect();
  const close = async (): Promise<void> => {
    await client.close();
    await engine.stop();
  };
  // A listing goes through all keys, which would become more with each schedule.
  return engineArena((namespace) => wrap(new RedisStorage({ client, namespace })), close, () => client.flushDb());
}

export const ARENAS: Readonly<Record<ArenaName, (wrap?: Wrap) => Promise<OpenArena>>> = {
  memory: async () => ({ arenaOf: memoryArena(), close: async () => undefined }),
  sqlite: async (wrap = sound) => {
    const folder = newFolder();
    const path = join(folder, 'cache.sqlite');
    return engineArena((namespace) => wrap(new SqliteStorage({ path, namespace })), removing(folder));
  },
  filesystem: async (wrap = sound) => {
    const directory = newFolder();
    return engineArena((namespace) => wrap(new FilesystemStorage({ directory, namespace })), removing(directory));
  },
  redis: (wrap = sound) => redisArena(wrap),
};
