/** Requests that the cache neither reads nor writes: sent as they are, and told to the cache where they may change something. */
import axios, { type AxiosAdapter, type AxiosResponse, type InternalAxiosRequestConfig } from 'axios';
import type { CacheInfo } from '../../api/response.js';
import { innerConfig, methodOf } from '../native/config.js';
import { showsRedirects } from '../native/dialect.js';
import { adoptError } from '../native/errors.js';
import { fieldsOf, plainHeaders } from '../native/headers.js';
import { type BeforeRedirect, Redirections } from '../redirects/seen.js';
import { rawFinalUrl } from './send.js';
import type { Redirection } from '../../engine/exchange/answer.js';
import type { ResponseHead } from '../../rfc9111/model.js';

/** How an answer came. */
export interface Journey {
  /** `undefined`: where the adapter tells none. */
  readonly finalUrl: string | undefined;
  readonly redirections: readonly Redirection[];
}

/** Told once the outcome is known: the answer's head, or that none came. */
export type OnOutcome = (response: ResponseHead | 'unknown', journey: Journey) => Promise<void>;

/** Sends `config` through `inner` untouched; the answer (also an error's) says that no cache was used. */
export async function forward(
  config: InternalAxiosRequestConfig,
  inner: AxiosAdapter,
  info: CacheInfo,
  onOutcome?: OnOutcome,
): Promise<AxiosResponse> {
  const redirections = new Redirections({ method: methodOf(config), url: info.url });
  const journeyTo = (response?: AxiosResponse): Journey => ({
    finalUrl: rawFinalUrl(response?.request),
    redirections: redirections.seen,
  });
  try {
    const own = onOutcome === undefined ? {} : { beforeRedirect: notingIn(redirections, config.beforeRedirect) };
    const response = await inner(innerConfig(config, showsRedirects(config, undefined) ? own : {}));
    await onOutcome?.(headOf(response), journeyTo(response));
    return Object.assign(response, answerOf(response, info), { config });
  } catch (error) {
    const response = axios.isAxiosError(error) ? error.response : undefined;
    await onOutcome?.(response === undefined ? 'unknown' : headOf(response), journeyTo(response));
    if (response !== undefined) Object.assign(response, answerOf(response, info));
    throw adoptError(error, config);
  }
}

const notingIn =
  (redirections: Redirections, own: InternalAxiosRequestConfig['beforeRedirect']): BeforeRedirect =>
  (...given) => {
    redirections.note(given[0], given[1]);
    own?.(...given);
  };

const answerOf = ({ headers }: AxiosResponse, cache: CacheInfo): Partial<AxiosResponse> => ({
  headers: plainHeaders(headers),
  cached: false,
  cache,
});

const headOf = ({ status, headers }: AxiosResponse): ResponseHead => ({
  status,
  headers: fieldsOf(headers),
});
