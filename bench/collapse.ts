/** Many callers who ask for the same at once: how many of them the origin sees. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import axios, { type AxiosInstance } from 'axios';
import { setupCache } from 'axios-client-cache';
import { setupCache as setupInterceptor } from 'axios-cache-interceptor';
import { OURS } from './subjects.js';

export interface CollapseResult {
  readonly name: string;
  readonly callers: number;
  readonly originRequests: number;
  readonly milliseconds: number;
}

const ORIGIN_MS = 50;

const SUBJECTS: readonly (readonly [name: string, setUp: (instance: AxiosInstance) => unknown])[] = [
  [OURS.replace(/,.*/, ''), (instance) => setupCache(instance, { expireAfter: '1h' })],
  ['axios-cache-interceptor, default', (instance) => setupInterceptor(instance)],
];

export async function measureCollapse(text: string, callers: number): Promise<readonly CollapseResult[]> {
  const results: CollapseResult[] = [];
  for (const [name, setUp] of SUBJECTS) results.push(await ask(name, setUp, text, callers));
  return results;
}

async function ask(
  name: string,
  setUp: (instance: AxiosInstance) => unknown,
  text: string,
  callers: number,
): Promise<CollapseResult> {
  const origin = await startOrigin(text);
  const instance = axios.create({ baseURL: origin.url });
  setUp(instance);
  const started = performance.now();
  try {
    const responses = await Promise.all(Array.from({ length: callers }, () => instance.get<unknown>('/items')));
    const milliseconds = performance.now() - started;
    const wrong = responses.some(({ data }) => JSON.stringify(data) !== text);
    if (wrong) throw new Error(`${name}: an answer is not what the origin sent`);
    return { name, callers, originRequests: origin.requests, milliseconds };
  } finally {
    await origin.close();
  }
}

async function startOrigin(text: string): Promise<{ url: string; requests: number; close(): Promise<void> }> {
  const server = createServer((_request, response) => {
    origin.requests += 1;
    void sleep(ORIGIN_MS).then(() => response.setHeader('Content-Type', 'application/json').end(text));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const origin = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests: 0,
    close: (): Promise<void> =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
  return origin;
}
