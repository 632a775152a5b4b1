/** Mock Service Worker in Node: handlers see misses and renewals, on both adapters, and no hits. */
import axios, { type AxiosError, type AxiosInstance } from 'axios';
import { http as on, HttpResponse } from 'msw';
import { setupServer } from 'msw/node';
import { type CachedAxiosInstance, setupCache } from '../../lib/index.js';
import { manualClock } from '../support/clock.js';

const BASE = 'http://msw.test';
const clock = manualClock(Date.now());
const asked: string[] = [];
const FRESH = { 'Cache-Control': 'max-age=60', ETag: '"1"' };

const server = setupServer(
  on.get(`${BASE}/users`, ({ request }) => {
    const validator = request.headers.get('if-none-match');
    asked.push(validator ?? 'plain');
    return validator === '"1"'
      ? new HttpResponse(null, { status: 304, headers: FRESH })
      : HttpResponse.json([{ name: 'Ada' }], { headers: FRESH });
  }),
  on.get(`${BASE}/down`, () => HttpResponse.error()),
);

let http: CachedAxiosInstance;
beforeAll(() => server.listen({ onUnhandledRequest: 'error' }));
beforeEach(() => {
  asked.length = 0;
  http = setupCache(axios.create({ baseURL: BASE, proxy: false }), { now: clock.now });
});
afterEach(() => http.cache.close());
afterAll(() => server.close());

test.each(['http', 'fetch'] as const)('a miss, a hit and a renewal (%s)', async (adapter) => {
  const get = () => http.get('/users', { adapter });
  const statuses = [(await get()).cache.status, (await get()).cache.status];
  clock.advance(61);
  const renewed = await get();
  expect([...statuses, renewed.cache.status]).toEqual(['miss', 'hit', 'revalidated']);
  expect(renewed.data).toEqual([{ name: 'Ada' }]);
  expect(asked).toEqual(['plain', '"1"']);
});

test.each(['http', 'fetch'] as const)('a network error is the one that plain axios gives (%s)', async (adapter) => {
  const failure = async (instance: AxiosInstance | CachedAxiosInstance) => {
    const error: unknown = await instance.get('/down', { adapter }).catch((reason: unknown) => reason);
    const { name, code, message } = error as AxiosError;
    return { isAxiosError: axios.isAxiosError(error), name, code, message };
  };
  const plain = await failure(axios.create({ baseURL: BASE, proxy: false }));
  expect(plain.isAxiosError).toBe(true);
  expect(await failure(http)).toEqual(plain);
  expect(await http.cache.count()).toBe(0);
});
