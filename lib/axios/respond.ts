/** From an outcome to the response that this caller would have had from the adapter, with what the cache did. */
import type { AxiosResponse, InternalAxiosRequestConfig } from 'axios';
import { type Body, decodeBody } from '../body.js';
import type { CacheInfo } from '../cache-info.js';
import type { Entry } from '../entry.js';
import type { Answer, Content, Outcome } from '../exchange.js';
import type { HeaderFields } from '../rfc9111/model.js';
import { contentRange } from '../rfc9111/parts.js';
import { type Dialect, dataFor } from './body.js';
import { answerHeaders, type NamedFields } from './headers.js';
import { adoptError, checkMaxContentLength, settle } from './settle.js';

/** An answer ready to be handed out: what the adapter's own response would hold. */
interface Given extends NamedFields {
  readonly status: number;
  readonly statusText: string;
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

/** Resolves or rejects by the caller's own `validateStatus`, limits and `responseType`. */
export async function respond(
  outcome: Outcome,
  config: InternalAxiosRequestConfig,
  { dialect, info, url }: Circumstances,
): Promise<AxiosResponse> {
  const given = givenBy(outcome, config);
  const native = given.native as Partial<AxiosResponse> | undefined;
  if (native === undefined) {
    checkMaxContentLength(given.body, config);
    reportDownload(given.body, config);
  }
  const data: unknown = given.body === UNREADABLE ? (native?.data as unknown) : await dataOf(given, config, dialect);
  const response: AxiosResponse = {
    ...native,
    data,
    status: given.status,
    statusText: given.statusText,
    headers: answerHeaders(given),
    config,
    request: native === undefined ? requestOf(given.finalUrl ?? url) : (native.request as unknown),
    cached: outcome.collapsed || (outcome.status !== 'miss' && outcome.status !== 'bypass'),
    cache: info,
  };
  const isJudged = outcome.content.kind !== 'origin' || outcome.content.answer.judged;
  return isJudged ? settle(response, config) : response;
}

async function dataOf(
  { body, fields, status }: Given,
  config: InternalAxiosRequestConfig,
  dialect: Dialect | undefined,
): Promise<unknown> {
  const { responseType, responseEncoding } = config;
  const contentType = textOf(fields['content-type']);
  try {
    return await dataFor(body, { responseType, responseEncoding, contentType, dialect, status });
  } catch (error) {
    throw adoptError(error, config);
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
  const body = answer.body ?? UNREADABLE;
  return { status, statusText, fields, headerCase, body, finalUrl, native: collapsed ? undefined : (native as object) };
}

function givenByEntry({ entry, part, renewal }: EntryContent, age: number, config: InternalAxiosRequestConfig): Given {
  const { status, statusText, headerCase, finalUrl, raw } = entry;
  const cookies = renewal?.headers['set-cookie'];
  const fields = withAge(cookies === undefined ? entry.headers : { ...entry.headers, 'set-cookie': cookies }, age);
  const isHead = config.method?.toUpperCase() === 'HEAD';
  if (part === undefined || isHead) {
    const body = isHead ? NO_BODY : decodeBody(entry.bodyKind, raw.body);
    return { status, statusText, fields, headerCase, body, finalUrl, native: undefined };
  }
  const bytes = raw.body.subarray(part.first - part.from, part.last - part.from + 1);
  return {
    status: 206,
    statusText: 'Partial Content',
    fields: {
      ...fields,
      'content-range': contentRange(part),
      'content-length': String(bytes.byteLength),
    },
    headerCase,
    body: { kind: 'bytes', bytes },
    finalUrl,
    native: undefined,
  };
}

/** What a 304 carries of the stored response (RFC 9110 section 15.4.5). */
const IN_NOT_MODIFIED = ['cache-control', 'content-location', 'date', 'etag', 'expires', 'last-modified', 'vary'];

function notModified(entry: Entry, age: number): Given {
  const kept = Object.entries(entry.headers).filter(([name]) => IN_NOT_MODIFIED.includes(name));
  const { headerCase, finalUrl } = entry;
  const fields = withAge(Object.fromEntries(kept), age);
  return { status: 304, statusText: 'Not Modified', fields, headerCase, body: NO_BODY, finalUrl, native: undefined };
}

const gatewayTimeout = (_content: Exclude<Content, { kind: 'origin' | 'entry' | 'not-modified' }>): Given => ({
  status: 504,
  statusText: 'Gateway Timeout',
  fields: {},
  headerCase: {},
  body: NO_BODY,
  finalUrl: undefined,
  native: undefined,
});

/** `Age` as RFC 9111 section 5.1 asks of what comes from a cache. */
const withAge = (fields: HeaderFields, age: number): HeaderFields => ({ ...fields, age: String(Math.floor(age)) });

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
