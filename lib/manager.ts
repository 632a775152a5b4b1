/** `instance.cache`: looking into the cache and changing it from outside of requests. */
import type { AxiosRequestConfig } from 'axios';
import type { CacheManager } from './api/manager.js';
import { describeEntry } from './entries/entry.js';
import { filteredCalls, type FilteredCalls } from './manager/filtered.js';
import { answerTo, find, keysOf, placeOf } from './manager/find.js';
import { latePart } from './manager/late.js';
import { misused } from './manager/misuse.js';
import type { ManagedRequests } from './manager/requests.js';
import type { CacheSession } from './session.js';
import { valueOf } from './storage/guard.js';
import { asyncDispose } from './support/async-dispose.js';

/** These calls change what is stored: `close()` waits for them, also where nobody else does. */
const CHANGES = [
  'delete', 'deleteMatching', 'expire', 'invalidateTags', 'deleteExpired', 'clear', 'update', 'set',
] as const;

/** Makes what `instance.cache` is. */
export function createManager(session: CacheSession, requests: ManagedRequests): CacheManager {
  const manager = {
    ...lifeCalls(session, requests),
    ...filteredCalls(session, requests),
    ...requestCalls(session, requests),
  };
  const calls = manager as Record<(typeof CHANGES)[number], (...given: unknown[]) => Promise<unknown>>;
  for (const name of CHANGES) {
    const call = calls[name];
    calls[name] = (...given) => {
      const changing = call(...given);
      session.engine.background.addChange(changing);
      return changing;
    };
  }
  return manager;
}

type LifeCalls = Omit<CacheManager, keyof FilteredCalls | keyof RequestCalls>;

function lifeCalls(session: CacheSession, requests: ManagedRequests): LifeCalls {
  const { storage, events, engine } = session;
  return {
    storage,
    on: (type, listener) => events.on(type, listener),
    once: (type, listener) => events.once(type, listener),
    configure(options) {
      session.assertOpen('configure()');
      session.configure(options);
    },
    async withoutCache(fn) {
      session.assertOpen('withoutCache()');
      if (typeof fn !== 'function') throw misused('withoutCache()', 'takes a function: () => http.get("/users")');
      return session.withoutCache.run(fn);
    },
    async warm(urls, options) {
      session.assertOpen('warm()');
      return requests.warm(urls, options);
    },
    async copyTo(to, options) {
      session.assertOpen('copyTo()');
      return requests.copyTo(to, options);
    },
    stats: () => session.statistics.read(),
    idle: () => engine.idle(),
    close: () => session.close(),
    [asyncDispose]: () => session.close(),
    uninstall: () => { requests.uninstall(); },
  };
}

type RequestCalls = Pick<CacheManager, 'get' | 'has' | 'delete' | 'update' | 'explain' | 'set' | 'refresh'>;

/** Makes the calls that mean the entries of one request. */
function requestCalls(session: CacheSession, requests: ManagedRequests): RequestCalls {
  const { invalidation } = session.engine;

  let lastUpdate: Promise<unknown> = Promise.resolve();

  const describe = async (call: string, url: string, config: AxiosRequestConfig | undefined) => {
    // The message does not show the URL, which may hold a secret.
    session.assertOpen(`${call}()`);
    return requests.describe(url, config);
  };

  return {
    async get(url, config) {
      const entry = await answerTo(await describe('get', url, config), session);
      return entry === undefined ? undefined : describeEntry(entry);
    },

    async has(url, config) {
      const sought = await describe('has', url, config);
      return (await find(sought, sought, session)).length > 0;
    },

    async delete(url, config) {
      const sought = await describe('delete', url, config);
      const { request: { resource, head }, namedKeys, namedFields } = sought;
      if (namedFields.size > 0) {
        const meant = async () => (await find(sought, sought, session)).map(placeOf);
        return valueOf(await invalidation.ofVariants(meant, resource, head.url));
      }
      // These are deleted first, and so whether or not the storage can list the others.
      const deleted = valueOf(
        namedKeys === undefined
          ? await invalidation.ofResource(resource, head.url)
          : await invalidation.ofKeys(Array.from(namedKeys, (key) => ({ key, resource })), resource, head.url),
      );
      const isComplete = namedKeys === undefined && sought.request.keyUrl !== undefined;
      if (isComplete) return deleted;
      const others = Array.from(await keysOf(sought, session), ([key, of]) => ({ key, resource: of }));
      return deleted + valueOf(await invalidation.ofKeys(others, resource, head.url));
    },

    async update(url, change, config) {
      const sought = await describe('update', url, config);
      if (typeof change !== 'function') {
        throw misused('update()', 'takes a function of the stored data: (users) => [...users, user]');
      }
      const edit = await latePart('update()', import('./manager/edit.js'));
      // Updates run one after the other, so that each sees what the one before it has stored.
      const updating = lastUpdate.then(() => edit.update(sought, change as (data: unknown) => unknown, session));
      lastUpdate = updating.catch(() => undefined);
      return updating;
    },

    async set(url, response, config) {
      session.assertOpen('set()');
      return requests.seed(url, response, config);
    },

    async explain(url, config) {
      session.assertOpen('explain()');
      return requests.explain(url, config);
    },

    refresh: (url, config) => requests.refresh(url, config),
  };
}
