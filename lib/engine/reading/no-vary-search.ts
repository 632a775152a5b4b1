/** Answers stored for another query that their origin calls the same (No-Vary-Search): known in this process only. */
import type { Exchange } from '../exchange/request.js';
import type { Reading, Sought } from './look-up.js';
import type { Entry } from '../../entries/entry.js';
import { isSearchTag } from '../../entries/tags.js';
import { decideReuse, type ReuseDecision } from '../../rfc9111/decide-reuse.js';
import type { EpochMs } from '../../rfc9111/model.js';
import { type SearchVariance, searchVarianceOf, simplifyQuery } from '../../rfc9111/search-variance.js';

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

type Read = Sought & Pick<Exchange, 'resource'>;
type Reuse = Extract<ReuseDecision<Entry>, { kind: 'reuse' }>;
type Place = Pick<Exchange, 'search' | 'key' | 'head'>;

export class SearchEquivalents {
  readonly #now: () => EpochMs;
  /** What the latest answer of each path said. */
  readonly #variances = new Map<string, SearchVariance>();
  /** By the key that a request would have without the parameters that do not matter. */
  readonly #aliases = new Map<string, Alias>();
  /** When something of a path was invalidated: what was asked for before may be stored for another query of it. */
  readonly #invalidated = new Map<string, EpochMs>();
  /** The same for paths that had to be forgotten. */
  #forgotten: EpochMs = -Infinity;

  constructor(now: () => EpochMs) {
    this.#now = now;
  }

  /** Learns from what is stored under the exchange's own key. */
  note({ search, key, head }: Place, entry: Entry): void {
    if (search === undefined || entry.raw.key !== key || !hasVariance(entry)) return;
    const variance = searchVarianceOf(entry.headers);
    if (variance === undefined) return;
    remember(this.#variances, MAX_PATHS, pathOf(search.keyUrl), variance);
    remember(this.#aliases, MAX_ALIASES, aliasKey(search, variance), { key, url: head.url, variance: variance.text });
  }

  /** Answers with what is stored for another query, only as long as it needs no renewal. */
  async reuse(exchange: Exchange, read: (sought: Read) => Promise<Reading>): Promise<Reuse | undefined> {
    const alias = this.#find(exchange);
    if (alias === undefined) return undefined;
    const { head, resource, policy } = exchange;
    const sought = { head: { ...head, url: alias.url }, key: alias.key, keyOfGet: undefined, resource, policy };
    const { entries } = await exchange.race(read(sought));
    const since = this.#invalidated.get(pathOf(head.url)) ?? this.#forgotten;
    // What is stored there by now may say something else.
    const isSame = (entry: Entry): boolean =>
      hasVariance(entry) && searchVarianceOf(entry.headers)?.text === alias.variance && entry.requestTime > since;
    const decision = decideReuse(head, entries.filter(isSame), policy, this.#now());
    return decision.kind === 'reuse' ? decision : undefined;
  }

  #find({ search, key }: Place): Alias | undefined {
    if (search === undefined || this.#aliases.size === 0) return undefined;
    const variance = this.#variances.get(pathOf(search.keyUrl));
    const alias = variance === undefined ? undefined : this.#aliases.get(aliasKey(search, variance));
    return alias?.key === key || alias?.variance !== variance?.text ? undefined : alias;
  }

  invalidated(url: string): void {
    const [, forgotten] = remember(this.#invalidated, MAX_PATHS, pathOf(url), this.#now()) ?? [];
    if (forgotten !== undefined) this.#forgotten = Math.max(this.#forgotten, forgotten);
  }
}

/** Not of one that came by a redirect: the field spoke of another URL's query. */
const hasVariance = ({ raw }: Entry): boolean => raw.tags.some(isSearchTag);

function aliasKey({ keyUrl, keyAt }: NonNullable<Place['search']>, variance: SearchVariance): string {
  const path = pathOf(keyUrl);
  const query = simplifyQuery(keyUrl.slice(path.length + 1), variance);
  return keyAt(query === '' ? path : `${path}?${query}`);
}

/** The oldest, where it had to make room. */
function remember<T>(map: Map<string, T>, limit: number, name: string, value: T): [string, T] | undefined {
  map.delete(name);
  map.set(name, value);
  const [oldest] = map;
  if (map.size <= limit || oldest === undefined) return undefined;
  map.delete(oldest[0]);
  return oldest;
}
