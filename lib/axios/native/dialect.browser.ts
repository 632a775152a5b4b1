/**
 * This file stands in for dialect.ts in browsers, which have no http adapter and do not show the redirects they follow.
 */
import type { AxiosAdapter, InternalAxiosRequestConfig } from 'axios';
import { builtInAdapter, fetchAdapterFor } from './built-in.js';
import type { Dialect } from './dialect.js';
import { once } from '../../support/memo.js';

export function adapterDialect(resolved: AxiosAdapter, config: InternalAxiosRequestConfig): Dialect | undefined {
  if (resolved === xhr()) return 'xhr';
  return resolved === fetchAdapterFor(config) ? 'fetch' : undefined;
}

const xhr = once(() => builtInAdapter('xhr'));

export const showsRedirects = (): boolean => false;
