/** Requests that the cache neither reads nor writes: sent as they are, and told to the cache where they may change something. */
import axios, { type AxiosAdapter, type AxiosResponse, type InternalAxiosRequestConfig } from 'axios';
import type { CacheInfo } from '../cache-info.js';
import type { ResponseHead } from '../rfc9111/model.js';
import { rawFinalUrl } from './exchange.js';
import { fieldsOf, plainHeaders } from './headers.js';
import { innerConfig } from './inner-adapter.js';
import { adoptError } from './settle.js';

/** Told once the outcome is known: the answer's head, or that none came. */
export type OnOutcome = (response: ResponseHead | 'unknown', finalUrl?: string) => Promise<void>;

/** Sends `config` through `inner` untouched; the answer (also an error's) says that no cache was used. */
export async function forward(
  config: InternalAxiosRequestConfig,
  inner: AxiosAdapter,
  info: CacheInfo,
  onOutcome?: OnOutcome,
): Promise<AxiosResponse> {
  try {
    const response = await inner(innerConfig(config, {}));
    await onOutcome?.(headOf(response), rawFinalUrl(response.request));
    return Object.assign(response, answerOf(response, info), { config });
  } catch (error) {
    const response = axios.isAxiosError(error) ? error.response : undefined;
    await onOutcome?.(response === undefined ? 'unknown' : headOf(response));
    if (response !== undefined) Object.assign(response, answerOf(response, info));
    throw adoptError(error, config);
  }
}

const answerOf = ({ headers }: AxiosResponse, cache: CacheInfo): Partial<AxiosResponse> => ({
  headers: plainHeaders(headers),
  cached: false,
  cache,
});

const headOf = ({ status, headers }: AxiosResponse): ResponseHead => ({
  status,
  headers: fieldsOf(headers),
});
