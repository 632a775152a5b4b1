/** Why an answer may not be stored, and what the server or the caller could change, in sentences. */
import type { NotStoredReason } from '../rfc9111/model.js';

export interface Advice {
  readonly because: string;
  readonly server?: string;
  readonly caller?: string;
}

const OVERRIDE = "Give the request `cache: { cacheControl: false, expireAfter: '5m' }` if you know better than the server.";

export const ADVICE: Readonly<Partial<Record<NotStoredReason, Advice>>> = {
  'no-store': {
    because: 'Cache-Control: no-store forbids every cache to keep it (RFC 9111 section 5.2.2.5).',
    server: 'Where the answer may be kept but must be current, send `Cache-Control: no-cache` and an ETag instead.',
    caller: OVERRIDE,
  },
  private: {
    because: 'Cache-Control: private keeps it from caches that several users share (RFC 9111 section 5.2.2.7).',
    caller: 'A cache without the option `shared` may keep it.',
  },
  'vary-star': {
    because: 'Vary: * says that it depends on things that no request shows, and there is no ETag to validate it by.',
    server: 'Name the request fields that matter in Vary, or send an ETag.',
  },
  'no-lifetime': {
    because: 'it says neither how long it lasts (Cache-Control, Expires) nor what it could be validated by (ETag).',
    server: 'Send `Cache-Control: max-age=…`, or an ETag or Last-Modified.',
    caller: "Give an `expireAfter`, such as `cache: '5m'`: it counts where the server says nothing.",
  },
  'zero-lifetime': {
    because: 'it is stale at once, and has neither ETag nor Last-Modified to validate it by.',
    server: 'Send a lifetime above zero, or an ETag.',
    caller: OVERRIDE,
  },
  status: {
    because: 'answers of this status are not kept without a word of the server.',
    server: 'Send `Cache-Control: max-age=…` with it, if it may be kept.',
    caller: 'The option `allowedCodes` says which statuses are kept; by default that is 200 alone.',
  },
  authorization: { because: 'it answers a request with Authorization, and this cache is a shared one (section 3.5).' },
  partial: { because: 'it is a part of an answer that cannot be told from other parts.' },
  'too-large': {
    because: 'it is larger than `maxEntryBytes`.',
    caller: 'Raise `maxEntryBytes`, which is 5 MiB by default.',
  },
  incomplete: { because: 'its body ended before it was whole.' },
  redirected: {
    because: 'redirects led to it, and they cannot be followed again from the cache.',
    caller: 'Ask for the URL where the redirects end.',
  },
  bypass: { because: 'requests of this method, or with this body, do not go through the cache.' },
};

type Fields = Readonly<Record<string, string>>;

/** What else about an answer makes it less useful to caches; each line names the field. */
export function remarksOn(headers: Fields): string[] {
  const cacheControl = headers['cache-control'] ?? '';
  const vary = (headers['vary'] ?? '').toLowerCase();
  return [
    headers['set-cookie'] !== undefined &&
      'It sets a cookie. That is kept only where the server or the request gave the lifetime; without it other caches would keep the answer too.',
    /\b(?:cookie|user-agent)\b/.test(vary) &&
      `Vary: ${headers['vary'] ?? ''} gives almost every client a variant of its own.`,
    /max-age[^,]*;/.test(cacheControl) && 'Cache-Control has a semicolon where a comma belongs: much of it may be ignored.',
    /\bprivate\b/.test(cacheControl) && 'Cache-Control: private lets only the caches of one user keep it, as this one is.',
    /\bmust-revalidate\b/.test(cacheControl) && 'must-revalidate forbids its use once it is stale, even while the server is down.',
    headers['etag'] === undefined && headers['last-modified'] === undefined &&
      'It has neither ETag nor Last-Modified: once it is stale, all of it has to be sent again.',
    headers['pragma'] !== undefined && cacheControl === '' && 'Pragma means nothing in an answer: Cache-Control does.',
  ].filter((each) => each !== false);
}
