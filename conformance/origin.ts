/** The suite's origin server: /test/<uuid> answers as was put to /config/<uuid>, /state/<uuid> tells what came. */
import http, { type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { text } from 'node:stream/consumers';
import { findValue, resolveValue } from './fields.js';
import { parseRequests, type FieldLine, type InterimResponse, type TestRequest } from './suite.js';

/** One request as the server saw it, and the fields of its answer that the client must see unchanged. */
export interface Recorded {
  readonly request_num: number;
  readonly request_method: string;
  readonly request_headers: IncomingHttpHeaders;
  readonly response_headers: readonly (readonly [name: string, value: string | readonly string[]])[];
}

export interface Origin {
  readonly url: string;
  close(): Promise<void>;
}

/** What the server knows of one run of one test. */
interface Session {
  readonly uuid: string;
  readonly requests: readonly TestRequest[];
  readonly state: Recorded[];
  /** By request number: the response fields with their dates and locations filled in. */
  readonly sent: Map<number, readonly FieldLine[]>;
}

const NOT_MODIFIED = [304, 'Not Modified'] as const;
const NOT_CONDITIONAL = [999, '304 Not Generated'] as const;
const WITHOUT_BODY: ReadonlySet<number> = new Set([204, 304]);

export async function startOrigin(): Promise<Origin> {
  const sessions = new Map<string, Session>();
  const server = http.createServer((request, response) => {
    route(sessions, request, response).catch((error: unknown) => refuse(response, 500, String(error)));
  });
  server.keepAliveTimeout = 0; // an idle connection stays open: a client must never meet one that is just closing
  server.requestTimeout = 0;
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', resolve);
  });
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

async function route(
  sessions: Map<string, Session>,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const [, area, uuid = ''] = new URL(request.url ?? '/', 'http://origin').pathname.split('/');
  const session = sessions.get(uuid);
  if (area === 'config' && request.method === 'PUT') return configure(sessions, uuid, request, response);
  if (session === undefined) return refuse(response, area === 'state' ? 404 : 409, `nothing is configured for ${uuid}`);
  if (area === 'state') return recount(session, response);
  if (area === 'test') return answer(session, request, response);
  return refuse(response, 404, `no such path: ${request.url ?? ''}`);
}

function refuse(response: ServerResponse, status: number, message: string): void {
  if (response.headersSent) response.destroy();
  else response.writeHead(status, { 'Content-Type': 'text/plain' }).end(`${message}\n`);
}

async function configure(
  sessions: Map<string, Session>,
  uuid: string,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  if (sessions.has(uuid)) return refuse(response, 409, `${uuid} is configured already`);
  const requests = parseRequests(JSON.parse(await text(request)), 'config');
  sessions.set(uuid, { uuid, requests, state: [], sent: new Map() });
  response.writeHead(201).end('OK');
}

function recount(session: Session, response: ServerResponse): void {
  if (session.state.length === 0) return refuse(response, 404, `no request has come for ${session.uuid}`);
  response.writeHead(200, { 'Content-Type': 'application/json' }).end(JSON.stringify(session.state));
}

async function answer(session: Session, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const number = Number.parseInt(String(request.headers['req-num']), 10) || session.state.length + 1;
  const wanted = session.requests[number - 1];
  if (wanted === undefined) return refuse(response, 409, `request ${number} of ${session.uuid} is not configured`);
  if (wanted.response_pause !== undefined) await sleep(wanted.response_pause * 1000);

  for (const interim of wanted.interim_responses ?? []) sendInterim(response, interim);
  [response.statusCode, response.statusMessage] = chooseStatus(session, number, wanted, request.headers);
  const recorded = setFields(session, number, wanted, request, response);
  session.state.push({
    request_num: number,
    request_method: request.method ?? '',
    request_headers: request.headers,
    response_headers: recorded,
  });
  response.setHeader('Request-Numbers', session.state.map((seen) => seen.request_num).join(' '));
  sendBody(session, wanted, request, response);
}

function sendInterim(response: ServerResponse, [status, fields = []]: InterimResponse): void {
  if (status === 102) response.writeProcessing();
  else if (status === 103) response.writeEarlyHints(Object.fromEntries(fields));
  else throw new Error(`cannot send the interim status ${status}`);
}

/** Where a conditional request is expected: 304 if its validator is exactly the one sent before, otherwise 999. */
function chooseStatus(
  session: Session,
  number: number,
  wanted: TestRequest,
  fields: IncomingHttpHeaders,
): readonly [number, string] {
  if (wanted.expected_type?.endsWith('validated') !== true) return wanted.response_status ?? [200, 'OK'];
  const before = session.sent.get(number - 1) ?? session.requests[number - 2]?.response_headers ?? [];
  const pairs = [
    ['ETag', fields['if-none-match']],
    ['Last-Modified', fields['if-modified-since']],
  ] as const;
  const matches = pairs.some(([name, condition]) => condition !== undefined && condition === findValue(before, name));
  return matches ? NOT_MODIFIED : NOT_CONDITIONAL;
}

/** Sets the fields of the answer and returns those that the client must see unchanged. */
function setFields(
  session: Session,
  number: number,
  wanted: TestRequest,
  request: IncomingMessage,
  response: ServerResponse,
): Recorded['response_headers'] {
  const anchor = { now: Date.now(), base: request.url ?? '' };
  response.setHeader('Server-Base-Url', anchor.base);
  response.setHeader('Server-Request-Count', session.state.length + 1);
  response.setHeader('Client-Request-Count', number);
  response.setHeader('Server-Now', anchor.now);
  const lines = (wanted.response_headers ?? []).map((line): FieldLine => [
    line[0],
    resolveValue(line, anchor, wanted),
    line[2] ?? true,
  ]);
  session.sent.set(number, lines);
  const recorded = new Map<string, string | string[]>();
  for (const [name, value, check] of lines) {
    const values = appendLine(response, name, String(value));
    if (check === true) recorded.set(name, values);
  }
  if (!response.hasHeader('Content-Type')) response.setHeader('Content-Type', 'text/plain');
  return [...recorded];
}

/** A repeated name becomes a list, which Node sends as separate lines. */
function appendLine(response: ServerResponse, name: string, value: string): string | string[] {
  const known = response.getHeader(name);
  const values = known === undefined ? value : [known, value].flat().map(String);
  response.setHeader(name, values);
  return values;
}

function sendBody(session: Session, wanted: TestRequest, request: IncomingMessage, response: ServerResponse): void {
  // An unknown transfer coding leaves the end of the connection as the only end of the body (RFC 9112 section 6.3).
  if (response.hasHeader('Transfer-Encoding')) response.once('finish', () => request.socket.end());
  if (wanted.disconnect === true) request.socket.destroy();
  else if (WITHOUT_BODY.has(response.statusCode)) response.end();
  else response.end(wanted.response_body ?? session.uuid);
}
