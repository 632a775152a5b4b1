/**
 * This file writes the head of an entry as a short text, and checks it on reading. The head is everything but the body
 * that an answer is rebuilt from.
 */
import { BODY_KINDS, type BodyKind } from './body.js';
import { describeStored } from '../rfc9111/describe-stored.js';
import type { Lifetime, Stored, StoredHead } from '../rfc9111/model.js';
import { remembered } from '../support/memo.js';

/** It is what an entry's head holds: the StoredHead that decisions read, and what an answer is rebuilt from. */
export interface EntryHead extends StoredHead {
  readonly bodyKind: BodyKind;
  /** It maps a lower-case header name to the adapter's spelling of it, where the two differ. */
  readonly headerCase: Readonly<Record<string, string>>;
  /** It is the URL that answered in the end, without credentials; it is undefined where that is the entry's own URL. */
  readonly finalUrl: string | undefined;
}

/**
 * It must be raised when heads are written so that earlier versions would misread them. A head with another number is
 * not read.
 */
const FORMAT = 2;

/**
 * A head is written as a list in JSON, as the members of an object would repeat their names in each entry. The list has
 * header names as they were spelt, each before its value. The exchange time is how long the request was sent before the
 * response came. `null` stands for a lifetime without end. Sources, bases and kinds are positions in the lists below.
 * The last member is left out where it would be empty.
 */
type WrittenHead = readonly [
  format: typeof FORMAT,
  url: string,
  method: string,
  status: number,
  statusText: string,
  headers: readonly (string | readonly string[])[],
  responseTime: number,
  exchangeTime: number,
  seconds: number | null,
  source: number,
  basis: number,
  headersHonoured: 0 | 1,
  bodyKind: number,
  rarities?: Rarities,
];

/** These members are present in few heads. */
interface Rarities {
  readonly vary?: StoredHead['vary'] | undefined;
  /** It holds spellings of names that the headers do not have. */
  readonly headerCase?: EntryHead['headerCase'] | undefined;
  readonly finalUrl?: string | undefined;
  readonly redirectsTo?: string | undefined;
}

const SOURCES: readonly Lifetime['source'][] = ['response', 'request', 'url', 'session', 'default'];
const BASES: readonly Lifetime['basis'][] = ['age', 'receipt'];

export function encodeHead(head: EntryHead): string {
  const { lifetime, vary, finalUrl, redirectsTo } = head;
  const headerCase = otherSpellings(head);
  const written: WrittenHead = [
    FORMAT,
    head.url,
    head.method,
    head.status,
    head.statusText,
    speltHeaders(head),
    head.responseTime,
    head.responseTime - head.requestTime,
    lifetime.seconds === Infinity ? null : lifetime.seconds,
    SOURCES.indexOf(lifetime.source),
    BASES.indexOf(lifetime.basis),
    head.headersHonoured ? 1 : 0,
    BODY_KINDS.indexOf(head.bodyKind),
  ];
  const isPlain = vary.length === 0 && headerCase === undefined && finalUrl === undefined && redirectsTo === undefined;
  if (isPlain) return JSON.stringify(written);
  const rarities: Rarities = { vary: vary.length === 0 ? undefined : vary, headerCase, finalUrl, redirectsTo };
  return JSON.stringify([...written, rarities]);
}

/** It returns a spelling that differs from the name in case only, and undefined where there is none. */
function spellingOf(name: string, headerCase: EntryHead['headerCase']): string | undefined {
  const spelling = Object.hasOwn(headerCase, name) ? headerCase[name] : undefined;
  return spelling?.toLowerCase() === name ? spelling : undefined;
}

function speltHeaders({ headers, headerCase }: EntryHead): WrittenHead[5] {
  const spelt: (string | readonly string[])[] = [];
  for (const name of Object.keys(headers)) spelt.push(spellingOf(name, headerCase) ?? name, headers[name] ?? '');
  return spelt;
}

/** It returns the spellings that the written headers do not contain. */
function otherSpellings({ headers, headerCase }: EntryHead): EntryHead['headerCase'] | undefined {
  let others: Record<string, string> | undefined;
  for (const name of Object.keys(headerCase)) {
    if (Object.hasOwn(headers, name) && spellingOf(name, headerCase) !== undefined) continue;
    others ??= Object.create(null) as Record<string, string>;
    others[name] = headerCase[name] ?? name;
  }
  return others;
}

/** It returns the URL of a listed entry, and undefined where this version has not written the head. */
export const urlOfHead = (head: string): string | undefined => parseHead(head)?.url;

/**
 * It returns the URL that a listed entry was asked for by, and the one that answered. The list is empty where this
 * version has not written the head.
 */
export function urlsOfHead(head: string): readonly string[] {
  const { url, finalUrl } = decodeHead(head) ?? {};
  return [url, finalUrl].filter((each) => each !== undefined);
}

/** It returns the head with the facts that decisions ask for, which `describeStored` finds. */
export function describeEntryHead(head: EntryHead, known?: Parameters<typeof describeStored>[1]): EntryHead & Stored {
  const { bodyKind, headerCase, finalUrl } = head;
  return Object.assign({ bodyKind, headerCase, finalUrl }, describeStored(head, known));
}

/**
 * It reads a head and remembers the result by its text: a storage outside memory gives a new object each time, but the
 * same text.
 */
export const decodeHead = remembered((text): (EntryHead & Stored) | undefined => {
  const head = parseHead(text);
  return head && describeEntryHead(head);
});

function parseHead(text: string): EntryHead | undefined {
  let written: unknown;
  try {
    written = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (!isWrittenHead(written)) return undefined;
  const [, url, method, status, statusText, list, responseTime, exchangeTime, seconds, source, basis] = written;
  const [headersHonoured, bodyKind, rarities] = [written[11] === 1, BODY_KINDS[written[12]], written[13]];
  const headers = Object.create(null) as Record<string, string | readonly string[]>;
  const headerCase = Object.create(null) as Record<string, string>;
  for (let index = 0; index < list.length; index += 2) {
    const spelt = list[index] as string;
    const name = spelt.toLowerCase();
    headers[name] = list[index + 1] ?? '';
    if (name !== spelt) headerCase[name] = spelt;
  }
  Object.assign(headerCase, rarities?.headerCase);
  const lifetime = { seconds: seconds ?? Infinity, source: SOURCES[source], basis: BASES[basis] } as Lifetime;
  return {
    url,
    method,
    status,
    statusText,
    headers,
    requestTime: responseTime - exchangeTime,
    responseTime,
    vary: rarities?.vary ?? [],
    lifetime,
    headersHonoured,
    bodyKind: bodyKind as BodyKind,
    headerCase,
    finalUrl: rarities?.finalUrl,
    redirectsTo: rarities?.redirectsTo,
  };
}

const isWrittenHead = (value: unknown): value is WrittenHead =>
  Array.isArray(value) &&
  value.length <= HEAD_SHAPE.length &&
  HEAD_SHAPE.every((check, position) => check(value[position]));

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const isText = (value: unknown): boolean => typeof value === 'string';
const isTextOrAbsent = (value: unknown): boolean => value === undefined || isText(value);
const isTextList = (value: unknown): boolean => Array.isArray(value) && value.every(isText);
const isNumber = (value: unknown): boolean => typeof value === 'number' && Number.isFinite(value);
const isOneOf = (list: readonly unknown[]) => (value: unknown): boolean => typeof value === 'number' && value in list;

/** It is true for a list in which names and values take turns. */
const isHeaderList = (value: unknown): boolean =>
  Array.isArray(value) &&
  value.length % 2 === 0 &&
  value.every((each, position) => isText(each) || (position % 2 === 1 && isTextList(each)));
const isVary = (value: unknown): boolean =>
  Array.isArray(value) &&
  value.every((pair) => Array.isArray(pair) && isText(pair[0]) && (pair[1] === null || isText(pair[1])));
const isSpelling = (value: unknown): boolean => isRecord(value) && Object.values(value).every(isText);
const areRarities = (value: unknown): boolean =>
  value === undefined ||
  (isRecord(value) &&
    (value['vary'] === undefined || isVary(value['vary'])) &&
    (value['headerCase'] === undefined || isSpelling(value['headerCase'])) &&
    isTextOrAbsent(value['finalUrl']) &&
    isTextOrAbsent(value['redirectsTo']));

/** It holds what a head must fulfil to be used: one check for each member of the list. */
const HEAD_SHAPE: readonly ((value: unknown) => boolean)[] = [
  (value) => value === FORMAT,
  isText,
  isText,
  isNumber,
  isText,
  isHeaderList,
  isNumber,
  isNumber,
  (value) => value === null || isNumber(value),
  isOneOf(SOURCES),
  isOneOf(BASES),
  (value) => value === 0 || value === 1,
  isOneOf(BODY_KINDS),
  areRarities,
];
