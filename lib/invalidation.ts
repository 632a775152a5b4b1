/** Making stored answers unusable: by unsafe requests, by the user, and for those still under way. */
import { urlOfHead } from './entry.js';
import type { Events } from './events.js';
import type { Reading } from './read-entries.js';
import { decideInvalidation } from './rfc9111/decide-invalidation.js';
import type { EpochMs, RequestHead, ResponseHead } from './rfc9111/model.js';
import { type Guarded, type GuardedStorage, valueOf } from './storage/guard.js';
import type { StoredEntry } from './storage/storage.js';

export interface NamedResource {
  readonly resource: string;
  /** The URL as it may be shown. */
  readonly url: string;
}

export interface InvalidationPorts {
  readonly storage: GuardedStorage;
  readonly events: Events;
  readonly now: () => EpochMs;
  /** The resource under which entries of that URL are stored; undefined where it cannot be one. */
  readonly resourceOf: (url: string, socketPath?: string) => Promise<NamedResource | undefined>;
}

/** The flights under way, as far as an invalidation is concerned with them. */
interface Detachable {
  invalidate(resource?: string): void;
}

/** What an entry must be; `undefined`: that does not matter. */
export interface EntryConditions {
  readonly resource: string | undefined;
  readonly tag: string | undefined;
  /** Of its URL as it may be shown. */
  readonly matches: ((url: string) => boolean) | undefined;
}

/** How many resources are remembered that a failing storage could not delete; beyond that nothing older is trusted. */
const MAX_UNDELETED = 10_000;

export class Invalidation {
  readonly #ports: InvalidationPorts;
  readonly #flights: Detachable;
  /** When a resource was invalidated while the storage could not delete it. */
  readonly #undeleted = new Map<string, EpochMs>();
  /** Since when a resource is being deleted. */
  readonly #deleting = new Map<string, { readonly since: EpochMs }>();
  /** When any resource may last have been invalidated, for all that is known. */
  #distrusted: EpochMs = -Infinity;

  constructor(ports: InvalidationPorts, flights: Detachable) {
    this.#ports = ports;
    this.#flights = flights;
  }

  /**
   * After a request that may have changed something (RFC 9111 section 4.4); `unknown`: no answer came. `resource` is
   * that of the request's own URL, which may hold what is not shown in it. From the call on, nothing of them is served.
   */
  async afterUnsafe(
    request: RequestHead,
    { resource, socketPath }: { readonly resource: string; readonly socketPath?: string | undefined },
    response: ResponseHead | 'unknown',
    finalUrl?: string,
  ): Promise<void> {
    const invalidated = decideInvalidation(request, response, finalUrl).map(async (url) => {
      const target = url === request.url ? { resource, url } : await this.#ports.resourceOf(url, socketPath);
      if (target !== undefined) await this.ofResource(target.resource, target.url);
    });
    await Promise.all(invalidated);
  }

  /** As `afterUnsafe`, where the request's resource cannot be told: nothing stored before is used any more. */
  afterUnaddressed(request: RequestHead, response: ResponseHead | 'unknown'): Promise<void> {
    if (decideInvalidation(request, response).length > 0) {
      this.#distrusted = this.#ports.now();
      this.detachAll();
    }
    return Promise.resolve();
  }

  /** Every user's entries, methods and variants of one URL; how many went. */
  async ofResource(resource: string, url: string): Promise<Guarded<number>> {
    this.#flights.invalidate(resource);
    const deleting = { since: this.#ports.now() };
    this.#deleting.set(resource, deleting);
    const deleted = await this.#ports.storage.delete({ resource });
    if (!deleted.ok) this.#remember(resource);
    // Another delete may have begun meanwhile.
    if (this.#deleting.get(resource) === deleting) this.#deleting.delete(resource);
    this.#tell(url, deleted.ok ? deleted.value : 0);
    return deleted;
  }

  /** The entries that fulfil all conditions. Nothing that is under way is stored, as what it will be is not known. */
  async ofMatching({ resource, tag, matches }: EntryConditions): Promise<void> {
    this.detachAll();
    const { storage, now } = this.#ports;
    const started = now();
    try {
      if (tag !== undefined && resource === undefined && matches === undefined) {
        return this.#tell(undefined, valueOf(await storage.delete({ tag })), tag);
      }
      let count = 0;
      for await (const { head, key, variant, tags, ...entry } of storage.entries()) {
        const url = urlOfHead(head);
        if (resource !== undefined && entry.resource !== resource) continue;
        if (tag !== undefined && !tags.includes(tag)) continue;
        if (matches !== undefined && (url === undefined || !matches(url))) continue;
        count += valueOf(await storage.delete({ key, variant }));
      }
      this.#tell(undefined, count, tag);
    } catch {
      // The storage has told why. What it still holds may be what was meant.
      this.#distrusted = started;
    }
  }

  /** The entries of some keys of one URL: one user's, say. Flights of other users are detached too, and only not stored. */
  async ofKeys(keys: readonly string[], resource: string, url: string): Promise<Guarded<number>> {
    this.#flights.invalidate(resource);
    let count = 0;
    for (const key of new Set(keys)) {
      const deleted = await this.#ports.storage.delete({ key });
      if (!deleted.ok) return deleted;
      count += deleted.value;
    }
    this.#tell(url, count);
    return { ok: true, value: count };
  }

  #tell(url: string | undefined, count: number, tag?: string): void {
    if (count > 0) this.#ports.events.emit({ type: 'invalidated', url, tag, count });
  }

  /** One entry that should not have been written. */
  async withdraw({ key, variant, resource }: StoredEntry): Promise<void> {
    const deleted = await this.#ports.storage.delete({ key, variant });
    if (!deleted.ok) this.#remember(resource);
  }

  /** Detaches every flight: for deletes that do not name a resource. */
  detachAll(): void {
    this.#flights.invalidate();
  }

  /** Leaves out what was invalidated while the storage could not delete it, and tries again to delete it. */
  async withoutInvalidated(resource: string, reading: Reading): Promise<Reading> {
    const undeleted = this.#undeleted.get(resource);
    const deleting = this.#deleting.get(resource)?.since;
    const since = Math.max(undeleted ?? -Infinity, deleting ?? -Infinity, this.#distrusted);
    if (since === -Infinity) return reading;
    if (undeleted !== undefined) {
      const deleted = await this.#ports.storage.delete({ resource });
      if (deleted.ok) this.#undeleted.delete(resource);
    }
    return { ...reading, entries: reading.entries.filter(({ raw }) => raw.createdAtMs > since) };
  }

  #remember(resource: string): void {
    this.#undeleted.set(resource, this.#ports.now());
    if (this.#undeleted.size <= MAX_UNDELETED) return;
    this.#undeleted.clear();
    this.#distrusted = this.#ports.now();
  }
}
