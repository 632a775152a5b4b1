/**
 * What look-ups compare, so that nothing comes back that was invalidated. An entry bears the tokens of its namespace,
 * of its resource and of its tags, and the mark of its key. An invalidation gives the thing that it is about another
 * token: whatever bears the former one counts as absent. A token that Redis has dropped equals none.
 *
 * | record        | text                                                                                            |
 * | ------------- | ----------------------------------------------------------------------------------------------- |
 * | namespace     | `<token>.<changes of tags>.<number of the last deletion by listing>.<all changes>`, then for     |
 * |               | each `meta` value `|n<name>=<value>`, both as base64url                                          |
 * | resource      | `<token>`, then `|<digest of a key>=<mark>` for each key that was deleted since                  |
 * | tag           | `<token of the namespace>.<number of its change>.<token>`                                        |
 */
import { randomBytes } from 'node:crypto';
import { remembered } from '../../support/memo.js';
import { NO_MARK, TOKEN_LENGTH } from './frame.js';

/** How long a token stays that no entry bears: no request to an origin takes longer. */
export const FLIGHT_MS = 10 * 60 * 1000;
/** How much longer than the entries that bear it a token stays. */
export const MARGIN_MS = 60 * 60 * 1000;

/** 96 random bits. */
export const newToken = (): string => randomBytes((TOKEN_LENGTH * 3) / 4).toString('base64url');

export interface NamespaceRecord {
  readonly token: string;
  /** How often a tag was invalidated, or what is under way was. */
  readonly tagNumber: number;
  /** What `tagNumber` became when what is under way was invalidated last. */
  readonly listingNumber: number;
  /** How often anything was invalidated. */
  readonly changes: number;
  /** The `meta` values, all as they are written. */
  readonly meta: ReadonlyMap<string, string>;
}

/** `undefined` where it is absent, or damaged, as scripts take it for absent too. The same text is read once. */
export const readNamespace = (value: Buffer | null): NamespaceRecord | undefined =>
  value === null ? undefined : parseNamespace(value.toString('latin1'));

const NAMESPACE = /^([^.|]+)\.(\d+)\.(\d+)\.(\d+)(.*)$/s;

export const parseNamespace = remembered((text): NamespaceRecord | undefined => {
  const [, token, tagNumber, listingNumber, changes, meta = ''] = NAMESPACE.exec(text) ?? [];
  if (token === undefined) return undefined;
  const pairs = meta.split('|').map((pair) => pair.split('=', 2));
  return {
    token,
    tagNumber: Number(tagNumber),
    listingNumber: Number(listingNumber),
    changes: Number(changes),
    meta: new Map(pairs.flatMap(([name, value]) => (name === undefined || value === undefined ? [] : [[name, value]]))),
  };
});

export const writeMetaName = (name: string): string => `n${Buffer.from(name).toString('base64url')}`;
export const writeMetaValue = (value: string): string => Buffer.from(value).toString('base64url');
export const readMetaValue = (written: string): string => Buffer.from(written, 'base64url').toString();

export interface ResourceTokens {
  readonly token: string;
  readonly mark: string;
}

const RESOURCE = new RegExp(`^[\\w-]{${TOKEN_LENGTH}}(?:\\||$)`);

/**
 * `undefined` where it is absent, or damaged, as scripts take it for absent too.
 * @param key the digest of a key.
 */
export function readResource(value: Buffer | null, key: string): ResourceTokens | undefined {
  const text = value?.toString('latin1') ?? '';
  if (!RESOURCE.test(text)) return undefined;
  const at = text.length === TOKEN_LENGTH ? -1 : text.indexOf(`|${key}=`);
  if (at === -1) return { token: text.slice(0, TOKEN_LENGTH), mark: NO_MARK };
  const start = at + key.length + 2;
  return { token: text.slice(0, TOKEN_LENGTH), mark: text.slice(start, start + TOKEN_LENGTH) };
}

/** True where the token of a tag is no older than this look-up: it came with a change of the tag since. */
export function isTagNewer(token: string, { token: namespaceToken }: NamespaceRecord, tagNumber: number): boolean {
  const [under, number] = token.split('.');
  // What was made under another token of the namespace is older than every look-up under this one.
  return under === namespaceToken && Number(number) > tagNumber;
}
