/** This file looks up the adapters that axios itself brings. */
import type { AxiosAdapter, InternalAxiosRequestConfig } from 'axios';
import axios from './library.js';

/** Returns axios' adapter of this name. It is `undefined` where the environment has none, for which axios throws. */
export function builtInAdapter(name: string, config?: InternalAxiosRequestConfig): AxiosAdapter | undefined {
  try {
    return axios.getAdapter(name, config);
  } catch {
    return undefined;
  }
}

/** These are the parts of `config.env` by which axios tells its fetch adapters apart. */
type FetchParts = Readonly<Partial<Record<'fetch' | 'Request' | 'Response' | 'Blob', unknown>>>;

const NO_PARTS: FetchParts = {};
let latest: { readonly parts: FetchParts; readonly adapter: AxiosAdapter } | undefined;

/**
 * Returns axios' fetch adapter for the `env` of a request. The latest one is kept, since nearly all requests of a
 * program have equal ones, and axios goes through a map for each part.
 */
export function fetchAdapterFor(config: InternalAxiosRequestConfig): AxiosAdapter | undefined {
  const parts: FetchParts = config.env ?? NO_PARTS;
  if (latest !== undefined && areSame(latest.parts, parts)) return latest.adapter;
  const adapter = builtInAdapter('fetch', config);
  if (adapter !== undefined) latest = { parts: { ...parts }, adapter };
  return adapter;
}

const areSame = (one: FetchParts, other: FetchParts): boolean =>
  one.fetch === other.fetch &&
  one.Request === other.Request &&
  one.Response === other.Response &&
  one.Blob === other.Blob;
