/** Answers stored for another query that their origin calls the same (No-Vary-Search): known in this process only. */
import type { CacheRequest, Exchange } from '../exchange/request.js';
import type { Reading, SoughtRequest } from './look-up.js';
import type { Entry } from '../../entries/entry.js';
import { isSearchTag } from '../../entries/tags.js';
import { decideReuse, type ReuseDecision } from '../../rfc9111/decide-reuse.js';
import type { EpochMs } from '../../rfc9111/model.js';
import { type SearchVariance, searchVarianceOf, simplifyQuery } from '../../rfc9111/search-variance.js';
import { BoundedMap } from '../../support/bounded-map.js';

/** How many paths, and how many queries of all of them, are remembered. */
const MAX_PATHS = 1000;
const MAX_ALIASES = 10_000;

/** Where an answer is stored that may serve. */
interface Alias {
  readonly key: string;
  readonly url: string;
  /** The variance by which it is one. */
  readonly variance: string;
}

/** A URL without its query. */
export const pathOf = (url: string): string => url.split('?', 1)[0] ?? '';

type Reuse = Extract<ReuseDecision<Entry>, { kind: 'reuse' }>;

export class SearchEquivalents {
  readonly #now: () => EpochMs;
  /** What the latest answer of each path said. */
  readonly #variances = new BoundedMap<string, SearchVariance>(MAX_PATHS);
  /** By the key that a request would have without the parameters that do not matter. */
  readonly #aliases = new BoundedMap<string, Alias>(MAX_ALIASES);
  /** When something of a path was invalidated: what was asked for before may be stored for another query of it. */
  readonly #invalidated = new BoundedMap<string, EpochMs>(MAX_PATHS, {
    onForgotten: (forgotten) => {
      for (const since of forgotten.values()) this.#forgotten = Math.max(this.#forgotten, since);
    },
  });
  /** The same for paths that had to be forgotten. */
  #forgotten: EpochMs = -Infinity;

  constructor(now: () => EpochMs) {
    this.#now = now;
  }

  /** Learns from what is stored under the request's own key. */
  note(request: CacheRequest, entry: Entry): void {
    if (entry.raw.tags.length === 0 || !hasVariance(entry)) return;
    const { keyUrl, key, head } = request;
    if (keyUrl === undefined || entry.raw.key !== key) return;
    const variance = searchVarianceOf(entry.headers);
    if (variance === undefined) return;
    this.#variances.set(pathOf(keyUrl), variance);
    this.#aliases.set(aliasKey(request, keyUrl, variance), { key, url: head.url, variance: variance.text });
  }

  /** Whether anything is known that could answer for another query of the request's path. */
  mayAnswer(request: CacheRequest): boolean {
    return this.#aliases.size > 0 && this.#find(request) !== undefined;
  }

  /** Answers with what is stored for another query, only as long as it needs no renewal. */
  async reuse(
    exchange: Exchange,
    read: (request: SoughtRequest) => Reading | Promise<Reading>,
  ): Promise<Reuse | undefined> {
    const { request } = exchange;
    const alias = this.#find(request);
    if (alias === undefined) return undefined;
    const { head, policy, resource } = request;
    const other = { head: { ...head, url: alias.url }, key: alias.key, keyOfGet: undefined, resource, policy };
    const { entries } = await exchange.race(Promise.resolve(read(other)));
    const since = this.#invalidated.get(pathOf(head.url)) ?? this.#forgotten;
    // What is stored there by now may say something else.
    const isSame = (entry: Entry): boolean =>
      hasVariance(entry) && searchVarianceOf(entry.headers)?.text === alias.variance && entry.requestTime > since;
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
    this.#invalidated.set(pathOf(url), this.#now());
  }
}

/** False for an answer that came by a redirect: its No-Vary-Search was about the target's query. */
const hasVariance = ({ raw }: Entry): boolean => raw.tags.some(isSearchTag);

function aliasKey(request: CacheRequest, keyUrl: string, variance: SearchVariance): string {
  const path = pathOf(keyUrl);
  const query = simplifyQuery(keyUrl.slice(path.length + 1), variance);
  return request.keyAt(query === '' ? path : `${path}?${query}`);
}
