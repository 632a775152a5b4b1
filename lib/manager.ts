/** `instance.cache`: looking into the cache and changing it from outside of requests. */
import type { AxiosRequestConfig } from 'axios';
import type { Engine } from './engine.js';
import { describeEntry, type Entry, urlOfHead } from './entry.js';
import type { CacheEvent, CacheEventOf } from './events.js';
import type { Asked } from './exchange.js';
import { holdsEnough } from './rfc9111/ranges.js';
import { selectMatching } from './rfc9111/vary.js';
import type { CacheSession } from './session.js';
import type { StoredResponse } from './stored-response.js';
import { valueOf } from './storage/guard.js';
import type { CacheStorage } from './storage/storage.js';

/**
 * `url, config?` mean what they mean to `axios.get`, instance defaults included. Request interceptors do not run here,
 * so unless `config` itself names credentials or a partition, `delete` and `has` reach the entries of every user; `get`
 * then finds the one for the instance's own defaults. Rejects with a CacheError: `ERR_CACHE_CLOSED` after `close()`,
 * `ERR_CACHE_STORAGE` or `ERR_CACHE_TIMEOUT` where the storage fails, `ERR_CACHE_OPTION` for a URL that is none.
 */
export interface CacheManager {
  /** What is stored for that request, at the end of stored redirects, fresh or stale. */
  get(url: string, config?: AxiosRequestConfig): Promise<StoredResponse | undefined>;
  /** Whether something is stored, a redirect counts, fresh or stale. */
  has(url: string, config?: AxiosRequestConfig): Promise<boolean>;
  /**
   * Deletes every method and variant of that URL; of one user, where `config` names one, GET, HEAD and its own method.
   * How many entries went. Requests under way are not stored.
   */
  delete(url: string, config?: AxiosRequestConfig): Promise<number>;
  /**
   * Gives the data of the stored JSON that `get` would find to `change`, and stores what it returns, for as long as the
   * entry was good; `undefined` deletes it. False where nothing is stored. Requests under way are not stored, and the
   * origin's `ETag` and `Last-Modified` go: they are not this body's. Rejects also with what `change` throws.
   */
  update<T = unknown>(url: string, change: (data: T) => T | undefined, config?: AxiosRequestConfig): Promise<boolean>;
  /** Deletes what may no longer be used at all: expired and past `keepStale`. How many entries went. */
  deleteExpired(): Promise<number>;
  /** Deletes everything. Requests under way are not stored. */
  clear(): Promise<void>;
  /** Each stored URL once, fresh or stale, never loading bodies. */
  urls(): AsyncIterable<string>;
  /** How many entries are stored, fresh or stale. */
  count(): Promise<number>;
  /** Calls `listener` for each event of that type; the function that it returns ends it. */
  on<E extends CacheEvent['type']>(type: E, listener: (event: CacheEventOf<E>) => void): () => void;
  /** Resolves when background work has ended: refreshes, and storing the streams that have been read. */
  idle(): Promise<void>;
  /** `idle()`, then closes the storage unless another instance still uses it; later requests pass through uncached. */
  close(): Promise<void>;
  /**
   * Gives the instance its former adapter back; children pass through. On a child it takes the cache off that child
   * alone. Does not close the storage.
   */
  uninstall(): void;
  readonly storage: CacheStorage;
}

/** A request, and those that stored redirects make of it. */
export interface Redirectable extends Asked {
  /** `undefined`: the cache has no part in the next request. */
  readonly redirected: (to: string) => Redirectable | undefined;
}

export interface ManagedRequest extends Redirectable {
  /** The request's own, and those of GET and HEAD. */
  readonly keys: readonly string[];
  readonly named: boolean;
}

/** What the manager asks of the part that knows axios. */
export interface ManagedRequests {
  /** Where a request with the instance's defaults and `config` stands; `named`: `config` itself says whose it is. */
  describe(url: string, config: AxiosRequestConfig | undefined): Promise<ManagedRequest>;
  uninstall(): void;
}

/** As many as axios follows. */
const MAX_REDIRECTS = 21;

async function storedUnder(engine: Engine, sought: Asked): Promise<Entry | undefined> {
  const reading = await engine.read(sought);
  if (reading.error !== undefined) throw reading.error;
  const sufficient = reading.entries.filter((entry) => holdsEnough(sought.head, entry));
  return selectMatching(sought.head, sufficient)[0];
}

/** Where stored redirects lead to. */
async function answerTo(engine: Engine, request: Redirectable): Promise<Entry | undefined> {
  let sought: Redirectable | undefined = request;
  for (let count = 0; sought !== undefined && count <= MAX_REDIRECTS; count += 1) {
    const entry = await storedUnder(engine, sought);
    if (entry?.redirectsTo === undefined) return entry;
    sought = sought.redirected(entry.redirectsTo);
  }
  return undefined;
}

export function createManager(session: CacheSession, requests: ManagedRequests): CacheManager {
  const { guarded, engine, options, storage } = session;
  const { invalidation } = engine;

  let lastUpdate: Promise<unknown> = Promise.resolve();

  const describe = async (call: string, url: string, config: AxiosRequestConfig | undefined) => {
    // Without the URL, which may hold a secret.
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
      // One after the other: each is to see what the one before it has stored.
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
