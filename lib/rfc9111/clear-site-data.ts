/** Clear-Site-Data (W3C): whether an answer asks for the stored responses of its origin to be removed. */
import { fieldValue } from './fields.js';
import type { ResponseHead } from './model.js';
import { parseList, type StructuredValue } from './structured-fields.js';

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
