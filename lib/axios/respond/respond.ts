/**
 * This file turns an outcome into the response that the caller would have had from the adapter, with what the cache
 * did.
 */
import type { AxiosResponse, InternalAxiosRequestConfig, RawAxiosHeaders } from 'axios';
import type { CacheInfo } from '../../api/response.js';
import { methodOf } from '../native/config.js';
import type { Dialect } from '../native/dialect.js';
import { adoptError } from '../native/errors.js';
import {
  answerHeaders,
  type HeaderForm,
  headerForm,
  headersFor,
  normalHeaders,
  storedHeaders,
} from '../native/headers.js';
import { parsesJsonAlone } from '../native/transform.js';
import { dataFor } from './data.js';
import { type DataForm, frozenJson, patternOf, sharedJson, storedJson } from './derived.js';
import { failingStream } from './http-data.js';
import { describeStream, requestOf } from './http-request.js';
import { showAsAsked } from './stored-request.js';
import { checkMaxContentLength, checkStatus, isLimit } from './checks.js';
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
  readonly contentType: string | undefined;
  /**
   * It is `undefined` for data that only mock adapters give, which is handed as it is to the caller whose request it
   * was.
   */
  readonly body: Body | undefined;
  readonly finalUrl: string | undefined;
  /** This is the adapter's own response; only the caller whose request it was gets it. */
  readonly adapterResponse: Partial<AxiosResponse> | undefined;
}

type EntryContent = Extract<Content, { kind: 'entry' }>;

const NO_BODY: Body = { kind: 'none' };

/** This is what a response depends on besides the outcome and the caller's config. */
export interface RespondContext {
  readonly dialect: Dialect | undefined;
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
  const form = headerForm(config.headers);
  const data = context.calledByAxios && parsesJsonAlone(config) ? parsedData(outcome, config, context) : undefined;
  const draft = draftBy(outcome, config, form, data === undefined || looksAtBytes(config));
  const { adapterResponse, body } = draft;
  if (adapterResponse === undefined && body !== undefined) {
    const excess = checkMaxContentLength(body, config, context.dialect);
    if (excess !== undefined) return responseOf(outcome, config, context, draft, failingStream(excess));
    reportDownload(body, config);
  }
  if (data !== undefined) return responseOf(outcome, config, context, draft, data);
  if (body === undefined || isGivenAsIs(outcome, config)) {
    return responseOf(outcome, config, context, draft, adapterResponse?.data);
  }
  const read = dataOf(body, draft, config, context.dialect);
  return read instanceof Promise
    ? read.then((known) => responseOf(outcome, config, context, draft, known))
    : responseOf(outcome, config, context, draft, read);
}

/**
 * Tells whether the caller gets the very bytes that the adapter gave, which may be many. What is kept is a copy of
 * them, and where others are given them too, each gets a copy.
 */
const isGivenAsIs = ({ content, collapsed }: Outcome, { responseType }: InternalAxiosRequestConfig): boolean =>
  responseType === 'arraybuffer' &&
  content.kind === 'origin' &&
  content.answer.body?.kind === 'bytes' &&
  !content.isShared &&
  !collapsed;

function responseOf(
  outcome: Outcome,
  config: InternalAxiosRequestConfig,
  context: RespondContext,
  draft: ResponseDraft,
  data: unknown,
): AxiosResponse {
  const { content, status } = outcome;
  const { adapterResponse } = draft;
  const response: AxiosResponse = {
    data,
    status: draft.status,
    statusText: draft.statusText,
    headers: headersFor(config.headers, draft.headers),
    config,
    request: adapterResponse?.request as unknown,
    cached: (outcome.collapsed && !isFailing(draft.status)) || (status !== 'miss' && status !== 'bypass'),
    cache: context.info,
  };
  if (adapterResponse !== undefined) addMembers(response, adapterResponse);
  addRequest(response, outcome, context, draft);
  const isJudged = content.kind !== 'origin' || content.answer.heedsValidateStatus;
  return isJudged ? checkStatus(response, config) : response;
}

/** Gives the response a `request` where no adapter has made one for it, or where that cannot tell what was asked. */
function addRequest(
  response: AxiosResponse,
  { content }: Outcome,
  { answered, redirects, dialect }: RespondContext,
  { adapterResponse, finalUrl, body }: ResponseDraft,
): void {
  const { data, config } = response as { data: unknown; config: InternalAxiosRequestConfig };
  // The bytes are kept for as long as the request is, which only those of XMLHttpRequest are expected to do.
  const text = dialect === 'xhr' ? (): string => textOfContent(content, config, dialect) : NO_TEXT;
  if (adapterResponse !== undefined) {
    if (dialect === 'xhr' && body?.kind === 'bytes') showAsAsked(response, text);
    return;
  }
  // Of redirects that the adapter has hidden it is known only that there was one at least.
  const count = redirects === 0 && finalUrl !== undefined ? 1 : redirects;
  const url = finalUrl ?? answered.target.href;
  const exchange = { url, redirects: count, config: answered.config, response, text };
  response.request = requestOf(exchange);
  if (config.responseType === 'stream') describeStream(data, exchange);
}

const NO_TEXT = (): string => '';

function textOfContent(content: Content, config: InternalAxiosRequestConfig, dialect: Dialect): string {
  if (methodOf(config) === 'HEAD') return '';
  if (content.kind === 'entry' && content.part === undefined) return textOfEntry(content.entry, dialect) ?? '';
  const { body = NO_BODY, headers = {} } = content.kind === 'origin' ? content.answer : {};
  return textOf(body, headers, dialect) ?? '';
}

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
  if (content.kind === 'entry') {
    if (content.part !== undefined || config.method?.toUpperCase() === 'HEAD') return undefined;
    const { entry } = content;
    return storedJson(entry.raw, dialect, form, () => textOfEntry(entry, dialect));
  }
  if (content.kind !== 'origin' || content.answer.body === undefined) return undefined;
  const { body, headers } = content.answer;
  if (collapsed) return sharedJson(body, dialect, form, () => textOf(body, headers, dialect));
  // Nothing parsed is kept on a miss, so that axios may as well parse the text.
  return frozenData ? frozenJson(textOf(body, headers, dialect)) : undefined;
}

/** Whether the caller has to be told, or kept from, how much there is to download. */
const looksAtBytes = ({ maxContentLength, onDownloadProgress }: InternalAxiosRequestConfig): boolean =>
  onDownloadProgress !== undefined || isLimit(maxContentLength, undefined);

/** A value is kept as its text. */
const textOfEntry = ({ bodyKind, raw, headers }: Entry, dialect: Dialect | undefined): string | undefined =>
  textOf(decodeBody(bodyKind === 'value' ? 'text' : bodyKind, raw.body), headers, dialect);

function textOf(body: Body, headers: Entry['headers'], dialect: Dialect | undefined): string | undefined {
  if (body.kind === 'none') return undefined;
  if (body.kind === 'value') return JSON.stringify(body.value);
  const request = {
    responseType: undefined,
    responseEncoding: undefined,
    contentType: first(headers['content-type']),
    dialect,
  };
  const data = dataFor(body, request);
  return typeof data === 'string' ? data : undefined;
}

/** Returns text at once, and a promise of what takes time. */
function dataOf(
  body: Body,
  { contentType, status }: ResponseDraft,
  config: InternalAxiosRequestConfig,
  dialect: Dialect | undefined,
): unknown {
  const { responseType, responseEncoding } = config;
  const failed = (error: unknown): never => {
    throw adoptError(error, config);
  };
  try {
    const data = dataFor(body, { responseType, responseEncoding, contentType, dialect, status });
    // It is known by its method, since a platform's promise may come from another realm.
    return isThenable(data) ? Promise.resolve(data).catch(failed) : data;
  } catch (error) {
    return failed(error);
  }
}

function draftBy(
  { content, age, collapsed }: Outcome,
  config: InternalAxiosRequestConfig,
  form: HeaderForm,
  needsBody: boolean,
): ResponseDraft {
  switch (content.kind) {
    case 'origin':
      return draftByOrigin(content.answer, collapsed, form);
    case 'entry':
      return draftByEntry(content, age ?? 0, config, form, needsBody);
    case 'not-modified':
      return notModified(content.entry, age ?? 0);
    case 'gateway-timeout':
      return gatewayTimeout();
  }
}

function draftByOrigin(answer: Answer, collapsed: boolean, form: HeaderForm): ResponseDraft {
  const { status, statusText, headers: fields, headerCase, finalUrl, adapterResponse } = answer;
  return {
    status,
    statusText,
    headers: form === 'axios' ? normalHeaders({ fields, headerCase }) : answerHeaders({ fields, headerCase }),
    contentType: first(fields['content-type']),
    body: answer.body,
    finalUrl,
    adapterResponse: collapsed ? undefined : (adapterResponse as Partial<AxiosResponse>),
  };
}

function draftByEntry(
  { entry, part, freshenedBy }: EntryContent,
  age: number,
  config: InternalAxiosRequestConfig,
  form: HeaderForm,
  needsBody: boolean,
): ResponseDraft {
  const { status, statusText, headers: fields, headerCase, finalUrl, raw } = entry;
  const headers = storedHeaders(patternOf(entry), age, form);
  const contentType = first(fields['content-type']);
  const cookies = freshenedBy?.headers['set-cookie'];
  if (cookies !== undefined) {
    headers[headerCase['set-cookie'] ?? 'set-cookie'] = typeof cookies === 'string' ? cookies : [...cookies];
  }
  const isHead = config.method?.toUpperCase() === 'HEAD';
  if (part === undefined || isHead) {
    const body = isHead || !needsBody ? NO_BODY : decodeBody(entry.bodyKind, raw.body);
    return { status, statusText, headers, contentType, body, finalUrl, adapterResponse: undefined };
  }
  const bytes = raw.body.subarray(part.first - part.from, part.last - part.from + 1);
  headers[headerCase['content-range'] ?? 'content-range'] = contentRange(part);
  headers[headerCase['content-length'] ?? 'content-length'] = String(bytes.byteLength);
  return {
    status: 206,
    statusText: 'Partial Content',
    headers,
    contentType,
    body: { kind: 'bytes', bytes },
    finalUrl,
    adapterResponse: undefined,
  };
}

/** A 304 has these fields of the stored response (RFC 9110 section 15.4.5). */
const IN_NOT_MODIFIED = [
  'cache-control',
  'content-location',
  'date',
  'etag',
  'expires',
  'last-modified',
  'vary',
  'age',
];

function notModified(entry: Entry, age: number): ResponseDraft {
  const headers = storedHeaders(patternOf(entry), age, 'plain');
  for (const name of Object.keys(headers)) if (!IN_NOT_MODIFIED.includes(name.toLowerCase())) delete headers[name];
  return {
    status: 304,
    statusText: 'Not Modified',
    headers,
    contentType: undefined,
    body: NO_BODY,
    finalUrl: entry.finalUrl,
    adapterResponse: undefined,
  };
}

const gatewayTimeout = (): ResponseDraft => ({
  status: 504,
  statusText: 'Gateway Timeout',
  headers: {},
  contentType: undefined,
  body: NO_BODY,
  finalUrl: undefined,
  adapterResponse: undefined,
});

const isThenable = (value: unknown): value is PromiseLike<unknown> =>
  typeof (value as { then?: unknown } | null | undefined)?.then === 'function';

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
