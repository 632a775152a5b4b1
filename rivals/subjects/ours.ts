/** This package under comparison. */
import axios from 'axios';
import { type CachedAxiosInstance, type CacheOptions, MemoryStorage, setupCache } from 'axios-client-cache';
import type { Needs, Subject } from '../scenario.js';
import { fail, subject } from './subject.js';

/** Fails once. */
class Blip extends MemoryStorage {
  #blips = 1;
  override async set(...written: Parameters<MemoryStorage['set']>): Promise<boolean | 'too-large'> {
    if (this.#blips-- > 0) throw new Error('connection lost');
    return super.set(...written);
  }
}

function ourOptions({ methods = [], statuses, lifetime, staleIfError, keepStale }: Needs): CacheOptions {
  return {
    allowedMethods: ['GET', 'HEAD', ...methods.map(() => 'POST' as const)],
    ...(statuses && { allowedCodes: [...statuses] }),
    ...(lifetime !== undefined && { expireAfter: lifetime }),
    ...(staleIfError !== undefined && { staleIfError }),
    ...(keepStale !== undefined && { keepStale }),
  };
}

export const createOurs = (): Subject =>
  subject(
    {
      name: 'axios-client-cache',
      reload: { cache: 'reload' },
      bypass: { cache: false },
      brokenPredicate: { cache: { filter: fail } },
      named: {},
      deletesNamed: {},
    },
    (needs, clock) => {
      const { maxEntries, firstWriteFails } = needs;
      const storage = new (firstWriteFails ? Blip : MemoryStorage)(maxEntries === undefined ? {} : { maxEntries });
      const options = { storage, now: clock.now, ...ourOptions(needs) };
      const caches: CachedAxiosInstance['cache'][] = [];
      const first = () => caches[0] ?? fail();
      return {
        setUp: (instance) => {
          const http = setupCache(instance, options);
          caches.push(http.cache);
          return http;
        },
        remove: async ({ config }) => void (await first().delete(axios.getUri(config))),
        count: async () => {
          await first().deleteExpired();
          return first().count();
        },
        close: async () => {
          for (const cache of caches) await cache.close();
        },
      };
    },
  );
