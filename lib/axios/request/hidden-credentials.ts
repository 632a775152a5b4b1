/** This file finds the credentials of a request that none of its header fields shows. */
import type { InternalAxiosRequestConfig } from 'axios';
import type { Dialect } from '../native/dialect.js';
import { certificatesOf } from './certificates.js';
import { identified, isObject, type Partition } from './identified.js';
import type { Digest } from '../../support/digest.js';

/** These members are missing in axios' types: a cookie jar of axios-cookiejar-support, and a request's own `fetch`. */
interface HiddenSources {
  readonly jar?: unknown;
  readonly env?: { readonly fetch?: unknown };
  readonly fetchOptions?: { readonly headers?: unknown; readonly credentials?: unknown };
}

/**
 * Describes a jar's cookies, client certificates, and what a framework's fetch adds; it is `undefined` where the
 * request has none of them.
 */
export function hiddenCredentials(
  config: InternalAxiosRequestConfig,
  digest: Digest,
  dialect: Dialect | undefined,
): Partition | undefined {
  const { jar, env, fetchOptions } = config as HiddenSources;
  const ownFetch = env?.fetch;
  const certificates = certificatesOf(config, digest);
  if (!jar && !ownFetch && !fetchOptions && certificates === undefined) return undefined;
  const known: Partition[] = [];
  if (isObject(jar)) known.push(identified('jar', jar));
  // A framework's fetch that was made for one visitor adds the visitor's cookies.
  if (typeof ownFetch === 'function' && ownFetch !== globalThis.fetch) known.push(identified('fetch', ownFetch));
  known.push(...(certificates ?? []));
  if (fetchOptions && dialect !== 'http' && dialect !== 'xhr') known.push(...inFetchOptions(fetchOptions, digest));
  if (known.length === 0) return undefined;
  return { text: known.map(({ text }) => text).join(''), opaque: known.some(({ opaque }) => opaque) };
}

/** Some versions of axios hand these on to fetch, where they replace what axios itself has made of the request. */
function inFetchOptions(
  { headers, credentials }: NonNullable<HiddenSources['fetchOptions']>,
  digest: Digest,
): readonly Partition[] {
  if (headers === undefined && credentials === undefined) return [];
  const isList = isObject(headers) && Symbol.iterator in headers;
  const fields = isList ? [...(headers as Iterable<unknown>)] : headers;
  return [{ text: `;fetch=${digest.text(JSON.stringify([fields, credentials]))}`, opaque: false }];
}
