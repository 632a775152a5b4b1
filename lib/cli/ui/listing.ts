/** What the page of `ui` lists: some rows of what matches, in the order that is asked for, and what all come to. */
import type { CacheStorage } from 'axios-client-cache';
import { ORDERS } from '../commands/ls.js';
import { UsageError } from '../faults.js';
import { type Conditions, describe, hostOf, isOfHost, type Listed, listed } from '../listing.js';
import { shownTags } from '../../entries/tags.js';
import type { Addresses } from './addresses.js';

/** What is known of an entry without its body. */
export interface Row {
  /** By this the entry is asked for; it says nothing of it. */
  readonly id: string;
  /** The digest of its key, as `response.cache.key` has it. */
  readonly key: string;
  readonly url: string;
  readonly method: string;
  readonly status: number;
  readonly tags: readonly string[];
  readonly createdAt: string;
  /** `null` means never. */
  readonly expiresAt: string | null;
  /** When nothing can use it any more; `null` means never. */
  readonly purgeAt: string | null;
  readonly bytes: number;
}

export interface HostShare {
  readonly host: string;
  readonly entries: number;
  readonly bytes: number;
}

export interface Listing {
  readonly rows: readonly Row[];
  /** How many entries stand before the first row. */
  readonly from: number;
  /** How many rows one page has at most. */
  readonly most: number;
  /** Of all that match, not of the rows alone. */
  readonly entries: number;
  readonly bytes: number;
  readonly fresh: number;
  /** By all conditions but the host, so that the other hosts can be chosen; the largest first. */
  readonly hosts: readonly HostShare[];
  /** Some tags of what matches, to choose from. */
  readonly tags: readonly string[];
}

/** The fields of the page; an empty one is no condition. */
export interface Query {
  readonly url?: string | undefined;
  readonly host?: string | undefined;
  readonly tag?: string | undefined;
  readonly status?: string | undefined;
  readonly state?: string | undefined;
  readonly sort?: string | undefined;
  /** `up` where it is left out, the least first; or `down`. */
  readonly direction?: string | undefined;
  readonly from?: string | undefined;
}

/** A page has so many rows. */
const PAGE_ROWS = 500;
const MOST_HOSTS = 30;
const MOST_TAGS = 200;
const OTHERS = 'all others';

const given = (text: string | undefined): string | undefined => (text === '' ? undefined : text);

/** Gives the conditions of a query, as the command line has them; a URL without `*` is a part of one here. */
export function conditionsOf({ url, host, tag, status, state }: Query): Conditions {
  const part = given(url);
  return {
    url: part === undefined || part.includes('*') ? part : `*${part}*`,
    host: given(host),
    tag: given(tag),
    status: given(status),
    fresh: state === 'fresh',
    stale: state === 'stale',
    expired: state === 'expired',
  };
}

/**
 * Goes through the whole storage, and keeps no more of it in memory than the rows up to the last one that is shown.
 *
 * @throws UsageError for what is no condition, and no order.
 */
export async function listingOf(storage: CacheStorage, query: Query, addresses: Addresses): Promise<Listing> {
  const { host, ...conditions } = conditionsOf(query);
  const from = Math.max(0, Math.floor(Number(query.from ?? 0)) || 0);
  const best = keeper(from + PAGE_ROWS, query);
  const hosts = new Map<string, Counted>();
  const tags = new Set<string>();
  const now = Date.now();
  const sums = { entries: 0, bytes: 0, fresh: 0 };
  for await (const each of listed(storage, conditions)) {
    const { info, head } = each;
    const url = head?.url ?? '';
    const share = shareOf(hosts, hostOf(url));
    share.entries += 1;
    share.bytes += info.bodyBytes;
    if (host !== undefined && !isOfHost(url, host)) continue;
    sums.entries += 1;
    sums.bytes += info.bodyBytes;
    if (info.expiresAtMs > now) sums.fresh += 1;
    for (const tag of shownTags(info.tags)) if (tags.size < MOST_TAGS) tags.add(tag);
    best.add(each);
  }
  return {
    ...sums,
    rows: best.all().slice(from).map((each) => rowOf(each, addresses)),
    from,
    most: PAGE_ROWS,
    hosts: largest([...hosts.values()]),
    tags: [...tags].sort(),
  };
}

/** `ls` has the largest and the oldest first. */
const FALLING: ReadonlySet<string> = new Set(['size', 'age']);

/** Keeps the first `most` in the order of the query, whatever comes. */
function keeper(most: number, { sort = 'url', direction }: Query): { add(each: Listed): void; all(): Listed[] } {
  const order = Object.hasOwn(ORDERS, sort) ? ORDERS[sort] : undefined;
  if (order === undefined) throw new UsageError(`there is no order by ${sort}.`);
  const isTurned = (direction === 'down') !== FALLING.has(sort);
  const sorted = isTurned ? (one: Listed, other: Listed) => order(other, one) : order;
  const kept: Listed[] = [];
  const cut = (): void => {
    kept.sort(sorted);
    kept.splice(most);
  };
  return {
    add(each) {
      if (kept.push(each) >= 2 * most) cut();
    },
    all() {
      cut();
      return kept;
    },
  };
}

type Counted = { -readonly [Name in keyof HostShare]: HostShare[Name] };

/** A storage of very many hosts is not to fill the memory with their names. */
const MOST_KNOWN_HOSTS = 10_000;

function shareOf(hosts: Map<string, Counted>, host: string): Counted {
  const name = hosts.has(host) || hosts.size < MOST_KNOWN_HOSTS ? host : OTHERS;
  const known = hosts.get(name) ?? { host: name, entries: 0, bytes: 0 };
  hosts.set(name, known);
  return known;
}

function largest(hosts: readonly HostShare[]): HostShare[] {
  const sorted = [...hosts].sort((one, other) => other.bytes - one.bytes || other.entries - one.entries);
  const rest = sorted.splice(MOST_HOSTS);
  if (rest.length === 0) return sorted;
  const sum = (of: 'entries' | 'bytes'): number => rest.reduce((all, each) => all + each[of], 0);
  return [...sorted, { host: OTHERS, entries: sum('entries'), bytes: sum('bytes') }];
}

const timeOf = (ms: number): string | null => (ms === Infinity ? null : new Date(ms).toISOString());

export function rowOf(each: Listed, addresses: Addresses): Row {
  const { key, url, method, status, tags, bytes } = describe(each);
  const { createdAtMs, expiresAtMs, purgeAtMs } = each.info;
  return {
    id: addresses.nameOf(each.info),
    key,
    url,
    method,
    status,
    tags,
    bytes,
    createdAt: new Date(createdAtMs).toISOString(),
    expiresAt: timeOf(expiresAtMs),
    purgeAt: timeOf(purgeAtMs),
  };
}
