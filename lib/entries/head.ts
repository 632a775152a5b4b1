import { type BodyKind, isBodyKind } from './body.js';
import { describeStored } from '../rfc9111/describe-stored.js';
import type { HeaderFields, Lifetime, Stored, StoredHead } from '../rfc9111/model.js';
import { remembered } from '../support/memo.js';

/** What an entry's head holds: the policy's StoredHead, and what an answer is rebuilt from. */
export interface EntryHead extends StoredHead {
  readonly bodyKind: BodyKind;
  /** Names as the adapter spelt them, by lower-case name, where they differ. */
  readonly headerCase: Readonly<Record<string, string>>;
  /** The URL that answered in the end, without credentials; `undefined`: the entry's own. */
  readonly finalUrl: string | undefined;
}

export const encodeHead = (head: EntryHead): string =>
  JSON.stringify({
    ...Object.fromEntries(HEAD_SHAPE.map(([name]) => [name, head[name]])),
    lifetime: writeLifetime(head.lifetime),
  });

const writeLifetime = (lifetime: Lifetime): object => ({
  ...lifetime,
  seconds: lifetime.seconds === Infinity ? 'never' : lifetime.seconds,
});

/** The URL of a listed entry; `undefined`: not a head that this version wrote. */
export const urlOfHead = (head: string): string | undefined => parseHead(head)?.url;

/** Where a listed entry was asked for, and where it came from; none of a head that this version did not write. */
export function urlsOfHead(head: string): readonly string[] {
  const { url, finalUrl } = decodeHead(head) ?? {};
  return [url, finalUrl].filter((each) => each !== undefined);
}

/** The head with the facts that decisions ask for, as `describeStored` gives them. */
export function describeEntryHead(head: EntryHead, known?: Parameters<typeof describeStored>[1]): EntryHead & Stored {
  const { bodyKind, headerCase, finalUrl } = head;
  return Object.assign({ bodyKind, headerCase, finalUrl }, describeStored(head, known));
}

/** A storage that leaves memory gives a new object each time, but the same text. */
export const decodeHead = remembered((text): (EntryHead & Stored) | undefined => {
  const head = parseHead(text);
  return head && describeEntryHead(head);
});

function parseHead(text: string): EntryHead | undefined {
  let head: unknown;
  try {
    head = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (!isRecord(head) || !HEAD_SHAPE.every(([name, check]) => check(head[name]))) return undefined;
  const lifetime = head['lifetime'] as Omit<Lifetime, 'seconds'> & { readonly seconds: number | 'never' };
  return {
    ...(head as unknown as EntryHead),
    headers: Object.assign(Object.create(null), head['headers']) as HeaderFields,
    headerCase: Object.assign(Object.create(null), head['headerCase']) as EntryHead['headerCase'],
    finalUrl: head['finalUrl'] as string | undefined,
    redirectsTo: head['redirectsTo'] as string | undefined,
    lifetime: { ...lifetime, seconds: lifetime.seconds === 'never' ? Infinity : lifetime.seconds },
  };
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const isText = (value: unknown): boolean => typeof value === 'string';
const isTextList = (value: unknown): boolean => Array.isArray(value) && value.every(isText);
const isNumber = (value: unknown): boolean => typeof value === 'number' && Number.isFinite(value);
const SOURCES: ReadonlySet<unknown> = new Set(['response', 'request', 'url', 'session', 'default']);
const BASES: ReadonlySet<unknown> = new Set(['age', 'receipt']);

const isVary = (value: unknown): boolean =>
  Array.isArray(value) &&
  value.every((pair) => Array.isArray(pair) && isText(pair[0]) && (pair[1] === null || isText(pair[1])));
const isLifetime = (value: unknown): boolean =>
  isRecord(value) &&
  (value['seconds'] === 'never' || isNumber(value['seconds'])) &&
  SOURCES.has(value['source']) &&
  BASES.has(value['basis']);

/** What a head must hold to be used: a row a member. */
const HEAD_SHAPE: readonly (readonly [keyof EntryHead, (value: unknown) => boolean])[] = [
  ['url', isText],
  ['method', isText],
  ['status', isNumber],
  ['statusText', isText],
  ['headers', (value) => isRecord(value) && Object.values(value).every((each) => isText(each) || isTextList(each))],
  ['headerCase', (value) => isRecord(value) && Object.values(value).every(isText)],
  ['requestTime', isNumber],
  ['responseTime', isNumber],
  ['vary', isVary],
  ['lifetime', isLifetime],
  ['headersHonoured', (value) => typeof value === 'boolean'],
  ['bodyKind', isBodyKind],
  ['finalUrl', (value) => value === undefined || isText(value)],
  ['redirectsTo', (value) => value === undefined || isText(value)],
];
