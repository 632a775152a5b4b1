/**
 * This file finds answers that were stored for another query which their origin calls the same, by the header
 * No-Vary-Search. Only this process knows of them.
 */
import type { CacheRequest, Exchange } from '../exchange/request.js';
import { NOT_READ_IN_TIME, type Reading, type SoughtRequest } from './look-up.js';
import type { Entry } from '../../entries/entry.js';
import { isSearchTag } from '../../entries/tags.js';
import { decideReuse, type ReuseDecision } from '../../rfc9111/decide-reuse.js';
import type { EpochMs } from '../../rfc9111/model.js';
import { type SearchVariance, searchVarianceOf, simplifyQuery } from '../../rfc9111/search-variance.js';
import { BoundedMap } from '../../support/bounded-map.js';

/** The cache remembers this many paths, and this many queries of all paths together. */
const MAX_PATHS = 1000;
const MAX_ALIASES = 10_000;

/** It says where an answer is stored that may also serve another query. */
interface Alias {
  readonly key: string;
  readonly url: string;
  /**
   * It is the text of the origin's statement which parameters do not matter. The answer may serve by that statement
   * only.
   */
  readonly variance: string;
  /** It is the head of the answer, and how many invalidations there had been when the origin was asked for it. */
  readonly head: string;
  readonly since: number;
}

/** It returns the URL without its query. */
export const pathOf = (url: string): string => url.split('?', 1)[0] ?? '';

type Reuse = Extract<ReuseDecision<Entry>, { kind: 'reuse' }>;

export class SearchEquivalents {
  readonly #now: () => EpochMs;
  /** It holds for each path which query parameters do not matter, as its latest answer said. */
  readonly #variances = new BoundedMap<string, SearchVariance>(MAX_PATHS);
  /**
   * It maps the key that a request would have without the parameters that do not matter to the answer that may serve
   * it.
   */
  readonly #aliases = new BoundedMap<string, Alias>(MAX_ALIASES);
  /**
   * It holds when something of a path was invalidated: an answer that was asked for before may be stored for another
   * query of the path, so it is not used. It counts by a sequence, as a clock may be set back.
   */
  readonly #invalidated = new BoundedMap<string, number>(MAX_PATHS, {
    onForgotten: (forgotten) => {
      for (const since of forgotten.values()) this.#forgotten = Math.max(this.#forgotten, since);
    },
  });
  /** It holds the latest of these instants for the paths that had to be forgotten. */
  #forgotten = 0;
  #sequence = 0;

  constructor(now: () => EpochMs) {
    this.#now = now;
  }

  /** It is the number of invalidations so far. */
  get sequence(): number {
    return this.#sequence;
  }

  /**
   * It learns from an entry that is stored under the request's own key. `askedAt` is the sequence when the origin was
   * asked for it: what another process or an earlier run has stored may be older than all that was invalidated here.
   */
  note(request: CacheRequest, entry: Entry, askedAt = 0): void {
    if (entry.raw.tags.length === 0 || !hasVariance(entry)) return;
    const { keyUrl, key, head } = request;
    if (keyUrl === undefined || entry.raw.key !== key) return;
    const variance = searchVarianceOf(entry.headers);
    if (variance === undefined) return;
    this.#variances.set(pathOf(keyUrl), variance);
    const name = aliasKey(request, keyUrl, variance);
    const known = this.#aliases.get(name);
    const isKnown = known?.key === key && known.head === entry.raw.head;
    const since = isKnown ? known.since : askedAt;
    this.#aliases.set(name, { key, url: head.url, variance: variance.text, head: entry.raw.head, since });
  }

  /** It is true where an answer is known that was stored for another query of the request's path and may serve. */
  mayAnswer(request: CacheRequest): boolean {
    return this.#aliases.size > 0 && this.#find(request) !== undefined;
  }

  /** It answers with what is stored for another query, as long as that needs no renewal. */
  async reuse(
    exchange: Pick<Exchange, 'request' | 'raceLookUp'>,
    read: (request: SoughtRequest) => Reading | Promise<Reading>,
  ): Promise<Reuse | undefined> {
    const { request } = exchange;
    const alias = this.#find(request);
    if (alias === undefined) return undefined;
    const { head, policy, resource, keyUrl } = request;
    const other: SoughtRequest = {
      head: { ...head, url: alias.url },
      key: alias.key,
      keyUrl,
      keyOfGet: undefined,
      resource,
      policy,
      isServedBy: (entry) => request.isServedBy(entry),
    };
    const { entries } = await exchange.raceLookUp(Promise.resolve(read(other)), NOT_READ_IN_TIME);
    const isOutdated = alias.since < (this.#invalidated.get(pathOf(head.url)) ?? this.#forgotten);
    // The entry that is stored there by now may say something else about the query.
    const isSame = (entry: Entry): boolean =>
      hasVariance(entry) && searchVarianceOf(entry.headers)?.text === alias.variance && !isOutdated;
    const decision = decideReuse(head, entries.filter(isSame), policy, this.#now());
    return decision.kind === 'reuse' ? decision : undefined;
  }

  #find(request: CacheRequest): Alias | undefined {
    const { keyUrl } = request;
    if (keyUrl === undefined || this.#aliases.size === 0) return undefined;
    const variance = this.#variances.get(pathOf(keyUrl));
    const alias = variance === undefined ? undefined : this.#aliases.get(aliasKey(request, keyUrl, variance));
    return alias?.key === request.key || alias?.variance !== variance?.text ? undefined : alias;
  }

  invalidated(url: string): void {
    this.#invalidated.set(pathOf(url), (this.#sequence += 1));
  }
}

/**
 * It is false for an answer that came by a redirect: its No-Vary-Search was about the query of the redirect's target.
 */
const hasVariance = ({ raw }: Entry): boolean => raw.tags.some(isSearchTag);

function aliasKey(request: CacheRequest, keyUrl: string, variance: SearchVariance): string {
  const path = pathOf(keyUrl);
  const query = simplifyQuery(keyUrl.slice(path.length + 1), variance);
  return request.keyAt(query === '' ? path : `${path}?${query}`);
}
