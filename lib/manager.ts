/** `instance.cache`: looking into the cache and changing it from outside of requests. */
import type { AxiosRequestConfig } from 'axios';
import type { CacheManager } from './api/manager.js';
import type { Engine } from './engine/engine.js';
import type { CacheRequest } from './engine/exchange/request.js';
import { describeEntry, type Entry } from './entries/entry.js';
import { urlOfHead } from './entries/head.js';
import type { EpochMs } from './rfc9111/model.js';
import { holdsEnough } from './rfc9111/ranges.js';
import { selectMatching } from './rfc9111/vary.js';
import type { CacheSession } from './session.js';
import { valueOf } from './storage/guard.js';

/** A request that can follow stored redirects. */
export interface RedirectableRequest {
  readonly request: CacheRequest;
  /** Gives the request to which a redirect leads; `undefined` where the cache has no part in that one. */
  readonly redirected: (to: string) => RedirectableRequest | undefined;
}

/** A request that a user of `instance.cache` describes by URL and config. */
export interface ManagedRequest extends RedirectableRequest {
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
async function storedUnder(engine: Engine, request: CacheRequest, now: EpochMs): Promise<Entry | undefined> {
  const reading = await engine.read(request, now);
  if (reading.error !== undefined) throw reading.error;
  const sufficient = reading.entries.filter((entry) => holdsEnough(request.head, entry));
  return selectMatching(request.head, sufficient)[0];
}

/** Finds the entry to which stored redirects lead. */
async function answerTo(engine: Engine, first: RedirectableRequest, now: EpochMs): Promise<Entry | undefined> {
  let sought: RedirectableRequest | undefined = first;
  for (let count = 0; sought !== undefined && count <= MAX_REDIRECTS; count += 1) {
    const entry: Entry | undefined = await storedUnder(engine, sought.request, now);
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
      const entry = await answerTo(engine, await describe('get', url, config), options.now());
      return entry === undefined ? undefined : describeEntry(entry);
    },

    async has(url, config) {
      const { request, named } = await describe('has', url, config);
      const now = options.now();
      if ((await storedUnder(engine, request, now)) !== undefined) return true;
      if (named) return false;
      for await (const { resource, purgeAtMs } of guarded.entries()) {
        if (resource === request.resource && purgeAtMs > now) return true;
      }
      return false;
    },

    async delete(url, config) {
      const { request: { resource, head }, keys, named } = await describe('delete', url, config);
      if (!named) return valueOf(await invalidation.ofResource(resource, head.url));
      return valueOf(await invalidation.ofKeys(keys, resource, head.url));
    },

    async update(url, change, config) {
      const { request } = await describe('update', url, config);
      // Updates run one after the other, so that each sees what the one before it has stored.
      const updating = lastUpdate.then(() => engine.update(request, change as (data: unknown) => unknown));
      lastUpdate = updating.catch(() => undefined);
      return updating;
    },

    async deleteExpired() {
      session.assertOpen('deleteExpired()');
      return valueOf(await guarded.deleteExpired(options.now()));
    },

    async clear() {
      session.assertOpen('clear()');
      valueOf(await invalidation.clear());
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
