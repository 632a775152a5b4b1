/**
 * The names of everything that RedisStorage keeps. What stands in braces decides the slot of a cluster: all that
 * belongs to one resource is in one slot, and all that belongs to the namespace as a whole in another. `<res>`, `<key>`
 * and `<tag>` are digests, and so are 22 characters long whatever they stand for:
 *
 * | key                 | type   | what                                                                        |
 * | ------------------- | ------ | --------------------------------------------------------------------------- |
 * | `{ns:res}:e:<key>`  | string | the variant of the key that was stored first (`frame.ts`)                   |
 * | `{ns:res}:v:<key>`  | hash   | its other variants, each under its digest                                   |
 * | `{ns:res}:g`        | string | the token of the resource, and the marks of its keys (`tokens.ts`)          |
 * | `{ns:res}:i`        | zset   | the digests of its keys by the time at which they expire                    |
 * | `{ns}:ns`           | string | the token of the namespace, its numbers, and the `meta` values              |
 * | `{ns}:t:<tag>`      | string | the token of a tag                                                          |
 * | `{ns}:ti:<tag>`     | zset   | `<res><key>` of entries with that tag, by the time at which they expire     |
 * | `{ns:key}:l`        | string | a lease                                                                     |
 * | `{ns}:bus`          |        | the channel of `RedisBus`, which is no key                                  |
 */
import { hashAddress } from '../../support/digest.js';

/** 132 bits, so that nobody finds two texts with one digest. */
export const DIGEST_LENGTH = 22;

export const digestOf = (text: string): string => hashAddress(text).slice(0, DIGEST_LENGTH);

/** Where one key of one resource has its things. */
export interface KeyAddress {
  /** The digest of the key. */
  readonly key: string;
  /** The digest of the resource. */
  readonly resource: string;
  readonly entry: string;
  readonly others: string;
  readonly tokens: string;
  readonly index: string;
}

export class RedisKeys {
  readonly #prefix: string;
  /** The record of the namespace. */
  readonly namespace: string;
  /** What `SCAN` finds entries by: each `?` stands for one character of a digest. */
  readonly pattern: string;
  readonly channel: string;

  constructor(namespace: string) {
    this.#prefix = escape(namespace);
    this.namespace = `{${this.#prefix}}:ns`;
    this.channel = `{${this.#prefix}}:bus`;
    const digest = '?'.repeat(DIGEST_LENGTH);
    this.pattern = `{${this.#prefix}:${digest}}:e:${digest}`;
  }

  of(key: string, resource: string): KeyAddress {
    return this.ofDigests(digestOf(key), digestOf(resource));
  }

  ofDigests(key: string, resource: string): KeyAddress {
    const slot = `{${this.#prefix}:${resource}}`;
    return { key, resource, entry: `${slot}:e:${key}`, others: `${slot}:v:${key}`, ...this.#ofSlot(slot) };
  }

  /** The address of an entry whose key in Redis a listing has found. */
  ofFound(entry: string): KeyAddress {
    const key = entry.slice(-DIGEST_LENGTH);
    const end = entry.length - DIGEST_LENGTH - '}:e:'.length;
    return this.ofDigests(key, entry.slice(end - DIGEST_LENGTH, end));
  }

  ofResource(resource: string): Pick<KeyAddress, 'resource' | 'tokens' | 'index'> {
    const digest = digestOf(resource);
    return { resource: digest, ...this.#ofSlot(`{${this.#prefix}:${digest}}`) };
  }

  #ofSlot(slot: string): Pick<KeyAddress, 'tokens' | 'index'> {
    return { tokens: `${slot}:g`, index: `${slot}:i` };
  }

  /** @param tag the digest of a tag. */
  tagToken(tag: string): string {
    return `{${this.#prefix}}:t:${tag}`;
  }

  /** @param tag the digest of a tag. */
  tagIndex(tag: string): string {
    return `{${this.#prefix}}:ti:${tag}`;
  }

  lease(key: string): string {
    return `{${this.#prefix}:${digestOf(key)}}:l`;
  }
}

/** The type that Redis should give for one of these keys. */
export function typeOf(key: string): 'string' | 'hash' | 'zset' {
  const kind = key.slice(key.lastIndexOf('}') + 1);
  if (kind.startsWith(':v:')) return 'hash';
  return kind === ':i' || kind.startsWith(':ti:') ? 'zset' : 'string';
}

/** What patterns and slots give a meaning to, the sign of the escape itself, and what no UTF-8 can hold. */
const SPECIAL = /[%*?[\]\\^{}]|[\ud800-\udfff]/gu;

const escape = (namespace: string): string =>
  namespace.replace(SPECIAL, (character) => `%${character.charCodeAt(0).toString(16)}`);
