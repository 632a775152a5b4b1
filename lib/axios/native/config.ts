/** This file finds a request's inner adapter, which is its way to the origin, and makes the config for that adapter. */
import type { AxiosAdapter, AxiosRequestConfig, InternalAxiosRequestConfig } from 'axios';
import type { Dialect } from './dialect.js';
import axios, { AxiosHeaders } from './library.js';
import { copyHeaders } from './headers.js';
import { bareObject } from '../../support/bare-object.js';

/** An adapter is chosen as axios has it: by a name, a function, or a list of them. */
export type AdapterChoice = AxiosRequestConfig['adapter'];

/**
 * This marks the config that an inner adapter is given: if it comes back to the cache, the request goes straight on.
 */
const INSIDE = Symbol('axios-client-cache.inside');

interface Marked {
  [INSIDE]?: true;
}

/**
 * Makes a request interceptor, by which an `adapter` of a request's own becomes its way to the origin instead of
 * replacing the cache. `cachedBy` returns the cache's adapter in front of a given one; one of the cache's own it
 * returns as it is.
 */
export const keepOwnAdapter =
  (cachedBy: (own: AdapterChoice) => AxiosAdapter) =>
  (config: InternalAxiosRequestConfig): InternalAxiosRequestConfig => {
    // An interceptor has forgotten to return it, which axios tells in words that are known for it.
    if (!config) return config;
    const adapter = cachedBy(config.adapter);
    // The config is copied, since an interceptor before this one may have returned an object that it still uses. Its
    // caller sees the copy, which therefore has no prototype, as where axios makes it.
    return config.adapter === adapter ? config : copied(Object.create(null) as object, config, { adapter });
  };

/**
 * Finds the inner adapter, anew for each request as axios does, since `fetch` depends on the request's `env`. It throws
 * where axios would throw.
 */
export const innerAdapter = (config: InternalAxiosRequestConfig, former: AdapterChoice): AxiosAdapter =>
  axios.getAdapter(former ?? axios.defaults.adapter, config);

export const isInside = (config: InternalAxiosRequestConfig): boolean => (config as Marked)[INSIDE] === true;

/**
 * Makes a copy for the inner adapter, which adds headers of its own: the caller's config is never written to. An
 * adapter of our copy of axios, whose `dialect` is known, gets headers of the class there; any other gets them in the
 * class of the caller's copy.
 */
export function innerConfig(
  config: InternalAxiosRequestConfig,
  dialect: Dialect | undefined,
  changes: Partial<InternalAxiosRequestConfig>,
): InternalAxiosRequestConfig {
  const own: InternalAxiosRequestConfig & Marked = copied(bareObject(), config, changes);
  own.headers = copyHeaders(config.headers, dialect === undefined ? undefined : AxiosHeaders);
  own[INSIDE] = true;
  return own;
}

/**
 * Makes a copy in `into`, which inherits no members, as with axios. It goes name by name, since V8 takes several times
 * as long to copy all members of such an object at once. Symbols are copied too: other libraries may have set some, and
 * `INSIDE` is one.
 */
function copied(into: object, config: InternalAxiosRequestConfig, changes: object): InternalAxiosRequestConfig {
  const own = into as Record<PropertyKey, unknown>;
  const from = config as unknown as Readonly<Record<PropertyKey, unknown>>;
  for (const name of Object.keys(config)) own[name] = from[name];
  for (const symbol of Object.getOwnPropertySymbols(config)) own[symbol] = from[symbol];
  for (const name of Object.keys(changes)) own[name] = (changes as Readonly<Record<string, unknown>>)[name];
  return own as unknown as InternalAxiosRequestConfig;
}

/** Returns the request's method in upper case. */
export const methodOf = ({ method }: Pick<InternalAxiosRequestConfig, 'method'>): string =>
  method === 'get' || method === undefined ? 'GET' : method.toUpperCase();
