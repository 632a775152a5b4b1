/** The calls of `instance.cache` that mean entries by a filter, or all of them, whoever has stored them. */
import { latePart } from './late.js';
import { misused } from './misuse.js';
import type { ManagedRequests } from './requests.js';
import type { CacheManager } from '../api/manager.js';
import type { StoredEntryInfo } from '../api/storage.js';
import type { Selection } from '../engine/invalidation/invalidation.js';
import { describeListed } from '../entries/listed.js';
import { anyFilter, filter as someFilter } from '../options/filters.js';
import { parseLifetime } from '../options/lifetimes.js';
import type { CacheSession } from '../session.js';
import { valueOf } from '../storage/guard.js';

export type FilteredCalls = Listings & Deletions;

/** Makes these calls. */
export function filteredCalls(session: CacheSession, requests: Pick<ManagedRequests, 'select'>): FilteredCalls {
  return { ...listings(session, requests), ...deletions(session, requests) };
}

type Listings = Pick<CacheManager, 'entries' | 'urls' | 'keys' | 'count' | 'size'>;

function listings(session: CacheSession, { select }: Pick<ManagedRequests, 'select'>): Listings {
  const { guarded } = session;

  async function* listed(call: string, filter: unknown): AsyncGenerator<StoredEntryInfo> {
    session.assertOpen(call);
    const { isMeant } = await select(anyFilter(filter, 'filter'));
    for await (const info of guarded.entries()) if (isMeant(info)) yield info;
  }
  const described = (info: StoredEntryInfo) =>
    describeListed(info, session.displayKey(info.key), session.options.now());

  return {
    async *entries(filter) {
      for await (const info of listed('entries()', filter)) yield described(info);
    },
    async *urls(filter) {
      yield* each(listed('urls()', filter), (info) => described(info).url);
    },
    async *keys(filter) {
      yield* each(listed('keys()', filter), (info) => described(info).key);
    },
    async count(filter) {
      let count = 0;
      for await (const _entry of listed('count()', filter)) count += 1;
      return count;
    },
    async size() {
      session.assertOpen('size()');
      let [entries, bytes] = [0, 0];
      for await (const { bodyBytes } of guarded.entries()) {
        entries += 1;
        bytes += bodyBytes;
      }
      return { entries, bytes };
    },
  };
}

/** Gives the text of each entry, but no text twice, and none that is empty. */
async function* each(
  infos: AsyncIterable<StoredEntryInfo>,
  textOf: (info: StoredEntryInfo) => string,
): AsyncGenerator<string> {
  const seen = new Set(['']);
  for await (const info of infos) {
    const text = textOf(info);
    if (!seen.has(text)) yield text;
    seen.add(text);
  }
}

type Deletions = Pick<CacheManager, 'deleteMatching' | 'expire' | 'invalidateTags' | 'deleteExpired' | 'clear'>;

function deletions(session: CacheSession, { select }: Pick<ManagedRequests, 'select'>): Deletions {
  const { guarded, engine: { invalidation } } = session;

  const selected = async (call: string, filter: unknown): Promise<Selection> => {
    session.assertOpen(call);
    // A text is no filter here: delete() takes URLs, and it is easily taken for a key or a tag.
    if (typeof filter === 'string') throw misused(call, 'takes a filter such as { url } or { tag }, and no text');
    return select(someFilter(filter, 'filter'));
  };

  return {
    async deleteMatching(filter) {
      return valueOf(await invalidation.ofSelected(await selected('deleteMatching()', filter)));
    },
    async expire(filter, lifetime) {
      const selection = await selected('expire()', filter);
      const parsed = lifetime === undefined ? undefined : parseLifetime(lifetime, 'lifetime');
      const edit = await latePart('expire()', import('./edit.js'));
      return edit.expire(selection, parsed, session);
    },
    async invalidateTags(...tags: readonly unknown[]) {
      session.assertOpen('invalidateTags()');
      if (!tags.every((tag) => typeof tag === 'string' && tag !== '')) {
        throw misused('invalidateTags()', 'takes tags as texts: invalidateTags("users", "teams")');
      }
      let count = 0;
      for (const tag of new Set(tags as readonly string[])) {
        count += valueOf(await invalidation.ofSelected({ isMeant: NOTHING_ELSE, only: { tag } }));
      }
      return count;
    },
    async deleteExpired() {
      session.assertOpen('deleteExpired()');
      return valueOf(await guarded.deleteExpired(session.options.now()));
    },
    async clear(...given: readonly unknown[]) {
      session.assertOpen('clear()');
      if (given.length > 0) throw misused('clear()', 'deletes everything and takes no argument: a URL is for delete()');
      valueOf(await invalidation.clear());
    },
  };
}

const NOTHING_ELSE = (): boolean => false;
