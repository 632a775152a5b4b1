/** The origin of the soak: what it says shows when it was decided, and of which version it is; it is told late. */
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { now } from '../fences/log.js';

export const KEYS = 20;
export const GROUPS = 3;

export interface Item {
  readonly key: number;
  readonly version: number;
  /** When it was decided, by the clock of the machine. */
  readonly at: number;
  readonly padding: string;
}

/** The answer to a change: the versions that the changed items have now. */
export type Versions = Readonly<Record<number, number>>;

/** An answer is decided when the request comes, and sent up to so many milliseconds later. */
const SLOW_MS = 8;

export async function startOrigin(): Promise<{ readonly url: string; close(): Promise<void> }> {
  const versions = Array<number>(KEYS).fill(1);

  const change = (keys: readonly number[]): Versions => {
    for (const key of keys) versions[key] = (versions[key] ?? 0) + 1;
    return Object.fromEntries(keys.map((key) => [key, versions[key] ?? 0]));
  };
  const decide = ({ method, url, headers }: IncomingMessage): Parameters<typeof send>[1] => {
    const [, kind, number] = (url ?? '').split('/');
    if (kind === 'group') return { text: JSON.stringify(change(keysOf(Number(number)))) };
    const key = Number(number);
    if (method === 'PUT') return { text: JSON.stringify(change([key])) };
    const version = versions[key] ?? 0;
    const fields = { ETag: `"${key} ${version}"`, 'X-Version': `${version}`, 'Cache-Control': 'max-age=1' };
    if (headers['if-none-match'] === fields.ETag) return { status: 304, fields };
    const padding = 'x'.repeat(key === 0 ? 40_000 : 100 * key);
    return { fields, text: JSON.stringify({ key, version, at: now(), padding } satisfies Item) };
  };
  const server = createServer((request, response) => {
    const answer = decide(request);
    request.resume();
    setTimeout(send, Math.random() * SLOW_MS, response, answer);
  });
  // A connection must not end just when it is used again.
  server.keepAliveTimeout = 600_000;
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

const keysOf = (group: number): number[] =>
  Array.from({ length: KEYS }, (_, key) => key).filter((key) => key % GROUPS === group);

function send(
  response: ServerResponse,
  { status = 200, fields = {}, text }: {
    readonly status?: number;
    readonly fields?: Readonly<Record<string, string>>;
    readonly text?: string;
  },
): void {
  response.writeHead(status, { 'Content-Type': 'application/json', ...fields }).end(text);
}
