/** This file knows what axios itself does with the data of an answer after the adapter has given it. */
import type { InternalAxiosRequestConfig } from 'axios';
import axios from './library.js';
import { once } from '../../support/memo.js';

/** JSON of which other parsers and further steps make something else: large numbers, dates, names, an envelope. */
const PROBE = '{"data":{"too_large":12345678901234567890,"at":"2020-01-01T00:00:00.000Z"},"List":[{"none":null}]}';

/** It is read while this module is loaded, and where a test has replaced axios there may be none. */
const transforms: unknown = (axios.defaults as typeof axios.defaults | undefined)?.transformResponse;

/**
 * axios' own `transformResponse`, told from one that somebody put into `axios.defaults` before this module was loaded
 * by the option that it reads, and by what it makes of JSON: code with other parsers is often made from it.
 * `undefined`: there is none, so that no config is known to have it.
 */
const ownTransform = once((): unknown => {
  const [own, ...others] = Array.isArray(transforms) ? (transforms as unknown[]) : [];
  const mayBeOwn = typeof own === 'function' && others.length === 0 && String(own).includes('forcedJSONParsing');
  return mayBeOwn && isJsonParse(own) ? own : undefined;
});

type Transform = (this: unknown, text: string) => { data: { at: unknown } };

function isJsonParse(transform: unknown): boolean {
  try {
    const parsed = (transform as Transform).call({ transitional: { forcedJSONParsing: true } }, PROBE);
    // A Date would have the same text.
    return JSON.stringify(parsed) === JSON.stringify(JSON.parse(PROBE)) && typeof parsed.data.at === 'string';
  } catch {
    return false;
  }
}

/** Whether axios will do no more with text than parse it as JSON, if it is JSON, and nothing with an object. */
export function parsesJsonAlone(config: InternalAxiosRequestConfig): boolean {
  const { responseType, transformResponse } = config;
  const { parseReviver } = config as { parseReviver?: unknown };
  if (!Array.isArray(transformResponse) || transformResponse.length !== 1) return false;
  const own = ownTransform();
  if (own === undefined || transformResponse[0] !== own) return false;
  if (config.responseEncoding !== undefined || parseReviver !== undefined) return false;
  if (responseType === 'json') return true;
  // Both are read as axios reads them: an empty type is no type, and a member that `transitional` lacks is false.
  return !responseType && (config.transitional ?? axios.defaults.transitional)?.forcedJSONParsing === true;
}
