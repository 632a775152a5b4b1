/** Agents: connections that are kept, a proxy, and redirects by follow-redirects; none of them is part of a key. */
import { once } from 'node:events';
import { Agent, createServer, request as forward } from 'node:http';
import type { AddressInfo } from 'node:net';
import { HttpProxyAgent } from 'http-proxy-agent';
import { startCached } from '../support/cached-instance.js';

const FRESH = { headers: { 'Cache-Control': 'max-age=60' }, body: 'x' };

/** A forward proxy for plain HTTP, and what was asked of it. */
async function startProxy() {
  const asked: string[] = [];
  const server = createServer((incoming, response) => {
    asked.push(incoming.url ?? '');
    const { method, headers } = incoming;
    const onward = forward(incoming.url ?? '', { method, headers, agent: false }, (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(response);
    });
    incoming.pipe(onward);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const close = async (): Promise<void> => {
    server.closeAllConnections();
    server.close();
    await once(server, 'close');
  };
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, asked, close };
}

test('an agent that keeps connections serves misses by one of them, and its users share an entry', async () => {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  const { http, origin } = await startCached({ '/': FRESH, '/other': FRESH });
  await http.get('/', { httpAgent: agent });
  await http.get('/other', { httpAgent: agent });
  expect(await http.get('/')).toMatchObject({ data: 'x', cached: true });
  expect(await http.get('/', { httpAgent: new Agent() })).toMatchObject({ data: 'x', cached: true });
  expect(origin.count()).toBe(2);
  agent.destroy();
});

test('a miss that is aborted leaves a kept connection for others', async () => {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  const { http, origin } = await startCached({ '/slow': FRESH, '/': FRESH }, { defaults: { httpAgent: agent } });
  const gate = origin.hold('/slow');
  const controller = new AbortController();
  const slow = http.get('/slow', { signal: controller.signal });
  await gate.arrived();
  controller.abort();
  await expect(slow).rejects.toMatchObject({ code: 'ERR_CANCELED' });
  gate.release();
  expect((await http.get('/')).data).toBe('x');
  agent.destroy();
});

test('http-proxy-agent: the proxy is asked on a miss and not on a hit', async () => {
  const proxy = await startProxy();
  const { http, origin } = await startCached({ '/': FRESH });
  const httpAgent = new HttpProxyAgent(proxy.url);
  for (const cached of [false, true]) {
    expect(await http.get('/', { httpAgent })).toMatchObject({ data: 'x', cached });
  }
  expect(await http.get('/')).toMatchObject({ cached: true });
  expect(proxy.asked).toEqual([`${origin.url}/`]);
  await proxy.close();
});

test("axios' own proxy setting: likewise", async () => {
  const proxy = await startProxy();
  const { http } = await startCached({ '/': FRESH });
  const { hostname: host, port } = new URL(proxy.url);
  for (const cached of [false, true]) {
    expect(await http.get('/', { proxy: { host, port: Number(port) } })).toMatchObject({ data: 'x', cached });
  }
  expect(proxy.asked).toHaveLength(1);
  await proxy.close();
});

test('follow-redirects: the final answer, its URL on hits too, and maxRedirects as the caller says', async () => {
  const { http, origin } = await startCached({
    '/old': { status: 301, headers: { Location: '/new', 'Cache-Control': 'max-age=60' } },
    '/new': FRESH,
  });
  for (const cached of [false, true]) {
    const response = await http.get('/old');
    expect([response.data, response.cached, response.request.res.responseUrl]).toEqual([
      'x',
      cached,
      `${origin.url}/new`,
    ]);
  }
  await expect(http.get('/old', { maxRedirects: 0 })).rejects.toMatchObject({ response: { status: 301 } });
});
