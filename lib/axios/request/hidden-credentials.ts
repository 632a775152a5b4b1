/** This file finds the credentials of a request that none of its header fields shows. */
import type { InternalAxiosRequestConfig } from 'axios';
import { certificatesOf } from './certificates.js';
import { identified, isObject, type Partition } from './identified.js';
import type { Digest } from '../../support/digest.js';

/** These members are missing in axios' types: a cookie jar of axios-cookiejar-support, and a request's own `fetch`. */
interface HiddenSources {
  readonly jar?: unknown;
  readonly env?: { readonly fetch?: unknown };
}

/**
 * Describes a jar's cookies, client certificates, and what a framework's fetch adds; it is `undefined` where the
 * request has none of them.
 */
export function hiddenCredentials(config: InternalAxiosRequestConfig, digest: Digest): Partition | undefined {
  const { jar, env } = config as HiddenSources;
  const ownFetch = env?.fetch;
  const certificates = certificatesOf(config, digest);
  if (!jar && !ownFetch && certificates === undefined) return undefined;
  const known: Partition[] = [];
  if (isObject(jar)) known.push(identified('jar', jar));
  // A framework's fetch that was made for one visitor adds the visitor's cookies.
  if (typeof ownFetch === 'function' && ownFetch !== globalThis.fetch) known.push(identified('fetch', ownFetch));
  known.push(...(certificates ?? []));
  if (known.length === 0) return undefined;
  return { text: known.map(({ text }) => text).join(''), opaque: known.some(({ opaque }) => opaque) };
}
