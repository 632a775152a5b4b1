/** The way to the origin: the adapter that was there before, or the one that a request brings. */
import axios, {
  type AxiosAdapter,
  AxiosHeaders,
  type AxiosRequestConfig,
  type InternalAxiosRequestConfig,
} from 'axios';

/** What axios takes as an adapter: a name, a function, or a list of them. */
export type AdapterChoice = AxiosRequestConfig['adapter'];

/** Where a request's own adapter waits while the cache's is in its place. Symbols survive axios' merging. */
const OWN_ADAPTER = Symbol('axios-client-cache.adapter');
/** Marks the config that an inner adapter is given: should it come back to the cache, it goes straight on. */
const INSIDE = Symbol('axios-client-cache.inside');

interface Marked {
  [OWN_ADAPTER]?: AdapterChoice;
  [INSIDE]?: true;
}

/** A request interceptor: a per-request `adapter` becomes the way to the origin instead of replacing the cache. */
export function keepOwnAdapter(cached: AxiosAdapter): (config: InternalAxiosRequestConfig) => InternalAxiosRequestConfig {
  return (config) => {
    if (config.adapter === cached) return config;
    // To axios null is none.
    const own: Marked = config.adapter ? { [OWN_ADAPTER]: config.adapter } : {};
    // A copy, as an interceptor before this one may have given an object of its own.
    return Object.assign(Object.create(null), config, own, { adapter: cached }) as InternalAxiosRequestConfig;
  };
}

/** Resolved anew for each request, as axios does: `fetch` depends on the request's `env`. Throws as axios does. */
export function innerAdapter(config: InternalAxiosRequestConfig, former: AdapterChoice): AxiosAdapter {
  const own = isInside(config) ? undefined : (config as Marked)[OWN_ADAPTER];
  return axios.getAdapter(own ?? former ?? axios.defaults.adapter, config);
}

export const isInside = (config: InternalAxiosRequestConfig): boolean => (config as Marked)[INSIDE] === true;

/** A copy for the inner adapter, which adds headers of its own: the caller's config is never written to. */
export function innerConfig(
  config: InternalAxiosRequestConfig,
  changes: Partial<InternalAxiosRequestConfig>,
): InternalAxiosRequestConfig {
  const own = { headers: AxiosHeaders.from(config.headers).concat(), [INSIDE]: true };
  return Object.assign(Object.create(null), config, changes, own) as InternalAxiosRequestConfig;
}
