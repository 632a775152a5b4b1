/** This file decides what an answer invalidates (RFC 9111 section 4.4, cache groups of RFC 9875, Clear-Site-Data). */
import { fieldValue } from './fields.js';
import type { HeaderFields, RequestTarget, ResponseHead } from './model.js';
import { parseList, type StructuredValue } from './structured-fields.js';

/** RFC 9875 section 2 asks for 32 groups at least. Each costs the storage work, so there has to be some bound. */
const MAX_GROUPS = 128;

/** Gives the groups that a response says it belongs to (RFC 9875 section 2). */
export const groupsOf = (headers: HeaderFields): readonly string[] => namesIn(headers, 'cache-groups');

/**
 * Gives the groups to invalidate after a request that has changed something: none after a safe or a failed one.
 * https://www.rfc-editor.org/rfc/rfc9875#section-3
 */
export function decideGroupInvalidation(request: RequestTarget, response: ResponseHead): readonly string[] {
  if (!isSuccessfulChange(request, response)) return [];
  return namesIn(response.headers, 'cache-group-invalidation');
}

/** Gives each string of a list once. A list that does not parse, or holds anything but strings, counts as empty. */
function namesIn(headers: HeaderFields, name: string): readonly string[] {
  const members = listIn(headers, name);
  return members.every((member) => typeof member === 'string') ? [...new Set(members)].slice(0, MAX_GROUPS) : [];
}

const listIn = (headers: HeaderFields, name: string): readonly StructuredValue[] =>
  parseList(fieldValue(headers, name) ?? '') ?? [];

/**
 * Gives the origin whose cache a response from `url` asks to clear. The result is undefined where the response does not
 * ask for it, or may not. Only a quoted string counts: the same word without quotes means nothing.
 */
export function originToClear({ headers }: ResponseHead, url: string): string | undefined {
  if (headers['clear-site-data'] === undefined) return undefined;
  const asks = listIn(headers, 'clear-site-data').some((type) => type === 'cache' || type === '*');
  const parsed = asks ? parseUrl(url) : undefined;
  return parsed !== undefined && isTrustworthy(parsed) ? parsed.origin : undefined;
}

/** True where `url` belongs to `origin`. */
export const isOfOrigin = (url: string, origin: string): boolean => parseUrl(url)?.origin === origin;

/** Requests to these names and addresses never leave this machine (Secure Contexts, section 3.1). */
const LOOPBACK = /^(?:127(?:\.\d+){3}|\[::1\]|(?:.+\.)?localhost\.?)$/;

/** Over plain HTTP somebody on the way could have added the field to the answer. */
const isTrustworthy = ({ protocol, hostname }: ParsedUrl): boolean =>
  protocol === 'https:' || (protocol === 'http:' && LOOPBACK.test(hostname));

type ParsedUrl = Pick<URL, 'href' | 'origin' | 'protocol' | 'hostname'>;

/** It is undefined also where the platform's URL class has getters that throw, as some app engines do. */
function parseUrl(url: string, base?: string): ParsedUrl | undefined {
  try {
    const { href, origin, protocol, hostname } = new URL(url, base);
    return { href, origin, protocol, hostname };
  } catch {
    return undefined;
  }
}

/** These methods change nothing: those of RFC 9110 section 9.2.1, and QUERY. */
const SAFE_METHODS: ReadonlySet<string> = new Set(['GET', 'HEAD', 'OPTIONS', 'QUERY', 'TRACE']);

/** The method is in upper case. */
export const isSafe = (method: string): boolean => SAFE_METHODS.has(method);

/**
 * Gives the absolute URLs to invalidate after an unsafe request (RFC 9111 section 4.4):
 *
 * - the URL of the request itself,
 * - what Location and Content-Location name on the same origin,
 * - `finalUrl`, where redirects led to another URL of the same origin.
 *
 * After an error there are none. Where no answer came (`unknown`), the request may have had its effect all the same, so
 * its own URL is invalidated.
 */
export function decideInvalidation(
  request: RequestTarget,
  response: ResponseHead | 'unknown',
  finalUrl?: string,
): readonly string[] {
  if (response === 'unknown') return isSafe(request.method) ? [] : [request.url];
  if (!isSuccessfulChange(request, response)) return [];
  const base = parseUrl(request.url);
  const urls = new Set([request.url]);
  // https://www.rfc-editor.org/rfc/rfc9111#section-4.4
  const named = ['location', 'content-location'].map((name) => fieldValue(response.headers, name));
  for (const reference of [...named, finalUrl]) {
    const url = reference === undefined ? undefined : parseUrl(reference, base?.href);
    if (url === undefined || url.origin !== base?.origin) continue;
    urls.add(url.href.replace(/#.*/, ''));
  }
  return [...urls];
}

/** True where the request was unsafe and the answer is no error. */
const isSuccessfulChange = ({ method }: RequestTarget, { status }: ResponseHead): boolean =>
  !isSafe(method) && status >= 200 && status <= 399;
