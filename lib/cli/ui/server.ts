/** The server of `ui`, on loopback: the page, its program, and what they ask, for nobody but who has the token. */
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { lineOf, UsageError } from '../faults.js';
import { cookieName, makeSecrets, refusalOf, type Secrets } from './guard.js';
import { type Answers, NotThere } from './answers.js';

/** The build puts the program of the page here. */
declare const PAGE: string;

const HTML = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>HTTP cache</title>
<link rel="icon" href="data:,">
<script type="module" src="/page.js"></script>
</head>
<body><noscript>This page needs JavaScript.</noscript></body>
</html>
`;

/** Whatever a stored answer holds, nothing of it can become a script or a request of this page. */
const HEADERS = {
  'Content-Security-Policy':
    "default-src 'none'; script-src 'self'; connect-src 'self'; img-src blob: data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'",
  'X-Content-Type-Options': 'nosniff',
  'X-Frame-Options': 'DENY',
  'Referrer-Policy': 'no-referrer',
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Resource-Policy': 'same-origin',
  'Cache-Control': 'no-store',
} as const;

/** What a page sends is never longer, in bytes. */
const MOST_SENT = 64_000;

export interface UiServer {
  /** With the token in it. */
  readonly url: string;
  /** Takes no more requests, and resolves once those that are under way have ended. */
  close(): Promise<void>;
}

/** @throws UsageError where the port is taken. */
export async function startServer(answers: Answers, port: number): Promise<UiServer> {
  const secrets = makeSecrets();
  const running = new Set<Promise<void>>();
  const server = createServer((request, response) => {
    const { port: own } = server.address() as AddressInfo;
    const answering = answer(request, response, own, secrets, answers).finally(() => running.delete(answering));
    running.add(answering);
  });
  try {
    server.listen(port, '127.0.0.1');
    await once(server, 'listening');
  } catch (error) {
    throw new UsageError(`port ${port} cannot be used: ${lineOf(error)}`);
  }
  const { port: own } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${own}/?token=${secrets.token}`,
    async close() {
      server.close();
      await Promise.allSettled(running);
      server.closeAllConnections();
    },
  };
}

async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  port: number,
  secrets: Secrets,
  answers: Answers,
): Promise<void> {
  for (const [name, value] of Object.entries(HEADERS)) response.setHeader(name, value);
  try {
    const refusal = refusalOf(request, port, secrets);
    if (refusal !== undefined) return send(response, 403, 'text/plain; charset=utf-8', refusal);
    if (request.url?.includes('token=') === true) {
      response.setHeader('Set-Cookie', `${cookieName(port)}=${secrets.token}; HttpOnly; SameSite=Strict; Path=/`);
    }
    await route(request, response, secrets, answers);
  } catch (error) {
    const status = error instanceof NotThere ? 404 : error instanceof UsageError ? 400 : 500;
    if (response.headersSent) response.destroy();
    else sendJson(response, { error: lineOf(error) }, status);
  }
}

async function route(
  request: IncomingMessage,
  response: ServerResponse,
  { changeToken }: Secrets,
  answers: Answers,
): Promise<void> {
  const { pathname, searchParams } = new URL(request.url ?? '/', 'http://localhost');
  if (request.method === 'POST') {
    const change = answers.changes.get(pathname);
    if (change === undefined) throw new NotThere('there is no such thing here.');
    return sendJson(response, await change(await readJson(request)));
  }
  if (pathname === '/') return send(response, 200, 'text/html; charset=utf-8', HTML);
  if (pathname === '/page.js') return send(response, 200, 'text/javascript; charset=utf-8', PAGE);
  const query = Object.fromEntries(searchParams);
  if (pathname === '/api/about') return sendJson(response, { ...answers.about, changeToken });
  if (pathname === '/api/body') {
    // It is never shown as a page, whatever its server called it.
    response.setHeader('Content-Disposition', 'attachment');
    return send(response, 200, 'application/octet-stream', await answers.body(query));
  }
  const ask = answers.questions.get(pathname);
  if (ask === undefined) throw new NotThere('there is no such thing here.');
  return sendJson(response, await ask(query));
}

async function readJson(request: IncomingMessage): Promise<Readonly<Record<string, unknown>>> {
  if (request.headers['content-type'] !== 'application/json') throw new UsageError('changes are sent as JSON.');
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.byteLength;
    if (size > MOST_SENT) throw new UsageError('this is too long.');
    chunks.push(chunk);
  }
  const sent = parsed(Buffer.concat(chunks).toString());
  if (typeof sent !== 'object' || sent === null) throw new UsageError('changes are sent as an object.');
  return sent as Readonly<Record<string, unknown>>;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

function send(response: ServerResponse, status: number, type: string, body: string | Uint8Array): void {
  response.statusCode = status;
  response.setHeader('Content-Type', type).end(body);
}

const sendJson = (response: ServerResponse, value: unknown, status = 200): void => {
  send(response, status, 'application/json; charset=utf-8', JSON.stringify(value));
};
