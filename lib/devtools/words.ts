/** What the panel says: reasons as sentences, and times and sizes as people write them. */
import type { CacheInfo } from '../api/response.js';
import type { CacheReason, CacheStatus, ExpirySource, NotStoredReason } from '../rfc9111/model.js';

export const STATUSES: Readonly<Record<CacheStatus, string>> = {
  hit: 'Answered from the cache',
  stale: 'Answered from the cache, past its lifetime',
  revalidated: 'Answered from the cache after the server said 304',
  miss: 'Answered by the server',
  bypass: 'Answered by the server, the cache was not asked',
};

const REASONS: Readonly<Record<CacheReason | 'soft-timeout', string>> = {
  'fresh': 'it is stored and within its lifetime',
  'not-modified': 'the stored body is still right',
  'soft-timeout': 'the server took longer than softTimeout',
  'stale-while-revalidate': 'it is being refreshed in the background',
  'stale-if-error': 'the server failed',
  'max-stale': 'the request’s max-stale allows it',
  'force-cache': 'the mode says so',
  'only-if-cached': 'the mode, or being offline here, allows nothing else; where nothing is stored that is a 504',
  'uri-miss': 'nothing is stored for this method, URL, body and user',
  'vary-miss': 'what is stored was for other request headers (Vary)',
  'expired': 'what is stored is past its lifetime',
  'must-revalidate': 'what is stored is past its lifetime, and the server forbids to use it then',
  'no-cache': 'the mode, the request or the stored answer asks for validation',
  'reload': 'the mode says so',
  'max-age': 'the request’s max-age wants something younger',
  'min-fresh': 'the request’s min-fresh wants something that stays fresh for longer',
  'partial': 'what is stored has not all the bytes that were asked for',
  'filtered': 'the option filter refused what was stored',
  'unreadable': 'what was stored could not be read, and was deleted',
  'storage-error': 'the storage failed',
  'condition-failed': 'a condition such as If-None-Match was for the server to answer',
  'off': 'the cache is off for this request, its URL pattern or the session',
  'disabled': 'the cache is disabled for it: no URL of http, or withoutCache()',
  'method': 'its method is not in allowedMethods',
  'no-store': 'the request said Cache-Control: no-store',
  'stream-body': 'its body is a stream',
  'uninstalled': 'the cache was taken off the instance',
  'closed': 'the cache is closed',
};

const NOT_STORED: Readonly<Record<NotStoredReason, string>> = {
  'bypass': 'the cache was not used',
  'failed': 'the request failed or was cancelled',
  'read-only': 'the option readOnly',
  'status': 'its status is not in allowedCodes',
  'no-store': 'the server or the request said no-store',
  'private': 'it is for one user, and the cache is shared',
  'authorization': 'it is for one user, and the server does not allow to share it',
  'vary-star': 'Vary: * without ETag or Last-Modified',
  'no-lifetime': 'nothing gives a lifetime, and there is no ETag or Last-Modified',
  'zero-lifetime': 'its lifetime is 0, and there is no ETag or Last-Modified',
  'filtered': 'the option filter refused it',
  'too-large': 'it is larger than maxEntryBytes',
  'incomplete': 'its body did not come to an end',
  'invalidated': 'a change came in between',
  'storage-error': 'the storage failed',
  'partial': 'its Content-Range does not fit its body',
  'redirected': 'a redirect on the way may not be followed again',
};

const SOURCES: Readonly<Record<ExpirySource, string>> = {
  response: 'the server’s headers',
  request: 'the request’s cache option',
  url: 'a URL pattern',
  session: 'the session’s expireAfter',
  default: 'the default: never',
};

export const whyAnswered = ({ status, reason }: CacheInfo): string => `${STATUSES[status]}: ${REASONS[reason]}.`;

/** Name and value of what is known beyond that. */
export function factsOf(info: CacheInfo, nowMs: number): [string, string][] {
  const { notStored, expirySource, createdAt, expiresAt } = info;
  const facts: [string, string | undefined][] = [
    ['URL', info.url],
    ['Stored', info.stored ? 'yes' : notStored && `no: ${NOT_STORED[notStored]}`],
    ['Shared', info.collapsed ? 'with the same request of another caller' : undefined],
    ['Received', createdAt && `${duration((nowMs - createdAt.getTime()) / 1000)} ago`],
    [isPast(expiresAt, nowMs) ? 'Expired' : 'Expires', timeLeft(expiresAt, nowMs)],
    ['Lifetime by', expirySource && SOURCES[expirySource]],
    ['Tags', info.tags.join(', ')],
    ['Cache-Status', String(info)],
    ['Key', info.key],
  ];
  return facts.filter((fact): fact is [string, string] => fact[1] !== undefined && fact[1] !== '');
}

const isPast = (expiresAt: Date | null | undefined, nowMs: number): boolean =>
  (expiresAt?.getTime() ?? Infinity) < nowMs;

export function timeLeft(expiresAt: Date | null | undefined, nowMs: number): string {
  if (expiresAt === undefined) return '';
  if (expiresAt === null) return 'never';
  const seconds = (expiresAt.getTime() - nowMs) / 1000;
  return seconds < 0 ? `${duration(-seconds)} ago` : `in ${duration(seconds)}`;
}

const UNITS = [
  ['d', 86_400],
  ['h', 3600],
  ['min', 60],
] as const;

export function duration(seconds: number): string {
  for (const [unit, length] of UNITS) if (seconds >= length) return `${Math.floor(seconds / length)} ${unit}`;
  return `${Math.max(0, Math.round(seconds))} s`;
}

export const milliseconds = (ms: number): string => `${Number(ms.toFixed(ms < 10 ? 1 : 0))} ms`;

export function size(bytes: number | undefined): string {
  if (bytes === undefined) return '';
  if (bytes < 1000) return `${bytes} B`;
  return bytes < 1_000_000 ? `${(bytes / 1000).toFixed(1)} kB` : `${(bytes / 1_000_000).toFixed(1)} MB`;
}

export const counted = (entries: number): string => `${entries} ${entries === 1 ? 'entry' : 'entries'}`;

/** The path and query, as the origin is mostly the same; and what stands before them, for those who want to see it. */
export function placeOf(url: string): { readonly path: string; readonly origin: string } {
  const [, origin = '', path = url] = /^([a-z][a-z\d+.-]*:\/\/[^/?#]*)([^]*)$/i.exec(url) ?? [];
  return { path: path === '' ? '/' : path, origin };
}

export const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
