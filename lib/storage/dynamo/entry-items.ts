/** The items of entries: written, read and removed, with the parts of large bodies. */
import type { RenewedEntry, StorageOperation } from '../../api/storage.js';
import type { RecordCodec } from '../record/codec.js';
import type { Malformed } from '../record/part.js';
import type { Reports } from '../reports.js';
import { type encodeItem, HEAD_ATTRIBUTES, type HeadItem, readItem, revisionOf, ttlOf } from './items.js';
import {
  addressOf, bytesOf, ENTRY_PREFIX, type Item, type ItemKey, keyItem, keyOfItem, numberOf, PARTITION, type Schema, SORT,
  textOf, TTL,
} from './schema.js';
import { type DynamoTable, nameOf, type Write } from './table.js';
import { hashAddress } from '../../support/digest.js';

type Encoded = NonNullable<Awaited<ReturnType<typeof encodeItem>>>;

/** Which revision the look-up that led to an entry has seen in its place. */
export interface SeenThere {
  readonly revision: string | undefined;
}

export class EntryItems {
  readonly #table: DynamoTable;
  readonly #schema: Schema;
  readonly #codec: RecordCodec;
  readonly #reports: Reports;

  constructor(table: DynamoTable, schema: Schema, codec: RecordCodec, reports: Reports) {
    this.#table = table;
    this.#schema = schema;
    this.#codec = codec;
    this.#reports = reports;
  }

  /** All variants of a key that can be read and are of use. The TTL removes some days late. */
  async ofKey(operation: StorageOperation, key: string, resource: string): Promise<readonly HeadItem[]> {
    const { p } = this.#schema.resourceToken(resource);
    const heads: HeadItem[] = [];
    for await (const items of this.#table.query(p, `${ENTRY_PREFIX}${hashAddress(key)}#`)) {
      heads.push(...(await this.readAll(operation, items)));
    }
    const nowMs = Date.now();
    return heads.filter(({ fields }) => fields.key === key && fields.purgeAtMs > nowMs);
  }

  /** The heads in these items. Damage is told and removed. */
  async readAll(operation: StorageOperation, items: readonly Item[]): Promise<readonly HeadItem[]> {
    const readings = await Promise.all(items.map((item) => readItem(this.#codec, keyOfItem(item), item)));
    const heads: HeadItem[] = [];
    for (const [index, reading] of readings.entries()) {
      const item = items[index];
      if (reading.kind === 'read') heads.push(reading.value);
      else if (reading.kind === 'malformed' && item !== undefined) await this.#dropDamaged(operation, item, reading);
    }
    return heads;
  }

  /** The body of a head that is valid; `undefined` where it was replaced meanwhile, or is damaged. */
  async body(operation: StorageOperation, head: HeadItem): Promise<Uint8Array | undefined> {
    const part = head.inline ?? (await this.#joined(head));
    if (part === undefined) return undefined;
    const reading = await this.#codec.readBody(part, head.fields);
    if (reading.kind === 'read') return reading.value;
    if (reading.kind === 'malformed') {
      const item = { ...keyItem(head.key), rev: { S: revisionOf(head.fields.revision) } };
      await this.#dropDamaged(operation, item, reading);
    }
    return undefined;
  }

  async #joined({ key, fields, parts }: HeadItem): Promise<Uint8Array | undefined> {
    const keys = this.#parts(key, revisionOf(fields.revision), parts);
    const found = await Promise.all(keys.map((each) => this.#table.read([each])));
    const pieces = found.map((items, index) => bytesOf(items.get(nameOf(keys[index] ?? key))?.['b']));
    const whole = pieces.filter((piece) => piece !== undefined);
    return whole.length === parts ? Buffer.concat(whole) : undefined;
  }

  /** Where the entries with a tag are to be looked for. */
  async index(entry: RenewedEntry): Promise<void> {
    const address = addressOf(entry.key, entry.resource, entry.variant);
    const ttl = entry.purgeAtMs === Infinity ? {} : { [TTL]: ttlOf(entry.purgeAtMs) };
    await this.#table.write(
      [...new Set(entry.tags)].map((tag) => ({ put: { ...keyItem(this.#schema.index(tag, address)), ...ttl } })),
    );
  }

  /**
   * Writes an entry; false where another answer is there that was looked up later. One that is there by other tokens is
   * invalid, or was looked up before them.
   */
  async put(revision: string, place: ItemKey, { item, parts }: Encoded, seen: SeenThere | undefined): Promise<boolean> {
    const ttl = item[TTL] === undefined ? {} : { [TTL]: item[TTL] };
    const keys = this.#parts(place, revision, parts.length);
    // The head goes last: who finds it finds all parts.
    const writes = parts.map((part, index): Write[] => {
      const key = keys[index];
      return key === undefined ? [] : [{ put: { ...keyItem(key), ...ttl, b: { B: part } } }];
    });
    await this.#table.write(writes.flat());
    const former = await this.#putHead(item, seen);
    if (former === undefined) {
      await this.#table.write(keys.map((remove) => ({ remove })));
      return false;
    }
    if (textOf(former['rev']) !== revision) await this.removeParts(former);
    return true;
  }

  #putHead(item: Item, seen: SeenThere | undefined): Promise<Item | undefined> {
    if (seen === undefined) return this.#table.put(item);
    const { bt = { S: '' }, la = { N: '0' } } = item;
    return this.#table.put(item, 'attribute_not_exists(p) OR rev = :seen OR bt <> :bt OR la <= :la', {
      ':seen': { S: seen.revision === undefined ? '' : revisionOf(seen.revision) },
      ':bt': bt,
      ':la': la,
    });
  }

  /** Writes the attributes of a head where `expected` are those that are there. */
  async renew(place: ItemKey, attributes: Item, expected: Item): Promise<boolean> {
    // What the new head does not have goes: the times at which one was to be removed that stays now.
    const gone = ['u', TTL].filter((name) => attributes[name] === undefined);
    const sets = Object.keys(attributes).map((name) => `${name} = :${name}`).join(', ');
    const renewed = await this.#table.update(place, {
      update: gone.length === 0 ? `SET ${sets}` : `SET ${sets} REMOVE ${gone.join(', ')}`,
      condition: Object.keys(expected).map((name) => `${name} = :was_${name}`).join(' AND '),
      values: {
        ...Object.fromEntries(Object.entries(attributes).map(([name, value]) => [`:${name}`, value])),
        ...Object.fromEntries(Object.entries(expected).map(([name, value]) => [`:was_${name}`, value])),
      },
    });
    return renewed !== undefined;
  }

  /** All entries of the namespace, without their bodies. */
  pages(filter = '', values: Item = {}): AsyncGenerator<readonly Item[]> {
    const ofNamespace = `begins_with(${PARTITION}, :p) AND begins_with(${SORT}, :s)`;
    return this.#table.scan(
      filter === '' ? ofNamespace : `${ofNamespace} AND ${filter}`,
      { ':p': { S: `${this.#schema.prefix}r#` }, ':s': { S: ENTRY_PREFIX }, ...values },
      HEAD_ATTRIBUTES,
    );
  }

  /** Removes an entry where its revision is still this one. */
  async remove(item: Item): Promise<boolean> {
    const { rev } = item;
    const isGone = rev === undefined
      ? await this.#table.remove(keyOfItem(item), 'attribute_not_exists(rev)')
      : await this.#table.remove(keyOfItem(item), 'rev = :rev', { ':rev': rev });
    if (isGone) await this.removeParts(item);
    return isGone;
  }

  async removeParts(item: Item): Promise<void> {
    const keys = this.#parts(keyOfItem(item), textOf(item['rev']) ?? '', numberOf(item['h']) ?? 0);
    await this.#table.write(keys.map((remove) => ({ remove })));
  }

  #parts(place: ItemKey, revision: string, count: number): readonly ItemKey[] {
    return Array.from({ length: count }, (_, number) => this.#schema.chunk(place, revision, number));
  }

  async #dropDamaged(operation: StorageOperation, item: Item, reading: Malformed): Promise<void> {
    this.#reports.damage(operation, reading);
    try {
      await this.remove(item);
    } catch {
      // Nothing may be removed here: it is found damaged again, and is absent again.
    }
  }
}
