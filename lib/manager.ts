/** `instance.cache`: looking into the cache and changing it from outside of requests. */
import type { AxiosRequestConfig } from 'axios';
import type { CacheManager } from './api/manager.js';
import type { Engine } from './engine/engine.js';
import type { Asked } from './engine/exchange/request.js';
import { describeEntry, type Entry } from './entries/entry.js';
import { urlOfHead } from './entries/head.js';
import { holdsEnough } from './rfc9111/ranges.js';
import { selectMatching } from './rfc9111/vary.js';
import type { CacheSession } from './session.js';
import { valueOf } from './storage/guard.js';

/** A request that can follow stored redirects. */
export interface Redirectable extends Asked {
  /** Gives the request to which a redirect leads; `undefined` where the cache has no part in that one. */
  readonly redirected: (to: string) => Redirectable | undefined;
}

/** A request that a user of `instance.cache` describes by URL and config. */
export interface ManagedRequest extends Redirectable {
  /** The keys of this request, and of the same request as GET and as HEAD. */
  readonly keys: readonly string[];
  /** True where the config that was given says itself which user is meant. */
  readonly named: boolean;
}

/** What the manager asks of the part that knows axios. */
interface ManagedRequests {
  /** Describes the request that `axios.get(url, config)` would make, without its interceptors. */
  describe(url: string, config: AxiosRequestConfig | undefined): Promise<ManagedRequest>;
  uninstall(): void;
}

/** How many redirects are followed: as many as axios does. */
const MAX_REDIRECTS = 21;

/** Finds the entry that answers exactly this request. */
async function storedUnder(engine: Engine, sought: Asked): Promise<Entry | undefined> {
  const reading = await engine.read(sought);
  if (reading.error !== undefined) throw reading.error;
  const sufficient = reading.entries.filter((entry) => holdsEnough(sought.head, entry));
  return selectMatching(sought.head, sufficient)[0];
}

/** Finds the entry to which stored redirects lead. */
async function answerTo(engine: Engine, request: Redirectable): Promise<Entry | undefined> {
  let sought: Redirectable | undefined = request;
  for (let count = 0; sought !== undefined && count <= MAX_REDIRECTS; count += 1) {
    const entry = await storedUnder(engine, sought);
    if (entry?.redirectsTo === undefined) return entry;
    sought = sought.redirected(entry.redirectsTo);
  }
  return undefined;
}

/** Makes what `instance.cache` is. */
export function createManager(session: CacheSession, requests: ManagedRequests): CacheManager {
  const { guarded, engine, options, storage } = session;
  const { invalidation } = engine;

  let lastUpdate: Promise<unknown> = Promise.resolve();

  const describe = async (call: string, url: string, config: AxiosRequestConfig | undefined) => {
    // The message does not show the URL, which may hold a secret.
    session.assertOpen(`${call}()`);
    return requests.describe(url, config);
  };
  const listed = (call: string) => {
    session.assertOpen(call);
    return guarded.entries();
  };

  return {
    storage,
    on: (type, listener) => session.events.on(type, listener),
    idle: () => engine.idle(),
    close: () => session.close(),
    uninstall: () => { requests.uninstall(); },

    async get(url, config) {
      const entry = await answerTo(engine, await describe('get', url, config));
      return entry === undefined ? undefined : describeEntry(entry);
    },

    async has(url, config) {
      const sought = await describe('has', url, config);
      if ((await storedUnder(engine, sought)) !== undefined) return true;
      if (sought.named) return false;
      const now = options.now();
      for await (const { resource, purgeAtMs } of guarded.entries()) {
        if (resource === sought.resource && purgeAtMs > now) return true;
      }
      return false;
    },

    async delete(url, config) {
      const { resource, keys, head, named } = await describe('delete', url, config);
      if (!named) return valueOf(await invalidation.ofResource(resource, head.url));
      return valueOf(await invalidation.ofKeys(keys, resource, head.url));
    },

    async update(url, change, config) {
      const sought = await describe('update', url, config);
      // Updates run one after the other, so that each sees what the one before it has stored.
      const updating = lastUpdate.then(() => engine.update(sought, change as (data: unknown) => unknown));
      lastUpdate = updating.catch(() => undefined);
      return updating;
    },

    async deleteExpired() {
      session.assertOpen('deleteExpired()');
      return valueOf(await guarded.deleteExpired(options.now()));
    },

    async clear() {
      session.assertOpen('clear()');
      invalidation.detachAll();
      valueOf(await guarded.clear());
    },

    async *urls() {
      const seen = new Set<string>();
      for await (const info of listed('urls()')) {
        const url = urlOfHead(info.head);
        if (url === undefined || seen.has(url)) continue;
        seen.add(url);
        yield url;
      }
    },

    async count() {
      let count = 0;
      for await (const _entry of listed('count()')) count += 1;
      return count;
    },
  };
}
