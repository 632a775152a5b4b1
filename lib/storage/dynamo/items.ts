/** An entry as an item of the table. */
import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import type { EntryFields } from '../entry-shape.js';
import type { RecordCodec } from '../record/codec.js';
import { malformed, type Reading } from '../record/part.js';
import { hashAddress } from '../../support/digest.js';
import { bytesOf, type Item, type ItemKey, keyItem, numberOf, numeric, textOf, TTL } from './schema.js';

/** What of an item is read for a listing: all but the body. */
export const HEAD_ATTRIBUTES = ['p', 's', 'f', 'rev', 'bt', 'tt', 'la', 'n', 'h'] as const;

/** DynamoDB takes items of 400 KB, names and all; a renewal may write some more. */
const LARGEST_ITEM_BYTES = 350_000;
/** An entry is readable for so long after nothing can use it any more, in seconds; clocks differ. */
const TTL_MARGIN_S = 60;

/** An entry without its body, and what it depends on. */
export interface HeadItem {
  readonly key: ItemKey;
  readonly fields: EntryFields;
  readonly base: string;
  readonly tagTokens: readonly string[];
  readonly lookedUpAtMs: number;
  readonly bodyBytes: number;
  /** Undefined: the body is in parts, so many of them. */
  readonly inline: Uint8Array | undefined;
  readonly parts: number;
}

export type NewHead = Pick<HeadItem, 'fields' | 'base' | 'tagTokens' | 'lookedUpAtMs'>;

/** The attributes that a renewal writes. */
export async function headAttributes(codec: RecordCodec, head: NewHead): Promise<Item> {
  const { purgeAtMs, createdAtMs } = head.fields;
  return {
    f: { B: await codec.encodeFields(head.fields) },
    bt: { S: head.base },
    tt: { S: JSON.stringify(head.tagTokens) },
    la: numeric(head.lookedUpAtMs),
    c: numeric(createdAtMs),
    ...(purgeAtMs === Infinity ? {} : { u: numeric(purgeAtMs), [TTL]: ttlOf(purgeAtMs) }),
  };
}

export const ttlOf = (purgeAtMs: number): AttributeValue => numeric(Math.ceil(purgeAtMs / 1000) + TTL_MARGIN_S);

export const revisionOf = (revision: string): string => hashAddress(revision);

/** The item, and the parts of its body that it has no room for; `undefined` where there is none even for the head. */
export async function encodeItem(
  codec: RecordCodec,
  key: ItemKey,
  head: NewHead,
  body: Uint8Array,
): Promise<{ readonly item: Item; readonly parts: readonly Uint8Array[] } | undefined> {
  const { key: ofEntry, variant, revision } = head.fields;
  const attributes = await headAttributes(codec, head);
  const bytes = await codec.encodeBody({ key: ofEntry, variant, revision, body });
  const room = LARGEST_ITEM_BYTES - sizeOf(attributes);
  if (room < 0) return undefined;
  const common = {
    ...keyItem(key),
    ...attributes,
    rev: { S: revisionOf(revision) },
    n: numeric(body.byteLength),
  };
  if (bytes.byteLength <= room) return { item: { ...common, b: { B: bytes } }, parts: [] };
  const parts = Array.from({ length: Math.ceil(bytes.byteLength / LARGEST_ITEM_BYTES) }, (_, index) =>
    bytes.subarray(index * LARGEST_ITEM_BYTES, (index + 1) * LARGEST_ITEM_BYTES),
  );
  return { item: { ...common, h: numeric(parts.length) }, parts };
}

/** Whatever is in the item, it only says what it is. */
export async function readItem(codec: RecordCodec, key: ItemKey, item: Item): Promise<Reading<HeadItem>> {
  const part = bytesOf(item['f']);
  if (part === undefined) return malformed('it has no fields');
  const reading = await codec.readFields(part);
  if (reading.kind !== 'read') return reading;
  const fields = reading.value;
  const tagTokens = textsIn(item['tt']);
  const [base, lookedUpAtMs, bodyBytes] = [textOf(item['bt']), numberOf(item['la']), numberOf(item['n'])];
  const isWhole = base !== undefined && lookedUpAtMs !== undefined && bodyBytes !== undefined;
  if (!isWhole || tagTokens?.length !== fields.tags.length) return malformed('what it depends on cannot be read');
  if (textOf(item['rev']) !== revisionOf(fields.revision)) return malformed('its revision is another');
  const inline = bytesOf(item['b']);
  const parts = numberOf(item['h']) ?? 0;
  return { kind: 'read', value: { key, fields, base, tagTokens, lookedUpAtMs, bodyBytes, inline, parts } };
}

function textsIn(value: AttributeValue | undefined): readonly string[] | undefined {
  try {
    const texts: unknown = JSON.parse(textOf(value) ?? '');
    return Array.isArray(texts) && texts.every((text) => typeof text === 'string') ? texts : undefined;
  } catch {
    return undefined;
  }
}

/** Names and values, as DynamoDB counts them, and the keys. */
const sizeOf = (attributes: Item): number =>
  Object.values(attributes).reduce((sum, { B, S = '' }) => sum + (B?.byteLength ?? 0) + Buffer.byteLength(S) + 32, 400);
