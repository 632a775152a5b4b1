/**
 * This file sends requests that the cache neither reads nor writes: they are sent as they are, and the cache is told of
 * those that may have changed something.
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

/**
 * This is called once the outcome is known, with the answer's head or `'unknown'` if none came. It returns `undefined`
 * where there is nothing to wait for.
 */
export type OnOutcome = (response: ResponseHead | 'unknown', journey: Journey) => Promise<unknown> | undefined;

/** This is one caller's request, with the adapter (`inner`) that is its way to the origin. */
export interface PassThrough {
  readonly session: CacheSession;
  readonly config: InternalAxiosRequestConfig;
  readonly inner: AxiosAdapter;
}

/**
 * Sends a request past the cache; the answer says why. The cache then acts on the outcome. The caller waits for that,
 * but no longer than its own timeout allows, and not at all where it asked for a stream.
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
 * Waits for what the cache does about an answer, for as long as the caller would wait. What is not done by then goes on
 * without the caller.
 */
export async function finish(
  session: CacheSession,
  { responseType }: InternalAxiosRequestConfig,
  work: Promise<unknown>,
  watch?: CallerWatch,
): Promise<void> {
  session.engine.background.add(work);
  if (responseType === 'stream') return;
  // The answer is there: it is not kept back because its caller no longer waits for the rest.
  await (watch?.race(work) ?? work).catch(() => undefined);
}

/** Returns what the request itself was answered, if that was a redirect. */
export const firstOf = ([redirection]: readonly Redirection[]): ResponseHead | undefined => redirection?.response;

/** Tells the cache what an answer that did not pass the engine means for stored answers. */
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

/**
 * Sends `config` through `inner` with nothing added to it; the answer (also an error's) says that no cache was used.
 */
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
