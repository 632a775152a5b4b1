/**
 * A gateway that many users share, by Express: `shared: true` keeps from one user what is another's. What the server
 * calls `private` is not stored; what was asked for with `Authorization` is stored only where the server says `public`.
 */
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import axios from 'axios';
import { setupCache } from 'axios-client-cache';
import express from 'express';
import { sendJson, startOrigin } from './support/origin.js';

const ANSWERS: Readonly<Record<string, string>> = {
  '/news': 'public, max-age=60',
  '/me': 'private, max-age=60',
  '/prices': 'max-age=60',
};
const origin = await startOrigin((request, response) => {
  const { url = '', headers } = request;
  sendJson(response, { url, user: headers.authorization ?? 'nobody' }, { 'Cache-Control': ANSWERS[url] ?? 'no-store' });
});

const upstream = setupCache(axios.create({ baseURL: origin.url, validateStatus: () => true }), {
  shared: true,
  cacheStatusHeader: true,
});

const gateway = express();
gateway.get('/{*path}', async (request, response) => {
  const { authorization } = request.headers;
  const { status, data, headers, cache } = await upstream.get<string>(request.originalUrl, {
    headers: authorization === undefined ? {} : { Authorization: authorization },
    responseType: 'text',
  });
  for (const name of ['cache-control', 'content-type', 'age', 'vary', 'cache-status']) {
    if (headers[name] !== undefined) response.set(name, String(headers[name]));
  }
  response.set('X-Cache', cache.status).status(status).send(data);
});
const server = await new Promise<Server>((resolve) => {
  const listening = gateway.listen(0, '127.0.0.1', () => resolve(listening));
});

async function ask(path: string, user: string): Promise<void> {
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}${path}`;
  const { headers, data } = await axios.get<{ user: string }>(url, { headers: { Authorization: user } });
  console.log(`${user} asks for ${path}: ${String(headers['x-cache'])}, made for ${data.user}`);
}

await ask('/news', 'Ada');
await ask('/news', 'Alan');
await ask('/me', 'Ada');
await ask('/me', 'Alan');
await ask('/prices', 'Ada');
await ask('/prices', 'Alan');
server.close();
server.closeAllConnections();
await origin.close();

// It prints:
// Ada asks for /news: miss, made for Ada
// Alan asks for /news: hit, made for Ada
// Ada asks for /me: miss, made for Ada
// Alan asks for /me: miss, made for Alan
// Ada asks for /prices: miss, made for Ada
// Alan asks for /prices: miss, made for Alan
