/**
 * This file turns an outcome into the response that the caller would have had from the adapter, with what the cache
 * did.
 */
import type { AxiosAdapter, AxiosResponse, InternalAxiosRequestConfig, RawAxiosHeaders } from 'axios';
import type { CacheInfo } from '../../api/response.js';
import { methodOf } from '../native/config.js';
import type { Dialect } from '../native/dialect.js';
import {
  answerHeaders,
  type HeaderForm,
  headerForm,
  headersFor,
  normalHeaders,
  storedHeaders,
} from '../native/headers.js';
import { nameExchange } from '../native/errors.js';
import { parsesJsonAlone } from '../native/transform.js';
import { dataFor, failingData, shownStatusText } from './data.js';
import { type DataForm, frozenJson, patternOf, sharedJson, storedJson } from './derived.js';
import { describeStream, requestOf } from './http-request.js';
import { showAsAsked } from './stored-request.js';
import type { AskedData } from './reader.js';
import { checkMaxContentLength, checkStatus, type Excess, isLimit } from './checks.js';
import type { Answer } from '../../engine/exchange/answer.js';
import type { Content, Outcome } from '../../engine/exchange/outcome.js';
import { type Body, decodeBody } from '../../entries/body.js';
import type { Entry } from '../../entries/entry.js';
import { isFailing } from '../../rfc9111/failing.js';
import { contentRange } from '../../rfc9111/parts.js';
import type { MaybePromise } from '../../support/maybe-promise.js';

/** An answer ready to be handed out: what the adapter's own response would hold. */
interface ResponseDraft {
  readonly status: number;
  readonly statusText: string;
  /** These headers belong to the caller alone, who may change them. */
  readonly headers: RawAxiosHeaders;
  /**
   * It is `undefined` for data that only mock adapters give, which is handed as it is to the caller whose request it
   * was.
   */
  readonly body: Body | undefined;
  /** This is the adapter's own response; only the caller whose request it was gets it. */
  readonly adapterResponse: Partial<AxiosResponse> | undefined;
}

const draft = (
  status: number,
  statusText: string,
  headers: RawAxiosHeaders,
  body: Body | undefined,
  adapterResponse?: Partial<AxiosResponse>,
): ResponseDraft => ({ status, statusText, headers, body, adapterResponse });

/** What was answered, by the origin or from the store; a 504 of the cache itself has none. */
const sourceOf = (content: Content): Answer | Entry | undefined =>
  content.kind === 'origin' ? content.answer : content.kind === 'gateway-timeout' ? undefined : content.entry;

const NO_BODY: Body = { kind: 'none' };

/** This is what a response depends on besides the outcome and the caller's config. */
export interface RespondContext {
  readonly dialect: Dialect | undefined;
  /** This is the adapter that the request would go through. */
  readonly inner: AxiosAdapter;
  readonly info: CacheInfo;
  /** This request was answered: the caller's own, or the one that stored redirects have led to. */
  readonly answered: { readonly target: { readonly href: string }; readonly config: InternalAxiosRequestConfig };
  /** So many stored redirects have led to it. */
  readonly redirects: number;
  /** If this is true, axios transforms the data before anybody else sees it, so that parsed JSON may be handed out. */
  readonly calledByAxios: boolean;
  /** If this is true, all callers may be given one object, which none of them can change. */
  readonly frozenData: boolean;
}

/**
 * Makes the caller's response, or throws, by the caller's own `validateStatus`, limits and `responseType`. It returns a
 * promise only where reading the data takes time, so that most hits do not wait.
 */
export function respond(
  outcome: Outcome,
  config: InternalAxiosRequestConfig,
  context: RespondContext,
): MaybePromise<AxiosResponse> {
  const { content } = outcome;
  const { dialect } = context;
  const parsed = context.calledByAxios && parsesJsonAlone(config) ? parsedData(outcome, config, context) : undefined;
  const made = draftBy(outcome, config, headerForm(config.headers), parsed === undefined || looksAtBytes(config));
  const { adapterResponse, body, status } = made;
  const withData = (data: unknown): AxiosResponse =>
    judged(responseOf(outcome, config, context, made, data), outcome, context);
  if (adapterResponse === undefined && body !== undefined) {
    const excess = checkMaxContentLength(body, config, dialect, declaredLength(content));
    if (excess !== undefined) return withData(tooLong(excess, withoutData(outcome, config, context, made), dialect));
    reportDownload(body, config);
  }
  if (parsed !== undefined) return withData(parsed);
  if (body === undefined || isGivenAsIs(outcome, config)) return withData(adapterResponse?.data);
  const type = content.kind === 'not-modified' ? undefined : first(sourceOf(content)?.headers['content-type']);
  const failed = (error: unknown): never => {
    const response = withoutData(outcome, config, context, made);
    throw nameExchange(error, response, dialect === 'fetch' ? 'request' : 'response');
  };
  const data = reading(() => dataFor(body, config, dialect, type, status, context.inner), failed);
  return data instanceof Promise ? data.then(withData) : withData(data);
}

const withoutData = (...made: readonly [Outcome, InternalAxiosRequestConfig, RespondContext, ResponseDraft]) =>
  responseOf(...made, undefined);

/** Fails with a body that is too long, or makes a stream that will. */
function tooLong({ error, isAtOnce }: Excess, response: AxiosResponse, dialect: Dialect | undefined): unknown {
  nameExchange(error, response, 'request');
  if (isAtOnce) throw error;
  return failingData(error, dialect);
}

/** Does what `failed` does where `read` throws or rejects. */
function reading(read: () => unknown, failed: (error: unknown) => never): unknown {
  try {
    const data = read();
    return data instanceof Promise ? data.catch(failed) : data;
  } catch (error) {
    return failed(error);
  }
}

/** Reads the length that the headers of a whole answer tell, and gives that of a part. */
function declaredLength(content: Content): number | undefined {
  if (content.kind === 'entry' && content.part !== undefined) return content.part.last - content.part.first + 1;
  const length = first(sourceOf(content)?.headers['content-length']);
  return length === undefined ? undefined : Number(length);
}

/**
 * Tells whether the caller gets the very bytes that the adapter gave, which may be many. What is kept is a copy of
 * them, and where others are given them too, each gets a copy.
 */
const isGivenAsIs = ({ content }: Outcome, { responseType }: InternalAxiosRequestConfig): boolean =>
  responseType === 'arraybuffer' &&
  content.kind === 'origin' &&
  content.answer.body?.kind === 'bytes' &&
  !content.isShared;

function responseOf(
  outcome: Outcome,
  config: InternalAxiosRequestConfig,
  context: RespondContext,
  made: ResponseDraft,
  data: unknown,
): AxiosResponse {
  const { status } = outcome;
  const { adapterResponse } = made;
  const response: AxiosResponse = {
    data,
    status: made.status,
    statusText: shownStatusText(made.statusText, context.inner),
    headers: headersFor(config.headers, made.headers),
    config,
    request: adapterResponse?.request as unknown,
    cached: (outcome.collapsed && !isFailing(made.status)) || (status !== 'miss' && status !== 'bypass'),
    cache: context.info,
  };
  if (adapterResponse !== undefined) addMembers(response, adapterResponse);
  addRequest(response, outcome, context, made);
  return response;
}

/** Throws where the caller's `validateStatus` refuses the response. */
function judged(response: AxiosResponse, { content }: Outcome, { dialect }: RespondContext): AxiosResponse {
  // What another adapter than those of axios does with `validateStatus` it does on a hit too.
  const isJudged = dialect !== undefined || sourceOf(content)?.heedsValidateStatus !== false;
  return isJudged ? checkStatus(response, response.config) : response;
}

/** Gives the response a `request` where no adapter has made one for it, or where that cannot tell what was asked. */
function addRequest(
  response: AxiosResponse,
  { content }: Outcome,
  { answered, redirects, dialect }: RespondContext,
  { adapterResponse, body }: ResponseDraft,
): void {
  const { data, config } = response as { data: unknown; config: InternalAxiosRequestConfig };
  // The bytes are kept for as long as the request is, which only those of XMLHttpRequest are expected to do.
  const whole = (): string => (isHead(config) ? '' : (textOf(content, dialect, config) ?? ''));
  const text = dialect === 'xhr' ? whole : NO_TEXT;
  if (adapterResponse !== undefined) {
    if (dialect === 'xhr' && body?.kind === 'bytes') showAsAsked(response, text);
    return;
  }
  const finalUrl = sourceOf(content)?.finalUrl;
  // Of redirects that the adapter has hidden it is known only that there was one at least.
  const count = redirects === 0 && finalUrl !== undefined ? 1 : redirects;
  const url = finalUrl ?? answered.target.href;
  const exchange = { url, redirects: count, config: answered.config, response, text };
  response.request = requestOf(exchange);
  if (config.responseType === 'stream') describeStream(data, exchange);
}

const NO_TEXT = (): string => '';

const isHead = (config: InternalAxiosRequestConfig): boolean => methodOf(config) === 'HEAD';

/** Adds the members that an adapter put into its response besides those that axios knows. */
function addMembers(response: AxiosResponse, native: Partial<AxiosResponse>): void {
  for (const name of Object.keys(native) as (keyof AxiosResponse)[]) {
    if (!Object.hasOwn(response, name)) Object.assign(response, { [name]: native[name] as unknown });
  }
}

/**
 * Returns the data that axios would parse from the text, as an object that belongs to the caller or that is frozen. It
 * is `undefined` where the caller is to be given the text.
 */
function parsedData(
  { content, collapsed }: Outcome,
  config: InternalAxiosRequestConfig,
  { dialect, frozenData }: RespondContext,
): object | undefined {
  const form: DataForm = frozenData ? 'frozen' : 'copy';
  const text = (): string | undefined => textOf(content, dialect);
  if (content.kind === 'entry') {
    if (content.part !== undefined || isHead(config)) return undefined;
    return storedJson(content.entry.raw, dialect, form, text);
  }
  if (content.kind !== 'origin' || content.answer.body === undefined) return undefined;
  if (collapsed) return sharedJson(content.answer.body, dialect, form, text);
  // Nothing parsed is kept on a miss, so that axios may as well parse the text.
  return frozenData ? frozenJson(text()) : undefined;
}

/** Whether the caller has to be told, or kept from, how much there is to download. */
const looksAtBytes = ({ maxContentLength, onDownloadProgress }: InternalAxiosRequestConfig): boolean =>
  onDownloadProgress !== undefined || isLimit(maxContentLength, 'http');

/** Reads the text of a whole body; it is `undefined` where there is none. A stored value is kept as its text. */
function textOf(content: Content, dialect: Dialect | undefined, asked: AskedData = {}): string | undefined {
  const isWhole = content.kind === 'origin' || (content.kind === 'entry' && content.part === undefined);
  if (!isWhole) return undefined;
  const { headers } = content.kind === 'origin' ? content.answer : content.entry;
  const body = content.kind === 'origin' ? content.answer.body : storedBody(content.entry, 'text');
  if (body === undefined || body.kind === 'none') return undefined;
  if (body.kind === 'value') return JSON.stringify(body.value);
  const form = asked.responseType === 'text' ? asked : {};
  const data = dataFor(body, form, dialect, first(headers['content-type']));
  return typeof data === 'string' ? data : undefined;
}

/** A value is read as what it is, or as its text. */
const storedBody = ({ bodyKind, raw }: Entry, values: 'value' | 'text'): Body =>
  decodeBody(bodyKind === 'value' ? values : bodyKind, raw.body);

function draftBy(
  { content, age = 0, collapsed }: Outcome,
  config: InternalAxiosRequestConfig,
  form: HeaderForm,
  needsBody: boolean,
): ResponseDraft {
  if (content.kind === 'gateway-timeout') return draft(504, 'Gateway Timeout', {}, NO_BODY);
  if (content.kind === 'origin') {
    const { answer } = content;
    const headers = form === 'axios' ? normalHeaders(answer) : answerHeaders(answer);
    const adapterResponse = collapsed ? undefined : (answer.adapterResponse as Partial<AxiosResponse>);
    return draft(answer.status, answer.statusText, headers, answer.body, adapterResponse);
  }
  if (content.kind === 'not-modified') return notModified(content.entry, age);
  const { entry, part, freshenedBy } = content;
  const { headerCase } = entry;
  const headers = storedHeaders(patternOf(entry), age, form);
  const put = (name: string, value: string | string[]): void => void (headers[headerCase[name] ?? name] = value);
  const cookies = freshenedBy?.headers['set-cookie'];
  if (cookies !== undefined) put('set-cookie', typeof cookies === 'string' ? cookies : [...cookies]);
  if (part === undefined || isHead(config)) {
    const body = isHead(config) || !needsBody ? NO_BODY : storedBody(entry, 'value');
    return draft(entry.status, entry.statusText, headers, body);
  }
  const bytes = entry.raw.body.subarray(part.first - part.from, part.last - part.from + 1);
  put('content-range', contentRange(part));
  put('content-length', String(bytes.byteLength));
  return draft(206, 'Partial Content', headers, { kind: 'bytes', bytes });
}

/** A 304 has these fields of the stored response (RFC 9110 section 15.4.5). */
const IN_NOT_MODIFIED = /^(?:cache-control|content-location|date|etag|expires|last-modified|vary|age)$/i;

function notModified(entry: Entry, age: number): ResponseDraft {
  const headers = storedHeaders(patternOf(entry), age, 'plain');
  for (const name of Object.keys(headers)) if (!IN_NOT_MODIFIED.test(name)) delete headers[name];
  return draft(304, 'Not Modified', headers, NO_BODY);
}

const first = (value: string | readonly string[] | undefined): string | undefined =>
  typeof value === 'string' ? value : value?.[0];

/** Tells the caller's `onDownloadProgress` of one event, which is the last, since a hit is downloaded at once. */
function reportDownload(body: Body, config: InternalAxiosRequestConfig): void {
  if (!config.onDownloadProgress || body.kind !== 'bytes') return;
  const loaded = body.bytes.byteLength;
  const event = { loaded, total: loaded, progress: 1, bytes: loaded, download: true, lengthComputable: true };
  try {
    config.onDownloadProgress(event);
  } catch {
    // With axios alone the request does not fail for that either.
  }
}
