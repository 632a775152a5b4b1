/** A real origin on loopback that answers by a plan, and tells in its answers what it was sent. */
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { gzipSync } from 'node:zlib';
import { hash } from './hash.js';

export interface Plan {
  readonly status: number;
  readonly body: string;
  readonly type: string;
  readonly cacheControl: string | undefined;
  readonly etag: boolean;
  readonly gzip: boolean;
  readonly chunked: boolean;
  readonly cookie: boolean;
  readonly vary: string | undefined;
  /** So many redirects come before. */
  readonly redirects: number;
  readonly breaks: 'no' | 'before its head' | 'in its body';
}

export interface PlannedOrigin {
  readonly url: string;
  plan: Plan;
  close(): Promise<void>;
}

/** Header fields by which a server could tell a request with a cache from one without. */
const TOLD = ['accept', 'authorization', 'content-type', 'content-length', 'x-own', 'accept-encoding', 'user-agent'];

export async function startPlannedOrigin(plan: Plan): Promise<PlannedOrigin> {
  const server = createServer((request, response) => {
    response.sendDate = false;
    answer(request, response, origin.plan).catch(() => response.destroy());
  });
  server.keepAliveTimeout = 0;
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const origin: PlannedOrigin = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    plan,
    close: async () => {
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };
  return origin;
}

async function answer(request: IncomingMessage, response: ServerResponse, plan: Plan): Promise<void> {
  const sent = await buffer(request);
  const hop = Number(/[?&]hop=(\d)/.exec(request.url ?? '')?.[1] ?? 0);
  if (hop < plan.redirects) {
    const path = (request.url ?? '/').split('?', 1)[0] ?? '/';
    response.writeHead(302, { location: `${path}?hop=${hop + 1}` });
    return void response.end();
  }
  if (plan.breaks === 'before its head') return void response.destroy();
  const etag = `"${hash(plan.body)}"`;
  const headers = headersOf(plan, etag, request, sent);
  if (plan.etag && plan.status === 200 && request.headers['if-none-match']?.includes(etag) === true) {
    response.writeHead(304, headers);
    return void response.end();
  }
  const bytes = plan.gzip ? gzipSync(plan.body) : Buffer.from(plan.body, 'latin1');
  const length = plan.chunked ? {} : { 'content-length': String(bytes.byteLength + (plan.breaks === 'in its body' ? 9 : 0)) };
  response.writeHead(plan.status, { ...headers, ...length });
  if (plan.breaks !== 'in its body') return void response.end(bytes);
  response.write(bytes, () => response.destroy());
}

function headersOf(plan: Plan, etag: string, { method, url, headers }: IncomingMessage, sent: Buffer) {
  const told = TOLD.map((name) => headers[name]);
  return {
    'x-sent': hash(JSON.stringify([method, url, told, sent.toString('latin1')])),
    'content-type': plan.type,
    'x-list': ['a', 'b'],
    ...(plan.cacheControl === undefined ? {} : { 'cache-control': plan.cacheControl }),
    ...(plan.etag ? { etag } : {}),
    ...(plan.gzip ? { 'content-encoding': 'gzip' } : {}),
    ...(plan.cookie ? { 'set-cookie': ['c=1', 'd=2'] } : {}),
    ...(plan.vary === undefined ? {} : { vary: plan.vary }),
  };
}
