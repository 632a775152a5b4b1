/**
 * Deleting in Redis. What is deleted is void as soon as its token has changed; what bears the former token is swept
 * away then, which makes room and counts.
 */
import type { StorageSelector } from '../../api/storage.js';
import type { Argument } from './client.js';
import type { RedisContext } from './context.js';
import { DIGEST_LENGTH, digestOf, type KeyAddress } from './keys.js';
import { scanPages } from './listing.js';
import {
  CHANGE_KEY,
  CHANGE_LISTING,
  CHANGE_NAMESPACE,
  CHANGE_RESOURCE,
  CHANGE_TAG,
  COUNT_CHANGE,
  REMOVE_VARIANTS,
  SWEEP,
} from './scripts.js';
import { FLIGHT_MS, newToken, readNamespace } from './tokens.js';
import { owns } from '../../support/owns.js';

/** Keys of one resource that are swept in one step, which others wait for. */
const KEYS_A_STEP = 100;

type Kind = 'resource' | 'tag' | 'namespace';

export class RedisRemover {
  readonly #context: RedisContext;

  constructor(context: RedisContext) {
    this.#context = context;
  }

  async delete(selector: StorageSelector): Promise<number> {
    if (owns(selector, 'underWay')) {
      await this.#context.run(CHANGE_LISTING, [this.#context.keys.namespace]);
      return 0;
    }
    if (owns(selector, 'tag')) return this.#deleteTag(digestOf(selector.tag));
    if (!owns(selector, 'key')) return this.#deleteResource(selector.resource);
    const { key, resource, variant, revision } = selector;
    const address = this.#context.keys.of(key, resource);
    if (variant === undefined && revision === undefined) return this.#deleteKey(address);
    return this.deleteVariant(address, variant, revision);
  }

  async #deleteKey({ key, entry, others, tokens, index }: KeyAddress): Promise<number> {
    const valid = await this.#countChange();
    return Number(await this.#context.run(CHANGE_KEY, [entry, others, tokens, index], [key, newToken(), valid]));
  }

  /** Says nothing of what is under way. */
  async deleteVariant({ key, entry, others, index }: KeyAddress, variant?: string, revision?: string): Promise<number> {
    const args = [key, digestIfAny(variant), digestIfAny(revision), ''];
    return Number(await this.#context.run(REMOVE_VARIANTS, [entry, others, index], args));
  }

  async #deleteResource(resource: string): Promise<number> {
    const address = this.#context.keys.ofResource(resource);
    const valid = await this.#countChange();
    const former = String(await this.#context.run(CHANGE_RESOURCE, [address.tokens], [newToken()]));
    const keys = await this.#members(address.index);
    return this.#sweepResource(address.resource, keys, 'resource', valid, former);
  }

  async #deleteTag(tag: string): Promise<number> {
    const { keys } = this.#context;
    const args = [newToken(), String(FLIGHT_MS)];
    const reply = (await this.#context.run(CHANGE_TAG, [keys.namespace, keys.tagToken(tag)], args)) as Buffer[];
    const [valid = '', former = ''] = reply.map(String);
    if (valid === '' || former === '') return 0;
    const index = keys.tagIndex(tag);
    const members = await this.#members(index);
    let count = 0;
    for (const [resource, ofResource] of byResource(members)) {
      count += await this.#sweepResource(resource, ofResource, 'tag', valid, `${tag}=${former}`);
    }
    // What was stored with the tag meanwhile may be forgotten here with it, which makes later counts less, and no more.
    for (const page of pagesOf(members)) await this.#context.command('ZREM', index, ...page);
    return count;
  }

  /** Gives false where there is nothing to be swept: no token of the namespace was there that anything could bear. */
  async clear(): Promise<boolean> {
    return (await this.#context.run(CHANGE_NAMESPACE, [this.#context.keys.namespace], [newToken()])) !== null;
  }

  /** Deletes all that bears a former token of the namespace. Other calls come in between, and it ends with `isOver`. */
  async sweep(isOver: () => boolean): Promise<void> {
    const { keys } = this.#context;
    for await (const page of scanPages(this.#context)) {
      if (isOver()) return;
      if (page.length === 0) continue;
      // The token of now: what was stored since then is not to go.
      const value = (await this.#context.command('GET', keys.namespace)) as Buffer | null;
      const valid = readNamespace(value)?.token;
      if (valid === undefined) return;
      const members = page.map((entry) => keys.ofFound(entry)).map(({ resource, key }) => resource + key);
      for (const [resource, ofResource] of byResource(members)) {
        await this.#sweepResource(resource, ofResource, 'namespace', valid, '');
      }
    }
  }

  /** Counts a change of a key or a resource before it is made, and gives the token of the namespace. */
  async #countChange(): Promise<string> {
    const token = (await this.#context.run(COUNT_CHANGE, [this.#context.keys.namespace])) as Buffer | null;
    return token === null ? '' : String(token);
  }

  async #members(index: string): Promise<readonly string[]> {
    return ((await this.#context.command('ZRANGE', index, '0', '-1')) as Buffer[]).map(String);
  }

  /** @param resource the digest of a resource, as `keys` are those of keys. */
  async #sweepResource(
    resource: string,
    keys: readonly string[],
    kind: Kind,
    valid: string,
    former: string,
  ): Promise<number> {
    let count = 0;
    for (const page of pagesOf(keys)) {
      const addresses = page.map((key) => this.#context.keys.ofDigests(key, resource));
      const [first] = addresses;
      if (first === undefined) continue;
      const names = addresses.flatMap(({ entry, others }) => [entry, others]);
      const args: Argument[] = [kind, valid, former, ...page];
      count += Number(await this.#context.run(SWEEP, [first.index, first.tokens, ...names], args));
    }
    return count;
  }
}

const digestIfAny = (text: string | undefined): string => (text === undefined ? '' : digestOf(text));

function byResource(members: readonly string[]): ReadonlyMap<string, readonly string[]> {
  const keys = new Map<string, string[]>();
  for (const member of members) {
    const resource = member.slice(0, DIGEST_LENGTH);
    const ofResource = keys.get(resource);
    if (ofResource === undefined) keys.set(resource, [member.slice(DIGEST_LENGTH)]);
    else ofResource.push(member.slice(DIGEST_LENGTH));
  }
  return keys;
}

function* pagesOf(keys: readonly string[]): Iterable<readonly string[]> {
  for (let from = 0; from < keys.length; from += KEYS_A_STEP) yield keys.slice(from, from + KEYS_A_STEP);
}
