/** A real origin on loopback that answers by a plan, and tells in its answers what it was sent. */
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { brotliCompressSync, deflateSync, gzipSync } from 'node:zlib';
import { hash } from './hash.js';

export interface Plan {
  readonly status: number;
  readonly body: string;
  readonly type: string;
  readonly cacheControl: string | undefined;
  readonly etag: boolean;
  /** What its body is compressed by, or only says that it is. */
  readonly encoding: '' | 'gzip' | 'br' | 'deflate' | 'not gzip' | 'unknown';
  readonly chunked: boolean;
  readonly cookie: boolean;
  readonly vary: string | undefined;
  /** So many redirects come before. */
  readonly redirects: number;
  readonly redirectsBy: number;
  /** `nowhere` is an answer without `Location`. */
  readonly redirectsTo: 'path' | 'another origin' | 'nowhere';
  readonly breaks: 'no' | 'before its head' | 'in its body';
}

export interface PlannedOrigin {
  readonly url: string;
  plan: Plan;
  close(): Promise<void>;
}

/** Header fields by which a server could tell a request with a cache from one without. */
const TOLD = ['accept', 'authorization', 'content-type', 'content-length', 'x-own', 'accept-encoding', 'user-agent', 'cookie'];

const ENCODED: Readonly<Record<Plan['encoding'], (bytes: Buffer) => Buffer>> = {
  '': (bytes) => bytes,
  gzip: gzipSync,
  br: brotliCompressSync,
  deflate: deflateSync,
  'not gzip': (bytes) => bytes,
  unknown: (bytes) => bytes,
};

export async function startPlannedOrigin(plan: Plan): Promise<PlannedOrigin> {
  const answerBy = (request: IncomingMessage, response: ServerResponse): void => {
    response.sendDate = false;
    answer(request, response, origin.plan, urlOf(other)).catch(() => response.destroy());
  };
  const servers = [createServer(answerBy), createServer(answerBy)] as const;
  const [server, other] = servers;
  for (const each of servers) {
    each.keepAliveTimeout = 0;
    each.listen(0, '127.0.0.1');
    await once(each, 'listening');
  }
  const origin: PlannedOrigin = {
    url: urlOf(server),
    plan,
    close: async () => {
      for (const each of servers) {
        each.close();
        each.closeAllConnections();
        await once(each, 'close');
      }
    },
  };
  return origin;
}

const urlOf = (server: Server): string => `http://127.0.0.1:${(server.address() as AddressInfo).port}`;

async function answer(request: IncomingMessage, response: ServerResponse, plan: Plan, elsewhere: string): Promise<void> {
  const sent = await buffer(request);
  const hop = Number(/[?&]hop=(\d)/.exec(request.url ?? '')?.[1] ?? 0);
  if (hop < plan.redirects) {
    const path = (request.url ?? '/').split('?', 1)[0] ?? '/';
    const base = plan.redirectsTo === 'another origin' ? elsewhere : '';
    const location = plan.redirectsTo === 'nowhere' ? {} : { location: `${base}${path}?hop=${hop + 1}` };
    response.writeHead(plan.redirectsBy, location);
    return void response.end();
  }
  if (plan.breaks === 'before its head') return void response.destroy();
  const etag = `"${hash(plan.body)}"`;
  const headers = headersOf(plan, etag, request, sent);
  if (plan.etag && plan.status === 200 && request.headers['if-none-match']?.includes(etag) === true) {
    response.writeHead(304, headers);
    return void response.end();
  }
  const bytes = ENCODED[plan.encoding](Buffer.from(plan.body, 'latin1'));
  const length = plan.chunked ? {} : { 'content-length': String(bytes.byteLength + (plan.breaks === 'in its body' ? 9 : 0)) };
  response.writeHead(plan.status, { ...headers, ...length });
  if (plan.breaks !== 'in its body') return void response.end(bytes);
  response.write(bytes, () => response.destroy());
}

function headersOf(plan: Plan, etag: string, { method, url, headers }: IncomingMessage, sent: Buffer) {
  const told = TOLD.map((name) => headers[name]);
  return {
    'x-sent': hash(JSON.stringify([method, url, told, sent.toString('latin1')])),
    'x-list': ['a', 'b'],
    ...(plan.type === '' ? {} : { 'content-type': plan.type }),
    ...(plan.cacheControl === undefined ? {} : { 'cache-control': plan.cacheControl }),
    ...(plan.etag ? { etag } : {}),
    ...(plan.encoding === '' ? {} : { 'content-encoding': plan.encoding.replace('not ', '') }),
    ...(plan.cookie ? { 'set-cookie': ['c=1', 'd=2'] } : {}),
    ...(plan.vary === undefined ? {} : { vary: plan.vary }),
  };
}
