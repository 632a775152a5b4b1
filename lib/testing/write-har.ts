/** Writes what a storage holds as HAR, so that it reviews well: texts as texts, and no secret in it. */
import type { StoredEntry } from '../api/storage.js';
import { redactText } from '../axios/request/recorded.js';
import { decodeHead, type EntryHead } from '../entries/head.js';
import type { HarContent, HarEntry, HarField } from './har.js';

/** Answers carry these for the one who asked. */
const SECRET_FIELDS = /^(?:set-cookie2?|authorization|.*(?:token|secret|api-?key|session).*)$/;

/** Gives the entry of a HAR file; `undefined` where the head was not written by this version. */
export function harEntryOf(raw: StoredEntry, secrets: ReadonlySet<string>): HarEntry | undefined {
  const head = decodeHead(raw.head)?.head;
  if (head === undefined) return undefined;
  const { url, method, status, statusText, requestTime, responseTime, request } = head;
  const took = Math.max(0, responseTime - requestTime);
  const type = textOf(head.headers['content-type']) ?? '';
  const body = request?.body;
  const mimeType = request?.headers['content-type'] ?? '';
  return {
    startedDateTime: new Date(requestTime).toISOString(),
    time: took,
    request: {
      method,
      url,
      httpVersion: 'HTTP/1.1',
      headers: Object.entries(request?.headers ?? {}).map(([name, value]) => ({ name, value })),
      queryString: queryOf(url),
      cookies: [],
      headersSize: -1,
      bodySize: body === undefined ? 0 : Buffer.byteLength(body),
      ...(body === undefined ? {} : { postData: { mimeType, text: body } }),
    },
    response: {
      status,
      statusText,
      httpVersion: 'HTTP/1.1',
      headers: headersOf(head),
      cookies: [],
      content: contentOf(raw.body, type, secrets),
      redirectURL: head.redirectsTo ?? '',
      headersSize: -1,
      bodySize: raw.body.byteLength,
    },
    cache: {},
    timings: { send: 0, wait: took, receive: 0 },
  };
}

function headersOf({ headers, headerCase }: EntryHead): HarField[] {
  return Object.entries(headers)
    .filter(([name]) => name !== 'content-length')
    .flatMap(([name, value]) =>
      [value].flat().map((each) => ({
        name: headerCase[name] ?? name,
        value: SECRET_FIELDS.test(name) ? '***' : each,
      })),
    );
}

const textOf = (value: string | readonly string[] | undefined): string | undefined =>
  typeof value === 'string' ? value : value?.[0];

function queryOf(url: string): HarField[] {
  const query = url.split('?')[1] ?? '';
  return [...new URLSearchParams(query)].map(([name, value]) => ({ name, value }));
}

/** Bytes that are the UTF-8 of a text are written as that text. */
function contentOf(body: Uint8Array, mimeType: string, secrets: ReadonlySet<string>): HarContent {
  const text = utf8Of(body);
  if (text === undefined) {
    return { size: body.byteLength, mimeType, text: Buffer.from(body).toString('base64'), encoding: 'base64' };
  }
  const shown = redactText(text, secrets);
  return { size: Buffer.byteLength(shown), mimeType, text: shown };
}

const strict = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

function utf8Of(body: Uint8Array): string | undefined {
  try {
    const text = strict.decode(body);
    // Texts do not have it, and reviewers would not see it.
    return text.includes('\u0000') ? undefined : text;
  } catch {
    return undefined;
  }
}
