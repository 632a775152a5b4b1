/** The origin of the soak: what it says of a key shows whose it is, whether it is whole, and how new. */
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export const KEYS = 20;

export interface Item {
  readonly key: number;
  /** How many times it was changed when this was said. */
  readonly version: number;
  readonly filler: string;
}

/** The last one takes several chunks. */
const FILLERS = Array.from({ length: KEYS }, (_, key) => 'x'.repeat(key === KEYS - 1 ? 40_000 : 100 * (key + 1)));

/** What an answer about `key` must be; `undefined`: it is that. */
export function faultOf(item: Partial<Item> | undefined, key: number, leastVersion: number): string | undefined {
  if (item?.key !== key) return `told of ${String(item?.key)}, not of ${key}`;
  if (item.filler !== FILLERS[key]) return `item ${key} is not whole`;
  return (item.version ?? -1) < leastVersion ? `item ${key} is older than a change that had ended` : undefined;
}

export interface SoakOrigin {
  readonly url: string;
  /** How many requests came. */
  readonly count: () => number;
  readonly close: () => Promise<void>;
}

type Route = (key: number, request: IncomingMessage, response: ServerResponse) => void;

/** `now` dates the answers, whose lifetimes are told in seconds of that clock. */
export async function startSoakOrigin(now: () => number): Promise<SoakOrigin> {
  const versions = Array<number>(KEYS).fill(0);
  let count = 0;

  const textOf = (key: number): string =>
    JSON.stringify({ key, version: versions[key] ?? 0, filler: FILLERS[key] ?? '' } satisfies Item);

  const item: Route = (key, request, response) => {
    if (request.method !== 'GET' && request.method !== 'HEAD') versions[key] = (versions[key] ?? 0) + 1;
    const etag = `"${key} ${versions[key]}"`;
    const cacheControl = key % 2 === 0 ? 'max-age=1' : 'max-age=1, stale-while-revalidate=2';
    response.setHeader('ETag', etag).setHeader('Cache-Control', cacheControl);
    if (request.headers['if-none-match'] === etag) response.writeHead(304).end();
    else response.end(textOf(key));
  };
  const routes: Readonly<Record<string, Route>> = {
    item,
    from: (key, _request, response) => response.writeHead(302, { Location: `/item/${key}` }).end(),
    slow: (key, request, response) => {
      const timer = setTimeout(() => item(key, request, response), 20);
      response.once('close', () => clearTimeout(timer));
    },
    error: (_key, _request, response) => response.writeHead(500).end('out of order'),
    reset: (_key, request) => request.destroy(),
    cut: (key, _request, response) => {
      const text = textOf(key);
      response.writeHead(200, { 'Content-Length': Buffer.byteLength(text), 'Cache-Control': 'max-age=60' });
      response.write(text.slice(0, 50), () => response.destroy());
    },
  };

  const server = createServer((request, response) => {
    count += 1;
    const [, route = '', key = ''] = request.url?.split('/') ?? [];
    response.sendDate = false;
    response.setHeader('Date', new Date(now()).toUTCString()).setHeader('Content-Type', 'application/json');
    // A connection that the caller drops is a part of the exercise.
    request.on('error', () => undefined);
    request.resume();
    routes[route]?.(Number(key), request, response);
  });
  // An idle connection that closes would fail the request that comes just then.
  server.keepAliveTimeout = 0;
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    count: () => count,
    close: async () => {
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}
