/** Express, which gives its answers an ETag by itself: renewals are real 304s. */
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import axios from 'axios';
import express, { type Express } from 'express';
import { setupCache } from '../../lib/index.js';
import { manualClock } from '../support/clock.js';

const clock = manualClock();

/** Its statuses as it sent them, and an instance before it. */
async function startExpress(define: (app: Express) => void) {
  const statuses: number[] = [];
  const app = express();
  app.use((_request, response, next) => {
    // Express lets Node date its answers, by the real time.
    response.set('Date', new Date(clock.now()).toUTCString());
    response.once('finish', () => statuses.push(response.statusCode));
    next();
  });
  define(app);
  const server = app.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const baseURL = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const http = setupCache(axios.create({ baseURL, proxy: false }), { now: clock.now });
  closing.push(async () => {
    await http.cache.close();
    server.closeAllConnections();
    server.close();
  });
  return { http, statuses };
}

let closing: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closing) await close();
  closing = [];
});

test('JSON with max-age=0: sent once, then 304 each time, with the data of the first', async () => {
  const { http, statuses } = await startExpress((app) =>
    app.get('/users', (_request, response) => {
      response.set('Cache-Control', 'max-age=0').json([{ name: 'Ada' }]);
    }),
  );
  for (const status of ['miss', 'revalidated', 'revalidated']) {
    const { data, cache } = await http.get('/users');
    expect([data, cache.status]).toEqual([[{ name: 'Ada' }], status]);
  }
  expect(statuses).toEqual([200, 304, 304]);
});

test('a changed answer replaces the stored one', async () => {
  let version = 1;
  const { http, statuses } = await startExpress((app) =>
    app.get('/', (_request, response) => {
      response.set('Cache-Control', 'max-age=10').send(`version ${version}`);
    }),
  );
  await http.get('/');
  version = 2;
  expect((await http.get('/')).data).toBe('version 1');
  clock.advance(11);
  expect((await http.get('/')).data).toBe('version 2');
  expect((await http.get('/')).data).toBe('version 2');
  expect(statuses).toEqual([200, 200]);
});

test('a file by express.static: Last-Modified, ETag and a Range of what is stored', async () => {
  const { http, statuses } = await startExpress((app) => app.use(express.static(__dirname)));
  const whole = await http.get<string>('/express.test.ts');
  // express.static says max-age=0.
  expect(await http.get('/express.test.ts')).toMatchObject({ data: whole.data, cache: { status: 'revalidated' } });
  expect(await http.get('/express.test.ts', { headers: { Range: 'bytes=0-2' } })).toMatchObject({
    status: 206,
    data: '/**',
  });
  expect(statuses[1]).toBe(304);
});
