/**
 * This file makes stored answers unusable: after requests that change something at the origin, and when the user wants
 * it. Answers that are still under way are then not stored.
 */
import type { CacheError } from '../../api/errors.js';
import type { RenewedEntry } from '../../api/storage.js';
import type { Answer, SeenRedirect } from '../exchange/answer.js';
import type { CacheRequest } from '../exchange/request.js';
import type { CallerFlights } from '../flights/sent-requests.js';
import type { Distrust, NamedSelector } from './distrust.js';
import { type Reading, readEntries, type SoughtRequest } from '../reading/look-up.js';
import { pathOf, type SearchEquivalents } from '../reading/no-vary-search.js';
import type { Entry } from '../../entries/entry.js';
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
import { bodyOf } from '../../storage/entry-shape.js';
import type { Guarded, GuardedStorage } from '../../storage/guard.js';
import type { MaybePromise } from '../../support/maybe-promise.js';
import { owns } from '../../support/owns.js';

export interface NamedResource {
  readonly resource: string;
  /** It is the URL in the form that may be shown. */
  readonly url: string;
}

export interface InvalidationPorts {
  readonly storage: GuardedStorage;
  readonly distrust: Distrust;
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

/** It says which entries are meant, whatever request has stored them. */
export interface Selection {
  /** It is asked about each entry of a listing. */
  readonly isMeant: (entry: RenewedEntry) => boolean;
  /**
   * It is there where the storage finds all that is meant by itself: by one URL, and where that is without a query by
   * its path, or by one tag.
   */
  readonly only: NamedResource | { readonly tag: string } | undefined;
}

export class Invalidation {
  readonly #ports: InvalidationPorts;
  readonly #flights: Pick<CallerFlights, 'invalidate' | 'invalidateAll'>;
  readonly #equivalents: Pick<SearchEquivalents, 'invalidated'>;

  constructor(
    ports: InvalidationPorts,
    flights: Pick<CallerFlights, 'invalidate' | 'invalidateAll'>,
    equivalents: Pick<SearchEquivalents, 'invalidated'>,
  ) {
    this.#ports = ports;
    this.#flights = flights;
    this.#equivalents = equivalents;
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
    this.#flights.invalidateAll();
    this.#ports.distrust.distrustAll();
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
    if (seenRedirects.length > 0) return this.#afterRedirected(request, response, origins, finalUrl, seenRedirects);
    return response === 'unknown' ? undefined : this.#afterResponse(request, response, origins, finalUrl);
  }

  async #afterRedirected(
    request: RequestTarget,
    response: ResponseHead | 'unknown',
    origins: Origins,
    finalUrl: string,
    redirects: readonly SeenRedirect[],
  ): Promise<void> {
    await Promise.all([
      ...redirects.map(async (each) => this.#afterResponse(each.request, each.response, origins, each.request.url)),
      response === 'unknown' ? undefined : this.#afterResponse(request, response, origins, finalUrl),
    ]);
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
    const deleting = [this.#ofGroups(groups, origins.originOf(finalUrl))];
    if (origin !== undefined) deleting.push(this.#ofOrigin(origin));
    return Promise.all(deleting).then(() => undefined);
  }

  /**
   * It invalidates a URL, and also the entries of its path that may answer several queries: it is not known which of
   * these queries count as the same as this one.
   */
  async #ofTarget({ resource, url }: NamedResource): Promise<void> {
    const tag = searchTag(pathOf(url), this.#ports.address);
    const tagged = this.#ports.distrust.delete({ tag });
    await this.ofResource(resource, url);
    this.#tell(url, await tagged);
  }

  /** It deletes the entries of one URL for all users, methods and variants, and returns how many there were. */
  async ofResource(resource: string, url: string): Promise<Guarded<number>> {
    this.#detach(resource, url);
    const deleted = await this.#ports.distrust.delete({ resource });
    this.#tell(url, deleted);
    return deleted;
  }

  /** It deletes the entries of one path, whatever their query is. */
  async #ofPath(path: string): Promise<Guarded<number>> {
    this.#flights.invalidateAll({ name: `path ${path}`, concerns: ({ head }) => pathOf(head.url) === path });
    this.#equivalents.invalidated(path);
    const deleted = await this.#sweep(({ head }) => urlsOfHead(head).some((url) => pathOf(url) === path), path);
    this.#tell(path, deleted);
    return deleted;
  }

  /**
   * It deletes what is selected, and gives how many entries that were. No answer that is under way is stored which may
   * be meant, as it is not known yet what entry it will be.
   */
  async ofSelected({ isMeant, only }: Selection): Promise<Guarded<number>> {
    if (only !== undefined && owns(only, 'resource')) return this.#ofUrl(only);
    this.#flights.invalidateAll();
    const tag = only?.tag;
    const { distrust } = this.#ports;
    const deleted = await (tag === undefined ? this.#sweep(isMeant) : distrust.delete({ tag: userTag(tag) }));
    this.#tell(undefined, deleted, tag);
    return deleted;
  }

  /** What has no query is found by its name. The listing then looks for the queries of the path. */
  async #ofUrl({ resource, url }: NamedResource): Promise<Guarded<number>> {
    const path = pathOf(url);
    // One after the other: the listing has what is named, too, and each would keep the other from counting it.
    const named = await this.ofResource(resource, url);
    const others = path === url ? await this.#ofPath(path) : undefined;
    if (!named.ok || others === undefined) return named;
    return others.ok ? { ok: true, value: named.value + others.value } : others;
  }

  /** An answer that is under way may turn out to belong to such a group, so none of the groups' origin is stored. */
  async #ofGroups(groups: readonly string[], origin: string): Promise<void> {
    this.#flights.invalidateAll({
      name: `groups ${origin}`,
      concerns: (request) => request.originOf(request.head.url) === origin,
    });
    await this.#ofNamed(groups.map((group) => ({ tag: groupTag(origin, group, this.#ports.address) })), undefined);
  }

  async #ofOrigin(origin: string): Promise<void> {
    this.#flights.invalidateAll({ name: `origin ${origin}`, concerns: ({ head }) => isOfOrigin(head.url, origin) });
    this.#tell(undefined, await this.#sweep(({ head }) => urlsOfHead(head).some((url) => isOfOrigin(url, origin))));
  }

  /**
   * It deletes what is meant by going through a listing of all entries: nothing has to be recorded for it beforehand,
   * and it finds entries whoever stored them and whenever. A head without `hint` in it is not looked at any closer.
   */
  #sweep(isMeant: Selection['isMeant'], hint = ''): MaybePromise<Guarded<number>> {
    const { storage, distrust } = this.#ports;
    const concerns = ({ raw }: Entry): boolean => isMeant(raw);
    const isListed = (entry: RenewedEntry): boolean => entry.head.includes(hint) && isMeant(entry);
    let isStopped = false;
    return distrust.sweep(concerns, async () => {
      let count = 0;
      try {
        // What others are about to store is not in the listing, and may be meant as well. Where the sweep is tried
        // again, what has been looked up since the first time is newer.
        const stopped = isStopped ? undefined : await storage.delete({ underWay: true, concerns: isListed });
        if (stopped?.ok === false) return stopped;
        isStopped = true;
        for await (const info of storage.entries()) {
          if (!isListed(info)) continue;
          const deleted = await storage.delete(bodyOf(info));
          if (!deleted.ok) return deleted;
          count += deleted.value;
        }
        return { ok: true, value: count };
      } catch (error) {
        return { ok: false, error: error as CacheError, late: undefined };
      }
    });
  }

  /**
   * It deletes some entries of one URL, or all of some keys, such as those of one user. Requests of other users that
   * are under way still get their answers, but these are not stored.
   */
  ofKeys(selectors: readonly NamedSelector[], resource: string, url: string): Promise<Guarded<number>> {
    this.#detach(resource, url);
    return this.#ofNamed(selectors, url);
  }

  /** It deletes by several names, and returns how many entries there were. */
  async #ofNamed(selectors: readonly NamedSelector[], url: string | undefined): Promise<Guarded<number>> {
    const deleting = selectors.map((each) => this.#ports.distrust.delete(each));
    let count = 0;
    for (const each of deleting) {
      const deleted = await each;
      if (!deleted.ok) return deleted;
      count += deleted.value;
    }
    const all = { ok: true, value: count } as const;
    this.#tell(url, all);
    return all;
  }

  /**
   * It deletes those variants of one URL that `find` finds. What is under way for the URL is not stored, here and in
   * other processes, as it may turn out to be one of them.
   */
  async ofVariants(
    find: () => Promise<readonly NamedSelector[]>,
    resource: string,
    url: string,
  ): Promise<Guarded<number>> {
    this.#detach(resource, url);
    const concerns = (entry: RenewedEntry): boolean => entry.resource === resource;
    const stopped = await this.#ports.storage.delete({ underWay: true, concerns });
    const deleted = await this.ofKeys(await find(), resource, url);
    return stopped.ok ? deleted : stopped;
  }

  /** It deletes everything. */
  clear(): MaybePromise<Guarded<void>> {
    this.#flights.invalidateAll();
    return this.#ports.distrust.clear();
  }

  #detach(resource: string, url: string): void {
    this.#flights.invalidate(resource);
    this.#equivalents.invalidated(url);
  }

  #tell(url: string | undefined, deleted: Guarded<number>, tag?: string): void {
    const count = deleted.ok ? deleted.value : 0;
    if (count > 0 && this.#ports.events.hears('invalidated'))
      this.#ports.events.emit({ type: 'invalidated', url, tag, count });
  }

  /** It looks up what may answer, less what is distrusted. What is invalidated while the storage reads counts too. */
  read(request: SoughtRequest, now: EpochMs): MaybePromise<Reading> {
    const { storage, distrust } = this.#ports;
    const reading = readEntries(storage, request, now);
    if (!(reading instanceof Promise)) return this.#usable(reading);
    const end = distrust.reading();
    return reading.then((read) => {
      const usable = this.#usable(read);
      end();
      return usable;
    });
  }

  #usable(reading: Reading): Reading {
    const entries = this.#ports.distrust.usable(reading.entries);
    return entries === reading.entries ? reading : { ...reading, entries };
  }
}
