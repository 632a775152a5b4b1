/**
 * An API that limits how often it is asked, as that of GitHub does: an answer of 304 does not count there. The cache
 * keeps an answer for as long as the server says, and then asks by its `ETag` whether it is still right.
 *
 * For GitHub itself: `baseURL: 'https://api.github.com'`, and a storage that lasts, such as SqliteStorage.
 */
import axios from 'axios';
import { setupCache } from 'axios-client-cache';
import { sendJson, startOrigin } from './support/origin.js';

// The clock of the cache and of the server is set by hand here, so that nobody waits for a minute.
let time = Date.now();
let remaining = 60;
const origin = await startOrigin((request, response) => {
  const etag = '"a4f1"';
  const known = request.headers['if-none-match'] === etag;
  if (!known) remaining -= 1;
  const headers = {
    'Cache-Control': 'private, max-age=60',
    Date: new Date(time).toUTCString(),
    ETag: etag,
    Vary: 'Accept, Authorization',
    'X-RateLimit-Remaining': String(remaining),
  };
  if (known) response.writeHead(304, headers).end();
  else sendJson(response, { full_name: 'axios/axios', stargazers_count: 108_000 }, headers);
});

const github = setupCache(axios.create({ baseURL: origin.url }), { now: () => time });

async function stars(): Promise<void> {
  const { data, cache, headers } = await github.get<{ stargazers_count: number }>('/repos/axios/axios');
  const left = String(headers['x-ratelimit-remaining']);
  console.log(`${data.stargazers_count} stars, ${cache.status} (${cache.reason}), ${left} requests left`);
}

await stars();
await stars();
time += 61_000;
await stars();
await stars();
console.log(`The server was asked ${origin.asked.length} times and counted ${60 - remaining}.`);
await origin.close();

// It prints:
// 108000 stars, miss (uri-miss), 59 requests left
// 108000 stars, hit (fresh), 59 requests left
// 108000 stars, revalidated (not-modified), 59 requests left
// 108000 stars, hit (fresh), 59 requests left
// The server was asked 2 times and counted 1.
