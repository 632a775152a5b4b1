/** What DynamoStorage invalidates and removes: tokens make entries invalid, and then their room is freed. */
import type { StorageSelector } from '../../api/storage.js';
import { CLOCK_STEP_MS } from '../../rfc9111/freshness.js';
import type { Counts } from '../sweep.js';
import type { EntryItems } from './entry-items.js';
import { HEAD_ATTRIBUTES, type HeadItem } from './items.js';
import { ENTRY_PREFIX, INDEX_PREFIX, type Item, type ItemKey, keyOfItem, numeric, type Schema } from './schema.js';
import { type DynamoTable, nameOf } from './table.js';
import { baseOf, stateOf, tokenOf, type TokenItems } from './tokens.js';
import { hashAddress } from '../../support/digest.js';
import { owns } from '../../support/owns.js';

type KeySelector = Extract<StorageSelector, { readonly key: string }>;

/** Items of tokens as they were before they were changed, by `nameOf` their keys. */
type Former = ReadonlyMap<string, Item | undefined>;

/** So many are looked up or removed at once. */
const AT_ONCE = 25;

export class Removals {
  readonly #table: DynamoTable;
  readonly #schema: Schema;
  readonly #entries: EntryItems;
  readonly #tokens: TokenItems;

  constructor(table: DynamoTable, schema: Schema, entries: EntryItems, tokens: TokenItems) {
    this.#table = table;
    this.#schema = schema;
    this.#entries = entries;
    this.#tokens = tokens;
  }

  /** When this resolves nothing of what is meant is valid any more; what it gives removes and counts. */
  async invalidate(selector: StorageSelector): Promise<Counts> {
    if (owns(selector, 'underWay')) {
      await this.#tokens.invalidateUnderWay();
      return this.#sweep([], NOTHING);
    }
    if (owns(selector, 'tag')) {
      const former = await this.#tokens.invalidateTag(selector.tag);
      return this.#sweep(this.#marked(selector.tag), new Map([[nameOf(this.#schema.tagToken(selector.tag)), former]]));
    }
    const token = this.#schema.resourceToken(selector.resource);
    const isOfKey = owns(selector, 'key');
    const isOfVariant = isOfKey && (selector.variant !== undefined || selector.revision !== undefined);
    if (isOfVariant) return this.#byVariant(selector);
    const former = isOfKey
      ? await this.#tokens.invalidateKey(selector.key, selector.resource)
      : await this.#tokens.invalidateResource(selector.resource);
    const prefix = isOfKey ? `${ENTRY_PREFIX}${hashAddress(selector.key)}#` : ENTRY_PREFIX;
    return this.#sweep(this.#table.query(token.p, prefix, HEAD_ATTRIBUTES), new Map([[nameOf(token), former]]));
  }

  /** Makes everything invalid; what it gives removes it. */
  async all(): Promise<Counts> {
    const token = await this.#tokens.invalidateAll();
    if (token === undefined) return this.#sweep([], NOTHING);
    return this.#sweep(this.#entries.pages('NOT begins_with(bt, :t)', { ':t': { S: token } }), NOTHING);
  }

  /** Removes what has expired. DynamoDB does that as well where the table has its TTL, within some days. */
  async *expired(nowMs: number): Counts {
    const values = { ':now': numeric(nowMs), ':ahead': numeric(nowMs + CLOCK_STEP_MS) };
    for await (const items of this.#entries.pages('(u <= :now OR c > :ahead)', values)) {
      const heads = await this.#entries.readAll('deleteExpired', items);
      yield await this.#removeAll(items, await this.validAmong(heads));
    }
  }

  /** Removes the one entry that is there. */
  async variant(place: ItemKey): Promise<void> {
    for (const item of (await this.#table.read([place], HEAD_ATTRIBUTES)).values()) await this.#entries.remove(item);
  }

  /** Those of the heads that are valid, by the tokens of now, or by those that `former` has of them. */
  async validAmong(heads: readonly HeadItem[], former: Former = NOTHING): Promise<readonly HeadItem[]> {
    if (heads.length === 0) return [];
    const namespace = this.#schema.namespace();
    const resourceOf = ({ fields }: HeadItem): ItemKey => this.#schema.resourceToken(fields.resource);
    const tagsOf = ({ fields }: HeadItem): ItemKey[] => fields.tags.map((tag) => this.#schema.tagToken(tag));
    const keys = heads.flatMap((head) => [resourceOf(head), ...tagsOf(head)]);
    const now = new Map<string, Item | undefined>([...(await this.#table.read([namespace, ...keys])), ...former]);
    const state = stateOf(now.get(nameOf(namespace)));
    return heads.filter((head) => {
      const base = baseOf(state, now.get(nameOf(resourceOf(head))), head.fields.key);
      const ofTags = tagsOf(head).map((tag) => tokenOf(now.get(nameOf(tag))));
      return base === head.base && ofTags.every((token, index) => token === head.tagTokens[index]);
    });
  }

  /** Removes what is not valid by now; what was by `former` counts. */
  async *#sweep(pages: AsyncIterable<readonly Item[]> | Iterable<readonly Item[]>, former: Former): Counts {
    for await (const items of pages) {
      const heads = await this.#entries.readAll('delete', items);
      const [now, before] = await Promise.all([this.validAmong(heads), this.validAmong(heads, former)]);
      const staying = new Set(now.map(({ key }) => nameOf(key)));
      const readable = new Set(heads.map(({ key }) => nameOf(key)));
      const going = items.map((item) => [nameOf(keyOfItem(item)), item] as const)
        .filter(([name]) => readable.has(name) && !staying.has(name))
        .map(([, item]) => item);
      yield await this.#removeAll(going, before);
    }
  }

  async *#byVariant({ key, resource, variant, revision }: KeySelector): Counts {
    const { p } = this.#schema.resourceToken(resource);
    for await (const items of this.#table.query(p, `${ENTRY_PREFIX}${hashAddress(key)}#`, HEAD_ATTRIBUTES)) {
      const isMeant = ({ fields }: HeadItem): boolean =>
        fields.variant === (variant ?? fields.variant) && fields.revision === (revision ?? fields.revision);
      const heads = (await this.#entries.readAll('delete', items)).filter(isMeant);
      const meant = new Set(heads.map((head) => nameOf(head.key)));
      const going = items.filter((item) => meant.has(nameOf(keyOfItem(item))));
      yield await this.#removeAll(going, await this.validAmong(heads));
    }
  }

  /** The items to which the index of a tag leads. Places in it of what is gone are removed. */
  async *#marked(tag: string): AsyncGenerator<readonly Item[]> {
    const { p } = this.#schema.tagToken(tag);
    for await (const marks of this.#table.query(p, INDEX_PREFIX)) {
      for (let from = 0; from < marks.length; from += AT_ONCE) {
        const some = marks.slice(from, from + AT_ONCE).map(keyOfItem);
        const found = await this.#table.read(some.map((mark) => this.#schema.indexedEntry(mark)), HEAD_ATTRIBUTES);
        yield [...found.values()];
        const gone = some.filter((mark) => !found.has(nameOf(this.#schema.indexedEntry(mark))));
        await this.#table.write(gone.map((remove) => ({ remove })));
      }
    }
  }

  /** How many of those that `counted` has went. */
  async #removeAll(items: readonly Item[], counted: readonly HeadItem[]): Promise<number> {
    const names = new Set(counted.map(({ key }) => nameOf(key)));
    let count = 0;
    for (let from = 0; from < items.length; from += AT_ONCE) {
      const some = items.slice(from, from + AT_ONCE);
      const removed = await Promise.all(some.map((item) => this.#entries.remove(item)));
      count += some.filter((item, index) => removed[index] === true && names.has(nameOf(keyOfItem(item)))).length;
    }
    return count;
  }
}

const NOTHING: Former = new Map();
