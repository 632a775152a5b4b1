/** The way to the origin: the adapter that was there before, or the one that a request brings. */
import axios, { type AxiosAdapter, type AxiosRequestConfig, type InternalAxiosRequestConfig } from 'axios';
import { copyHeaders } from './headers.js';

/** What axios takes as an adapter: a name, a function, or a list of them. */
export type AdapterChoice = AxiosRequestConfig['adapter'];

/** Marks the config that an inner adapter is given: should it come back to the cache, it goes straight on. */
const INSIDE = Symbol('axios-client-cache.inside');

interface Marked {
  [INSIDE]?: true;
}

/**
 * A request interceptor: a per-request `adapter` becomes the way to the origin instead of replacing the cache.
 * `cachedBy` gives the cache's adapter in front of another, and itself for one of the cache's own.
 */
export const keepOwnAdapter =
  (cachedBy: (own: AdapterChoice) => AxiosAdapter) =>
  (config: InternalAxiosRequestConfig): InternalAxiosRequestConfig => {
    const adapter = cachedBy(config.adapter);
    // A copy, as an interceptor before this one may have given an object of its own.
    return config.adapter === adapter ? config : configWith(config, { adapter });
  };

/** Resolved anew for each request, as axios does: `fetch` depends on the request's `env`. Throws as axios does. */
export const innerAdapter = (config: InternalAxiosRequestConfig, former: AdapterChoice): AxiosAdapter =>
  axios.getAdapter(former ?? axios.defaults.adapter, config);

export const isInside = (config: InternalAxiosRequestConfig): boolean => (config as Marked)[INSIDE] === true;

/** A copy for the inner adapter, which adds headers of its own: the caller's config is never written to. */
export function innerConfig(
  config: InternalAxiosRequestConfig,
  changes: Partial<InternalAxiosRequestConfig>,
): InternalAxiosRequestConfig {
  const own: InternalAxiosRequestConfig & Marked = configWith(config, changes);
  own.headers = copyHeaders(config.headers);
  own[INSIDE] = true;
  return own;
}

/**
 * A copy without a prototype, as axios makes them. It goes name by name, since V8 takes several times as long to copy
 * all members of such an object at once; symbols are those of other libraries, or mark what is inside.
 */
function configWith(config: InternalAxiosRequestConfig, changes: object): InternalAxiosRequestConfig {
  const own = Object.create(null) as Record<PropertyKey, unknown>;
  const from = config as unknown as Readonly<Record<PropertyKey, unknown>>;
  for (const name of Object.keys(config)) own[name] = from[name];
  for (const symbol of Object.getOwnPropertySymbols(config)) own[symbol] = from[symbol];
  for (const name of Object.keys(changes)) own[name] = (changes as Readonly<Record<string, unknown>>)[name];
  return own as unknown as InternalAxiosRequestConfig;
}

/** Upper case. */
export const methodOf = ({ method }: Pick<InternalAxiosRequestConfig, 'method'>): string =>
  method === 'get' || method === undefined ? 'GET' : method.toUpperCase();
