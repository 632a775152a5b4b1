/**
 * This file writes the head of an entry as a short text, and checks it on reading. The head is everything but the body
 * that an answer is rebuilt from.
 */
import { BODY_KINDS, type BodyKind } from './body.js';
import { noFields } from '../rfc9111/fields.js';
import type { Lifetime, ResponseFacts, StoredHead } from '../rfc9111/model.js';
import { storedFacts } from '../rfc9111/read-response-facts.js';
import { remembered } from '../support/memo.js';
import { isPlainObject, ownOf } from '../support/plain-object.js';

/** It is what a session that records keeps of a request, without secrets. */
export interface RecordedHead {
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | undefined;
}

/** It is what an entry's head holds: the StoredHead that decisions read, and what an answer is rebuilt from. */
export interface EntryHead extends StoredHead {
  readonly bodyKind: BodyKind;
  /** It maps a lower-case header name to the adapter's spelling of it, where the two differ. */
  readonly headerCase: Readonly<Record<string, string>>;
  /** It is the URL that answered in the end, without credentials; it is undefined where that is the entry's own URL. */
  readonly finalUrl: string | undefined;
  /** It is false where the adapter that brought the answer leaves every status to its caller. */
  readonly heedsValidateStatus: boolean;
  /** It is the request that was answered; it is absent but where the session records. */
  readonly request?: RecordedHead | undefined;
}

/**
 * It must be raised when heads are written so that earlier versions would misread them. A head with another number is
 * not read.
 */
const FORMAT = 3;

/**
 * A head is written as a list in JSON, as the members of an object would repeat their names in each entry. The list has
 * header names as they were spelt, each before its value. The exchange time is how long the request was sent before the
 * response came. `null` stands for a lifetime without end. Sources, bases and kinds are positions in the lists below.
 * The last member may be missing.
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
  /** It is there where `heedsValidateStatus` is false. */
  readonly anyStatus?: true | undefined;
  readonly request?: RecordedHead | undefined;
}

const SOURCES: readonly Lifetime['source'][] = ['response', 'request', 'url', 'session', 'default'];
const BASES: readonly Lifetime['basis'][] = ['age', 'receipt'];

export function encodeHead(head: EntryHead): string {
  const { headers, headerCase, lifetime, vary, finalUrl, redirectsTo } = head;
  const names = Object.keys(headers);
  const spelt: (string | readonly string[])[] = [];
  // Node gives all names in lower case.
  const hasSpellings = Object.keys(headerCase).length > 0;
  for (const name of names) {
    spelt.push((hasSpellings ? spellingOf(name, headerCase) : undefined) ?? name, headers[name] ?? '');
  }
  // These names are stored: in quotes no build shortens them.
  const rarities: Rarities = {
    'vary': vary.length === 0 ? undefined : vary,
    'headerCase': otherSpellings(head),
    'finalUrl': finalUrl,
    'redirectsTo': redirectsTo,
    'anyStatus': head.heedsValidateStatus ? undefined : true,
    'request': head.request,
  };
  const written: WrittenHead = [
    FORMAT,
    head.url,
    head.method,
    head.status,
    head.statusText,
    spelt,
    head.responseTime,
    head.responseTime - head.requestTime,
    lifetime.seconds === Infinity ? null : lifetime.seconds,
    SOURCES.indexOf(lifetime.source),
    BASES.indexOf(lifetime.basis),
    head.headersHonoured ? 1 : 0,
    BODY_KINDS.indexOf(head.bodyKind),
    rarities,
  ];
  return JSON.stringify(written);
}

/** It returns a spelling that differs from the name in case only, and undefined where there is none. */
function spellingOf(name: string, headerCase: EntryHead['headerCase']): string | undefined {
  const spelling = Object.hasOwn(headerCase, name) ? headerCase[name] : undefined;
  return spelling?.toLowerCase() === name ? spelling : undefined;
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
  const { url, finalUrl } = decodeHead(head)?.head ?? {};
  return [url, finalUrl].filter((each) => each !== undefined);
}

/**
 * It reads a head with the facts that decisions ask for, and remembers both by the text: a storage outside memory gives
 * a new object each time, but the same text.
 */
export const decodeHead = remembered((text): { head: EntryHead; facts: ResponseFacts } | undefined => {
  const head = parseHead(text);
  return head && { head, facts: storedFacts(head) };
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
  const [, , , , , , , , , , , headersHonoured, bodyKind, rare = {}] = written;
  const rarities = ownOf<Rarities>(rare);
  const headers = noFields();
  const headerCase = Object.create(null) as Record<string, string>;
  for (let index = 0; index < list.length; index += 2) {
    const spelt = list[index] as string;
    const name = spelt.toLowerCase();
    headers[name] = list[index + 1] ?? '';
    if (name !== spelt) headerCase[name] = spelt;
  }
  Object.assign(headerCase, rarities.headerCase);
  return {
    url,
    method,
    status,
    statusText,
    headers,
    requestTime: responseTime - exchangeTime,
    responseTime,
    vary: rarities.vary ?? [],
    lifetime: { seconds: seconds ?? Infinity, source: SOURCES[source], basis: BASES[basis] } as Lifetime,
    headersHonoured: headersHonoured === 1,
    bodyKind: BODY_KINDS[bodyKind] as BodyKind,
    headerCase,
    finalUrl: rarities.finalUrl,
    redirectsTo: rarities.redirectsTo,
    heedsValidateStatus: rarities.anyStatus !== true,
    request: rarities.request,
  };
}

const isWrittenHead = (value: unknown): value is WrittenHead =>
  Array.isArray(value) &&
  value.length <= HEAD_SHAPE.length &&
  HEAD_SHAPE.every((check, position) => check(value[position]));

type Check = (value: unknown) => boolean;

const isText: Check = (value) => typeof value === 'string';
const isNumber: Check = Number.isFinite;
const isOneOf =
  (list: readonly unknown[]): Check =>
  (value) => typeof value === 'number' && value in list;
const isListOf =
  (check: (value: unknown, position: number) => boolean): Check =>
  (value) => Array.isArray(value) && value.every(check);
const optional =
  (check: Check): Check =>
  (value) => value === undefined || check(value);

/** It is true for a list in which names and values take turns. */
const isHeaderList: Check = (value) =>
  isListOf((each, position) => isText(each) || (position % 2 === 1 && isListOf(isText)(each)))(value) &&
  (value as readonly unknown[]).length % 2 === 0;
const isVary = isListOf((pair) => Array.isArray(pair) && isText(pair[0]) && (pair[1] === null || isText(pair[1])));
const isSpelling: Check = (value) => isPlainObject(value) && Object.values(value).every(isText);
const isRequest: Check = (value) =>
  isPlainObject(value) && isSpelling(value['headers']) && optional(isText)(value['body']);
const areRarities: Check = (value) => {
  if (!isPlainObject(value)) return false;
  const { vary, headerCase, finalUrl, redirectsTo, request } = ownOf<Record<keyof Rarities, unknown>>(value);
  const areTexts = optional(isText)(finalUrl) && optional(isText)(redirectsTo);
  return areTexts && optional(isRequest)(request) && optional(isVary)(vary) && optional(isSpelling)(headerCase);
};

/** It holds what a head must fulfil to be used: one check for each member of the list. */
const HEAD_SHAPE: readonly Check[] = [
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
  optional(areRarities),
];
