/** This file tells which of axios' own adapters a request goes through, and whether that one shows redirects. */
import type { AxiosAdapter, InternalAxiosRequestConfig } from 'axios';
import { builtInAdapter, fetchAdapterFor } from './built-in.js';
import { once } from '../../support/memo.js';

/** A dialect is one of axios' own adapters: each has its own idea of what a `responseType` means. */
export type Dialect = 'http' | 'fetch' | 'xhr';

/**
 * Tells which dialect `resolved` is; it is `undefined` for an adapter that is not axios' own. `fetch` has an adapter
 * for each `config.env`, so that it is looked up by it. This never throws.
 */
export function adapterDialect(resolved: AxiosAdapter, config: InternalAxiosRequestConfig): Dialect | undefined {
  if (resolved === http()) return 'http';
  if (resolved === xhr()) return 'xhr';
  return resolved === fetchAdapterFor(config) ? 'fetch' : undefined;
}

const http = once(() => builtInAdapter('http'));
const xhr = once(() => builtInAdapter('xhr'));

/**
 * Tells whether the cache may see and repeat redirects: fetch and XHR neither show them nor take the same credentials
 * along, and over HTTP/2 axios follows none.
 */
export const showsRedirects = (config: InternalAxiosRequestConfig, dialect: Dialect | undefined): boolean =>
  dialect !== 'fetch' && dialect !== 'xhr' && (config as { httpVersion?: unknown }).httpVersion !== 2;
