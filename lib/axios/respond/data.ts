/** This file makes the data that a caller gets for its `responseType` out of a body that is kept. */
import type { AxiosAdapter, AxiosResponse, InternalAxiosRequestConfig } from 'axios';
import { failingStream, HTTP_READERS, httpText, likenessOf, noteLikeness } from './http-data.js';
import type { AskedData, Reader } from './reader.js';
import type { Dialect } from '../native/dialect.js';
import { adoptError, readingError } from '../native/errors.js';
import { type Body, copyOf, copyOfJson } from '../../entries/body.js';
import { isThenable } from '../../support/maybe-promise.js';
import { isInPage } from '../../support/page-origin.js';
import { tagOf } from '../../support/plain-object.js';
import { decoder } from '../../support/utf8.js';

/**
 * Returns the `response.data` that the adapter would have given to this caller for `body`, or a promise of it. Bytes
 * become what the adapter makes of them for the `responseType`. Text and values come only from adapters that are not
 * axios' own, and are handed on as they were. The caller never gets the very object that is kept.
 *
 * It throws or rejects with an AxiosError where the adapter would have failed too (an unknown `responseEncoding`, a
 * body that is no form). `dialect` is one of axios' own adapters, or `undefined` for any other, which is `foreign`.
 */
export function dataFor(
  body: Body,
  asked: AskedData,
  dialect: Dialect | undefined,
  contentType: string | undefined,
  status?: number,
  foreign?: AxiosAdapter,
): unknown {
  if (body.kind === 'text') return body.text;
  if (body.kind === 'value') return copyOfJson(body.value);
  if (body.kind === 'none' && dialect === undefined && !fillingHead.has(foreign as AxiosAdapter)) return undefined;
  const failed = (error: unknown): never => {
    throw adoptError(readingError(error, dialect), asked as InternalAxiosRequestConfig);
  };
  try {
    const bytes = body.kind === 'none' ? NO_BYTES : body.bytes;
    if (isView(asked, foreign)) return copyOf(bytes);
    const data = readerOf(asked, dialect ?? likenessOf(foreign))(bytes, contentType, asked, status);
    return isThenable(data) ? Promise.resolve(data).catch(failed) : data;
  } catch (error) {
    return failed(error);
  }
}

/** It holds the adapters of somebody's own that give data for HEAD, as those of axios do. */
const fillingHead = new WeakSet<AxiosAdapter>();

/** It holds those that give a Uint8Array for bytes, which is no Buffer. */
const givingViews = new WeakSet<AxiosAdapter>();

/** It holds those whose latest answer had no `statusText`, as those of mock adapters have none. */
const textless = new WeakSet<AxiosAdapter>();

/** Returns the `statusText` that a caller expects of an adapter, which may have given none. */
export const shownStatusText = (text: string, adapter: AxiosAdapter): string =>
  text === '' && textless.has(adapter) ? (undefined as unknown as string) : text;

const isView = ({ responseType }: AskedData, foreign: AxiosAdapter | undefined): boolean =>
  responseType === 'arraybuffer' && foreign !== undefined && givingViews.has(foreign);

interface Giving {
  readonly inner: AxiosAdapter;
  readonly dialect: Dialect | undefined;
}

/** Learns from what an adapter that is not axios' own has given what its caller expects of a hit. */
export function noteData({ inner, dialect }: Giving, { data, statusText }: AxiosResponse, method: string): void {
  if (dialect !== undefined) return;
  if (statusText === undefined) textless.add(inner);
  else textless.delete(inner);
  if (method === 'HEAD' && data !== undefined) fillingHead.add(inner);
  if (tagOf(data) === 'Uint8Array' && globalThis.Buffer?.isBuffer(data) !== true) givingViews.add(inner);
  noteLikeness(inner, data);
}

/** This stands for no body at all; a body that is empty has another array. */
const NO_BYTES = new Uint8Array(0);

/**
 * These make what an adapter (a dialect is one of axios' own) gives for each type it knows; for all others it gives
 * text.
 */
const READERS: Readonly<Record<Dialect, ReadonlyMap<string, Reader>>> = {
  http: HTTP_READERS,
  fetch: new Map<string, Reader>([
    ['arraybuffer', (bytes) => copyOf(bytes).buffer],
    ['blob', blobOf],
    ['formdata', (bytes, contentType) => webResponse(bytes, contentType).formData()],
    ['stream', webStream],
  ]),
  xhr: new Map<string, Reader>([
    ['arraybuffer', (bytes) => copyOf(bytes).buffer],
    ['blob', (bytes, contentType) => blobOf(bytes, xhrType(contentType))],
  ]),
};
const TEXT: Readonly<Record<Dialect, Reader>> = {
  http: httpText,
  fetch: (bytes) => decoder.decode(bytes),
  xhr: xhrText,
};

function readerOf({ responseType }: AskedData, dialect: Dialect): Reader {
  const asked = String(responseType || '');
  // Of the three adapters, fetch alone accepts a type in any case.
  const type = dialect === 'fetch' ? asked.toLowerCase() : asked;
  return READERS[dialect].get(type) ?? TEXT[dialect];
}

/**
 * Makes a Response, which copies the bytes. It has the content type alone, as the bytes are decoded already, whatever
 * other fields say of them.
 */
function webResponse(bytes: Uint8Array, contentType: string | undefined): Response {
  const headers: HeadersInit = contentType === undefined ? {} : { 'content-type': contentType };
  return new Response(bytes as Uint8Array<ArrayBuffer>, { headers });
}

/** Where XMLHttpRequest is all that there is, a Blob is made without a Response. */
function blobOf(bytes: Uint8Array, contentType: string | undefined): Blob | Promise<Blob> {
  const made = (type: string): Blob => new Blob([bytes as Uint8Array<ArrayBuffer>], { type });
  // A Response would copy the bytes once more, so that one without any tells how it writes the type.
  return globalThis.Response === undefined
    ? made(contentType ?? '')
    : webResponse(NO_BYTES, contentType).blob().then(({ type }) => made(type));
}

/** Responses of these statuses have no body at all (the Fetch standard calls them null body statuses). */
const WITHOUT_BODY: ReadonlySet<number | undefined> = new Set([204, 205, 304]);

function webStream(...[bytes, contentType, , status]: Parameters<Reader>): ReadableStream | null {
  // Chromium gives an empty stream where the standard has none, and whoever expects none bears that.
  const hasNone = !isInPage() && (bytes === NO_BYTES || WITHOUT_BODY.has(status));
  return hasNone ? null : webResponse(bytes, contentType).body;
}

/** Makes the stream of an adapter, which fails as soon as it is read. */
export const failingData = (error: Error, dialect: Dialect | undefined): unknown =>
  dialect === 'fetch'
    ? new ReadableStream({ pull: (controller) => { controller.error(error); } }, { highWaterMark: 0 })
    : failingStream(error);

/** A media type without its parameters. Of several types the first one counts. */
const ESSENCE = /^\s*([-!#$%&'*+.^`|~\w]+\/[-!#$%&'*+.^`|~\w]+)\s*(?:[;,]|$)/;

/** XMLHttpRequest tells a type without its parameters, and takes what has no type that can be read for XML. */
const xhrType = (contentType = ''): string => ESSENCE.exec(contentType)?.[1]?.toLowerCase() ?? 'text/xml';

const BYTE_ORDER_MARKS = [
  { mark: [0xef, 0xbb, 0xbf], label: 'utf-8' },
  { mark: [0xfe, 0xff], label: 'utf-16be' },
  { mark: [0xff, 0xfe], label: 'utf-16le' },
] as const;

/**
 * Decodes as the Encoding standard does: by a byte order mark, else by the content type's charset, else as UTF-8. Who
 * does not ask for text has XML decoded by its own declaration, where nothing else names a charset that is known.
 */
function xhrText(bytes: Uint8Array, contentType: string | undefined, { responseType }: AskedData): string {
  const marked = BYTE_ORDER_MARKS.find(({ mark }) => startsWith(bytes, mark));
  const label = marked?.label ?? /;\s*charset\s*=\s*"?([^\s";]+)/i.exec(contentType ?? '')?.[1];
  const isXml = responseType !== 'text' && /^(?:text|application)\/xml$|\+xml$/.test(xhrType(contentType));
  const known = decoderFor(label) ?? (isXml ? decoderFor(declaredEncoding(bytes)) : undefined);
  return (known ?? decoder).decode(bytes);
}

const startsWith = (bytes: Uint8Array, mark: readonly number[]): boolean =>
  mark.every((byte, index) => bytes[index] === byte);

/** Reads an XML declaration, of which nothing but its first letters is to be seen in UTF-16. */
function declaredEncoding(bytes: Uint8Array): string | undefined {
  if (startsWith(bytes, [0x3c, 0, 0x3f, 0])) return 'utf-16le';
  if (startsWith(bytes, [0, 0x3c, 0, 0x3f])) return 'utf-16be';
  const [, label] = /^<\?xml[^>]*?\sencoding\s*=\s*["']([^"'>]+)/.exec(decoder.decode(bytes.subarray(0, 1024))) ?? [];
  // What can be read as letters is not in UTF-16.
  return label?.toLowerCase().startsWith('utf-16') ? undefined : label;
}

function decoderFor(label: string | undefined): Pick<TextDecoder, 'decode'> | undefined {
  try {
    return label === undefined ? undefined : new TextDecoder(label);
  } catch {
    return undefined;
  }
}
