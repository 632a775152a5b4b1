/** Going through all entries of the namespace, which takes a look at every key that Redis has, whosever it is. */
import type { StoredEntryInfo } from '../../api/storage.js';
import type { Argument } from './client.js';
import type { RedisContext } from './context.js';
import type { Frame } from './frame.js';
import { readHeads } from './heads.js';
import type { KeyAddress } from './keys.js';
import { bearsTags, bearsTokens, type RedisReader } from './reader.js';
import { readNamespace, type ResourceTokens } from './tokens.js';

/** How many keys one step of a server goes through. */
const KEYS_A_STEP = '500';

/**
 * Gives where entries stand, each once, though a server may name one twice. A page comes of each step, and may be
 * empty: most keys may be those of others, and whoever goes through them may stop.
 */
export async function* scanPages({ link, keys }: RedisContext): AsyncIterable<readonly string[]> {
  const seen = new Set<string>();
  for (const run of await link.masters()) {
    let cursor: Argument = '0';
    do {
      const step = await run(['SCAN', cursor, 'MATCH', keys.pattern, 'COUNT', KEYS_A_STEP]);
      const [next, found] = step as [Argument, readonly Argument[]];
      cursor = String(next);
      const page = found.map(String).filter((name) => !seen.has(name));
      for (const name of page) seen.add(name);
      yield [...new Set(page)];
    } while (cursor !== '0');
  }
}

/** What a listing finds of an entry, without its body. */
interface Listed {
  readonly address: KeyAddress;
  readonly frame: Frame;
  readonly tokens: ResourceTokens | undefined;
}

export interface ListedEntry {
  readonly address: KeyAddress;
  readonly info: StoredEntryInfo;
}

/** The entries of one page that are valid now. */
export async function readPage(
  context: RedisContext,
  reader: RedisReader,
  page: readonly string[],
): Promise<readonly ListedEntry[]> {
  const { keys } = context;
  const [first, ...others] = page.map((name) => keys.ofFound(name));
  if (first === undefined) return [];
  // The first one teaches the server the script, which the others then find there.
  const listed = await describe(context, first);
  for (const each of await Promise.all(others.map((address) => describe(context, address)))) listed.push(...each);
  const namespace = readNamespace((await context.command('GET', keys.namespace)) as Buffer | null);
  const tags = new Map<string, string | undefined>();
  const valid = listed.filter(({ frame, tokens }) => bearsTokens(frame.stamp, { namespace, tokens }));
  await reader.readTags(valid.map(({ frame }) => frame.stamp), { namespace, tags });
  const entries: ListedEntry[] = [];
  for (const { address, frame } of valid) {
    const fields = await context.codec.readFields(frame.fields);
    if (fields.kind !== 'read' || !bearsTags(frame.stamp, { namespace, tags })) continue;
    entries.push({ address, info: { ...fields.value, bodyBytes: frame.stamp.bodyBytes } });
  }
  return entries;
}

async function describe(context: RedisContext, address: KeyAddress): Promise<Listed[]> {
  const { heads, tokens } = await readHeads(context, address);
  return heads.map((frame) => ({ address, frame, tokens }));
}
