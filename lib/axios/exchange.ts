/** From one axios request to what the engine handles: how it is sent, waited for, and told apart from others. */
import axios, { type AxiosAdapter, type AxiosResponse, type InternalAxiosRequestConfig } from 'axios';
import type { Answer, Exchange, FailureKind } from '../exchange.js';
import type { RequestPolicy } from '../options.js';
import { BRIDGED } from '../rfc9111/decide-validation.js';
import type { EpochMs } from '../rfc9111/model.js';
import { type Dialect, readBody } from './body.js';
import type { CallerWatch } from './cancellation.js';
import { headerFields } from './headers.js';
import { identityOf } from './identity.js';
import { innerConfig } from './inner-adapter.js';
import { passingOf } from './passing.js';
import { normaliseUrl, originOf, type UrlRules } from './url.js';

/** Where an exchange stands in the cache. */
export type Place = Pick<Exchange, 'head' | 'key' | 'keyOfGet' | 'resource' | 'search' | 'socketPath'>;

export interface ExchangeParts {
  readonly config: InternalAxiosRequestConfig;
  readonly inner: AxiosAdapter;
  readonly place: Place;
  readonly policy: RequestPolicy;
  readonly rules: UrlRules;
  readonly watch: CallerWatch | undefined;
  readonly dialect: Dialect | undefined;
  readonly now: () => EpochMs;
}

export function createExchange({ config, inner, place, policy, rules, watch, dialect, now }: ExchangeParts): Exchange {
  const { head, key, keyOfGet, resource, search } = place;
  return {
    head,
    key,
    keyOfGet,
    resource,
    search,
    policy,
    originOf: (url) => originOf(url, rules.socketPath),
    flightIdentity: () => flightIdentity(config, inner),
    streams: config.responseType === 'stream',
    send: async (conditions, signal, manner) => {
      // From here on the adapter's own timeout rules, by its own notion of time.
      watch?.stopTimer();
      const requestTime = now();
      // axios' own adapters do; of another one it is seen when it asks.
      let judged = dialect !== undefined;
      const accept = (): boolean => (judged = true);
      const validateStatus = dialect === undefined ? accept : null;
      const streamed = manner === 'streamed';
      const own = streamed ? innerConfig(config, { validateStatus }) : sharedConfig(config, signal, validateStatus);
      for (const [name, value] of Object.entries(conditions ?? {})) own.headers.set(name, value as string);
      const native = await inner(own);
      const finalUrl = finalUrlOf(native.request, place, rules);
      const direct = finalUrl === undefined && rawFinalUrl(native.request) !== undefined;
      const answer = { ...answerOf(native), judged, direct, finalUrl, requestTime, responseTime: now() };
      return streamed ? { ...answer, ...streamedBody(native, place.head, answer, dialect) } : { ...answer, body: readBody(native.data) };
    },
    race: (promise) => (watch === undefined ? promise : watch.race(promise)),
    failureOf: (error, collapsed) => failureOf(error, collapsed, watch),
  };
}

/** Bytes and every status, so that one entry serves all callers; shared by them, so cancelled by none alone. */
function sharedConfig(
  config: InternalAxiosRequestConfig,
  signal: AbortSignal,
  validateStatus: ((status: number) => boolean) | null,
): InternalAxiosRequestConfig {
  const own = innerConfig(config, { signal, responseType: 'arraybuffer', validateStatus });
  delete own.cancelToken;
  return own;
}

/** What an adapter gave when it was asked for a stream. */
function streamedBody(
  native: AxiosResponse,
  { method }: Place['head'],
  { headers }: Pick<Answer, 'headers'>,
  dialect: Dialect | undefined,
): Pick<Answer, 'body' | 'passing'> {
  // The Fetch standard has none where there is no body.
  if (dialect === 'fetch' && native.data === null) return { body: { kind: 'none' } };
  // Of axios' own adapters the fields speak of what was sent, and the platform has compared it.
  const isOwn = dialect !== undefined || method === 'HEAD' || headers['content-encoding'] !== undefined;
  return { body: undefined, passing: passingOf(native, isOwn ? undefined : Number(headers['content-length'] ?? 0)) };
}

function answerOf(
  native: AxiosResponse,
): Omit<Answer, 'body' | 'judged' | 'direct' | 'finalUrl' | 'requestTime' | 'responseTime'> {
  const { fields, headerCase } = headerFields(native.headers);
  return {
    status: native.status,
    // Mock adapters leave it out.
    statusText: native.statusText ?? '',
    headers: fields,
    headerCase,
    native,
  };
}

/**
 * What the http and xhr adapters tell of the URL that answered, fetch does not; `undefined` where it is the one that
 * was asked. It is stored, so in the form that shows neither user-info nor redacted parameters.
 */
function finalUrlOf(request: unknown, { head }: Place, rules: UrlRules): string | undefined {
  const url = rawFinalUrl(request);
  const shown = url === undefined ? undefined : normaliseUrl(url, rules)?.url;
  return shown === head.url ? undefined : shown;
}

/** Where the http and xhr adapters leave it. */
export function rawFinalUrl(request: unknown): string | undefined {
  const { res, responseURL } = (request ?? {}) as { res?: { responseUrl?: unknown }; responseURL?: unknown };
  const url = res?.responseUrl ?? responseURL;
  return typeof url === 'string' && url !== '' ? url : undefined;
}

/** AxiosError codes of requests that were never made or whose answer broke the caller's own limits. */
const OF_THE_REQUEST: ReadonlySet<string | undefined> = new Set([
  'ERR_BAD_OPTION',
  'ERR_BAD_OPTION_VALUE',
  'ERR_INVALID_URL',
  'ERR_NOT_SUPPORT',
  'ERR_BAD_REQUEST',
  'ERR_FR_TOO_MANY_REDIRECTS',
]);
const TIMED_OUT: ReadonlySet<string | undefined> = new Set(['ECONNABORTED', 'ETIMEDOUT']);

function failureOf(error: unknown, collapsed: boolean, watch: CallerWatch | undefined): FailureKind {
  if (watch?.failure !== undefined) return watch.failure === 'timeout' ? 'network' : 'cancelled';
  if (axios.isCancel(error)) return collapsed ? 'leader' : 'cancelled';
  if (!axios.isAxiosError(error)) return 'request';
  if (TIMED_OUT.has(error.code)) return collapsed ? 'leader' : 'network';
  // Of an adapter that judges the status itself.
  if (error.response !== undefined) return BRIDGED.has(error.response.status) ? 'network' : 'request';
  const limited = error.message.startsWith('maxContentLength');
  return limited || OF_THE_REQUEST.has(error.code) ? 'request' : 'network';
}

/** What decides how a request travels: requests that differ in it share an entry, but no origin request. */
const TRAVELS_BY = [
  'maxContentLength', 'maxBodyLength', 'maxRedirects', 'beforeRedirect', 'httpAgent', 'httpsAgent', 'proxy',
  'transport', 'lookup', 'family', 'insecureHTTPParser', 'fetchOptions', 'withCredentials',
] as const;

function flightIdentity(config: InternalAxiosRequestConfig, inner: AxiosAdapter): string {
  const settings = config as unknown as Record<string, unknown>;
  return [inner, ...TRAVELS_BY.map((name) => settings[name])].map((each) => identify(each, 0)).join(' ');
}

/** Settings nest less deeply; beyond this an object is told apart by its identity, which also ends cycles. */
const MAX_DEPTH = 4;

/** Equal text for equal plain data and for the same object. */
function identify(value: unknown, depth: number): string {
  if ((typeof value !== 'object' && typeof value !== 'function') || value === null) return JSON.stringify(value) ?? '-';
  const prototype: unknown = Object.getPrototypeOf(value);
  const isPlain = prototype === Object.prototype || prototype === null;
  if (!isPlain || depth > MAX_DEPTH) return `#${identityOf(value)}`;
  const members = Object.entries(value).map(([name, each]) => `${JSON.stringify(name)}:${identify(each, depth + 1)}`);
  return `{${members.join()}}`;
}
