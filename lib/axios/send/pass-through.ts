/**
 * Requests that the cache neither reads nor writes: sent as they are, and told to the cache where they may change
 * something.
 */
import axios, { type AxiosAdapter, type AxiosResponse, type InternalAxiosRequestConfig } from 'axios';
import type { CacheInfo } from '../../api/response.js';
import { innerConfig, methodOf } from '../native/config.js';
import { adapterDialect, showsRedirects } from '../native/dialect.js';
import { adoptError } from '../native/errors.js';
import { fieldsOf, plainHeaders } from '../native/headers.js';
import { type BeforeRedirect, Redirections } from '../redirects/seen.js';
import { plainUrl } from '../request/target.js';
import { originOf } from '../request/url.js';
import { type CallerWatch, watchCaller } from './caller.js';
import { rawFinalUrl } from './send.js';
import type { Redirection } from '../../engine/exchange/answer.js';
import type { Journey } from '../../engine/invalidation/invalidation.js';
import type { ResponseHead } from '../../rfc9111/model.js';
import type { CacheSession } from '../../session.js';

/** Told once the outcome is known: the answer's head, or that none came; `undefined`: there is nothing to wait for. */
export type OnOutcome = (response: ResponseHead | 'unknown', journey: Journey) => Promise<unknown> | undefined;

/** One caller's request, and the way on. */
export interface PassThrough {
  readonly session: CacheSession;
  readonly config: InternalAxiosRequestConfig;
  readonly inner: AxiosAdapter;
}

/**
 * Sends a request past the cache; the answer says why. What follows from the outcome goes on without the caller once
 * its time is over, and beside a stream at once.
 */
export async function passThrough(
  { session, config, inner }: PassThrough,
  info: CacheInfo,
  onOutcome?: OnOutcome,
): Promise<AxiosResponse> {
  if (session.state !== 'active') return sendOn(config, inner, info);
  const watch = watchCaller(config, adapterDialect(inner, config));
  try {
    return await sendOn(config, inner, info, (response, journey) =>
      finish(session, config, heedOutcome({ session, config, inner }, onOutcome, response, journey), watch),
    );
  } finally {
    watch?.dispose();
  }
}

/**
 * Waits for what follows from an answer as long as its caller does; what is still to be done then goes on without it.
 */
export async function finish(
  session: CacheSession,
  { responseType }: InternalAxiosRequestConfig,
  work: Promise<unknown>,
  watch?: CallerWatch,
): Promise<void> {
  session.engine.background.add(work);
  if (responseType === 'stream') return;
  // The answer is there: that its caller waits no longer is no reason to keep it back.
  await (watch?.race(work) ?? work).catch(() => undefined);
}

/** What the request itself was answered, if that was a redirect. */
export const firstOf = ([redirection]: readonly Redirection[]): ResponseHead | undefined => redirection?.response;

/** What an answer that passed the engine by says of stored ones. */
async function heedOutcome(
  { session, config }: PassThrough,
  onOutcome: OnOutcome | undefined,
  response: ResponseHead | 'unknown',
  journey: Journey,
): Promise<void> {
  await onOutcome?.(response, journey);
  const request = { method: methodOf(config), url: plainUrl(config) };
  const origins = { originOf: (url: string): string => originOf(url, config.socketPath ?? undefined) };
  await session.engine.invalidation.afterAnswer(request, response, origins, journey);
}

/** Sends `config` through `inner` untouched; the answer (also an error's) says that no cache was used. */
async function sendOn(
  config: InternalAxiosRequestConfig,
  inner: AxiosAdapter,
  info: CacheInfo,
  onOutcome?: (response: ResponseHead | 'unknown', journey: Journey) => Promise<void>,
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
