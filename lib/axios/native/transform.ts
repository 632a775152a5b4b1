/** This file knows what axios itself does with the data of an answer after the adapter has given it. */
import axios, { type InternalAxiosRequestConfig } from 'axios';

/**
 * This is axios' own `transformResponse`. Somebody may have put another one into `axios.defaults` before this module
 * was loaded; it is told apart by the option `forcedJSONParsing`, which only axios' own reads. Then this is
 * `undefined`, and no config counts as having axios' own.
 */
const OWN_TRANSFORM = ((transforms: unknown): unknown => {
  const [own, ...others] = Array.isArray(transforms) ? (transforms as unknown[]) : [];
  const isOwn = typeof own === 'function' && others.length === 0 && String(own).includes('forcedJSONParsing');
  return isOwn ? own : undefined;
})(axios.defaults.transformResponse);

/**
 * Tells whether axios will do nothing with a text but parse it as JSON where it is JSON, and nothing with an object.
 */
export function parsesJsonAlone(config: InternalAxiosRequestConfig): boolean {
  const { responseType, transformResponse } = config;
  const { parseReviver } = config as { parseReviver?: unknown };
  if (!Array.isArray(transformResponse) || transformResponse.length !== 1) return false;
  if (transformResponse[0] !== OWN_TRANSFORM || OWN_TRANSFORM === undefined) return false;
  if (config.responseEncoding !== undefined || parseReviver !== undefined) return false;
  if (responseType === 'json') return true;
  // Both are read as axios reads them: an empty type is no type, and a member that `transitional` lacks is false.
  return !responseType && (config.transitional ?? axios.defaults.transitional)?.forcedJSONParsing === true;
}
