/**
 * A log of all requests: where each answer came from, why, and how long it took; and what the cache has spared in the
 * end.
 */
import axios from 'axios';
import { setupCache } from 'axios-client-cache';
import { sendJson, startOrigin } from './support/origin.js';

const origin = await startOrigin((request, response) => {
  if (request.url === '/account') sendJson(response, { balance: 12 }, { 'Cache-Control': 'no-store' });
  else sendJson(response, [{ id: 1, name: 'Ada' }]);
});

const http = setupCache(axios.create({ baseURL: origin.url }), {
  expireAfter: '5m',
  onEvent: (event) => {
    // One event of these five comes with each request; the others are about storing and deleting.
    if (!('durationMs' in event)) return;
    const { method, url, info, durationMs } = event;
    const why = [info.reason, info.collapsed && 'collapsed', info.notStored && `not stored: ${info.notStored}`];
    const text = why.filter(Boolean).join(', ');
    console.log(`${method} ${new URL(url).pathname} ${info.status} (${text}) in ${durationMs.toFixed(1)} ms`);
  },
});

await http.get('/users');
await http.get('/users');
await http.get('/account');
await http.post('/users', { name: 'Grace' });
await Promise.all([http.get('/users'), http.get('/users'), http.get('/users')]);
await http.get('/users', { cache: 'no-cache' });

const { requests, hitRate, bytesSaved } = http.cache.stats();
console.log(`hits: ${requests.hit}, misses: ${requests.miss}, past the cache: ${requests.bypass}`);
console.log(`${Math.round(hitRate * 100)} % of the others spared the server an answer, ${bytesSaved} bytes in all`);
console.log(`${origin.asked.length} of 8 requests reached the server`);
await origin.close();

// It prints:
// GET /users miss (uri-miss) in … ms
// GET /users hit (fresh) in … ms
// GET /account miss (uri-miss, not stored: no-store) in … ms
// POST /users bypass (method, not stored: bypass) in … ms
// GET /users miss (uri-miss) in … ms
// GET /users miss (uri-miss, collapsed) in … ms
// GET /users miss (uri-miss, collapsed) in … ms
// GET /users miss (no-cache) in … ms
// hits: 1, misses: 6, past the cache: 1
// 43 % of the others spared the server an answer, 69 bytes in all
// 5 of 8 requests reached the server
