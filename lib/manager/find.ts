/** This file finds the entries that are meant where a user of `instance.cache` describes a request. */
import type { CacheRequest } from '../engine/exchange/request.js';
import type { Entry } from '../entries/entry.js';
import type { RequestHead } from '../rfc9111/model.js';
import { holdsEnough } from '../rfc9111/ranges.js';
import { byPreference, isSelectedBy } from '../rfc9111/vary.js';
import type { CacheSession } from '../session.js';

/** A request that can follow stored redirects. */
export interface RedirectableRequest {
  readonly request: CacheRequest;
  /**
   * Tells whether a key has all that the config names, whatever else is in it. `isOfUrl` says whether it is one of the
   * request's resource.
   */
  readonly isMeant: (key: string, isOfUrl: boolean) => boolean;
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

/** How many redirects are followed: as many as axios does. */
const MAX_REDIRECTS = 21;

/**
 * Finds the keys under which what is meant is stored. Interceptors, which do not run here, may have added to them what
 * the config does not name: a user, a language. Each key comes with its resource, which is another one where the user's
 * `key` has put the URL under it.
 */
export async function keysOf(
  at: RedirectableRequest,
  { guarded }: CacheSession,
): Promise<ReadonlyMap<string, string>> {
  const keys = new Map<string, string>();
  for await (const { resource, key } of guarded.entries()) {
    if (at.isMeant(key, resource === at.request.resource)) keys.set(key, resource);
  }
  return keys;
}

/** Finds the entries of `at` that are meant, the newest first. */
export async function find(
  { namedFields }: ManagedRequest,
  at: RedirectableRequest,
  session: CacheSession,
): Promise<Entry[]> {
  const now = session.options.now();
  const { head, keyUrl, policy } = at.request;
  const entries: Entry[] = [];
  for (const [key, resource] of await keysOf(at, session)) {
    const of = { head, key, keyUrl, keyOfGet: undefined, resource, policy, isServedBy: () => true };
    const reading = await session.engine.read(of, now);
    if (reading.error !== undefined) throw reading.error;
    entries.push(...reading.entries.filter((entry) => isMeant(entry, head, namedFields)));
  }
  return entries.sort(byPreference);
}

/** Finds the entries that answer the request, in whole or in the part that is asked for. */
export async function answers(
  sought: ManagedRequest,
  at: RedirectableRequest,
  session: CacheSession,
): Promise<Entry[]> {
  const { head } = at.request;
  // A HEAD is answered by what a GET has stored.
  const method = head.method === 'HEAD' ? 'GET' : head.method;
  const entries = await find(sought, at, session);
  return entries.filter((entry) => entry.method === method && holdsEnough(head, entry));
}

/** Finds the entry to which stored redirects lead. */
export async function answerTo(first: ManagedRequest, session: CacheSession): Promise<Entry | undefined> {
  let at: RedirectableRequest | undefined = first;
  for (let count = 0; at !== undefined && count <= MAX_REDIRECTS; count += 1) {
    const [entry]: (Entry | undefined)[] = await answers(first, at, session);
    if (entry?.redirectsTo === undefined) return entry;
    at = at.redirected(entry.redirectsTo);
  }
  return undefined;
}

/** True where the entry is for the values of the fields that are named, whatever its other fields are. */
const isMeant = (entry: Entry, head: RequestHead, named: ReadonlySet<string>): boolean =>
  isSelectedBy({ ...head, ignoreVary: namesIn(entry).filter((name) => !named.has(name)) }, entry);

export const placeOf = ({ raw: { key, resource, variant } }: Entry) => ({ key, resource, variant });

const namesIn = ({ vary }: Entry): string[] => vary.map(([name]) => name);
