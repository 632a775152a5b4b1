/** Storing and renewing in Redis: what an entry depends on is compared in the step in which it is written. */
import type { Fence, RenewedEntry, StoredEntry } from '../../api/storage.js';
import type { RedisContext } from './context.js';
import { fenceOf, isTaken, nextMoment, type TakenFence } from './fences.js';
import { encodeFrame, encodeStart, type Stamp } from './frame.js';
import { digestOf, type KeyAddress } from './keys.js';
import type { RedisReader } from './reader.js';
import { ENSURE_NAMESPACE, NEVER, STORE, TOUCH } from './scripts.js';
import {
  FLIGHT_MS,
  isTagNewer,
  MARGIN_MS,
  type NamespaceRecord,
  newToken,
  readNamespace,
  type ResourceTokens,
} from './tokens.js';

/** What goes on longer than 30,000 years never ends for Redis. */
const LONGEST_TTL_MS = 1e15;

/** What an entry will bear. */
interface Basis {
  readonly namespace: NamespaceRecord;
  readonly tokens: ResourceTokens;
  readonly tags: ReadonlyMap<string, string>;
  readonly tagNumber: number;
}

/** What has to be as it was at the look-up. */
interface Seen {
  readonly namespace: NamespaceRecord;
  /** Where these were read already, by the digests of the tags. */
  readonly tags: ReadonlyMap<string, string>;
  /** True where anything that was invalidated may concern the entry. */
  readonly isForeign: boolean;
}

export class RedisWriter {
  readonly #context: RedisContext;
  readonly #reader: RedisReader;

  constructor(context: RedisContext, reader: RedisReader) {
    this.#context = context;
    this.#reader = reader;
  }

  async set(entry: StoredEntry, fence: Fence | undefined): Promise<boolean> {
    const taken = fence === undefined ? undefined : fenceOf(fence);
    if (taken !== undefined && !isTaken(taken)) return false;
    const address = this.#context.keys.of(entry.key, entry.resource);
    const lifetime = lifetimeOf(entry.purgeAtMs);
    const basis = await this.#basis(address, entry.tags, lifetime, taken);
    if (basis === undefined) return false;
    const stamp: Stamp = {
      ...stampOf(basis),
      atUs: taken?.atUs ?? nextMoment(),
      revision: digestOf(entry.revision),
      variant: digestOf(entry.variant),
      bodyBytes: entry.body.byteLength,
    };
    const { codec } = this.#context;
    const parts = await Promise.all([codec.encodeFields(entry), codec.encodeBody(entry)]);
    const { ttl, expiry, now } = lifetime;
    const isForeign = taken !== undefined && !isOf(taken, address);
    const reply = await this.#context.run(STORE, this.#names(address), [
      ...admissionOf(address, stamp, basis, taken),
      isForeign ? String(taken.namespace.changes) : '',
      (isForeign ? undefined : taken?.seen.get(stamp.variant)) ?? '',
      taken === undefined ? '' : String(stamp.atUs),
      encodeFrame(stamp, ...parts),
      ttl,
      now,
      expiry,
    ]);
    return reply === 1;
  }

  async touch(entry: RenewedEntry, fence: Fence | undefined): Promise<boolean> {
    const { key, resource, tags } = entry;
    const taken = fenceOf(fence ?? ((await this.#reader.lookUp(key, { resource, tags: [] })).fence as Fence));
    const address = this.#context.keys.of(key, resource);
    if (!isTaken(taken) || !isOf(taken, address)) return false;
    const former = taken.accepted.get(digestOf(entry.variant));
    if (former?.revision !== digestOf(entry.revision)) return false;
    const lifetime = lifetimeOf(entry.purgeAtMs);
    // The tokens stay those that it was accepted with: what they were since then it must not take over.
    const seen = { namespace: taken.namespace, tags: new Map([...taken.tags, ...former.tags]), isForeign: false };
    const settled = await this.#settleTags(address, tags, lifetime, seen);
    if (settled === undefined) return false;
    const stamp: Stamp = { ...former, ...settled, atUs: taken.atUs };
    const basis: Basis = { ...taken, ...settled };
    const start = encodeStart(stamp, await this.#context.codec.encodeFields(entry));
    const reply = await this.#context.run(TOUCH, this.#names(address), [
      ...admissionOf(address, stamp, basis, taken),
      stamp.revision,
      start,
      lifetime.ttl,
      lifetime.expiry,
    ]);
    return reply === 1;
  }

  #names({ entry, others, tokens, index }: KeyAddress): [string, ...string[]] {
    const { isSplit, keys } = this.#context;
    return isSplit ? [entry, others, tokens, index] : [entry, others, tokens, index, keys.namespace];
  }

  async #basis(
    address: KeyAddress,
    tags: readonly string[],
    lifetime: Lifetime,
    taken: TakenFence | undefined,
  ): Promise<Basis | undefined> {
    if (taken === undefined) {
      const [tokens, { namespace, tokensOfTags }] = await Promise.all([
        this.#reader.ensureResource(address),
        this.#ensureTags(address, tags, lifetime),
      ]);
      return namespace && { namespace, tokens, tags: tokensOfTags, tagNumber: namespace.tagNumber };
    }
    const isForeign = !isOf(taken, address);
    // The tokens of a key that is known only now are those of the look-up if nothing was invalidated until after this.
    const tokens = isForeign ? await this.#reader.ensureResource(address) : taken.tokens;
    const settled = await this.#settleTags(address, tags, lifetime, { ...taken, isForeign });
    return settled && { namespace: taken.namespace, tokens, ...settled };
  }

  /** `undefined` where something was invalidated that the entry depends on. */
  async #settleTags(
    address: KeyAddress,
    tags: readonly string[],
    lifetime: Lifetime,
    { namespace, tags: known, isForeign }: Seen,
  ): Promise<Pick<Basis, 'tags' | 'tagNumber'> | undefined> {
    // Where one step sees the namespace and writes, there is nothing to be read before it.
    if (tags.length === 0 && !this.#context.isSplit) return { tags: new Map(), tagNumber: namespace.tagNumber };
    const { namespace: now, tokensOfTags } = await this.#ensureTags(address, tags, lifetime);
    if (now?.token !== namespace.token || now.listingNumber > namespace.tagNumber) return undefined;
    if (isForeign && now.changes !== namespace.changes) return undefined;
    for (const [tag, token] of tokensOfTags) {
      const former = known.get(tag);
      if (former === undefined ? isTagNewer(token, namespace, namespace.tagNumber) : former !== token) return undefined;
    }
    return { tags: tokensOfTags, tagNumber: now.tagNumber };
  }

  /** The tokens of all tags, made where they are absent, in the step in which the entry is put into their indexes. */
  async #ensureTags(
    { key, resource }: KeyAddress,
    tags: readonly string[],
    { tokenTtl, now, expiry }: Lifetime,
  ): Promise<{ namespace: NamespaceRecord | undefined; tokensOfTags: Map<string, string> }> {
    const { keys, meta } = this.#context;
    const digests = [...new Set(tags.map(digestOf))];
    const names = digests.flatMap((tag) => [keys.tagToken(tag), keys.tagIndex(tag)]);
    const args = [newToken(), tokenTtl, meta.written(), resource + key, now, expiry];
    const reply = (await this.#context.run(ENSURE_NAMESPACE, [keys.namespace, ...names], args)) as Buffer[];
    return {
      namespace: readNamespace(reply[0] ?? null),
      tokensOfTags: new Map(digests.map((tag, index) => [tag, reply[index + 1]?.toString('latin1') ?? ''])),
    };
  }
}

/** How long an entry stays, as scripts are told. */
interface Lifetime {
  /** Milliseconds, `0` for what is over, or `NEVER`. */
  readonly ttl: string;
  /** The time to live of tokens that it bears. */
  readonly tokenTtl: string;
  /** Milliseconds since 1970, for indexes. */
  readonly now: string;
  readonly expiry: string;
}

function lifetimeOf(purgeAtMs: number): Lifetime {
  const now = Date.now();
  const left = Math.max(0, Math.ceil(purgeAtMs - now));
  if (left > LONGEST_TTL_MS) return { ttl: NEVER, tokenTtl: NEVER, now: String(now), expiry: '+inf' };
  const tokenTtl = Math.max(FLIGHT_MS, left + MARGIN_MS);
  return { ttl: String(left), tokenTtl: String(tokenTtl), now: String(now), expiry: String(now + left) };
}

const isOf = (fence: TakenFence, { key, resource }: KeyAddress): boolean =>
  fence.key === key && fence.resource === resource;

const stampOf = ({ namespace, tokens, tags, tagNumber }: Basis) => ({
  namespaceToken: namespace.token,
  resourceToken: tokens.token,
  mark: tokens.mark,
  tags,
  tagNumber,
});

/** What STORE and TOUCH are told first. */
const admissionOf = (
  { key }: KeyAddress,
  { variant }: Stamp,
  { namespace, tokens }: Basis,
  taken: TakenFence | undefined,
): string[] => [
  key,
  variant,
  tokens.token,
  tokens.mark,
  namespace.token,
  String((taken?.namespace ?? namespace).tagNumber),
];
