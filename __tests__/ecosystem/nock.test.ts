/** nock, which answers in the place of the network: each interceptor is used up by a miss, never by a hit. */
import axios from 'axios';
import nock from 'nock';
import { type CachedAxiosInstance, setupCache } from '../../lib/index.js';
import { manualClock } from '../support/clock.js';

const BASE = 'http://nock.test';
const clock = manualClock(Date.now());
let http: CachedAxiosInstance;

beforeAll(() => nock.disableNetConnect());
beforeEach(() => {
  http = setupCache(axios.create({ baseURL: BASE, proxy: false }), { now: clock.now });
});
afterEach(async () => {
  await http.cache.close();
  nock.cleanAll();
});
afterAll(() => {
  nock.enableNetConnect();
  nock.restore();
});

test.each(['http', 'fetch'] as const)('one interceptor serves a miss and all hits (%s)', async (adapter) => {
  const scope = nock(BASE).get('/').reply(200, { a: 1 }, { 'Cache-Control': 'max-age=60' });
  for (const cached of [false, true, true]) {
    expect(await http.get('/', { adapter })).toMatchObject({ data: { a: 1 }, cached });
  }
  scope.done();
});

test('a renewal sends the validator that it was told of', async () => {
  nock(BASE).get('/').reply(200, 'x', { ETag: '"1"', 'Cache-Control': 'max-age=1' });
  const renewal = nock(BASE, { reqheaders: { 'if-none-match': '"1"' } }).get('/').reply(304);
  await http.get('/');
  clock.advance(2);
  expect(await http.get('/')).toMatchObject({ data: 'x', cache: { status: 'revalidated' } });
  renewal.done();
});

test('its errors reach the caller, and a stored answer needs no network', async () => {
  nock(BASE).get('/').replyWithError(Object.assign(new Error('refused'), { code: 'ECONNREFUSED' }));
  await expect(http.get('/')).rejects.toMatchObject({ code: 'ECONNREFUSED' });
  nock(BASE).get('/').reply(200, 'x', { 'Cache-Control': 'max-age=60' });
  await http.get('/');
  expect(await http.get('/')).toMatchObject({ data: 'x', cached: true });
});
