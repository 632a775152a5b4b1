/** What may be shown of an answer: its headers without secrets, and its body as text, where it is one. */
import type { StoredEntry } from 'axios-client-cache';
import type { EntryHead } from '../entries/head.js';

const SECRET = /cookie|auth(?!enticate)|token|secret|api-?key|session/i;

/** Gives the header fields. Values that speak of a user are `***`, unless they are to be revealed. */
export function shownHeaders(
  { headers }: Pick<EntryHead, 'headers'>,
  { reveal = false }: { readonly reveal?: boolean | undefined } = {},
): [name: string, value: string][] {
  return Object.entries(headers).map(([name, value]) => [
    name,
    !reveal && SECRET.test(name) ? '***' : [value].flat().join(', '),
  ]);
}

export const contentType = ({ headers }: Pick<EntryHead, 'headers'>): string =>
  [headers['content-type'] ?? 'bytes'].flat().join();

/** Gives the body as text; `undefined` where it is none of UTF-8. */
export function textOf({ body }: Pick<StoredEntry, 'body'>): string | undefined {
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(body);
    return text.includes('\u0000') ? undefined : text;
  } catch {
    return undefined;
  }
}

/** Writes JSON with a line for each member, and leaves every other text as it is. */
export function pretty(text: string): string {
  try {
    return JSON.stringify(JSON.parse(text), undefined, 2);
  } catch {
    return text;
  }
}
