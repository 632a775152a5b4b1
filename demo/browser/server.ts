/** A loopback server with the page of the demo, the API that it asks, and the program of the page, bundled from source. */
import { readFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import { bundleForPage } from '../../scripts/bundle.mjs';
import { createApi } from './origin.js';

export interface DemoServer {
  readonly url: string;
  close(): void;
}

/** Nothing inline and nothing from elsewhere: so the demo shows that the panel needs none of it. */
const POLICY = "default-src 'self'; img-src 'self' data:; require-trusted-types-for 'script'; trusted-types 'none'";
const FILES: Readonly<Record<string, readonly [file: string, type: string]>> = {
  '/': ['./page.html', 'text/html; charset=utf-8'],
  '/page.css': ['./page.css', 'text/css; charset=utf-8'],
};

/** @param port 0: any free one. */
export async function startDemo(port = 0): Promise<DemoServer> {
  const program = await bundleForPage(fileURLToPath(new URL('./app.ts', import.meta.url)));
  const api = createApi(Date.now);

  const answer = (request: IncomingMessage, response: ServerResponse): void => {
    const path = request.url?.split('?')[0] ?? '/';
    if (path.startsWith('/api/')) return api(request, response);
    response.setHeader('Cache-Control', 'no-store');
    if (path === '/app.js') return void response.setHeader('Content-Type', 'text/javascript').end(program);
    const [file, type] = FILES[path] ?? [];
    if (file === undefined || type === undefined) return void response.writeHead(404).end();
    response.setHeader('Content-Type', type).setHeader('Content-Security-Policy', POLICY);
    response.end(readFileSync(new URL(file, import.meta.url)));
  };

  const server = createServer(answer);
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject).listen(port, '127.0.0.1', resolve);
  });
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    close() {
      server.close();
      server.closeAllConnections();
    },
  };
}
