/** The storage in a table of DynamoDB. */
import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import { CacheError } from '../../api/errors.js';
import type {
  CacheStorage,
  EvictionListener,
  Fence,
  ProblemListener,
  RenewedEntry,
  StorageOperation,
  StorageReading,
  StorageScope,
  StorageSelector,
  StoredEntry,
  StoredEntryInfo,
} from '../../api/storage.js';
import { Calls } from '../calls.js';
import { ClosableStorage } from '../closed.js';
import { fieldsOf, infoOf } from '../entry-shape.js';
import { type Attempt, Reports } from '../reports.js';
import type { RecordCodec } from '../record/codec.js';
import { openValue, sealValue } from '../record/values.js';
import { atOf, preciseNow } from '../seen-fences.js';
import { countForAWhile } from '../sweep.js';
import { DynamoConnection } from './connection.js';
import { EntryItems } from './entry-items.js';
import { fences, type Held, isOutdated, type Seen } from './fences.js';
import { encodeItem, headAttributes, type HeadItem, type NewHead, revisionOf } from './items.js';
import { type DynamoStorageOptions, resolveDynamoOptions } from './options.js';
import { Removals } from './removals.js';
import { addressOf, type Item, Schema, textOf } from './schema.js';
import { DynamoTable } from './table.js';
import { baseOf, type FoundTokens, TokenItems, type Tokens } from './tokens.js';
import { owns } from '../../support/owns.js';

/**
 * Keeps entries in a table of DynamoDB, for any number of processes at once. The SDK is loaded by the first call.
 *
 * @throws CacheError `ERR_CACHE_OPTION` from the constructor, for an option that is unknown or wrong;
 * `ERR_CACHE_DRIVER` from the first call where `@aws-sdk/client-dynamodb` is not installed.
 */
export class DynamoStorage extends ClosableStorage implements CacheStorage {
  readonly name = 'dynamodb';
  readonly #codec: RecordCodec;
  readonly #schema: Schema;
  readonly #connection: DynamoConnection;
  readonly #table: DynamoTable;
  readonly #tokens: TokenItems;
  readonly #entries: EntryItems;
  readonly #removals: Removals;
  readonly #reports = new Reports('DynamoStorage');
  readonly #calls = new Calls(this.name, this.#reports);

  /** @param target the table, or options. */
  constructor(target: string | DynamoStorageOptions) {
    super();
    const { table, client, createIfMissing, namespace, codec } = resolveDynamoOptions(target);
    this.#codec = codec;
    this.#schema = new Schema(namespace);
    this.#connection = new DynamoConnection({
      table,
      client,
      createIfMissing,
      onWithoutTtl: (cause) => { this.#reports.failure('get', 'the TTL of the table cannot be enabled', cause); },
    });
    this.#table = new DynamoTable(this.#connection);
    this.#tokens = new TokenItems(this.#table, this.#schema, this.#reports);
    this.#entries = new EntryItems(this.#table, this.#schema, codec, this.#reports);
    this.#removals = new Removals(this.#table, this.#schema, this.#entries, this.#tokens);
  }

  /** Two requests at once where all is known; a third for tags that only the answer named, or for a large body. */
  get(key: string, scope: StorageScope): Promise<StorageReading> {
    return this.#calls.run(async () => {
      const { resource, tags } = scope;
      const [found, stored] = await Promise.all([
        this.#tokens.find(resource, tags),
        this.#entries.ofKey('get', key, resource),
      ]);
      const accepted = await this.#valid(key, found, stored);
      const [bodies, made] = await Promise.all([
        Promise.all(accepted.map((head) => this.#entries.body('get', head))),
        this.#complete(key, resource, found),
      ]);
      const fence = owns(made, 'cause') ? fences.failed(made.cause) : fences.make({
        key,
        resource,
        tokens: made.value,
        revisions: new Map(stored.map(({ fields }) => [fields.variant, fields.revision])),
        held: new Map(accepted.map((head) => [head.fields.revision, heldOf(head)])),
        atMs: preciseNow(),
      });
      const entries = accepted.flatMap(({ fields }, index) => {
        const body = bodies[index];
        return body === undefined ? [] : [{ ...fields, body }];
      });
      return { entries, fence };
    });
  }

  async #valid(key: string, found: FoundTokens, heads: readonly HeadItem[]): Promise<readonly HeadItem[]> {
    const base = baseOf(found.namespace, found.resource, key);
    const based = heads.filter((head) => head.base === base);
    const unknown = based.flatMap(({ fields }) => fields.tags).filter((tag) => !found.tags.has(tag));
    const known = new Map([...found.tags].map(([tag, item]) => [tag, textOf(item?.['t'])]));
    const others = unknown.length === 0 ? known : await this.#tokens.findTags(unknown);
    const tokenOf = (tag: string): string | undefined => known.get(tag) ?? others.get(tag);
    const isValid = ({ fields, tagTokens }: HeadItem): boolean =>
      fields.tags.every((tag, index) => tokenOf(tag) === tagTokens[index]);
    return based.filter(isValid);
  }

  /** What is stored can be read where nothing may be written; and nothing is stored by the fence then. */
  #complete(key: string, resource: string, found: FoundTokens): Promise<Attempt<Tokens>> {
    return this.#reports.tolerate('get', 'nothing can be stored', () => this.#tokens.complete(key, resource, found));
  }

  set(entry: StoredEntry, fence?: Fence): Promise<boolean> {
    return this.#calls.run(async () => {
      const seen = fences.seenBy(fence);
      if (seen === 'nothing') return false;
      const { key, resource, variant } = entry;
      const admitted = await this.#admit(entry, entry.tags, seen);
      if (admitted === undefined) return false;
      const place = this.#schema.entry(addressOf(key, resource, variant));
      const encoded = await encodeItem(this.#codec, place, newHead(entry, admitted.tokens, atOf(seen)), entry.body);
      if (encoded === undefined) {
        await this.#removals.variant(place);
        this.#reports.evicted(infoOf(entry));
        return false;
      }
      await this.#prepare(entry, admitted.found);
      const seenRevision = seen?.key === key ? seen.revisions.get(variant) : undefined;
      const there = seen && { revision: seenRevision };
      return this.#entries.put(revisionOf(entry.revision), place, encoded, there);
    });
  }

  touch(entry: RenewedEntry, fence?: Fence): Promise<boolean> {
    return this.#calls.run(async () => {
      const seen = fences.seenBy(fence);
      if (seen === 'nothing') return false;
      const place = this.#schema.entry(addressOf(entry.key, entry.resource, entry.variant));
      const held = seen === undefined ? await this.#stored(entry) : seen.held.get(entry.revision);
      if (held === undefined) return false;
      const admitted = await this.#admit(entry, [...entry.tags, ...held.tags.keys()], seen);
      if (admitted === undefined || !stands(held, admitted.tokens)) return false;
      await this.#prepare(entry, admitted.found);
      const lookedUpAtMs = Math.max(atOf(seen), held.lookedUpAtMs);
      const attributes = await headAttributes(this.#codec, newHead(entry, admitted.tokens, lookedUpAtMs));
      return this.#entries.renew(place, attributes, {
        rev: { S: revisionOf(entry.revision) },
        bt: { S: held.base },
        tt: { S: JSON.stringify(held.tagTokens) },
      });
    });
  }

  /** What a renewal without a look-up finds. */
  async #stored({ key, resource, variant, revision }: RenewedEntry): Promise<Held | undefined> {
    const heads = await this.#entries.ofKey('touch', key, resource);
    const head = heads.find(({ fields }) => fields.variant === variant && fields.revision === revision);
    return head && heldOf(head);
  }

  /** The tokens that the entry is written with; `undefined` where it must not be. */
  async #admit(
    entry: RenewedEntry,
    tags: readonly string[],
    seen: Seen | undefined,
  ): Promise<{ readonly tokens: Tokens; readonly found: FoundTokens } | undefined> {
    const found = await this.#tokens.find(entry.resource, tags);
    const tokens = await this.#tokens.complete(entry.key, entry.resource, found);
    if (seen === undefined) return { tokens, found };
    // The counts are read after the tokens, as who invalidates counts first.
    const namespace = await this.#tokens.namespace();
    return isOutdated(seen, entry, tokens, namespace) ? undefined : { tokens, found };
  }

  /** What has to be there before the entry: the places by which a tag finds it, and tokens that live as long. */
  async #prepare(entry: RenewedEntry, found: FoundTokens): Promise<void> {
    await Promise.all([
      this.#entries.index(entry),
      this.#tokens.prolong(entry.resource, found, entry.purgeAtMs),
    ]);
  }

  delete(selector: StorageSelector): Promise<number> {
    return this.#calls.run(async () => this.#count('delete', await this.#removals.invalidate(selector)));
  }

  deleteExpired(nowMs: number): Promise<number> {
    return this.#calls.run(() => this.#count('deleteExpired', this.#removals.expired(nowMs)));
  }

  clear(): Promise<void> {
    return this.#calls.run(async () => {
      await this.#count('clear', await this.#removals.all());
    });
  }

  /** The tokens have made invalid what these remove, so that nobody need wait for all of it, nor does the end. */
  #count(operation: StorageOperation, counts: AsyncIterable<number>): Promise<number> {
    const { count, rest } = countForAWhile(counts, () => this.#calls.isEnding);
    this.#calls.goOn(operation, 'not all could be removed', () => rest);
    return count;
  }

  /** A page of the table at a time. */
  entries(): AsyncIterable<StoredEntryInfo> {
    const pages = this.#entries.pages();
    return this.#calls.pages(async () => {
      const page = await pages.next();
      return page.done === true ? undefined : this.#list(page.value);
    });
  }

  async #list(items: readonly Item[]): Promise<readonly StoredEntryInfo[]> {
    const heads = await this.#entries.readAll('entries', items);
    const valid = await this.#removals.validAmong(heads);
    return valid.map(({ fields, bodyBytes }) => ({ ...fields, bodyBytes }));
  }

  meta(name: string, makeIfAbsent: () => string): Promise<string> {
    return this.#calls.run(async () => {
      const key = this.#schema.meta(name);
      const read = async (): Promise<AttributeValue | undefined> =>
        [...(await this.#table.read([key])).values()][0]?.['v'];
      const opened = (written: AttributeValue | undefined): Promise<string | undefined> =>
        openValue(this.#codec, name, parseText(textOf(written)));
      const former = await read();
      const known = await opened(former);
      if (known !== undefined) return known;
      const made = await sealValue(this.#codec, name, makeIfAbsent());
      // Where another process was faster, its value stays; one that is damaged, or of other keys, does not.
      await this.#table.update(key, {
        update: 'SET v = :v',
        condition: former === undefined ? 'attribute_not_exists(v)' : 'v = :former',
        // Half of a surrogate pair does not survive the way, but for JSON.
        values: { ':v': { S: JSON.stringify(made) }, ...(former && { ':former': former }) },
      });
      const value = await opened(await read());
      if (value === undefined) throw new CacheError('ERR_CACHE_STORAGE', `DynamoStorage: meta "${name}" is lost`);
      return value;
    });
  }

  onEvicted(listener: EvictionListener): () => void {
    return this.#reports.onEvicted(listener);
  }

  onProblem(listener: ProblemListener): () => void {
    return this.#reports.onProblem(listener);
  }

  /** Waits for calls under way. A client of the user's stays open. */
  close(): Promise<void> {
    return this.#calls.end(() => { this.#connection.close(); });
  }
}

const newHead = (entry: RenewedEntry, { base, tags }: Tokens, lookedUpAtMs: number): NewHead => ({
  fields: fieldsOf(entry),
  base,
  tagTokens: entry.tags.map((tag) => tags.get(tag) ?? ''),
  lookedUpAtMs,
});

function parseText(json: string | undefined): string | undefined {
  try {
    const text: unknown = JSON.parse(json ?? '');
    return typeof text === 'string' ? text : undefined;
  } catch {
    return undefined;
  }
}

const heldOf = ({ base, fields, tagTokens, lookedUpAtMs }: HeadItem): Held => ({
  base,
  tagTokens,
  tags: new Map(fields.tags.map((tag, index) => [tag, tagTokens[index] ?? ''])),
  lookedUpAtMs,
});

const stands = (held: Held, now: Tokens): boolean =>
  held.base === now.base && [...held.tags].every(([tag, token]) => now.tags.get(tag) === token);
