/** The server that the demo asks: a small API whose routes differ in what they say about caching. */
import { createHash } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

export interface Origin {
  readonly url: string;
  /** What it was asked, and how many bytes of bodies it sent. */
  readonly seen: { requests: number; bodyBytes: number };
  close(): Promise<void>;
}

/** How long `/report` takes. */
const SLOW_MS = 300;

type Headers = Readonly<Record<string, string>>;
type Route = (todos: readonly string[]) => readonly [headers: Headers, body: unknown];

const ROUTES: Readonly<Record<string, Route>> = {
  '/report': () => [{}, { report: Array.from({ length: 100 }, (_, day) => ({ day, visits: day * 37 })) }],
  '/users': () => [
    { 'Cache-Control': 'no-cache' },
    Array.from({ length: 40 }, (_, id) => ({ id, name: `user ${id}`, mail: `user.${id}@example.com` })),
  ],
  '/todos': (todos) => [{ 'Cache-Control': 'max-age=60' }, todos],
  '/account': () => [{ 'Cache-Control': 'no-store' }, { balance: 12 }],
  '/weather': () => [{}, { temperature: 21 }],
  '/static/logo.svg': () => [{ 'Content-Type': 'image/svg+xml' }, '<svg xmlns="http://www.w3.org/2000/svg"/>'],
  '/live/price': () => [{}, { price: 101.5 }],
};

export async function startOrigin(): Promise<Origin> {
  const todos = ['learn axios'];
  const seen = { requests: 0, bodyBytes: 0 };
  const server = createServer((request, response) => {
    seen.requests += 1;
    answer(request, response, todos).then(
      (bytes) => (seen.bodyBytes += bytes),
      (error: unknown) => response.destroy(error as Error),
    );
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    seen,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/** How many bytes the body has. */
async function answer(request: IncomingMessage, response: ServerResponse, todos: string[]): Promise<number> {
  const { pathname } = new URL(request.url ?? '/', 'http://origin');
  request.resume();
  if (request.method === 'POST') todos.push('learn caching');
  if (pathname === '/report') await sleep(SLOW_MS);
  const [headers, content] = ROUTES[pathname]?.(todos) ?? [{}, 'unknown'];
  const body = typeof content === 'string' ? content : JSON.stringify(content);
  const fields: Headers = { 'Content-Type': 'application/json', ...headers };
  if (pathname !== '/users') return send(response, 200, fields, body);
  const etag = `"${createHash('sha256').update(body).digest('hex').slice(0, 12)}"`;
  const known = request.headers['if-none-match'] === etag;
  return send(response, known ? 304 : 200, { ...fields, ETag: etag }, known ? '' : body);
}

function send(response: ServerResponse, status: number, headers: Headers, body: string): number {
  response.writeHead(status, headers).end(body);
  return Buffer.byteLength(body);
}
