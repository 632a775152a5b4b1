/** axios-mock-adapter: before the cache or after it, it is the origin behind it. */
import axios, { type AxiosAdapter, type AxiosError, type AxiosInstance } from 'axios';
import MockAdapter from 'axios-mock-adapter';
import { type CachedAxiosInstance, setupCache } from '../../lib/index.js';

const BASE = 'http://mock.test';
const USERS = [{ name: 'Ada' }];

/** Its types are those of the CommonJS axios, which are others. */
const mockOf = (instance: object): MockAdapter => new MockAdapter(instance as never);

function mocked(): { readonly instance: AxiosInstance; readonly mock: MockAdapter } {
  const instance = axios.create({ baseURL: BASE });
  return { instance, mock: mockOf(instance) };
}

let open: CachedAxiosInstance | undefined;
afterEach(() => open?.cache.close());
const cached = (instance: AxiosInstance): CachedAxiosInstance => (open = setupCache(instance, { expireAfter: '1h' }));

test('put on first, it is asked once for what is stored, and objects are objects for each caller', async () => {
  const { instance, mock } = mocked();
  mock.onGet('/users').reply(200, USERS);
  const http = cached(instance);
  const first = await http.get<{ name: string }[]>('/users');
  expect(first).toMatchObject({ data: USERS, cached: false });
  first.data.length = 0;
  expect(await http.get('/users')).toMatchObject({ data: USERS, cached: true });
  expect(mock.history.get).toHaveLength(1);
});

test.each<[string, unknown]>([
  ['text', 'plain'],
  ['JSON as text', '{"a":1}'],
  ['nothing', undefined],
  ['a number', 5],
])('%s comes out of the cache as it did without one', async (_name, body) => {
  const plain = mocked();
  plain.mock.onGet('/').reply(200, body);
  const { data } = await plain.instance.get<unknown>('/');
  const { instance, mock } = mocked();
  mock.onGet('/').reply(200, body);
  const http = cached(instance);
  expect((await http.get('/')).data).toEqual(data);
  expect((await http.get('/')).data).toEqual(data);
});

test('its failures are failures: status, network error and timeout, none of them stored', async () => {
  const { instance, mock } = mocked();
  mock.onGet('/').replyOnce(404, { error: 'none' }).onGet('/').networkErrorOnce().onGet('/').timeoutOnce();
  mock.onGet('/').reply(200, 'x');
  const http = cached(instance);
  await expect(http.get('/')).rejects.toMatchObject({ response: { status: 404, data: { error: 'none' } } });
  await expect(http.get('/')).rejects.toMatchObject({ message: 'Network Error' });
  await expect(http.get('/')).rejects.toMatchObject({ code: 'ECONNABORTED' });
  expect((await http.get('/')).data).toBe('x');
});

test('matched by headers and params, it sees those of the caller', async () => {
  const { instance, mock } = mocked();
  mock.onGet('/', { params: { page: 2 }, headers: expect.objectContaining({ 'X-Lang': 'de' }) }).reply(200, 'zwei');
  const http = cached(instance);
  expect((await http.get('/', { params: { page: 2 }, headers: { 'X-Lang': 'de' } })).data).toBe('zwei');
});

test('put on after the cache, it is the origin behind it until it is taken off', async () => {
  const origin: AxiosAdapter = (config) =>
    Promise.resolve({ data: 'origin', status: 200, statusText: 'OK', headers: {}, config });
  const http = cached(axios.create({ baseURL: BASE, adapter: origin }));
  await http.get('/before');
  const mock = mockOf(http);
  mock.onGet('/').reply(200, 'mock');
  const tell = async (url: string) => {
    const { data, cached: isCached } = await http.get<string>(url);
    return [data, isCached];
  };
  expect([await tell('/'), await tell('/'), await tell('/before')]).toEqual([
    ['mock', false],
    ['mock', true],
    ['origin', true],
  ]);
  mock.restore();
  expect(await tell('/after')).toEqual(['origin', false]);
});

test('it gives no statusText, and so do a hit and those who share', async () => {
  const { instance, mock } = mocked();
  mock.onGet('/').reply(200, USERS).onGet('/404').reply(404);
  const { status, statusText } = await instance.get('/');
  const http = cached(instance);
  const answers = await Promise.all([http.get('/'), http.get('/')]);
  for (const answer of [...answers, await http.get('/')]) {
    expect([answer.status, answer.statusText]).toEqual([status, statusText]);
  }
  expect(await http.get('/404').catch(({ response }: AxiosError) => response?.statusText)).toBe(statusText);
});

test('its errors by status are those of axios, with the code that it leaves out', async () => {
  const { instance, mock } = mocked();
  mock.onGet('/404').reply(404, { none: true }).onGet('/500').reply(500);
  const http = cached(instance);
  const told = { name: 'AxiosError', message: 'Request failed with status code 404', code: 'ERR_BAD_REQUEST' };
  await expect(http.get('/404')).rejects.toMatchObject({ ...told, status: 404, response: { data: { none: true } } });
  await expect(http.get('/500')).rejects.toMatchObject({ code: 'ERR_BAD_RESPONSE' });
});
