/** This file makes the data that a caller gets for its `responseType` out of a body that is kept. */
import type { InternalAxiosRequestConfig } from 'axios';
import { AxiosError } from '../native/library.js';
import { defaultDialect, HTTP_READERS, httpText } from './http-data.js';
import type { AskedData, Reader } from './reader.js';
import type { Dialect } from '../native/dialect.js';
import { adoptError } from '../native/errors.js';
import { type Body, copyOf, copyOfJson } from '../../entries/body.js';
import { isThenable } from '../../support/maybe-promise.js';
import { decoder } from '../../support/utf8.js';

/**
 * Returns the `response.data` that the adapter would have given to this caller for `body`, or a promise of it. Bytes
 * become what the adapter makes of them for the `responseType`. Text and values come only from adapters that are not
 * axios' own, and are handed on as they were. The caller never gets the very object that is kept.
 *
 * It throws or rejects with an AxiosError where the adapter would have failed too (an unknown `responseEncoding`, a
 * body that is no form). `dialect` is one of axios' own adapters, or `undefined` for any other.
 */
export function dataFor(
  body: Body,
  asked: AskedData,
  dialect: Dialect | undefined,
  contentType: string | undefined,
  status?: number,
): unknown {
  if (body.kind === 'text') return body.text;
  if (body.kind === 'value') return copyOfJson(body.value);
  if (body.kind === 'none' && dialect === undefined) return undefined;
  const failed = (error: unknown): never => {
    throw adoptError(AxiosError.from(error), asked as InternalAxiosRequestConfig);
  };
  try {
    const bytes = body.kind === 'none' ? NO_BYTES : body.bytes;
    const data = readerOf(asked, dialect)(bytes, contentType, asked, status);
    return isThenable(data) ? Promise.resolve(data).catch(failed) : data;
  } catch (error) {
    return failed(error);
  }
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
    ['blob', (bytes, contentType = XHR_TYPE) => blobOf(bytes, contentType)],
    ['document', xhrDocument],
  ]),
};
const TEXT: Readonly<Record<Dialect, Reader>> = {
  http: httpText,
  fetch: (bytes) => decoder.decode(bytes),
  xhr: xhrText,
};

function readerOf({ responseType = '' }: AskedData, dialect = defaultDialect()): Reader {
  // Of the three adapters, fetch alone accepts a type in any case.
  const type = dialect === 'fetch' ? responseType.toLowerCase() : responseType;
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
  return globalThis.Response === undefined
    ? new Blob([bytes as Uint8Array<ArrayBuffer>], { type: contentType ?? '' })
    : webResponse(bytes, contentType).blob();
}

/** Responses of these statuses have no body at all (the Fetch standard calls them null body statuses). */
const WITHOUT_BODY: ReadonlySet<number | undefined> = new Set([204, 205, 304]);

function webStream(...[bytes, contentType, , status]: Parameters<Reader>): ReadableStream | null {
  return bytes === NO_BYTES || WITHOUT_BODY.has(status) ? null : webResponse(bytes, contentType).body;
}

/** XMLHttpRequest takes a response that does not say what it is for this type. */
const XHR_TYPE = 'text/xml';

const BYTE_ORDER_MARKS = [
  { mark: [0xef, 0xbb, 0xbf], label: 'utf-8' },
  { mark: [0xfe, 0xff], label: 'utf-16be' },
  { mark: [0xff, 0xfe], label: 'utf-16le' },
] as const;

/** Decodes as the Encoding standard does: by a byte order mark, else by the content type's charset, else as UTF-8. */
function xhrText(bytes: Uint8Array, contentType = ''): string {
  const marked = BYTE_ORDER_MARKS.find(({ mark }) => mark.every((byte, index) => bytes[index] === byte));
  const label = marked?.label ?? /;\s*charset\s*=\s*"?([^\s";]+)/i.exec(contentType)?.[1];
  return decoderFor(label).decode(bytes);
}

function decoderFor(label: string | undefined): Pick<TextDecoder, 'decode'> {
  try {
    return new TextDecoder(label);
  } catch {
    return decoder;
  }
}

/**
 * Parses a document. It returns `null` for what is neither HTML nor XML, is malformed, or empty, and text in workers,
 * which have no documents.
 */
function xhrDocument(bytes: Uint8Array, contentType: string | undefined): unknown {
  if (globalThis.DOMParser === undefined) return xhrText(bytes, contentType);
  const type = (contentType ?? XHR_TYPE).split(';', 1)[0]?.trim().toLowerCase() ?? '';
  const isXml = /^(text|application)\/xml$|\+xml$/.test(type);
  if (bytes.byteLength === 0 || !(isXml || type === 'text/html')) return null;
  const parsed = new DOMParser().parseFromString(xhrText(bytes, contentType), isXml ? 'application/xml' : 'text/html');
  return isXml && parsed.getElementsByTagName('parsererror').length > 0 ? null : parsed;
}
