/** From one axios request to what the engine handles: how it is sent, waited for, and told apart from others. */
import axios, { type AxiosAdapter, type AxiosResponse, type InternalAxiosRequestConfig } from 'axios';
import { innerConfig } from '../native/config.js';
import { type Dialect, showsRedirects } from '../native/dialect.js';
import { headerFields } from '../native/headers.js';
import type { Follow } from '../redirects/follow.js';
import { RedirectWatch } from '../redirects/watch.js';
import type { Located } from '../request/locate.js';
import { normaliseUrl, type UrlRules } from '../request/url.js';
import type { CallerWatch } from './caller.js';
import { readBody } from './read-body.js';
import { passingOf } from './streams.js';
import type { Answer } from '../../engine/exchange/answer.js';
import type { Exchange, FailureKind } from '../../engine/exchange/request.js';
import { BRIDGED } from '../../rfc9111/decide-validation.js';
import type { EpochMs } from '../../rfc9111/model.js';
import { identityOf } from '../../support/identity.js';

export interface ExchangeParts {
  readonly located: Located;
  /** How many stored redirects led there. */
  readonly followed: number;
  readonly follow: Follow;
  readonly inner: AxiosAdapter;
  readonly watch: CallerWatch | undefined;
  readonly dialect: Dialect | undefined;
  readonly now: () => EpochMs;
}

export function createExchange({ located, followed, follow, inner, watch, dialect, now }: ExchangeParts): Exchange {
  const { config, target } = located;
  const { head, key, keyOfGet, resource, socketPath, search, originOf, policy } = located.asked;
  const send: Exchange['send'] = async (conditions, signal, manner, onRedirect) => {
    // From here on the adapter's own timeout rules, by its own notion of time.
    watch?.stopTimer();
    // axios' own adapters do; of another one it is seen when it asks.
    let judged = dialect !== undefined;
    const accept = (): boolean => (judged = true);
    const validateStatus = dialect === undefined ? accept : null;
    const streamed = manner === 'streamed';
    const own = streamed ? innerConfig(config, { validateStatus }) : sharedConfig(config, signal, validateStatus);
    for (const [name, value] of Object.entries(conditions ?? {})) own.headers.set(name, value as string);
    const redirects = new RedirectWatch({ located, followed, conditions, follow, onRedirect, now });
    if (showsRedirects(config, dialect)) own.beforeRedirect = redirects.beforeRedirect;
    const native = await redirects.watched(inner(own), config);
    if (native === 'misled') return send(undefined, signal, manner, onRedirect);
    const shown = shownFinalUrl(native.request, target.rules);
    const [finalUrl, route] = [shown === head.url ? undefined : shown, redirects.route(shown, native.status)];
    const direct = route === undefined && shown !== undefined;
    const timing = { requestTime: redirects.since, responseTime: now() };
    const { redirections } = redirects;
    const answer = { ...answerOf(native), judged, direct, finalUrl, route, redirections, ...timing };
    return streamed ? { ...answer, ...streamedBody(native, head, answer, dialect) } : { ...answer, body: readBody(native.data) };
  };
  return {
    head,
    key,
    keyOfGet,
    resource,
    socketPath,
    search,
    policy,
    originOf,
    flightIdentity: () => flightIdentity(config, inner, followed),
    streams: config.responseType === 'stream',
    send,
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
  { method }: Exchange['head'],
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
): Pick<Answer, 'status' | 'statusText' | 'headers' | 'headerCase' | 'native'> {
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
 * What the http and xhr adapters tell of the URL that answered, fetch does not. It is stored, so in the form that shows
 * neither user-info nor redacted parameters.
 */
function shownFinalUrl(request: unknown, rules: UrlRules): string | undefined {
  const url = rawFinalUrl(request);
  return url === undefined ? undefined : normaliseUrl(url, rules)?.url;
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

function flightIdentity(config: InternalAxiosRequestConfig, inner: AxiosAdapter, followed: number): string {
  const settings = config as unknown as Record<string, unknown>;
  // How many redirects are left to it.
  const used = config.maxRedirects === undefined ? 0 : followed;
  return [inner, used, ...TRAVELS_BY.map((name) => settings[name])].map((each) => identify(each, 0)).join(' ');
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
