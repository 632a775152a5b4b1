/** axios-cache-interceptor under comparison, set up as its documentation says. */
import type { AxiosInstance, AxiosRequestConfig, AxiosResponse } from 'axios';
import {
  type AxiosStorage,
  buildMemoryStorage,
  type CacheOptions,
  setupCache,
} from 'axios-cache-interceptor';
import type { ManualClock } from '../../__tests__/support/clock.js';
import type { Needs, Subject } from '../scenario.js';
import { fail, subject } from './subject.js';

/** In the other cache `cache` has other options, and responses have an `id`. */
const theirs = (config: object): AxiosRequestConfig => config;
const idOf = (response: AxiosResponse): string => String((response as { readonly id?: unknown }).id);

function theirOptions({ methods = [], statuses, lifetime, staleIfError }: Needs): CacheOptions {
  return {
    methods: ['get', 'head', ...methods],
    ...(statuses && { cachePredicate: { statusCheck: (status) => statuses.includes(status) } }),
    ...(lifetime !== undefined && { ttl: lifetime * 1000 }),
    ...(staleIfError === true && { staleIfError }),
  };
}

/** A window that the scenario names stands above a rule of `settings`. */
const windowOf = ({ staleIfError }: Needs): CacheOptions =>
  typeof staleIfError === 'number' ? { staleIfError: staleIfError * 1000 } : {};

/** The first write of an answer fails; those that mark a request as under way do not. */
function failOnce(storage: AxiosStorage): void {
  const { set } = storage;
  let blips = 1;
  storage.set = (key, value, request) => {
    if (value.state !== 'loading' && blips-- > 0) throw new Error('connection lost');
    return set.call(storage, key, value, request);
  };
}

/** It asks `Date` for the time: until it is closed, that is what `clock` says. */
function takeTheClock({ now }: ManualClock): () => void {
  const real = Date.now;
  Date.now = now;
  return () => {
    Date.now = real;
  };
}

/** `settings` before what the scenario needs; `cloneData` is that of its storage in memory. */
export const createInterceptor = (name: string, settings: CacheOptions, cloneData: boolean | 'double'): Subject =>
  subject(
    {
      name,
      reload: theirs({ cache: { override: true } }),
      bypass: { cache: false },
      brokenPredicate: theirs({ cache: { cachePredicate: fail } }),
      named: theirs({ id: 'named' }),
      deletesNamed: theirs({ cache: { update: { named: 'delete' } } }),
    },
    (needs, clock) => {
      const { maxEntries, keepStale, firstWriteFails } = needs;
      const maxStaleAge = keepStale === undefined ? undefined : keepStale * 1000;
      const storage = buildMemoryStorage(cloneData, undefined, maxEntries, maxStaleAge);
      if (firstWriteFails) failOnce(storage);
      const giveBack = takeTheClock(clock);
      return {
        setUp: (instance) =>
          setupCache(instance, { storage, ...theirOptions(needs), ...settings, ...windowOf(needs) }) as unknown as AxiosInstance,
        remove: async (response) => void (await storage.remove(idOf(response))),
        count: () => {
          storage.cleanup();
          return Promise.resolve(storage.data.size);
        },
        close: () => {
          clearInterval(storage.cleaner);
          giveBack();
          return Promise.resolve();
        },
      };
    },
  );
