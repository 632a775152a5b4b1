/** Making stored answers unusable: by unsafe requests, by the user, and for those still under way. */
import type { StoredEntry } from '../../api/storage.js';
import type { Redirection } from '../exchange/answer.js';
import { Undeleted } from './undeleted.js';
import type { Reading } from '../reading/look-up.js';
import { pathOf } from '../reading/no-vary-search.js';
import { urlsOfHead } from '../../entries/head.js';
import { groupTag, searchTag, userTag } from '../../entries/tags.js';
import type { Events } from '../../events.js';
import { decideGroupInvalidation, decideInvalidation, isOfOrigin, originToClear } from '../../rfc9111/decide-invalidation.js';
import type { EpochMs, RequestTarget, ResponseHead } from '../../rfc9111/model.js';
import { type Guarded, type GuardedStorage, valueOf } from '../../storage/guard.js';

export interface NamedResource {
  readonly resource: string;
  /** The URL as it may be shown. */
  readonly url: string;
}

export interface InvalidationPorts {
  readonly storage: GuardedStorage;
  readonly events: Events;
  readonly now: () => EpochMs;
  /** Whether Clear-Site-Data is obeyed. */
  readonly clearSiteData: boolean;
  /** What stands for a text where it must not show. */
  readonly address: (text: string) => string;
  /** The resource under which entries of that URL are stored; undefined where it cannot be one. */
  readonly resourceOf: (url: string, socketPath?: string) => Promise<NamedResource | undefined>;
}

/** How an answer came. `finalUrl`: where from, if not from the request's own URL. */
interface Journey {
  readonly finalUrl: string | undefined;
  readonly redirections: readonly Redirection[];
}

const DIRECT: Journey = { finalUrl: undefined, redirections: [] };

/** The flights under way, as far as an invalidation is concerned with them. */
interface Detachable {
  invalidate(resource?: string): void;
}

/** What may answer for several queries of a path. */
interface Shared {
  invalidated(url: string): void;
}

/** What an entry must be; `undefined`: that does not matter. */
export interface EntryConditions {
  readonly resource: string | undefined;
  readonly tag: string | undefined;
  /** Of its URL as it may be shown. */
  readonly matches: ((url: string) => boolean) | undefined;
}

export class Invalidation {
  readonly #ports: InvalidationPorts;
  readonly #flights: Detachable;
  readonly #equivalents: Shared;
  readonly #undeleted: Undeleted;

  constructor(ports: InvalidationPorts, flights: Detachable, equivalents: Shared) {
    this.#ports = ports;
    this.#flights = flights;
    this.#equivalents = equivalents;
    this.#undeleted = new Undeleted(ports.storage, ports.now);
  }

  /**
   * After a request that may have changed something (RFC 9111 section 4.4); `unknown`: no answer came. `resource` is
   * that of the request's own URL, which may hold what is not shown in it. From the call on, nothing of them is served.
   */
  async afterUnsafe(
    request: RequestTarget,
    { resource, socketPath }: { readonly resource: string; readonly socketPath?: string | undefined },
    response: ResponseHead | 'unknown',
    { finalUrl, redirections: [redirection] }: Journey = DIRECT,
  ): Promise<void> {
    // A redirect is no error (section 4.4), whatever answers where it leads to.
    const byRedirect = redirection === undefined ? [] : decideInvalidation(request, redirection.response);
    const urls = new Set([...byRedirect, ...decideInvalidation(request, response, finalUrl)]);
    const invalidated = [...urls].map(async (url) => {
      const target = url === request.url ? { resource, url } : await this.#ports.resourceOf(url, socketPath);
      if (target !== undefined) await this.#ofTarget(target);
    });
    await Promise.all(invalidated);
  }

  /** As `afterUnsafe`, where the request's resource cannot be told: nothing stored before is used any more. */
  afterUnaddressed(request: RequestTarget, response: ResponseHead | 'unknown'): Promise<void> {
    if (decideInvalidation(request, response).length > 0) {
      this.#undeleted.distrustAll();
      this.detachAll();
    }
    return Promise.resolve();
  }

  /**
   * What an answer of the origin says of others that it gave: Cache-Group-Invalidation (RFC 9875 section 3), and
   * Clear-Site-Data where that is obeyed; and what the redirects to it say.
   */
  async afterAnswer(
    request: RequestTarget,
    response: ResponseHead | 'unknown',
    originOf: (url: string) => string,
    { finalUrl = request.url, redirections }: Journey = DIRECT,
  ): Promise<void> {
    for (const each of redirections) await this.#afterResponse(each.request, each.response, originOf, each.request.url);
    if (response !== 'unknown') await this.#afterResponse(request, response, originOf, finalUrl);
  }

  async #afterResponse(
    request: RequestTarget,
    response: ResponseHead,
    originOf: (url: string) => string,
    finalUrl: string,
  ): Promise<void> {
    const groups = decideGroupInvalidation(request, response);
    if (groups.length > 0) await this.#ofGroups(groups, originOf(finalUrl));
    const origin = this.#ports.clearSiteData ? originToClear(response, finalUrl) : undefined;
    if (origin !== undefined) await this.#ofOrigin(origin);
  }

  /** What may answer for other queries of the path goes too: which of them are the same as this one is not known. */
  async #ofTarget({ resource, url }: NamedResource): Promise<void> {
    const tag = searchTag(pathOf(url), this.#ports.address);
    const [deleted] = await Promise.all([this.#undeleted.delete({ tag }), this.ofResource(resource, url)]);
    this.#tell(url, deleted.ok ? deleted.value : 0);
  }

  /** Every user's entries, methods and variants of one URL; how many went. */
  async ofResource(resource: string, url: string): Promise<Guarded<number>> {
    this.#detach(resource, url);
    const deleted = await this.#undeleted.delete({ resource });
    this.#tell(url, deleted.ok ? deleted.value : 0);
    return deleted;
  }

  /** The entries that fulfil all conditions. Nothing that is under way is stored, as what it will be is not known. */
  async ofMatching({ resource, tag, matches }: EntryConditions): Promise<void> {
    this.detachAll();
    const { storage } = this.#ports;
    try {
      if (tag !== undefined && resource === undefined && matches === undefined) {
        return this.#tell(undefined, valueOf(await storage.delete({ tag: userTag(tag) })), tag);
      }
      let count = 0;
      for await (const { head, key, variant, tags, ...entry } of storage.entries()) {
        if (resource !== undefined && entry.resource !== resource) continue;
        if (tag !== undefined && !tags.includes(userTag(tag))) continue;
        if (matches !== undefined && !urlsOfHead(head).some(matches)) continue;
        count += valueOf(await storage.delete({ key, variant }));
      }
      this.#tell(undefined, count, tag);
    } catch {
      // The storage has told why. What it still holds may be what was meant.
      this.#undeleted.distrustAll();
    }
  }

  async #ofGroups(groups: readonly string[], origin: string): Promise<void> {
    // What is under way may turn out to be of such a group, wherever redirects lead it to.
    this.detachAll();
    let count = 0;
    for (const group of groups) {
      const deleted = await this.#undeleted.delete({ tag: groupTag(origin, group, this.#ports.address) });
      count += deleted.ok ? deleted.value : 0;
    }
    this.#tell(undefined, count);
  }

  /** By a listing: it costs nothing before it is needed, and finds what was stored by whom and whenever. */
  async #ofOrigin(origin: string): Promise<void> {
    this.detachAll();
    const { storage } = this.#ports;
    let count = 0;
    try {
      for await (const { key, variant, head } of storage.entries()) {
        if (!urlsOfHead(head).some((url) => isOfOrigin(url, origin))) continue;
        const deleted = await storage.delete({ key, variant });
        if (!deleted.ok) throw deleted.error;
        count += deleted.value;
      }
    } catch {
      this.#undeleted.distrustAll();
    }
    this.#tell(undefined, count);
  }

  /** The entries of some keys of one URL: one user's, say. Flights of other users are detached too, and only not stored. */
  async ofKeys(keys: readonly string[], resource: string, url: string): Promise<Guarded<number>> {
    this.#detach(resource, url);
    let count = 0;
    for (const key of new Set(keys)) {
      const deleted = await this.#ports.storage.delete({ key });
      if (!deleted.ok) return deleted;
      count += deleted.value;
    }
    this.#tell(url, count);
    return { ok: true, value: count };
  }

  #detach(resource: string, url: string): void {
    this.#flights.invalidate(resource);
    this.#equivalents.invalidated(url);
  }

  #tell(url: string | undefined, count: number, tag?: string): void {
    if (count > 0) this.#ports.events.emit({ type: 'invalidated', url, tag, count });
  }

  /** One entry that should not have been written. */
  async withdraw({ key, variant, resource }: StoredEntry): Promise<void> {
    const deleted = await this.#ports.storage.delete({ key, variant });
    if (!deleted.ok) this.#undeleted.remember({ resource });
  }

  /** Detaches every flight: for deletes that do not name a resource. */
  detachAll(): void {
    this.#flights.invalidate();
  }

  /** Leaves out what was invalidated while the storage could not delete it, and tries again to delete it. */
  async withoutInvalidated(resource: string, reading: Reading): Promise<Reading> {
    const entries = await this.#undeleted.without(resource, reading.entries);
    return entries === reading.entries ? reading : { ...reading, entries };
  }
}
