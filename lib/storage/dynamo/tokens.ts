/**
 * What tells DynamoStorage that an entry, or an answer under way, was invalidated. A token is a random text in an item;
 * an entry names those that stood when it was asked for, and is valid as long as every one of them stands. A key that
 * was deleted has a mark in the item of its resource's token. A token that is gone makes entries invalid, so that the
 * TTL may remove one at any time, and nothing comes back by it.
 */
import { randomBytes } from 'node:crypto';
import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import { hashAddress } from '../../support/digest.js';
import { shared } from '../../support/shared.js';
import { type Item, type ItemKey, keyOfItem, numberOf, numeric, type Schema, textOf, TTL } from './schema.js';
import { type DynamoTable, nameOf, type Update } from './table.js';
import { malformed } from '../record/part.js';
import type { Reports } from '../reports.js';

/** The token of the namespace, and how often something was deleted in it. */
export interface NamespaceState {
  readonly token: string;
  /** By tag. */
  readonly tags: number;
  /** Of what is under way. */
  readonly listings: number;
  /** Of anything. */
  readonly changes: number;
}

/** What stands now, or stood at a look-up. */
export interface Tokens {
  readonly namespace: NamespaceState;
  /** The tokens that every entry of the key names: of the namespace, of the resource, and the mark of the key. */
  readonly base: string;
  readonly tags: ReadonlyMap<string, string>;
}

/** As they are found: `undefined` for what is not there. */
export interface FoundTokens {
  readonly namespace: NamespaceState | undefined;
  readonly resource: Item | undefined;
  readonly tags: ReadonlyMap<string, Item | undefined>;
}

/** A token that nothing names lives so long: longer than what is under way. */
const FIRST_TTL_S = 60 * 60;
/** A token outlives the entries that name it by this, and is prolonged by more, so that not each of them does it. */
const MARGIN_S = 60 * 60;
const PROLONGED_S = 24 * 60 * 60;
/** So many keys of a resource have marks of their own; then the resource gets a new token. */
const MOST_MARKS = 64;

const KEEP: AttributeValue = { N: '0' };
/** Of the namespace: changes by tag, deletions by listing, and all of them. */
const COUNTS = ['n', 'l', 'a'] as const;
type CountName = (typeof COUNTS)[number];

export class TokenItems {
  readonly #table: DynamoTable;
  readonly #schema: Schema;
  readonly #reports: Reports;
  /** What is being made or prolonged, by its name: calls that come at once pay for one request. */
  readonly #making = new Map<string, Promise<Item>>();
  readonly #prolonging = new Map<string, Promise<void>>();

  constructor(table: DynamoTable, schema: Schema, reports: Reports) {
    this.#table = table;
    this.#schema = schema;
    this.#reports = reports;
  }

  async find(resource: string, tags: Iterable<string>): Promise<FoundTokens> {
    const names = [...new Set(tags)];
    const namespace = this.#schema.namespace();
    const ofResource = this.#schema.resourceToken(resource);
    const ofTags = names.map((tag) => this.#schema.tagToken(tag));
    const found = await this.#table.read([namespace, ofResource, ...ofTags]);
    return {
      namespace: stateOf(found.get(nameOf(namespace))),
      resource: found.get(nameOf(ofResource)),
      tags: new Map(names.map((tag, index) => [tag, found.get(nameOf(ofTags[index] ?? namespace))])),
    };
  }

  /** The tokens of tags alone. */
  async findTags(tags: Iterable<string>): Promise<ReadonlyMap<string, string | undefined>> {
    const names = [...new Set(tags)];
    const keys = names.map((tag) => this.#schema.tagToken(tag));
    const found = await this.#table.read(keys);
    return new Map(keys.map((key, index) => [names[index] ?? '', tokenOf(found.get(nameOf(key)))]));
  }

  async namespace(): Promise<NamespaceState | undefined> {
    const key = this.#schema.namespace();
    return stateOf((await this.#table.read([key])).get(nameOf(key)));
  }

  /** Makes those that are not there. Where another process was faster, its token stands. */
  async complete(key: string, resource: string, found: FoundTokens): Promise<Tokens> {
    const nowS = Date.now() / 1000;
    const [namespace, ofResource, ...ofTags] = await Promise.all([
      found.namespace ?? this.#makeNamespace(),
      withToken(found.resource) ?? this.#make(this.#schema.resourceToken(resource), nowS),
      ...[...found.tags].map(async ([tag, item]) => withToken(item) ?? this.#make(this.#schema.tagToken(tag), nowS)),
    ]);
    const tags = new Map([...found.tags.keys()].map((tag, index) => [tag, tokenOf(ofTags[index]) ?? '']));
    return { namespace, base: baseOf(namespace, ofResource, key) ?? '', tags };
  }

  /** Sees that tokens are there for as long as an entry that names them. */
  async prolong(resource: string, found: FoundTokens, purgeAtMs: number): Promise<void> {
    const neededS = purgeAtMs / 1000 + MARGIN_S;
    const items: (readonly [ItemKey, Item | undefined])[] = [
      [this.#schema.resourceToken(resource), found.resource],
      ...[...found.tags].map(([tag, item]) => [this.#schema.tagToken(tag), item] as const),
    ];
    await Promise.all(
      items.map(async ([key, item]) => {
        const untilS = item === undefined ? 0 : (numberOf(item[TTL]) ?? Infinity);
        if (untilS >= neededS) return;
        await shared(this.#prolonging, `${nameOf(key)} ${purgeAtMs}`, () => this.#prolong(key, purgeAtMs));
      }),
    );
  }

  /** What fails by items of another shape is done again without them. */
  async #mending<T>(keys: readonly ItemKey[], work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      if (!(await this.#mend(keys).catch(() => false))) throw error;
      return work();
    }
  }

  /** Removes what stands under these keys in another shape: what depends on it is void then. */
  async #mend(keys: readonly ItemKey[]): Promise<boolean> {
    const broken = [...(await this.#table.read(keys)).values()].filter((item) => !isSound(item));
    for (const item of broken) {
      const isThere = await this.#table.remove(keyOfItem(item), 'attribute_exists(p)');
      if (isThere) this.#reports.damage('get', malformed('a token has another shape'));
    }
    return broken.length > 0;
  }

  /** Nothing was ever looked up where not even the namespace has a token; then this is false, and nothing is done. */
  async #count(...names: readonly CountName[]): Promise<boolean> {
    const counted = await this.#table.update(this.#schema.namespace(), {
      update: `ADD ${names.map((name) => `${name} :one`).join(', ')}`,
      condition: 'attribute_exists(t)',
      values: { ':one': { N: '1' } },
    });
    return counted !== undefined;
  }

  /** Gives a key a new mark; the item of the resource as it was, `undefined` where there is none. */
  invalidateKey(key: string, resource: string): Promise<Item | undefined> {
    const keys = [this.#schema.namespace(), this.#schema.resourceToken(resource)];
    return this.#mending(keys, () => this.#markKey(key, resource));
  }

  async #markKey(key: string, resource: string): Promise<Item | undefined> {
    if (!(await this.#count('a'))) return undefined;
    const former = await this.#table.update(this.#schema.resourceToken(resource), {
      update: 'SET k.#key = :mark',
      condition: 'attribute_exists(t)',
      names: { '#key': hashAddress(key) },
      values: { ':mark': { S: newToken() } },
      returns: 'ALL_OLD',
    });
    const marks = Object.keys(former?.['k']?.M ?? {}).length;
    if (marks >= MOST_MARKS) await this.#renew(this.#schema.resourceToken(resource));
    return former;
  }

  /** Gives a resource a new token; its item as it was. */
  invalidateResource(resource: string): Promise<Item | undefined> {
    return this.#countAndRenew(['a'], this.#schema.resourceToken(resource));
  }

  /** The count goes first: who stores by a tag that the look-up did not name reads the tokens first, then the count. */
  invalidateTag(tag: string): Promise<Item | undefined> {
    return this.#countAndRenew(['n', 'a'], this.#schema.tagToken(tag));
  }

  #countAndRenew(names: readonly CountName[], token: ItemKey): Promise<Item | undefined> {
    return this.#mending([this.#schema.namespace(), token], async () =>
      (await this.#count(...names)) ? this.#renew(token) : undefined);
  }

  async invalidateUnderWay(): Promise<void> {
    await this.#mending([this.#schema.namespace()], () => this.#count('n', 'l', 'a'));
  }

  /** The new token of the namespace. */
  async invalidateAll(): Promise<string | undefined> {
    const token = newToken();
    const changed = await this.#table.update(this.#schema.namespace(), {
      update: 'SET t = :t',
      condition: 'attribute_exists(t)',
      values: { ':t': { S: token } },
    });
    return changed && token;
  }

  #renew(key: ItemKey): Promise<Item | undefined> {
    return this.#table.update(key, {
      update: 'SET t = :t, k = :none',
      condition: 'attribute_exists(t)',
      values: { ':t': { S: newToken() }, ':none': { M: {} } },
      returns: 'ALL_OLD',
    });
  }

  async #makeNamespace(): Promise<NamespaceState> {
    const key = this.#schema.namespace();
    const made = await this.#makeSound(key, () => ({
      update: 'SET t = if_not_exists(t, :t) ADD n :none, l :none, a :none',
      values: { ':t': { S: newToken() }, ':none': KEEP },
      returns: 'ALL_NEW',
    }));
    return stateOf(made) as NamespaceState;
  }

  #makeSound(key: ItemKey, update: () => Update): Promise<Item> {
    return shared(this.#making, nameOf(key), () => this.#mending([key], async () => {
      const made = await this.#table.update(key, update());
      if (made === undefined || !isSound(made)) throw new Error('a token cannot be made');
      return made;
    }));
  }

  #make(key: ItemKey, nowS: number): Promise<Item> {
    return this.#makeSound(key, () => ({
      update: `SET t = if_not_exists(t, :t), k = if_not_exists(k, :none), ${TTL} = if_not_exists(${TTL}, :ttl)`,
      values: { ':t': { S: newToken() }, ':none': { M: {} }, ':ttl': numeric(Math.ceil(nowS + FIRST_TTL_S)) },
      returns: 'ALL_NEW',
    }));
  }

  /** Where the token is gone by now, the entry is invalid, and will be overwritten. */
  async #prolong(key: ItemKey, purgeAtMs: number): Promise<void> {
    if (purgeAtMs === Infinity) {
      await this.#table.update(key, { update: `REMOVE ${TTL}`, condition: 'attribute_exists(t)' });
      return;
    }
    await this.#table.update(key, {
      update: `SET ${TTL} = :ttl`,
      condition: `attribute_exists(t) AND ${TTL} < :ttl`,
      values: { ':ttl': numeric(Math.ceil(purgeAtMs / 1000 + PROLONGED_S)) },
    });
  }
}

/** `undefined` where one of the tokens is not there: then no entry of the key is valid. */
export function baseOf(
  namespace: NamespaceState | undefined,
  resource: Item | undefined,
  key: string,
): string | undefined {
  const token = tokenOf(resource);
  if (namespace === undefined || token === undefined) return undefined;
  const mark = textOf(resource?.['k']?.M?.[hashAddress(key)]) ?? '';
  return `${namespace.token}.${token}.${mark}`;
}

export const tokenOf = (item: Item | undefined): string | undefined => textOf(item?.['t']);

const withToken = (item: Item | undefined): Item | undefined =>
  item !== undefined && isSound(item) ? item : undefined;

/** False for what has another shape, in which nothing can be counted or marked: then it counts as absent. */
function isSound(item: Item): boolean {
  if (tokenOf(item) === undefined) return false;
  if (item['s']?.S !== 'n') return item['k']?.M !== undefined;
  return COUNTS.every((name) => item[name] === undefined || numberOf(item[name]) !== undefined);
}

export function stateOf(item: Item | undefined): NamespaceState | undefined {
  const token = tokenOf(item);
  if (item === undefined || token === undefined || !isSound(item)) return undefined;
  const [tags = 0, listings = 0, changes = 0] = COUNTS.map((name) => numberOf(item[name]));
  return { token, tags, listings, changes };
}

/** 96 random bits: no token ever comes back. */
const newToken = (): string => randomBytes(12).toString('base64url');
