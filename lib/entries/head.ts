/**
 * The head of an entry as a text: everything that an answer is rebuilt from but its body, short and checked on reading.
 */
import { BODY_KINDS, type BodyKind } from './body.js';
import { describeStored } from '../rfc9111/describe-stored.js';
import type { Lifetime, Stored, StoredHead } from '../rfc9111/model.js';
import { remembered } from '../support/memo.js';

/** What an entry's head holds: the policy's StoredHead, and what an answer is rebuilt from. */
export interface EntryHead extends StoredHead {
  readonly bodyKind: BodyKind;
  /** Names as the adapter spelt them, by lower-case name, where they differ. */
  readonly headerCase: Readonly<Record<string, string>>;
  /** The URL that answered in the end, without credentials; `undefined`: the entry's own. */
  readonly finalUrl: string | undefined;
}

/** It goes up when heads are written so that former versions would misread them; a head of another version is none. */
const FORMAT = 2;

/**
 * A head is a list in JSON, as its members would otherwise repeat their names in each entry. Names of headers stand in
 * it as they were spelt, each before its value; the request time is how long before the response it was; `null` is a
 * lifetime without end; sources, bases and kinds are numbers of the lists below; the last member is left out where it
 * has nothing in it.
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

/** What few heads have. */
interface Rarities {
  readonly vary?: StoredHead['vary'] | undefined;
  /** Spellings of names that the headers do not have. */
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

/** A spelling from which the name can be told, `undefined` where there is none. */
function spellingOf(name: string, headerCase: EntryHead['headerCase']): string | undefined {
  const spelling = Object.hasOwn(headerCase, name) ? headerCase[name] : undefined;
  return spelling?.toLowerCase() === name ? spelling : undefined;
}

function speltHeaders({ headers, headerCase }: EntryHead): WrittenHead[5] {
  const spelt: (string | readonly string[])[] = [];
  for (const name of Object.keys(headers)) spelt.push(spellingOf(name, headerCase) ?? name, headers[name] ?? '');
  return spelt;
}

/** The spellings that do not stand among the headers. */
function otherSpellings({ headers, headerCase }: EntryHead): EntryHead['headerCase'] | undefined {
  let others: Record<string, string> | undefined;
  for (const name of Object.keys(headerCase)) {
    if (Object.hasOwn(headers, name) && spellingOf(name, headerCase) !== undefined) continue;
    others ??= Object.create(null) as Record<string, string>;
    others[name] = headerCase[name] ?? name;
  }
  return others;
}

/** The URL of a listed entry; `undefined`: not a head that this version wrote. */
export const urlOfHead = (head: string): string | undefined => parseHead(head)?.url;

/** Where a listed entry was asked for, and where it came from; none of a head that this version did not write. */
export function urlsOfHead(head: string): readonly string[] {
  const { url, finalUrl } = decodeHead(head) ?? {};
  return [url, finalUrl].filter((each) => each !== undefined);
}

/** The head with the facts that decisions ask for, as `describeStored` gives them. */
function describeEntryHead(head: EntryHead, known?: Parameters<typeof describeStored>[1]): EntryHead & Stored {
  const { bodyKind, headerCase, finalUrl } = head;
  return Object.assign({ bodyKind, headerCase, finalUrl }, describeStored(head, known));
}

/** A storage that leaves memory gives a new object each time, but the same text. */
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

/** Names and values in turn. */
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

/** What a head must hold to be used: one check for each member of the list. */
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
