/**
 * The origin of the load. Whether it fails a request follows from the request's number, which the caller sends, and
 * from its URL: so one that is made with and without a cache meets the same.
 */
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { seeded } from '../requests.js';

export const KEYS = 500;

/** The requests come in so many parts, one after the other; in each of them other URLs fail. */
export const PARTS = 20;

/** One URL of so many fails. */
const FAILING = 20;

/** An answer takes up to so many milliseconds. */
const SLOW_MS = 10;

export interface Item {
  readonly key: number;
  readonly version: number;
  readonly padding: string;
}

const FIELDS = [
  'max-age=5',
  'max-age=1, stale-while-revalidate=10',
  'max-age=2, stale-if-error=600',
  'no-cache',
] as const;

/** An own one for each URL, so that a body which is exchanged or cut is seen. */
export const paddingOf = (key: number): string => `${key} `.repeat(20 + (key % 50) * 10);

export interface LoadOriginSettings {
  readonly seed: number;
  /** So many requests will be made, each of them once with and once without a cache. */
  readonly requests: number;
}

export interface LoadOrigin {
  readonly url: string;
  close(): Promise<void>;
}

export async function startOrigin({ seed, requests }: LoadOriginSettings): Promise<LoadOrigin> {
  const partOf = (number: number): number => Math.floor((number * PARTS) / requests);
  const fails = (part: number, key: number): boolean => seeded(seed + part * KEYS + key)(FAILING) === 0;

  const answer = (request: IncomingMessage, response: ServerResponse): void => {
    const key = Number(request.url?.split('/')[2]);
    const part = partOf(Number(request.headers['x-number']));
    if (fails(part, key)) {
      FAILURES[key % FAILURES.length]?.(response);
      return;
    }
    const version = Math.floor(part / 3);
    const etag = `"${key} ${version}"`;
    response.setHeader('ETag', etag).setHeader('Cache-Control', FIELDS[key % FIELDS.length] ?? '');
    if (request.headers['if-none-match'] === etag) response.writeHead(304).end();
    else response.end(JSON.stringify({ key, version, padding: paddingOf(key) } satisfies Item));
  };

  const server = createServer((request, response) => {
    request.resume();
    response.setHeader('Content-Type', 'application/json');
    setTimeout(answer, Math.random() * SLOW_MS, request, response);
  });
  // A connection that ends just when it is used again would fail a request that is meant to succeed.
  server.keepAliveTimeout = 600_000;
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: async () => {
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}

const FAILURES: readonly ((response: ServerResponse) => void)[] = [
  (response) => { response.writeHead(503).end('out of order'); },
  (response) => { response.destroy(); },
  (response) => {
    response.writeHead(200, { 'Content-Length': 1000 });
    response.write('{', () => { response.destroy(); });
  },
];
