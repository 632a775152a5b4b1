/** One instance for several parts of an API, each with a lifetime of its own. */
import axios from 'axios';
import { setupCache } from 'axios-client-cache';
import { sendJson, startOrigin } from './support/origin.js';

const origin = await startOrigin(({ url }, response) => {
  sendJson(response, { url }, url === '/news' ? { 'Cache-Control': 'max-age=120' } : {});
});

const http = setupCache(axios.create({ baseURL: origin.url }), {
  expireAfter: '1h',
  // The first pattern that matches decides, so the narrower one stands first.
  urlsExpireAfter: {
    '/users/*/sessions': false,
    '/users': '5m',
    '**/*.svg': 'never',
    '/search': { allowedMethods: ['POST'], expireAfter: '10m' },
  },
});

async function ask(method: 'GET' | 'POST', url: string): Promise<void> {
  const { cache } = await http.request({ method, url, ...(method === 'POST' ? { data: { q: 'axios' } } : {}) });
  const { status, expirySource, ttl } = cache;
  const lifetime = ttl === undefined ? 'not stored' : `${Math.ceil(ttl / 60)} min by ${expirySource}`;
  console.log(`${method} ${url}: ${status}, ${lifetime}`);
}

await ask('GET', '/users/7');
await ask('GET', '/users/7/sessions');
await ask('GET', '/img/logo.svg');
await ask('GET', '/orders');
await ask('GET', '/news'); // the server's own word comes before patterns
await ask('POST', '/search');
await ask('POST', '/search');
await origin.close();

// It prints:
// GET /users/7: miss, 5 min by url
// GET /users/7/sessions: bypass, not stored
// GET /img/logo.svg: miss, Infinity min by url
// GET /orders: miss, 60 min by session
// GET /news: miss, 2 min by response
// POST /search: miss, 10 min by url
// POST /search: hit, 10 min by url
