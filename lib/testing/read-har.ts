/** Reads the requests and answers of a HAR file. */
import { readFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import type { RecordedRequest, RecordedResponse } from '../api/storage.js';
import { fieldsOf, type HarContent, type HarEntry } from './har.js';

/** The body of an answer stands in a HAR file without its coding, and its length follows from it. */
const NOT_OF_BODY = new Set(['content-encoding', 'content-length', 'transfer-encoding', 'connection', 'keep-alive']);

export function requestOf({ request }: HarEntry): RecordedRequest {
  const { method, url, headers, postData } = request;
  const texts = Object.entries(fieldsOf(headers)).map(([name, value]) => [name, [value].flat().join(', ')] as const);
  const known = Object.fromEntries(texts);
  // Some tools write the type of a body only beside it.
  if (postData?.mimeType !== undefined) known['content-type'] ??= postData.mimeType;
  return { method: method.toUpperCase(), url, headers: known, body: postData?.text };
}

/** Gives the answer; `undefined` where its body is not in the file, as browsers leave out what they forgot. */
export function responseOf(
  { startedDateTime, time, request, response }: HarEntry,
  file: string,
): RecordedResponse | undefined {
  const { status, content, redirectURL } = response;
  const isRedirect = [301, 302, 303, 307, 308].includes(status) && Boolean(redirectURL);
  const body = bodyOf(content, file);
  // Browsers write -1 where they know nothing of the body.
  const isEmpty = isRedirect || request.method === 'HEAD' || status === 204 || content.size === 0;
  if (body === undefined && !isEmpty) return undefined;
  const all = fieldsOf(response.headers);
  const kept = Object.entries(all).filter(([name]) => !NOT_OF_BODY.has(name));
  const requestTimeMs = Date.parse(startedDateTime) || 0;
  return {
    status,
    statusText: response.statusText,
    headers: Object.assign(Object.create(null) as object, Object.fromEntries(kept)),
    body: body ?? new Uint8Array(0),
    requestTimeMs,
    responseTimeMs: requestTimeMs + (Number.isFinite(time) && time > 0 ? Math.round(time) : 0),
    redirectsTo: isRedirect ? redirectURL : undefined,
  };
}

function bodyOf({ text, encoding, _file: attached }: HarContent, file: string): Uint8Array | undefined {
  if (typeof text === 'string') return new Uint8Array(Buffer.from(text, encoding === 'base64' ? 'base64' : 'utf8'));
  // The name of a file beside this one, and no way out of its folder.
  if (typeof attached !== 'string' || basename(attached) !== attached) return undefined;
  try {
    return new Uint8Array(readFileSync(join(dirname(file), attached)));
  } catch {
    return undefined;
  }
}
