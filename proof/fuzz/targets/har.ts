/** HAR files: one that is none is refused, and every entry of one that is can be read or is left out. */
import fc from 'fast-check';
import { isCacheError } from '../../../lib/api/errors.js';
import { isAnswered, parseHar } from '../../../lib/testing/har.js';
import { requestOf, responseOf } from '../../../lib/testing/read-har.js';
import { textNear } from '../mutate.js';
import { target } from '../target.js';

const ENTRY = {
  startedDateTime: '2030-01-01T00:00:00.000Z',
  time: 12,
  request: {
    method: 'POST', url: 'https://api.test/a?b=1', httpVersion: 'HTTP/1.1', headers: [{ name: 'Accept', value: '*/*' }],
    queryString: [], cookies: [], headersSize: -1, bodySize: 3, postData: { mimeType: 'text/plain', text: 'abc' },
  },
  response: {
    status: 200, statusText: 'OK', httpVersion: 'HTTP/1.1',
    headers: [{ name: 'Content-Type', value: 'text/plain' }, { name: 'Set-Cookie', value: 'a=1\nb=2' }], cookies: [],
    content: { size: 3, mimeType: 'text/plain', text: 'YWJj', encoding: 'base64' }, redirectURL: '/next', headersSize: -1,
    bodySize: 3,
  },
  cache: {},
  timings: { send: 0, wait: 12, receive: 0 },
};
const HAR = JSON.stringify({ log: { version: '1.2', entries: [ENTRY] } });

/** Every place in an entry. */
const PLACES = [
  ['startedDateTime'], ['time'], ['request'], ['request', 'method'], ['request', 'url'], ['request', 'headers'],
  ['request', 'headers', '0'], ['request', 'headers', '0', 'name'], ['request', 'headers', '0', 'value'],
  ['request', 'postData'], ['request', 'postData', 'mimeType'], ['request', 'postData', 'text'], ['response'],
  ['response', 'status'], ['response', 'statusText'], ['response', 'headers'], ['response', 'headers', '0', 'name'],
  ['response', 'content'], ['response', 'content', 'size'], ['response', 'content', 'text'],
  ['response', 'content', 'encoding'], ['response', 'content', '_file'], ['response', 'redirectURL'], ['timings'],
];
const oddMember = fc.oneof(
  fc.constantFrom<unknown>(null, true, -1, 301, 204, 1e300, '', '__proto__', '../../etc/passwd', '\n', [], {}, [null], [[]]),
  fc.jsonValue({ maxDepth: 1 }),
);
const changedEntry = fc.array(fc.tuple(fc.constantFrom(...PLACES), oddMember), { maxLength: 3 }).map((changes) => {
  const entry = structuredClone(ENTRY) as unknown as Record<string, unknown>;
  // A copy: what is put in twice would else be a part of itself.
  for (const [place, value] of changes) put(entry, place, structuredClone(value));
  return JSON.stringify({ log: { entries: [entry] } });
});

function put(entry: Record<string, unknown>, place: readonly string[], value: unknown): void {
  let within: unknown = entry;
  for (const name of place.slice(0, -1)) within = (within as Record<string, unknown> | null)?.[name];
  if (typeof within === 'object' && within !== null) (within as Record<string, unknown>)[place.at(-1) ?? ''] = value;
}

function readAll(text: string): void {
  for (const entry of parseHar(text, 'the.har').log.entries) {
    if (!isAnswered(entry)) continue;
    requestOf(entry);
    const response = responseOf(entry, '/nowhere/the.har');
    if (response !== undefined && !(response.body instanceof Uint8Array)) throw new Error('a body of no bytes');
  }
}

function faultOf(text: string): string | undefined {
  try {
    readAll(text);
    return undefined;
  } catch (error) {
    return isCacheError(error) && error.code === 'ERR_CACHE_RECORD' ? undefined : String(error);
  }
}

export const harTexts = fc.oneof(changedEntry, textNear([HAR], ['"log"', '"entries"', 'null', '[]']));

export const har = target<string>({
  name: 'HAR files',
  inputs: harTexts,
  faultOf,
  read: (text) => faultOf(JSON.stringify({
    log: { entries: [{ ...ENTRY, response: { ...ENTRY.response, headers: [{ name: 'a', value: text }] } }] },
  })),
  parts: ['a', '\n', 'a\n', '"', '\\'],
});
