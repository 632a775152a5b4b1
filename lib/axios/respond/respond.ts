/** From an outcome to the response that this caller would have had from the adapter, with what the cache did. */
import type { AxiosResponse, InternalAxiosRequestConfig, RawAxiosHeaders } from 'axios';
import type { CacheInfo } from '../../api/response.js';
import type { Dialect } from '../native/dialect.js';
import { adoptError } from '../native/errors.js';
import { answerHeaders, storedHeaders } from '../native/headers.js';
import { dataFor } from './data.js';
import { checkMaxContentLength, settle } from './settle.js';
import type { Answer } from '../../engine/exchange/answer.js';
import type { Content, Outcome } from '../../engine/exchange/outcome.js';
import { type Body, decodeBody } from '../../entries/body.js';
import type { Entry } from '../../entries/entry.js';
import { contentRange } from '../../rfc9111/parts.js';

/** An answer ready to be handed out: what the adapter's own response would hold. */
interface Given {
  readonly status: number;
  readonly statusText: string;
  /** The caller's own. */
  readonly headers: RawAxiosHeaders;
  readonly contentType: string | undefined;
  readonly body: Body;
  readonly finalUrl: string | undefined;
  /** What the adapter gave, for the caller whose request it was. */
  readonly native: object | undefined;
}

type EntryContent = Extract<Content, { kind: 'entry' }>;

const NO_BODY: Body = { kind: 'none' };
/** Something only a mock adapter gives: handed on as it is, to the caller whose request it was. */
const UNREADABLE: Body = { kind: 'none' };

export interface Circumstances {
  readonly dialect: Dialect | undefined;
  readonly info: CacheInfo;
  /** What was asked for. */
  readonly url: string;
}

/**
 * Answers, or throws, by the caller's own `validateStatus`, limits and `responseType`. A promise only where the data
 * takes one, so that most hits do not wait.
 */
export function respond(
  outcome: Outcome,
  config: InternalAxiosRequestConfig,
  { dialect, info, url }: Circumstances,
): AxiosResponse | Promise<AxiosResponse> {
  const given = givenBy(outcome, config);
  const native = given.native as Partial<AxiosResponse> | undefined;
  if (native === undefined) {
    checkMaxContentLength(given.body, config, dialect);
    reportDownload(given.body, config);
  }
  const respondWith = (data: unknown): AxiosResponse => {
    const response: AxiosResponse = {
      data,
      status: given.status,
      statusText: given.statusText,
      headers: given.headers,
      config,
      request: native === undefined ? requestOf(given.finalUrl ?? url) : (native.request as unknown),
      cached: outcome.collapsed || (outcome.status !== 'miss' && outcome.status !== 'bypass'),
      cache: info,
    };
    const whole = native === undefined ? response : { ...native, ...response };
    const isJudged = outcome.content.kind !== 'origin' || outcome.content.answer.judged;
    return isJudged ? settle(whole, config) : whole;
  };
  if (given.body === UNREADABLE) return respondWith(native?.data);
  const data = dataOf(given, config, dialect);
  return typeof data === 'string' ? respondWith(data) : data.then(respondWith);
}

/** Text at once, anything else when it is ready. */
function dataOf(
  { body, contentType, status }: Given,
  config: InternalAxiosRequestConfig,
  dialect: Dialect | undefined,
): string | Promise<unknown> {
  const { responseType, responseEncoding } = config;
  const failed = (error: unknown): never => {
    throw adoptError(error, config);
  };
  try {
    const data = dataFor(body, { responseType, responseEncoding, contentType, dialect, status });
    return typeof data === 'string' ? data : Promise.resolve(data).catch(failed);
  } catch (error) {
    return failed(error);
  }
}

function givenBy({ content, age, collapsed }: Outcome, config: InternalAxiosRequestConfig): Given {
  switch (content.kind) {
    case 'origin':
      return givenByOrigin(content.answer, collapsed);
    case 'entry':
      return givenByEntry(content, age ?? 0, config);
    case 'not-modified':
      return notModified(content.entry, age ?? 0);
    default:
      return gatewayTimeout(content);
  }
}

function givenByOrigin(answer: Answer, collapsed: boolean): Given {
  const { status, statusText, headers: fields, headerCase, finalUrl, native } = answer;
  return {
    status,
    statusText,
    headers: answerHeaders({ fields, headerCase }),
    contentType: textOf(fields['content-type']),
    body: answer.body ?? UNREADABLE,
    finalUrl,
    native: collapsed ? undefined : (native as object),
  };
}

function givenByEntry({ entry, part, renewal }: EntryContent, age: number, config: InternalAxiosRequestConfig): Given {
  const { status, statusText, headers: fields, headerCase, finalUrl, raw } = entry;
  const headers = storedHeaders({ fields, headerCase }, age);
  const contentType = textOf(fields['content-type']);
  const cookies = renewal?.headers['set-cookie'];
  if (cookies !== undefined) {
    headers[headerCase['set-cookie'] ?? 'set-cookie'] = typeof cookies === 'string' ? cookies : [...cookies];
  }
  const isHead = config.method?.toUpperCase() === 'HEAD';
  if (part === undefined || isHead) {
    const body = isHead ? NO_BODY : decodeBody(entry.bodyKind, raw.body);
    return { status, statusText, headers, contentType, body, finalUrl, native: undefined };
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
    native: undefined,
  };
}

/** What a 304 carries of the stored response (RFC 9110 section 15.4.5). */
const IN_NOT_MODIFIED = ['cache-control', 'content-location', 'date', 'etag', 'expires', 'last-modified', 'vary'];

function notModified({ headers, headerCase, finalUrl }: Entry, age: number): Given {
  const kept = Object.fromEntries(Object.entries(headers).filter(([name]) => IN_NOT_MODIFIED.includes(name)));
  return {
    status: 304,
    statusText: 'Not Modified',
    headers: storedHeaders({ fields: kept, headerCase }, age),
    contentType: undefined,
    body: NO_BODY,
    finalUrl,
    native: undefined,
  };
}

const gatewayTimeout = (_content: Exclude<Content, { kind: 'origin' | 'entry' | 'not-modified' }>): Given => ({
  status: 504,
  statusText: 'Gateway Timeout',
  headers: {},
  contentType: undefined,
  body: NO_BODY,
  finalUrl: undefined,
  native: undefined,
});

const textOf = (value: string | readonly string[] | undefined): string | undefined =>
  typeof value === 'string' ? value : value?.[0];

/** Enough of a request for those who read the final URL from it, in the places where the adapters leave it. */
const requestOf = (url: string): object => ({ fromCache: true, responseURL: url, res: { responseUrl: url } });

/** A hit is downloaded at once: one event, the last. */
function reportDownload(body: Body, config: InternalAxiosRequestConfig): void {
  if (config.onDownloadProgress === undefined || body.kind !== 'bytes') return;
  const loaded = body.bytes.byteLength;
  config.onDownloadProgress({ loaded, total: loaded, progress: 1, bytes: loaded, download: true, lengthComputable: true });
}
