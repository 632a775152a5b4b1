/**
 * This file makes of one axios request the exchange that the engine handles: how it is sent, waited for, and told apart
 * from others.
 */
import type { AxiosAdapter, AxiosResponse, InternalAxiosRequestConfig, ResponseType } from 'axios';
import axios from '../native/library.js';
import { innerConfig } from '../native/config.js';
import { type Dialect, showsRedirects } from '../native/dialect.js';
import { responseIn } from '../native/errors.js';
import { fieldsOf, headerFields } from '../native/headers.js';
import type { Follow } from '../redirects/follow.js';
import { RedirectWatch } from '../redirects/watch.js';
import type { AxiosRequest } from '../request/axios-request.js';
import { formOf } from '../request/response-form.js';
import { normaliseUrl, type UrlRules } from '../request/url.js';
import { noteData } from '../respond/data.js';
import { askedType, bytesAdapter, isTypeUnknown } from './asked-type.js';
import { modePastCopies, passBrowserCache } from './browser-cache.js';
import type { CallerWatch } from './caller.js';
import { noteFailure } from './failures.js';
import { isUnreachable } from './unreachable.js';
import { isForeign } from './page.js';
import { keptBody } from './parse-body.js';
import { streamingBodyOf } from './streams.js';
import type { Answer } from '../../engine/exchange/answer.js';
import type { Outcome } from '../../engine/exchange/outcome.js';
import type { BodyMode, CacheRequest, Exchange, FailureKind } from '../../engine/exchange/request.js';
import { mayRefuse } from '../../rfc9111/decide-validation.js';
import { isFailing } from '../../rfc9111/failing.js';
import type { CacheMode, EpochMs, HeaderFields } from '../../rfc9111/model.js';
import { isSame } from '../../support/is-same.js';

/** This is what one call through the adapter has to send its requests with. */
export interface Sender {
  /** This is the config of the caller's own request, whatever redirects it follows. */
  readonly config: InternalAxiosRequestConfig;
  readonly inner: AxiosAdapter;
  readonly dialect: Dialect | undefined;
  readonly watch: CallerWatch | undefined;
  readonly follow: Follow;
  /** Describes the credentials of a request; the text is equal where they are. */
  readonly credentialsOf: (request: AxiosRequest) => string;
  readonly now: () => EpochMs;
  /** Tells the caller what a refresh brought; it is `undefined` where the caller did not ask for that. */
  readonly handRefreshed: ((outcome: Outcome, failed: (error: unknown) => void) => Promise<void>) | undefined;
}

/**
 * An exchange is one request on its way through the engine: by it the engine sends the request, or has its caller wait
 * for one that another caller has sent.
 */
export class AxiosExchange implements Exchange {
  readonly request: AxiosRequest;
  readonly streams: boolean;
  readonly #sender: Sender;
  /** This many stored redirects led to the request. */
  readonly #followed: number;
  /** It is true once the caller has spent its time on a request, be it of another caller or its own. */
  #hasWaited = false;

  constructor(request: AxiosRequest, followed: number, sender: Sender) {
    this.request = request;
    this.streams = request.config.responseType === 'stream';
    this.#followed = followed;
    this.#sender = sender;
  }

  get mayLeave(): boolean {
    return this.#sender.watch !== undefined;
  }

  get patienceMs(): number {
    return this.#sender.watch?.leftMs ?? Infinity;
  }

  get wantsRefreshed(): boolean {
    return this.#sender.handRefreshed !== undefined;
  }

  async handRefreshed(outcome: Outcome, failed: (error: unknown) => void): Promise<void> {
    await this.#sender.handRefreshed?.(outcome, failed);
  }

  travelsAs(other: AxiosExchange): boolean {
    const [one, two] = [this.request.config, other.request.config];
    if (this.#sender.inner !== other.#sender.inner) return false;
    // They differ in how many redirects each may still follow.
    if (this.#followed !== other.#followed && one.maxRedirects !== undefined) return false;
    // An adapter that is asked as its caller asks gives one what another cannot use.
    const { dialect } = this.#sender;
    if (dialect === undefined && formOf(one.responseType) !== formOf(two.responseType)) return false;
    return TRAVELS_BY.every((name) => isSame(one[name as keyof typeof one], two[name as keyof typeof two]));
  }

  isSameUserAs(other: AxiosExchange): boolean {
    const { credentialsOf } = this.#sender;
    return credentialsOf(this.request) === credentialsOf(other.request);
  }

  send(
    conditions: HeaderFields | undefined,
    signal: AbortSignal | undefined,
    mode: BodyMode,
    onRedirect: (next: CacheRequest) => void,
    copies: 'will-do' | 'will-not-do',
  ): Promise<Answer> {
    const { config, policy } = this.request;
    const responseType = mode === 'streamed' ? config.responseType : askedType(config, this.#sender.dialect);
    const cacheMode = copies === 'will-do' ? policy.mode : modePastCopies(policy.mode);
    return this.#sendWith({ conditions, responseType, cacheMode }, signal, mode, onRedirect);
  }

  async #sendWith(
    additions: Additions,
    signal: AbortSignal | undefined,
    mode: BodyMode,
    onRedirect: (next: CacheRequest) => void,
  ): Promise<Answer> {
    const leftMs = this.#leaveTime();
    const { inner, dialect, follow, now } = this.#sender;
    const { request } = this;
    const { config } = request;
    const { conditions, responseType, cacheMode } = additions;
    // axios' own adapters leave the status to this `validateStatus`; of another one it is known once it calls it.
    let heedsValidateStatus = dialect !== undefined;
    const accept = (): boolean => (heedsValidateStatus = true);
    const validateStatus = dialect === undefined ? accept : null;
    const own = innerConfig(config, dialect, { validateStatus });
    if (mode === 'buffered') share(own, signal);
    else limit(own, leftMs);
    if (responseType !== undefined) own.responseType = responseType;
    if (conditions !== undefined) for (const name in conditions) own.headers.set(name, conditions[name] as string);
    const redirects = new RedirectWatch({ request, followed: this.#followed, conditions, follow, onRedirect, now });
    if (showsRedirects(config, dialect)) own.beforeRedirect = redirects.beforeRedirect;
    const hasOwnField = passBrowserCache(own, cacheMode, dialect, request.target.href);
    let native: AxiosResponse;
    try {
      native = await bytesAdapter(inner, config, dialect)(own);
    } catch (error) {
      const again = (left: Partial<Additions>): Promise<Answer> =>
        this.#sendWith({ ...additions, ...left }, signal, mode, onRedirect);
      // The adapter failed because of what the cache added; without that there may be an answer.
      if (redirects.isMisled) return again({ conditions: undefined });
      if (responseType !== config.responseType && isTypeUnknown(error)) {
        return again({ responseType: config.responseType });
      }
      if (hasOwnField && signal?.aborted !== true && mayBlameAdditions(error)) return again({ cacheMode: 'default' });
      throw noteFailure(redirects.errorInstead(error, config), this.#sender.config);
    }
    return this.#answerOf(native, mode, redirects, { heedsValidateStatus, responseType });
  }

  /**
   * Leaves the caller's time to the adapter's own timeout, as the adapter understands it. What is asked once more, or
   * after the request of another caller, has only what is left of that time: the result, where it has an end.
   */
  #leaveTime(): number | undefined {
    const { watch } = this.#sender;
    if (this.#hasWaited) watch?.resumeTimer();
    else watch?.stopTimer();
    const leftMs = this.#hasWaited ? watch?.leftMs : undefined;
    this.#hasWaited = true;
    return leftMs;
  }

  #answerOf(
    native: AxiosResponse,
    mode: BodyMode,
    redirects: RedirectWatch,
    { heedsValidateStatus, responseType }: Pick<Answer, 'heedsValidateStatus'> & Pick<Additions, 'responseType'>,
  ): Answer {
    const { head, target } = this.request;
    const shown = shownFinalUrl(native.request, target.rules);
    const chain = redirects.chain(shown, native.status);
    const { headers, headerCase } = headerFields(native.headers);
    const buffered = mode === 'buffered';
    noteData(this.#sender, native, head.method);
    // The reader of a stream waits for nothing that the cache does.
    if (buffered) this.#sender.watch?.answered();
    const body = buffered ? keptBody(native.data, responseType, head.method) : undefined;
    const streamed = buffered ? undefined : streamedBody(native, head.method, headers, this.#sender.dialect);
    return {
      status: native.status,
      // Mock adapters leave out the text.
      statusText: native.statusText ?? '',
      headers,
      headerCase,
      hidesVary: this.#sender.dialect !== 'http' && isForeign(native, [target.href, shown ?? target.href]),
      body: buffered ? body : streamed?.body,
      bodyBytes: body?.kind === 'bytes' ? body.bytes.byteLength : undefined,
      streaming: streamed?.streaming,
      missing: undefined,
      fromAskedUrl: chain === undefined && shown !== undefined,
      finalUrl: shown === head.url ? undefined : shown,
      chain,
      seenRedirects: redirects.seenRedirects,
      requestTime: redirects.since,
      responseTime: this.#sender.now(),
      heedsValidateStatus,
      adapterResponse: native,
    };
  }

  race<T>(promise: Promise<T>): Promise<T> {
    const { watch } = this.#sender;
    return watch === undefined ? promise : watch.race(promise);
  }

  raceLookUp<T>(looking: Promise<T>, instead: T): Promise<T> {
    const { watch } = this.#sender;
    return watch === undefined ? looking : watch.raceLookUp(looking, instead);
  }

  raceAnother<T>(promise: Promise<T>): Promise<T> {
    this.noteWaiting();
    return this.race(promise);
  }

  noteWaiting(): void {
    this.#hasWaited = true;
  }

  failureOf(error: unknown, collapsed: boolean): FailureKind {
    return failureOf(error, collapsed, this.#sender.watch, this.request.policy.staleIfErrorCodes);
  }

  readonly mayBlameConditions = mayBlameAdditions;
}

/** These are what the cache adds to a request, or changes in it. Each of them can be taken back. */
interface Additions {
  readonly conditions: HeaderFields | undefined;
  readonly responseType: ResponseType | undefined;
  /** The HTTP cache of a browser is told this mode. */
  readonly cacheMode: CacheMode;
}

/** The caller's own clock comes first, as its error tells the caller's whole timeout. */
const GRACE_MS = 50;

/** Nobody else ends a stream that its caller waits for no more. */
function limit(own: InternalAxiosRequestConfig, leftMs: number | undefined): void {
  if (leftMs !== undefined) own.timeout = leftMs + GRACE_MS;
}

/** Several callers share the request, so that none of them alone can cancel it. */
function share(own: InternalAxiosRequestConfig, signal: AbortSignal | undefined): void {
  if (signal !== undefined) own.signal = signal;
  else if (own.signal !== undefined) delete own.signal;
  if (own.cancelToken !== undefined) delete own.cancelToken;
}

/** Reads what an adapter gave when it was asked for a stream. */
function streamedBody(
  native: AxiosResponse,
  method: string,
  headers: HeaderFields,
  dialect: Dialect | undefined,
): Partial<Pick<Answer, 'body' | 'streaming'>> {
  // The Fetch standard has no stream where there is no body.
  if (dialect === 'fetch' && native.data === null) return { body: { kind: 'none' } };
  // In these cases the length says nothing about the bytes that are read: axios' own adapters decode the body, and the
  // platform has compared its length already.
  const isOwn = dialect !== undefined || method === 'HEAD' || headers['content-encoding'] !== undefined;
  return { streaming: streamingBodyOf(native, isOwn ? undefined : Number(headers['content-length'] ?? 0)) };
}

/**
 * Returns the URL that answered, which the http and xhr adapters tell and fetch does not. It will be stored, so it is
 * in the form that shows neither user-info nor redacted parameters.
 */
export function shownFinalUrl(request: unknown, rules: UrlRules): string | undefined {
  const url = rawFinalUrl(request);
  return url === undefined ? undefined : normaliseUrl(url, rules)?.url;
}

/** Reads the URL that answered from where the http and xhr adapters leave it. */
export function rawFinalUrl(request: unknown): string | undefined {
  const { res, responseURL } = (request ?? {}) as { res?: { responseUrl?: unknown }; responseURL?: unknown };
  const url = res?.responseUrl ?? responseURL;
  return typeof url === 'string' && url !== '' ? url : undefined;
}

/** An AxiosError has one of these codes if the request was never made, or its answer broke the caller's own limits. */
const OF_THE_REQUEST =
  /^ERR_(?:BAD_OPTION|BAD_OPTION_VALUE|INVALID_URL|NOT_SUPPORT|BAD_REQUEST|FR_TOO_MANY_REDIRECTS)$/;
const TIMED_OUT: ReadonlySet<string | undefined> = new Set(['ECONNABORTED', 'ETIMEDOUT']);

function failureOf(
  error: unknown,
  collapsed: boolean,
  watch: CallerWatch | undefined,
  bridged: ReadonlySet<number>,
): FailureKind {
  if (watch?.failure !== undefined) return watch.failure;
  if (axios.isCancel(error)) return collapsed ? 'leader' : 'cancelled';
  if (!axios.isAxiosError(error)) return collapsed ? 'unavailable' : 'request';
  // A network may run out of its own time, too.
  if (TIMED_OUT.has(error.code)) return collapsed && error.config?.timeout ? 'leader' : 'network';
  // The error comes from an adapter that applies validateStatus itself.
  const response = responseIn(error);
  if (response !== undefined) return failureByStatus(response.status, bridged);
  const limited = error.message.startsWith('maxContentLength');
  return limited || OF_THE_REQUEST.test(String(error.code)) ? 'request' : 'network';
}

function failureByStatus(status: number, bridged: ReadonlySet<number>): FailureKind {
  if (bridged.has(status)) return 'network';
  return isFailing(status) ? 'unavailable' : 'request';
}

const NO_STATUS: ReadonlySet<number> = new Set();

/**
 * Tells whether a request may have failed because of what the cache added to it. Only the error is asked, as the caller
 * who sent the request may have left others behind who wait for it.
 */
export function mayBlameAdditions(error: unknown): boolean {
  if (axios.isCancel(error) || isUnreachable(error)) return false;
  if (!axios.isAxiosError(error)) return true;
  const response = responseIn(error);
  if (response !== undefined) return mayRefuse({ status: response.status, headers: fieldsOf(response.headers) });
  return failureOf(error, false, undefined, NO_STATUS) === 'network' && !TIMED_OUT.has(error.code);
}

/**
 * These settings decide how a request travels: requests that differ in one share an entry, but no request to the
 * origin.
 */
const TRAVELS_BY = [
  'maxContentLength', 'maxBodyLength', 'maxRedirects', 'beforeRedirect', 'httpAgent', 'httpsAgent', 'proxy',
  'transport', 'lookup', 'family', 'insecureHTTPParser', 'fetchOptions', 'withCredentials',
] as const;
