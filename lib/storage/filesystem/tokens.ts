/**
 * What tells FilesystemStorage that an entry, or an answer under way, was invalidated. A token is a file with a random
 * text: a record names those that stood when it was asked for, and is valid as long as every one of them stands. A
 * token that is gone makes records invalid, so that one may be lost at any time, and nothing comes back by it.
 */
import { randomBytes } from 'node:crypto';
import type { Files } from './files.js';
import type { Head } from './heads.js';
import type { KeyPlace, Places } from './places.js';
import { encoder } from '../../support/utf8.js';

/** What stands now, or stood at a look-up. */
export interface Tokens {
  readonly namespace: string;
  readonly resource: string;
  readonly key: string;
  readonly tags: ReadonlyMap<string, string>;
}

/** As they are found: `undefined` for one that is not there, or is damaged. */
export interface FoundTokens {
  readonly namespace: string | undefined;
  readonly resource: string | undefined;
  readonly key: string | undefined;
  readonly tags: ReadonlyMap<string, string | undefined>;
}

/**
 * How often something was invalidated in the namespace, and how often what is under way was. They are compared and
 * nothing else.
 */
export interface Clocks {
  readonly changes: string;
  readonly listings: string;
}

/** A clock that has become so long begins anew. */
const LONGEST_CLOCK_BYTES = 1_000_000;
const TOKEN_TEXT = /^[\w-]{16}$/;
const LONGEST_TOKEN_BYTES = 64;
/** How often a token is made anew that another process removes at once. */
const ATTEMPTS = 10;

export class TokenFiles {
  readonly #files: Files;
  readonly #places: Places;

  constructor(files: Files, places: Places) {
    this.#files = files;
    this.#places = places;
  }

  async clocks(): Promise<Clocks> {
    const { changes, listings } = this.#places;
    const [ofChanges, ofListings] = await Promise.all([this.#clock(changes), this.#clock(listings)]);
    return { changes: ofChanges, listings: ofListings };
  }

  namespace(): Promise<string | undefined> {
    return this.read(this.#places.namespaceToken);
  }

  async find(place: KeyPlace, tags: Iterable<string>): Promise<FoundTokens> {
    const names = [...new Set(tags)];
    const [namespace, resource, key, ...ofTags] = await Promise.all([
      this.namespace(),
      this.read(place.resourceToken),
      this.read(place.keyToken),
      ...names.map((tag) => this.read(this.#places.tagToken(tag))),
    ]);
    return { namespace, resource, key, tags: new Map(names.map((tag, index) => [tag, ofTags[index]])) };
  }

  /** Makes those that are not there. Where another process was faster, its token stands. */
  async complete(place: KeyPlace, found: FoundTokens): Promise<Tokens> {
    const madeAt = async (path: string, token: string | undefined): Promise<string> => token ?? this.#make(path);
    const [namespace, resource, key, ...ofTags] = await Promise.all([
      madeAt(this.#places.namespaceToken, found.namespace),
      madeAt(place.resourceToken, found.resource),
      madeAt(place.keyToken, found.key),
      ...[...found.tags].map(([tag, token]) => madeAt(this.#places.tagToken(tag), token)),
    ]);
    const tags = new Map([...found.tags.keys()].map((tag, index) => [tag, ofTags[index] ?? '']));
    return { namespace, resource, key, tags };
  }

  /** Whether the entry is valid by what was found; tokens of tags that are not among it are looked up. */
  async isValid({ tokens, fields }: Head, found: FoundTokens): Promise<boolean> {
    const { namespace, resource, key } = found;
    if (tokens.namespace !== namespace || tokens.resource !== resource || tokens.key !== key) return false;
    const tokenNow = async (tag: string): Promise<string | undefined> =>
      found.tags.has(tag) ? found.tags.get(tag) : this.read(this.#places.tagToken(tag));
    const now = await Promise.all(fields.tags.map(tokenNow));
    return tokens.tags.every((token, index) => token === now[index]);
  }

  /** The token in a file; `undefined` where there is none, or something else. */
  async read(path: string): Promise<string | undefined> {
    const found = await this.#files.read(path, LONGEST_TOKEN_BYTES);
    if (found === 'absent' || found === 'unfit') return undefined;
    const text = Buffer.from(found.bytes).toString('latin1');
    return TOKEN_TEXT.test(text) ? text : undefined;
  }

  /**
   * Notes an invalidation, and changes its token where there is one; gives the former. The clock goes first: who stores
   * an answer with a tag that its look-up did not know reads the tokens first, and then the clock.
   */
  async invalidate(token: string): Promise<string | undefined> {
    if (!(await this.#isInUse())) return undefined;
    await this.#tick(this.#places.changes);
    const former = await this.read(token);
    if (former !== undefined) await this.#change(token);
    return former;
  }

  async invalidateUnderWay(): Promise<void> {
    if (await this.#isInUse()) await this.#tick(this.#places.listings);
  }

  async invalidateAll(): Promise<void> {
    if (await this.#isInUse()) await this.#change(this.#places.namespaceToken);
  }

  /** Nothing was ever looked up where not even the namespace has a token: then there is nothing to be invalidated. */
  async #isInUse(): Promise<boolean> {
    return (await this.#files.stat(this.#places.namespaceToken)) !== undefined;
  }

  /** Of which file it is, and its length: a clock that began anew is another one. */
  async #clock(path: string): Promise<string> {
    const stats = await this.#files.stat(path);
    return stats === undefined ? '' : `${stats.ino}.${stats.size}`;
  }

  /** Where the clock cannot be written, the namespace goes without its token: then nothing in it is valid. */
  async #tick(path: string): Promise<void> {
    try {
      const stats = await this.#files.stat(path);
      if (stats !== undefined && (!stats.isFile() || stats.size > LONGEST_CLOCK_BYTES)) {
        await this.#files.replace(path, encoder.encode('.'));
      } else {
        await this.#files.append(path);
      }
    } catch (error) {
      await this.#removeOr(this.#places.namespaceToken, error);
    }
  }

  /** On a disk that is full a file can still be removed, and a token that is gone makes invalid as well. */
  async #change(path: string): Promise<void> {
    try {
      await this.#files.replace(path, encoder.encode(newToken()));
    } catch (error) {
      await this.#removeOr(path, error);
    }
  }

  async #removeOr(path: string, error: unknown): Promise<void> {
    try {
      await this.#files.remove(path);
    } catch {
      throw error;
    }
  }

  async #make(path: string): Promise<string> {
    for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
      const made = newToken();
      if (await this.#files.makeIfAbsent(path, encoder.encode(made))) return made;
      const others = await this.read(path);
      if (others !== undefined) return others;
      // One that is damaged would never be read, and one that is gone is made now.
      await this.#files.remove(path);
    }
    throw new Error('a token is removed again and again');
  }
}

/** 96 random bits: no token ever comes back. */
const newToken = (): string => randomBytes(12).toString('base64url');
