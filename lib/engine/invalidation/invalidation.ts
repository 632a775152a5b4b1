/**
 * This file makes stored answers unusable: after requests that change something at the origin, and when the user wants
 * it. Answers that are still under way are then not stored.
 */
import type { StorageSelector, StoredEntry } from '../../api/storage.js';
import type { Answer } from '../exchange/answer.js';
import type { CacheRequest } from '../exchange/request.js';
import type { CallerFlights } from '../flights/sent-requests.js';
import { Undeleted } from './undeleted.js';
import { type Reading, readEntries, type SoughtRequest } from '../reading/look-up.js';
import { pathOf, type SearchEquivalents } from '../reading/no-vary-search.js';
import { urlsOfHead } from '../../entries/head.js';
import { groupTag, searchTag, userTag } from '../../entries/tags.js';
import type { Events } from '../../events.js';
import {
  decideGroupInvalidation,
  decideInvalidation,
  isOfOrigin,
  originToClear,
} from '../../rfc9111/decide-invalidation.js';
import type { EpochMs, RequestTarget, ResponseHead } from '../../rfc9111/model.js';
import { type Guarded, type GuardedStorage, valueOf } from '../../storage/guard.js';
import { type MaybePromise, whenThere } from '../../support/maybe-promise.js';

export interface NamedResource {
  readonly resource: string;
  /** It is the URL in the form that may be shown. */
  readonly url: string;
}

export interface InvalidationPorts {
  readonly storage: GuardedStorage;
  readonly events: Events;
  readonly now: () => EpochMs;
  /** It is true where the cache obeys the header Clear-Site-Data. */
  readonly clearSiteData: boolean;
  /** It returns what is stored in place of a text that must not show, such as a digest. */
  readonly address: (text: string) => string;
  /**
   * It returns the resource under which the entries of that URL are stored, which stands for the URL whoever asks; it
   * returns undefined where the URL cannot be one.
   */
  readonly resourceOf: (url: string, socketPath?: string) => Promise<NamedResource | undefined>;
}

/**
 * Where an answer came from: the URL that gave it, where that is not the request's own, and the redirects before it.
 */
export type AnswerSource = Pick<Answer, 'finalUrl' | 'seenRedirects'>;

const DIRECT: AnswerSource = { finalUrl: undefined, seenRedirects: [] };
const NOTHING: readonly string[] = [];

/** It tells which origin is behind a URL, as the request reaches it. */
type Origins = Pick<CacheRequest, 'originOf'>;

/** What an entry must be; `undefined`: that does not matter. */
interface EntryConditions {
  readonly resource: string | undefined;
  readonly tag: string | undefined;
  /** It is asked about the entry's URL in the form that may be shown. */
  readonly matches: ((url: string) => boolean) | undefined;
}

export class Invalidation {
  readonly #ports: InvalidationPorts;
  readonly #flights: Pick<CallerFlights, 'invalidate'>;
  readonly #equivalents: Pick<SearchEquivalents, 'invalidated'>;
  readonly #undeleted: Undeleted;

  constructor(
    ports: InvalidationPorts,
    flights: Pick<CallerFlights, 'invalidate'>,
    equivalents: Pick<SearchEquivalents, 'invalidated'>,
  ) {
    this.#ports = ports;
    this.#flights = flights;
    this.#equivalents = equivalents;
    this.#undeleted = new Undeleted(ports.storage, ports.now);
  }

  /**
   * It invalidates what a request may have changed (RFC 9111 section 4.4). `response` is `'unknown'` where no answer
   * came. `resource` is that of the request's own URL, which may contain what must not be shown. From the call on,
   * nothing of what is invalidated is served. It returns undefined where nothing is invalidated, as after most
   * requests.
   */
  afterUnsafe(
    request: RequestTarget,
    { resource, socketPath }: { readonly resource: string; readonly socketPath: string | undefined },
    response: ResponseHead | 'unknown',
    { finalUrl, seenRedirects: [seenRedirect] }: AnswerSource = DIRECT,
  ): Promise<void> | undefined {
    // A redirect is no error (section 4.4), whatever answers where it leads to.
    const byRedirect = seenRedirect === undefined ? NOTHING : decideInvalidation(request, seenRedirect.response);
    const byAnswer = decideInvalidation(request, response, finalUrl);
    if (byRedirect.length + byAnswer.length === 0) return undefined;
    const invalidated = [...new Set([...byRedirect, ...byAnswer])].map(async (url) => {
      const target = url === request.url ? { resource, url } : await this.#ports.resourceOf(url, socketPath);
      if (target !== undefined) await this.#ofTarget(target);
    });
    return Promise.all(invalidated).then(() => undefined);
  }

  /**
   * It takes the place of `afterUnsafe` where the request's resource is not known: nothing that was stored before is
   * used any more.
   */
  afterUnaddressed(request: RequestTarget, response: ResponseHead | 'unknown'): void {
    if (decideInvalidation(request, response).length === 0) return;
    this.#undeleted.distrustAll();
    this.detachAll();
  }

  /**
   * It obeys what an answer, and each redirect on the way to it, says about other answers of its origin: by
   * Cache-Group-Invalidation (RFC 9875 section 3) and, where the user allows that, by Clear-Site-Data. It returns
   * undefined where the answer says nothing, as most answers do.
   */
  afterAnswer(
    request: RequestTarget,
    response: ResponseHead | 'unknown',
    origins: Origins,
    { finalUrl = request.url, seenRedirects }: AnswerSource = DIRECT,
  ): Promise<void> | undefined {
    if (seenRedirects.length > 0) return this.#afterRedirected(request, response, origins, { finalUrl, seenRedirects });
    return response === 'unknown' ? undefined : this.#afterResponse(request, response, origins, finalUrl);
  }

  async #afterRedirected(
    request: RequestTarget,
    response: ResponseHead | 'unknown',
    origins: Origins,
    { finalUrl = request.url, seenRedirects }: AnswerSource,
  ): Promise<void> {
    for (const each of seenRedirects) await this.#afterResponse(each.request, each.response, origins, each.request.url);
    if (response !== 'unknown') await this.#afterResponse(request, response, origins, finalUrl);
  }

  #afterResponse(
    request: RequestTarget,
    response: ResponseHead,
    origins: Origins,
    finalUrl: string,
  ): Promise<void> | undefined {
    const groups = decideGroupInvalidation(request, response);
    const origin = this.#ports.clearSiteData ? originToClear(response, finalUrl) : undefined;
    if (groups.length === 0 && origin === undefined) return undefined;
    return this.#heed(groups, origins.originOf(finalUrl), origin);
  }

  async #heed(groups: readonly string[], originOfGroups: string, origin: string | undefined): Promise<void> {
    if (groups.length > 0) await this.#ofGroups(groups, originOfGroups);
    if (origin !== undefined) await this.#ofOrigin(origin);
  }

  /**
   * It invalidates a URL, and also the entries of its path that may answer several queries: it is not known which of
   * these queries count as the same as this one.
   */
  async #ofTarget({ resource, url }: NamedResource): Promise<void> {
    const tag = searchTag(pathOf(url), this.#ports.address);
    const [deleted] = await Promise.all([this.#undeleted.delete({ tag }), this.ofResource(resource, url)]);
    this.#tell(url, deleted.ok ? deleted.value : 0);
  }

  /** It deletes the entries of one URL for all users, methods and variants, and returns how many there were. */
  async ofResource(resource: string, url: string): Promise<Guarded<number>> {
    this.#detach(resource, url);
    const deleted = await this.#undeleted.delete({ resource });
    this.#tell(url, deleted.ok ? deleted.value : 0);
    return deleted;
  }

  /**
   * It deletes the entries that fulfil all conditions. No answer that is under way is stored, as it is not known yet
   * what entry it will be.
   */
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
      // The storage has reported the failure. What it still holds may be what was meant, so nothing of it is used.
      this.#undeleted.distrustAll();
    }
  }

  async #ofGroups(groups: readonly string[], origin: string): Promise<void> {
    // An answer that is under way may turn out to belong to such a group, wherever redirects lead it to.
    this.detachAll();
    let count = 0;
    for (const group of groups) {
      const deleted = await this.#undeleted.delete({ tag: groupTag(origin, group, this.#ports.address) });
      count += deleted.ok ? deleted.value : 0;
    }
    this.#tell(undefined, count);
  }

  /**
   * It goes through a listing of all entries: nothing has to be recorded for it beforehand, and it finds entries
   * whoever stored them and whenever.
   */
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

  /**
   * It deletes some entries of one URL, or all of some keys, such as those of one user. Requests of other users that
   * are under way still get their answers, but these are not stored.
   */
  async ofKeys(selectors: readonly StorageSelector[], resource: string, url: string): Promise<Guarded<number>> {
    this.#detach(resource, url);
    let count = 0;
    for (const selector of selectors) {
      const deleted = await this.#ports.storage.delete(selector);
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
    if (count > 0 && this.#ports.events.hears('invalidated'))
      this.#ports.events.emit({ type: 'invalidated', url, tag, count });
  }

  /** It deletes one entry that should not have been written. */
  async withdraw({ key, variant, resource }: StoredEntry): Promise<void> {
    const deleted = await this.#ports.storage.delete({ key, variant });
    if (!deleted.ok) this.#undeleted.remember({ resource });
  }

  /** It detaches every flight, for deletions that do not name a resource. */
  detachAll(): void {
    this.#flights.invalidate();
  }

  /** What may answer, less what was invalidated while the storage could not delete it, which is tried again. */
  read(request: SoughtRequest, now: EpochMs): MaybePromise<Reading> {
    // What is invalidated while a storage reads counts too.
    return whenThere(readEntries(this.#ports.storage, request, now), (reading) =>
      this.#undeleted.isEmpty ? reading : this.#withoutInvalidated(request.resource, reading),
    );
  }

  async #withoutInvalidated(resource: string, reading: Reading): Promise<Reading> {
    const entries = await this.#undeleted.without(resource, reading.entries);
    return entries === reading.entries ? reading : { ...reading, entries };
  }
}
