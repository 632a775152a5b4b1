/** The server that the page of `npm run demo:browser` asks: five resources that say different things of their caching. */
import { createHash } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';

interface Resource {
  readonly cacheControl: string;
  /** How long the content stays the same, in seconds; undefined: until a POST changes it. */
  readonly changesEvery?: number;
  readonly content: (version: number) => unknown;
}

const RESOURCES: Readonly<Record<string, Resource>> = {
  '/api/users': {
    cacheControl: 'max-age=6',
    content: (version) => ['Ada', 'Alan', 'Grace', 'Edsger'].map((name, index) => ({ id: index, name, version })),
  },
  '/api/rates': {
    cacheControl: 'max-age=3, stale-while-revalidate=4',
    changesEvery: 5,
    content: (version) => ({ EUR: 1, USD: 1.08 + version / 1000, JPY: 171.3 }),
  },
  '/api/news': {
    cacheControl: 'no-cache',
    changesEvery: 12,
    content: (version) => Array.from({ length: 20 }, (_, index) => `Headline ${version + index} of the day`),
  },
  '/api/logo': { cacheControl: 'max-age=86400, immutable', content: () => '<svg/>'.repeat(500) },
  '/api/cart': { cacheControl: 'no-store', content: (version) => ({ items: version }) },
};
/** How long the server thinks, in milliseconds: what a hit saves can be seen. */
const THINKS_MS = 120;

/** Answers what begins with `/api/`. */
export function createApi(now: () => number): (request: IncomingMessage, response: ServerResponse) => void {
  const changes = new Map<string, number>();
  return ({ url = '/', method, headers }, response) => {
    const path = url.split('?')[0] ?? '/';
    const resource = RESOURCES[path];
    if (resource === undefined) return void response.writeHead(404).end();
    if (method === 'POST') {
      changes.set(path, (changes.get(path) ?? 0) + 1);
      return void setTimeout(() => response.writeHead(204).end(), THINKS_MS);
    }
    const { cacheControl, changesEvery, content } = resource;
    const turn = changesEvery === undefined ? 0 : Math.floor(now() / 1000 / changesEvery);
    const body = JSON.stringify(content(turn + (changes.get(path) ?? 0)));
    const etag = `"${createHash('sha256').update(body).digest('base64url').slice(0, 10)}"`;
    response.setHeader('Cache-Control', cacheControl).setHeader('ETag', etag);
    response.setHeader('Content-Type', 'application/json');
    const isSame = headers['if-none-match'] === etag;
    setTimeout(() => response.writeHead(isSame ? 304 : 200).end(isSame ? undefined : body), THINKS_MS);
  };
}
