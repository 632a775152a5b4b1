/** The adapter: what the cache leaves alone goes straight on, the rest through the engine and back into axios' terms. */
import axios, { type AxiosAdapter, type AxiosResponse, type InternalAxiosRequestConfig } from 'axios';
import { CacheError } from '../api/errors.js';
import type { CacheInfo } from '../api/response.js';
import { invalidateNamed } from './manage/invalidates.js';
import { type AdapterChoice, innerAdapter, isInside, methodOf } from './native/config.js';
import { adapterDialect, type Dialect, showsRedirects } from './native/dialect.js';
import { adoptError, cloneError, optionError } from './native/errors.js';
import { copyHeaders, plainHeaders } from './native/headers.js';
import { followBy, handleFollowing } from './redirects/follow.js';
import { ignoringRedirects } from './redirects/ignore.js';
import { type Bearings, bypassReason, describeFor, locate, type Located, locatedAs, refusalOf } from './request/locate.js';
import { plainUrl, type Target, targetOf } from './request/target.js';
import { originOf } from './request/url.js';
import { bypassInfo, createCacheInfo } from './respond/cache-info.js';
import { handRefreshed } from './respond/refreshed.js';
import { respond } from './respond/respond.js';
import { type CallerWatch, watchCaller } from './send/caller.js';
import { forward, type Journey, type OnOutcome } from './send/pass-through.js';
import { createExchange } from './send/send.js';
import type { Redirection } from '../engine/exchange/answer.js';
import type { Outcome } from '../engine/exchange/outcome.js';
import type { Asked, Exchange } from '../engine/exchange/request.js';
import type { CacheReason, ResponseHead } from '../rfc9111/model.js';
import type { CacheSession } from '../session.js';

/** The adapter of one instance: `former` is the way to the origin of requests that bring none of their own. */
export function createAdapter(session: CacheSession, former: AdapterChoice): AxiosAdapter {
  return async function cachedAdapter(config) {
    const inner = innerAdapter(config, former);
    if (isInside(config)) return inner(config);
    const call = new Call(session, config, inner);
    const { now } = session.options;
    const startedMs = now();
    const tell = (response: AxiosResponse | undefined): void => {
      if (session.options.cacheStatusHeader) addCacheStatus(response, call.info);
    };
    try {
      const response = await call.answer();
      tell(response);
      return response;
    } catch (error) {
      if (axios.isAxiosError(error)) tell(error.response);
      throw error instanceof CacheError ? optionError(error, config) : error;
    } finally {
      const { info } = call;
      session.events.emit({ type: info.status, method: methodOf(config), url: info.url, info, durationMs: now() - startedMs });
    }
  };
}

/** What the request itself was answered, if that was a redirect. */
const firstOf = ([redirection]: readonly Redirection[]): ResponseHead | undefined => redirection?.response;

/** Appends a member of ours to what caches on the way have said: the nearest comes last (RFC 9211 section 2). */
function addCacheStatus(response: AxiosResponse | undefined, info: CacheInfo): void {
  if (response === undefined) return;
  const headers = copyHeaders(response.headers);
  const former = headers.get('cache-status') as string | undefined;
  headers.set('cache-status', former === undefined ? String(info) : `${former}, ${String(info)}`);
  response.headers = plainHeaders(headers);
}

/** Errors that a caller has been given: the next one who shares the failure gets a copy with its own config. */
const givenErrors = new WeakSet<object>();

/** One caller's request on its way through the cache. */
class Call {
  /** Made when it is asked for: of most requests only the last word is. */
  #sayInfo = (): CacheInfo => bypassInfo('disabled', '');
  readonly #session: CacheSession;
  readonly #config: InternalAxiosRequestConfig;
  readonly #inner: AxiosAdapter;

  constructor(session: CacheSession, config: InternalAxiosRequestConfig, inner: AxiosAdapter) {
    this.#session = session;
    this.#config = config;
    this.#inner = inner;
  }

  /** What there is to say of it so far. */
  get info(): CacheInfo {
    return this.#sayInfo();
  }

  async answer(): Promise<AxiosResponse> {
    const { state } = this.#session;
    if (state !== 'active') return this.#forward(state);
    const known = this.#session.digest();
    const digest = known instanceof Promise ? await this.#whileWaiting(known) : known;
    if (digest === undefined) return this.#unaddressed();
    const target = targetOf(this.#config, this.#session.options, digest);
    if (target === undefined) return this.#forward('disabled');
    const reason = bypassReason(this.#config, target.policy);
    if (reason !== undefined) return this.#bypass(reason, target);
    const dialect = adapterDialect(this.#inner, this.#config);
    const bearings: Bearings = { session: this.#session, digest, dialect };
    const described = describeFor(this.#config, target, bearings);
    const request = described instanceof Promise ? await described : described;
    const refusal = refusalOf(request, this.#session);
    if (refusal !== undefined) return this.#bypass(refusal, target);
    return this.#throughEngine(locatedAs(this.#config, request, target, this.#session), bearings);
  }

  /** No longer than the caller waits. */
  async #whileWaiting<T>(promise: Promise<T>): Promise<T> {
    const watch = watchCaller(this.#config, adapterDialect(this.#inner, this.#config));
    try {
      return await (watch?.race(promise) ?? promise);
    } finally {
      watch?.dispose();
    }
  }

  /** For requests of which nothing is known but that the cache has no part in them. */
  #forward(reason: CacheReason): Promise<AxiosResponse> {
    return this.#sendOn(bypassInfo(reason, plainUrl(this.#config)));
  }

  /** Without the storage's secret there is no key, and what an unsafe request makes stale has no name. */
  #unaddressed(): Promise<AxiosResponse> {
    const { invalidation } = this.#session.engine;
    const url = plainUrl(this.#config);
    const request = { method: methodOf(this.#config), url, headers: {} };
    return this.#sendOn(bypassInfo('storage-error', url, 'miss'), (response, { redirections }) =>
      invalidation.afterUnaddressed(request, firstOf(redirections) ?? response),
    );
  }

  /** Bypassed requests change the origin's state as others do. */
  #bypass(reason: CacheReason, { normalUrl, resource, policy }: Target): Promise<AxiosResponse> {
    const { invalidation } = this.#session.engine;
    const request = { method: methodOf(this.#config), url: normalUrl.url, headers: {} };
    const place = { resource: this.#session.address(resource), socketPath: this.#config.socketPath ?? undefined };
    return this.#sendOn(bypassInfo(reason, normalUrl.url), async (response, { finalUrl, redirections }) => {
      await Promise.all([
        invalidation.afterUnsafe(request, place, response, { finalUrl, redirections }),
        invalidateNamed(policy.invalidates, this.#config, this.#session, request, firstOf(redirections) ?? response),
      ]);
    });
  }

  /** What follows from the outcome goes on without the caller once its time is over, and beside a stream at once. */
  async #sendOn(info: CacheInfo, onOutcome?: OnOutcome): Promise<AxiosResponse> {
    this.#sayInfo = () => info;
    if (this.#session.state !== 'active') return forward(this.#config, this.#inner, info);
    const watch = watchCaller(this.#config, adapterDialect(this.#inner, this.#config));
    try {
      return await forward(this.#config, this.#inner, info, (response, journey) =>
        this.#finish(this.#heedOutcome(onOutcome, response, journey), watch),
      );
    } finally {
      watch?.dispose();
    }
  }

  async #heedOutcome(onOutcome: OnOutcome | undefined, ...[response, journey]: Parameters<OnOutcome>): Promise<void> {
    await onOutcome?.(response, journey);
    await this.#heed(response, journey);
  }

  async #finish(work: Promise<void>, watch?: CallerWatch): Promise<void> {
    this.#session.engine.background.add(work);
    if (this.#config.responseType === 'stream') return;
    // The answer is there: that its caller waits no longer is no reason to keep it back.
    await (watch?.race(work) ?? work).catch(() => undefined);
  }

  /** What an answer that passed the engine by says of stored ones. */
  #heed(response: ResponseHead | 'unknown', journey: Journey): Promise<void> {
    const { socketPath } = this.#config;
    const request = { method: methodOf(this.#config), url: plainUrl(this.#config), headers: {} };
    const originOfUrl = (url: string): string => originOf(url, socketPath ?? undefined);
    return this.#session.engine.invalidation.afterAnswer(request, response, originOfUrl, journey);
  }

  async #throughEngine(located: Located, bearings: Bearings): Promise<AxiosResponse> {
    const { asked } = located;
    const { dialect } = bearings;
    const watch = watchCaller(this.#config, dialect);
    this.#sayInfo = () => bypassInfo('uri-miss', asked.head.url, 'miss');
    let outcome: Outcome;
    let url: string;
    try {
      ({ outcome, url } = await this.#follow(located, bearings, watch));
    } catch (error) {
      throw this.#own(error);
    } finally {
      watch?.dispose();
    }
    const { content, collapsed } = outcome;
    const { invalidates } = asked.policy;
    if (content.kind === 'origin' && !collapsed && invalidates.length > 0) {
      const response = firstOf(content.answer.redirections) ?? content.answer;
      await this.#finish(invalidateNamed(invalidates, this.#config, this.#session, asked.head, response));
    }
    const info = this.#describe(outcome, asked);
    this.#sayInfo = () => info;
    const failure = outcome.content.kind === 'gateway-timeout' ? outcome.content.failure : undefined;
    try {
      return await respond(outcome, this.#config, { dialect, info, url });
    } catch (error) {
      // Who takes no 504 is told what went wrong in the first place.
      throw failure === undefined ? error : this.#own(failure);
    }
  }

  /** Through what is stored of redirects, unless the caller has a function that judges them, or an adapter or transport of other ways. */
  #follow(located: Located, bearings: Bearings, watch: CallerWatch | undefined): Promise<{ outcome: Outcome; url: string }> {
    const { session, dialect } = bearings;
    const inner = this.#inner;
    const { now } = session.options;
    const follow = followBy((config) => locate(config, bearings));
    const handle = (at: Located, followed: number): Promise<Outcome> => {
      const exchange = createExchange({ located: at, followed, follow, inner, watch, dialect, now });
      return session.engine.handle(this.#toldOfRefresh(exchange, at, dialect));
    };
    const { beforeRedirect, transport } = this.#config as { beforeRedirect?: unknown; transport?: unknown };
    const follows = showsRedirects(this.#config, dialect) && !beforeRedirect && !transport;
    return handleFollowing(follows ? located : ignoringRedirects(located), { handle, follow });
  }

  /** With the caller's `onRefreshed`, if there is one, in the terms of the engine. */
  #toldOfRefresh(exchange: Exchange, { asked, target }: Located, dialect: Dialect | undefined): Exchange {
    const { onRefreshed } = asked.policy;
    if (onRefreshed === undefined) return exchange;
    return {
      ...exchange,
      onRefreshed: (outcome, failed) => {
        const circumstances = { dialect, info: this.#describe(outcome, asked), url: target.href };
        return handRefreshed(outcome, this.#config, circumstances, onRefreshed, failed);
      },
    };
  }

  #describe({ content, status, reason, notStored, collapsed, entry, age }: Outcome, { key, head }: Asked): CacheInfo {
    return createCacheInfo({
      status,
      reason,
      notStored,
      collapsed,
      entry,
      age,
      url: head.url,
      key: this.#session.displayKey(key),
      forwardStatus: content.kind === 'origin' ? content.answer.status : status === 'revalidated' ? 304 : undefined,
      now: this.#session.options.now(),
    });
  }

  #own(error: unknown): unknown {
    if (typeof error !== 'object' || error === null) return error;
    const own: unknown = givenErrors.has(error) ? cloneError(error, this.#config) : adoptError(error, this.#config);
    givenErrors.add(error);
    // Of a mock adapter, which judges the status itself.
    if (axios.isAxiosError(own) && own.response !== undefined) {
      Object.assign(own.response, { cached: false, cache: this.info });
    }
    return own;
  }
}
