/** What axios itself does with the data of an answer after the adapter. */
import axios, { type InternalAxiosRequestConfig } from 'axios';

/**
 * axios' own `transformResponse`, told from one that somebody put into `axios.defaults` before this module was loaded
 * by
 * the option that it alone reads. `undefined`: there is none, so that no config is known to have it.
 */
const OWN_TRANSFORM = ((transforms: unknown): unknown => {
  const [own, ...others] = Array.isArray(transforms) ? (transforms as unknown[]) : [];
  const isOwn = typeof own === 'function' && others.length === 0 && String(own).includes('forcedJSONParsing');
  return isOwn ? own : undefined;
})(axios.defaults.transformResponse);

/** Whether axios will do no more with text than parse it as JSON, if it is JSON, and nothing with an object. */
export function parsesJsonAlone(config: InternalAxiosRequestConfig): boolean {
  const { responseType, transformResponse } = config;
  const { parseReviver } = config as { parseReviver?: unknown };
  if (!Array.isArray(transformResponse) || transformResponse.length !== 1) return false;
  if (transformResponse[0] !== OWN_TRANSFORM || OWN_TRANSFORM === undefined) return false;
  if (config.responseEncoding !== undefined || parseReviver !== undefined) return false;
  if (responseType === 'json') return true;
  // As axios reads both: no type is one that is empty, and a missing member of `transitional` is one that is false.
  return !responseType && (config.transitional ?? axios.defaults.transitional)?.forcedJSONParsing === true;
}
