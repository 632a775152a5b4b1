/** `instance.cache`: looking into the cache and changing it from outside of requests. */
import type { AxiosRequestConfig } from 'axios';
import { CacheError } from './api/errors.js';
import type { CacheManager } from './api/manager.js';
import type { CacheRequest } from './engine/exchange/request.js';
import { describeEntry, type Entry } from './entries/entry.js';
import { urlOfHead } from './entries/head.js';
import type { RequestHead } from './rfc9111/model.js';
import { isPart } from './rfc9111/parts.js';
import { holdsEnough } from './rfc9111/ranges.js';
import { byPreference, isSelectedBy } from './rfc9111/vary.js';
import type { CacheSession } from './session.js';
import { valueOf } from './storage/guard.js';

/** A request that can follow stored redirects. */
export interface RedirectableRequest {
  readonly request: CacheRequest;
  /** Tells whether a key of the request's resource has all that the config names, whatever else is in it. */
  readonly isMeant: (key: string) => boolean;
  /** Gives the request to which a redirect leads; `undefined` where the cache has no part in that one. */
  readonly redirected: (to: string) => RedirectableRequest | undefined;
}

/** A request that a user of `instance.cache` describes by URL and config. */
export interface ManagedRequest extends RedirectableRequest {
  /**
   * Where the config that was given says itself what a key holds, such as the user or a body, the keys of this request
   * and of the same request as GET and as HEAD. Where it is `undefined` all keys of the resource are meant.
   */
  readonly namedKeys: readonly string[] | undefined;
  /** The header fields that the config names, in lower case. By the others of Vary any entry is meant. */
  readonly namedFields: ReadonlySet<string>;
}

/** What the manager asks of the part that knows axios. */
interface ManagedRequests {
  /** Describes the request that `axios.get(url, config)` would make, without its interceptors. */
  describe(url: string, config: AxiosRequestConfig | undefined): Promise<ManagedRequest>;
  uninstall(): void;
}

/** How many redirects are followed: as many as axios does. */
const MAX_REDIRECTS = 21;

/**
 * Finds the keys under which what is meant is stored. Interceptors, which do not run here, may have added to them what
 * the config does not name: a user, a language.
 */
async function keysOf(at: RedirectableRequest, { guarded }: CacheSession): Promise<ReadonlySet<string>> {
  const keys = new Set<string>();
  for await (const { resource, key } of guarded.entries()) {
    if (resource === at.request.resource && at.isMeant(key)) keys.add(key);
  }
  return keys;
}

/** Finds the entries of `at` that are meant, the newest first. */
async function find(
  { namedFields }: ManagedRequest,
  at: RedirectableRequest,
  session: CacheSession,
): Promise<Entry[]> {
  const now = session.options.now();
  const { head, keyUrl, resource, policy } = at.request;
  const entries: Entry[] = [];
  for (const key of await keysOf(at, session)) {
    const of = { head, key, keyUrl, keyOfGet: undefined, resource, policy, isServedBy: () => true };
    const reading = await session.engine.read(of, now);
    if (reading.error !== undefined) throw reading.error;
    entries.push(...reading.entries.filter((entry) => isMeant(entry, head, namedFields)));
  }
  return entries.sort(byPreference);
}

/** Finds the entries that answer the request, in whole or in the part that is asked for. */
async function answers(sought: ManagedRequest, at: RedirectableRequest, session: CacheSession): Promise<Entry[]> {
  const { head } = at.request;
  // A HEAD is answered by what a GET has stored.
  const method = head.method === 'HEAD' ? 'GET' : head.method;
  const entries = await find(sought, at, session);
  return entries.filter((entry) => entry.method === method && holdsEnough(head, entry));
}

/** Finds the entry to which stored redirects lead. */
async function answerTo(first: ManagedRequest, session: CacheSession): Promise<Entry | undefined> {
  let at: RedirectableRequest | undefined = first;
  for (let count = 0; at !== undefined && count <= MAX_REDIRECTS; count += 1) {
    const [entry]: (Entry | undefined)[] = await answers(first, at, session);
    if (entry?.redirectsTo === undefined) return entry;
    at = at.redirected(entry.redirectsTo);
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
        const entries = await find(sought, sought, session);
        const meant = entries.map(({ raw: { key, variant } }) => ({ key, variant }));
        return valueOf(await invalidation.ofKeys(meant, resource, head.url));
      }
      if (namedKeys === undefined) return valueOf(await invalidation.ofResource(resource, head.url));
      // These are deleted first, and so whether or not the storage can list the others.
      const deleted = valueOf(await invalidation.ofKeys(asSelectors(namedKeys), resource, head.url));
      const others = await keysOf(sought, session);
      return deleted + valueOf(await invalidation.ofKeys(asSelectors(others), resource, head.url));
    },

    async update(url, change, config) {
      const sought = await describe('update', url, config);
      const { request } = sought;
      if (typeof change !== 'function') {
        throw misused('update()', 'takes a function of the stored data: (users) => [...users, user]');
      }
      const all = async () => (await answers(sought, sought, session)).filter((entry) => !isPart(entry));
      // Updates run one after the other, so that each sees what the one before it has stored.
      const updating = lastUpdate.then(() => engine.update(request, all, change as (data: unknown) => unknown));
      lastUpdate = updating.catch(() => undefined);
      return updating;
    },

    async deleteExpired() {
      session.assertOpen('deleteExpired()');
      return valueOf(await guarded.deleteExpired(options.now()));
    },

    async clear(...given: readonly unknown[]) {
      session.assertOpen('clear()');
      if (given.length > 0) throw misused('clear()', 'deletes everything and takes no argument: a URL is for delete()');
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

const misused = (call: string, problem: string): Error =>
  new CacheError('ERR_CACHE_OPTION', `${call} ${problem}.`, { option: call });

/** True where the entry is for the values of the fields that are named, whatever its other fields are. */
const isMeant = (entry: Entry, head: RequestHead, named: ReadonlySet<string>): boolean =>
  isSelectedBy({ ...head, ignoreVary: namesIn(entry).filter((name) => !named.has(name)) }, entry);

const asSelectors = (keys: Iterable<string>): { readonly key: string }[] => Array.from(keys, (key) => ({ key }));

const namesIn = ({ vary }: Entry): string[] => vary.map(([name]) => name);
