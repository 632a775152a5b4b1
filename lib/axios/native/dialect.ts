import type { AxiosAdapter, InternalAxiosRequestConfig } from 'axios';
import { builtInAdapter } from './built-in.js';

/** One of axios' own adapters: each has its own idea of what a `responseType` means. */
export type Dialect = 'http' | 'fetch' | 'xhr';

/** Which of axios' own adapters `resolved` is; that of `fetch` is made for each `config.env`. Never throws. */
export function adapterDialect(resolved: AxiosAdapter, config: InternalAxiosRequestConfig): Dialect | undefined {
  if (resolved === HTTP) return 'http';
  if (resolved === XHR) return 'xhr';
  return resolved === builtInAdapter('fetch', config) ? 'fetch' : undefined;
}

const HTTP = builtInAdapter('http');
const XHR = builtInAdapter('xhr');

/** fetch and XHR neither show redirects nor take the same credentials along; of HTTP/2 axios follows none. */
export const showsRedirects = (config: InternalAxiosRequestConfig, dialect: Dialect | undefined): boolean =>
  dialect !== 'fetch' && dialect !== 'xhr' && (config as { httpVersion?: unknown }).httpVersion !== 2;
