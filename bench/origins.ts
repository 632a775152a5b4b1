/** The two origins of a benchmark, one in the same process and one behind a socket. Both count what they are asked. */
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { AxiosHeaders, type AxiosAdapter } from 'axios';
import { answersOf, type Payload } from './payload.js';

/** Requests that reached an origin, by what it answered. */
export interface Counts {
  readonly full: number;
  readonly notModified: number;
}

/** `'fresh'` answers may be used for an hour, `'stale'` ones must be validated each time. */
export type Lifetime = 'fresh' | 'stale';
const CACHE_CONTROL: Readonly<Record<Lifetime, string>> = { fresh: 'max-age=3600', stale: 'max-age=0' };

/** The headers of an ordinary server, as axios' own adapters give them. */
export const headersOf = (text: string, lifetime: Lifetime): AxiosHeaders =>
  new AxiosHeaders({
    'Content-Type': 'application/json; charset=utf-8',
    'Content-Length': String(text.length),
    'Cache-Control': CACHE_CONTROL[lifetime],
    ETag: '"5d8c72a5edda8d6a"',
    Date: new Date().toUTCString(),
    Server: 'nginx',
    'X-Request-Id': '7f1c0a52',
  });

export interface InProcessOrigin {
  readonly adapter: AxiosAdapter;
  readonly count: () => number;
}

/** Answers as axios' own adapters for Node do: text or bytes, which axios then parses. */
export function inProcessOrigin(
  payload: Payload,
  lifetime: Lifetime,
  answers: 'at once' | 'a turn later',
): InProcessOrigin {
  const textOf = answersOf(payload);
  let count = 0;
  const adapter: AxiosAdapter = (config) => {
    count += 1;
    const text = textOf(config.url ?? '');
    const response = {
      data: config.responseType === 'arraybuffer' ? Buffer.from(text) : text,
      status: 200,
      statusText: 'OK',
      headers: headersOf(text, lifetime),
      config,
      request: {},
    };
    if (answers === 'at once') return Promise.resolve(response);
    return new Promise((resolve) => setImmediate(resolve, response));
  };
  return { adapter, count: () => count };
}

export interface LoopbackOrigin {
  readonly url: string;
  readonly counts: () => Counts;
  readonly close: () => Promise<void>;
}

/** A server on 127.0.0.1 that answers 304 where the caller has the current answer already. */
export async function startLoopbackOrigin(payload: Payload, lifetime: Lifetime): Promise<LoopbackOrigin> {
  const textOf = answersOf(payload);
  let full = 0;
  let notModified = 0;
  const etagOf = memoized((text) => `"${createHash('sha1').update(text).digest('base64url')}"`);
  const server = createServer((request, response) => {
    const text = textOf(request.url ?? '');
    const etag = etagOf(text);
    response.setHeader('ETag', etag).setHeader('Cache-Control', CACHE_CONTROL[lifetime]);
    if (request.headers['if-none-match'] === etag) {
      notModified += 1;
      response.writeHead(304).end();
    } else {
      full += 1;
      response.setHeader('Content-Type', 'application/json').setHeader('Content-Length', Buffer.byteLength(text));
      response.end(text);
    }
  });
  // While other candidates have their turn, an idle connection must stay open.
  server.keepAliveTimeout = 0;
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    counts: () => ({ full, notModified }),
    close: async () => {
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}

/** Remembers the last result: the origin of one benchmark mostly has one answer. */
function memoized(make: (text: string) => string): (text: string) => string {
  let last: readonly [text: string, result: string] | undefined;
  return (text) => {
    if (last?.[0] !== text) last = [text, make(text)];
    return last[1];
  };
}
