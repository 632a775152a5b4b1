/** What the panel asks of a cache: what it can do is offered, and what it cannot is left out. */
import type { CacheManager } from '../api/manager.js';

/** What is known of a stored answer; a cache that only lists URLs says no more. */
export interface DevtoolsEntry {
  readonly url: string;
  /** An opaque digest, as `response.cache.key` has it. */
  readonly key?: string;
  readonly method?: string;
  readonly status?: number;
  readonly createdAt?: Date;
  /** `null` means never. */
  readonly expiresAt?: Date | null;
  readonly stale?: boolean;
  /** Bytes of the stored body. */
  readonly bytes?: number;
}

interface ByKey {
  readonly key: string;
}

/** A manager: `http.cache`, or what `getCache(http)` gives. */
export interface DevtoolsCache extends Pick<CacheManager, 'on' | 'urls' | 'delete' | 'clear'> {
  entries?(): AsyncIterable<DevtoolsEntry>;
  deleteMatching?(filter: ByKey): Promise<number>;
  /** Makes stale. */
  expire?(filter: ByKey): Promise<number>;
  configure?(options: { readonly mode: 'default' | 'only-if-cached' }): void;
  explain?(url: string, config?: { readonly method?: string }): Promise<{ toString(): string }>;
}

/** What the panel lends to its parts. */
export interface Panel {
  readonly cache: () => DevtoolsCache | undefined;
  /** Runs an action on the cache, and says how it ended. */
  readonly act: (action: () => Promise<string>) => void;
}

/** The panel shows no more of them. */
export const MOST_ENTRIES = 1000;

export const isCache = (value: unknown): value is DevtoolsCache =>
  typeof value === 'object' && value !== null && ['on', 'urls', 'delete'].every((name) => name in value);

/** Lists what is stored, newest first, as far as it is shown. */
export async function storedIn(cache: DevtoolsCache): Promise<DevtoolsEntry[]> {
  const found: DevtoolsEntry[] = [];
  if (cache.entries === undefined) {
    for await (const url of cache.urls()) if (found.push({ url }) === MOST_ENTRIES) break;
    return found;
  }
  for await (const entry of cache.entries()) if (found.push(entry) === MOST_ENTRIES) break;
  return found.sort((one, other) => timeOf(other) - timeOf(one));
}

const timeOf = ({ createdAt }: DevtoolsEntry): number => createdAt?.getTime() ?? 0;

/** Deletes one entry, or all of its URL where the cache cannot tell them apart; gives how many went. */
export const deleteEntry = (cache: DevtoolsCache, { key, url }: { readonly key?: string | undefined; url: string }) =>
  key !== undefined && cache.deleteMatching !== undefined ? cache.deleteMatching({ key }) : cache.delete(url);
