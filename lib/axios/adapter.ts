/**
 * The adapter: what the cache leaves alone goes straight on, the rest through the engine and back into axios' terms.
 */
import type { AxiosAdapter, AxiosResponse, InternalAxiosRequestConfig } from 'axios';
import { CacheError } from '../api/errors.js';
import type { CacheInfo } from '../api/response.js';
import { invalidateNamed } from './manage/invalidates.js';
import { withRefusals } from './manage/recordings.js';
import { type AdapterChoice, innerAdapter, isInside, methodOf } from './native/config.js';
import { adapterDialect, type Dialect } from './native/dialect.js';
import { optionError, responseIn } from './native/errors.js';
import { copyHeaders, headersFor } from './native/headers.js';
import { followBy, type Followed, followStored, redirectIn } from './redirects/follow.js';
import type { AxiosRequest } from './request/axios-request.js';
import type { CachingWords } from './request/fetch-mode.js';
import { bypassReason, type Locator, locatorOf } from './request/locate.js';
import { effectiveMethodOf } from './request/method-override.js';
import { displayUrl, type Target } from './request/target.js';
import { bypassInfo, failedInfo, infoForListeners, infoOf } from './respond/cache-info.js';
import { handRefreshed } from './respond/refreshed.js';
import { respond, type RespondContext } from './respond/respond.js';
import { savingsOf } from './respond/savings.js';
import { type CallerWatch, watchCaller } from './send/caller.js';
import { ownFailure } from './send/failures.js';
import { finish, firstOf, type OnOutcome, passThrough } from './send/pass-through.js';
import { AxiosExchange, type Sender, shownFinalUrl } from './send/send.js';
import { isTraced, traced } from './trace.js';
import type { LookUp } from '../engine/engine.js';
import type { Outcome } from '../engine/exchange/outcome.js';
import { decideInvalidation } from '../rfc9111/decide-invalidation.js';
import type { CacheReason, EpochMs } from '../rfc9111/model.js';
import type { RequestPolicy } from '../options/policy.js';
import type { CacheSession } from '../session.js';
import { NO_SAVINGS } from '../session/statistics.js';
import type { Digest } from '../support/digest.js';
import type { MaybePromise } from '../support/maybe-promise.js';
import { owns } from '../support/owns.js';

/**
 * Makes the adapter of one instance. An answer comes from the cache or from another adapter, called "inner" here, which
 * is the way to the origin. `former` is the inner adapter of requests that bring none of their own.
 *
 * What happens to a request, in this order:
 * 1. The inner adapter is resolved; a request that comes back from it to this adapter goes straight on.
 * 2. The request is described: its URL, its policy, its user, its key; or the reason why the cache stays out of it.
 * 3. The engine looks up what is stored, and decides. What may be reused is the answer at once.
 * 4. Otherwise the engine asks the origin, or joins a request that is under way, and keeps what may be kept.
 * 5. Where what is stored is a redirect, the same is done for the request that it leads to.
 * 6. The outcome becomes the response that the caller would have had from the inner adapter.
 * 7. One event says what the cache did.
 */
export function createAdapter(session: CacheSession, former: AdapterChoice, instance: Defaulted): AxiosAdapter {
  return function cachedAdapter(config) {
    try {
      const inner = innerAdapter(config, former);
      if (isInside(config)) return Promise.resolve(inner(config));
      const call = new Call(session, config, inner, config.adapter === cachedAdapter, instance.defaults);
      return Promise.resolve(isTraced(session) ? call.traced() : call.made());
    } catch (error) {
      return Promise.reject(asError(error));
    }
  };
}

/** The part of an instance that has the options of requests without some of their own. */
interface Defaulted {
  readonly defaults: CachingWords;
}

/** Only the type changes: what was thrown need not be an error, and goes to the caller as it is. */
const asError = (thrown: unknown): Error => thrown as Error;

/**
 * Appends what this cache did to the Cache-Status of caches on the way: the nearest comes last (RFC 9211 section 2).
 */
function addCacheStatus(response: AxiosResponse | undefined, info: CacheInfo): void {
  if (response === undefined) return;
  const headers = copyHeaders(headersFor(response.config.headers, response.headers));
  const former = headers.get('cache-status') as string | undefined;
  headers.set('cache-status', former === undefined ? String(info) : `${former}, ${String(info)}`);
  response.headers = headers;
}

/** The request that was answered, and how many stored redirects led to it. */
type Answered = Pick<Followed, 'request' | 'redirects'>;

/** One caller's request on its way through the cache. */
class Call {
  readonly session: CacheSession;
  readonly config: InternalAxiosRequestConfig;
  readonly inner: AxiosAdapter;
  readonly #dialect: Dialect | undefined;
  readonly #startedMs: EpochMs;
  /**
   * This is false where another adapter called this one: it expects the text that an adapter gives, not parsed data.
   */
  readonly #calledByAxios: boolean;
  readonly #defaults: CachingWords;
  #info: CacheInfo | undefined;
  /** The URL of a request that the origin may have been asked for, until there is an answer to tell of. */
  #askedUrl: string | undefined;
  /** How many bytes of a body came from the cache: 0 until that is known. */
  #savedBytes = 0;
  #watch: CallerWatch | undefined;
  /** This is what the caller is given, once that is known. */
  #outcome: Outcome | undefined;

  constructor(
    session: CacheSession,
    config: InternalAxiosRequestConfig,
    inner: AxiosAdapter,
    calledByAxios: boolean,
    defaults: CachingWords,
  ) {
    this.session = session;
    this.config = config;
    this.inner = withRefusals(session, inner);
    this.#dialect = adapterDialect(inner, config);
    this.#startedMs = session.options.now();
    this.#calledByAxios = calledByAxios;
    this.#defaults = defaults;
  }

  /** Makes the request, and tells the listeners of it. */
  made(): MaybePromise<AxiosResponse> {
    try {
      const answer = this.#answer();
      return answer instanceof Promise ? this.#ended(answer) : this.#succeeded(answer);
    } catch (error) {
      throw this.#failed(error);
    }
  }

  /** Does so for those who trace it too. */
  traced(): MaybePromise<AxiosResponse> {
    const { config, session } = this;
    const described = { method: methodOf(config), url: displayUrl(config) };
    return traced(session, described, () => this.made(), () => ({
      info: infoForListeners(this.info),
      savedBytes: this.#savedBytes,
    }));
  }

  #answer(): MaybePromise<AxiosResponse> {
    const { state } = this.session;
    // Of a request that has nothing to do with the cache not even the policy is asked.
    if (state !== 'active') return this.#passThrough(bypassInfo(state, displayUrl(this.config)));
    const digest = this.session.digest();
    return digest instanceof Promise
      ? this.#lookedUp(digest).then((known) => this.#addressed(known))
      : this.#addressed(digest);
  }

  /** Waits for the answer, then does what `#succeeded` or `#failed` does. */
  async #ended(answer: Promise<AxiosResponse>): Promise<AxiosResponse> {
    let response: AxiosResponse;
    try {
      response = await answer;
    } catch (error) {
      throw this.#failed(error);
    } finally {
      this.#watch?.dispose();
    }
    return this.#succeeded(response);
  }

  #succeeded(response: AxiosResponse): AxiosResponse {
    if (this.session.options.cacheStatusHeader) addCacheStatus(response, this.info);
    this.#tell(response.cached === true);
    return response;
  }

  /** Reports the failure, and returns the error that the caller is to be rejected with. */
  #failed(error: unknown): unknown {
    const response = responseIn(error);
    if (this.session.options.cacheStatusHeader) addCacheStatus(response, this.info);
    this.#tell(response?.cached === true);
    return error instanceof CacheError ? optionError(error, this.config) : error;
  }

  /** Says what the cache has done for this request so far. */
  get info(): CacheInfo {
    this.#info ??= this.#askedUrl === undefined ? bypassInfo('disabled', '') : failedInfo(this.#askedUrl);
    return this.#info;
  }

  #tell(isCached: boolean): void {
    const { info } = this;
    const { events, options, statistics } = this.session;
    const saved = isCached && this.#outcome !== undefined ? savingsOf(this.#outcome, this.config) : NO_SAVINGS;
    this.#savedBytes = saved.bytes;
    // Whoever still holds this request would hold a stream that the caller has dropped.
    this.#outcome = undefined;
    statistics.note(info.status, info.url, isCached, saved);
    if (!events.hears(info.status)) return;
    const durationMs = options.now() - this.#startedMs;
    const shown = infoForListeners(info);
    events.emit({ type: info.status, method: methodOf(this.config), url: info.url, info: shown, durationMs });
  }

  /** Watches how long the caller waits, from the first time on that anything is waited for; see `watchCaller`. */
  get watch(): CallerWatch | undefined {
    if (this.session.state === 'active') this.#watch ??= watchCaller(this.config, this.#dialect);
    return this.#watch;
  }

  /** Waits for `promise`, but no longer than the caller itself would wait. */
  #inTime<T>(promise: Promise<T>): Promise<T> {
    return this.watch?.race(promise) ?? promise;
  }

  /** Does so with what the storage is asked for, and goes on without it while there is time for the request itself. */
  #lookedUp<T>(promise: Promise<T | undefined>): Promise<T | undefined> {
    return this.watch?.raceLookUp<T | undefined>(promise, undefined) ?? promise;
  }

  #passThrough(
    info: CacheInfo,
    onOutcome?: OnOutcome,
    policy?: RequestPolicy,
  ): Promise<AxiosResponse> {
    this.#info = info;
    const { session, config, inner, watch } = this;
    return passThrough({ session, config, inner, watch, mode: policy?.mode }, info, onOutcome);
  }

  #addressed(digest: Digest | undefined): MaybePromise<AxiosResponse> {
    if (digest === undefined) return this.#unaddressed();
    const locator = locatorOf(this.session, digest);
    let target: Target | undefined;
    let request: AxiosRequest | Promise<AxiosRequest>;
    try {
      target = locator.targets.of(this.config, this.#defaults, this.#dialect);
      if (target === undefined) return this.#passThrough(bypassInfo('disabled', displayUrl(this.config)));
      const isDisabled = this.session.withoutCache.isInside;
      const reason = isDisabled ? 'disabled' : bypassReason(this.config, target.policy);
      if (reason !== undefined) return this.#bypass(reason, target);
      request = locator.describe(this.config, target, this.#dialect);
    } catch (error) {
      if (error instanceof CacheError) throw error;
      // Whatever the platform lacks or the config holds, without a cache the request would go on.
      return target === undefined ? this.#passThrough(bypassInfo('disabled', '')) : this.#bypass('disabled', target);
    }
    return request instanceof Promise
      ? this.#inTime(request).then((known) => this.#described(known, locator))
      : this.#described(request, locator);
  }

  /**
   * Handles a request while the storage's secret cannot be read: without it no key can be made, nor can the stored
   * answers that an unsafe request makes stale be named.
   */
  #unaddressed(): Promise<AxiosResponse> {
    const { invalidation } = this.session.engine;
    const url = displayUrl(this.config);
    const request = { method: effectiveMethodOf(this.config), url };
    return this.#passThrough(bypassInfo('storage-error', url, 'miss'), (response, { seenRedirects }) => {
      invalidation.afterUnaddressed(request, firstOf(seenRedirects) ?? response);
      return undefined;
    });
  }

  /** Sends a request past the cache. It may change something at the origin all the same, so it still invalidates. */
  #bypass(reason: CacheReason, { normalUrl, resource, policy }: Target): Promise<AxiosResponse> {
    if (policy.readOnly) return this.#passThrough(bypassInfo(reason, normalUrl.url), undefined, policy);
    const { session, config } = this;
    const { invalidation } = session.engine;
    const request = { method: effectiveMethodOf(config), url: normalUrl.url };
    const place = { resource: session.address(resource), socketPath: config.socketPath ?? undefined };
    const onOutcome: OnOutcome = (response, { finalUrl, seenRedirects }) =>
      Promise.all([
        invalidation.afterUnsafe(request, place, response, { finalUrl, seenRedirects }),
        invalidateNamed(policy, config, session, request, firstOf(seenRedirects) ?? response),
      ]);
    const sent = this.#passThrough(bypassInfo(reason, normalUrl.url), onOutcome, policy);
    // The storage must not be closed before it is known what the request has changed.
    if (decideInvalidation(request, 'unknown').length > 0) session.engine.background.addChange(sent);
    return sent;
  }

  #described(request: AxiosRequest, locator: Locator): MaybePromise<AxiosResponse> {
    const refusal = locator.refusalOf(request);
    if (refusal !== undefined) return this.#bypass(refusal, request.target);
    const found = this.session.engine.reuse(request, this.#startedMs);
    const isAnswer = !owns(found, 'reading') && redirectIn(found) === undefined;
    return isAnswer
      ? this.#respond(found, request, { request, redirects: 0 }, this.#startedMs)
      : this.#takingTime(request, found, locator);
  }

  async #takingTime(request: AxiosRequest, found: Outcome | LookUp, locator: Locator): Promise<AxiosResponse> {
    const { engine, options } = this.session;
    const { inner, watch } = this;
    const follow = followBy((config) => locator.locate(config, this.#dialect, this.#defaults));
    const handRefreshed = request.policy.onRefreshed === undefined ? undefined : this.#handRefreshed(request);
    const sender: Sender = {
      config: this.config,
      inner,
      dialect: this.#dialect,
      watch,
      follow,
      credentialsOf: (at) => locator.credentialsOf(at, this.#dialect),
      now: options.now,
      handRefreshed,
    };
    this.#askedUrl = request.head.url;
    let outcome: Outcome;
    let answered: Answered = { request, redirects: 0 };
    try {
      outcome = owns(found, 'reading') ? await engine.handle(new AxiosExchange(request, 0, sender), found) : found;
      if (redirectIn(outcome) !== undefined) {
        const handle = (at: AxiosRequest, followed: number): MaybePromise<Outcome> => {
          const known = engine.reuse(at, options.now());
          return owns(known, 'reading') ? engine.handle(new AxiosExchange(at, followed, sender), known) : known;
        };
        ({ outcome, ...answered } = await followStored(request, outcome, handle, follow));
      }
    } catch (error) {
      throw this.#own(error, request);
    }
    const invalidating = this.#invalidateNamed(outcome, request);
    if (invalidating !== undefined) await invalidating;
    return this.#respond(outcome, request, answered, options.now());
  }

  /** Invalidates what the `invalidates` setting of the request names, once the request has an answer of its own. */
  #invalidateNamed({ content, collapsed, entry }: Outcome, { policy, head }: AxiosRequest): Promise<void> | undefined {
    if (policy.readOnly || policy.invalidates.length === 0 || content.kind !== 'origin' || collapsed) return undefined;
    // Where its answer is stored, a request of any method is one that reads.
    if (entry !== undefined && !policy.invalidatesItself) return undefined;
    const response = firstOf(content.answer.seenRedirects) ?? content.answer;
    const invalidating = invalidateNamed(policy, this.config, this.session, head, response);
    return finish(this.session, this.config, invalidating, this.watch);
  }

  /**
   * Makes the caller's response. `answered` is the request that `outcome` belongs to: it differs from `request` where
   * stored redirects were followed.
   */
  #respond(
    outcome: Outcome,
    request: AxiosRequest,
    answered: Answered,
    now: EpochMs,
  ): MaybePromise<AxiosResponse> {
    const context = this.#contextOf(outcome, request, answered, now);
    this.#info = context.info;
    this.#outcome = outcome;
    const failure = outcome.content.kind === 'gateway-timeout' ? outcome.content.failure : undefined;
    if (failure === undefined) return respond(outcome, this.config, context);
    return this.#respondInstead(outcome, context, failure, request);
  }

  /** If the caller's validateStatus refuses the 504, the caller is told what went wrong in the first place. */
  async #respondInstead(
    outcome: Outcome,
    context: RespondContext,
    failure: unknown,
    request: AxiosRequest,
  ): Promise<AxiosResponse> {
    try {
      return await respond(outcome, this.config, context);
    } catch {
      throw this.#own(failure, request);
    }
  }

  #contextOf(
    outcome: Outcome,
    request: AxiosRequest,
    { request: answered, redirects }: Answered,
    now: EpochMs,
  ): RespondContext {
    const { session } = this;
    const info = infoOf(outcome, request.head.url, request.shownKey(session), now);
    return {
      dialect: this.#dialect,
      inner: this.inner,
      info,
      answered,
      redirects,
      calledByAxios: this.#calledByAxios,
      frozenData: request.policy.frozenData,
    };
  }

  /** Makes the function that hands the answer of a refresh in the background to the caller's `onRefreshed`. */
  #handRefreshed(request: AxiosRequest): NonNullable<Sender['handRefreshed']> {
    return async (outcome, failed) => {
      const { onRefreshed } = request.policy;
      if (onRefreshed === undefined) return;
      const context = this.#contextOf(outcome, request, { request, redirects: 0 }, this.session.options.now());
      await handRefreshed(outcome, this.config, context, onRefreshed, failed);
    };
  }

  #own(error: unknown, { target, head }: AxiosRequest): unknown {
    const own = ownFailure(error, this.config, (sent) => {
      const shown = shownFinalUrl(sent, target.rules) ?? head.url;
      return shown === head.url ? { url: target.href, redirects: 0 } : { url: shown, redirects: 1 };
    });
    // From an adapter that applies validateStatus itself.
    const response = responseIn(own);
    if (response !== undefined) Object.assign(response, { cached: false, cache: this.info });
    return own;
  }
}
