/** A small real HTTP origin: routes, a record of what was asked, gates in place of sleeps, broken connections. */
import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';

export interface RecordedRequest {
  readonly method: string;
  /** Path and query, as received. */
  readonly url: string;
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
  /** Resolves once the connection ends without a whole answer; never after one. */
  readonly dropped: Promise<void>;
}

export interface Reply {
  /** @default 200 */
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string | readonly string[]>>;
  /** Neither text nor bytes: sent as JSON, with its Content-Type unless `headers` have one. */
  readonly body?: unknown;
}

/** Returns what to send, or has written to `response` itself. */
export type Handler = (
  request: RecordedRequest,
  response: ServerResponse,
) => Reply | undefined | Promise<Reply | undefined>;
export type Route = Handler | Reply;
/** By `'/path'` or, first, `'METHOD /path'`; what has no route is answered 404. */
export type Routes = Readonly<Record<string, Route>>;

/** Requests wait at it until it is released, those that come later pass. */
export interface Gate {
  /** Resolves once `count` requests, those that went on included, have come. @default 1 */
  arrived(count?: number): Promise<void>;
  release(): void;
}

export interface Origin {
  /** `http://127.0.0.1:port`, without a slash at the end. */
  readonly url: string;
  /** In the order of arrival. */
  readonly requests: readonly RecordedRequest[];
  /** How many requests came, to `path` if it is given. */
  count(path?: string): number;
  /** Holds what comes to `path` from now on, before its route answers. */
  hold(path: string): Gate;
  close(): Promise<void>;
}

export interface OriginOptions {
  /** Gives answers their `Date`. Without it they have none, unless the route sets one, and count from receipt. */
  readonly clock?: { now(): number };
}

export async function startOrigin(routes: Handler | Routes, { clock }: OriginOptions = {}): Promise<Origin> {
  const requests: RecordedRequest[] = [];
  const gates = new Map<string, ClosedGate>();

  async function answer(incoming: IncomingMessage, response: ServerResponse): Promise<void> {
    const request = await record(incoming, response);
    requests.push(request);
    await gates.get(request.path)?.pass();
    const reply = await routeFor(routes, request)(request, response);
    if (reply === undefined || response.destroyed) return;
    send({ ...reply, headers: { ...dateFor(reply), ...reply.headers } }, response);
  }

  const dateFor = ({ headers = {} }: Reply): Reply['headers'] => {
    const isGiven = Object.keys(headers).some((name) => name.toLowerCase() === 'date');
    return clock === undefined || isGiven ? {} : { date: new Date(clock.now()).toUTCString() };
  };

  const server = createServer((incoming, response) => {
    response.sendDate = false;
    // A route that fails is a failing test, not a hanging one.
    answer(incoming, response).catch((error: unknown) => response.destroy(error as Error));
  });
  // A test may take its time between two requests: an idle connection that closes would fail the second.
  server.keepAliveTimeout = 0;
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');

  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    count: (path) => requests.filter((request) => path === undefined || request.path === path).length,
    hold: (path) => {
      const gate = closedGate();
      gates.set(path, gate);
      return gate;
    },
    close: async () => {
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}

/** `reply`, or a 304 where the request names its `etag` (weak comparison). */
export const withEtag = (etag: string, reply: Reply = {}): Handler =>
  validated('etag', etag, reply, ({ headers }) => {
    const opaque = (tag: string): string => tag.trim().replace(/^W\//, '');
    return headers['if-none-match']?.split(',').some((tag) => opaque(tag) === opaque(etag)) ?? false;
  });

/** `reply`, or a 304 where the request has it as of `lastModified`, an HTTP date, or later. */
export const withLastModified = (lastModified: string, reply: Reply = {}): Handler =>
  validated('last-modified', lastModified, reply, ({ headers }) => {
    return Date.parse(headers['if-modified-since'] ?? '') >= Date.parse(lastModified);
  });

/** Each request gets the next answer, those beyond the last one the last. */
export function inTurn(first: Route, ...others: readonly Route[]): Handler {
  const left = [...others];
  let current = first;
  return (request, response) => {
    const route = current;
    current = left.shift() ?? current;
    return handlerOf(route)(request, response);
  };
}

/** `reply` with the body `answer 1`, `answer 2`, …: the nth that this route gave. */
export function numbered(reply: Reply = {}): Handler {
  let count = 0;
  return () => {
    count += 1;
    return { ...reply, body: `answer ${count}` };
  };
}

/** Breaks the connection in place of an answer. */
export const disconnect: Handler = (_request, response) => {
  response.destroy();
  return undefined;
};

/** Announces all of `body`, sends its first `sent` bytes, then breaks the connection. */
export const cutShort =
  (body: string, sent: number, headers: Reply['headers'] = {}): Handler =>
  (_request, response) => {
    const bytes = Buffer.from(body);
    response.writeHead(200, { ...plain(headers), 'content-length': String(bytes.byteLength) });
    response.write(bytes.subarray(0, sent), () => response.destroy());
    return undefined;
  };

const validated =
  (name: string, validator: string, reply: Reply, unchanged: (request: RecordedRequest) => boolean): Handler =>
  (request) => {
    const headers = { ...reply.headers, [name]: validator };
    return unchanged(request) ? { status: 304, headers } : { ...reply, headers };
  };

async function record(incoming: IncomingMessage, response: ServerResponse): Promise<RecordedRequest> {
  const { method = 'GET', url = '/', headers } = incoming;
  const dropped = new Promise<void>((resolve) => {
    response.once('close', () => {
      if (!response.writableFinished) resolve();
    });
  });
  const path = url.split('?', 1)[0] ?? url;
  return { method, url, path, headers, body: await buffer(incoming), dropped };
}

const handlerOf = (route: Route): Handler => (typeof route === 'function' ? route : () => route);

function routeFor(routes: Handler | Routes, { method, path }: RecordedRequest): Handler {
  if (typeof routes === 'function') return routes;
  return handlerOf(routes[`${method} ${path}`] ?? routes[path] ?? { status: 404, body: `No route for ${path}` });
}

function send({ status = 200, headers = {}, body }: Reply, response: ServerResponse): void {
  const named = new Set(Object.keys(headers).map((name) => name.toLowerCase()));
  const raw = body === undefined || typeof body === 'string' || body instanceof Uint8Array;
  const type = raw || named.has('content-type') ? {} : { 'content-type': 'application/json' };
  const payload = raw ? body : JSON.stringify(body);
  response.writeHead(status, { ...plain(headers), ...type });
  response.end(payload);
}

const plain = (headers: NonNullable<Reply['headers']>): Record<string, string | string[]> =>
  Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [name, typeof value === 'string' ? value : [...value]]),
  );

interface ClosedGate extends Gate {
  pass(): Promise<void>;
}

function closedGate(): ClosedGate {
  let come = 0;
  let awaited: { readonly count: number; readonly resolve: () => void }[] = [];
  let open: () => void = () => undefined;
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  return {
    arrived: (count = 1) =>
      new Promise<void>((resolve) => {
        if (come >= count) resolve();
        else awaited.push({ count, resolve });
      }),
    release: () => open(),
    pass: () => {
      come += 1;
      for (const { count, resolve } of awaited) if (come >= count) resolve();
      awaited = awaited.filter(({ count }) => come < count);
      return opened;
    },
  };
}
