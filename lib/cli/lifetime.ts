/** Says in words how long an answer lasts, who said so, and what becomes of it afterwards. */
import type { StoredEntryInfo } from 'axios-client-cache';
import type { EntryHead } from '../entries/head.js';
import type { ExpirySource } from '../rfc9111/model.js';
import { duration } from './format.js';

const LOCAL: Readonly<Record<Exclude<ExpirySource, 'response'>, string>> = {
  request: 'the request said so itself',
  url: 'a pattern of urlsExpireAfter said so',
  session: 'expireAfter of the session said so',
  default: 'nobody gave a lifetime, and then it lasts until it is deleted',
};

const fieldOf = (headers: EntryHead['headers'], name: string): string | undefined => {
  const value = headers[name];
  return value === undefined ? undefined : [value].flat().join(', ');
};

/** Gives the words of the response that its lifetime comes from, such as `max-age=600`. */
export function wordsOf(headers: EntryHead['headers']): string | undefined {
  const cacheControl = fieldOf(headers, 'cache-control') ?? '';
  const directive = /\b(?:no-cache|max-age\s*=\s*"?\d+"?)/i.exec(cacheControl)?.[0];
  if (directive !== undefined) return directive;
  const expires = fieldOf(headers, 'expires');
  return expires === undefined ? undefined : `Expires: ${expires}`;
}

export function sourceText({ headers, lifetime }: Pick<EntryHead, 'headers' | 'lifetime'>): string {
  if (lifetime.source !== 'response') return LOCAL[lifetime.source];
  const words = wordsOf(headers);
  return words === undefined ? 'the response said so' : `of ${words} in the response`;
}

export function lifetimeText(info: StoredEntryInfo, head: EntryHead): string {
  const now = Date.now();
  const { expiresAtMs, purgeAtMs } = info;
  const because = `because ${sourceText(head)}`;
  if (expiresAtMs === Infinity) return `fresh for ever, ${because}`;
  const at = localTime(expiresAtMs);
  const left = expiresAtMs - now;
  const fresh = left > 0 ? `fresh until ${at} (${duration(left)})` : `stale since ${at} (${duration(-left)})`;
  const validators = [
    head.headers['etag'] !== undefined && 'its ETag',
    head.headers['last-modified'] !== undefined && 'its Last-Modified',
  ].filter((each) => each !== false);
  const use = validators[0] ?? 'stale answers';
  const kept = purgeAtMs - Math.max(now, expiresAtMs);
  const after = purgeAtMs === Infinity ? `kept for ${use}` : `kept ${duration(kept)} for ${use}`;
  return kept > 0 ? `${fresh}, ${because}; ${left > 0 ? `then ${after}` : `still ${after}`}` : `${fresh}, ${because}`;
}

export const localTime = (ms: number): string => {
  const date = new Date(ms);
  const day = date.toDateString() === new Date().toDateString() ? '' : `${date.toISOString().slice(0, 10)} `;
  return day + date.toTimeString().slice(0, 8);
};
