/** Credentials that no field of a request shows. */
import type { InternalAxiosRequestConfig } from 'axios';
import { certificatesOf } from './certificates.js';
import { identified, isObject, type Partition } from './identified.js';
import type { Digest } from '../../support/digest.js';

/** What axios' types leave out: a jar of axios-cookiejar-support, a fetch of the request's own. */
interface HiddenSources {
  readonly jar?: unknown;
  readonly env?: { readonly fetch?: unknown };
}

/**
 * A jar's cookies, client certificates, and what a framework's fetch puts on: `undefined` where there is none of them.
 */
export function hiddenCredentials(config: InternalAxiosRequestConfig, digest: Digest): Partition | undefined {
  const { jar, env } = config as HiddenSources;
  const ownFetch = env?.fetch;
  const certificates = certificatesOf(config, digest);
  if (!jar && !ownFetch && certificates === undefined) return undefined;
  const known: Partition[] = [];
  if (isObject(jar)) known.push(identified('jar', jar));
  // A framework's fetch for one visitor puts the visitor's cookies on.
  if (typeof ownFetch === 'function' && ownFetch !== globalThis.fetch) known.push(identified('fetch', ownFetch));
  known.push(...(certificates ?? []));
  if (known.length === 0) return undefined;
  return { text: known.map(({ text }) => text).join(''), opaque: known.some(({ opaque }) => opaque) };
}
