/** What the page of `ui` shows of one entry: why it is fresh or not, its headers, its body and its variants. */
import type { CacheManager, CacheStorage, StoredEntry } from 'axios-client-cache';
import { decodeHead, type EntryHead } from '../../entries/head.js';
import { lifetimeText } from '../lifetime.js';
import { type Address, describe, type Listed, readVariants } from '../listing.js';
import { contentType, pretty, shownHeaders, textOf } from '../shown.js';
import type { Addresses } from './addresses.js';
import { type Row, rowOf } from './listing.js';

/** What a page may show of a body; everything else is bytes. */
export type Preview =
  | { readonly kind: 'text'; readonly text: string; readonly isCut: boolean }
  | { readonly kind: 'image'; readonly type: string }
  | { readonly kind: 'bytes'; readonly type: string };

export interface Variant {
  readonly row: Row;
  /** The request headers by which it was chosen. */
  readonly varies: readonly string[];
}

export interface EntryView extends Variant {
  readonly statusText: string;
  /** Until when it is fresh, and who said so. */
  readonly lifetime: string;
  readonly redirectsTo: string | undefined;
  readonly finalUrl: string | undefined;
  readonly headers: readonly (readonly [name: string, value: string])[];
  readonly preview: Preview;
  /** What else is stored for the same request: other variants of it. */
  readonly variants: readonly Variant[];
}

/** A preview has no more letters. */
const MOST_LETTERS = 200_000;
const OTHER_REQUEST =
  'This entry is for another request of its URL: for a user, or with headers, parameters or a body of its own. What is explained is the plain one.';
/** As an image none of them can run a script, SVG included. */
const IMAGES = /^image\/(?:png|jpeg|gif|webp|avif|bmp|x-icon|vnd\.microsoft\.icon|svg\+xml)$/;

/** @returns `undefined` where the entry went, or was renewed, or cannot be read. */
export async function viewOf(
  storage: CacheStorage,
  address: Address,
  addresses: Addresses,
): Promise<EntryView | undefined> {
  const stored = await readVariants(storage, address);
  const entry = stored.find((each) => each.variant === address.variant && each.revision === address.revision);
  const head = entry && decodeHead(entry.head)?.head;
  if (entry === undefined || head === undefined) return undefined;
  const variantOf = (each: StoredEntry): Variant => {
    const known = listedOf(each);
    const varies = known.head?.vary.map(([name, value]) => (value === null ? `no ${name}` : name)) ?? [];
    return { row: rowOf(known, addresses), varies };
  };
  return {
    ...variantOf(entry),
    statusText: head.statusText,
    lifetime: lifetimeText(listedOf(entry).info, head),
    redirectsTo: head.redirectsTo,
    finalUrl: head.finalUrl,
    headers: shownHeaders(head),
    preview: previewOf(entry, head),
    variants: stored.filter((each) => each !== entry).map(variantOf),
  };
}

const listedOf = ({ body, ...entry }: StoredEntry): Listed => ({
  info: { ...entry, bodyBytes: body.byteLength },
  head: decodeHead(entry.head)?.head,
});

/** Gives the type of an image that a page may show; `undefined` for everything else. */
export function imageType(head: Pick<EntryHead, 'headers'>): string | undefined {
  const type = contentType(head).split(';')[0]?.trim().toLowerCase() ?? '';
  return IMAGES.test(type) ? type : undefined;
}

function previewOf(entry: StoredEntry, head: EntryHead): Preview {
  const image = imageType(head);
  if (image !== undefined) return { kind: 'image', type: image };
  const text = textOf(entry);
  if (text === undefined) return { kind: 'bytes', type: contentType(head) };
  const shown = text.length > MOST_LETTERS ? text : pretty(text);
  return { kind: 'text', text: shown.slice(0, MOST_LETTERS), isCut: shown.length > MOST_LETTERS };
}

/** Says what would happen to the request of an entry now, as far as what is stored tells which request that was. */
export async function explained(storage: CacheStorage, manager: CacheManager, address: Address): Promise<string> {
  const stored = await readVariants(storage, address);
  const entry = stored.find((each) => each.variant === address.variant);
  if (entry === undefined) return 'It is gone.';
  const { url, method, key } = describe(listedOf(entry));
  const explanation = await manager.explain(url, { method });
  return explanation.key === key ? String(explanation) : `${OTHER_REQUEST}\n\n${String(explanation)}`;
}
