/** Cache groups (RFC 9875): which a response belongs to, and which an answer invalidates. */
import { fieldValue } from './fields.js';
import type { HeaderFields, RequestTarget, ResponseHead } from './model.js';
import { parseList, type StructuredValue } from './structured-fields.js';

/** Section 2 asks for 32 at least; each costs the storage an index entry or a delete, so that some bound there must be. */
const MAX_GROUPS = 128;

/** The groups that a response says it belongs to (section 2). */
export const groupsOf = (headers: HeaderFields): readonly string[] => namesIn(headers, 'cache-groups');

/** The groups to invalidate after a request that has changed something (section 3); none after a safe or failed one. */
export function decideGroupInvalidation(request: RequestTarget, response: ResponseHead): readonly string[] {
  if (!isSuccessfulChange(request, response)) return [];
  return namesIn(response.headers, 'cache-group-invalidation');
}

/** Each string of a list once, parameters ignored; none of a list that does not parse or holds anything else. */
function namesIn(headers: HeaderFields, name: string): readonly string[] {
  const field = fieldValue(headers, name);
  const members = field === undefined ? undefined : parseList(field);
  const names = new Set<string>();
  for (const member of members ?? []) {
    if (member.kind !== 'string') return [];
    names.add(member.text);
  }
  return [...names].slice(0, MAX_GROUPS);
}

const MEANS_CACHE: ReadonlySet<string> = new Set(['cache', '*']);

/** The origin whose cache `response`, which came from `url`, asks to clear; `undefined`: it does not, or may not. */
export function originToClear(response: ResponseHead, url: string): string | undefined {
  const field = fieldValue(response.headers, 'clear-site-data');
  if (field === undefined || parseList(field)?.some(meansCache) !== true) return undefined;
  const parsed = parseUrl(url);
  return parsed !== undefined && isTrustworthy(parsed) ? parsed.origin : undefined;
}

/** A quoted string: the same word without quotes means nothing. */
const meansCache = (type: StructuredValue): boolean => type.kind === 'string' && MEANS_CACHE.has(type.text);

/** Whether `url` is one of that origin. */
export const isOfOrigin = (url: string, origin: string): boolean => parseUrl(url)?.origin === origin;

/** This machine: names and addresses that never leave it (Secure Contexts, section 3.1). */
const LOOPBACK = /^(?:127(?:\.\d+){3}|\[::1\]|(?:.+\.)?localhost\.?)$/;

/** Somebody on the way could have added the field to an answer over plain HTTP. */
const isTrustworthy = ({ protocol, hostname }: URL): boolean =>
  protocol === 'https:' || (protocol === 'http:' && LOOPBACK.test(hostname));

function parseUrl(url: string): URL | undefined {
  try {
    return new URL(url);
  } catch {
    return undefined;
  }
}

/** RFC 9110 section 9.2.1, and QUERY. */
const SAFE_METHODS: ReadonlySet<string> = new Set(['GET', 'HEAD', 'OPTIONS', 'QUERY', 'TRACE']);

/**
 * Absolute URLs to invalidate: the target of an unsafe request, and what Location and Content-Location name on the same
 * origin, and where redirects led to (`finalUrl`); nothing after an error answer. `unknown`: no answer came, so that the request may have had its effect.
 */
export function decideInvalidation(
  request: RequestTarget,
  response: ResponseHead | 'unknown',
  finalUrl?: string,
): readonly string[] {
  if (response === 'unknown') return SAFE_METHODS.has(request.method) ? [] : [request.url];
  if (!isSuccessfulChange(request, response)) return [];
  const named = ['location', 'content-location'].map((name) => fieldValue(response.headers, name));
  const urls = [...named, finalUrl].map((reference) => (reference === undefined ? undefined : onSameOrigin(reference, request.url)));
  return [...new Set([request.url, ...urls.filter((url) => url !== undefined)])];
}

/** Whether the request was unsafe, and the answer is no error. */
const isSuccessfulChange = ({ method }: RequestTarget, { status }: ResponseHead): boolean =>
  !SAFE_METHODS.has(method) && status >= 200 && status <= 399;

/** Another origin's entries are not for this one to invalidate. */
function onSameOrigin(reference: string, target: string): string | undefined {
  try {
    const base = new URL(target);
    const url = new URL(reference, base);
    url.hash = '';
    return url.origin === base.origin ? url.href : undefined;
  } catch {
    return undefined;
  }
}
