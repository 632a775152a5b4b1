/** The entries of a storage, with what their heads say, and the conditions by which some are chosen. */
import type { CacheStorage, EntryInfo, StoredEntry, StoredEntryInfo } from 'axios-client-cache';
import { inTime, lineOf, UsageError } from './faults.js';
import { isDigest } from '../entries/addresses.js';
import { decodeHead, type EntryHead } from '../entries/head.js';
import { describeListed } from '../entries/listed.js';
import { conditionsOf } from '../manager/conditions.js';
import { anyFilter, type ParsedFilter } from '../options/filters.js';
import { hashAddress } from '../support/digest.js';

export interface Listed {
  readonly info: StoredEntryInfo;
  /** `undefined` where this version cannot read the record. */
  readonly head: EntryHead | undefined;
}

/** The conditions that commands take. */
export interface Conditions {
  readonly host?: string | undefined;
  readonly url?: string | undefined;
  readonly tag?: string | undefined;
  readonly method?: string | undefined;
  readonly status?: string | number | undefined;
  readonly fresh?: boolean | undefined;
  readonly stale?: boolean | undefined;
  readonly expired?: boolean | undefined;
  readonly olderThan?: string | undefined;
}

/** Lists what all conditions choose; none chooses everything. */
export async function* listed(storage: CacheStorage, conditions: Conditions = {}): AsyncIterable<Listed> {
  const isMeant = testOf(conditions, Date.now());
  const iterator = storage.entries()[Symbol.asyncIterator]();
  for (;;) {
    const step = await inTime(iterator.next());
    if (step.done === true) return;
    const each = { info: step.value, head: decodeHead(step.value.head)?.head };
    if (isMeant(each)) yield each;
  }
}

/** Makes a test of the conditions. `--url` is a URL, or with `*` a pattern of one. The others are those of a filter. */
export function testOf(conditions: Conditions, now: number): (entry: Listed) => boolean {
  const { host, url, status, fresh, expired } = conditions;
  const tests: ((entry: Listed) => boolean)[] = conditionsOf(filterOf(conditions), now, shownKey).map(
    (test) => ({ info }) => test(info),
  );
  if (host !== undefined) tests.push(({ head }) => head !== undefined && isOfHost(head.url, String(host)));
  if (url !== undefined) tests.push(({ head }) => head !== undefined && isLike(head.url, String(url)));
  if (status !== undefined) tests.push(statusTest(String(status)));
  if (fresh === true) tests.push(({ info }) => info.expiresAtMs > now);
  if (expired === true) tests.push(({ info }) => info.purgeAtMs <= now);
  return (entry) => tests.every((test) => test(entry));
}

/** A status is one, such as 404, or a class of them, such as 4xx. */
function statusTest(status: string): (entry: Listed) => boolean {
  if (!/^[1-9](\d\d|xx)$/i.test(status)) throw new UsageError('--status takes 200 or 4xx.');
  const beginning = status.replace(/xx$/i, '');
  return ({ head }) => String(head?.status ?? '').startsWith(beginning);
}

/** The parser of arguments makes numbers of what looks like one. */
const textOf = (value: string | undefined): string | undefined => (value === undefined ? undefined : String(value));

function filterOf({ tag, method, stale, olderThan }: Conditions): ParsedFilter {
  const given = { tag: textOf(tag), method: textOf(method), stale: stale === true ? true : undefined, olderThan };
  try {
    return anyFilter(given, '');
  } catch (error) {
    throw new UsageError(lineOf(error).replace(/^\.(\w+)/, (_all, name: string) => OPTIONS[name] ?? name));
  }
}

/** What conditions are called on the command line. */
const OPTIONS: Readonly<Record<string, string>> = { olderThan: '--older-than', method: '--method', tag: '--tag' };

/** A host takes every port; with a port, that one. */
export function isOfHost(url: string, host: string): boolean {
  const of = hostOf(url);
  return of === host.toLowerCase() || (!/:\d+$/.test(host) && of.replace(/:\d+$/, '') === host.toLowerCase());
}

export const hostOf = (url: string): string => /^\w+:\/\/([^/?]*)/.exec(url)?.[1]?.toLowerCase() ?? '';

function isLike(url: string, given: string): boolean {
  const wanted = /^\w+:\/\//.test(given) ? given : `*://${given}`;
  const without = url.replace(/\?.*$/s, '');
  if (!wanted.includes('*')) return url === wanted || without === wanted;
  const pieces = wanted.split(/\*+/);
  return isMadeOf(url, pieces) || (!wanted.includes('?') && isMadeOf(without, pieces)) ||
    isMadeOf(`${without}/`, pieces);
}

/**
 * True where `text` is the pieces in their order, with anything between them. Each piece is taken where it first comes,
 * so that no text takes long, as it may with a regular expression.
 */
function isMadeOf(text: string, pieces: readonly string[]): boolean {
  const [first = '', ...others] = pieces;
  const last = others.pop() ?? '';
  if (!text.startsWith(first)) return false;
  let at = first.length;
  for (const piece of others) {
    const found = text.indexOf(piece, at);
    if (found === -1) return false;
    at = found + piece.length;
  }
  return text.length - last.length >= at && text.endsWith(last);
}

/** A storage that never leaves its process may have keys as texts, which are not to be shown. */
export const shownKey = (key: string): string => (isDigest(key) ? key : hashAddress(key));

/** Gives an entry with the names of `EntryInfo`. */
export const describe = ({ info }: Listed): EntryInfo => describeListed(info, shownKey(info.key), Date.now());

/** Reads an entry with its body; `undefined` where it went meanwhile, or cannot be read. */
export async function readEntry(storage: CacheStorage, info: Address): Promise<StoredEntry | undefined> {
  const entries = await readVariants(storage, info);
  return entries.find(({ variant, revision }) => variant === info.variant && revision === info.revision);
}

/** What an entry is read and deleted by. */
export type Address = Pick<StoredEntryInfo, 'key' | 'resource' | 'variant' | 'revision' | 'tags'>;

/** Reads what is stored for the same request, with the variant that is meant among it. */
export async function readVariants(
  storage: CacheStorage,
  { key, resource, tags }: Address,
): Promise<readonly StoredEntry[]> {
  return (await inTime(storage.get(key, { resource, tags }))).entries;
}

/** Deletes one entry, unless another has taken its place. */
export async function deleteEntry(
  storage: CacheStorage,
  { key, resource, variant, revision }: Address,
): Promise<number> {
  return inTime(storage.delete({ key, resource, variant, revision }));
}
