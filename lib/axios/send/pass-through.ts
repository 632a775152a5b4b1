/**
 * This file sends requests that the cache neither reads nor writes: they are sent as they are, and the cache is told of
 * those that may have changed something.
 */
import type { AxiosAdapter, AxiosResponse, InternalAxiosRequestConfig } from 'axios';
import type { CacheInfo } from '../../api/response.js';
import { innerConfig, methodOf } from '../native/config.js';
import { adapterDialect, showsRedirects } from '../native/dialect.js';
import { adoptError, responseIn } from '../native/errors.js';
import { fieldsOf, headersFor } from '../native/headers.js';
import { type BeforeRedirect, SeenRedirects } from '../redirects/seen.js';
import { effectiveMethodOf } from '../request/method-override.js';
import { displayUrl } from '../request/target.js';
import { originOf } from '../request/url.js';
import type { CallerWatch } from './caller.js';
import { passBrowserCache } from './browser-cache.js';
import { mayBlameAdditions, rawFinalUrl } from './send.js';
import { wasNeverSent } from './unreachable.js';
import type { SeenRedirect } from '../../engine/exchange/answer.js';
import type { AnswerSource } from '../../engine/invalidation/invalidation.js';
import type { CacheMode, ResponseHead } from '../../rfc9111/model.js';
import type { CacheSession } from '../../session.js';
import { isInPage } from '../../support/page-origin.js';
import { within } from '../../support/timers.js';

/** Told once the outcome is known: the answer's head, or that none came; `undefined`: there is nothing to wait for. */
export type OnOutcome = (response: ResponseHead | 'unknown', source: AnswerSource) => Promise<unknown> | undefined;

/** One caller's request, and the way on. */
interface PassThrough {
  readonly session: CacheSession;
  readonly config: InternalAxiosRequestConfig;
  readonly inner: AxiosAdapter;
  /** The mode in which the HTTP cache of a browser is to take the request. @default 'default' */
  readonly mode?: CacheMode | undefined;
  /** This watches how long the caller waits; it is `undefined` where nothing can end that. */
  readonly watch: CallerWatch | undefined;
}

/**
 * Sends a request past the cache, with nothing added to it; the answer (also an error's) says why. What follows from
 * the outcome goes on without the caller once its time is over, and beside a stream at once.
 */
export async function passThrough(
  { session, config, inner, watch, mode = 'default' }: PassThrough,
  info: CacheInfo,
  onOutcome?: OnOutcome,
): Promise<AxiosResponse> {
  const isActive = session.state === 'active';
  const seenRedirects = new SeenRedirects({ method: effectiveMethodOf(config), url: info.url });
  const heed = async (response?: AxiosResponse): Promise<void> => {
    if (!isActive) return;
    const head = response === undefined ? 'unknown' : headOf(response);
    const source = { finalUrl: rawFinalUrl(response?.request), seenRedirects: seenRedirects.list };
    await finish(session, config, heedOutcome(session, config, onOutcome, head, source), watch);
  };
  /** What the cache puts into the response. */
  const told = (response: AxiosResponse): AxiosResponse => {
    const headers = headersFor(config.headers, response.headers);
    return Object.assign(response, { headers, config, cached: false, cache: info });
  };
  const isAborted = hasGivenUp(config);
  const dialect = adapterDialect(inner, config);
  const watches = isActive && showsRedirects(config, dialect);
  try {
    const own = watches ? { beforeRedirect: notingIn(seenRedirects, config.beforeRedirect) } : {};
    const sendOwn = (mode: CacheMode): Promise<AxiosResponse> => {
      const sent = innerConfig(config, dialect, own);
      const asksForNews = mode === 'no-store' && isInPage() && ['GET', 'HEAD'].includes(methodOf(config));
      const isAdded = asksForNews && passBrowserCache(sent, mode, dialect, info.url);
      const sending = inner(sent);
      return isAdded ? sending.catch((error: unknown) => sendAgain(error)) : sending;
    };
    const sendAgain = (error: unknown): Promise<AxiosResponse> => {
      if (hasGivenUp(config) || !mayBlameAdditions(error)) throw error;
      return sendOwn('default');
    };
    const response = await sendOwn(mode);
    await heed(response);
    return told(response);
  } catch (error) {
    const response = responseIn(error);
    // What never left has changed nothing. A redirect is an answer, so that its request has left.
    const isUnsent =
      response === undefined &&
      seenRedirects.list.length === 0 &&
      (isAborted || wasNeverSent(error, info.url, !watches));
    if (!isUnsent) await heed(response);
    if (response !== undefined) told(response);
    throw adoptError(error, config);
  }
}

/**
 * Waits for what the cache does about an answer, for as long as the caller would wait, and not for long: a storage may
 * need some time for each entry of a listing. What is not done by then goes on without the caller.
 */
export async function finish(
  { engine, options }: CacheSession,
  { responseType }: InternalAxiosRequestConfig,
  work: Promise<unknown>,
  watch: CallerWatch | undefined,
): Promise<void> {
  engine.background.add(work);
  if (responseType === 'stream') return;
  const soon = within(2 * options.storageTimeoutMs, work);
  // The answer is there: it is not kept back because its caller no longer waits for the rest.
  await (watch?.race(soon) ?? soon).catch(() => undefined);
}

/** What the request itself was answered, if that was a redirect. */
export const firstOf = ([seenRedirect]: readonly SeenRedirect[]): ResponseHead | undefined => seenRedirect?.response;

/** Tells the cache what an answer that did not pass the engine means for stored answers. */
async function heedOutcome(
  session: CacheSession,
  config: InternalAxiosRequestConfig,
  onOutcome: OnOutcome | undefined,
  response: ResponseHead | 'unknown',
  source: AnswerSource,
): Promise<void> {
  await onOutcome?.(response, source);
  const request = { method: effectiveMethodOf(config), url: displayUrl(config) };
  const origins = { originOf: (url: string): string => originOf(url, config.socketPath ?? undefined) };
  await session.engine.invalidation.afterAnswer(request, response, origins, source);
}

const hasGivenUp = ({ signal, cancelToken }: InternalAxiosRequestConfig): boolean =>
  signal?.aborted === true || cancelToken?.reason !== undefined;

const notingIn =
  (seenRedirects: SeenRedirects, own: InternalAxiosRequestConfig['beforeRedirect']): BeforeRedirect =>
  (...given) => {
    seenRedirects.note(given[0], given[1]);
    own?.(...given);
  };

const headOf = ({ status, headers }: AxiosResponse): ResponseHead => ({
  status,
  headers: fieldsOf(headers),
});
